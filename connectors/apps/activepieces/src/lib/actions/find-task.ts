// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { find, findOrPerform } from '../gateway';
import { findBy, moreFields, one, several } from '../props';

export const findTask = createAction({
  name: 'find_task',
  auth: kitchenAuth,
  displayName: 'Find a Task',
  description:
    'Finds a task of a board by part of its title, by who has to do with it, by its labels, its times or its custom fields.',
  props: {
    board: one('boards', { displayName: 'Board', required: true }),
    status: Property.StaticDropdown({
      displayName: 'Status',
      required: false,
      options: {
        options: [{ label: 'Open', value: 'open' }, { label: 'Completed', value: 'completed' }],
      },
    }),
    completed: Property.Checkbox({ displayName: 'Completed', required: false }),
    title: Property.ShortText({ displayName: 'Title', required: false }),
    repeating: Property.Checkbox({ displayName: 'Repeating', required: false }),
    members: several('members', { displayName: 'Members', required: false }),
    lists: several('lists', { displayName: 'Lists', required: false }, ['board']),
    labels: several('labels', { displayName: 'Labels', required: false }, ['board']),
    start_at: Property.ShortText({ displayName: 'Start At', required: false }),
    due_at: Property.ShortText({ displayName: 'Due At', required: false }),
  },
  run: ({ auth, propsValue }) => find(auth.props, 'find-task', propsValue),
});

export const findOrCreateTask = createAction({
  name: 'find_or_create_task',
  auth: kitchenAuth,
  displayName: 'Find or Create a Task',
  description:
    'Finds a task of a board by part of its title, by who has to do with it, by its labels, its times or its custom fields. Makes one if there is none.',
  props: {
    find_by: findBy([
      { label: 'Title', value: 'title' },
      { label: 'Members', value: 'members' },
      { label: 'Labels', value: 'labels' },
      { label: 'Start At', value: 'start_at' },
      { label: 'Due At', value: 'due_at' },
    ]),
    board: one('boards', { displayName: 'Board', required: true }),
    list: one('lists', { displayName: 'List', required: true }, ['board']),
    title: Property.ShortText({ displayName: 'Title', required: true }),
    description: Property.LongText({ displayName: 'Description', required: false }),
    assignee: one('members', { displayName: 'Assignee', required: false }),
    members: several('members', { displayName: 'Members', required: false }),
    labels: several('labels', { displayName: 'Labels', required: false }, ['board']),
    start_at: Property.DateTime({ displayName: 'Start At', required: false }),
    due_at: Property.DateTime({ displayName: 'Due At', required: false }),
    due_reminder: Property.Number({ displayName: 'Due Reminder', required: false }),
    remaining_minutes_estimate: Property.Number({
      displayName: 'Remaining Minutes Estimate',
      required: false,
    }),
    parent: one('tasks', { displayName: 'Parent', description: 'What it shall lie in. Left empty: the top level.', required: false }, [
      'board',
    ]),
    more_fields: moreFields('create-task', ['board']),
  },
  run: ({ auth, propsValue }) => findOrPerform(auth.props, propsValue, {
    search: 'find-task',
    action: 'create-task',
    within: ['board'],
  }),
});
