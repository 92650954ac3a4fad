// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { search } = require('../lib/searches');

module.exports = {
  key: 'find_list',
  noun: 'List',
  display: { label: 'Find a List', description: 'Finds a list of a board by part of its title.' },
  operation: {
    ...search('find-list'),
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
        key: 'title',
        label: 'Title',
        type: 'string',
        helpText: 'A part of it is enough; capitals do not matter.',
      },
    ],
    sample: {
      id: 'tskl_19ce2f8f6a3f5a6b9c0d1e2f',
      title: 'In review',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
      url: 'https://kitchen.example.com/api/lists/tskl_19ce2f8f6a3f5a6b9c0d1e2f',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'board', label: 'Board', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
