// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { find, findOrPerform } from '../gateway';
import { findBy, one } from '../props';

export const findClient = createAction({
  name: 'find_client',
  auth: kitchenAuth,
  displayName: 'Find a Client',
  description: 'Finds a client by email address or by part of the name.',
  props: {
    email: Property.ShortText({
      displayName: 'Email',
      description: 'The whole address.',
      required: false,
    }),
    name: Property.ShortText({
      displayName: 'Name',
      description: 'A part of it is enough; capitals do not matter.',
      required: false,
    }),
  },
  run: ({ auth, propsValue }) => find(auth.props, 'find-client', propsValue),
});

export const findOrCreateClient = createAction({
  name: 'find_or_create_client',
  auth: kitchenAuth,
  displayName: 'Find or Create a Client',
  description:
    'Finds a client by email address or by part of the name. Makes one if there is none.',
  props: {
    find_by: findBy([{ label: 'Email', value: 'email' }, { label: 'Name', value: 'name' }]),
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
  run: ({ auth, propsValue }) => findOrPerform(auth.props, propsValue, {
    search: 'find-client',
    action: 'create-client',
    within: [],
  }),
});
