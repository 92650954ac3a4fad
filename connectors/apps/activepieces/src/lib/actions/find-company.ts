// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { find, findOrPerform } from '../gateway';
import { findBy, one } from '../props';

export const findCompany = createAction({
  name: 'find_company',
  auth: kitchenAuth,
  displayName: 'Find a Company',
  description: 'Finds a company by part of its name.',
  props: {
    name: Property.ShortText({
      displayName: 'Name',
      description: 'A part of it is enough; capitals do not matter.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => find(auth.props, 'find-company', propsValue),
});

export const findOrCreateCompany = createAction({
  name: 'find_or_create_company',
  auth: kitchenAuth,
  displayName: 'Find or Create a Company',
  description: 'Finds a company by part of its name. Makes one if there is none.',
  props: {
    find_by: findBy([{ label: 'Name', value: 'name' }]),
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
  run: ({ auth, propsValue }) => findOrPerform(auth.props, propsValue, {
    search: 'find-company',
    action: 'create-company',
    within: [],
  }),
});
