'use strict';

const { moreFieldsOf } = require('./gateway');

const run = async (z, key, body) =>
  (await z.request({ method: 'POST', url: `/connect/zapier/actions/${key}`, body })).data;

/** An action that is done once it is answered. */
const action = (key) => ({ perform: (z, bundle) => run(z, key, bundle.inputData) });

/** An action that goes on: the step waits until the gateway tells that it has ended, however it did. */
const longAction = (key) => ({
  perform: async (z, bundle) => {
    const input = { ...bundle.inputData, callback_url: z.generateCallbackUrl() };
    const { callback_secret: unused, ...operation } = await run(z, key, input);
    return operation;
  },
  // Whoever knows the callback's address can post there, so what is posted is only the sign to look.
  performResume: async (z, bundle) => {
    const operation = (await z.request({ url: `/connect/zapier/operations/${bundle.outputData.id}` })).data;
    if (operation.state === 'failed') {
      throw new z.errors.Error(operation.error, 'operation_failed', 422);
    }
    if (operation.state === 'cancelled') {
      throw new z.errors.HaltedError('The operation was cancelled in Kitchen.');
    }
    return operation;
  },
});

module.exports = { action, longAction, moreFields: moreFieldsOf('actions') };
