// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'create_board',
  noun: 'Board',
  display: { label: 'Create a Board', description: 'Makes a board.' },
  operation: {
    ...action('create-board'),
    inputFields: [
      { key: 'title', label: 'Title', type: 'string', required: true },
      { key: 'description', label: 'Description', type: 'text' },
      {
        key: 'visibility',
        label: 'Visibility',
        type: 'string',
        required: true,
        helpText:
          'Private: only people given access. Internal: the team. Shared: may include clients.',
        choices: ['private', 'internal', 'shared'],
      },
      {
        key: 'role',
        label: 'Role',
        type: 'string',
        helpText: 'What people given access to the board may do on it.',
        choices: [
          'board_admin',
          'board_manager',
          'board_editor',
          'board_full_creator',
          'board_creator',
          'board_commenter',
          'board_viewer',
        ],
      },
      {
        key: 'folder',
        label: 'Folder',
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
