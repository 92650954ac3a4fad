// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const moveTask = createAction({
  name: 'move_task',
  auth: kitchenAuth,
  displayName: 'Move a Task',
  description:
    'Moves a task to another list, perhaps of another board, or to another place on its list.',
  props: {
    board: one('boards', { displayName: 'Board', required: false }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
    list: one('lists', { displayName: 'List', required: false }, ['board']),
    position: Property.ShortText({ displayName: 'Position', required: false }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'move-task', propsValue),
});
