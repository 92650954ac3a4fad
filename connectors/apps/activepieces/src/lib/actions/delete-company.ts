// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const deleteCompany = createAction({
  name: 'delete_company',
  auth: kitchenAuth,
  displayName: 'Delete a Company',
  description: 'Deletes a company; its clients stay.',
  props: { company: one('companies', { displayName: 'Company', required: true }) },
  run: ({ auth, propsValue }) => perform(auth.props, 'delete-company', propsValue),
});
