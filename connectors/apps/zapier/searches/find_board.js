// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { search } = require('../lib/searches');

module.exports = {
  key: 'find_board',
  noun: 'Board',
  display: { label: 'Find a Board', description: 'Finds a board by part of its title.' },
  operation: {
    ...search('find-board'),
    inputFields: [
      {
        key: 'state',
        label: 'State',
        type: 'string',
        helpText: 'Active ones, archived ones, or all. Left empty: active.',
        choices: ['all', 'active', 'archived'],
      },
      {
        key: 'title',
        label: 'Title',
        type: 'string',
        helpText: 'A part of it is enough; capitals do not matter.',
      },
    ],
    sample: {
      id: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      title: 'Design',
      description: null,
      visibility: 'internal',
      role: 'board_editor',
      folder: 'fo_19ce2f8f6a3d90e2716b4c05',
      archived_at: null,
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
      url: 'https://kitchen.example.com/api/boards/tskb_19ce2f8f6a3e2d4f8813a7b6',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'description', label: 'Description', type: 'string' },
      { key: 'visibility', label: 'Visibility', type: 'string' },
      { key: 'role', label: 'Role', type: 'string' },
      { key: 'folder', label: 'Folder', type: 'string' },
      { key: 'archived_at', label: 'Archived At', type: 'datetime' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
