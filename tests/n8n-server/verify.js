'use strict';

// The package for n8n in a real n8n, against a live gateway: `script/verify-n8n` starts it.
//   KITCHEN_APP   where the package is       KITCHEN_URL, KITCHEN_KEY   the gateway
//   N8N           n8n's program              WORK                       an empty folder

const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { execFileSync, spawn } = require('node:child_process');

const { KITCHEN_APP, KITCHEN_KEY, KITCHEN_URL, N8N, WORK } = process.env;

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const eventually = async (what, ask, seconds = 60) => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}`);
};

const say = (text) => console.log(`ok - ${text}`);

/** A request of the gateway. */
const gateway = async (method, where, body) => {
  const response = await fetch(KITCHEN_URL + where, {
    method,
    headers: { authorization: `Bearer ${KITCHEN_KEY}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.ok(response.ok, `${method} ${where}: ${response.status}`);
  return response.json();
};

const named = async (kind, name) => (await gateway('GET', `/api/${kind}?name=${encodeURIComponent(name)}`)).data;
const hooks = () => gateway('GET', '/connect/n8n/hooks');

const node = (name, type, parameters, position) => ({
  id: name,
  name,
  type: `CUSTOM.${type}`,
  typeVersion: 1,
  position: [position * 200, 0],
  parameters,
  credentials: type === 'start' ? undefined : { kitchenApi: { id: 'kitchen1', name: 'Kitchen' } },
});

const workflow = (id, nodes) => ({
  id,
  name: id,
  active: false,
  nodes,
  settings: { executionOrder: 'v1' },
  connections: Object.fromEntries(
    nodes.slice(1).map(({ name }, index) => [nodes[index].name, { main: [[{ node: name, type: 'main', index: 0 }]] }]),
  ),
});

const byHand = { ...node('Start', 'start', {}, 0), type: 'n8n-nodes-base.manualTrigger' };
const acts = workflow('acts', [
  byHand,
  node('Create', 'kitchen', { resource: 'company', operation: 'create-company', name: 'Made by n8n' }, 1),
  node('Find', 'kitchen', { resource: 'company', operation: 'find-company', filters: { name: '={{ $json.name }}' } }, 2),
  node(
    'Client',
    'kitchen',
    {
      resource: 'client',
      operation: 'create-client',
      name: 'Ada of n8n',
      email: 'ada@n8n.example',
      additionalFields: { company: { __rl: true, mode: 'id', value: '={{ $json.id }}' } },
    },
    3,
  ),
]);
const listens = workflow('listens', [
  { ...node('Kitchen Trigger', 'kitchenTrigger', { event: 'client.created' }, 0), webhookId: 'kitchen-listens' },
  node(
    'Answer',
    'kitchen',
    { resource: 'company', operation: 'create-company', name: '=Of {{ $json.data.name }}, {{ $json.event }}' },
    1,
  ),
]);

const main = async () => {
  const [port, broker] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    N8N_USER_FOLDER: WORK,
    N8N_ENCRYPTION_KEY: 'only for this verification',
    N8N_CUSTOM_EXTENSIONS: KITCHEN_APP,
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_HOST: '127.0.0.1',
    N8N_PORT: String(port),
    N8N_PROTOCOL: 'http',
    WEBHOOK_URL: `http://127.0.0.1:${port}/`,
    N8N_RUNNERS_BROKER_PORT: String(broker),
    N8N_RUNNERS_BROKER_LISTEN_ADDRESS: '127.0.0.1',
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
    N8N_COMMUNITY_PACKAGES_ENABLED: 'false',
  };
  const n8n = (...given) => execFileSync(N8N, given, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const file = (name, contents) => {
    const where = path.join(WORK, name);
    fs.writeFileSync(where, JSON.stringify(contents));
    return where;
  };

  const data = { url: `${KITCHEN_URL}/`, apiKey: KITCHEN_KEY };
  n8n('import:credentials', `--input=${file('credentials.json', [{ id: 'kitchen1', name: 'Kitchen', type: 'kitchenApi', data }])}`);
  n8n('import:workflow', `--input=${file('workflows.json', [acts, listens])}`);
  const ran = n8n('execute', '--id=acts', '--rawOutput');
  const [company] = await named('companies', 'Made by n8n');
  const [client] = await named('clients', 'Ada of n8n');
  assert.ok(company && client, ran);
  assert.equal((await gateway('GET', `/api/clients/${client.id}`)).company?.id ?? client.company, company.id);
  say('a workflow acts, searches, and acts on what was found');

  let log = '';
  let running;
  const start = async () => {
    log = '';
    running = spawn(N8N, ['start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.stdout.on('data', (text) => (log += text));
    running.stderr.on('data', (text) => (log += text));
    await eventually('n8n', () => {
      assert.equal(running.exitCode, null, log);
      return log.includes('Editor is now accessible');
    }, 180);
  };
  const stop = async () => {
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    await ended;
  };
  let cookie;
  const rest = async (method, where, body) => {
    const response = await fetch(`http://127.0.0.1:${port}/rest${where}`, {
      method,
      headers: { 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${where}: ${response.status} ${text}`);
    cookie ??= response.headers.get('set-cookie')?.split(';')[0];
    return JSON.parse(text).data;
  };

  try {
    n8n('publish:workflow', '--id=listens');
    await start();
    const [made] = await eventually('the subscription', async () => (await hooks()).length === 1 && hooks());
    assert.equal(made.event, 'client.created');
    await gateway('POST', '/api/clients', { name: 'Grace', email: 'grace@n8n.example' });
    await eventually('what the workflow does', async () => (await named('companies', 'Of Grace, client.created')).length === 1);
    say('a published workflow subscribes, and an event starts it');

    await stop();
    assert.deepEqual(await hooks(), [made]);
    await start();
    await gateway('POST', '/api/clients', { name: 'Edsger', email: 'edsger@n8n.example' });
    await eventually('what the workflow does', async () => (await named('companies', 'Of Edsger, client.created')).length === 1);
    assert.deepEqual(await hooks(), [made]);
    say('a restart makes no second subscription, and events still arrive');

    const owner = { email: 'owner@n8n.example', firstName: 'Olive', lastName: 'Owner', password: 'Only-for-this-1' };
    await rest('POST', '/owner/setup', owner);
    const tested = (apiKey) =>
      rest('POST', '/credentials/test', {
        credentials: { id: 'kitchen1', name: 'Kitchen', type: 'kitchenApi', data: { ...data, apiKey } },
      });
    assert.equal((await tested(KITCHEN_KEY)).status, 'OK');
    assert.equal((await tested('nonsense')).status, 'Error');
    say('credentials are tried out, good and bad');

    const shown = await rest('POST', '/dynamic-node-parameters/resource-locator-results', {
      path: 'parameters.company',
      methodName: 'companies',
      filter: 'Made by',
      nodeTypeAndVersion: { name: 'CUSTOM.kitchen', version: 1 },
      currentNodeParameters: { resource: 'company', operation: 'update-company' },
      credentials: { kitchenApi: { id: 'kitchen1', name: 'Kitchen' } },
    });
    assert.deepEqual(shown.results, [{ name: 'Made by n8n', value: company.id }]);
    say('a list shows what there is to pick');

    await rest('POST', '/workflows/listens/deactivate', {});
    await eventually('no subscription', async () => (await hooks()).length === 0);
    say('a workflow that is no longer published has no subscription');
  } catch (error) {
    console.error(log);
    throw error;
  } finally {
    await stop();
  }
};

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
