// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const createFolder = createAction({
  name: 'create_folder',
  auth: kitchenAuth,
  displayName: 'Create a Folder',
  description: 'Makes a folder.',
  props: {
    name: Property.ShortText({ displayName: 'Name', required: true }),
    description: Property.LongText({ displayName: 'Description', required: false }),
    visibility: Property.StaticDropdown({
      displayName: 'Visibility',
      description:
        'Private: only people given access. Internal: the team. Shared: may include clients.',
      required: true,
      options: {
        options: [
          { label: 'Private', value: 'private' },
          { label: 'Internal', value: 'internal' },
          { label: 'Shared', value: 'shared' },
        ],
      },
    }),
    role: Property.StaticDropdown({
      displayName: 'Role',
      description: 'What people given access to the folder may do in it.',
      required: false,
      options: {
        options: [
          { label: 'Folder Admin', value: 'folder_admin' },
          { label: 'Folder Manager', value: 'folder_manager' },
          { label: 'Folder Creator', value: 'folder_creator' },
          { label: 'Folder Commenter', value: 'folder_commenter' },
          { label: 'Folder Uploader', value: 'folder_uploader' },
          { label: 'Folder Viewer', value: 'folder_viewer' },
        ],
      },
    }),
    folder: one('folders', {
      displayName: 'Folder',
      description: 'The folder it shall lie in. Left empty: the top level.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'create-folder', propsValue),
});
