// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { one } from '../props';
import { instant, polling } from '../subscriptions';

const definition = {
  event: 'task_comment.created',
  name: 'task_comment_created',
  displayName: 'New Task Comment',
  description: 'Triggers when a task comment is created.',
  props: {
    folder: one('folders', {
      displayName: 'Only in Folder',
      description: 'Only what happens in this folder, or in one that lies in it.',
      required: false,
    }),
    board: one('boards', {
      displayName: 'Only on Board',
      description: 'Only what happens on this board. With a folder too: in either.',
      required: false,
    }),
  },
  sampleData: {
    id: 'evt_19ce2f8f6a3c41d09b7e5f28',
    event: 'task_comment.created',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'tcm_19ce2f8f6a45c0b1a29384f5',
      task: 'tsk_19ce2f8f6a41b3c5d7e9f024',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      author: 'u_19ce2f8f6a3c0e7f41a2b3c4',
      content: '<p>Looks <b>good</b> to me.</p>',
      format: 'html',
      attachments: [],
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: null,
  },
};

export const taskCommentCreated = instant(definition);

export const taskCommentCreatedPolling = polling({
  ...definition,
  name: 'task_comment_created_polling',
  displayName: 'New Task Comment (Polling)',
  description:
    'Triggers when a task comment is created. Asks the gateway, for gateways that cannot reach Activepieces.',
});
