// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const archiveFolder = createAction({
  name: 'archive_folder',
  auth: kitchenAuth,
  displayName: 'Archive a Folder',
  description: 'Puts a folder out of sight.',
  props: { folder: one('folders', { displayName: 'Folder', required: true }) },
  run: ({ auth, propsValue }) => perform(auth.props, 'archive-folder', propsValue),
});
