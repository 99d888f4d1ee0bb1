# SPDX-License-Identifier: Apache-2.0
# kill -9 of a vaultsim at any moment, again and again:
#   kill.py PROGRAM STATE PACKAGE ROUNDS
# Workers create, import, change and delete keys of their own; after each kill
# what was acknowledged must be there, what was under way is there whole or
# not at all, and every key must work.
import base64
import http.client
import json
import os
import random
import signal
import ssl
import subprocess
import sys
import threading
import time

PROGRAM, STATE, PACKAGE, ROUNDS = sys.argv[1:4] + [int(sys.argv[4])]
SEED = int(os.environ.get("KILL_SEED", "0")) or random.randrange(1 << 30)
QUERY = "?api-version=7.4"
DIGEST = base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
with open(PACKAGE, "rb") as f:
    PACKAGE = base64.urlsafe_b64encode(f.read()).rstrip(b"=").decode()
# The key of RFC 7517, appendix A.2.
PLAIN = {"kty": "EC", "crv": "P-256",
         "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
         "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
         "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}


class Server:
    def __init__(self, under=()):
        self.process = subprocess.Popen(
            [*under, PROGRAM, "--region", "EU", "--state", STATE, "--listen",
             "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert "https://" in line, "it does not start: %r" % line
        self.port = int(line.split("https://")[1].split(",")[0]
                        .split(":")[1])
        self.context = ssl.create_default_context(cafile=STATE + "/ca.pem")

    def kill(self, how):
        self.process.send_signal(how)
        return self.process.wait(120)


class Client:
    def __init__(self, server):
        self.connection = http.client.HTTPSConnection(
            "localhost", server.port, context=server.context, timeout=120)

    def ask(self, method, path, body=None):
        self.connection.request(
            method, path + QUERY, None if body is None else json.dumps(body),
            {"Authorization": "Bearer t"})
        answer = self.connection.getresponse()
        data = answer.read()
        return answer.status, json.loads(data) if data else None

    def want(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        assert status in (200, 204), "%s %s: %d %s" % (method, path, status,
                                                       answer)
        return answer


class Key:
    """What is known of a key, and what was under way at the kill."""

    def __init__(self, name):
        self.name = name
        self.state = "none"
        self.versions = set()
        self.tag = None
        self.pending = None

    def choices(self):
        return {"none": ["create", "method1", "plain"],
                "active": ["create", "method1", "plain", "update", "update",
                           "delete"],
                "deleted": ["recover", "recover", "purge"]}[self.state]

    def step(self, client, rng):
        op = self.pending = rng.choice(self.choices())
        path = "/keys/" + self.name
        gone = "/deletedkeys/" + self.name
        if op == "create":
            got = client.want("POST", path + "/create",
                              {"kty": rng.choice(["EC-HSM", "EC"])})
        elif op == "method1":
            got = client.want("PUT", path, {"key": {
                "kty": "RSA-HSM", "key_hsm": PACKAGE}})
        elif op == "plain":
            got = client.want("PUT", path, {"key": PLAIN})
        elif op == "update":
            tag = self.pending = "t%d" % rng.randrange(1 << 30)
            client.want("PATCH", path, {"tags": {"t": tag}})
            self.tag = tag
        elif op == "delete":
            client.want("DELETE", path)
            self.state = "deleted"
        elif op == "recover":
            client.want("POST", gone + "/recover")
            self.state = "active"
        elif op == "purge":
            client.want("DELETE", gone)
            self.state, self.versions, self.tag = "none", set(), None
        if op in ("create", "method1", "plain"):
            self.versions.add(got["key"]["kid"].split("/")[-1])
            self.state, self.tag = "active", None
        self.pending = None

    def check(self, client):
        """Compare with the server, then take over what it says."""
        where = "%s (%s, then %s)" % (self.name, self.state, self.pending)
        new = self.pending in ("create", "method1", "plain")
        status, bundle = client.ask("GET", "/keys/" + self.name)
        gone, _ = client.ask("GET", "/deletedkeys/" + self.name)
        assert status in (200, 404) and gone in (200, 404), where
        assert (status, gone) != (200, 200), where + ": both"
        state = ("active" if status == 200 else
                 "deleted" if gone == 200 else "none")
        after = {"delete": "deleted", "recover": "active", "purge": "none"}
        allowed = {self.state, "active" if new else
                   after.get(self.pending, self.state)}
        assert state in allowed, where + ": is " + state
        if state == "active":
            listed = set()
            page = client.want("GET", "/keys/%s/versions" % self.name)
            assert "nextLink" not in page or len(page["value"]) == 25
            listed = {v["kid"].split("/")[-1] for v in page["value"]}
            if len(page["value"]) < 25:
                assert self.versions <= listed, where + ": versions lost"
                assert len(listed - self.versions) <= (1 if new else 0), \
                    where + ": versions that nobody made"
                self.versions = listed
            for version in listed:
                works(client, "/keys/%s/%s" % (self.name, version), where)
            tag = bundle.get("tags", {}).get("t")
            assert tag == self.tag or tag == self.pending or \
                (new and tag is None), where + ": tag"
            self.tag = tag
        elif state == "none":
            self.versions, self.tag = set(), None
        self.state, self.pending = state, None


def works(client, path, where):
    got = client.want("GET", path)
    alg = "RS256" if got["key"]["kty"].startswith("RSA") else "ES256"
    signed = client.want("POST", path + "/sign", {"alg": alg,
                                                  "value": DIGEST})
    answer = client.want("POST", path + "/verify", {
        "alg": alg, "digest": DIGEST, "value": signed["value"]})
    assert answer["value"] is True, where + ": signature"


class Worker(threading.Thread):
    def __init__(self, server, keys, seed, counts):
        super().__init__()
        self.server, self.keys, self.counts = server, keys, counts
        self.rng = random.Random(seed)
        self.error = None

    def run(self):
        try:
            client = Client(self.server)
            while True:
                self.rng.choice(self.keys).step(client, self.rng)
                self.counts.append(1)
        except (OSError, http.client.HTTPException):
            pass
        except Exception as e:
            self.error = e


def main():
    rng = random.Random(SEED)
    print("# seed %d" % SEED)
    keys = [[Key("k-%d-%d" % (w, i)) for i in range(3)] for w in range(3)]
    counts = []
    for turn in range(ROUNDS):
        server = Server()
        client = Client(server)
        for key in sum(keys, []):
            key.check(client)
            # Bounded work: what has many versions starts again.
            if key.state == "active" and len(key.versions) > 12:
                client.want("DELETE", "/keys/" + key.name)
                client.want("DELETE", "/deletedkeys/" + key.name)
                key.state, key.versions, key.tag = "none", set(), None
        workers = [Worker(server, mine, rng.random(), counts)
                   for mine in keys]
        for w in workers:
            w.start()
        # Any moment of any operation, but for the first ones of a round.
        enough = len(counts) + rng.randrange(1, 5)
        while len(counts) < enough and any(w.is_alive() for w in workers):
            time.sleep(0.001)
        time.sleep(rng.uniform(0.005, 0.2))
        server.kill(signal.SIGKILL)
        for w in workers:
            w.join()
            if w.error is not None:
                raise w.error
    server = Server()
    client = Client(server)
    for key in sum(keys, []):
        key.check(client)
    assert server.kill(signal.SIGTERM) == 0, "status"
    print("# %d operations were acknowledged, %d kills" %
          (len(counts), ROUNDS))
    assert len(counts) >= ROUNDS, "nothing happened"


if __name__ == "__main__":
    main()
