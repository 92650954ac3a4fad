// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { one } from '../props';
import { instant } from '../subscriptions';

export const folderUpdated = instant({
  event: 'folder.updated',
  name: 'folder_updated',
  displayName: 'Folder Updated',
  description: 'Triggers when a folder changes.',
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
    event: 'folder.updated',
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
    previous_attributes: { name: 'Its name before', updated_at: '2026-03-11T12:18:37.123Z' },
  },
});
