'use strict';

// The app for Zapier against a live gateway, through Zapier's own runtime. Whatever the catalogue offers is found in the app and
// tried out; nothing is listed here.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { App, authData, execute, run, validate } = require('./app');
const { everythingElse } = require('./causes');
const { api, ended, eventually } = require('./gateway');
const { filled, unique } = require('./inputs');
const { start } = require('./receiver');

// What an operation was asked for and came to differs from kind to kind.
const keysOf = (item) => Object.keys(item).filter((key) => !/^(params|result)(_|$)/.test(key)).sort();
const sameKeys = (live, sample, what) => assert.deepEqual(keysOf(live), keysOf(sample), `${what}: the sample promises other keys`);

const isDropdown = (trigger) => trigger.display.hidden === true;
const hooks = Object.values(App.triggers).filter((trigger) => trigger.operation.type === 'hook');
const polled = Object.values(App.triggers).filter((trigger) => trigger.operation.type === 'polling' && !isDropdown(trigger));
const creates = Object.values(App.creates);
const isDeletion = (create) => 'deleted' in create.operation.sample || /^(delete|remove)_/.test(create.key);
// Of what may be left out one thing or the other is asked for.
const besides = { move_task: { position: 'top' } };
const isLong = (create) => 'performResume' in create.operation;

let receiver;
before(async () => {
  receiver = await start();
});
after(() => receiver.stop());

const pushed = (event) => receiver.received.filter((one) => one.path === `/${event}`).map((one) => JSON.parse(one.body));
const rejection = async (promise) => promise.then(() => assert.fail('it went well'), (error) => error);

test('the definition is what the schema of Zapier asks for', async () => {
  assert.deepEqual(await validate(), []);
});

test('a connection is tried out, and named', async () => {
  const me = await run(App.authentication.test);
  const [, label] = /^{{(\w+)}}$/.exec(App.authentication.connectionLabel);
  assert.match(me[label], /\w/);
  assert.ok(!JSON.stringify(me).includes(authData.api_key));
  const typed = { url: ` ${authData.url}// `, api_key: ` ${authData.api_key}\n` };
  assert.deepEqual(await run(App.authentication.test, { authData: typed }), me, 'blanks and slashes do no harm');
  for (const url of ['http://kitchen.example.com', 'no address', 'https://a:b@kitchen.example.com', 'ftp://x', '']) {
    const error = await rejection(run(App.authentication.test, { authData: { ...authData, url } }));
    assert.match(error.message, /gateway address/, url);
  }
});

test('what goes wrong is told as the error that fits', async (t) => {
  const me = (key) => run(App.authentication.test, { authData: { ...authData, api_key: key } });
  const made = (name, fields) => api('POST', '/api/api-keys', { name, ...fields });

  const unknown = await rejection(me('nonsense'));
  assert.deepEqual([unknown.name, /Settings > API/.test(unknown.message)], ['ExpiredAuthError', true]);

  const narrow = await made('Narrow', { scopes: ['clients:read'] });
  const create = App.creates.create_company.operation.perform;
  const bundle = { authData: { ...authData, api_key: narrow.token }, inputData: { name: 'x' } };
  const refused = await rejection(run(create, bundle));
  assert.deepEqual([refused.name, JSON.parse(refused.message).status], ['AppError', 403]);
  assert.match(refused.message, /may not write companies/);

  const invalid = await rejection(run(App.creates.create_client.operation.perform, { inputData: { name: 'x', email: 'none' } }));
  assert.equal(JSON.parse(invalid.message).message, 'The email field must be a valid email address.');

  const limited = await made('Limited', { rate_limit: 1 });
  await me(limited.token);
  const throttled = await rejection(me(limited.token));
  const { message, delay } = JSON.parse(throttled.message);
  assert.equal(throttled.name, 'ThrottledError');
  assert.ok(Number.isInteger(delay) && delay > 0 && delay <= 60, throttled.message);
  assert.match(message, /used up its requests/);

  // What a gateway answers only in trouble, and what stands in front of one.
  let answer;
  const troubled = await start(() => answer);
  t.after(troubled.stop);
  const told = async (status, body, headers = {}) => {
    answer = { status, body, headers };
    return rejection(run(App.authentication.test, { authData: { ...authData, url: troubled.url } }));
  };
  const busy = await told(503, '{"message":"Try again shortly."}', { 'retry-after': '7' });
  assert.deepEqual([busy.name, JSON.parse(busy.message)], ['ThrottledError', { message: 'Try again shortly.', delay: 7 }]);
  const conflict = await told(409, '{"message":"It has ended."}');
  assert.deepEqual([conflict.name, conflict.message.split('\n')[0]], ['HaltedError', 'It has ended.']);
  const fault = await told(500, '{"message":"Ours.","code":"internal","request_id":"req_1"}');
  assert.deepEqual(JSON.parse(fault.message), { message: 'Ours. (req_1)', code: 'internal', status: 500 });
  const proxy = await told(502, '<html>Bad Gateway</html>');
  assert.equal(JSON.parse(proxy.message).message, 'The gateway answered 502.');
});

