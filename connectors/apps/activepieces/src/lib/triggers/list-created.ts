// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { one } from '../props';
import { instant, polling } from '../subscriptions';

const definition = {
  event: 'list.created',
  name: 'list_created',
  displayName: 'New List',
  description: 'Triggers when a list is created.',
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
    event: 'list.created',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'tskl_19ce2f8f6a3f5a6b9c0d1e2f',
      title: 'In review',
      board: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: null,
  },
};

export const listCreated = instant(definition);

export const listCreatedPolling = polling({
  ...definition,
  name: 'list_created_polling',
  displayName: 'New List (Polling)',
  description:
    'Triggers when a list is created. Asks the gateway, for gateways that cannot reach Activepieces.',
});
