// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const restoreBoard = createAction({
  name: 'restore_board',
  auth: kitchenAuth,
  displayName: 'Restore a Board',
  description: 'Takes a board out of the archive.',
  props: { board: one('boards', { displayName: 'Board', required: true }) },
  run: ({ auth, propsValue }) => perform(auth.props, 'restore-board', propsValue),
});
