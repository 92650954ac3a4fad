// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'move_folder',
  noun: 'Folder',
  display: {
    label: 'Move a Folder',
    description: 'Moves a folder into another one, or to the top level.',
  },
  operation: {
    ...action('move-folder'),
    inputFields: [
      {
        key: 'folder',
        label: 'Folder',
        type: 'string',
        required: true,
        dynamic: 'folders.id.name',
        search: 'find_folder.id',
      },
      {
        key: 'parent',
        label: 'Parent',
        type: 'string',
        helpText: 'The folder it shall lie in. Left empty: the top level.',
        dynamic: 'folders.id.name',
        search: 'find_folder.id',
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
