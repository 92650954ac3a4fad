// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { find, findOrPerform } from '../gateway';
import { findBy, one } from '../props';

export const findMember = createAction({
  name: 'find_member',
  auth: kitchenAuth,
  displayName: 'Find a Member',
  description: 'Finds a member of the team by email address or by part of the name.',
  props: {
    email: Property.ShortText({
      displayName: 'Email',
      description: 'The whole address.',
      required: false,
    }),
    name: Property.ShortText({
      displayName: 'Name',
      description: 'A part of it is enough; capitals do not matter.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => find(auth.props, 'find-member', propsValue),
});

export const findOrInviteMember = createAction({
  name: 'find_or_invite_member',
  auth: kitchenAuth,
  displayName: 'Find or Invite a Member',
  description:
    'Finds a member of the team by email address or by part of the name. Makes one if there is none.',
  props: {
    find_by: findBy([{ label: 'Email', value: 'email' }, { label: 'Name', value: 'name' }]),
    name: Property.ShortText({ displayName: 'Name', required: true }),
    email: Property.ShortText({
      displayName: 'Email',
      description: 'An email address, such as ada@example.com.',
      required: true,
    }),
    role: Property.StaticDropdown({
      displayName: 'Role',
      description:
        'What they may do in the workspace; left empty, what members may. Only a key with the scope `keys` can name admins.',
      required: false,
      options: {
        options: [{ label: 'Member', value: 'member' }, { label: 'Admin', value: 'admin' }],
      },
    }),
  },
  run: ({ auth, propsValue }) => findOrPerform(auth.props, propsValue, {
    search: 'find-member',
    action: 'invite-member',
    within: [],
  }),
});
