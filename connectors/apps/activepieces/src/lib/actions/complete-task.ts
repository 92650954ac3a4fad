// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const completeTask = createAction({
  name: 'complete_task',
  auth: kitchenAuth,
  displayName: 'Complete a Task',
  description: 'Marks a task as done.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'complete-task', propsValue),
});
