// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { one } from '../props';
import { instant, polling } from '../subscriptions';

const definition = {
  event: 'board.created',
  name: 'board_created',
  displayName: 'New Board',
  description: 'Triggers when a board is created.',
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
    event: 'board.created',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'tskb_19ce2f8f6a3e2d4f8813a7b6',
      title: 'Design',
      description: null,
      visibility: 'internal',
      role: 'board_editor',
      folder: 'fo_19ce2f8f6a3d90e2716b4c05',
      archived_at: null,
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: null,
  },
};

export const boardCreated = instant(definition);

export const boardCreatedPolling = polling({
  ...definition,
  name: 'board_created_polling',
  displayName: 'New Board (Polling)',
  description:
    'Triggers when a board is created. Asks the gateway, for gateways that cannot reach Activepieces.',
});
