// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const updateLabel = createAction({
  name: 'update_label',
  auth: kitchenAuth,
  displayName: 'Update a Label',
  description: 'Changes a label of a board. What is left empty stays as it is.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    label: one('labels', { displayName: 'Label', required: true }, ['board']),
    hex_color: Property.Color({
      displayName: 'Color',
      description: 'A # and six hex digits, such as #ff8800.',
      required: false,
    }),
    title: Property.ShortText({ displayName: 'Title', required: false }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'update-label', propsValue),
});
