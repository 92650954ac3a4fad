'use strict';

class KitchenApi {
  constructor() {
    this.name = 'kitchenApi';
    this.displayName = 'Kitchen API';
    this.icon = 'file:../nodes/Kitchen/kitchen.svg';
    this.properties = [
      {
        displayName: 'Gateway Address',
        name: 'url',
        type: 'string',
        required: true,
        default: '',
        placeholder: 'https://kitchen.example.com',
        description: 'Where your Kitchen is: the address in your browser, up to the first single slash',
      },
      {
        displayName: 'API Key',
        name: 'apiKey',
        type: 'string',
        typeOptions: { password: true },
        required: true,
        default: '',
        description:
          'Create one in your Kitchen under Settings > API. Triggers need one with the scope webhooks.',
      },
    ];
    this.authenticate = {
      type: 'generic',
      properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey.trim()}}' } },
    };
    this.test = {
      request: {
        baseURL: '={{$credentials.url.trim().replace(/[/]+$/, "")}}',
        url: '/connect/n8n/me',
      },
    };
  }
}

module.exports = { KitchenApi };
