'use strict';

// The package for n8n against a live gateway, on n8n's own library. Whatever the catalogue offers is found in the nodes and tried out;
// nothing is listed here.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const fs = require('node:fs');
const path = require('node:path');
const { api, eventually } = require('../zapier/gateway');
const { start } = require('../zapier/receiver');
const { APP, credentialType, evaluated, execute, fill, fillAt, good, hook, kitchen, manifest, n8n, received, trigger } = require('./context');
const { filled, operations, unique, valueOf } = require('./forms');

let receiver;
before(async () => {
  receiver = await start();
});
after(() => receiver.stop());

const connect = (method, where, body) => api(method, `/connect/n8n/${where}`, body);
const keys = async (where, key) => (await connect('GET', where)).map((one) => one[key]).sort();
const rejection = (promise) => promise.then(() => assert.fail('it went well'), (error) => error);
const isDeletion = ({ operation }) => /^(delete|remove)-/.test(operation);

/** A run of a form. Of fields that need not be there those are added that the gateway asks for then. */
const executed = async (operation, form) => {
  const optional = operation.fields.find(({ name }) => name === 'additionalFields')?.options ?? [];
  const asked = (fields, error) => fields.find(({ name }) => error.description?.startsWith(`${name}: `));
  try {
    return await execute([form]);
  } catch (error) {
    const field = asked([...operation.fields, ...optional], error);
    if (!field || form.additionalFields?.[field.name] || form[field.name]) {
      throw error;
    }
    const given = { [field.name]: await valueOf(field, form, []) };
    const place = optional.includes(field) ? { additionalFields: { ...form.additionalFields, ...given } } : given;
    return executed(operation, { ...form, ...place });
  }
};

/** The form of a removal, with something in it that may go: what was created for that, or added to something else. */
const removable = async (removal, all) => {
  const add = all.find(({ operation }) => operation === removal.operation.replace(/^remove-/, 'add-'));
  for (const create of all.filter(isCreation)) {
    await execute([await filled(create)]);
  }
  if (!add || add === removal) {
    return filled(removal);
  }
  const added = await filled(add);
  await execute([added]);
  // The same thing may have another name there.
  const method = ({ modes }) => modes?.[0].typeOptions.searchListMethod;
  const same = (field) => add.fields.find((one) => method(one) && method(one) === method(field))?.name;
  return filled(removal, Object.fromEntries(removal.fields.filter(same).map((field) => [field.name, added[same(field)]])));
};

const isCreation = ({ operation }) => /^(create|invite)-/.test(operation);
const isRemoval = ({ operation }) => /^(delete|remove|archive)-/.test(operation);

