'use strict';

const { only } = require('./gateway');

const feed = (event) => async (z, bundle) => {
  const { folder, board } = bundle.inputData;
  // A few are enough to show what they look like.
  const limit = bundle.meta.isLoadingSample ? 3 : 100;
  const url = `/connect/zapier/triggers/${event}`;
  return (await z.request({ url, params: { limit, folder, board }, removeMissingValuesFrom: { params: true } })).data;
};

/** A trigger that the gateway calls. The feed lists the same objects, key for key. */
const instant = (event) => ({
  type: 'hook',
  performSubscribe: async (z, bundle) => {
    const { folder, board } = bundle.inputData;
    const body = { target_url: bundle.targetUrl, event, folder, board };
    return (await z.request({ method: 'POST', url: '/connect/zapier/hooks', body })).data;
  },
  performUnsubscribe: async (z, bundle) =>
    (await z.request({ method: 'DELETE', url: `/connect/zapier/hooks/${bundle.subscribeData.id}` })).data,
  perform: (z, bundle) => [bundle.cleanedRequest],
  performList: feed(event),
});

/** A trigger that asks the gateway. */
const polling = (event) => ({ type: 'polling', perform: feed(event) });

/**
 * What a dropdown shows, a page at a time. `needs` names what was picked before. Of the form it stands
 * in nothing else is sent. Zapier counts pages from 0, the gateway from 1.
 */
const dropdown = (lookup, needs = []) => ({
  type: 'polling',
  canPaginate: true,
  perform: async (z, bundle) => {
    const params = { ...only(bundle.inputData, needs), page: (bundle.meta.page || 0) + 1 };
    return (await z.request({ url: `/connect/zapier/lookups/${lookup}`, params })).data;
  },
});

module.exports = { instant, polling, dropdown };
