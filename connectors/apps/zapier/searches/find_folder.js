// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { search } = require('../lib/searches');

module.exports = {
  key: 'find_folder',
  noun: 'Folder',
  display: { label: 'Find a Folder', description: 'Finds a folder by part of its name.' },
  operation: {
    ...search('find-folder'),
    inputFields: [
      {
        key: 'state',
        label: 'State',
        type: 'string',
        helpText: 'Active ones, archived ones, or all. Left empty: active.',
        choices: ['all', 'active', 'archived'],
      },
      {
        key: 'name',
        label: 'Name',
        type: 'string',
        helpText: 'A part of it is enough; capitals do not matter.',
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
