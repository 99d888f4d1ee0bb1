# SPDX-License-Identifier: Apache-2.0
# What no decent client sends, to a vaultsim that must live through it:
#   torture.py PORT CA PID
# One line a case, numbered by http.tap; after each the server still answers.
import json
import os
import resource
import select
import socket
import ssl
import sys
import time

PORT, CA, PID = int(sys.argv[1]), sys.argv[2], sys.argv[3]
HOST = "sim.vault.test:%d" % PORT
LIMIT = 256 * 1024
# Seconds: the server closes what is idle for IDLE, and who sends on after an
# answer has LINGER; a loaded machine may need WAIT for anything.
IDLE, LINGER, WAIT = 30, 2, 120
# How much it may grow; a sanitized server keeps what was freed.
RSS = int(os.environ.get("RSS_KIB", "16384"))
context = ssl.create_default_context(cafile=CA)
failed = 0


def dial():
    s = socket.create_connection(("127.0.0.1", PORT), WAIT)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def connect():
    return context.wrap_socket(dial(), server_hostname="sim.vault.test")


def head(method, path, *lines, token=True, host=True):
    out = ["%s %s HTTP/1.1" % (method, path)]
    if host:
        out.append("Host: " + HOST)
    if token:
        out.append("Authorization: Bearer t")
    return "\r\n".join(out + list(lines) + ["", ""]).encode()


def post(body, path="/keys/k/create?api-version=7.4", *lines, **how):
    return head("POST", path, "Content-Length: %d" % len(body), *lines,
                **how) + body


GET = head("GET", "/keys?api-version=7.4")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Reader:
    """Answers from a connection, one after the other."""

    def __init__(self, s):
        self.s, self.left = s, b""

    def more(self):
        try:
            got = self.s.recv(65536)
        except (ConnectionError, ssl.SSLError) as e:
            if isinstance(e, ssl.SSLWantReadError):
                raise
            got = b""
        self.left += got
        return got != b""

    def answer(self, bodiless=False):
        """The next answer; None when the server closed instead."""
        while b"\r\n\r\n" not in self.left:
            if not self.more():
                return None
        top, self.left = self.left.split(b"\r\n\r\n", 1)
        lines = top.decode().split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        size = 0 if bodiless else int(headers.get("content-length", 0))
        while len(self.left) < size:
            if not self.more():
                return None
        body, self.left = self.left[:size], self.left[size:]
        return Answer(int(lines[0].split()[1]), headers, body)

    def closed(self):
        """Nothing more comes, and the server ends the connection."""
        while self.more():
            pass
        return self.left == b""


def send(request, bodiless=False):
    """One request, its answer, and what came after."""
    s = connect()
    try:
        try:
            s.sendall(request)
        except OSError:
            pass
        r = Reader(s)
        return r.answer(bodiless), r
    except ssl.SSLError:
        return None, None


def expect(request, status, code=None, closes=False):
    a, r = send(request)
    assert a is not None, "no answer"
    assert a.status == status, "%d: %r" % (a.status, a.body[:200])
    if code is not None:
        error = json.loads(a.body)["error"]
        assert error["code"] == code, error
    if closes:
        assert r.closed(), "the connection stays: %r" % r.left[:200]
    r.s.close()


def alive():
    start = time.monotonic()
    expect(GET, 200)
    assert time.monotonic() - start < IDLE - 5, "slow"


def check(name, body, *args):
    global failed
    try:
        body(*args)
        alive()
        print("ok " + name)
    except Exception as e:
        failed += 1
        print("not ok " + name)
        print("# %s: %s" % (type(e).__name__, str(e)[:400]))
    sys.stdout.flush()


def status_field(name):
    with open("/proc/%s/status" % PID) as f:
        for line in f:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    raise KeyError(name)


