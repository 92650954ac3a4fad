// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { instant, polling } from '../subscriptions';

const definition = {
  event: 'client.created',
  name: 'client_created',
  displayName: 'New Client',
  description: 'Triggers when a client is created.',
  props: {},
  sampleData: {
    id: 'evt_19ce2f8f6a3c41d09b7e5f28',
    event: 'client.created',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'u_19ce2f8f6a3c1b5520d7e9a1',
      group: 'client',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      username: 'ada',
      role: 'client',
      title: 'Head of Engines',
      phone: '+44 20 7946 0958',
      language: 'en',
      timezone: 'Europe/London',
      color: null,
      company: 'co_19ce2f8f6a3b77c1402f6d33',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: null,
  },
};

export const clientCreated = instant(definition);

export const clientCreatedPolling = polling({
  ...definition,
  name: 'client_created_polling',
  displayName: 'New Client (Polling)',
  description:
    'Triggers when a client is created. Asks the gateway, for gateways that cannot reach Activepieces.',
});
