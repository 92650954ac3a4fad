// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { dropdown } = require('../lib/triggers');

module.exports = {
  key: 'clients',
  noun: 'Client',
  display: {
    label: 'Clients',
    description: 'Fills the dropdowns that pick from clients.',
    hidden: true,
  },
  operation: {
    ...dropdown('clients'),
    sample: { id: 'u_19ce2f8f6a3c1b5520d7e9a1', name: 'Ada Lovelace' },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
    ],
  },
};
