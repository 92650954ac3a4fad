// Generated from the catalogue by `kitchen connectors export zapier`; do not edit.
'use strict';

const { action } = require('../lib/actions');

module.exports = {
  key: 'add_task_member',
  noun: 'Member',
  display: { label: 'Add a Member to a Task', description: 'Adds somebody of the team to a task.' },
  operation: {
    ...action('add-task-member'),
    inputFields: [
      {
        key: 'board',
        label: 'Board',
        type: 'string',
        helpText: 'What the choices below are taken from. It may stay empty where ids are entered.',
        dynamic: 'boards.id.name',
        search: 'find_board.id',
      },
      {
        key: 'task',
        label: 'Task',
        type: 'string',
        required: true,
        dynamic: 'tasks.id.name',
        search: 'find_task.id',
      },
      {
        key: 'user',
        label: 'Member',
        type: 'string',
        required: true,
        dynamic: 'members.id.name',
        search: 'find_member.id',
      },
    ],
    sample: {
      id: 'u_19ce2f8f6a3c0e7f41a2b3c4',
      group: 'manager',
      name: 'Grace Hopper',
      email: 'grace@agency.example',
      username: 'grace',
      role: 'member',
      title: 'Account Manager',
      phone: null,
      language: null,
      timezone: null,
      color: null,
      company: null,
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
      url: 'https://kitchen.example.com/api/members/u_19ce2f8f6a3c0e7f41a2b3c4',
    },
    outputFields: [
      { key: 'id', label: 'ID', type: 'string' },
      { key: 'group', label: 'Group', type: 'string' },
      { key: 'name', label: 'Name', type: 'string' },
      { key: 'email', label: 'Email', type: 'string' },
      { key: 'username', label: 'Username', type: 'string' },
      { key: 'role', label: 'Role', type: 'string' },
      { key: 'title', label: 'Title', type: 'string' },
      { key: 'phone', label: 'Phone Number', type: 'string' },
      { key: 'language', label: 'Language', type: 'string' },
      { key: 'timezone', label: 'Time Zone', type: 'string' },
      { key: 'color', label: 'Color', type: 'string' },
      { key: 'company', label: 'Company', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'updated_at', label: 'Updated At', type: 'datetime' },
      { key: 'url', label: 'URL', type: 'string' },
    ],
  },
};
