// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { polling } = require('../lib/triggers');

module.exports = {
  key: 'board_created_polling',
  noun: 'Board',
  display: {
    label: 'New Board (Polling)',
    description:
      'Triggers when a board is created. Asks the gateway every few minutes, for gateways that cannot reach Zapier.',
  },
  operation: {
    ...polling('board.created'),
    inputFields: [
      {
        key: 'folder',
        label: 'Only in Folder',
        type: 'string',
        helpText: 'Only what happens in this folder, or in one that lies in it.',
        dynamic: 'folders.id.name',
        search: 'find_folder.id',
      },
      {
        key: 'board',
        label: 'Only on Board',
        type: 'string',
        helpText: 'Only what happens on this board. With a folder too: in either.',
        dynamic: 'boards.id.name',
        search: 'find_board.id',
      },
    ],
    sample: {
      id: 'evt_19ce2f8f6a3c41d09b7e5f28',
      event: 'board.created',
      occurred_at: '2026-03-12T14:18:37.123Z',
      board_id: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      title: 'Design',
      description: null,
      visibility: 'internal',
      role: 'board_editor',
      folder: 'fo_19ce2f8f6a3d90e2716b4c05',
      archived_at: null,
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'event', label: 'Event', type: 'string' },
      { key: 'occurred_at', label: 'Occurred At', type: 'datetime' },
      { key: 'board_id', label: 'Board ID', type: 'string' },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'description', label: 'Description', type: 'string' },
      { key: 'visibility', label: 'Visibility', type: 'string' },
      { key: 'role', label: 'Role', type: 'string' },
      { key: 'folder', label: 'Folder', type: 'string' },
      { key: 'archived_at', label: 'Archived At', type: 'datetime' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
    ],
  },
};
