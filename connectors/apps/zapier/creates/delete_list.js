// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'delete_list',
  noun: 'List',
  display: { label: 'Delete a List', description: 'Deletes a list with the tasks in it.' },
  operation: {
    ...action('delete-list'),
    inputFields: [
      {
        key: 'board',
        label: 'Board',
        type: 'string',
        helpText: 'What the choices below are taken from. It may stay empty where ids are entered.',
        dynamic: 'boards.id.name',
        search: 'find_board.id',
      },
      {
        key: 'list',
        label: 'List',
        type: 'string',
        required: true,
        dynamic: 'lists.id.name',
        search: 'find_list.id',
      },
    ],
    sample: { id: 'tskl_19ce2f8f6a3f5a6b9c0d1e2f', deleted: true },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'deleted', label: 'Deleted', type: 'boolean' },
    ],
  },
};
