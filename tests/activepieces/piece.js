'use strict';

// The piece as it is exported, in JavaScript, and what Activepieces gives to it while it runs. Types are left out without a look at
// them: that is another test.

const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

const APP = process.env.KITCHEN_APP;
const { ModuleKind, ScriptTarget, transpileModule } = createRequire(path.join(APP, 'package.json'))('typescript');
const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
require.extensions['.ts'] = (module, file) =>
  module._compile(transpileModule(fs.readFileSync(file, 'utf8'), { compilerOptions }).outputText, file);
const { kitchen } = require(path.join(APP, 'src/index.ts'));

const good = { url: process.env.KITCHEN_URL, apiKey: process.env.KITCHEN_KEY };

/** A store of one flow. */
const newStore = () => {
  const kept = new Map();
  return {
    get: async (key) => kept.get(key) ?? null,
    put: async (key, value) => kept.set(key, value),
    delete: async (key) => kept.delete(key),
  };
};

/** A run of an action. */
const run = (name, propsValue, props = good) => kitchen.getAction(name).run({ auth: { props }, propsValue });

/** A flow that begins with a trigger. */
const flow = (name, { webhookUrl, propsValue = {} } = {}) => {
  const [trigger, store] = [kitchen.getTrigger(name), newStore()];
  const step = (which, payload) => trigger[which]({ auth: { props: good }, propsValue, webhookUrl, store, payload });
  return {
    enable: () => step('onEnable'),
    disable: () => step('onDisable'),
    run: (body) => step('run', { body }),
    test: () => step('test'),
  };
};

/** What a dropdown shows. */
const options = (prop, known, searchValue) => prop.options({ auth: { props: good }, ...known }, { searchValue });

/** The fields that an action has only for what was picked. */
const moreFields = (name, known, props = good) => kitchen.getAction(name).props.more_fields.props({ auth: { props }, ...known }, {});

module.exports = { moreFields, kitchen, good, run, flow, options };
