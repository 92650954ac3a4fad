'use strict';

// What n8n gives to a node while it runs, as far as ours use it, on n8n's own library.

const { createRequire } = require('node:module');
const path = require('node:path');

const APP = process.env.KITCHEN_APP;
const appRequire = createRequire(path.join(APP, 'package.json'));
const manifest = appRequire('./package.json');
const n8n = appRequire('n8n-workflow');

/** Loads what a file of the package exports: its one class, named like the file. */
const load = (file) => new (appRequire(`./${file}`)[path.basename(file).split('.')[0]])();

const credentialType = load(manifest.n8n.credentials[0]);
const [kitchen, trigger] = manifest.n8n.nodes.map(load);

const good = { url: process.env.KITCHEN_URL, apiKey: process.env.KITCHEN_KEY };

/** An expression about credentials, as n8n works it out. */
const evaluated = (expression, $credentials) =>
  expression.replace(/^=/, '').replace(/{{(.*?)}}/g, (_, code) => new Function('$credentials', `return ${code}`)($credentials));

/** A request as n8n makes it: with the credentials put in as their type says. */
const requestFor = (credentials) => async (type, { method, url, qs = {}, body }) => {
  const { headers } = credentialType.authenticate.properties;
  const address = new URL(url);
  for (const [name, value] of Object.entries(qs).filter(([, value]) => value !== undefined)) {
    [value].flat().forEach((one) => address.searchParams.append(Array.isArray(value) ? `${name}[]` : name, one));
  }
  const response = await fetch(address, {
    method,
    headers: {
      'content-type': 'application/json',
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, evaluated(value, credentials)])),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  let parsed = text;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not everything in front of a gateway answers in JSON.
  }
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: parsed };
};

const common = (node, parameters, credentials) => {
  const description = node.description;
  const own = { name: description.displayName, type: description.name, typeVersion: 1, parameters, position: [0, 0], id: '1' };
  return {
    getNode: () => own,
    getCredentials: async () => credentials,
    getTimezone: () => 'Europe/Berlin',
    helpers: {
      httpRequestWithAuthentication: requestFor(credentials),
      returnJsonArray: (data) => [data].flat().map((json) => ({ json })),
    },
  };
};

/** A run of the node on as many items as there are sets of parameters. */
const execute = async (sets, { credentials = good, continueOnFail = false } = {}) => {
  const [items] = await kitchen.execute.call({
    ...common(kitchen, sets[0], credentials),
    getInputData: () => sets.map((_, index) => ({ json: { index } })),
    getNodeParameter: (name, index, unset) => sets[index][name] ?? unset,
    continueOnFail: () => continueOnFail,
  });
  return items;
};

/** A method that fills a part of the form. */
const fillAt = (credentials) => (node, kind, name, parameters, ...rest) =>
  node.methods[kind][name].call(
    {
      ...common(node, parameters, credentials),
      getCurrentNodeParameters: () => parameters,
      getCurrentNodeParameter: (one) => parameters[one],
    },
    ...rest,
  );

const fill = fillAt(good);

/** A step in the life of the trigger's subscription. */
const hook = (step, url, parameters) =>
  trigger.webhookMethods.default[step].call({
    ...common(trigger, parameters, good),
    getNodeParameter: (name, unset) => parameters[name] ?? unset,
    getNodeWebhookUrl: () => url,
  });

const received = (body) => trigger.webhook.call({ ...common(trigger, {}, good), getBodyData: () => body });

module.exports = { APP, manifest, n8n, credentialType, evaluated, kitchen, trigger, good, execute, fill, fillAt, hook, received };
