// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { instant } = require('../lib/triggers');

module.exports = {
  key: 'webhook_disabled',
  noun: 'Webhook',
  display: {
    label: 'Webhook Disabled',
    description: 'Triggers when a webhook is disabled by the gateway.',
  },
  operation: {
    ...instant('webhook.disabled'),
    sample: {
      id: 'evt_19ce2f8f6a3c41d09b7e5f28',
      event: 'webhook.disabled',
      occurred_at: '2026-03-12T14:18:37.123Z',
      webhook_id: 'wh_19ce2f8f6a405d7b1e93c2a4',
      url: 'https://example.com/hooks/kitchen',
      enabled: false,
      disabled_reason: 'The receiver answered 410 Gone.',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'event', label: 'Event', type: 'string' },
      { key: 'occurred_at', label: 'Occurred At', type: 'datetime' },
      { key: 'webhook_id', label: 'Webhook ID', type: 'string' },
      { key: 'url', label: 'URL', type: 'string' },
      { key: 'enabled', label: 'Enabled', type: 'boolean' },
      { key: 'disabled_reason', label: 'Disabled Reason', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
    ],
  },
};
