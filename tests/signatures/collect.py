"""Collects deliveries of a running gateway, before, during and after a rotation of the secret.

Usage: collect.py GATEWAY TOKEN FILE. Writes a list of {headers, body, good, bad}: the body in base64, the secrets that must
verify it, and those that must not.
"""

import base64
import http.server
import json
import queue
import sys
import threading
import urllib.request

gateway, token, file = sys.argv[1:]
arrived = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        arrived.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def ask(method, path, **fields):
    request = urllib.request.Request(gateway + path, json.dumps(fields).encode(), method=method)
    request.add_header("authorization", f"Bearer {token}")
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
webhook = ask("POST", "/api/webhooks", url=f"http://127.0.0.1:{receiver.server_port}/hook")
path = f"/api/webhooks/{webhook['id']}"
first = webhook["secret"]
collected = []


def collect(good, bad):
    # Text of several scripts: bytes are signed, not characters.
    for name in ["Acme", "Müller & Söhne <grüß> 株式会社 🍳"]:
        ask("POST", "/api/companies", name=f"{name} {len(collected)}")
        headers, body = arrived.get(timeout=20)
        collected.append({"headers": headers, "body": base64.b64encode(body).decode(), "good": good, "bad": bad})


second = ask("POST", "/api/webhooks", url="http://127.0.0.1:9/", enabled=False)["secret"]
collect([first], [second])
rotated = ask("POST", f"{path}/rotate-secret", overlap=3600)["secret"]
collect([first, rotated], [second])
last = ask("POST", f"{path}/rotate-secret", overlap=0)["secret"]
collect([last], [first, rotated, second])
with open(file, "w", encoding="utf-8") as out:
    json.dump(collected, out)
