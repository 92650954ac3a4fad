// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const deleteClient = createAction({
  name: 'delete_client',
  auth: kitchenAuth,
  displayName: 'Delete a Client',
  description: 'Removes a client from the portal.',
  props: { client: one('clients', { displayName: 'Client', required: true }) },
  run: ({ auth, propsValue }) => perform(auth.props, 'delete-client', propsValue),
});
