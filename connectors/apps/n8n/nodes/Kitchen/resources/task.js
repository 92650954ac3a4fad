// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one, several, optional, criteria, findBy, moreFields } = require('../fields');

module.exports = {
  name: 'Task',
  value: 'task',
  operations: [
    {
      value: 'create-task',
      name: 'Create a Task',
      action: 'Create a task',
      description: 'Adds a task to a list of a board.',
      perform: 'create-task',
      fields: [
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        one('lists', { displayName: 'List', name: 'list', required: true }),
        { displayName: 'Title', name: 'title', type: 'string', default: '', required: true },
        optional([
          {
            displayName: 'Description',
            name: 'description',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
          one('members', { displayName: 'Assignee', name: 'assignee' }),
          several('members', { displayName: 'Members', name: 'members' }),
          several('labels', { displayName: 'Labels', name: 'labels' }),
          { displayName: 'Start At', name: 'start_at', type: 'dateTime', default: '' },
          { displayName: 'Due At', name: 'due_at', type: 'dateTime', default: '' },
          {
            displayName: 'Due Reminder',
            name: 'due_reminder',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 527040, numberPrecision: 0 },
          },
          {
            displayName: 'Remaining Minutes Estimate',
            name: 'remaining_minutes_estimate',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 5270400, numberPrecision: 0 },
          },
          one('tasks', {
            displayName: 'Parent',
            name: 'parent',
            description: 'What it shall lie in. Left empty: the top level.',
          }),
        ]),
        moreFields(['board']),
      ],
    },
    {
      value: 'update-task',
      name: 'Update a Task',
      action: 'Update a task',
      description: 'Changes a task. What is left empty stays as it is.',
      perform: 'update-task',
      fields: [
        one('boards', { displayName: 'Board', name: 'board' }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
        optional([
          { displayName: 'Title', name: 'title', type: 'string', default: '' },
          {
            displayName: 'Description',
            name: 'description',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
          one('members', { displayName: 'Assignee', name: 'assignee' }),
          several('members', { displayName: 'Members', name: 'members' }),
          several('labels', { displayName: 'Labels', name: 'labels' }),
          { displayName: 'Completed', name: 'completed', type: 'boolean', default: false },
          { displayName: 'Start At', name: 'start_at', type: 'dateTime', default: '' },
          { displayName: 'Due At', name: 'due_at', type: 'dateTime', default: '' },
          {
            displayName: 'Due Reminder',
            name: 'due_reminder',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 527040, numberPrecision: 0 },
          },
          {
            displayName: 'Remaining Minutes Estimate',
            name: 'remaining_minutes_estimate',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 5270400, numberPrecision: 0 },
          },
          one('tasks', {
            displayName: 'Parent',
            name: 'parent',
            description: 'What it shall lie in. Left empty: the top level.',
          }),
        ]),
        moreFields(['board']),
      ],
    },
    {
      value: 'move-task',
      name: 'Move a Task',
      action: 'Move a task',
      description:
        'Moves a task to another list, perhaps of another board, or to another place on its list.',
      perform: 'move-task',
      fields: [
        one('boards', {
          displayName: 'From Board',
          name: 'from_board',
          description: 'The board the task is on now, to pick it from.',
        }),
        one('tasks_to_move', { displayName: 'Task', name: 'task', required: true }),
        one('boards', { displayName: 'To Board', name: 'board' }),
        one('lists', { displayName: 'To List', name: 'list' }),
        optional([
          {
            displayName: 'Position',
            name: 'position',
            type: 'string',
            default: '',
            description:
              'top, bottom, or which place from the top: 3 is the third. Left empty: the bottom.',
          },
        ]),
      ],
    },
    {
      value: 'complete-task',
      name: 'Complete a Task',
      action: 'Complete a task',
      description: 'Marks a task as done.',
      perform: 'complete-task',
      fields: [
        one('boards', { displayName: 'Board', name: 'board' }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
      ],
    },
    {
      value: 'reopen-task',
      name: 'Reopen a Task',
      action: 'Reopen a task',
      description: 'Marks a task as not done.',
      perform: 'reopen-task',
      fields: [
        one('boards', { displayName: 'Board', name: 'board' }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
      ],
    },
    {
      value: 'delete-task',
      name: 'Delete a Task',
      action: 'Delete a task',
      description: 'Deletes a task.',
      perform: 'delete-task',
      fields: [
        one('boards', { displayName: 'Board', name: 'board' }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
      ],
    },
    {
      value: 'find-task',
      name: 'Find a Task',
      action: 'Find a task',
      description:
        'Finds a task of a board by part of its title, by who has to do with it, by its labels, its times or its custom fields.',
      search: 'find-task',
      fields: [
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        criteria([
          {
            displayName: 'Status',
            name: 'status',
            type: 'options',
            default: 'open',
            options: [{ name: 'Open', value: 'open' }, { name: 'Completed', value: 'completed' }],
          },
          { displayName: 'Completed', name: 'completed', type: 'boolean', default: false },
          { displayName: 'Title', name: 'title', type: 'string', default: '' },
          { displayName: 'Repeating', name: 'repeating', type: 'boolean', default: false },
          several('members', { displayName: 'Members', name: 'members' }),
          several('lists', { displayName: 'Lists', name: 'lists' }),
          several('labels', { displayName: 'Labels', name: 'labels' }),
          { displayName: 'Start At', name: 'start_at', type: 'string', default: '' },
          { displayName: 'Due At', name: 'due_at', type: 'string', default: '' },
        ]),
      ],
    },
    {
      value: 'find-or-create-task',
      name: 'Find or Create a Task',
      action: 'Find or create a task',
      description:
        'Finds a task of a board by part of its title, by who has to do with it, by its labels, its times or its custom fields. Makes one if there is none.',
      search: 'find-task',
      perform: 'create-task',
      within: ['board'],
      fields: [
        findBy([
          { name: 'Title', value: 'title' },
          { name: 'Members', value: 'members' },
          { name: 'Labels', value: 'labels' },
          { name: 'Start At', value: 'start_at' },
          { name: 'Due At', value: 'due_at' },
        ]),
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        one('lists', { displayName: 'List', name: 'list', required: true }),
        { displayName: 'Title', name: 'title', type: 'string', default: '', required: true },
        optional([
          {
            displayName: 'Description',
            name: 'description',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
          one('members', { displayName: 'Assignee', name: 'assignee' }),
          several('members', { displayName: 'Members', name: 'members' }),
          several('labels', { displayName: 'Labels', name: 'labels' }),
          { displayName: 'Start At', name: 'start_at', type: 'dateTime', default: '' },
          { displayName: 'Due At', name: 'due_at', type: 'dateTime', default: '' },
          {
            displayName: 'Due Reminder',
            name: 'due_reminder',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 527040, numberPrecision: 0 },
          },
          {
            displayName: 'Remaining Minutes Estimate',
            name: 'remaining_minutes_estimate',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 5270400, numberPrecision: 0 },
          },
          one('tasks', {
            displayName: 'Parent',
            name: 'parent',
            description: 'What it shall lie in. Left empty: the top level.',
          }),
        ]),
        moreFields(['board']),
      ],
    },
  ],
};
