// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'create_client',
  noun: 'Client',
  display: {
    label: 'Create a Client',
    description: 'Adds a client, and invites them if you like.',
  },
  operation: {
    ...action('create-client'),
    inputFields: [
      { key: 'name', label: 'Name', type: 'string', required: true },
      {
        key: 'email',
        label: 'Email',
        type: 'string',
        required: true,
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
        label: 'Color',
        type: 'string',
        helpText: 'A # and six hex digits, such as #ff8800.',
      },
      {
        key: 'company',
        label: 'Company',
        type: 'string',
        helpText: 'The company they belong to.',
        dynamic: 'companies.id.name',
        search: 'find_company.id',
      },
      {
        key: 'password',
        label: 'Password',
        type: 'password',
        helpText:
          'What they sign in with. Left empty: they choose it themselves once they are invited.',
      },
      {
        key: 'notification',
        label: 'Invitation',
        type: 'string',
        helpText:
          'Yes to invite them by email, or the words to invite them with. Left empty: they are not told that they were added.',
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
      { key: 'color', label: 'Color', type: 'string' },
      { key: 'company', label: 'Company', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
