// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'add_task_label',
  noun: 'Label',
  display: {
    label: 'Add a Label to a Task',
    description: 'Marks a task with a label of its board.',
  },
  operation: {
    ...action('add-task-label'),
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
      { key: 'label', label: 'Label', type: 'string', required: true, dynamic: 'labels.id.name' },
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
