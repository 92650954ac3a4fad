// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const moveFolder = createAction({
  name: 'move_folder',
  auth: kitchenAuth,
  displayName: 'Move a Folder',
  description: 'Moves a folder into another one, or to the top level.',
  props: {
    folder: one('folders', { displayName: 'Folder', required: true }),
    parent: one('folders', {
      displayName: 'Parent',
      description: 'The folder it shall lie in. Left empty: the top level.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'move-folder', propsValue),
});
