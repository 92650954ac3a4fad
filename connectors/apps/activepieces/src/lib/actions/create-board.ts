// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const createBoard = createAction({
  name: 'create_board',
  auth: kitchenAuth,
  displayName: 'Create a Board',
  description: 'Makes a board.',
  props: {
    title: Property.ShortText({ displayName: 'Title', required: true }),
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
      description: 'What people given access to the board may do on it.',
      required: false,
      options: {
        options: [
          { label: 'Board Admin', value: 'board_admin' },
          { label: 'Board Manager', value: 'board_manager' },
          { label: 'Board Editor', value: 'board_editor' },
          { label: 'Board Full Creator', value: 'board_full_creator' },
          { label: 'Board Creator', value: 'board_creator' },
          { label: 'Board Commenter', value: 'board_commenter' },
          { label: 'Board Viewer', value: 'board_viewer' },
        ],
      },
    }),
    folder: one('folders', {
      displayName: 'Folder',
      description: 'The folder it shall lie in. Left empty: the top level.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'create-board', propsValue),
});
