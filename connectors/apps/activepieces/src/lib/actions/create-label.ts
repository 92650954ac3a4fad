// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const createLabel = createAction({
  name: 'create_label',
  auth: kitchenAuth,
  displayName: 'Create a Label',
  description: 'Adds a label to a board.',
  props: {
    board: one('boards', { displayName: 'Board', required: true }),
    hex_color: Property.Color({
      displayName: 'Color',
      description: 'A # and six hex digits, such as #ff8800.',
      required: true,
    }),
    title: Property.ShortText({ displayName: 'Title', required: false }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'create-label', propsValue),
});
