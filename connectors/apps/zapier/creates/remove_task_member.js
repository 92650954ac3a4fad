// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'remove_task_member',
  noun: 'Member',
  display: { label: 'Remove a Member from a Task', description: 'Takes somebody off a task.' },
  operation: {
    ...action('remove-task-member'),
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
        key: 'user',
        label: 'Member',
        type: 'string',
        required: true,
        dynamic: 'members.id.name',
        search: 'find_member.id',
      },
    ],
    sample: { id: 'u_19ce2f8f6a3c0e7f41a2b3c4', deleted: true },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'deleted', label: 'Deleted', type: 'boolean' },
    ],
  },
};
