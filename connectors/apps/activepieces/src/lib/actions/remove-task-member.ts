// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const removeTaskMember = createAction({
  name: 'remove_task_member',
  auth: kitchenAuth,
  displayName: 'Remove a Member from a Task',
  description: 'Takes somebody off a task.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
    user: one('members', { displayName: 'Member', required: true }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'remove-task-member', propsValue),
});
