// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const deleteBoard = createAction({
  name: 'delete_board',
  auth: kitchenAuth,
  displayName: 'Delete a Board',
  description: 'Deletes a board with all that is on it.',
  props: { board: one('boards', { displayName: 'Board', required: true }) },
  run: ({ auth, propsValue }) => perform(auth.props, 'delete-board', propsValue),
});
