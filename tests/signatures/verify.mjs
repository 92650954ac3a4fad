// Verifies collected deliveries with the official library for JavaScript. Usage: verify.mjs LIBRARY FILE.

import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [library, file] = process.argv.slice(2);
const { Webhook } = createRequire(`${library}/`)("standardwebhooks");

function verifies(secret, body, headers) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch (error) {
    if (error.name === "WebhookVerificationError" || /signature/i.test(error.message)) return false;
    throw error;
  }
}

let count = 0;
for (const { headers, body: text, good, bad } of JSON.parse(readFileSync(file, "utf8"))) {
  const body = Buffer.from(text, "base64").toString("utf8");
  for (const secret of good) {
    assert(verifies(secret, body, headers), `refused: ${JSON.stringify(headers)}`);
    assert(!verifies(secret, `${body} `, headers), `accepted another body: ${JSON.stringify(headers)}`);
    count += 1;
  }
  for (const secret of bad) {
    assert(!verifies(secret, body, headers), `accepted with another secret: ${JSON.stringify(headers)}`);
  }
}
console.log(`JavaScript: ${count} signatures verified`);
