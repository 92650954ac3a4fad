// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'remove_member',
  noun: 'Member',
  display: { label: 'Remove a Member', description: 'Removes a member from the team.' },
  operation: {
    ...action('remove-member'),
    inputFields: [
      {
        key: 'member',
        label: 'Member',
        type: 'string',
        required: true,
        dynamic: 'members.id.name',
        search: 'find_member.id',
      },
    ],
    sample: { id: 'u_19ce2f8f6a3c0e7f41a2b3c4', deleted: true },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'deleted', label: 'Deleted', type: 'boolean' },
    ],
  },
};