test('the key goes to the gateway and to nobody else', async (t) => {
  const elsewhere = await start();
  t.after(elsewhere.stop);
  await run((z) => z.request({ url: `${elsewhere.url}/file` }));
  assert.ok(!JSON.stringify(elsewhere.received).includes(authData.api_key));
});

test('dropdowns go on page by page', async () => {
  const board = await api('POST', '/api/boards', { title: 'Test board of dropdowns', visibility: 'internal' });
  await Promise.all(
    Array.from({ length: 101 }, (_, number) => api('POST', `/api/boards/${board.id}/lists`, { title: `Test ${number}` })),
  );
  const page = (number) => run(App.triggers.lists.operation.perform, { inputData: { board: board.id }, meta: { page: number } });
  const [first, second, third] = [await page(0), await page(1), await page(2)];
  assert.deepEqual([first.length, second.length, third.length], [100, 1, 0]);
  assert.equal(new Set([...first, ...second].map((choice) => choice.id)).size, 101);
  for (const dropdown of Object.values(App.triggers).filter(isDropdown)) {
    assert.equal(dropdown.operation.canPaginate, true);
    const inputData = Object.fromEntries((dropdown.operation.inputFields || []).map(({ key }) => [key, board.id]));
    const choices = await run(dropdown.operation.perform, { inputData, meta: { page: 0 } });
    choices.forEach((choice) => sameKeys(choice, dropdown.operation.sample, dropdown.key));
  }
});

test('a task moves from one board to another, and each is picked from its own', async () => {
  const [from, to] = await Promise.all(
    ['Test from', 'Test to'].map(async (title) => {
      const board = await api('POST', '/api/boards', { title, visibility: 'internal' });
      return { board: board.id, list: (await api('POST', `/api/boards/${board.id}/lists`, { title })).id };
    }),
  );
  const { id } = await api('POST', `/api/boards/${from.board}/tasks`, { title: 'Test move', list: from.list });
  const inputData = { from_board: from.board, board: to.board };
  for (const [key, only] of Object.entries({ task: id, list: to.list })) {
    const { dynamic } = App.creates.move_task.operation.inputFields.find((field) => field.key === key);
    const choices = await run(App.triggers[dynamic.split('.')[0]].operation.perform, { inputData, meta: { page: 0 } });
    assert.deepEqual(choices.map((choice) => choice.id), [only], key);
    inputData[key] = only;
  }
  const moved = await run(App.creates.move_task.operation.perform, { inputData });
  assert.deepEqual([moved.id, moved.board, moved.list], [id, to.board, to.list]);
});

