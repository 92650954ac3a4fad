'use strict';

/** What is found, best match first; an empty list if nothing is. */
const search = (key) => ({
  perform: async (z, bundle) =>
    (await z.request({ url: `/connect/zapier/searches/${key}`, params: bundle.inputData })).data,
});

module.exports = { search };
