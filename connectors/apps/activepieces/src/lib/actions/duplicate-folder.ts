// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const duplicateFolder = createAction({
  name: 'duplicate_folder',
  auth: kitchenAuth,
  displayName: 'Duplicate a Folder',
  description: 'Copies a folder with all that lies in it.',
  props: {
    folder: one('folders', { displayName: 'Folder', required: true }),
    name: Property.ShortText({
      displayName: 'Name',
      description: 'What the copy is called. Left empty: “Copy of”, and the name of the folder.',
      required: false,
    }),
    parent: one('folders', {
      displayName: 'Parent',
      description: 'The folder the copy shall lie in. Left empty: it lies beside the original.',
      required: false,
    }),
    callback_url: Property.ShortText({
      displayName: 'Callback URL',
      description: 'Where the result is posted once it is there.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'duplicate-folder', propsValue),
});
