// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const updateFolder = createAction({
  name: 'update_folder',
  auth: kitchenAuth,
  displayName: 'Update a Folder',
  description: 'Changes a folder. What is left empty stays as it is.',
  props: {
    folder: one('folders', { displayName: 'Folder', required: true }),
    name: Property.ShortText({ displayName: 'Name', required: false }),
    description: Property.LongText({ displayName: 'Description', required: false }),
    visibility: Property.StaticDropdown({
      displayName: 'Visibility',
      description:
        'Private: only people given access. Internal: the team. Shared: may include clients.',
      required: false,
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
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'update-folder', propsValue),
});
