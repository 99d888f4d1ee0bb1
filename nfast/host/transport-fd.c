/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport over a descriptor: a socket that was inherited (preload) or
 * the Unix socket of a service (nfsimd).  Framing: nfast/host/frame.h, ours.
 * A peer that hangs is an error after NFSIM_TIMEOUT.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/host/frame.h"
#include "nfast/host/transport.h"

#define TIMEOUT_MAX	86400

/*
 *   at      where, for messages: the path of the socket, or "fd:N"
 *   broken  a message was lost in the middle: what comes is out of step
 */
struct fd_link {
	int fd;
	char at[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint32_t timeout;
	bool broken;
};

static int
timeout_get(uint32_t *out, struct nf_diag *diag)
{
	const char *s = nf_cli_env(NF_TIMEOUT_ENV);
	unsigned long n;
	char *end;

	*out = NF_TIMEOUT_DEFAULT;
	if (s == NULL)
		return 0;
	errno = 0;
	n = *s >= '0' && *s <= '9' ? strtoul(s, &end, 10) : 0;
	if (n < 1 || n > TIMEOUT_MAX || errno != 0 || *end != '\0')
		return nf_diag_set(diag, NF_E_USAGE, NF_TIMEOUT_ENV,
		    "1 to %d seconds", TIMEOUT_MAX);
	*out = (uint32_t)n;
	return 0;
}

static int
fd_transact(void *self, struct nf_view message, struct nf_buf *reply,
    struct nf_diag *diag)
{
	struct fd_link *link = self;
	int64_t until = nf_frame_until(link->timeout);
	struct nf_diag own = { 0 };
	int r, sent;

	if (link->broken)
		return nf_diag_set(diag, NF_E_IO, NULL,
		    "the connection to the module broke before");
	/* A service that turns us away says so and reads nothing. */
	sent = nf_frame_send(link->fd, message, until, &own);
	r = nf_frame_recv(link->fd, reply, NULL, until, &own);
	if (r == 0)
		return 0;
	if (sent != 0)
		r = sent;
	link->broken = true;
	if (r == NF_E_IO && nf_frame_until(0) >= until)
		return nf_diag_set(diag, r, NULL, "the module did not answer "
		    "within %u s (" NF_TIMEOUT_ENV ")", link->timeout);
	if (r != NF_E_IO)
		return nf_diag_set(diag, r, own.field, "%s", own.text);
	return nf_diag_set(diag, r, own.field, "%s; does its service still "
	    "run at %s?", own.text, link->at);
}

static void
fd_close(void *self)
{
	struct fd_link *link = self;

	(void)close(link->fd);
	free(link);
}

static const struct nf_transport fd_transport = { fd_transact, fd_close };

/* Takes the descriptor, also on failure. */
static int
link_new(int fd, const char *at, uint32_t timeout, struct nf_link *out,
    struct nf_diag *diag)
{
	struct fd_link *link = calloc(1, sizeof(*link));

	if (link == NULL) {
		(void)close(fd);
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	}
	link->fd = fd;
	(void)snprintf(link->at, sizeof(link->at), "%s", at);
	link->timeout = timeout;
	out->ops = &fd_transport;
	out->self = link;
	return 0;
}

int
nf_link_fd(int fd, struct nf_link *out, struct nf_diag *diag)
{
	int type, r;
	socklen_t len = sizeof(type);
	uint32_t timeout;
	char at[16];

	memset(out, 0, sizeof(*out));
	if ((r = timeout_get(&timeout, diag)) != 0)
		return r;
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 ||
	    type != SOCK_STREAM)
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "descriptor %d is no connected stream socket", fd);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)snprintf(at, sizeof(at), "fd:%d", fd);
	return link_new(fd, at, timeout, out, diag);
}

int
nf_link_unix(const char *path, struct nf_link *out, struct nf_diag *diag)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timeval limit = { 0, 0 };
	size_t n = strlen(path);
	uint32_t timeout;
	int fd, r;

	memset(out, 0, sizeof(*out));
	if ((r = timeout_get(&timeout, diag)) != 0)
		return r;
	if (n == 0 || n >= sizeof(addr.sun_path))
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "the path of a socket has 1 to %zu bytes",
		    sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, n);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return nf_diag_set(diag, NF_E_IO, NULL, "socket: %s",
		    strerror(errno));
	/* A service that takes no more connections hangs, too. */
	limit.tv_sec = (time_t)timeout;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	while (connect(fd, (const struct sockaddr *)&addr,
	    sizeof(addr)) != 0) {
		if (errno == EINTR)
			continue;
		n = (size_t)errno;
		(void)close(fd);
		return nf_diag_set(diag, NF_E_IO, NULL,
		    "no module answers at %s: %s", path, (int)n == EAGAIN ?
		    "it takes no connections" : strerror((int)n));
	}
	return link_new(fd, path, timeout, out, diag);
}
