// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'update_folder',
  noun: 'Folder',
  display: {
    label: 'Update a Folder',
    description: 'Changes a folder. What is left empty stays as it is.',
  },
  operation: {
    ...action('update-folder'),
    inputFields: [
      {
        key: 'folder',
        label: 'Folder',
        type: 'string',
        required: true,
        dynamic: 'folders.id.name',
        search: 'find_folder.id',
      },
      { key: 'name', label: 'Name', type: 'string' },
      { key: 'description', label: 'Description', type: 'text' },
      {
        key: 'visibility',
        label: 'Visibility',
        type: 'string',
        helpText:
          'Private: only people given access. Internal: the team. Shared: may include clients.',
        choices: ['private', 'internal', 'shared'],
      },
      {
        key: 'role',
        label: 'Role',
        type: 'string',
        helpText: 'What people given access to the folder may do in it.',
        choices: [
          'folder_admin',
          'folder_manager',
          'folder_creator',
          'folder_commenter',
          'folder_uploader',
          'folder_viewer',
        ],
      },
    ],
    sample: {
      id: 'fo_19ce2f8f6a3d90e2716b4c05',
      name: 'Website relaunch',
      description: 'Everything about the new site.',
      visibility: 'shared',
      role: null,
      folder: null,
      archived_at: null,
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
      url: 'https://kitchen.example.com/api/folders/fo_19ce2f8f6a3d90e2716b4c05',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
      { key: 'description', label: 'Description', type: 'string' },
      { key: 'visibility', label: 'Visibility', type: 'string' },
      { key: 'role', label: 'Role', type: 'string' },
      { key: 'folder', label: 'Folder', type: 'string' },
      { key: 'archived_at', label: 'Archived At', type: 'datetime' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
