// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one, optional, criteria, findBy } = require('../fields');

module.exports = {
  name: 'Folder',
  value: 'folder',
  operations: [
    {
      value: 'create-folder',
      name: 'Create a Folder',
      action: 'Create a folder',
      description: 'Makes a folder',
      perform: 'create-folder',
      fields: [
        { displayName: 'Name', name: 'name', type: 'string', default: '', required: true },
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
            default: 'folder_admin',
            options: [
              { name: 'Folder Admin', value: 'folder_admin' },
              { name: 'Folder Manager', value: 'folder_manager' },
              { name: 'Folder Creator', value: 'folder_creator' },
              { name: 'Folder Commenter', value: 'folder_commenter' },
              { name: 'Folder Uploader', value: 'folder_uploader' },
              { name: 'Folder Viewer', value: 'folder_viewer' },
            ],
            description: 'What people given access to the folder may do in it',
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
      value: 'update-folder',
      name: 'Update a Folder',
      action: 'Update a folder',
      description: 'Changes a folder. What is left empty stays as it is.',
      perform: 'update-folder',
      fields: [
        one('folders', { displayName: 'Folder', name: 'folder', required: true }),
        optional([
          { displayName: 'Name', name: 'name', type: 'string', default: '' },
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
            default: 'folder_admin',
            options: [
              { name: 'Folder Admin', value: 'folder_admin' },
              { name: 'Folder Manager', value: 'folder_manager' },
              { name: 'Folder Creator', value: 'folder_creator' },
              { name: 'Folder Commenter', value: 'folder_commenter' },
              { name: 'Folder Uploader', value: 'folder_uploader' },
              { name: 'Folder Viewer', value: 'folder_viewer' },
            ],
            description: 'What people given access to the folder may do in it',
          },
        ]),
      ],
    },
    {
      value: 'duplicate-folder',
      name: 'Duplicate a Folder',
      action: 'Duplicate a folder',
      description: 'Copies a folder with all that lies in it',
      perform: 'duplicate-folder',
      fields: [
        one('folders', { displayName: 'Folder', name: 'folder', required: true }),
        optional([
          {
            displayName: 'Name',
            name: 'name',
            type: 'string',
            default: '',
            description:
              'What the copy is called. Left empty: “Copy of”, and the name of the folder.',
          },
          one('folders', {
            displayName: 'Parent',
            name: 'parent',
            description:
              'The folder the copy shall lie in. Left empty: it lies beside the original.',
          }),
          {
            displayName: 'Callback URL',
            name: 'callback_url',
            type: 'string',
            default: '',
            description: 'Where the result is posted once it is there',
          },
        ]),
      ],
    },
    {
      value: 'delete-folder',
      name: 'Delete a Folder',
      action: 'Delete a folder',
      description: 'Deletes a folder with all that lies in it',
      perform: 'delete-folder',
      fields: [
        one('folders', { displayName: 'Folder', name: 'folder', required: true }),
        optional([
          {
            displayName: 'Callback URL',
            name: 'callback_url',
            type: 'string',
            default: '',
            description: 'Where the result is posted once it is there',
          },
        ]),
      ],
    },
    {
      value: 'archive-folder',
      name: 'Archive a Folder',
      action: 'Archive a folder',
      description: 'Puts a folder out of sight',
      perform: 'archive-folder',
      fields: [one('folders', { displayName: 'Folder', name: 'folder', required: true })],
    },
    {
      value: 'restore-folder',
      name: 'Restore a Folder',
      action: 'Restore a folder',
      description: 'Takes a folder out of the archive',
      perform: 'restore-folder',
      fields: [one('folders', { displayName: 'Folder', name: 'folder', required: true })],
    },
    {
      value: 'move-folder',
      name: 'Move a Folder',
      action: 'Move a folder',
      description: 'Moves a folder into another one, or to the top level',
      perform: 'move-folder',
      fields: [
        one('folders', { displayName: 'Folder', name: 'folder', required: true }),
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
      value: 'find-folder',
      name: 'Find a Folder',
      action: 'Find a folder',
      description: 'Finds a folder by part of its name',
      search: 'find-folder',
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
            displayName: 'Name',
            name: 'name',
            type: 'string',
            default: '',
            description: 'A part of it is enough; capitals do not matter',
          },
        ]),
      ],
    },
    {
      value: 'find-or-create-folder',
      name: 'Find or Create a Folder',
      action: 'Find or create a folder',
      description: 'Finds a folder by part of its name. Makes one if there is none.',
      search: 'find-folder',
      perform: 'create-folder',
      fields: [
        findBy([{ name: 'Name', value: 'name' }]),
        { displayName: 'Name', name: 'name', type: 'string', default: '', required: true },
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
            default: 'folder_admin',
            options: [
              { name: 'Folder Admin', value: 'folder_admin' },
              { name: 'Folder Manager', value: 'folder_manager' },
              { name: 'Folder Creator', value: 'folder_creator' },
              { name: 'Folder Commenter', value: 'folder_commenter' },
              { name: 'Folder Uploader', value: 'folder_uploader' },
              { name: 'Folder Viewer', value: 'folder_viewer' },
            ],
            description: 'What people given access to the folder may do in it',
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
