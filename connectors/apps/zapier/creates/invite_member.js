// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'invite_member',
  noun: 'Member',
  display: { label: 'Invite a Member', description: 'Invites somebody to the team by email.' },
  operation: {
    ...action('invite-member'),
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
        key: 'role',
        label: 'Role',
        type: 'string',
        helpText:
          'What they may do in the workspace; left empty, what members may. Only a key with the scope `keys` can name admins.',
        choices: ['member', 'admin'],
      },
    ],
    sample: {
      id: 'u_19ce2f8f6a3c0e7f41a2b3c4',
      group: 'manager',
      name: 'Grace Hopper',
      email: 'grace@agency.example',
      username: 'grace',
      role: 'member',
      title: 'Account Manager',
      phone: null,
      language: null,
      timezone: null,
      color: null,
      company: null,
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
      url: 'https://kitchen.example.com/api/members/u_19ce2f8f6a3c0e7f41a2b3c4',
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
