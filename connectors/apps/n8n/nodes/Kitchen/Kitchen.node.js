'use strict';

const { tryToParseDateTime } = require('n8n-workflow');
const { CREDENTIALS, request, plain, picked, listSearch, loadOptions, methodsOf } = require('./gateway');
const lookups = require('./lookups');
const resources = require('./resources');

/** The fields of every operation, each shown where it belongs. */
const propertiesOf = ({ value: resource, operations }) => [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { resource: [resource] } },
    options: operations.map(({ value, name, action, description }) => ({ value, name, action, description })),
    default: operations[0].value,
  },
  ...operations.flatMap(({ value, fields }) =>
    fields.map((field) => ({
      ...field,
      displayOptions: { show: { resource: [resource], operation: [value] } },
    })),
  ),
];

/** A time without an offset is one of the workflow's time zone. What is no time the gateway refuses, and says so of the field. */
const moment = (context, value) => {
  try {
    return tryToParseDateTime(value, context.getTimezone()).toUTC().toISO();
  } catch {
    return value;
  }
};

const object = (value) => {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return value;
  }
};

/** A value as the gateway reads it. */
const sent = (context, type, value) => {
  if (value === '' || value === null || value === undefined) {
    return undefined;
  }
  if (type === 'dateTime') {
    return moment(context, value);
  }
  return type === 'json' ? object(value) : plain(value);
};

/** Everything that was filled in, by the names the gateway knows. */
const inputsOf = (context, fields, itemIndex) => {
  const inputs = {};
  for (const { name, type, default: unset, options } of fields) {
    const value = context.getNodeParameter(name, itemIndex, unset);
    if (type === 'collection') {
      const given = options.filter((option) => option.name in value);
      given.forEach((option) => (inputs[option.name] = sent(context, option.type, value[option.name])));
    } else if (type === 'resourceMapper') {
      const typeOf = Object.fromEntries((value.schema ?? []).map((field) => [field.id, field.type]));
      Object.entries(value.value ?? {}).forEach(([id, inner]) => (inputs[id] = sent(context, typeOf[id], inner)));
    } else if (name !== 'findBy') {
      inputs[name] = sent(context, type, value);
    }
  }
  return inputs;
};

const only = (names, inputs) => Object.fromEntries(names.map((name) => [name, inputs[name]]));

/** Does the operation for one item: looks, and acts unless something was found. */
const run = async (context, itemIndex) => {
  const chosen = context.getNodeParameter('operation', itemIndex);
  const operation = resources.flatMap(({ operations }) => operations).find(({ value }) => value === chosen);
  const { search, within = [], perform, fields } = operation;
  const inputs = inputsOf(context, fields, itemIndex);
  if (search) {
    const names = perform ? [...within, ...context.getNodeParameter('findBy', itemIndex)] : Object.keys(inputs);
    const query = only(names, inputs);
    const found = await request(context, 'GET', `searches/${search}`, { query, itemIndex });
    if (!perform) {
      return found;
    }
    if (found.length > 0) {
      return found.slice(0, 1);
    }
  }
  return [await request(context, 'POST', `actions/${perform}`, { body: inputs, itemIndex })];
};

/** n8n's word for each type of a field that exists only for what was picked. */
const MAPPED_TYPES = { integer: 'number', number: 'number', boolean: 'boolean', datetime: 'dateTime', object: 'object' };

async function moreFields() {
  const chosen = this.getCurrentNodeParameter('operation');
  const { search, perform } = resources.flatMap(({ operations }) => operations).find(({ value }) => value === chosen);
  const of = perform ? `actions/${perform}` : `searches/${search}`;
  const all = await request(this, 'GET', `${of}/fields`, { query: picked(this) });
  const fields = all.filter(({ key }) => key.startsWith('cf_'));
  return {
    fields: fields.map(({ key, label, type, required, choices }) => ({
      id: key,
      displayName: label,
      required,
      display: true,
      defaultMatch: false,
      type: choices ? 'options' : (MAPPED_TYPES[type] ?? 'string'),
      options: choices?.map((choice) => ({ name: choice, value: choice })),
    })),
  };
}

class Kitchen {
  constructor() {
    this.description = {
      displayName: 'Kitchen',
      name: 'kitchen',
      icon: 'file:kitchen.svg',
      group: ['transform'],
      version: 1,
      subtitle: '={{ $parameter["operation"].replaceAll("-", " ") }}',
      description: 'Clients, companies, boards and everything else in a Kitchen workspace',
      defaults: { name: 'Kitchen' },
      inputs: ['main'],
      outputs: ['main'],
      usableAsTool: true,
      credentials: [{ name: CREDENTIALS, required: true }],
      properties: [
        {
          displayName: 'Resource',
          name: 'resource',
          type: 'options',
          noDataExpression: true,
          options: resources.map(({ name, value }) => ({ name, value })),
          default: resources[0].value,
        },
        ...resources.flatMap(propertiesOf),
      ],
    };
    this.methods = {
      listSearch: methodsOf(lookups, listSearch),
      loadOptions: methodsOf(lookups, loadOptions),
      resourceMapping: { moreFields },
    };
  }

  async execute() {
    const done = [];
    for (const itemIndex of this.getInputData().keys()) {
      const pairedItem = { item: itemIndex };
      try {
        const results = await run(this, itemIndex);
        done.push(...results.map((json) => ({ json, pairedItem })));
      } catch (error) {
        if (!this.continueOnFail()) {
          throw error;
        }
        done.push({ json: { error: error.message }, error, pairedItem });
      }
    }
    return [done];
  }
}

module.exports = { Kitchen };
