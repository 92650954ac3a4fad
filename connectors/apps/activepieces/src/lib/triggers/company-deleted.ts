// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { instant } from '../subscriptions';

export const companyDeleted = instant({
  event: 'company.deleted',
  name: 'company_deleted',
  displayName: 'Deleted Company',
  description: 'Triggers when a company is deleted.',
  props: {},
  sampleData: {
    id: 'evt_19ce2f8f6a3c41d09b7e5f28',
    event: 'company.deleted',
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
});
