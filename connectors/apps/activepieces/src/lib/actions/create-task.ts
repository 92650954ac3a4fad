// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { moreFields, one, several } from '../props';

export const createTask = createAction({
  name: 'create_task',
  auth: kitchenAuth,
  displayName: 'Create a Task',
  description: 'Adds a task to a list of a board.',
  props: {
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
  run: ({ auth, propsValue }) => perform(auth.props, 'create-task', propsValue),
});
