// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { instant } = require('../lib/triggers');

module.exports = {
  key: 'list_updated',
  noun: 'List',
  display: { label: 'Task List Updated', description: 'Triggers when a list changes.' },
  operation: {
    ...instant('list.updated'),
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
      event: 'list.updated',
      occurred_at: '2026-03-12T14:18:37.123Z',
      list_id: 'tskl_19ce2f8f6a3f5a6b9c0d1e2f',
      title: 'In review',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'event', label: 'Event', type: 'string' },
      { key: 'occurred_at', label: 'Occurred At', type: 'datetime' },
      { key: 'list_id', label: 'List ID', type: 'string' },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'board', label: 'Board', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
    ],
  },
};
