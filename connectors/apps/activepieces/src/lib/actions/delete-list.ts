// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const deleteList = createAction({
  name: 'delete_list',
  auth: kitchenAuth,
  displayName: 'Delete a List',
  description: 'Deletes a list with the tasks in it.',
  props: {
    board: one('boards', { displayName: 'Board', required: false }),
    list: one('lists', { displayName: 'List', required: true }, ['board']),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'delete-list', propsValue),
});
