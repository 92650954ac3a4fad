// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'delete_task',
  noun: 'Task',
  display: { label: 'Delete a Task', description: 'Deletes a task.' },
  operation: {
    ...action('delete-task'),
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
    ],
    sample: { id: 'tsk_19ce2f8f6a41b3c5d7e9f024', deleted: true },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'deleted', label: 'Deleted', type: 'boolean' },
    ],
  },
};
