// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one, optional, criteria, findBy } = require('../fields');

module.exports = {
  name: 'List',
  value: 'list',
  operations: [
    {
      value: 'create-list',
      name: 'Create a List',
      action: 'Create a list',
      description: 'Adds a list to a board',
      perform: 'create-list',
      fields: [
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        { displayName: 'Title', name: 'title', type: 'string', default: '', required: true },
      ],
    },
    {
      value: 'update-list',
      name: 'Update a List',
      action: 'Update a list',
      description: 'Changes a list of a board',
      perform: 'update-list',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('lists', { displayName: 'List', name: 'list', required: true }),
        optional([{ displayName: 'Title', name: 'title', type: 'string', default: '' }]),
      ],
    },
    {
      value: 'delete-list',
      name: 'Delete a List',
      action: 'Delete a list',
      description: 'Deletes a list with the tasks in it',
      perform: 'delete-list',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('lists', { displayName: 'List', name: 'list', required: true }),
      ],
    },
    {
      value: 'find-list',
      name: 'Find a List',
      action: 'Find a list',
      description: 'Finds a list of a board by part of its title',
      search: 'find-list',
      fields: [
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        criteria([
          {
            displayName: 'Title',
            name: 'title',
            type: 'string',
            default: '',
            description: 'A part of it is enough; capitals do not matter',
          },
        ]),
      ],
    },
    {
      value: 'find-or-create-list',
      name: 'Find or Create a List',
      action: 'Find or create a list',
      description: 'Finds a list of a board by part of its title. Makes one if there is none.',
      search: 'find-list',
      perform: 'create-list',
      within: ['board'],
      fields: [
        findBy([{ name: 'Title', value: 'title' }]),
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        { displayName: 'Title', name: 'title', type: 'string', default: '', required: true },
      ],
    },
  ],
};
