/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "nfast/host/trace.h"
#include "nfast/wire/command-json.h"

#define PATH_SHOWN	256

struct nf_trace {
	int fd;
	char path[PATH_SHOWN];
};

static int
fail(struct nf_diag *diag, const char *path, const char *what)
{
	(void)nf_diag_set(diag, NF_E_IO, "trace", "%s", what);
	nf_diag_where(diag, "%s", path);
	return NF_E_IO;
}

int
nf_trace_open(const char *path, struct nf_trace **out, struct nf_diag *diag)
{
	struct nf_trace *t;
	struct stat st;
	int r = NF_E_IO;

	*out = NULL;
	if (path == NULL)
		return 0;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	(void)snprintf(t->path, sizeof(t->path), "%s", path);
	t->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	if (t->fd < 0 || fstat(t->fd, &st) != 0) {
		r = fail(diag, path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 077) != 0) {
		r = fail(diag, path, "not a file of yours that nobody else "
		    "can read or write");
		goto out;
	}
	*out = t;
	t = NULL;
	r = 0;
out:
	nf_trace_close(t);
	return r;
}

void
nf_trace_close(struct nf_trace *t)
{
	if (t == NULL)
		return;
	if (t->fd >= 0)
		(void)close(t->fd);
	free(t);
}

/* The members of the reply, and its status. */
static void
reply_json(struct nf_buf *line, uint32_t cmd, struct nf_view bytes,
    struct nf_reply *reply)
{
	struct nf_cur cur;

	if (bytes.p == NULL) {
		nf_buf_str(line, ", \"status\": null");
		return;
	}
	nf_cur_init(&cur, bytes.p, bytes.len, NULL);
	if (nf_wire_reply_read(&cur, cmd, reply) != 0) {
		nf_buf_printf(line, ", \"status\": null, \"reply\": "
		    "{\"unreadable\": %zu}", bytes.len);
		return;
	}
	nf_buf_str(line, ", \"status\": ");
	nf_wire_name_json(line, nf_wire_statuses, reply->status);
	if (reply->status != NF_ST_OK) {
		nf_buf_str(line, ", \"reason\": ");
		nf_text_json(line, reply->reason);
		return;
	}
	nf_buf_str(line, ", \"reply\": ");
	nf_wire_args_json(line, cmd, true, &reply->args);
}

/* A reply whose command is not known has a status all the same. */
static void
refusal_json(struct nf_buf *line, struct nf_view bytes)
{
	struct nf_cur cur;
	uint32_t status;

	nf_cur_init(&cur, bytes.p, bytes.len, NULL);
	(void)nf_cur_u32(&cur, "tag");
	(void)nf_cur_u32(&cur, "cmd");
	status = nf_cur_u32(&cur, "status");
	nf_buf_str(line, ", \"status\": ");
	if (bytes.p == NULL || nf_cur_err(&cur) != 0)
		nf_buf_str(line, "null");
	else
		nf_wire_name_json(line, nf_wire_statuses, status);
}

static void
line_build(struct nf_buf *line, uint64_t client, struct nf_view command,
    struct nf_view bytes, struct nf_command *cmd, struct nf_reply *reply)
{
	struct nf_cur cur;

	nf_buf_str(line, "{\"time\": \"");
	nf_text_time(line, nf_seed_now());
	nf_buf_printf(line, "\", \"client\": %" PRIu64 ", ", client);
	if (nf_seed_text() != NULL)
		nf_buf_str(line, "\"mark\": \"" NF_SEED_WORDS "\", ");
	nf_cur_init(&cur, command.p, command.len, NULL);
	if (nf_wire_command_read(&cur, cmd) != 0) {
		nf_buf_printf(line, "\"command\": {\"unreadable\": %zu}",
		    command.len);
		refusal_json(line, bytes);
	} else {
		nf_buf_str(line, "\"command\": ");
		nf_wire_name_json(line, nf_wire_cmds, cmd->cmd);
		nf_buf_printf(line, ", \"tag\": %u, \"args\": ", cmd->tag);
		nf_wire_args_json(line, cmd->cmd, false, &cmd->args);
		if (cmd->certs.n > 0)
			nf_buf_printf(line, ", \"certs\": %u", cmd->certs.n);
		reply_json(line, cmd->cmd, bytes, reply);
	}
	nf_buf_str(line, "}\n");
}

int
nf_trace_message(const struct nf_trace *t, uint64_t client,
    struct nf_view command, struct nf_view reply, struct nf_diag *diag)
{
	struct nf_buf line = NF_BUF_INIT;
	struct nf_command *cmd;
	struct nf_reply *rep;
	ssize_t n;
	int r = NF_E_NOMEM;

	if (t == NULL)
		return 0;
	cmd = calloc(1, sizeof(*cmd));
	rep = calloc(1, sizeof(*rep));
	if (cmd == NULL || rep == NULL)
		goto out;
	line_build(&line, client, command, reply, cmd, rep);
	if ((r = nf_buf_err(&line)) != 0)
		goto out;
	do
		n = write(t->fd, line.p, line.len);
	while (n < 0 && errno == EINTR);
	if (n < 0 || (size_t)n != line.len)
		r = fail(diag, t->path, n < 0 ? strerror(errno) :
		    "cannot be written: the disk is full");
out:
	if (cmd != NULL)
		nf_args_wipe(&cmd->args);
	if (rep != NULL)
		nf_args_wipe(&rep->args);
	free(cmd);
	free(rep);
	nf_buf_wipe(&line);
	return r == NF_E_NOMEM ? nf_diag_set(diag, r, "trace",
	    "out of memory") : r;
}
