// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one, optional } = require('../fields');

module.exports = {
  name: 'Label',
  value: 'label',
  operations: [
    {
      value: 'create-label',
      name: 'Create a Label',
      action: 'Create a label',
      description: 'Adds a label to a board',
      perform: 'create-label',
      fields: [
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        {
          displayName: 'Color',
          name: 'hex_color',
          type: 'color',
          default: '',
          required: true,
          description: 'A # and six hex digits, such as #ff8800',
        },
        optional([{ displayName: 'Title', name: 'title', type: 'string', default: '' }]),
      ],
    },
    {
      value: 'update-label',
      name: 'Update a Label',
      action: 'Update a label',
      description: 'Changes a label of a board. What is left empty stays as it is.',
      perform: 'update-label',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('labels', { displayName: 'Label', name: 'label', required: true }),
        optional([
          {
            displayName: 'Color',
            name: 'hex_color',
            type: 'color',
            default: '',
            description: 'A # and six hex digits, such as #ff8800',
          },
          { displayName: 'Title', name: 'title', type: 'string', default: '' },
        ]),
      ],
    },
    {
      value: 'delete-label',
      name: 'Delete a Label',
      action: 'Delete a label',
      description: 'Deletes a label, and takes it off all tasks',
      perform: 'delete-label',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('labels', { displayName: 'Label', name: 'label', required: true }),
      ],
    },
    {
      value: 'add-task-label',
      name: 'Add a Label to a Task',
      action: 'Add a label to a task',
      description: 'Marks a task with a label of its board',
      perform: 'add-task-label',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
        one('labels', { displayName: 'Label', name: 'label', required: true }),
      ],
    },
    {
      value: 'remove-task-label',
      name: 'Remove a Label from a Task',
      action: 'Remove a label from a task',
      description: 'Takes a label off a task',
      perform: 'remove-task-label',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
        one('labels', { displayName: 'Label', name: 'label', required: true }),
      ],
    },
  ],
};
