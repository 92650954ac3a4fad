// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { instant } = require('../lib/triggers');

module.exports = {
  key: 'client_updated',
  noun: 'Client',
  display: { label: 'Client Updated', description: 'Triggers when a client changes.' },
  operation: {
    ...instant('client.updated'),
    sample: {
      id: 'evt_19ce2f8f6a3c41d09b7e5f28',
      event: 'client.updated',
      occurred_at: '2026-03-12T14:18:37.123Z',
      client_id: 'u_19ce2f8f6a3c1b5520d7e9a1',
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
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'event', label: 'Event', type: 'string' },
      { key: 'occurred_at', label: 'Occurred At', type: 'datetime' },
      { key: 'client_id', label: 'Client ID', type: 'string' },
      { key: 'group', label: 'Group', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
      { key: 'email', label: 'Email', type: 'string' },
      { key: 'username', label: 'Username', type: 'string' },
      { key: 'role', label: 'Role', type: 'string' },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'phone', label: 'Phone Number', type: 'string' },
      { key: 'language', label: 'Language', type: 'string' },
      { key: 'timezone', label: 'Time Zone', type: 'string' },
      { key: 'color', label: 'Color', type: 'string' },
      { key: 'company', label: 'Company', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
    ],
  },
};