def files():
    try:
        return len(os.listdir("/proc/%s/fd" % PID))
    except PermissionError:
        pass
    # A hardened process shows its files to root alone; its connections are
    # seen by all: neither those that wait for time nor the listening one.
    with open("/proc/net/tcp") as f:
        rows = [line.split() for line in f]
    return sum(r[1].endswith(":%04X" % PORT) and r[3] not in ("06", "0A")
               for r in rows)


# ---- without a token ---------------------------------------------------


def no_token():
    paths = ["/keys", "/keys?api-version=7.4", "/keys/k/create", "/", "//",
             "/deletedkeys/x", "/rng", "/keys/k/v/sign?api-version=1",
             "/nothing/at/all/of/this", "/keys/%zz", "/healthz"]
    seen = set()
    for path in paths:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            for body in (b"", b"{", b'{"kty":"RSA"}'):
                r = head(method, path, "Content-Length: %d" % len(body),
                         token=False) + body
                a, _ = send(r)
                assert a.status == 401, (method, path, a.status)
                assert a.headers["www-authenticate"].startswith("Bearer ")
                seen.add(a.body)
    assert len(seen) == 1, seen


def no_token_head():
    a, _ = send(head("HEAD", "/keys", token=False), True)
    assert a.status == 401


def wrong_scheme():
    for value in ("Basic dDp0", "Bearer", "Bearer ", "bearer", "t"):
        expect(head("GET", "/keys?api-version=7.4",
                    "Authorization: " + value, token=False), 401)


# ---- how long a body is ---------------------------------------------------


def declared_over_limit():
    for size in (LIMIT + 1, 1 << 30, 1 << 40, (1 << 63) - 1, 10 ** 20):
        start = time.monotonic()
        expect(head("POST", "/keys/k/create?api-version=7.4",
                    "Content-Length: %d" % size), 413, closes=True)
        assert time.monotonic() - start < IDLE - 5, "it waited"


def declared_over_limit_expect():
    expect(head("POST", "/keys/k/create?api-version=7.4",
                "Content-Length: %d" % (1 << 30), "Expect: 100-continue"),
           413)


def at_limit():
    expect(post(b"x" * LIMIT), 400, "BadParameter")


def chunked_over_limit():
    s = connect()
    r = Reader(s)
    try:
        s.sendall(head("POST", "/keys/k/create?api-version=7.4",
                       "Transfer-Encoding: chunked"))
        for _ in range(400):
            s.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
    except OSError:
        pass
    a = r.answer()
    assert a is None or a.status == 413, a.status


def sent_regardless():
    """The answer arrives although the body was sent all the same."""
    for _ in range(20):
        s = connect()
        start = time.monotonic()
        s.sendall(head("POST", "/keys/k/create?api-version=7.4",
                       "Content-Length: 2000000"))
        try:
            for _ in range(40):
                s.sendall(b"x" * 50000)
        except OSError:
            pass
        a = Reader(s).answer()
        late = time.monotonic() - start > LINGER - 0.5
        assert late if a is None else a.status == 413, a
        s.close()


def sent_for_ever():
    """A client that is told 413 and goes on is cut off in the end."""
    s = connect()
    s.sendall(head("POST", "/keys/k/create?api-version=7.4",
                   "Content-Length: 2000000"))
    start = time.monotonic()
    try:
        while time.monotonic() - start < WAIT:
            s.sendall(b"x")
            time.sleep(0.2)
        assert False, "it may go on for ever"
    except OSError:
        pass


def chunked():
    body = b'{"kty":"EC-HSM"}'
    r = head("POST", "/keys/chunked/create?api-version=7.4",
             "Transfer-Encoding: chunked")
    r += b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    expect(r, 200)


def wrong_chunks():
    for junk in (b"-1\r\n", b"zz\r\n", b"ffffffffffffffff\r\n",
                 b"7fffffffffffffff\r\n", b"\r\n\r\n"):
        a, _ = send(head("POST", "/keys/k/create?api-version=7.4",
                         "Transfer-Encoding: chunked") + junk + b"x\r\n" * 9)
        assert a is None or a.status >= 400, (junk, a.status)


