// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const updateMember = createAction({
  name: 'update_member',
  auth: kitchenAuth,
  displayName: "Change a Member's Role",
  description: 'Changes what a member of the team may do.',
  props: {
    member: one('members', { displayName: 'Member', required: true }),
    role: Property.StaticDropdown({
      displayName: 'Role',
      description:
        'What they may do in the workspace. Only a key with the scope `keys` can name admins.',
      required: false,
      options: {
        options: [{ label: 'Member', value: 'member' }, { label: 'Admin', value: 'admin' }],
      },
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'update-member', propsValue),
});
