/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/simd/listen.h"

#define FD_FIRST	3	/* of the descriptors that systemd hands over */

static int
io_fail(struct nf_diag *diag, const char *path)
{
	return nf_diag_set(diag, NF_E_IO, NULL, "%s: %s", path,
	    strerror(errno));
}

/* The directory of a path, resolved. */
static int
parent_of(const char *path, char out[static PATH_MAX], struct nf_diag *diag)
{
	char dir[NF_PATH_MAX], *slash;
	int r;

	if ((r = nf_path(dir, diag, "%s", path)) != 0)
		return r;
	if ((slash = strrchr(dir, '/')) == NULL)
		(void)strcpy(dir, ".");
	else if (slash == dir)
		dir[1] = '\0';
	else
		*slash = '\0';
	return realpath(dir, out) == NULL ? io_fail(diag, dir) : 0;
}

/* Nobody but root and us can put something else where the socket is. */
static int
dir_check(const char *path, struct nf_diag *diag)
{
	char dir[PATH_MAX], *slash;
	bool first = true;
	struct stat st;
	int r;

	if ((r = parent_of(path, dir, diag)) != 0)
		return r;
	for (;;) {
		if (stat(dir, &st) != 0)
			return io_fail(diag, dir);
		if (first && st.st_uid != 0 && st.st_uid != geteuid())
			return nf_diag_set(diag, NF_E_POLICY, NULL,
			    "%s belongs to another user: no place for a "
			    "socket", dir);
		if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
		    (first || (st.st_mode & S_ISVTX) == 0))
			return nf_diag_set(diag, NF_E_POLICY, NULL,
			    "others can write in %s: no place for a socket",
			    dir);
		if (strcmp(dir, "/") == 0)
			return 0;
		first = false;
		slash = strrchr(dir, '/');
		slash[slash == dir] = '\0';
	}
}

/* Two that start or end at once must not take each other's for stale. */
static int
dir_lock(const char *path, int *fd, struct nf_diag *diag)
{
	char dir[PATH_MAX];
	int r;

	*fd = -1;
	if ((r = parent_of(path, dir, diag)) != 0)
		return r;
	if ((*fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    flock(*fd, LOCK_EX) != 0)
		return io_fail(diag, dir);
	return 0;
}

/* Remove a socket that nobody listens on. */
static int
stale_remove(const char *path, const struct sockaddr_un *addr,
    struct nf_diag *diag)
{
	struct stat st;
	int fd, r = 0;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : io_fail(diag, path);
	if (!S_ISSOCK(st.st_mode))
		return nf_diag_set(diag, NF_E_EXISTS, NULL,
		    "%s is there and is no socket", path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0)) < 0)
		return io_fail(diag, "socket");
	/* EAGAIN: somebody listens and is busy. */
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 ||
	    errno != ECONNREFUSED)
		r = nf_diag_set(diag, NF_E_BUSY, NULL,
		    "another service listens at %s", path);
	else if (unlink(path) != 0)
		r = io_fail(diag, path);
	(void)close(fd);
	return r;
}

static int
bind_listen(struct nf_listener *l, const struct sockaddr_un *addr,
    bool owner_only, struct nf_diag *diag)
{
	struct stat st;
	mode_t before;
	int bound;

	if ((l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0)) < 0)
		return io_fail(diag, "socket");
	before = umask(owner_only ? 0177 : 0111);
	bound = bind(l->fd, (const struct sockaddr *)addr, sizeof(*addr));
	(void)umask(before);
	if (bound != 0 || lstat(addr->sun_path, &st) != 0)
		return io_fail(diag, addr->sun_path);
	memcpy(l->path, addr->sun_path, sizeof(addr->sun_path));
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return listen(l->fd, SOMAXCONN) == 0 ? 0 : io_fail(diag, l->path);
}

