// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const updateCompany = createAction({
  name: 'update_company',
  auth: kitchenAuth,
  displayName: 'Update a Company',
  description: 'Changes a company. What is left empty stays as it is.',
  props: {
    company: one('companies', { displayName: 'Company', required: true }),
    name: Property.ShortText({ displayName: 'Name', required: false }),
    initials: Property.ShortText({
      displayName: 'Initials',
      description: 'What its picture shows; up to 8 characters.',
      required: false,
    }),
    website: Property.ShortText({
      displayName: 'Website',
      description: 'An address, such as https://example.com.',
      required: false,
    }),
    email: Property.ShortText({
      displayName: 'Email',
      description: 'An email address, such as ada@example.com.',
      required: false,
    }),
    phone_number: Property.ShortText({ displayName: 'Phone Number', required: false }),
    address: Property.LongText({ displayName: 'Address', required: false }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'update-company', propsValue),
});
