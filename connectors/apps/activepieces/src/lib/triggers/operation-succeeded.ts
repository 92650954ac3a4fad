// Generated from the catalogue by `kitchen connectors export activepieces`; do not edit.
import { instant } from '../subscriptions';

export const operationSucceeded = instant({
  event: 'operation.succeeded',
  name: 'operation_succeeded',
  displayName: 'Operation Succeeded',
  description: 'Triggers when an operation has done everything it was asked for.',
  props: {},
  sampleData: {
    id: 'evt_19ce2f8f6a3c41d09b7e5f28',
    event: 'operation.succeeded',
    occurred_at: '2026-03-12T14:18:37.123Z',
    data: {
      id: 'op_19ce2f8f6a4a1c7d3e5b9f02',
      kind: 'webhook.replay',
      state: 'succeeded',
      ends_as: null,
      subject: 'wh_19ce2f8f6a4b6e8d1f2a3c4b',
      subject_name: 'https://example.com/hooks/kitchen',
      params: {
        since: '2026-03-12T14:18:37.123Z',
        until: '2026-03-12T14:18:37.123Z',
        events_types: ['client.created'],
        state: 'failed',
        rate: 50,
      },
      done_count: 128,
      total_count: 128,
      failures_count: 0,
      result: { retried_count: 128, created_count: 0, under_way_count: 0 },
      error: null,
      created_by: 'Ada Lovelace',
      created_at: '2026-03-12T14:18:37.123Z',
      started_at: '2026-03-12T14:18:37.123Z',
      ended_at: '2026-03-12T14:18:37.123Z',
      callback_url: null,
      callback_delivery: null,
    },
    previous_attributes: null,
  },
});