int
nf_listen_unix(const char *path, bool owner_only, struct nf_listener *out,
    struct nf_diag *diag)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int lock = -1, r;

	*out = (struct nf_listener)NF_LISTENER_INIT;
	if (*path == '\0' || strlen(path) >= sizeof(addr.sun_path))
		return nf_diag_set(diag, NF_E_USAGE, NULL, "the path of a "
		    "socket has 1 to %zu bytes", sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path));
	if ((r = dir_check(path, diag)) == 0 &&
	    (r = dir_lock(path, &lock, diag)) == 0 &&
	    (r = stale_remove(path, &addr, diag)) == 0)
		r = bind_listen(out, &addr, owner_only, diag);
	if (lock >= 0)
		(void)close(lock);
	if (r != 0)
		nf_listen_close(out);
	return r;
}

/* A decimal number of the environment, 0 for what is none. */
static long
env_number(const char *name)
{
	const char *s = nf_cli_env(name);
	char *end;
	long n;

	if (s == NULL || *s < '0' || *s > '9')
		return 0;
	errno = 0;
	n = strtol(s, &end, 10);
	return errno != 0 || *end != '\0' ? 0 : n;
}

static bool
is_listener(int fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNSPEC };
	socklen_t len = sizeof(int), alen = sizeof(addr);
	int type, on;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_STREAM &&
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	    on != 0 && getsockname(fd, (struct sockaddr *)&addr,
	    &alen) == 0 && addr.sun_family == AF_UNIX;
}

/* The length of the name before the next colon. */
static size_t
name_length(const char *names)
{
	return strcspn(names, ":");
}

static int
inherit_one(int fd, const char *name, size_t len, struct nf_listener *plain,
    struct nf_listener *priv, struct nf_diag *diag)
{
	struct nf_listener *l =
	    len == 7 && memcmp(name, "nserver", len) == 0 ? plain :
	    len == 11 && memcmp(name, "privnserver", len) == 0 ? priv : NULL;
	int flags = fcntl(fd, F_GETFL);

	if (l == NULL || l->fd >= 0)
		return nf_diag_set(diag, NF_E_USAGE, "LISTEN_FDNAMES",
		    "socket %d is neither \"nserver\" nor \"privnserver\"",
		    fd);
	if (!is_listener(fd) || flags < 0 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return nf_diag_set(diag, NF_E_USAGE, "LISTEN_FDS",
		    "descriptor %d is no listening Unix stream socket", fd);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	l->fd = fd;
	return 0;
}

int
nf_listen_inherited(struct nf_listener *plain, struct nf_listener *priv,
    bool *taken, struct nf_diag *diag)
{
	const char *names = nf_cli_env("LISTEN_FDNAMES");
	long n = env_number("LISTEN_FDS");
	int r = 0;

	*plain = *priv = (struct nf_listener)NF_LISTENER_INIT;
	*taken = false;
	if (n == 0 || env_number("LISTEN_PID") != (long)getpid())
		return 0;
	if (n > 2)
		return nf_diag_set(diag, NF_E_USAGE, "LISTEN_FDS",
		    "%ld sockets: at most 2 are expected", n);
	if (names == NULL)
		names = "nserver:privnserver";
	for (int i = 0; r == 0 && i < (int)n; i++) {
		size_t len = name_length(names);

		r = inherit_one(FD_FIRST + i, names, len, plain, priv, diag);
		names += len + (names[len] == ':');
	}
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	*taken = true;
	return r;
}

void
nf_listen_close(struct nf_listener *l)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;
	int lock = -1;

	if (l->fd >= 0)
		(void)close(l->fd);
	/* Numbers of files come again: that nobody listens there decides. */
	if (l->path[0] != '\0' && dir_lock(l->path, &lock, NULL) == 0 &&
	    lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino) {
		memcpy(addr.sun_path, l->path, sizeof(addr.sun_path));
		(void)stale_remove(l->path, &addr, NULL);
	}
	if (lock >= 0)
		(void)close(lock);
	*l = (struct nf_listener)NF_LISTENER_INIT;
}
