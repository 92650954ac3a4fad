// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { dropdown } = require('../lib/triggers');

module.exports = {
  key: 'labels',
  noun: 'Label',
  display: {
    label: 'Labels',
    description: 'Fills the dropdowns that pick from labels.',
    hidden: true,
  },
  operation: {
    ...dropdown('labels', ['board']),
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
    sample: { id: 'lbl_19ce2f8f6a43f7e6d5c4b3a2', name: 'Urgent' },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
};
