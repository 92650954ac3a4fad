// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const createClient = createAction({
  name: 'create_client',
  auth: kitchenAuth,
  displayName: 'Create a Client',
  description: 'Adds a client, and invites them if you like.',
  props: {
    name: Property.ShortText({ displayName: 'Name', required: true }),
    email: Property.ShortText({
      displayName: 'Email',
      description: 'An email address, such as ada@example.com.',
      required: true,
    }),
    username: Property.ShortText({
      displayName: 'Username',
      description:
        'The name others mention them by. Left empty: the part of the email address before the @.',
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
    password: Property.ShortText({
      displayName: 'Password',
      description:
        'What they sign in with. Left empty: they choose it themselves once they are invited.',
      required: false,
    }),
    notification: Property.ShortText({
      displayName: 'Invitation',
      description:
        'Yes to invite them by email, or the words to invite them with. Left empty: they are not told that they were added.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'create-client', propsValue),
});
