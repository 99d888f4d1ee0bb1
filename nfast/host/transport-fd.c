/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport over a descriptor: a socket that was inherited (preload) or
 * the Unix socket of a service (nfsimd).  Framing: nfast/host/frame.h, ours.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/host/frame.h"
#include "nfast/host/transport.h"

struct fd_link {
	int fd;
};

static int
fd_transact(void *self, struct nf_view message, struct nf_buf *reply,
    struct nf_diag *diag)
{
	const struct fd_link *link = self;
	int r;

	if ((r = nf_frame_send(link->fd, message, diag)) != 0)
		return r;
	return nf_frame_recv(link->fd, reply, NULL, diag);
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
link_new(int fd, struct nf_link *out, struct nf_diag *diag)
{
	struct fd_link *link = malloc(sizeof(*link));

	if (link == NULL) {
		(void)close(fd);
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	}
	link->fd = fd;
	out->ops = &fd_transport;
	out->self = link;
	return 0;
}

int
nf_link_fd(int fd, struct nf_link *out, struct nf_diag *diag)
{
	int type;
	socklen_t len = sizeof(type);

	memset(out, 0, sizeof(*out));
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 ||
	    type != SOCK_STREAM)
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "descriptor %d is no connected stream socket", fd);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return link_new(fd, out, diag);
}

int
nf_link_unix(const char *path, struct nf_link *out, struct nf_diag *diag)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd;

	memset(out, 0, sizeof(*out));
	if (n == 0 || n >= sizeof(addr.sun_path))
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "the path of a socket has 1 to %zu bytes",
		    sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, n);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return nf_diag_set(diag, NF_E_IO, NULL, "socket: %s",
		    strerror(errno));
	while (connect(fd, (const struct sockaddr *)&addr,
	    sizeof(addr)) != 0) {
		if (errno == EINTR)
			continue;
		n = (size_t)errno;
		(void)close(fd);
		return nf_diag_set(diag, NF_E_IO, NULL,
		    "no module answers at %s: %s", path, strerror((int)n));
	}
	return link_new(fd, out, diag);
}