test('fields of a board of its own are asked for, and only these are added', async (t) => {
  const { moreFields } = require(`${process.env.KITCHEN_APP}/lib/actions`);
  const all = [{ key: 'board' }, { key: 'cf_19ce2f8f6a3f5a6b9c0d1e2f', label: 'Budget', type: 'string' }];
  const stub = await start(() => ({ status: 200, body: JSON.stringify(all) }));
  t.after(stub.stop);
  const inputData = { board: 'tskb_1', password: 'not for an address' };
  const bundle = { authData: { ...authData, url: stub.url }, inputData };
  assert.deepEqual(await run(moreFields('create-task', ['board']), bundle), [all[1]]);
  assert.equal(stub.received[0].path, '/connect/zapier/actions/create-task/fields?board=tskb_1');

  const board = await api('POST', '/api/boards', { title: 'Test board of fields', visibility: 'internal' });
  const field = (body) => api('POST', `/api/boards/${board.id}/custom-fields`, body);
  const phase = await field({ name: 'Phase', type: 'list', options: [{ name: 'Draft' }, { name: 'Final' }] });
  for (const create of creates) {
    for (const more of (create.operation.inputFields || []).filter((one) => typeof one === 'function')) {
      const fields = await run(more, { inputData: { board: board.id } });
      assert.deepEqual(fields, [{ key: phase.id, label: 'Phase', type: 'string', choices: ['Draft', 'Final'] }], create.key);
      assert.deepEqual(await run(more), [], `${create.key}: nothing is picked yet`);
    }
  }
});

test('a hook hears of one folder alone if that is asked for', async () => {
  const folder = await api('POST', '/api/folders', { name: 'Test folder of hooks', visibility: 'internal' });
  const { operation } = App.triggers.board_created;
  const inputData = { folder: folder.id };
  const hook = await run(operation.performSubscribe, { targetUrl: `${receiver.url}/one-folder`, inputData });
  const created = (title, parent) => api('POST', '/api/boards', { title, visibility: 'internal', folder: parent });
  await created('Test elsewhere');
  const inside = await created('Test inside', folder.id);
  const [heard] = await eventually('the board in the folder', () => pushed('one-folder').length > 0 && pushed('one-folder'));
  assert.equal(heard.board_id, inside.id);
  assert.deepEqual(await run(operation.performList, { inputData }), [heard]);
  await run(operation.performUnsubscribe, { subscribeData: hook });
});

