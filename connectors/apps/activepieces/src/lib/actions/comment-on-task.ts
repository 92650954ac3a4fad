// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { createAction, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from '../auth';
import { perform } from '../gateway';
import { one } from '../props';

export const commentOnTask = createAction({
  name: 'comment_on_task',
  auth: kitchenAuth,
  displayName: 'Comment on a Task',
  description: 'Adds a comment to a task.',
  props: {
    board: one('boards', {
      displayName: 'Board',
      description:
        'What the choices below are taken from. It may stay empty where ids are entered.',
      required: false,
    }),
    task: one('tasks', { displayName: 'Task', required: true }, ['board']),
    content: Property.LongText({
      displayName: 'Content',
      description: 'What the comment says.',
      required: true,
    }),
    format: Property.StaticDropdown({
      displayName: 'Format',
      description: 'How the content is written: text as it is, or HTML.',
      required: true,
      options: { options: [{ label: 'Text', value: 'text' }, { label: 'Html', value: 'html' }] },
    }),
  },
  run: ({ auth, propsValue }) => perform(auth.props, 'comment-on-task', propsValue),
});
