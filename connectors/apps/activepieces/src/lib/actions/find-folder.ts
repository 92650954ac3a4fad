// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { find, findOrPerform } from '../gateway';
import { findBy, one } from '../props';

export const findFolder = createAction({
  name: 'find_folder',
  auth: kitchenAuth,
  displayName: 'Find a Folder',
  description: 'Finds a folder by part of its name.',
  props: {
    state: Property.StaticDropdown({
      displayName: 'State',
      description: 'Active ones, archived ones, or all. Left empty: active.',
      required: false,
      options: {
        options: [
          { label: 'All', value: 'all' },
          { label: 'Active', value: 'active' },
          { label: 'Archived', value: 'archived' },
        ],
      },
    }),
    name: Property.ShortText({
      displayName: 'Name',
      description: 'A part of it is enough; capitals do not matter.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => find(auth.props, 'find-folder', propsValue),
});

export const findOrCreateFolder = createAction({
  name: 'find_or_create_folder',
  auth: kitchenAuth,
  displayName: 'Find or Create a Folder',
  description: 'Finds a folder by part of its name. Makes one if there is none.',
  props: {
    find_by: findBy([{ label: 'Name', value: 'name' }]),
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
  run: ({ auth, propsValue }) => findOrPerform(auth.props, propsValue, {
    search: 'find-folder',
    action: 'create-folder',
    within: [],
  }),
});
