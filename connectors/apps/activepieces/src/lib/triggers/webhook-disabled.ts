// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { instant } from '../subscriptions';

export const webhookDisabled = instant({
  event: 'webhook.disabled',
  name: 'webhook_disabled',
  displayName: 'Webhook Disabled',
  description: 'Triggers when a webhook is disabled by the gateway.',
  props: {},
  sampleData: {
    id: 'evt_19ce2f8f6a3c41d09b7e5f28',
    event: 'webhook.disabled',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'wh_19ce2f8f6a405d7b1e93c2a4',
      url: 'https://example.com/hooks/kitchen',
      enabled: false,
      disabled_reason: 'The receiver answered 410 Gone.',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: null,
  },
});