def wrong_length(value):
    expect(head("POST", "/keys/k/create?api-version=7.4",
                "Content-Length: " + value) + b"{}", 400, closes=True)


def two_lengths():
    for a, b in ((2, 3), (2, 2), (0, 2)):
        expect(head("POST", "/keys/k/create?api-version=7.4",
                    "Content-Length: %d" % a, "Content-Length: %d" % b) +
               b"{}", 400, closes=True)


def two_ways():
    inner = head("GET", "/keys?api-version=7.4")
    for coding in ("chunked", "gzip", "identity", "chunked, gzip",
                   "gzip, chunked"):
        r = head("POST", "/keys/k/create?api-version=7.4",
                 "Transfer-Encoding: " + coding, "Content-Length: 5")
        expect(r + b"0\r\n\r\n" + inner, 400, closes=True)


def unknown_coding():
    expect(head("POST", "/keys/k/create?api-version=7.4",
                "Transfer-Encoding: gzip") + b"{}", 400, closes=True)


def short_length():
    # What is beyond the length is the next request, and none.
    r = head("POST", "/keys/k/create?api-version=7.4", "Content-Length: 2")
    a, rest = send(r + b'{}"kty":"EC"}\r\n\r\n')
    assert a.status == 400
    b = rest.answer()
    assert b is None or b.status in (400, 501), b.status


def long_length():
    s = connect()
    s.sendall(head("POST", "/keys/k/create?api-version=7.4",
                   "Content-Length: 100") + b"{}")
    s.settimeout(0.5)
    try:
        assert False, "an answer before the end: %r" % s.recv(1000)
    except socket.timeout:
        s.close()


# ---- bodies -------------------------------------------------------------


def bad_json(body):
    expect(post(body), 400, "BadParameter")


BAD_JSON = {
    "no_body": b"", "short_object": b"{", "array": b"[]", "text": b'"a"',
    "null": b"null", "trailing_bytes": b'{"kty":"RSA"} x',
    "duplicate_member": b'{"kty":"RSA","kty":"EC"}',
    "duplicate_inside": b'{"kty":"RSA","attributes":{"exp":1,"exp":2}}',
    "nul": b'{"kty":"R\0SA"}', "escaped_nul": b'{"kty":"RSA\\u0000"}',
    "wrong_utf8": b'{"kty":"\xff\xfe"}', "lone_surrogate":
    b'{"kty":"\\ud800"}', "nested_arrays": b"[" * 100000,
    "nested_objects": b'{"a":' * 40000, "max_number":
    b'{"kty":"RSA","key_size":' + b"9" * 400 + b"}",
    "wrong_kty": b'{"kty":7}', "no_kty": b"{}",
    "wrong_size": b'{"kty":"RSA","key_size":"2048"}',
    "negative_size": b'{"kty":"RSA","key_size":-1}',
    "real_size": b'{"kty":"RSA","key_size":2048.5}',
    "wrong_attributes": b'{"kty":"RSA","attributes":[]}',
    "wrong_ops": b'{"kty":"RSA","key_ops":"sign"}',
    "unknown_op": b'{"kty":"RSA","key_ops":["fly"]}',
    "wrong_tags": b'{"kty":"RSA","tags":{"a":1}}',
    "long_tag": b'{"kty":"RSA","tags":{"a":"' + b"x" * 300 + b'"}}',
    "sixteen_tags": json.dumps({"kty": "RSA", "tags": {
        "t%d" % i: "" for i in range(16)}}).encode(),
    "many_members": json.dumps({"m%d" % i: i
                                for i in range(15000)}).encode(),
}


# ---- request lines and headers -------------------------------------------


def long_header():
    a, _ = send(head("GET", "/keys?api-version=7.4", "X: " + "y" * 40000))
    assert a is None or a.status == 400


