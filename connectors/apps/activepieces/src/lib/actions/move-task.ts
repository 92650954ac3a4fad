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
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    task: one('tasks_to_move', { displayName: 'Task', required: true }, ['from_board']),
    board: one('boards', {
      displayName: 'To Board',
      description: 'The board it shall be on. Left empty: the list says it.',
      required: false,
    }),
    list: one('lists', { displayName: 'To List', description: 'The list it shall be on. Left empty: the one it is on.', required: false }, [
      'board',
    ]),
    position: Property.ShortText({
      displayName: 'Position',
      description:
        'top, bottom, or which place from the top: 3 is the third. Left empty: the bottom.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'move-task', propsValue),
});
