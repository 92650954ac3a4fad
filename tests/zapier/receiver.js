'use strict';

// A server on this machine that keeps what is posted to it, and answers what it is told to.

const http = require('node:http');

/** Starts one. `answer` gets the request and says `{ status, headers, body }`. */
const start = async (answer = () => ({ status: 200, body: '{}' })) => {
  const received = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const one = { method: request.method, path: request.url, headers: request.headers, body };
      received.push(one);
      const { status, headers = { 'content-type': 'application/json' }, body: text = '' } = answer(one);
      response.writeHead(status, headers).end(text);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, received, stop };
};

module.exports = { start };
