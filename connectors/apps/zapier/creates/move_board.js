// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'move_board',
  noun: 'Board',
  display: {
    label: 'Move a Board',
    description: 'Moves a board into a folder, or to the top level.',
  },
  operation: {
    ...action('move-board'),
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
        key: 'parent',
        label: 'Parent',
        type: 'string',
        helpText: 'The folder it shall lie in. Left empty: the top level.',
        dynamic: 'folders.id.name',
        search: 'find_folder.id',
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
