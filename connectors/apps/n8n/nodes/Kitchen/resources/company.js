// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one, optional, criteria, findBy } = require('../fields');

module.exports = {
  name: 'Company',
  value: 'company',
  operations: [
    {
      value: 'create-company',
      name: 'Create a Company',
      action: 'Create a company',
      description: 'Adds a company',
      perform: 'create-company',
      fields: [
        { displayName: 'Name', name: 'name', type: 'string', default: '', required: true },
        optional([
          {
            displayName: 'Initials',
            name: 'initials',
            type: 'string',
            default: '',
            description: 'What its picture shows; up to 8 characters',
          },
          {
            displayName: 'Website',
            name: 'website',
            type: 'string',
            default: '',
            description: 'An address, such as https://example.com',
          },
          {
            displayName: 'Email',
            name: 'email',
            type: 'string',
            default: '',
            placeholder: 'name@email.com',
            description: 'An email address, such as ada@example.com',
          },
          { displayName: 'Phone Number', name: 'phone_number', type: 'string', default: '' },
          {
            displayName: 'Address',
            name: 'address',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
        ]),
      ],
    },
    {
      value: 'update-company',
      name: 'Update a Company',
      action: 'Update a company',
      description: 'Changes a company. What is left empty stays as it is.',
      perform: 'update-company',
      fields: [
        one('companies', { displayName: 'Company', name: 'company', required: true }),
        optional([
          { displayName: 'Name', name: 'name', type: 'string', default: '' },
          {
            displayName: 'Initials',
            name: 'initials',
            type: 'string',
            default: '',
            description: 'What its picture shows; up to 8 characters',
          },
          {
            displayName: 'Website',
            name: 'website',
            type: 'string',
            default: '',
            description: 'An address, such as https://example.com',
          },
          {
            displayName: 'Email',
            name: 'email',
            type: 'string',
            default: '',
            placeholder: 'name@email.com',
            description: 'An email address, such as ada@example.com',
          },
          { displayName: 'Phone Number', name: 'phone_number', type: 'string', default: '' },
          {
            displayName: 'Address',
            name: 'address',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
        ]),
      ],
    },
    {
      value: 'delete-company',
      name: 'Delete a Company',
      action: 'Delete a company',
      description: 'Deletes a company; its clients stay',
      perform: 'delete-company',
      fields: [one('companies', { displayName: 'Company', name: 'company', required: true })],
    },
    {
      value: 'find-company',
      name: 'Find a Company',
      action: 'Find a company',
      description: 'Finds a company by part of its name',
      search: 'find-company',
      fields: [
        criteria([
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
      value: 'find-or-create-company',
      name: 'Find or Create a Company',
      action: 'Find or create a company',
      description: 'Finds a company by part of its name. Makes one if there is none.',
      search: 'find-company',
      perform: 'create-company',
      fields: [
        findBy([{ name: 'Name', value: 'name' }]),
        { displayName: 'Name', name: 'name', type: 'string', default: '', required: true },
        optional([
          {
            displayName: 'Initials',
            name: 'initials',
            type: 'string',
            default: '',
            description: 'What its picture shows; up to 8 characters',
          },
          {
            displayName: 'Website',
            name: 'website',
            type: 'string',
            default: '',
            description: 'An address, such as https://example.com',
          },
          {
            displayName: 'Email',
            name: 'email',
            type: 'string',
            default: '',
            placeholder: 'name@email.com',
            description: 'An email address, such as ada@example.com',
          },
          { displayName: 'Phone Number', name: 'phone_number', type: 'string', default: '' },
          {
            displayName: 'Address',
            name: 'address',
            type: 'string',
            default: '',
            typeOptions: { rows: 4 },
          },
        ]),
      ],
    },
  ],
};
