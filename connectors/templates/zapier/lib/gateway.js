'use strict';

// Every request goes to the gateway the connection names, with its key; every answer that is an error
// is told in the gateway's own words.

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The gateway's address as it was typed in, without what is not part of it. */
const addressOf = (z, typed) => {
  const text = String(typed || '').trim();
  const refuse = (why) => {
    throw new z.errors.Error(`The gateway address ${why}`, 'invalid_address', 400);
  };
  let address;
  try {
    address = new URL(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  } catch {
    refuse('is no address. It looks like https://kitchen.example.com.');
  }
  // The key is sent along: only where nobody can read it on the way.
  if (address.protocol !== 'https:' && !LOOPBACK.includes(address.hostname)) {
    refuse('must begin with https://.');
  }
  if (address.username || address.password || address.search || address.hash) {
    refuse('must be without user name, password, ? and #.');
  }
  return address.origin + address.pathname.replace(/\/+$/, '');
};

/** Before a request: paths are those of the gateway. Whatever goes elsewhere goes without the key. */
const toGateway = (request, z, bundle) => {
  if (!request.url.startsWith('/')) {
    return request;
  }
  request.url = addressOf(z, bundle.authData.url) + request.url;
  request.headers.Authorization = `Bearer ${String(bundle.authData.api_key).trim()}`;
  request.headers.Accept = 'application/json';
  return request;
};

/** The body of an error, if it is one of the gateway's and not of something in front of it. */
const bodyOf = (response) => {
  try {
    return JSON.parse(response.content) || {};
  } catch {
    return {};
  }
};

/** After a response: what went wrong, as the error after which Zapier does the right thing. */
const explained = (response, z) => {
  if (response.status < 400) {
    return response;
  }
  const { message, code, errors, request_id: requestId } = bodyOf(response);
  const fields = Object.values(errors || {}).flat();
  const words = fields.length > 0 ? fields.join(' ') : message || `The gateway answered ${response.status}.`;
  const retryAfter = parseInt(response.getHeader('retry-after'), 10);
  if (response.status === 429 || (response.status === 503 && retryAfter > 0)) {
    throw new z.errors.ThrottledError(words, retryAfter > 0 ? retryAfter : undefined);
  }
  if (response.status === 401) {
    throw new z.errors.ExpiredAuthError(words);
  }
  // The state of things does not allow it, and asking again would not help: no fault of the Zap.
  if (response.status === 409) {
    throw new z.errors.HaltedError(words);
  }
  // 403 too: the key is good, only not for this, so the connection must not be taken for broken.
  const quoted = response.status >= 500 && requestId ? `${words} (${requestId})` : words;
  throw new z.errors.Error(quoted, code || 'error', response.status);
};

/** Of what was filled in, these fields alone. */
const only = (input, names) =>
  Object.fromEntries(names.filter((name) => name in input).map((name) => [name, input[name]]));

/** The fields an action or a search has only for what was picked in `needs`, such as those of a board. */
const moreFieldsOf = (kind) => (key, needs) => async (z, bundle) => {
  const url = `/connect/zapier/${kind}/${key}/fields`;
  const all = (await z.request({ url, params: only(bundle.inputData, needs) })).data;
  return all.filter((field) => field.key.startsWith('cf_'));
};

module.exports = { toGateway, explained, only, moreFieldsOf };
