'use strict';

const { moreFieldsOf } = require('./gateway');

/** Zapier writes a list into a query as if each value took the place of the one before; brackets say that it is a list. */
const listed = (input) =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [Array.isArray(value) ? `${name}[]` : name, value]));

/** What is found, best match first; an empty list if nothing is. */
const search = (key) => ({
  perform: async (z, bundle) =>
    (await z.request({ url: `/connect/zapier/searches/${key}`, params: listed(bundle.inputData) })).data,
});

module.exports = { search, moreFields: moreFieldsOf('searches') };
