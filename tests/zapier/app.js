'use strict';

// The app under test, run by Zapier's own runtime.

const path = require('node:path');
const { createRequire } = require('node:module');

const folder = process.env.KITCHEN_APP;
const requireThere = createRequire(path.join(folder, 'index.js'));
const { createAppHandler, createAppTester } = requireThere('zapier-platform-core');
const { base, token } = require('./gateway');

const App = requireThere('./index.js');
const authData = { url: base, api_key: token };
const tester = createAppTester(App);
const handler = createAppHandler(App);

/** Runs a function of the app. */
const run = (perform, bundle = {}) => tester(perform, { authData, inputData: {}, meta: {}, ...bundle });

/** Runs one by its path, with an address for callbacks. */
const execute = (method, bundle, callbackUrl) =>
  handler({
    command: 'execute',
    method,
    bundle: { authData, inputData: {}, meta: {}, ...bundle },
    callback_url: callbackUrl,
  });

/** What Zapier's schema has to say against the app: nothing, one hopes. */
const validate = async () => (await handler({ command: 'validate' })).results;

module.exports = { App, authData, run, execute, validate };