test('every trigger, action and search does what it promises', { timeout: 60_000 }, async (t) => {
  const subscribed = [];
  for (const hook of hooks) {
    const bundle = { targetUrl: `${receiver.url}/${hook.key}` };
    subscribed.push({ hook, subscribeData: await run(hook.operation.performSubscribe, bundle) });
  }

  const does = async (create) => {
    // Of what may be left out, what things are called: an update that changes nothing would tell nobody.
    const named = create.operation.inputFields.find((field) => ['name', 'title'].includes(field.key));
    const inputData = await filled(create.operation, { given: besides[create.key], alsoFill: (field) => field === named });
    if (!isLong(create)) {
      return run(create.operation.perform, { inputData });
    }
    const path = `creates.${create.key}.operation`;
    const begun = await execute(`${path}.perform`, { inputData }, `${receiver.url}/callback/${create.key}`);
    assert.equal(begun.status, 'CALLBACK', create.key);
    assert.ok(!('callback_secret' in begun.results), create.key);
    const callback = `callback/${create.key}`;
    await eventually(callback, () => pushed(callback).some((one) => one.id === begun.results.id));
    const cleanedRequest = pushed(callback)[0];
    const resumed = await run(create.operation.performResume, { inputData, outputData: begun.results, cleanedRequest });
    assert.deepEqual([resumed.id, resumed.state], [begun.results.id, 'succeeded'], create.key);
    // What came of an action is said by its kind: here every key is known.
    assert.deepEqual(Object.keys(resumed).sort(), Object.keys(create.operation.sample).sort(), create.key);
    return resumed;
  };
  const made = {};
  // Twice, so that there are two of everything: one to be put into the other.
  for (const create of [...creates, ...creates].filter((one) => /^(create|invite)_/.test(one.key))) {
    made[create.key] = await does(create);
    sameKeys(made[create.key], create.operation.sample, create.key);
  }
  for (const create of creates.filter((one) => !/^(create|invite)_/.test(one.key) && !isDeletion(one))) {
    sameKeys(await does(create), create.operation.sample, create.key);
  }
  // The innermost first: what lies in something is deleted with it.
  for (const create of creates.filter(isDeletion).reverse()) {
    sameKeys(await does(create), create.operation.sample, create.key);
  }

  for (const search of Object.values(App.searches)) {
    const { operation } = search;
    const find = (inputData) => run(operation.perform, { inputData });
    const named = operation.inputFields.find((field) => ['name', 'title'].includes(field.key));
    const missing = await filled(operation, { alsoFill: (field) => field === named });
    assert.deepEqual(await find(missing), [], `${search.key}: a miss is an empty list`);
    // People are asked for as a list.
    const listed = await filled(operation, { given: missing, alsoFill: (field) => field.key === 'members' });
    assert.deepEqual(await find(listed), [], `${search.key}: with people`);
    const pair = App.searchOrCreates[search.key];
    if (!pair) {
      continue;
    }
    const create = App.creates[pair.create].operation;
    const created = await run(create.perform, { inputData: await filled(create, { given: missing }) });
    const found = await find(missing);
    assert.equal(found[0].id, created.id, `${search.key}: what was created is found`);
    sameKeys(found[0], created, `${search.key} and ${pair.create}`);
    sameKeys(found[0], operation.sample, search.key);
  }

  await everythingElse();

  for (const { hook, subscribeData } of subscribed) {
    const { operation, key } = hook;
    await eventually(`an event for ${key}; if no action causes it, causes.js must`, () => pushed(key).length > 0);
    const newest = (await run(operation.performList, { meta: { isLoadingSample: true } }))[0];
    const body = await eventually(`${newest.id} of ${key}`, () => pushed(key).find((one) => one.id === newest.id));
    assert.deepEqual(await run(operation.perform, { cleanedRequest: body }), [newest], `${key}: what is pushed is what is polled`);
    sameKeys(body, operation.sample, key);
    const types = Object.fromEntries(operation.outputFields.map((field) => [field.key, field.type]));
    for (const [name, value] of Object.entries(body)) {
      const expected = { string: ['string', 'datetime'], number: ['integer', 'number'], boolean: ['boolean'] }[typeof value];
      const isPromised = value === null || !(name in types) || expected.includes(types[name]);
      assert.ok(isPromised, `${key}: ${name} is ${JSON.stringify(value)} and no ${types[name]}`);
    }
    assert.deepEqual(await run(operation.performUnsubscribe, { subscribeData }), {});
    assert.deepEqual(await run(operation.performUnsubscribe, { subscribeData }), {}, 'once more does no harm');
  }
  const left = (await api('GET', '/connect/zapier/hooks')).filter((hook) => hook.target_url.startsWith(receiver.url));
  assert.deepEqual(left, []);

  for (const trigger of polled) {
    const items = await run(trigger.operation.perform);
    assert.ok(items.length > 0 && items.every((item) => typeof item.id === 'string'), trigger.key);
    assert.equal(new Set(items.map((item) => item.id)).size, items.length, trigger.key);
    sameKeys(items[0], trigger.operation.sample, trigger.key);
    assert.deepEqual(await run(trigger.operation.perform, { meta: { isLoadingSample: true } }), items.slice(0, 3), trigger.key);
  }
});

test('a step whose operation came to nothing does not go on', async () => {
  const folder = await api('POST', '/api/folders', { name: 'Test folder that stays', visibility: 'internal' });
  const { performResume } = App.creates.duplicate_folder.operation;
  const slow = await start();
  const webhook = await api('POST', '/api/webhooks', { url: slow.url, events_types: ['folder.created'] });
  const asked = { since: '2020-01-01T00:00:00Z', state: 'all', rate: 1 };
  const replayed = async (end) => {
    const { id } = await api('POST', `/api/webhooks/${webhook.id}/replay`, asked);
    await end(id);
    await ended(id);
    // Somebody posts that it went well: that is not believed.
    const bundle = { outputData: { id }, cleanedRequest: { id, state: 'succeeded' } };
    return rejection(run(performResume, bundle));
  };
  const cancelled = await replayed((id) => api('POST', `/api/operations/${id}/cancel`));
  assert.equal(cancelled.name, 'HaltedError');
  const failed = await replayed(() => api('DELETE', `/api/webhooks/${webhook.id}`));
  assert.deepEqual([failed.name, JSON.parse(failed.message).code], ['AppError', 'operation_failed']);
  assert.ok(folder.id);
  slow.stop();
});
