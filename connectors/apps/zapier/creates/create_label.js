// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'create_label',
  noun: 'Label',
  display: { label: 'Create a Label', description: 'Adds a label to a board.' },
  operation: {
    ...action('create-label'),
    inputFields: [
      {
        key: 'board',
        label: 'Board',
        type: 'string',
        required: true,
        dynamic: 'boards.id.name',
        search: 'find_board.id',
      },
      {
        key: 'hex_color',
        label: 'Color',
        type: 'string',
        required: true,
        helpText: 'A # and six hex digits, such as #ff8800.',
      },
      { key: 'title', label: 'Title', type: 'string' },
    ],
    sample: {
      id: 'lbl_19ce2f8f6a43f7e6d5c4b3a2',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      title: 'Urgent',
      hex_color: '#ff8800',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
      url: 'https://kitchen.example.com/api/labels/lbl_19ce2f8f6a43f7e6d5c4b3a2',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'board', label: 'Board', type: 'string' },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'hex_color', label: 'Color', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
