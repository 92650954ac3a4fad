// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { polling } = require('../lib/triggers');

module.exports = {
  key: 'company_created_polling',
  noun: 'Company',
  display: {
    label: 'New Company (Polling)',
    description:
      'Triggers when a company is created. Asks the gateway every few minutes, for gateways that cannot reach Zapier.',
  },
  operation: {
    ...polling('company.created'),
    sample: {
      id: 'evt_19ce2f8f6a3c41d09b7e5f28',
      event: 'company.created',
      occurred_at: '2026-03-12T14:18:37.123Z',
      company_id: 'co_19ce2f8f6a3b77c1402f6d33',
      name: 'Analytical Engines Ltd',
      initials: 'AE',
      website: 'https://example.com',
      email: 'office@example.com',
      phone_number: '+44 20 7946 0000',
      address: "12 St James's Square, London",
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'event', label: 'Event', type: 'string' },
      { key: 'occurred_at', label: 'Occurred At', type: 'datetime' },
      { key: 'company_id', label: 'Company ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
      { key: 'initials', label: 'Initials', type: 'string' },
      { key: 'website', label: 'Website', type: 'string' },
      { key: 'email', label: 'Email', type: 'string' },
      { key: 'phone_number', label: 'Phone Number', type: 'string' },
      { key: 'address', label: 'Address', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
    ],
  },
};
