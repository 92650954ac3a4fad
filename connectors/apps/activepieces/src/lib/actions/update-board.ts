// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const updateBoard = createAction({
  name: 'update_board',
  auth: kitchenAuth,
  displayName: 'Update a Board',
  description: 'Changes a board. What is left empty stays as it is.',
  props: {
    board: one('boards', { displayName: 'Board', required: true }),
    title: Property.ShortText({ displayName: 'Title', required: false }),
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
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'update-board', propsValue),
});
