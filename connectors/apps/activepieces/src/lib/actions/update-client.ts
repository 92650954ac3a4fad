// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const updateClient = createAction({
  name: 'update_client',
  auth: kitchenAuth,
  displayName: 'Update a Client',
  description: 'Changes a client. What is left empty stays as it is.',
  props: {
    client: one('clients', { displayName: 'Client', required: true }),
    name: Property.ShortText({ displayName: 'Name', required: false }),
    email: Property.ShortText({
      displayName: 'Email',
      description: 'An email address, such as ada@example.com.',
      required: false,
    }),
    username: Property.ShortText({
      displayName: 'Username',
      description: 'The name others mention them by.',
      required: false,
    }),
    title: Property.ShortText({ displayName: 'Title', required: false }),
    phone: Property.ShortText({ displayName: 'Phone Number', required: false }),
    language: Property.ShortText({
      displayName: 'Language',
      description: 'A language tag, such as en or pt-BR.',
      required: false,
    }),
    timezone: Property.ShortText({
      displayName: 'Time Zone',
      description: 'A time zone, such as Europe/Berlin.',
      required: false,
    }),
    color: Property.Color({
      displayName: 'Color',
      description: 'A # and six hex digits, such as #ff8800.',
      required: false,
    }),
    company: one('companies', {
      displayName: 'Company',
      description: 'The company they belong to.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'update-client', propsValue),
});
