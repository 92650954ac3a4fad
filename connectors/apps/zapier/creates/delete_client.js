// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'delete_client',
  noun: 'Client',
  display: { label: 'Delete a Client', description: 'Removes a client from the portal.' },
  operation: {
    ...action('delete-client'),
    inputFields: [
      {
        key: 'client',
        label: 'Client',
        type: 'string',
        required: true,
        dynamic: 'clients.id.name',
        search: 'find_client.id',
      },
    ],
    sample: { id: 'u_19ce2f8f6a3c1b5520d7e9a1', deleted: true },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'deleted', label: 'Deleted', type: 'boolean' },
    ],
  },
};
