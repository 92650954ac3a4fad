// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { find, findOrPerform } from '../gateway';
import { findBy, one } from '../props';

export const findList = createAction({
  name: 'find_list',
  auth: kitchenAuth,
  displayName: 'Find a List',
  description: 'Finds a list of a board by part of its title.',
  props: {
    board: one('boards', { displayName: 'Board', required: true }),
    title: Property.ShortText({
      displayName: 'Title',
      description: 'A part of it is enough; capitals do not matter.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => find(auth.props, 'find-list', propsValue),
});

export const findOrCreateList = createAction({
  name: 'find_or_create_list',
  auth: kitchenAuth,
  displayName: 'Find or Create a List',
  description: 'Finds a list of a board by part of its title. Makes one if there is none.',
  props: {
    find_by: findBy([{ label: 'Title', value: 'title' }]),
    board: one('boards', { displayName: 'Board', required: true }),
    title: Property.ShortText({ displayName: 'Title', required: true }),
  },
  run: ({ auth, propsValue }) => findOrPerform(auth.props, propsValue, {
    search: 'find-list',
    action: 'create-list',
    within: ['board'],
  }),
});
