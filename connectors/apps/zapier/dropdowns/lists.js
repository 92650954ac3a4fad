// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { dropdown } = require('../lib/triggers');

module.exports = {
  key: 'lists',
  noun: 'List',
  display: {
    label: 'Lists',
    description: 'Fills the dropdowns that pick from lists.',
    hidden: true,
  },
  operation: {
    ...dropdown('lists', ['board']),
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
    sample: { id: 'tskl_19ce2f8f6a3f5a6b9c0d1e2f', name: 'In review' },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
};
