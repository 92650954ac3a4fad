'use strict';

const test = async (z) => (await z.request({ url: '/connect/zapier/me' })).data;

module.exports = {
  type: 'custom',
  fields: [
    {
      key: 'url',
      label: 'Gateway Address',
      type: 'string',
      required: true,
      isNoSecret: true,
      placeholder: 'https://kitchen.example.com',
      helpText: 'Where your Kitchen is: the address in your browser, up to the first single slash.',
    },
    {
      key: 'api_key',
      label: 'API Key',
      type: 'password',
      required: true,
      helpText:
        'Create one under **Settings > API** of your Kitchen (`/settings/api` below the gateway address), ' +
        'with the scopes read, write and webhooks.',
    },
  ],
  test,
  // Of what `test` gave: the workspace and the key.
  connectionLabel: '{{label}}',
};
