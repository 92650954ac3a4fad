import { createTrigger, InputPropertyMap, TriggerStrategy } from '@activepieces/pieces-framework';
import { kitchenAuth } from './auth';
import { Gateway, Inputs, request } from './gateway';

/** What differs from trigger to trigger. */
type Definition<P extends InputPropertyMap> = {
  event: string;
  name: string;
  displayName: string;
  description: string;
  props: P;
  sampleData: unknown;
};

type Hook = { id: string };
type Feed = { data: unknown[]; next_cursor: string; has_more: boolean };

/** How many events the editor shows. */
const SHOWN = 5;

/** The most pages of a feed that one poll reads; the next goes on from there. */
const MOST_PAGES = 20;

const feed = (gateway: Gateway, event: string, inputs: Inputs) =>
  request<Feed>(gateway, 'GET', `triggers/${event}`, inputs);

/** The latest events, or a made-up one while there is none. */
const latest = async (gateway: Gateway, event: string, place: Inputs): Promise<unknown[]> => {
  const { data } = await feed(gateway, event, { ...place, limit: SHOWN });
  return data.length > 0 ? data : (await request<Feed>(gateway, 'GET', `triggers/${event}/sample`)).data;
};

/** Ends every subscription of an address, so that nothing an earlier version of the flow asked for goes on. */
const unsubscribe = async (gateway: Gateway, address: string) => {
  const hooks = await request<{ data: Hook[] }>(gateway, 'GET', 'hooks', { target_url: address });
  for (const { id } of hooks.data) {
    await request(gateway, 'DELETE', `hooks/${id}`);
  }
};

/** A trigger that the gateway calls. */
export const instant = <P extends InputPropertyMap>({ event, ...definition }: Definition<P>) =>
  createTrigger({
    ...definition,
    auth: kitchenAuth,
    type: TriggerStrategy.WEBHOOK,
    onEnable: async ({ auth, webhookUrl, propsValue }) => {
      await unsubscribe(auth.props, webhookUrl);
      await request(auth.props, 'POST', 'hooks', { target_url: webhookUrl, event, ...(propsValue as Inputs) });
    },
    onDisable: ({ auth, webhookUrl }) => unsubscribe(auth.props, webhookUrl),
    run: async ({ payload }) => [payload.body],
    test: ({ auth, propsValue }) => latest(auth.props, event, propsValue as Inputs),
  });

/** Where a poll goes on; kept with the flow. */
const CURSOR = 'cursor';

/** A trigger that asks the gateway. By its cursor, not by time: nothing is left out, and nothing comes twice. */
export const polling = <P extends InputPropertyMap>({ event, ...definition }: Definition<P>) =>
  createTrigger({
    ...definition,
    auth: kitchenAuth,
    type: TriggerStrategy.POLLING,
    onEnable: async ({ auth, propsValue, store }) => {
      const { next_cursor: cursor } = await feed(auth.props, event, { ...(propsValue as Inputs), limit: 1 });
      await store.put(CURSOR, cursor);
    },
    onDisable: async ({ store }) => store.delete(CURSOR),
    run: async ({ auth, propsValue, store }) => {
      const found: unknown[] = [];
      let hasMore = true;
      for (let page = 0; page < MOST_PAGES && hasMore; page += 1) {
        const since = await store.get<string>(CURSOR);
        const shown = await feed(auth.props, event, { ...(propsValue as Inputs), since });
        found.push(...shown.data.reverse());
        await store.put(CURSOR, shown.next_cursor);
        hasMore = shown.has_more;
      }
      return found;
    },
    test: ({ auth, propsValue }) => latest(auth.props, event, propsValue as Inputs),
  });
