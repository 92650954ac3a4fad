'use strict';

// Events that no action of the app causes.

const { api, ended, eventually } = require('./gateway');
const { start } = require('./receiver');

const replay = (webhook, rate) =>
  api('POST', `/api/webhooks/${webhook.id}/replay`, { since: '2020-01-01T00:00:00Z', state: 'all', rate });

/** What happens to tasks. */
const withTasks = async () => {
  const board = await api('POST', '/api/boards', { title: 'Test board of tasks', visibility: 'internal' });
  const list = (title) => api('POST', `/api/boards/${board.id}/lists`, { title });
  const [from, to] = [await list('Test from'), await list('Test to')];
  const task = await api('POST', `/api/boards/${board.id}/tasks`, { title: 'Test task', list: from.id });
  await api('PUT', `/api/tasks/${task.id}`, { title: 'Test task, again' });
  await api('POST', `/api/tasks/${task.id}/complete`);
  await api('POST', `/api/tasks/${task.id}/complete`, { completed: false });
  await api('POST', `/api/tasks/${task.id}/move`, { list: to.id });
  await api('POST', `/api/tasks/${task.id}/comments`, { content: 'Looks good.', format: 'text' });
  await api('DELETE', `/api/tasks/${task.id}`);
};

/** The gateway gives up on a receiver; operations end in each way there is. */
const everythingElse = async () => {
  await withTasks();
  const gone = await start(() => ({ status: 410 }));
  const webhook = await api('POST', '/api/webhooks', { url: gone.url, events_types: ['company.created'] });
  await api('POST', '/api/companies', { name: `Heard by nobody ${webhook.id}` });
  await eventually('a disabled webhook', async () => !(await api('GET', `/api/webhooks/${webhook.id}`)).enabled);
  gone.stop();

  const slow = await start();
  const target = await api('POST', '/api/webhooks', { url: slow.url, events_types: ['company.created'] });
  const cancelled = await replay(target, 1);
  await api('POST', `/api/operations/${cancelled.id}/cancel`);
  await ended(cancelled.id);
  const failed = await replay(target, 1);
  await api('DELETE', `/api/webhooks/${target.id}`);
  await ended(failed.id);
  slow.stop();
};

module.exports = { everythingElse };