test('what n8n reads of the package is there and fits together', async (t) => {
  assert.ok(manifest.keywords.includes('n8n-community-node-package'));
  for (const node of [kitchen, trigger, credentialType]) {
    const { icon } = node.description ?? node;
    const folder = node.description ? 'nodes/Kitchen' : 'credentials';
    assert.ok(fs.existsSync(path.join(APP, folder, icon.replace(/^file:/, ''))), icon);
  }
  for (const { description, methods } of [kitchen, trigger]) {
    assert.equal(description.credentials[0].name, credentialType.name);
    const within = (properties) => properties.flatMap((one) => [one, ...(one.type === 'collection' ? within(one.options) : [])]);
    for (const property of within(description.properties)) {
      const { name, displayName, type, typeOptions = {}, options, modes = [] } = property;
      assert.ok(name && displayName && type && 'default' in property, JSON.stringify(property));
      if (type === 'options') {
        assert.ok(options.some(({ value }) => value === property.default), `${name}: ${property.default}`);
      }
      const uses = { loadOptions: typeOptions.loadOptionsMethod, listSearch: modes[0]?.typeOptions.searchListMethod };
      for (const [kind, method] of Object.entries(uses).filter(([, method]) => method)) {
        assert.equal(typeof methods[kind][method], 'function', `${kind} ${method} of ${name}`);
      }
    }
  }
  for (const { resource, operation, fields } of operations()) {
    const names = fields.flatMap(({ name, type, options }) => (type === 'collection' ? options.map((one) => one.name) : [name]));
    assert.deepEqual(names, [...new Set(names)], `${operation} has a field twice`);
    const dependsOn = fields.flatMap(({ typeOptions }) => typeOptions?.loadOptionsDependsOn ?? []);
    dependsOn.forEach((name) => assert.ok(fields.some((field) => `${field.name}.value` === name), `${operation}: ${name}`));
    // n8n's own reading of the form: what is empty and must not be.
    const { properties } = kitchen.description;
    const own = { ...kitchen.description, typeVersion: 1, parameters: { resource, operation } };
    const parameters = n8n.NodeHelpers.getNodeParameters(properties, own.parameters, true, false, own, kitchen.description);
    const issues = n8n.NodeHelpers.getNodeParametersIssues(properties, { ...own, parameters }, kitchen.description) ?? {};
    // Of a colour n8n does not look whether it is there.
    const isEmpty = ({ type }) => ['string', 'resourceLocator', 'dateTime', 'multiOptions'].includes(type);
    const required = fields.filter((field) => field.required && field.name !== 'findBy' && isEmpty(field)).map(({ name }) => name);
    assert.deepEqual(Object.keys(issues.parameters ?? {}).sort(), required.sort(), operation);
  }
  await t.test('and everything in the catalogue is in it', async () => {
    const ours = operations().map(({ operation }) => operation);
    const [actions, searches] = [await keys('actions', 'key'), await keys('searches', 'key')];
    assert.deepEqual(ours.filter((one) => !one.startsWith('find-')).sort(), actions);
    assert.deepEqual(ours.filter((one) => /^find-(?!or-)/.test(one)).sort(), searches);
    const pairs = (await connect('GET', 'searches')).filter(({ create }) => create).map(({ create }) => `find-or-${create}`);
    assert.deepEqual(ours.filter((one) => one.startsWith('find-or-')).sort(), pairs.sort());
    const events = trigger.description.properties.find(({ name }) => name === 'event').options;
    assert.deepEqual(events.map(({ value }) => value).sort(), await keys('triggers', 'event'));
    assert.deepEqual(Object.keys(kitchen.methods.listSearch).sort(), await keys('lookups', 'key'));
  });
});

test('credentials are tried out', async () => {
  const me = async (credentials) => {
    const { baseURL, url } = credentialType.test.request;
    const { Authorization } = credentialType.authenticate.properties.headers;
    const headers = { Authorization: evaluated(Authorization, credentials) };
    return fetch(evaluated(baseURL, credentials) + url, { headers });
  };
  assert.equal((await me({ url: ` ${good.url}// `, apiKey: `${good.apiKey} ` })).status, 200);
  assert.equal((await me({ ...good, apiKey: 'nonsense' })).status, 401);
});

