// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const removeMember = createAction({
  name: 'remove_member',
  auth: kitchenAuth,
  displayName: 'Remove a Member',
  description: 'Removes a member from the team.',
  props: { member: one('members', { displayName: 'Member', required: true }) },
  run: ({ auth, propsValue }) => perform(auth.props, 'remove-member', propsValue),
});