def many_headers():
    a, _ = send(head("GET", "/keys?api-version=7.4",
                     *["X-%d: y" % i for i in range(20000)]))
    assert a is None or a.status == 400


def endless_header():
    s = connect()
    try:
        s.sendall(b"GET /keys HTTP/1.1\r\n")
        for _ in range(2000):
            s.sendall(b"a" * 10000)
    except OSError:
        pass
    s.close()


def hosts():
    expect(head("GET", "/keys?api-version=7.4", host=False), 400)
    expect(head("GET", "/keys?api-version=7.4", "Host: " + HOST), 400,
           closes=True)
    for host in ("a b", "sim/vault", "\x7f", "x" * 300, "a_b.vault.test",
                 ".vault.test", '"', "-" * 200 + ".vault.test"):
        expect(head("GET", "/keys?api-version=7.4", "Host: " + host,
                    host=False), 400)


def paths():
    for path in ("/keys/%", "/keys/%4", "/keys/%zz", "/keys/%00",
                 "/keys/%0a", "/a/b/c/d/e/f", "/keys/" + "x" * 200,
                 "/keys/../../etc/passwd", "/keys/%2e%2e/%2e%2e",
                 "/keys/a%2fb", "/" + "x/" * 2000, "/rng/x/y"):
        a, _ = send(head("GET", path + "?api-version=7.4"))
        assert a.status in (400, 404), (path, a.status)
        json.loads(a.body)
    for query in ("", "?", "?api-version", "?api-version=", "?%",
                  "?api-version=7.4&maxresults=0", "?api-version=x",
                  "?api-version=7.4&maxresults=26",
                  "?api-version=7.4&maxresults=-1",
                  "?api-version=7.4&$skiptoken=junk",
                  "?api-version=7.4%0d%0aX:y", "?api-version=" + "7" * 99):
        expect(head("GET", "/keys" + query), 400, "BadParameter")


def junk_requests():
    for junk in (b"\r\n\r\n", b"GET\r\n\r\n", b"GET /keys\r\n\r\n",
                 b"GET /keys HTTP/9.9\r\n\r\n", b"\0" * 100 + b"\r\n\r\n",
                 b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                 b"FROB /keys HTTP/1.1\r\n\r\n",
                 b"GET /keys HTTP/1.1\r\nno colon\r\n\r\n",
                 b"GET /keys HTTP/1.1\r\n: empty\r\n\r\n",
                 b"GET /keys HTTP/1.1\r\n folded\r\n\r\n",
                 b"CONNECT a:1 HTTP/1.1\r\n\r\n",
                 b"TRACE / HTTP/1.1\r\n\r\n",
                 bytes(range(256)) * 20):
        s = connect()
        s.sendall(junk)
        s.settimeout(1)
        try:
            a = Reader(s).answer()
            assert a is None or a.status >= 400, (junk[:20], a.status)
        except socket.timeout:
            pass
        s.close()


def other_methods():
    for method in ("HEAD", "OPTIONS"):
        a, _ = send(head(method, "/keys?api-version=7.4"), method == "HEAD")
        assert a.status in (404, 405), a.status


def method_override():
    body = b"{}"
    expect(post(body, "/keys/nothing?api-version=7.4",
                "X-HTTP-METHOD: PATCH"), 404, "KeyNotFound")
    expect(post(body, "/keys/nothing?api-version=7.4",
                "X-HTTP-METHOD: FLY"), 404)


def other_expectation():
    expect(post(b"{}", "/keys/k/create?api-version=7.4",
                "Expect: wonders"), 417)


# ---- connections ----------------------------------------------------------


def pipelined():
    s = connect()
    s.sendall(GET * 300)
    r = Reader(s)
    for _ in range(300):
        assert r.answer().status == 200
    s.close()


