// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const updateList = createAction({
  name: 'update_list',
  auth: kitchenAuth,
  displayName: 'Update a List',
  description: 'Changes a list of a board.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    list: one('lists', { displayName: 'List', required: true }, ['board']),
    title: Property.ShortText({ displayName: 'Title', required: false }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'update-list', propsValue),
});
