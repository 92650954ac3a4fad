// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { moreFields, one, several } from '../props';

export const updateTask = createAction({
  name: 'update_task',
  auth: kitchenAuth,
  displayName: 'Update a Task',
  description: 'Changes a task. What is left empty stays as it is.',
  props: {
    board: one('boards', { displayName: 'Board', required: false }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
    title: Property.ShortText({ displayName: 'Title', required: false }),
    description: Property.LongText({ displayName: 'Description', required: false }),
    assignee: one('members', { displayName: 'Assignee', required: false }),
    members: several('members', { displayName: 'Members', required: false }),
    labels: several('labels', { displayName: 'Labels', required: false }, ['board']),
    completed: Property.Checkbox({ displayName: 'Completed', required: false }),
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
    more_fields: moreFields('update-task', ['board']),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'update-task', propsValue),
});
