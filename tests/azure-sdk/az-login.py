# SPDX-License-Identifier: Apache-2.0
# What az asks before it speaks to a vault: a managed identity's token (plain
# HTTP, as real) and the list of subscriptions, which is empty (HTTPS).
#   az-login.py CERTIFICATE-AND-KEY: prints both ports, serves until killed
import base64
import http.server
import json
import ssl
import sys
import threading
import time
from urllib.parse import parse_qs, urlparse

TENANT = "00000000-0000-4000-8000-5ec30214d000"
CLIENT = "00000000-0000-4000-8000-5ec30214d001"


def part(o):
    text = json.dumps(o).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlparse(self.path)
        now = int(time.time())
        if url.path.startswith("/msi"):
            resource = parse_qs(url.query).get("resource", [""])[0]
            token = ".".join([part({"alg": "none", "typ": "JWT"}), part({
                "tid": TENANT, "oid": CLIENT, "appid": CLIENT,
                "aud": resource, "exp": now + 86400,
                "xms_mirid": "/subscriptions/x/providers/y"}), ""])
            answer = {"access_token": token, "expires_on": str(now + 86400),
                      "expires_in": "86400", "resource": resource,
                      "token_type": "Bearer", "client_id": CLIENT}
        elif url.path == "/subscriptions":
            answer = {"value": []}
        elif url.path == "/tenants":
            answer = {"value": [{"tenantId": TENANT}]}
        else:
            self.send_error(404)
            return
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, fmt, *args):
        sys.stderr.write(fmt % args + "\n")


plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
secure.socket = context.wrap_socket(secure.socket, server_side=True)
threading.Thread(target=plain.serve_forever, daemon=True).start()
print(plain.server_port, secure.server_port, flush=True)
secure.serve_forever()
