// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { instant, polling } from '../subscriptions';

const definition = {
  event: 'company.created',
  name: 'company_created',
  displayName: 'New Company',
  description: 'Triggers when a company is created.',
  props: {},
  sampleData: {
    id: 'evt_19ce2f8f6a3c41d09b7e5f28',
    event: 'company.created',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'co_19ce2f8f6a3b77c1402f6d33',
      name: 'Analytical Engines Ltd',
      initials: 'AE',
      website: 'https://example.com',
      email: 'office@example.com',
      phone_number: '+44 20 7946 0000',
      address: "12 St James's Square, London",
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: null,
  },
};

export const companyCreated = instant(definition);

export const companyCreatedPolling = polling({
  ...definition,
  name: 'company_created_polling',
  displayName: 'New Company (Polling)',
  description:
    'Triggers when a company is created. Asks the gateway, for gateways that cannot reach Activepieces.',
});