test('every operation does what it says, and what it causes arrives', async () => {
  const events = await keys('triggers', 'event');
  for (const event of events) {
    const url = `${receiver.url}/${event}`;
    assert.equal(await hook('checkExists', url, { event }), false);
    assert.equal(await hook('create', url, { event }), true);
    assert.equal(await hook('checkExists', url, { event }), true, 'a restart makes no second one');
  }
  assert.equal((await connect('GET', 'hooks')).length, events.length);

  const all = operations();
  const ofKind = (is) => all.filter(({ operation }) => is(operation));
  const isFind = (operation) => operation.startsWith('find-');
  const others = ofKind((operation) => !isFind(operation));
  const creates = others.filter(isCreation);
  const rest = others.filter((one) => !creates.includes(one) && !isRemoval(one));
  // What lies in others goes before them.
  for (const operation of [...creates, ...creates, ...rest, ...others.filter(isRemoval).reverse()]) {
    const form = isRemoval(operation) ? await removable(operation, others) : await filled(operation);
    const [{ json, pairedItem }] = await executed(operation, form);
    assert.ok(json.id && pairedItem.item === 0, `${operation.operation}: ${JSON.stringify(json)}`);
    assert.equal(json.deleted === true, isDeletion(operation) && !('state' in json), operation.operation);
  }

  for (const pair of ofKind((operation) => operation.startsWith('find-or-'))) {
    const form = await filled(pair);
    const [[made], [found]] = [await execute([form]), await execute([form])];
    assert.equal(found.json.id, made.json.id, `${pair.operation} makes no second one`);
    // The search alone finds it too, by the same.
    const { resource, fields } = pair;
    const search = all.find((one) => one.resource === resource && /^find-(?!or-)/.test(one.operation));
    const within = search.fields.filter(({ type }) => type !== 'collection').map(({ name }) => [name, form[name]]);
    const alone = (value) => ({
      ...search,
      ...Object.fromEntries(within),
      filters: { [form.findBy[0]]: value },
    });
    assert.ok(fields.length > 1);
    assert.equal((await execute([alone(form[form.findBy[0]])]))[0].json.id, made.json.id, search.operation);
    assert.deepEqual(await execute([alone(`nothing-${unique()}@example.com`)]), [], 'a miss is no item');
  }

  const arrived = () => receiver.received.filter(({ path: where }) => events.includes(where.slice(1)));
  await eventually('the events', () => new Set(arrived().map(({ path: where }) => where)).size >= 10);
  for (const { path: where, body, headers } of arrived().slice(0, 50)) {
    const { workflowData } = await received(JSON.parse(body));
    assert.deepEqual(workflowData, [[{ json: JSON.parse(body) }]], 'what arrives is handed on as it is');
    assert.equal(workflowData[0][0].json.id, headers['webhook-id']);
    assert.equal(workflowData[0][0].json.event, where.slice(1));
  }
  for (const event of events) {
    assert.equal(await hook('delete', `${receiver.url}/${event}`, { event }), true);
  }
  assert.deepEqual(await connect('GET', 'hooks'), []);
});

test('a subscription is that of the node, whatever was there before', async () => {
  const [production, trial] = [`${receiver.url}/webhook/1`, `${receiver.url}/webhook-test/1`];
  const [[folder], [board]] = await Promise.all(
    ['create-folder', 'create-board'].map(async (name) => execute([await filled(operations().find(({ operation }) => operation === name))])),
  );
  const at = (id) => ({ __rl: true, mode: 'id', value: id });
  const events = [
    { event: 'client.created', folder: at(folder.json.id) },
    { event: 'board.created', folder: at(folder.json.id), board: at('') },
    { event: 'board.created', board: at(board.json.id) },
  ];
  for (const wanted of events) {
    assert.equal(await hook('checkExists', production, wanted), false, 'changed settings are another subscription');
    await hook('create', production, wanted);
    assert.equal(await hook('checkExists', production, wanted), true);
    await hook('create', trial, wanted);
  }
  const hooks = await connect('GET', 'hooks');
  assert.equal(hooks.length, 2, 'one for tests, one for production');
  assert.deepEqual([hooks[0].event, hooks[0].folder, hooks[0].board], ['board.created', undefined, board.json.id]);
  await hook('delete', trial, events[2]);
  assert.deepEqual((await connect('GET', 'hooks')).map((one) => one.target_url), [production]);
  await hook('delete', production, events[0]);
  assert.deepEqual(await connect('GET', 'hooks'), []);
  const elsewhere = await rejection(hook('create', production, { event: 'board.created', board: at('tskb_nowhere') }));
  assert.match(elsewhere.description, /board/);
});

test('lists are shown a page at a time, and what they depend on is asked for', async () => {
  await Promise.all(Array.from({ length: 102 }, () => api('POST', '/api/companies', { name: unique() })));
  const first = await fill(kitchen, 'listSearch', 'companies', {});
  assert.equal(first.results.length, 100);
  const second = await fill(kitchen, 'listSearch', 'companies', {}, undefined, first.paginationToken);
  const all = await fill(kitchen, 'loadOptions', 'companies', {});
  assert.deepEqual([...first.results, ...second.results], all);
  const { name, value } = all[101];
  assert.ok((await fill(kitchen, 'listSearch', 'companies', {}, name)).results.some((one) => one.value === value));
  const early = await rejection(fill(kitchen, 'listSearch', 'lists', { board: { __rl: true, mode: 'list', value: '' } }));
  assert.match(early.message, /Pick the board first/);
});

