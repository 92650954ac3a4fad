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
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    list: one('lists', { displayName: 'List', required: true }, ['board']),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'delete-list', propsValue),
});
