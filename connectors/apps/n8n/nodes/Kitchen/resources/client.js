// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one, optional, criteria, findBy } = require('../fields');

module.exports = {
  name: 'Client',
  value: 'client',
  operations: [
    {
      value: 'create-client',
      name: 'Create a Client',
      action: 'Create a client',
      description: 'Adds a client, and invites them if you like',
      perform: 'create-client',
      fields: [
        { displayName: 'Name', name: 'name', type: 'string', default: '', required: true },
        {
          displayName: 'Email',
          name: 'email',
          type: 'string',
          default: '',
          placeholder: 'name@email.com',
          required: true,
          description: 'An email address, such as ada@example.com',
        },
        optional([
          {
            displayName: 'Username',
            name: 'username',
            type: 'string',
            default: '',
            description:
              'The name others mention them by. Left empty: the part of the email address before the @.',
          },
          { displayName: 'Title', name: 'title', type: 'string', default: '' },
          { displayName: 'Phone Number', name: 'phone', type: 'string', default: '' },
          {
            displayName: 'Language',
            name: 'language',
            type: 'string',
            default: '',
            description: 'A language tag, such as en or pt-BR',
          },
          {
            displayName: 'Time Zone',
            name: 'timezone',
            type: 'string',
            default: '',
            description: 'A time zone, such as Europe/Berlin',
          },
          {
            displayName: 'Color',
            name: 'color',
            type: 'color',
            default: '',
            description: 'A # and six hex digits, such as #ff8800',
          },
          one('companies', {
            displayName: 'Company',
            name: 'company',
            description: 'The company they belong to',
          }),
          {
            displayName: 'Password',
            name: 'password',
            type: 'string',
            default: '',
            typeOptions: { password: true },
            description:
              'What they sign in with. Left empty: they choose it themselves once they are invited.',
          },
          {
            displayName: 'Invitation',
            name: 'notification',
            type: 'string',
            default: '',
            description:
              'Yes to invite them by email, or the words to invite them with. Left empty: they are not told that they were added.',
          },
        ]),
      ],
    },
    {
      value: 'update-client',
      name: 'Update a Client',
      action: 'Update a client',
      description: 'Changes a client. What is left empty stays as it is.',
      perform: 'update-client',
      fields: [
        one('clients', { displayName: 'Client', name: 'client', required: true }),
        optional([
          { displayName: 'Name', name: 'name', type: 'string', default: '' },
          {
            displayName: 'Email',
            name: 'email',
            type: 'string',
            default: '',
            placeholder: 'name@email.com',
            description: 'An email address, such as ada@example.com',
          },
          {
            displayName: 'Username',
            name: 'username',
            type: 'string',
            default: '',
            description: 'The name others mention them by',
          },
          { displayName: 'Title', name: 'title', type: 'string', default: '' },
          { displayName: 'Phone Number', name: 'phone', type: 'string', default: '' },
          {
            displayName: 'Language',
            name: 'language',
            type: 'string',
            default: '',
            description: 'A language tag, such as en or pt-BR',
          },
          {
            displayName: 'Time Zone',
            name: 'timezone',
            type: 'string',
            default: '',
            description: 'A time zone, such as Europe/Berlin',
          },
          {
            displayName: 'Color',
            name: 'color',
            type: 'color',
            default: '',
            description: 'A # and six hex digits, such as #ff8800',
          },
          one('companies', {
            displayName: 'Company',
            name: 'company',
            description: 'The company they belong to',
          }),
        ]),
      ],
    },
    {
      value: 'delete-client',
      name: 'Delete a Client',
      action: 'Delete a client',
      description: 'Removes a client from the portal',
      perform: 'delete-client',
      fields: [one('clients', { displayName: 'Client', name: 'client', required: true })],
    },
    {
      value: 'find-client',
      name: 'Find a Client',
      action: 'Find a client',
      description: 'Finds a client by email address or by part of the name',
      search: 'find-client',
      fields: [
        criteria([
          {
            displayName: 'Email',
            name: 'email',
            type: 'string',
            default: '',
            description: 'The whole address',
          },
          {
            displayName: 'Name',
            name: 'name',
            type: 'string',
            default: '',
            description: 'A part of it is enough; capitals do not matter',
          },
        ]),
      ],
    },
    {
      value: 'find-or-create-client',
      name: 'Find or Create a Client',
      action: 'Find or create a client',
      description:
        'Finds a client by email address or by part of the name. Makes one if there is none.',
      search: 'find-client',
      perform: 'create-client',
      fields: [
        findBy([{ name: 'Email', value: 'email' }, { name: 'Name', value: 'name' }]),
        { displayName: 'Name', name: 'name', type: 'string', default: '', required: true },
        {
          displayName: 'Email',
          name: 'email',
          type: 'string',
          default: '',
          placeholder: 'name@email.com',
          required: true,
          description: 'An email address, such as ada@example.com',
        },
        optional([
          {
            displayName: 'Username',
            name: 'username',
            type: 'string',
            default: '',
            description:
              'The name others mention them by. Left empty: the part of the email address before the @.',
          },
          { displayName: 'Title', name: 'title', type: 'string', default: '' },
          { displayName: 'Phone Number', name: 'phone', type: 'string', default: '' },
          {
            displayName: 'Language',
            name: 'language',
            type: 'string',
            default: '',
            description: 'A language tag, such as en or pt-BR',
          },
          {
            displayName: 'Time Zone',
            name: 'timezone',
            type: 'string',
            default: '',
            description: 'A time zone, such as Europe/Berlin',
          },
          {
            displayName: 'Color',
            name: 'color',
            type: 'color',
            default: '',
            description: 'A # and six hex digits, such as #ff8800',
          },
          one('companies', {
            displayName: 'Company',
            name: 'company',
            description: 'The company they belong to',
          }),
          {
            displayName: 'Password',
            name: 'password',
            type: 'string',
            default: '',
            typeOptions: { password: true },
            description:
              'What they sign in with. Left empty: they choose it themselves once they are invited.',
          },
          {
            displayName: 'Invitation',
            name: 'notification',
            type: 'string',
            default: '',
            description:
              'Yes to invite them by email, or the words to invite them with. Left empty: they are not told that they were added.',
          },
        ]),
      ],
    },
  ],
};
