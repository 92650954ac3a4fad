// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { dropdown } = require('../lib/triggers');

module.exports = {
  key: 'tasks_to_move',
  noun: 'Task',
  display: {
    label: 'Tasks To Move',
    description: 'Fills the dropdowns that pick from tasks.',
    hidden: true,
  },
  operation: {
    ...dropdown('tasks_to_move', ['from_board']),
    inputFields: [
      {
        key: 'from_board',
        label: 'From Board',
        type: 'string',
        required: true,
        helpText: 'The board the task is on now, to pick it from.',
        dynamic: 'boards.id.name',
        search: 'find_board.id',
      },
    ],
    sample: { id: 'tsk_19ce2f8f6a41b3c5d7e9f024', name: 'Draw the front page' },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
};
