// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { one } from '../props';
import { instant } from '../subscriptions';

export const listUpdated = instant({
  event: 'list.updated',
  name: 'list_updated',
  displayName: 'Task List Updated',
  description: 'Triggers when a list changes.',
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
    event: 'list.updated',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'tskl_19ce2f8f6a3f5a6b9c0d1e2f',
      title: 'In review',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: { title: 'Its name before', updated_at: '2026-03-11T12:18:37.123Z' },
  },
});
