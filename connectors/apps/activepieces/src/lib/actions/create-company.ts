// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';

export const createCompany = createAction({
  name: 'create_company',
  auth: kitchenAuth,
  displayName: 'Create a Company',
  description: 'Adds a company.',
  props: {
    name: Property.ShortText({ displayName: 'Name', required: true }),
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
  run: ({ auth, propsValue }) => perform(auth.props, 'create-company', propsValue),
});
