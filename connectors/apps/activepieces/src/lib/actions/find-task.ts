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
      description: 'Open or completed ones. Left empty: both.',
      required: false,
      options: {
        options: [{ label: 'Open', value: 'open' }, { label: 'Completed', value: 'completed' }],
      },
    }),
    completed: Property.StaticDropdown({
      displayName: 'Completed',
      description: 'Yes for completed ones, no for open ones: another word for Status.',
      required: false,
      options: { options: [{ label: 'Yes', value: true }, { label: 'No', value: false }] },
    }),
    title: Property.ShortText({
      displayName: 'Title',
      description: 'A part of it is enough; capitals do not matter.',
      required: false,
    }),
    members: several('members', {
      displayName: 'Members',
      description: 'Those with any of these members.',
      required: false,
    }),
    lists: several('lists', { displayName: 'Lists', description: 'Those on any of these lists.', required: false }, [
      'board',
    ]),
    labels: several('labels', { displayName: 'Labels', description: 'Those with any of these labels.', required: false }, [
      'board',
    ]),
    start_at: Property.ShortText({
      displayName: 'Start At',
      description:
        '2026-03-12T14:00:00Z for that second, >=2026-03-12T14:00:00Z for that or later, <=2026-03-12T14:00:00Z for that or earlier. An offset such as +02:00 may stand in place of the Z.',
      required: false,
    }),
    due_at: Property.ShortText({
      displayName: 'Due At',
      description:
        '2026-03-12T14:00:00Z for that second, >=2026-03-12T14:00:00Z for that or later, <=2026-03-12T14:00:00Z for that or earlier. An offset such as +02:00 may stand in place of the Z.',
      required: false,
    }),
    more_fields: moreFields('searches/find-task', ['board']),
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
    assignee: one('members', {
      displayName: 'Assignee',
      description: 'Who is to do it.',
      required: false,
    }),
    members: several('members', {
      displayName: 'Members',
      description: 'Who else has to do with it.',
      required: false,
    }),
    labels: several('labels', { displayName: 'Labels', description: 'What it is marked with.', required: false }, [
      'board',
    ]),
    start_at: Property.DateTime({
      displayName: 'Start At',
      description:
        'When it is to be begun: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without one it is the time in UTC.',
      required: false,
    }),
    due_at: Property.DateTime({
      displayName: 'Due At',
      description:
        'When it is to be done: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without one it is the time in UTC.',
      required: false,
    }),
    due_reminder: Property.Number({
      displayName: 'Due Reminder',
      description:
        'How many minutes before it is due it is to be called to mind; it needs a Due At.',
      required: false,
    }),
    remaining_minutes_estimate: Property.Number({
      displayName: 'Remaining Minutes Estimate',
      description: 'How many more minutes it will take.',
      required: false,
    }),
    parent: one('tasks', { displayName: 'Parent', description: 'The task of the same board that this one is a part of.', required: false }, [
      'board',
    ]),
    more_fields: moreFields('actions/create-task', ['board']),
  },
  run: ({ auth, propsValue }) => findOrPerform(auth.props, propsValue, {
    search: 'find-task',
    action: 'create-task',
    within: ['board'],
  }),
});
