// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const deleteLabel = createAction({
  name: 'delete_label',
  auth: kitchenAuth,
  displayName: 'Delete a Label',
  description: 'Deletes a label, and takes it off all tasks.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    label: one('labels', { displayName: 'Label', required: true }, ['board']),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'delete-label', propsValue),
});
