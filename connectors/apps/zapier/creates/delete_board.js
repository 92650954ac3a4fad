// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'delete_board',
  noun: 'Board',
  display: { label: 'Delete a Board', description: 'Deletes a board with all that is on it.' },
  operation: {
    ...action('delete-board'),
    inputFields: [
      {
        key: 'board',
        label: 'Board',
        type: 'string',
        required: true,
        dynamic: 'boards.id.name',
        search: 'find_board.id',
      },
    ],
    sample: { id: 'tskb_19ce2f8f6a3e2d4f8813a7b6', deleted: true },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'deleted', label: 'Deleted', type: 'boolean' },
    ],
  },
};
