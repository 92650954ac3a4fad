// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { find, findOrPerform } from '../gateway';
import { findBy, one } from '../props';

export const findBoard = createAction({
  name: 'find_board',
  auth: kitchenAuth,
  displayName: 'Find a Board',
  description: 'Finds a board by part of its title.',
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
    title: Property.ShortText({
      displayName: 'Title',
      description: 'A part of it is enough; capitals do not matter.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => find(auth.props, 'find-board', propsValue),
});

export const findOrCreateBoard = createAction({
  name: 'find_or_create_board',
  auth: kitchenAuth,
  displayName: 'Find or Create a Board',
  description: 'Finds a board by part of its title. Makes one if there is none.',
  props: {
    find_by: findBy([{ label: 'Title', value: 'title' }]),
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
  run: ({ auth, propsValue }) => findOrPerform(auth.props, propsValue, {
    search: 'find-board',
    action: 'create-board',
    within: [],
  }),
});
