'use strict';

// Every request goes to the gateway the credentials name; every answer that is an error is told in the
// gateway's own words.

const { NodeApiError, NodeOperationError, sleep } = require('n8n-workflow');

const CREDENTIALS = 'kitchenApi';

/** How often a request is sent while the gateway asks to come back later, and for how long it is waited. */
const MOST_TRIES = 4;
const LONGEST_WAIT_SECONDS = 60;

/** What is wrong with one field, behind what is wrong in general. */
const wordsOf = (body, status) => {
  const { message, errors = {}, request_id: requestId } = body && typeof body === 'object' ? body : {};
  const fields = Object.entries(errors).map(([field, messages]) => `${field}: ${[messages].flat().join(' ')}`);
  const id = status >= 500 && requestId ? [`The gateway calls this request ${requestId}.`] : [];
  return { message: message || `The gateway answered ${status}.`, description: [...fields, ...id].join('\n') };
};

/**
 * A request below `/connect/n8n/`. One that was turned away for now is sent again after the time the gateway names.
 * `context` is the `this` of the node's method.
 */
const request = async (context, method, path, { query, body, itemIndex } = {}) => {
  const { url } = await context.getCredentials(CREDENTIALS, itemIndex);
  const options = {
    method,
    url: `${url.trim().replace(/\/+$/, '')}/connect/n8n/${path}`,
    qs: query,
    body,
    json: true,
    returnFullResponse: true,
    ignoreHttpStatusErrors: true,
  };
  for (let tries = 1; ; tries += 1) {
    const answer = await context.helpers.httpRequestWithAuthentication.call(context, CREDENTIALS, options);
    if (answer.statusCode < 400) {
      return answer.body;
    }
    const seconds = Number.parseInt(answer.headers['retry-after'], 10);
    const isForNow = [429, 503].includes(answer.statusCode) && seconds <= LONGEST_WAIT_SECONDS;
    if (!isForNow || tries === MOST_TRIES) {
      const words = wordsOf(answer.body, answer.statusCode);
      throw new NodeApiError(context.getNode(), words, {
        ...words,
        httpCode: String(answer.statusCode),
        itemIndex,
      });
    }
    await sleep(seconds * 1000);
  }
};

/** The id in what a person picked from a list; any other value as it is. */
const plain = (value) => (value?.__rl ? value.value : value);

/** What of a node's settings says where its other fields pick from, such as the board its lists are of. */
const picked = (context) => {
  const parameters = Object.entries(context.getCurrentNodeParameters() ?? {});
  const ids = parameters.filter(([, value]) => value?.__rl).map(([name, value]) => [name, plain(value)]);
  // An expression is only known once the workflow runs.
  return Object.fromEntries(ids.filter(([, id]) => id && !String(id).startsWith('=')));
};

/** A page of what can be picked; the gateway's answer has n8n's form. */
const page = (context, lookup, search, number) =>
  request(context, 'GET', `lookups/${lookup.key}`, { query: { ...needed(context, lookup), search, page: number } });

const needed = (context, lookup) => {
  const ids = picked(context);
  const missing = lookup.needs.filter((name) => !ids[name]);
  if (missing.length > 0) {
    throw new NodeOperationError(context.getNode(), `Pick the ${missing.join(' and the ')} first.`);
  }
  return Object.fromEntries(lookup.needs.map((name) => [name, ids[name]]));
};

/** The methods that fill the dropdowns of one kind: a page at a time, or all at once where n8n knows no pages. */
const MOST_PAGES = 20;

const listSearch = (lookup) =>
  async function listPage(filter, paginationToken) {
    return page(this, lookup, filter, paginationToken);
  };

const loadOptions = (lookup) =>
  async function everything() {
    const all = [];
    let next;
    do {
      const { results, paginationToken } = await page(this, lookup, undefined, next);
      all.push(...results);
      next = paginationToken;
    } while (next && Number(next) <= MOST_PAGES);
    return all;
  };

const methodsOf = (lookups, method) => Object.fromEntries(lookups.map((lookup) => [lookup.key, method(lookup)]));

module.exports = { CREDENTIALS, request, plain, picked, listSearch, loadOptions, methodsOf };
