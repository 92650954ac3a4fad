// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const removeTaskLabel = createAction({
  name: 'remove_task_label',
  auth: kitchenAuth,
  displayName: 'Remove a Label from a Task',
  description: 'Takes a label off a task.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
    label: one('labels', { displayName: 'Label', required: true }, ['board']),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'remove-task-label', propsValue),
});
