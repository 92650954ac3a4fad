"""Verifies collected deliveries with the official library for Python. Usage: verify.py FILE."""

import base64
import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def verifies(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


count = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for one in json.load(file):
        headers, body = one["headers"], base64.b64decode(one["body"])
        for secret in one["good"]:
            assert verifies(secret, body, headers), f"refused: {headers}"
            assert not verifies(secret, body + b" ", headers), f"accepted another body: {headers}"
            count += 1
        for secret in one["bad"]:
            assert not verifies(secret, body, headers), f"accepted with another secret: {headers}"
print(f"Python: {count} signatures verified")
