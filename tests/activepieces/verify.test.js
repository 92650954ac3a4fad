'use strict';

// The piece for Activepieces on its framework, against a live gateway. Whatever the catalogue offers is found in the piece and tried
// out; nothing is listed here.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { api, eventually } = require('../zapier/gateway');
const { start } = require('../zapier/receiver');
const { flow, good, kitchen, moreFields, options, run } = require('./piece');

let receiver;
before(async () => {
  receiver = await start();
});
after(() => receiver.stop());

const connect = (where) => api('GET', `/connect/custom/${where}`);
const snake = (key) => key.replace(/[.-]/g, '_');
const names = async (where, key) => (await connect(where)).map((one) => snake(one[key])).sort();
const rejection = (promise) => promise.then(() => assert.fail('it went well'), (error) => error);
const actions = Object.values(kitchen.actions());
const isRemoval = ({ name }) => /^(delete|remove|archive)_/.test(name);

let count = 0;
const unique = () => `Test ${process.pid} ${(count += 1)}`;

const isPicked = ({ type }) => type === 'DROPDOWN' || type === 'MULTI_SELECT_DROPDOWN';

/** What there is to pick for a field that is not in the form already: what was made here comes first, the newest before the others. */
const choices = async (prop, form) => {
  const shown = (await options(prop, form)).options.filter(({ value }) => !Object.values(form).includes(value)).reverse();
  const ours = ({ label }) => label.startsWith('Test');
  return [...shown.filter(ours), ...shown.filter((choice) => !ours(choice))].map(({ value }) => value);
};

/** An id from a dropdown: one that leaves something to pick for the fields that depend on it. */
const picked = async (name, prop, form, props) => {
  const dependent = Object.values(props).filter((one) => one.required && one.refreshers?.includes(name));
  for (const id of await choices(prop, form)) {
    const next = await Promise.all(dependent.map((one) => choices(one, { ...form, [name]: id })));
    if (next.every((one) => one.length > 0)) {
      return id;
    }
  }
  throw new Error(`nothing to pick for ${name}`);
};

const valueOf = async (name, prop, form, props) => {
  if (isPicked(prop)) {
    const id = await picked(name, prop, form, props);
    return prop.type === 'DROPDOWN' ? id : [id];
  }
  switch (prop.type) {
    case 'STATIC_DROPDOWN':
      return prop.options.options[0].value;
    case 'STATIC_MULTI_SELECT_DROPDOWN':
      return prop.defaultValue ?? [prop.options.options[0].value];
    case 'NUMBER':
      return 1;
    case 'COLOR':
      return '#ff8800';
    case 'DATE_TIME':
      return '2026-03-12T15:00:00.000Z';
    default:
      return name === 'email' ? `test-${process.pid}-${(count += 1)}@example.com` : unique();
  }
};

/** Everything that must be filled in, and what dropdowns depend on. */
const filled = async ({ props }, given = {}) => {
  const form = { ...given };
  const refreshers = Object.values(props).flatMap((prop) => (prop.required && prop.refreshers) || []);
  for (const [name, prop] of Object.entries(props)) {
    if (!(name in form) && (prop.required || refreshers.includes(name))) {
      form[name] = await valueOf(name, prop, form, props);
    }
  }
  return form;
};

/** A run of a form. Of fields that need not be there those are added that the gateway asks for then. */
const done = async (action, form) => {
  try {
    return await run(action.name, form);
  } catch (error) {
    const name = Object.keys(action.props).find((one) => !(one in form) && error.message.includes(`\n${one}: `));
    if (!name) {
      throw error;
    }
    const prop = action.props[name];
    const asked = { ...form };
    // What it is picked from comes before it: something with a choice.
    for (const before of (prop.refreshers ?? []).filter((one) => !(one in form))) {
      asked[before] = await valueOf(before, action.props[before], asked, { [name]: { ...prop, required: true } });
    }
    return done(action, { ...asked, [name]: await valueOf(name, prop, asked, {}) });
  }
};

/** The form of a removal, with something in it that may go: what was created for that, or added to something else. */
const removable = async (removal, creates) => {
  for (const create of creates) {
    await run(create.name, await filled(create));
  }
  const add = kitchen.getAction(removal.name.replace(/^remove_/, 'add_'));
  if (!add || add === removal) {
    return filled(removal);
  }
  const added = await filled(add);
  await run(add.name, added);
  // The same thing may have another name there.
  const form = {};
  for (const [name, prop] of Object.entries(removal.props).filter(([, one]) => isPicked(one))) {
    form[name] = (await choices(prop, form)).find((id) => Object.values(added).includes(id));
  }
  return form;
};

