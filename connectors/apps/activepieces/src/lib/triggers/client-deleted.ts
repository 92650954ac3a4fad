// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { instant } from '../subscriptions';

export const clientDeleted = instant({
  event: 'client.deleted',
  name: 'client_deleted',
  displayName: 'Client Deleted',
  description: 'Triggers when a client is deleted.',
  props: {},
  sampleData: {
    id: 'evt_19ce2f8f6a3c41d09b7e5f28',
    event: 'client.deleted',
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
});
