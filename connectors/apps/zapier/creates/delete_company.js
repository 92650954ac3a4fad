// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'delete_company',
  noun: 'Company',
  display: { label: 'Delete a Company', description: 'Deletes a company; its clients stay.' },
  operation: {
    ...action('delete-company'),
    inputFields: [
      {
        key: 'company',
        label: 'Company',
        type: 'string',
        required: true,
        dynamic: 'companies.id.name',
        search: 'find_company.id',
      },
    ],
    sample: { id: 'co_19ce2f8f6a3b77c1402f6d33', deleted: true },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'deleted', label: 'Deleted', type: 'boolean' },
    ],
  },
};
