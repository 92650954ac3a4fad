// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const deleteFolder = createAction({
  name: 'delete_folder',
  auth: kitchenAuth,
  displayName: 'Delete a Folder',
  description: 'Deletes a folder with all that lies in it.',
  props: {
    folder: one('folders', { displayName: 'Folder', required: true }),
    callback_url: Property.ShortText({
      displayName: 'Callback URL',
      description: 'Where the result is posted once it is there.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'delete-folder', propsValue),
});
