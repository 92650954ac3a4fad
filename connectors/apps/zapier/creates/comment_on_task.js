// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'comment_on_task',
  noun: 'Task Comment',
  display: { label: 'Comment on a Task', description: 'Adds a comment to a task.' },
  operation: {
    ...action('comment-on-task'),
    inputFields: [
      {
        key: 'board',
        label: 'Board',
        type: 'string',
        helpText: 'What the choices below are taken from. It may stay empty where ids are entered.',
        dynamic: 'boards.id.name',
        search: 'find_board.id',
      },
      {
        key: 'task',
        label: 'Task',
        type: 'string',
        required: true,
        dynamic: 'tasks.id.name',
        search: 'find_task.id',
      },
      {
        key: 'content',
        label: 'Content',
        type: 'text',
        required: true,
        helpText: 'What the comment says.',
      },
      {
        key: 'format',
        label: 'Format',
        type: 'string',
        required: true,
        helpText: 'How the content is written: text as it is, or HTML.',
        choices: ['text', 'html'],
      },
    ],
    sample: {
      id: 'tcm_19ce2f8f6a45c0b1a29384f5',
      task: 'tsk_19ce2f8f6a41b3c5d7e9f024',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      author: 'u_19ce2f8f6a3c0e7f41a2b3c4',
      content: '<p>Looks <b>good</b> to me.</p>',
      format: 'html',
      attachments: '',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
      url: 'https://kitchen.example.com/api/comments/tcm_19ce2f8f6a45c0b1a29384f5',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'task', label: 'Task', type: 'string' },
      { key: 'board', label: 'Board', type: 'string' },
      { key: 'author', label: 'Author', type: 'string' },
      { key: 'content', label: 'Content', type: 'string' },
      { key: 'format', label: 'Format', type: 'string' },
      { key: 'attachments', label: 'Attachments', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