test('everything in the catalogue is in the piece', async () => {
  const has = (wanted, all) => assert.deepEqual(all.map(({ name }) => name).sort(), wanted.sort());
  const found = await names('searches', 'key');
  const pairs = (await connect('searches')).filter(({ create }) => create).map(({ create }) => `find_or_${snake(create)}`);
  has([...(await names('actions', 'key')), ...found, ...pairs], actions);
  const triggers = Object.values(kitchen.triggers());
  has(await names('triggers', 'event'), triggers.filter(({ type }) => type === 'WEBHOOK'));
  assert.ok(triggers.some(({ type }) => type === 'POLLING'));
  const metadata = kitchen.metadata();
  assert.ok(metadata.displayName && metadata.description && metadata.logoUrl.startsWith('data:image/svg+xml'));
});

test('a connection is tried out', async () => {
  const valid = (auth) => kitchen.auth.validate({ auth });
  assert.deepEqual(await valid({ url: ` ${good.url}/ `, apiKey: ` ${good.apiKey}` }), { valid: true });
  const refused = await valid({ ...good, apiKey: 'nonsense' });
  assert.equal(refused.valid, false);
  assert.match(refused.error, /key/i);
  assert.equal((await valid({ ...good, url: 'no address' })).valid, false);
});

test('polling leaves nothing out and goes on where it was', async () => {
  // Nothing of the kind has happened yet.
  const one = flow('company_created_polling');
  await one.enable();
  const made = [];
  for (let number = 0; number < 130; number += 1) {
    made.push((await api('POST', '/api/companies', { name: unique() })).id);
  }
  assert.deepEqual((await one.run()).map(({ data }) => data.id), made, 'more than one page at once');
  assert.deepEqual(await one.run(), []);
  assert.equal((await one.test()).length, 5);
  await one.disable();
});

test('every action does what it says, and what it causes arrives whichever way one listens', async () => {
  const events = (await connect('triggers')).map(({ event }) => event);
  const instant = events.map((event) => [event, flow(snake(event), { webhookUrl: `${receiver.url}/${event}` })]);
  const polling = Object.values(kitchen.triggers()).filter(({ type }) => type === 'POLLING').map(({ name }) => [name, flow(name)]);
  for (const [event, one] of instant) {
    const [shown] = await one.test();
    const { sampleData } = kitchen.getTrigger(snake(event));
    assert.deepEqual(Object.keys(shown), Object.keys(sampleData), `${event}: the sample has the keys of the real thing`);
    assert.deepEqual(Object.keys(shown.data).sort(), Object.keys(sampleData.data).sort(), event);
  }
  for (const [, one] of [...instant, ...polling]) {
    await one.enable();
    await one.enable();
  }
  assert.equal((await connect('hooks')).data.length, events.length, 'enabled twice is one subscription');

  const plain = actions.filter(({ name }) => !name.startsWith('find_'));
  const creates = plain.filter(({ name }) => /^(create|invite)_/.test(name));
  const rest = plain.filter((one) => !creates.includes(one) && !isRemoval(one));
  for (const action of [...creates, ...creates, ...rest]) {
    const made = await done(action, await filled(action));
    assert.ok(made.id, `${action.name}: ${JSON.stringify(made)}`);
  }
  for (const pair of actions.filter(({ name }) => name.startsWith('find_or_'))) {
    const form = await filled(pair);
    const [made, found] = [await run(pair.name, form), await run(pair.name, form)];
    assert.equal(found.id, made.id, `${pair.name} makes no second one`);
  }
  for (const search of actions.filter(({ name }) => /^find_(?!or_)/.test(name))) {
    const [criterion] = Object.entries(search.props).filter(([, { required, type }]) => !required && type === 'SHORT_TEXT');
    assert.deepEqual(await run(search.name, { ...(await filled(search)), [criterion[0]]: `${unique()}@example.com` }), []);
  }
  // What lies in others goes before them.
  for (const action of plain.filter(isRemoval).reverse()) {
    const gone = await run(action.name, await removable(action, creates));
    assert.ok(gone.id, action.name);
  }

  await eventually('the events', () => new Set(receiver.received.map(({ path }) => path)).size >= 10);
  for (const [event, one] of instant) {
    const bodies = receiver.received.filter(({ path }) => path === `/${event}`).map(({ body }) => JSON.parse(body));
    for (const body of bodies.slice(0, 2)) {
      assert.deepEqual(await one.run(body), [body], 'what arrives is handed on as it is');
    }
    await one.disable();
  }
  assert.deepEqual((await connect('hooks')).data, []);

  for (const [name, one] of polling) {
    const event = name.replace(/_polling$/, '').replace(/_(?=[^_]*$)/, '.');
    const all = (await connect(`triggers/${event}`)).data.map(({ id }) => id).reverse();
    const polled = (await one.run()).map(({ id }) => id);
    assert.deepEqual(polled, all.slice(-polled.length || all.length), `${name}: in the order in which they happened`);
    assert.deepEqual(await one.run(), [], `${name}: nothing comes twice`);
  }
});

