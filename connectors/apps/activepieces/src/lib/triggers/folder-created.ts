// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { one } from '../props';
import { instant, polling } from '../subscriptions';

const definition = {
  event: 'folder.created',
  name: 'folder_created',
  displayName: 'New Folder',
  description: 'Triggers when a folder is created.',
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
    event: 'folder.created',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'fo_19ce2f8f6a3d90e2716b4c05',
      name: 'Website relaunch',
      description: 'Everything about the new site.',
      visibility: 'shared',
      role: null,
      folder: null,
      archived_at: null,
      created_at: '2026-03-12T14:18:37.123Z',
      updated_at: '2026-03-12T14:18:37.123Z',
    },
    previous_attributes: null,
  },
};

export const folderCreated = instant(definition);

export const folderCreatedPolling = polling({
  ...definition,
  name: 'folder_created_polling',
  displayName: 'New Folder (Polling)',
  description:
    'Triggers when a folder is created. Asks the gateway, for gateways that cannot reach Activepieces.',
});
