# SPDX-License-Identifier: Apache-2.0
# One request that takes the server a while:
#	late.py PORT CA
# A line "sent" when the server has it all, the status when it has answered.
import fcntl
import socket
import ssl
import struct
import sys
import termios
import time

PORT, CA = int(sys.argv[1]), sys.argv[2]
BODY = b'{"kty":"RSA-HSM","key_size":4096}'
HEAD = """POST /keys/late/create?api-version=7.4 HTTP/1.1\r
Host: sim.vault.test:%d\r
Authorization: Bearer t\r
Content-Length: %d\r
Expect: 100-continue\r
\r
""" % (PORT, len(BODY))


def line(f):
    return f.readline().decode().rstrip()


context = ssl.create_default_context(cafile=CA)
with context.wrap_socket(socket.create_connection(("127.0.0.1", PORT)),
                         server_hostname="sim.vault.test") as s:
    f = s.makefile("rb")
    s.sendall(HEAD.encode())
    assert line(f).startswith("HTTP/1.1 100 ")
    assert line(f) == ""
    s.sendall(BODY)
    # What was sent and has not arrived there.
    while struct.unpack("i", fcntl.ioctl(s, termios.TIOCOUTQ, bytes(4)))[0]:
        time.sleep(0.01)
    print("sent", flush=True)
    print(line(f).split()[1])
