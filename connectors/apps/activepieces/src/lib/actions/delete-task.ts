// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const deleteTask = createAction({
  name: 'delete_task',
  auth: kitchenAuth,
  displayName: 'Delete a Task',
  description: 'Deletes a task.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'delete-task', propsValue),
});
