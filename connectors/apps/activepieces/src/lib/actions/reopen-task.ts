// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const reopenTask = createAction({
  name: 'reopen_task',
  auth: kitchenAuth,
  displayName: 'Reopen a Task',
  description: 'Marks a task as not done.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'reopen-task', propsValue),
});
