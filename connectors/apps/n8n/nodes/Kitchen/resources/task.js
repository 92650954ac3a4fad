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
      description: 'Adds a task to a list of a board',
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
          one('members', {
            displayName: 'Assignee',
            name: 'assignee',
            description: 'Who is to do it',
          }),
          several('members', {
            displayName: 'Members',
            name: 'members',
            description: 'Who else has to do with it',
          }),
          several('labels', {
            displayName: 'Labels',
            name: 'labels',
            description: 'What it is marked with',
          }),
          {
            displayName: 'Start At',
            name: 'start_at',
            type: 'dateTime',
            default: '',
            description:
              'When it is to be begun: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without one it is the time in UTC.',
          },
          {
            displayName: 'Due At',
            name: 'due_at',
            type: 'dateTime',
            default: '',
            description:
              'When it is to be done: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without one it is the time in UTC.',
          },
          {
            displayName: 'Due Reminder',
            name: 'due_reminder',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 527040, numberPrecision: 0 },
            description:
              'How many minutes before it is due it is to be called to mind; it needs a Due At',
          },
          {
            displayName: 'Remaining Minutes Estimate',
            name: 'remaining_minutes_estimate',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 5270400, numberPrecision: 0 },
            description: 'How many more minutes it will take',
          },
          one('tasks', {
            displayName: 'Parent',
            name: 'parent',
            description: 'The task of the same board that this one is a part of',
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
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
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
          one('members', {
            displayName: 'Assignee',
            name: 'assignee',
            description: 'Who is to do it',
          }),
          several('members', {
            displayName: 'Members',
            name: 'members',
            description: 'Who else has to do with it: all of them, in place of those it has',
          }),
          several('labels', {
            displayName: 'Labels',
            name: 'labels',
            description: 'What it is marked with: all of its labels, in place of those it has',
          }),
          {
            displayName: 'Completed',
            name: 'completed',
            type: 'boolean',
            default: false,
            description: 'Yes: it is done. No: it is open.',
          },
          {
            displayName: 'Start At',
            name: 'start_at',
            type: 'dateTime',
            default: '',
            description:
              'When it is to be begun: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without one it is the time in UTC.',
          },
          {
            displayName: 'Due At',
            name: 'due_at',
            type: 'dateTime',
            default: '',
            description:
              'When it is to be done: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without one it is the time in UTC.',
          },
          {
            displayName: 'Due Reminder',
            name: 'due_reminder',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 527040, numberPrecision: 0 },
            description:
              'How many minutes before it is due it is to be called to mind; it needs a Due At',
          },
          {
            displayName: 'Remaining Minutes Estimate',
            name: 'remaining_minutes_estimate',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 5270400, numberPrecision: 0 },
            description: 'How many more minutes it will take',
          },
          one('tasks', {
            displayName: 'Parent',
            name: 'parent',
            description: 'The task of the same board that this one is a part of',
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
        'Moves a task to another list, perhaps of another board, or to another place on its list',
      perform: 'move-task',
      fields: [
        one('boards', {
          displayName: 'From Board',
          name: 'from_board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks_to_move', { displayName: 'Task', name: 'task', required: true }),
        one('boards', {
          displayName: 'To Board',
          name: 'board',
          description: 'The board it shall be on. Left empty: the list says it.',
        }),
        one('lists', {
          displayName: 'To List',
          name: 'list',
          description: 'The list it shall be on. Left empty: the one it is on.',
        }),
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
      description: 'Marks a task as done',
      perform: 'complete-task',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
      ],
    },
    {
      value: 'reopen-task',
      name: 'Reopen a Task',
      action: 'Reopen a task',
      description: 'Marks a task as not done',
      perform: 'reopen-task',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
      ],
    },
    {
      value: 'delete-task',
      name: 'Delete a Task',
      action: 'Delete a task',
      description: 'Deletes a task',
      perform: 'delete-task',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
      ],
    },
    {
      value: 'find-task',
      name: 'Find a Task',
      action: 'Find a task',
      description:
        'Finds a task of a board by part of its title, by who has to do with it, by its labels, its times or its custom fields',
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
            description: 'Open or completed ones. Left empty: both.',
          },
          {
            displayName: 'Completed',
            name: 'completed',
            type: 'boolean',
            default: false,
            description: 'Yes for completed ones, no for open ones: another word for Status',
          },
          {
            displayName: 'Title',
            name: 'title',
            type: 'string',
            default: '',
            description: 'A part of it is enough; capitals do not matter',
          },
          several('members', {
            displayName: 'Members',
            name: 'members',
            description: 'Those with any of these members',
          }),
          several('lists', {
            displayName: 'Lists',
            name: 'lists',
            description: 'Those on any of these lists',
          }),
          several('labels', {
            displayName: 'Labels',
            name: 'labels',
            description: 'Those with any of these labels',
          }),
          {
            displayName: 'Start At',
            name: 'start_at',
            type: 'string',
            default: '',
            description:
              '2026-03-12T14:00:00Z for that second, >=2026-03-12T14:00:00Z for that or later, <=2026-03-12T14:00:00Z for that or earlier. An offset such as +02:00 may stand in place of the Z.',
          },
          {
            displayName: 'Due At',
            name: 'due_at',
            type: 'string',
            default: '',
            description:
              '2026-03-12T14:00:00Z for that second, >=2026-03-12T14:00:00Z for that or later, <=2026-03-12T14:00:00Z for that or earlier. An offset such as +02:00 may stand in place of the Z.',
          },
        ]),
        moreFields(['board']),
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
          one('members', {
            displayName: 'Assignee',
            name: 'assignee',
            description: 'Who is to do it',
          }),
          several('members', {
            displayName: 'Members',
            name: 'members',
            description: 'Who else has to do with it',
          }),
          several('labels', {
            displayName: 'Labels',
            name: 'labels',
            description: 'What it is marked with',
          }),
          {
            displayName: 'Start At',
            name: 'start_at',
            type: 'dateTime',
            default: '',
            description:
              'When it is to be begun: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without one it is the time in UTC.',
          },
          {
            displayName: 'Due At',
            name: 'due_at',
            type: 'dateTime',
            default: '',
            description:
              'When it is to be done: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without one it is the time in UTC.',
          },
          {
            displayName: 'Due Reminder',
            name: 'due_reminder',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 527040, numberPrecision: 0 },
            description:
              'How many minutes before it is due it is to be called to mind; it needs a Due At',
          },
          {
            displayName: 'Remaining Minutes Estimate',
            name: 'remaining_minutes_estimate',
            type: 'number',
            default: 0,
            typeOptions: { minValue: 0, maxValue: 5270400, numberPrecision: 0 },
            description: 'How many more minutes it will take',
          },
          one('tasks', {
            displayName: 'Parent',
            name: 'parent',
            description: 'The task of the same board that this one is a part of',
          }),
        ]),
        moreFields(['board']),
      ],
    },
  ],
};
