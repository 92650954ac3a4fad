// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { dropdown } = require('../lib/triggers');

module.exports = {
  key: 'folders',
  noun: 'Folder',
  display: {
    label: 'Folders',
    description: 'Fills the dropdowns that pick from folders.',
    hidden: true,
  },
  operation: {
    ...dropdown('folders'),
    sample: { id: 'fo_19ce2f8f6a3d90e2716b4c05', name: 'Website relaunch' },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
};
