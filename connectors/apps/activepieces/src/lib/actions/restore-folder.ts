// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const restoreFolder = createAction({
  name: 'restore_folder',
  auth: kitchenAuth,
  displayName: 'Restore a Folder',
  description: 'Takes a folder out of the archive.',
  props: { folder: one('folders', { displayName: 'Folder', required: true }) },
  run: ({ auth, propsValue }) => perform(auth.props, 'restore-folder', propsValue),
});
