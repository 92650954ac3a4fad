// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { one } from '../props';
import { instant } from '../subscriptions';

export const taskReopened = instant({
  event: 'task.reopened',
  name: 'task_reopened',
  displayName: 'Task Reopened',
  description: 'Triggers when a task is reopened.',
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
    event: 'task.reopened',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'tsk_19ce2f8f6a41b3c5d7e9f024',
      title: 'Draw the front page',
      description: '<p>With the new logo.</p>',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      list: 'tskl_19ce2f8f6a3f5a6b9c0d1e2f',
      position: 3,
      parent: null,
      assignee: 'u_19ce2f8f6a3c0e7f41a2b3c4',
      author: 'u_19ce2f8f6a3c0e7f41a2b3c4',
      members: ['u_19ce2f8f6a3c1b5520d7e9a1'],
      labels: ['lbl_19ce2f8f6a43f7e6d5c4b3a2'],
      custom_fields: [{ custom_field: 'cf_19ce2f8f6a4419283746abcd', value: 'Rush' }],
      completed: 0,
      completed_at: null,
      completer: null,
      start_at: '2026-03-12T14:18:37.123Z',
      due_at: '2026-03-15T14:18:37.123Z',
      due_reminder: 60,
      remaining_minutes_estimate: 240,
      milestone: null,
      repeating: null,
      due_reminder_sent_at: null,
      created_at: '2026-03-11T12:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: {
      completed: 1,
      completed_at: '2026-03-11T12:18:37.123Z',
      completer: 'u_19ce2f8f6a3c0e7f41a2b3c4',
      updated_at: '2026-03-11T12:18:37.123Z',
    },
  },
});
