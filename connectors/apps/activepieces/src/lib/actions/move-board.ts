// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const moveBoard = createAction({
  name: 'move_board',
  auth: kitchenAuth,
  displayName: 'Move a Board',
  description: 'Moves a board into a folder, or to the top level.',
  props: {
    board: one('boards', { displayName: 'Board', required: true }),
    parent: one('folders', {
      displayName: 'Parent',
      description: 'The folder it shall lie in. Left empty: the top level.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'move-board', propsValue),
});
