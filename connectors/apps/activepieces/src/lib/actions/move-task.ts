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
    from_board: one('boards', {
      displayName: 'From Board',
      description: 'The board the task is on now, to pick it from.',
      required: false,
    }),
    task: one('tasks_to_move', { displayName: 'Task', required: true }, ['from_board']),
    board: one('boards', { displayName: 'To Board', required: false }),
    list: one('lists', { displayName: 'To List', required: false }, ['board']),
    position: Property.ShortText({
      displayName: 'Position',
      description:
        'top, bottom, or which place from the top: 3 is the third. Left empty: the bottom.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'move-task', propsValue),
});
