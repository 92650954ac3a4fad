// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one } = require('./fields');

module.exports = {
  events: [
    {
      name: 'New Client',
      value: 'client.created',
      description: 'Triggers when a client is created',
    },
    {
      name: 'Client Updated',
      value: 'client.updated',
      description: 'Triggers when a client changes',
    },
    {
      name: 'Client Deleted',
      value: 'client.deleted',
      description: 'Triggers when a client is deleted',
    },
    {
      name: 'New Company',
      value: 'company.created',
      description: 'Triggers when a company is created',
    },
    {
      name: 'Company Updated',
      value: 'company.updated',
      description: 'Triggers when a company changes',
    },
    {
      name: 'Deleted Company',
      value: 'company.deleted',
      description: 'Triggers when a company is deleted',
    },
    {
      name: 'New Folder',
      value: 'folder.created',
      description: 'Triggers when a folder is created',
    },
    {
      name: 'Folder Updated',
      value: 'folder.updated',
      description: 'Triggers when a folder changes',
    },
    {
      name: 'Folder Deleted',
      value: 'folder.deleted',
      description: 'Triggers when a folder is deleted',
    },
    { name: 'New Board', value: 'board.created', description: 'Triggers when a board is created' },
    { name: 'Board Updated', value: 'board.updated', description: 'Triggers when a board changes' },
    {
      name: 'Board Deleted',
      value: 'board.deleted',
      description: 'Triggers when a board is deleted',
    },
    { name: 'New List', value: 'list.created', description: 'Triggers when a list is created' },
    {
      name: 'Task List Updated',
      value: 'list.updated',
      description: 'Triggers when a list changes',
    },
    { name: 'List Deleted', value: 'list.deleted', description: 'Triggers when a list is deleted' },
    { name: 'New Task', value: 'task.created', description: 'Triggers when a task is created' },
    { name: 'Task Updated', value: 'task.updated', description: 'Triggers when a task changes' },
    {
      name: 'Task Completed',
      value: 'task.completed',
      description: 'Triggers when a task is completed',
    },
    {
      name: 'Task Reopened',
      value: 'task.reopened',
      description: 'Triggers when a task is reopened',
    },
    {
      name: 'Task Moved',
      value: 'task.moved',
      description: 'Triggers when a task is moved to another list',
    },
    { name: 'Task Deleted', value: 'task.deleted', description: 'Triggers when a task is deleted' },
    {
      name: 'New Task Comment',
      value: 'task_comment.created',
      description: 'Triggers when a task comment is created',
    },
    {
      name: 'Webhook Disabled',
      value: 'webhook.disabled',
      description: 'Triggers when a webhook is disabled by the gateway',
    },
    {
      name: 'Operation Succeeded',
      value: 'operation.succeeded',
      description: 'Triggers when an operation has done everything it was asked for',
    },
    {
      name: 'Operation Failed',
      value: 'operation.failed',
      description: 'Triggers when an operation cannot go on',
    },
    {
      name: 'Operation Cancelled',
      value: 'operation.cancelled',
      description: 'Triggers when an operation is cancelled',
    },
  ],
  filters: [
    one('folders', {
      displayName: 'Only in Folder',
      name: 'folder',
      description: 'Only what happens in this folder, or in one that lies in it',
      displayOptions: {
        show: {
          event: [
            'folder.created',
            'folder.updated',
            'folder.deleted',
            'board.created',
            'board.updated',
            'board.deleted',
            'list.created',
            'list.updated',
            'list.deleted',
            'task.created',
            'task.updated',
            'task.completed',
            'task.reopened',
            'task.moved',
            'task.deleted',
            'task_comment.created',
          ],
        },
      },
    }),
    one('boards', {
      displayName: 'Only on Board',
      name: 'board',
      description: 'Only what happens on this board. With a folder too: in either.',
      displayOptions: {
        show: {
          event: [
            'folder.created',
            'folder.updated',
            'folder.deleted',
            'board.created',
            'board.updated',
            'board.deleted',
            'list.created',
            'list.updated',
            'list.deleted',
            'task.created',
            'task.updated',
            'task.completed',
            'task.reopened',
            'task.moved',
            'task.deleted',
            'task_comment.created',
          ],
        },
      },
    }),
  ],
};
