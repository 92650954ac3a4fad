// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { search } = require('../lib/searches');

module.exports = {
  key: 'find_company',
  noun: 'Company',
  display: { label: 'Find a Company', description: 'Finds a company by part of its name.' },
  operation: {
    ...search('find-company'),
    inputFields: [
      {
        key: 'name',
        label: 'Name',
        type: 'string',
        helpText: 'A part of it is enough; capitals do not matter.',
      },
    ],
    sample: {
      id: 'co_19ce2f8f6a3b77c1402f6d33',
      name: 'Analytical Engines Ltd',
      initials: 'AE',
      website: 'https://example.com',
      email: 'office@example.com',
      phone_number: '+44 20 7946 0000',
      address: "12 St James's Square, London",
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
      url: 'https://kitchen.example.com/api/companies/co_19ce2f8f6a3b77c1402f6d33',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
      { key: 'initials', label: 'Initials', type: 'string' },
      { key: 'website', label: 'Website', type: 'string' },
      { key: 'email', label: 'Email', type: 'string' },
      { key: 'phone_number', label: 'Phone Number', type: 'string' },
      { key: 'address', label: 'Address', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
