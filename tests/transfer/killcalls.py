# SPDX-License-Identifier: Apache-2.0
# kill -9 of a vaultsim at its system calls that change files:
#   killcalls.py PROGRAM STATE PACKAGE ALL
# Each operation of kill.py is traced, then done again and again to other keys
# and cut at one of these calls, by strace: every one with ALL, else one an
# operation, of another kind and in another part each time.  After each cut
# what kill.py checks has to hold, and the operation works when it is asked
# again.
import http.client
import os
import re
import sys

import kill

ALL = kill.ROUNDS != 0
# What changes names, and what makes contents last; sockets write as well.
CALLS = ("fsync fdatasync rename renameat renameat2 link linkat unlink "
         "unlinkat mkdir mkdirat ftruncate").split()
TRACE = "trace=" + ",".join("?" + c for c in CALLS)
LOG = "vaultsim.calls"
# What a key has to go through before.
OPERATIONS = {"create": [], "method1": [], "plain": [],
              "update": ["create"], "delete": ["create"],
              "recover": ["create", "delete"],
              "purge": ["method1", "create", "delete"]}


class Only:
    """The random number generator of a step that is known."""

    def __init__(self, op):
        self.op = op

    def choice(self, values):
        return self.op if self.op in values else values[0]

    def randrange(self, n):
        return n - 1


def do(key, client, op):
    key.step(client, Only(op))


def prepared(name, op):
    """A key that is ready for the operation."""
    server = kill.Server()
    key = kill.Key(name)
    for before in OPERATIONS[op]:
        do(key, kill.Client(server), before)
    assert server.kill(kill.signal.SIGTERM) == 0, "status"
    return key


def traced(name, op):
    """The calls of the operation, as (call, number of it since the start)."""
    # The first one of its kind makes directories that stay.
    key = prepared("f-" + op, op)
    server = kill.Server()
    do(key, kill.Client(server), op)
    assert server.kill(kill.signal.SIGTERM) == 0, "status"
    key = prepared(name, op)
    server = kill.Server(("strace", "-D", "-f", "-o", LOG, "-e", TRACE))
    # The first one answers when all that a start does is done.
    client = kill.Client(server)
    key.check(client)
    started = counts()
    do(key, client, op)
    assert server.kill(kill.signal.SIGTERM) == 0, "status"
    points = [(call, number) for call, n in counts().items()
              for number in range(started.get(call, 0) + 1, n + 1)]
    assert points, op + ": it changes nothing"
    return points


def counts():
    """How often the thread that did most did each call."""
    found = {}
    with open(LOG) as log:
        for line in log:
            m = re.match(r"(\d+) +([a-z0-9]+)\(", line)
            if m:
                of = found.setdefault(m[2], {})
                of[m[1]] = of.get(m[1], 0) + 1
    return {call: max(of.values()) for call, of in found.items()}


def cut(name, op, call, number):
    where = "%s, cut at %s %d" % (op, call, number)
    key = prepared(name, op)
    server = kill.Server(("strace", "-D", "-f", "-o", "/dev/null", "-e",
                          "inject=%s:signal=KILL:when=%d" % (call, number)))
    client = kill.Client(server)
    key.check(client)
    try:
        do(key, client, op)
        raise AssertionError(where + ": it was not killed")
    except (OSError, http.client.HTTPException):
        pass
    assert server.process.wait(120) == -kill.signal.SIGKILL, where
    server = kill.Server()
    client = kill.Client(server)
    key.check(client)
    # It is done, or it works now.
    if op in key.choices():
        do(key, client, op)
        key.check(client)
    assert server.kill(kill.signal.SIGTERM) == 0, where


def main():
    done = 0
    for i, op in enumerate(OPERATIONS):
        points = traced("t-" + op, op)
        if not ALL:
            kinds = sorted({call for call, _ in points})
            mine = [p for p in points if p[0] == kinds[i % len(kinds)]]
            points = [mine[i * len(mine) // len(OPERATIONS)]]
        for n, (call, number) in enumerate(points):
            cut("c-%s-%d" % (op, n), op, call, number)
            done += 1
        print("# %s: killed at %s" % (op, ", ".join(
            "%s %d" % p for p in points)))
    os.remove(LOG)
    print("# %d kills" % done)


sys.stdout.reconfigure(line_buffering=True)
main()
