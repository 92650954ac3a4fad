// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const archiveBoard = createAction({
  name: 'archive_board',
  auth: kitchenAuth,
  displayName: 'Archive a Board',
  description: 'Puts a board out of sight.',
  props: { board: one('boards', { displayName: 'Board', required: true }) },
  run: ({ auth, propsValue }) => perform(auth.props, 'archive-board', propsValue),
});
