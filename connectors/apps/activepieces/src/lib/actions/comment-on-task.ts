// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const commentOnTask = createAction({
  name: 'comment_on_task',
  auth: kitchenAuth,
  displayName: 'Comment on a Task',
  description: 'Adds a comment to a task.',
  props: {
    board: one('boards', { displayName: 'Board', required: false }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
    content: Property.LongText({ displayName: 'Content', required: true }),
    format: Property.StaticDropdown({
      displayName: 'Format',
      required: true,
      options: { options: [{ label: 'Text', value: 'text' }, { label: 'Html', value: 'html' }] },
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'comment-on-task', propsValue),
});
