'use strict';

const { CREDENTIALS, request, plain, listSearch, methodsOf } = require('./gateway');
const { events, filters } = require('./events');
const lookups = require('./lookups');

/** What the node listens to, as the gateway keeps it. The address is the node's own: one for tests, one for production. */
const wanted = (context) => {
  const event = context.getNodeParameter('event');
  const shown = filters.filter(({ displayOptions }) => displayOptions.show.event.includes(event));
  const places = shown.map(({ name }) => [name, plain(context.getNodeParameter(name, ''))]);
  return {
    target_url: context.getNodeWebhookUrl('default'),
    event,
    ...Object.fromEntries(places.filter(([, id]) => id)),
  };
};

const hooksAt = (context, url) => request(context, 'GET', 'hooks', { query: { target_url: url } });

const removeAll = async (context, hooks) => {
  for (const { id } of hooks) {
    await request(context, 'DELETE', `hooks/${id}`);
  }
};

const isSame = (hook, subscription) =>
  hook.enabled && ['event', ...filters.map(({ name }) => name)].every((name) => hook[name] === subscription[name]);

class KitchenTrigger {
  constructor() {
    this.description = {
      displayName: 'Kitchen Trigger',
      name: 'kitchenTrigger',
      icon: 'file:kitchen.svg',
      group: ['trigger'],
      version: 1,
      subtitle: '={{ $parameter["event"] }}',
      description: 'Starts the workflow when something happens in a Kitchen workspace',
      defaults: { name: 'Kitchen Trigger' },
      inputs: [],
      outputs: ['main'],
      credentials: [{ name: CREDENTIALS, required: true }],
      webhooks: [{ name: 'default', httpMethod: 'POST', responseMode: 'onReceived', path: 'webhook' }],
      properties: [
        {
          displayName: 'Event',
          name: 'event',
          type: 'options',
          noDataExpression: true,
          required: true,
          options: events,
          default: events[0].value,
        },
        ...filters,
      ],
    };
    this.methods = { listSearch: methodsOf(lookups, listSearch) };
    // The gateway's list is the truth, so nothing is kept here: a restart finds what it made before, and
    // whatever an earlier version of the workflow left behind at this address goes.
    this.webhookMethods = {
      default: {
        async checkExists() {
          const subscription = wanted(this);
          const hooks = await hooksAt(this, subscription.target_url);
          return hooks.length === 1 && isSame(hooks[0], subscription);
        },
        async create() {
          const subscription = wanted(this);
          await removeAll(this, await hooksAt(this, subscription.target_url));
          await request(this, 'POST', 'hooks', { body: subscription });
          return true;
        },
        async delete() {
          await removeAll(this, await hooksAt(this, this.getNodeWebhookUrl('default')));
          return true;
        },
      },
    };
  }

  /** What arrived, as it is. The gateway sends an event once unless an answer was lost; its `id` is always the same. */
  async webhook() {
    return { workflowData: [this.helpers.returnJsonArray(this.getBodyData())] };
  }
}

module.exports = { KitchenTrigger };
