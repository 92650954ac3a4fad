'use strict';

// Fills in the form of an action or a search as a person would: ids from dropdowns, one of the choices, and words elsewhere.
// So what is added to the catalogue is tried out without another line here.

const { App, run } = require('./app');

let count = 0;
const unique = () => `Test ${process.pid} ${(count += 1)}`;

// Words that no type tells of.
const words = {
  email: () => `test-${process.pid}-${(count += 1)}@example.com`,
  hex_color: () => '#ff8800',
};

/** When something of this name was made here; before everything else if it was not. */
const made = (choice) => Number(choice.name.split(`Test ${process.pid} `)[1] || 0);

/** An id from the dropdown of a field: of what was made last, and no id twice in one form. */
const picked = async (field, input) => {
  const [trigger] = field.dynamic.split('.');
  const { operation } = App.triggers[trigger];
  const choices = await run(operation.perform, { inputData: input, meta: { page: 0, isFillingDynamicDropdown: true } });
  const taken = Object.values(input);
  const free = choices.filter((choice) => !taken.includes(choice.id)).sort((one, other) => made(one) - made(other));
  if (free.length === 0) {
    throw new Error(`nothing to pick for ${field.key} from ${trigger}`);
  }
  return free.at(-1).id;
};

const valueOf = async (field, input) => {
  if (field.dynamic) {
    const id = await picked(field, input);
    return field.list ? [id] : id;
  }
  if (field.choices) {
    return field.choices[0];
  }
  const by = { integer: () => 1, boolean: () => true, datetime: () => new Date().toISOString() };
  const value = (words[field.key] || by[field.type] || unique)();
  return field.list ? [value] : value;
};

/** Everything that must be filled in, and of the rest what `alsoFill` picks; `given` is filled in already. */
const filled = async (operation, { given = {}, alsoFill = () => false } = {}) => {
  const input = { ...given };
  for (const field of (operation.inputFields || []).filter((one) => typeof one === 'object')) {
    // A dropdown needs what stands before it, whether the action needs that or not.
    const isNeeded = field.required || (field.dynamic && isNeededByDropdown(operation, field.key));
    if (!(field.key in input) && (isNeeded || alsoFill(field))) {
      input[field.key] = await valueOf(field, input);
    }
  }
  return input;
};

/** Whether the dropdown of another field that must be filled in asks for this one. */
const isNeededByDropdown = (operation, key) =>
  operation.inputFields.some((field) => {
    const trigger = field.required && field.dynamic && App.triggers[field.dynamic.split('.')[0]];
    return trigger && (trigger.operation.inputFields || []).some((one) => one.key === key);
  });

module.exports = { filled, unique };
