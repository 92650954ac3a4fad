// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'update_client',
  noun: 'Client',
  display: {
    label: 'Update a Client',
    description: 'Changes a client. What is left empty stays as it is.',
  },
  operation: {
    ...action('update-client'),
    inputFields: [
      {
        key: 'client',
        label: 'Client',
        type: 'string',
        required: true,
        dynamic: 'clients.id.name',
        search: 'find_client.id',
      },
      { key: 'name', label: 'Name', type: 'string' },
      {
        key: 'email',
        label: 'Email',
        type: 'string',
        helpText: 'An email address, such as ada@example.com.',
      },
      {
        key: 'username',
        label: 'Username',
        type: 'string',
        helpText:
          'The name others mention them by. Left empty: the part of the email address before the @.',
      },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'phone', label: 'Phone Number', type: 'string' },
      {
        key: 'language',
        label: 'Language',
        type: 'string',
        helpText: 'A language tag, such as en or pt-BR.',
      },
      {
        key: 'timezone',
        label: 'Time Zone',
        type: 'string',
        helpText: 'A time zone, such as Europe/Berlin.',
      },
      {
        key: 'color',
        label: 'Colour',
        type: 'string',
        helpText: 'Six hex digits, such as #ff8800.',
      },
      {
        key: 'company',
        label: 'Company',
        type: 'string',
        dynamic: 'companies.id.name',
        search: 'find_company.id',
      },
    ],
    sample: {
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
      url: 'https://kitchen.example.com/api/clients/u_19ce2f8f6a3c1b5520d7e9a1',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'group', label: 'Group', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
      { key: 'email', label: 'Email', type: 'string' },
      { key: 'username', label: 'Username', type: 'string' },
      { key: 'role', label: 'Role', type: 'string' },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'phone', label: 'Phone Number', type: 'string' },
      { key: 'language', label: 'Language', type: 'string' },
      { key: 'timezone', label: 'Time Zone', type: 'string' },
      { key: 'color', label: 'Colour', type: 'string' },
      { key: 'company', label: 'Company', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
