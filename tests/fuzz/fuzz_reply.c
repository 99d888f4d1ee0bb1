/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: replies of a module.  The first four bytes are the number of
 * the command; the rest is what a module says to it, and also what a server
 * sends over a socket.
 */
#include "config.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/host/frame.h"
#include "nfast/host/transport.h"
#include "nfast/wire/command-fields.h"
#include "nfast/wire/command-json.h"
#include "tests/fuzz/link.h"

#define SOCKET_MAX	16384	/* what a socket takes for sure */

static void
message(uint32_t cmd, const uint8_t *data, size_t size)
{
	struct nf_reply *rep = calloc(1, sizeof(*rep));
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_cur cur;
	int r;

	if (nf_wire_spec(cmd) == NULL || !FUZZ_OK(rep != NULL))
		goto out;
	nf_cur_init(&cur, data, size, &diag);
	r = nf_wire_reply_read(&cur, cmd, rep);
	fuzz_diag(r, &diag);
	if (r == 0) {
		NF_REQUIRE(nf_view_printable(rep->reason));
		nf_wire_args_json(&out, cmd, true, &rep->args);
		fuzz_text(&out);
		nf_wire_reply_write(&out, rep);
		fuzz_same(&out, data, size);
	}
	nf_args_wipe(&rep->args);
out:
	free(rep);
}

/* Two messages over a socket whose other end has sent this and is gone. */
static void
server(const uint8_t *data, size_t size)
{
	struct nf_link link = { NULL, NULL };
	struct nf_diag diag = { 0 };
	int fd[2], r;

	nf_fail_off();
	NF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	NF_REQUIRE(write(fd[1], data, size) == (ssize_t)size);
	NF_REQUIRE(shutdown(fd[1], SHUT_WR) == 0);
	fuzz_inject();
	r = nf_link_fd(fd[0], &link, &diag);
	fuzz_diag(r, &diag);
	if (r == 0)
		fuzz_messages(&link, 2, size);
	if (link.ops != NULL)
		link.ops->close(link.self);
	else
		(void)close(fd[0]);
	(void)close(fd[1]);
}

void
target_reply(const uint8_t *data, size_t size)
{
	struct nf_cur cur;
	uint32_t cmd;

	nf_cur_init(&cur, data, size, NULL);
	cmd = nf_cur_u32(&cur, "cmd");
	if (nf_cur_err(&cur) != 0)
		return;
	message(cmd, data + 4, size - 4);
	if (size - 4 <= SOCKET_MAX)
		server(data + 4, size - 4);
}
