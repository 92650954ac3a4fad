// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'delete_label',
  noun: 'Label',
  display: { label: 'Delete a Label', description: 'Deletes a label, and takes it off all tasks.' },
  operation: {
    ...action('delete-label'),
    inputFields: [
      {
        key: 'board',
        label: 'Board',
        type: 'string',
        helpText: 'What the choices below are taken from. It may stay empty where ids are entered.',
        dynamic: 'boards.id.name',
        search: 'find_board.id',
      },
      { key: 'label', label: 'Label', type: 'string', required: true, dynamic: 'labels.id.name' },
    ],
    sample: { id: 'lbl_19ce2f8f6a43f7e6d5c4b3a2', deleted: true },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'deleted', label: 'Deleted', type: 'boolean' },
    ],
  },
};