test('fields that only some things have can be filled in', async (t) => {
  const told = [
    { key: 'title', label: 'Title', type: 'string', required: true },
    { key: 'cf_1', label: 'Size', type: 'string', required: false, choices: ['S', 'L'] },
    { key: 'cf_2', label: 'Day', type: 'datetime', required: false },
  ];
  const gateway = await start(({ method }) => ({ status: 200, body: JSON.stringify(method === 'GET' ? told : { id: 'x' }) }));
  t.after(() => gateway.stop());
  const credentials = { ...good, url: gateway.url };
  const having = operations().filter(({ operation, fields }) => !operation.startsWith('find-') && fields.some(({ type }) => type === 'resourceMapper'));
  for (const { resource, operation } of having) {
    const form = { resource, operation, board: { __rl: true, mode: 'list', value: 'tskb_1' } };
    const { fields } = await fillAt(credentials)(kitchen, 'resourceMapping', 'moreFields', form);
    assert.equal(gateway.received.at(-1).path, `/connect/n8n/actions/${operation}/fields?board=tskb_1`);
    assert.deepEqual(fields.map(({ id, displayName, type }) => [id, displayName, type]), [
      ['cf_1', 'Size', 'options'],
      ['cf_2', 'Day', 'dateTime'],
    ]);
    const value = { cf_1: 'L', cf_2: '2026-03-12T15:00:00' };
    await execute([{ ...form, customFields: { mappingMode: 'defineBelow', value, schema: fields } }], { credentials });
    const { cf_1: size, cf_2: day } = JSON.parse(gateway.received.at(-1).body);
    assert.deepEqual([size, day], ['L', '2026-03-12T14:00:00.000Z'], "a time is one of the workflow's time zone");
  }
});

test('what goes wrong is told in the words of the gateway, and stops only what it has to', async (t) => {
  const create = operations().find(({ operation }) => operation === 'create-client');
  const form = await filled(create);
  const broken = { ...form, email: 'no address' };
  const invalid = await rejection(execute([form, broken].map((one) => ({ ...one })).reverse()));
  assert.ok(invalid instanceof n8n.NodeApiError);
  assert.deepEqual([invalid.httpCode, invalid.context.itemIndex], ['422', 0]);
  assert.match(`${invalid.message} ${invalid.description}`, /email/);
  const items = await execute([broken, await filled(create)], { continueOnFail: true });
  assert.deepEqual(items.map(({ pairedItem }) => pairedItem.item), [0, 1]);
  assert.ok(items[0].json.error && items[0].error && items[1].json.id);

  const stranger = await rejection(execute([form], { credentials: { ...good, apiKey: 'nonsense' } }));
  assert.deepEqual([stranger.httpCode, stranger.name], ['401', 'NodeApiError']);

  const said = [];
  const busy = await start(() => ({ headers: {}, body: '{}', ...said.shift() }));
  t.after(() => busy.stop());
  const credentials = { ...good, url: busy.url };
  const turnedAway = (status, seconds) => ({ status, headers: { 'retry-after': seconds }, body: '{"message":"Slow down."}' });
  said.push(turnedAway(429, '0'), turnedAway(503, '0'), { status: 201, body: '{"id":"u_1"}' });
  assert.equal((await execute([form], { credentials }))[0].json.id, 'u_1');
  assert.equal(busy.received.length, 3, 'it comes back as often as it is asked to');
  for (const [answer, words] of [
    [turnedAway(429, '3600'), 'Slow down.'],
    [{ status: 503, body: '<html>' }, 'The gateway answered 503.'],
    [{ status: 500, body: '{"message":"Broken.","request_id":"req_1"}' }, 'Broken.'],
  ]) {
    said.push(answer);
    const error = await rejection(execute([form], { credentials }));
    assert.equal(error.message, words);
    assert.equal(/req_1/.test(error.description), answer.status === 500);
  }
  assert.equal(busy.received.length, 6, 'and no more often');
});
