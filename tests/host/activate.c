/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a program with sockets as systemd does: "activate NAME=PATH...
 * -- PROGRAM ARG..." listens on the paths, from descriptor 3 on, says so in
 * LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, and becomes the program.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST		3
#define NAMES_MAX	256

static int
fail(const char *what)
{
	perror(what);
	return 1;
}

/* Listen at a path as descriptor fd, which does not close on exec. */
static int
listen_as(const char *path, int fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	if (s < 0 || strlen(path) >= sizeof(addr.sun_path))
		return -1;
	(void)strcpy(addr.sun_path, path);
	if (bind(s, (const struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    listen(s, 16) != 0)
		return -1;
	if (s == fd)
		return 0;
	if (dup2(s, fd) != fd)
		return -1;
	return close(s);
}

int
main(int argc, char **argv)
{
	char names[NAMES_MAX] = "", number[32];
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		char *path = strchr(argv[i], '=');

		if (path == NULL || strlen(names) + strlen(argv[i]) + 2 >
		    sizeof(names))
			return 2;
		*path++ = '\0';
		(void)strcat(strcat(names, i == 1 ? "" : ":"), argv[i]);
		if (listen_as(path, FIRST + i - 1) != 0)
			return fail(path);
	}
	if (i + 1 >= argc)
		return 2;
	(void)snprintf(number, sizeof(number), "%d", i - 1);
	(void)setenv("LISTEN_FDS", number, 1);
	(void)setenv("LISTEN_FDNAMES", names, 1);
	(void)snprintf(number, sizeof(number), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", number, 1);
	(void)execvp(argv[i + 1], argv + i + 1);
	return fail(argv[i + 1]);
}
