'use strict';

// Fills in the form of an operation as a person would: ids from lists, one of the options, and words elsewhere. So what is added to the
// catalogue is tried out without another line here.

const { fill, kitchen } = require('./context');

let count = 0;
const unique = () => `Test ${process.pid} ${(count += 1)}`;

/** The operations of the node, each with its resource and with its fields as n8n shows them. */
const operations = () => {
  const { properties } = kitchen.description;
  const choices = properties.filter(({ name }) => name === 'operation');
  return choices.flatMap(({ options, displayOptions }) =>
    options.map(({ value }) => ({
      resource: displayOptions.show.resource[0],
      operation: value,
      fields: properties.filter((field) => field.displayOptions?.show.operation?.includes(value)),
    })),
  );
};

/** What there is to pick for a field: what was made here comes first, the newest before the others, and last what is in the form already. */
const choices = async (field, form) => {
  const method = field.modes[0].typeOptions.searchListMethod;
  const { results } = await fill(kitchen, 'listSearch', method, form);
  const taken = Object.values(form).map((value) => value?.value);
  const isTaken = ({ value }) => taken.includes(value);
  const free = results.filter((choice) => !isTaken(choice)).reverse();
  const ours = ({ name }) => name.startsWith('Test');
  return [...free.filter(ours), ...free.filter((choice) => !ours(choice)), ...results.filter(isTaken)];
};

const dependsOn = (field, name) => field.typeOptions?.loadOptionsDependsOn?.includes(`${name}.value`);

/** An id from a list: one that leaves something to pick for the fields that depend on it. */
const picked = async (field, form, fields) => {
  const dependent = fields.filter((one) => one.modes && dependsOn(one, field.name));
  for (const { name, value } of await choices(field, form)) {
    const id = { __rl: true, mode: 'list', value, cachedResultName: name };
    const next = await Promise.all(dependent.map((one) => choices(one, { ...form, [field.name]: id })));
    if (next.every((one) => one.length > 0)) {
      return id;
    }
  }
  throw new Error(`nothing to pick for ${field.name} of ${form.operation}`);
};

const valueOf = (field, form, fields) => {
  switch (field.type) {
    case 'resourceLocator':
      return picked(field, form, fields);
    case 'options':
      return field.options[0].value;
    case 'number':
      return Math.max(1, field.typeOptions.minValue);
    case 'color':
      return '#ff8800';
    case 'dateTime':
      return '2026-03-12T15:00:00';
    default:
      return field.name === 'email' ? `test-${process.pid}-${(count += 1)}@example.com` : unique();
  }
};

/** Everything that must be filled in, and what lists depend on; `given` is filled in already. */
const filled = async ({ resource, operation, fields }, given = {}) => {
  const form = { resource, operation, ...given };
  for (const field of fields) {
    const { name, type, required } = field;
    const isNeeded = required || fields.some((one) => dependsOn(one, name));
    if (name === 'findBy') {
      form.findBy = field.default;
    } else if (!(name in form) && isNeeded && type !== 'collection') {
      form[name] = await valueOf(field, form, fields);
    }
  }
  return form;
};

module.exports = { operations, filled, unique, valueOf };