test('dropdowns show what there is, and what they depend on is asked for', async () => {
  const { company } = kitchen.getAction('create_client').props;
  const all = await options(company, {});
  assert.ok(all.options.length > 100);
  const { label, value } = all.options.at(-1);
  assert.ok((await options(company, {}, label)).options.some((one) => one.value === value));
  assert.equal((await company.options({}, {})).disabled, true, 'nobody is connected');
  for (const { props } of actions) {
    for (const [name, prop] of Object.entries(props).filter(([, one]) => isPicked(one) && one.refreshers.length > 0)) {
      const early = await options(prop, {});
      assert.ok(early.disabled && early.placeholder.includes(prop.refreshers[0]), name);
    }
  }
});

test('fields that only some things have can be filled in', async (t) => {
  const told = [
    { key: 'title', label: 'Title', type: 'string', required: true, help: '' },
    { key: 'cf_1', label: 'Size', type: 'string', required: false, help: '', choices: ['S', 'L'] },
    { key: 'cf_2', label: 'Day', type: 'datetime', required: false, help: '' },
  ];
  const gateway = await start(({ method }) => ({ status: 200, body: JSON.stringify(method === 'GET' ? told : { id: 'x' }) }));
  t.after(() => gateway.stop());
  const elsewhere = { ...good, url: gateway.url };
  for (const { name } of actions.filter(({ props }) => props.more_fields && !props.find_by)) {
    assert.deepEqual(await moreFields(name, {}, elsewhere), {}, 'nothing is picked yet');
    const fields = await moreFields(name, { board: 'tskb_1' }, elsewhere);
    assert.match(gateway.received.at(-1).path, /fields\?board=tskb_1$/);
    const types = Object.entries(fields).map(([key, { type }]) => [key, type]);
    assert.deepEqual(types, [['cf_1', 'STATIC_DROPDOWN'], ['cf_2', 'DATE_TIME']]);
    await run(name, { board: 'tskb_1', title: 'x', more_fields: { cf_1: 'L' } }, elsewhere);
    // What is looked for goes into the address.
    const { path, body } = gateway.received.at(-1);
    const sent = body ? JSON.parse(body) : Object.fromEntries(new URL(path, gateway.url).searchParams);
    assert.deepEqual(sent, { board: 'tskb_1', title: 'x', cf_1: 'L' });
  }
});

test('what goes wrong is told in the words of the gateway', async (t) => {
  const create = kitchen.getAction('create_client');
  const form = await filled(create);
  const invalid = await rejection(run('create_client', { ...form, email: 'no address', password: 'a secret of theirs' }));
  assert.match(invalid.message, /^email: /m);
  assert.ok(!invalid.message.includes('a secret of theirs'));

  const said = [];
  const busy = await start(() => ({ headers: {}, body: '{}', ...said.shift() }));
  t.after(() => busy.stop());
  const elsewhere = { ...good, url: busy.url };
  const turnedAway = (status, seconds) => ({ status, headers: { 'retry-after': seconds }, body: '{"message":"Slow down."}' });
  said.push(turnedAway(429, '0'), turnedAway(503, '0'), { status: 201, body: '{"id":"u_1"}' });
  assert.deepEqual(await run('create_client', form, elsewhere), { id: 'u_1' });
  assert.equal(busy.received.length, 3, 'it comes back as often as it is asked to');
  for (const [answer, words] of [
    [turnedAway(429, '3600'), 'Slow down.'],
    [{ status: 503, body: '<html>' }, 'The gateway answered 503.'],
    [{ status: 500, body: '{"message":"Broken.","request_id":"req_1"}' }, 'Broken.\nThe gateway calls this request req_1.'],
  ]) {
    said.push(answer);
    assert.equal((await rejection(run('create_client', form, elsewhere))).message, words);
  }
  assert.equal(busy.received.length, 6, 'and no more often');
});
