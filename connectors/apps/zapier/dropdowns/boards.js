// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { dropdown } = require('../lib/triggers');

module.exports = {
  key: 'boards',
  noun: 'Board',
  display: {
    label: 'Boards',
    description: 'Fills the dropdowns that pick from boards.',
    hidden: true,
  },
  operation: {
    ...dropdown('boards'),
    sample: { id: 'tskb_19ce2f8f6a3e2d4f8813a7b6', name: 'Design' },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
};
