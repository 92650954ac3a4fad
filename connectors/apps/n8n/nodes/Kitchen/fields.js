'use strict';

// What the generated descriptions are made with: the kinds of fields n8n has no single word for.

const lookups = require('./lookups');

/** n8n looks again when one of the fields changes that decide what there is to pick. */
const dependsOn = (key) => {
  const needs = lookups.find((lookup) => lookup.key === key)?.needs ?? [];
  return needs.length > 0 ? { loadOptionsDependsOn: needs.map((name) => `${name}.value`) } : {};
};

/** An id, picked from a list or typed in. */
const one = (lookup, field) => ({
  ...field,
  type: 'resourceLocator',
  default: { mode: 'list', value: '' },
  typeOptions: dependsOn(lookup),
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      typeOptions: { searchListMethod: lookup, searchable: true },
    },
    { displayName: 'By ID', name: 'id', type: 'string' },
  ],
});

/** Several ids, picked from a list. */
const several = (lookup, field) => ({
  ...field,
  type: 'multiOptions',
  default: [],
  typeOptions: { loadOptionsMethod: lookup, ...dependsOn(lookup) },
});

const collection = (name, displayName, options) => ({
  displayName,
  name,
  type: 'collection',
  placeholder: 'Add Field',
  default: {},
  options,
});

/** Fields that may be left out. */
const optional = (fields) => collection('additionalFields', 'Additional Fields', fields);

/** What to look for. */
const criteria = (fields) => collection('filters', 'Filters', fields);

/** The fields that must agree for something to count as found. */
const findBy = (fields) => ({
  displayName: 'Find By',
  name: 'findBy',
  type: 'multiOptions',
  required: true,
  default: [fields[0].value],
  options: fields,
  description: 'The fields below that must agree. If there is nothing with all of them, it is created.',
});

/** The fields that exist only for what was picked before, such as those of a board. */
const moreFields = (decides) => ({
  displayName: 'Custom Fields',
  name: 'customFields',
  type: 'resourceMapper',
  noDataExpression: true,
  default: { mappingMode: 'defineBelow', value: null },
  typeOptions: {
    loadOptionsDependsOn: decides.map((name) => `${name}.value`),
    resourceMapper: {
      resourceMapperMethod: 'moreFields',
      mode: 'add',
      fieldWords: { singular: 'field', plural: 'fields' },
      noFieldsError: 'There are no custom fields.',
      supportAutoMap: false,
    },
  },
});

module.exports = { one, several, optional, criteria, findBy, moreFields };