def never_read():
    """Requests without end whose answers nobody takes."""
    before = status_field("VmRSS")
    s = connect()
    s.setblocking(False)
    sent, until = 0, time.monotonic() + 8
    while sent < 64 << 20 and time.monotonic() < until:
        if not select.select([], [s], [], 1)[1]:
            break
        try:
            sent += s.send(GET * 100)
        except ssl.SSLWantWriteError:
            pass
    grown = status_field("VmRSS") - before
    s.close()
    assert grown < RSS, "%d KiB more for %d bytes" % (grown, sent)


def slow_clients():
    slow = [connect() for _ in range(20)]
    sent = 0
    request = post(b'{"kty":"EC-HSM"}')
    for second in range(3):
        for s in slow:
            s.sendall(request[sent:sent + 1])
        sent += 1
        for _ in range(20):
            start = time.monotonic()
            expect(GET, 200)
            assert time.monotonic() - start < IDLE - 5, "others wait"
        time.sleep(1)
    for s in slow:
        s.sendall(request[sent:])
        assert Reader(s).answer().status == 200
        s.close()


def half_requests():
    request = post(b'{"kty":"EC-HSM"}')
    for i in range(0, len(request), 2):
        s = connect()
        s.sendall(request[:i])
        s.close()


def half_handshakes():
    for n in range(200):
        s = dial()
        if n % 3 == 1:
            s.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        elif n % 3 == 2:
            s.sendall(os.urandom(500))
        s.close()


def plain_http():
    s = dial()
    s.sendall(GET)
    try:
        got = s.recv(1000)
    except OSError:
        got = b""
    assert not got.startswith(b"HTTP"), got
    s.close()


def thousand():
    want = 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < want + 50:
        want = hard - 50
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, want + 50), hard))
    dialled = [dial() for _ in range(want)]
    # As many as there is time for before the first of them is idle too long.
    until, many = time.monotonic() + IDLE / 3, []
    while dialled and time.monotonic() < until:
        many.append(context.wrap_socket(dialled.pop(),
                                        server_hostname="sim.vault.test"))
    if dialled:
        print("# %d connections, this machine is slow" % len(many))
    for s in dialled:
        s.close()
    assert len(many) > 50, len(many)
    expect(GET, 200)
    for s in many:
        s.sendall(GET)
    for s in many:
        assert Reader(s).answer().status == 200
    for s in many:
        s.close()


def main():
    for name in ("no_token", "no_token_head", "wrong_scheme"):
        check("401 and nothing else: " + name, globals()[name])
    # Warm: what is kept once is kept.
    check("a thousand connections at once", thousand)
    warm, fds = status_field("VmRSS"), files()
    for name in ("declared_over_limit", "declared_over_limit_expect",
                 "at_limit", "sent_regardless", "sent_for_ever",
                 "chunked_over_limit", "chunked",
                 "wrong_chunks", "two_lengths", "two_ways",
                 "unknown_coding", "short_length", "long_length"):
        check("length: " + name, globals()[name])
    for value in ("-1", "+2", "abc", "", "0x2", "2, 2", "2 2", "2e0",
                  "\t2\v"):
        check("length: wrong_length '%s'" % value, wrong_length, value)
    for name, body in BAD_JSON.items():
        check("body: " + name, bad_json, body)
    for name in ("long_header", "many_headers", "endless_header", "hosts",
                 "paths", "junk_requests", "other_methods",
                 "method_override", "other_expectation"):
        check("request: " + name, globals()[name])
    for name in ("pipelined", "never_read", "slow_clients",
                 "half_requests", "half_handshakes", "plain_http",
                 "thousand"):
        check("connections: " + name, globals()[name])

    def no_growth():
        grown = status_field("VmRSS") - warm
        assert grown < RSS, "%d KiB more" % grown

    def no_files():
        until = time.monotonic() + WAIT
        while files() > fds + 4 and time.monotonic() < until:
            time.sleep(0.1)
        assert files() <= fds + 4, "%d, were %d" % (files(), fds)

    check("at the end: memory has not grown", no_growth)
    check("at the end: no connection is left", no_files)


main()
sys.exit(0 if failed == 0 else 1)
