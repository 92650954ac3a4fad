// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one, optional, criteria, findBy } = require('../fields');

module.exports = {
  name: 'Board',
  value: 'board',
  operations: [
    {
      value: 'create-board',
      name: 'Create a Board',
      action: 'Create a board',
      description: 'Makes a board',
      perform: 'create-board',
      fields: [
        { displayName: 'Title', name: 'title', type: 'string', default: '', required: true },
        {
          displayName: 'Visibility',
          name: 'visibility',
          type: 'options',
          default: 'private',
          options: [
            { name: 'Private', value: 'private' },
            { name: 'Internal', value: 'internal' },
            { name: 'Shared', value: 'shared' },
          ],
          required: true,
          description:
            'Private: only people given access. Internal: the team. Shared: may include clients.',
        },
        optional([
          {
            displayName: 'Description',
            name: 'description',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
          {
            displayName: 'Role',
            name: 'role',
            type: 'options',
            default: 'board_admin',
            options: [
              { name: 'Board Admin', value: 'board_admin' },
              { name: 'Board Manager', value: 'board_manager' },
              { name: 'Board Editor', value: 'board_editor' },
              { name: 'Board Full Creator', value: 'board_full_creator' },
              { name: 'Board Creator', value: 'board_creator' },
              { name: 'Board Commenter', value: 'board_commenter' },
              { name: 'Board Viewer', value: 'board_viewer' },
            ],
            description: 'What people given access to the board may do on it',
          },
          one('folders', {
            displayName: 'Folder',
            name: 'folder',
            description: 'The folder it shall lie in. Left empty: the top level.',
          }),
        ]),
      ],
    },
    {
      value: 'update-board',
      name: 'Update a Board',
      action: 'Update a board',
      description: 'Changes a board. What is left empty stays as it is.',
      perform: 'update-board',
      fields: [
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        optional([
          { displayName: 'Title', name: 'title', type: 'string', default: '' },
          {
            displayName: 'Description',
            name: 'description',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
          {
            displayName: 'Visibility',
            name: 'visibility',
            type: 'options',
            default: 'private',
            options: [
              { name: 'Private', value: 'private' },
              { name: 'Internal', value: 'internal' },
              { name: 'Shared', value: 'shared' },
            ],
            description:
              'Private: only people given access. Internal: the team. Shared: may include clients.',
          },
          {
            displayName: 'Role',
            name: 'role',
            type: 'options',
            default: 'board_admin',
            options: [
              { name: 'Board Admin', value: 'board_admin' },
              { name: 'Board Manager', value: 'board_manager' },
              { name: 'Board Editor', value: 'board_editor' },
              { name: 'Board Full Creator', value: 'board_full_creator' },
              { name: 'Board Creator', value: 'board_creator' },
              { name: 'Board Commenter', value: 'board_commenter' },
              { name: 'Board Viewer', value: 'board_viewer' },
            ],
            description: 'What people given access to the board may do on it',
          },
        ]),
      ],
    },
    {
      value: 'delete-board',
      name: 'Delete a Board',
      action: 'Delete a board',
      description: 'Deletes a board with all that is on it',
      perform: 'delete-board',
      fields: [one('boards', { displayName: 'Board', name: 'board', required: true })],
    },
    {
      value: 'archive-board',
      name: 'Archive a Board',
      action: 'Archive a board',
      description: 'Puts a board out of sight',
      perform: 'archive-board',
      fields: [one('boards', { displayName: 'Board', name: 'board', required: true })],
    },
    {
      value: 'restore-board',
      name: 'Restore a Board',
      action: 'Restore a board',
      description: 'Takes a board out of the archive',
      perform: 'restore-board',
      fields: [one('boards', { displayName: 'Board', name: 'board', required: true })],
    },
    {
      value: 'move-board',
      name: 'Move a Board',
      action: 'Move a board',
      description: 'Moves a board into a folder, or to the top level',
      perform: 'move-board',
      fields: [
        one('boards', { displayName: 'Board', name: 'board', required: true }),
        optional([
          one('folders', {
            displayName: 'Parent',
            name: 'parent',
            description: 'The folder it shall lie in. Left empty: the top level.',
          }),
        ]),
      ],
    },
    {
      value: 'find-board',
      name: 'Find a Board',
      action: 'Find a board',
      description: 'Finds a board by part of its title',
      search: 'find-board',
      fields: [
        criteria([
          {
            displayName: 'State',
            name: 'state',
            type: 'options',
            default: 'all',
            options: [
              { name: 'All', value: 'all' },
              { name: 'Active', value: 'active' },
              { name: 'Archived', value: 'archived' },
            ],
            description: 'Active ones, archived ones, or all. Left empty: active.',
          },
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
      value: 'find-or-create-board',
      name: 'Find or Create a Board',
      action: 'Find or create a board',
      description: 'Finds a board by part of its title. Makes one if there is none.',
      search: 'find-board',
      perform: 'create-board',
      fields: [
        findBy([{ name: 'Title', value: 'title' }]),
        { displayName: 'Title', name: 'title', type: 'string', default: '', required: true },
        {
          displayName: 'Visibility',
          name: 'visibility',
          type: 'options',
          default: 'private',
          options: [
            { name: 'Private', value: 'private' },
            { name: 'Internal', value: 'internal' },
            { name: 'Shared', value: 'shared' },
          ],
          required: true,
          description:
            'Private: only people given access. Internal: the team. Shared: may include clients.',
        },
        optional([
          {
            displayName: 'Description',
            name: 'description',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
          {
            displayName: 'Role',
            name: 'role',
            type: 'options',
            default: 'board_admin',
            options: [
              { name: 'Board Admin', value: 'board_admin' },
              { name: 'Board Manager', value: 'board_manager' },
              { name: 'Board Editor', value: 'board_editor' },
              { name: 'Board Full Creator', value: 'board_full_creator' },
              { name: 'Board Creator', value: 'board_creator' },
              { name: 'Board Commenter', value: 'board_commenter' },
              { name: 'Board Viewer', value: 'board_viewer' },
            ],
            description: 'What people given access to the board may do on it',
          },
          one('folders', {
            displayName: 'Folder',
            name: 'folder',
            description: 'The folder it shall lie in. Left empty: the top level.',
          }),
        ]),
      ],
    },
  ],
};
