// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { instant } = require('../lib/triggers');

module.exports = {
  key: 'task_comment_created',
  noun: 'Task Comment',
  display: { label: 'New Task Comment', description: 'Triggers when a task comment is created.' },
  operation: {
    ...instant('task_comment.created'),
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
      event: 'task_comment.created',
      occurred_at: '2026-03-12T14:18:37.123Z',
      task_comment_id: 'tcm_19ce2f8f6a45c0b1a29384f5',
      task: 'tsk_19ce2f8f6a41b3c5d7e9f024',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      author: 'u_19ce2f8f6a3c0e7f41a2b3c4',
      content: '<p>Looks <b>good</b> to me.</p>',
      format: 'html',
      attachments: '',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'event', label: 'Event', type: 'string' },
      { key: 'occurred_at', label: 'Occurred At', type: 'datetime' },
      { key: 'task_comment_id', label: 'Task Comment ID', type: 'string' },
      { key: 'task', label: 'Task', type: 'string' },
      { key: 'board', label: 'Board', type: 'string' },
      { key: 'author', label: 'Author', type: 'string' },
      { key: 'content', label: 'Content', type: 'string' },
      { key: 'format', label: 'Format', type: 'string' },
      { key: 'attachments', label: 'Attachments', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
    ],
  },
};
