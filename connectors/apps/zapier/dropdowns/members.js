// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { dropdown } = require('../lib/triggers');

module.exports = {
  key: 'members',
  noun: 'Member',
  display: {
    label: 'Members',
    description: 'Fills the dropdowns that pick from members.',
    hidden: true,
  },
  operation: {
    ...dropdown('members'),
    sample: { id: 'u_19ce2f8f6a3c0e7f41a2b3c4', name: 'Grace Hopper' },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
};
