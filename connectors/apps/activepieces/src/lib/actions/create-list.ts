// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const createList = createAction({
  name: 'create_list',
  auth: kitchenAuth,
  displayName: 'Create a List',
  description: 'Adds a list to a board.',
  props: {
    board: one('boards', { displayName: 'Board', required: true }),
    title: Property.ShortText({ displayName: 'Title', required: true }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'create-list', propsValue),
});
