// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';

export const inviteMember = createAction({
  name: 'invite_member',
  auth: kitchenAuth,
  displayName: 'Invite a Member',
  description: 'Invites somebody to the team by email.',
  props: {
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
  run: ({ auth, propsValue }) => perform(auth.props, 'invite-member', propsValue),
});
