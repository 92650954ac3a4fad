'use strict';

// The gateway under test, asked directly: what the app is compared with, and what no action of it can cause.

const base = process.env.KITCHEN_URL;
const token = process.env.KITCHEN_KEY;

/** A request of the API; fails unless it is answered with a 2xx. */
const api = async (method, path, body) => {
  const response = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${text}`);
  }
  return text ? JSON.parse(text) : null;
};

/** Asks again and again until there is an answer. */
const eventually = async (what, ask) => {
  for (let waited = 0; waited < 20_000; waited += 20) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain for ${what}`);
};

/** An operation as it ended. */
const ended = (id) =>
  eventually(`the end of ${id}`, async () => {
    const operation = await api('GET', `/api/operations/${id}`);
    return operation.ended_at && operation;
  });

module.exports = { base, token, api, eventually, ended };
