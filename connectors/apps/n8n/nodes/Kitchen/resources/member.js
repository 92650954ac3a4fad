// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one, optional, criteria, findBy } = require('../fields');

module.exports = {
  name: 'Member',
  value: 'member',
  operations: [
    {
      value: 'invite-member',
      name: 'Invite a Member',
      action: 'Invite a member',
      description: 'Invites somebody to the team by email',
      perform: 'invite-member',
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
            displayName: 'Role',
            name: 'role',
            type: 'options',
            default: 'member',
            options: [{ name: 'Member', value: 'member' }, { name: 'Admin', value: 'admin' }],
            description:
              'What they may do in the workspace; left empty, what members may. Only a key with the scope `keys` can name admins.',
          },
        ]),
      ],
    },
    {
      value: 'update-member',
      name: "Change a Member's Role",
      action: "Change a member's role",
      description: 'Changes what a member of the team may do',
      perform: 'update-member',
      fields: [
        one('members', { displayName: 'Member', name: 'member', required: true }),
        optional([
          {
            displayName: 'Role',
            name: 'role',
            type: 'options',
            default: 'member',
            options: [{ name: 'Member', value: 'member' }, { name: 'Admin', value: 'admin' }],
            description:
              'What they may do in the workspace. Only a key with the scope `keys` can name admins.',
          },
        ]),
      ],
    },
    {
      value: 'remove-member',
      name: 'Remove a Member',
      action: 'Remove a member',
      description: 'Removes a member from the team',
      perform: 'remove-member',
      fields: [one('members', { displayName: 'Member', name: 'member', required: true })],
    },
    {
      value: 'add-task-member',
      name: 'Add a Member to a Task',
      action: 'Add a member to a task',
      description: 'Adds somebody of the team to a task',
      perform: 'add-task-member',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
        one('members', { displayName: 'Member', name: 'user', required: true }),
      ],
    },
    {
      value: 'remove-task-member',
      name: 'Remove a Member from a Task',
      action: 'Remove a member from a task',
      description: 'Takes somebody off a task',
      perform: 'remove-task-member',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
        one('members', { displayName: 'Member', name: 'user', required: true }),
      ],
    },
    {
      value: 'find-member',
      name: 'Find a Member',
      action: 'Find a member',
      description: 'Finds a member of the team by email address or by part of the name',
      search: 'find-member',
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
      value: 'find-or-invite-member',
      name: 'Find or Invite a Member',
      action: 'Find or invite a member',
      description:
        'Finds a member of the team by email address or by part of the name. Makes one if there is none.',
      search: 'find-member',
      perform: 'invite-member',
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
            displayName: 'Role',
            name: 'role',
            type: 'options',
            default: 'member',
            options: [{ name: 'Member', value: 'member' }, { name: 'Admin', value: 'admin' }],
            description:
              'What they may do in the workspace; left empty, what members may. Only a key with the scope `keys` can name admins.',
          },
        ]),
      ],
    },
  ],
};
