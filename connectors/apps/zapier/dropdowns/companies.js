// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { dropdown } = require('../lib/triggers');

module.exports = {
  key: 'companies',
  noun: 'Company',
  display: {
    label: 'Companies',
    description: 'Fills the dropdowns that pick from companies.',
    hidden: true,
  },
  operation: {
    ...dropdown('companies'),
    sample: { id: 'co_19ce2f8f6a3b77c1402f6d33', name: 'Analytical Engines Ltd' },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
};
