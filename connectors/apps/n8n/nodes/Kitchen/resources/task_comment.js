// Generated from the catalogue by `kitchen connectors export n8n`; do not edit.
'use strict';

const { one } = require('../fields');

module.exports = {
  name: 'Task Comment',
  value: 'task_comment',
  operations: [
    {
      value: 'comment-on-task',
      name: 'Comment on a Task',
      action: 'Comment on a task',
      description: 'Adds a comment to a task',
      perform: 'comment-on-task',
      fields: [
        one('boards', {
          displayName: 'Board',
          name: 'board',
          description:
            'What the choices below are taken from. It may stay empty where ids are entered.',
        }),
        one('tasks', { displayName: 'Task', name: 'task', required: true }),
        {
          displayName: 'Content',
          name: 'content',
          type: 'string',
          default: '',
          typeOptions: { rows: 4 },
          required: true,
          description: 'What the comment says',
        },
        {
          displayName: 'Format',
          name: 'format',
          type: 'options',
          default: 'text',
          options: [{ name: 'Text', value: 'text' }, { name: 'Html', value: 'html' }],
          required: true,
          description: 'How the content is written: text as it is, or HTML',
        },
      ],
    },
  ],
};
