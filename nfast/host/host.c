/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport: marshals a command, hands the bytes to the module in this
 * process or to a descriptor, and reads the reply.  Ours: the framing on the
 * descriptor and the value of NFAST_SERVER (its name is real).
 */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/host/host.h"
#include "nfast/module/module.h"
#include "nfast/wire/names.h"

struct nf_host {
	struct nf_module *module;	/* NULL: another process has it */
	int fd;
	uint32_t tag;
	struct nf_buf command;
	struct nf_buf reply;
};

static struct nf_host *
host_new(void)
{
	struct nf_host *host = calloc(1, sizeof(*host));

	if (host != NULL) {
		host->fd = -1;
		/* Processes that share a descriptor by mistake find out. */
		host->tag = (uint32_t)getpid() << 16;
	}
	return host;
}

int
nf_host_open_state(const char *state_dir, const char *root_dir,
    struct nf_host **out, struct nf_diag *diag)
{
	struct nf_host *host;
	int r;

	*out = NULL;
	if ((host = host_new()) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = nf_module_open(state_dir, root_dir, &host->module,
	    diag)) != 0)
		goto out;
	*out = host;
	host = NULL;
out:
	nf_host_close(host);
	return r;
}

/* The descriptor of "fd:N", or -1. */
static int
fd_parse(const char *s)
{
	char *end;
	long n;

	if (strncmp(s, "fd:", 3) != 0 || s[3] < '0' || s[3] > '9')
		return -1;
	errno = 0;
	n = strtol(s + 3, &end, 10);
	return errno != 0 || *end != '\0' || n > 65535 ? -1 : (int)n;
}

static int
open_fd(const char *server, struct nf_host **out, struct nf_diag *diag)
{
	struct nf_host *host;
	int type, fd = fd_parse(server);
	socklen_t len = sizeof(type);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 ||
	    type != SOCK_STREAM)
		return nf_diag_set(diag, NF_E_USAGE, "NFAST_SERVER",
		    "'%.64s' is not \"fd:N\" with a connected stream socket",
		    server);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if ((host = host_new()) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	host->fd = fd;
	*out = host;
	return 0;
}

int
nf_host_open(struct nf_host **out, struct nf_diag *diag)
{
	const char *server = nf_cli_env("NFAST_SERVER");
	const char *state = nf_cli_env("NFSIM_STATE");

	*out = NULL;
	if (server != NULL)
		return open_fd(server, out, diag);
	if (state == NULL)
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "no module: set NFSIM_STATE to the directory of the "
		    "simulated one");
	return nf_host_open_state(state, state, out, diag);
}

void
nf_host_close(struct nf_host *host)
{
	if (host == NULL)
		return;
	nf_module_close(host->module);
	if (host->fd >= 0)
		(void)close(host->fd);
	nf_buf_wipe(&host->command);
	nf_buf_wipe(&host->reply);
	free(host);
}

static int
io_fail(struct nf_diag *diag, const char *what)
{
	return nf_diag_set(diag, NF_E_IO, NULL, "connection to the module: %s",
	    what);
}

static int
send_all(int fd, struct nf_view v, struct nf_diag *diag)
{
	size_t done = 0;
	ssize_t n;

	while (done < v.len) {
		n = send(fd, v.p + done, v.len - done, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_fail(diag, strerror(errno));
		done += (size_t)n;
	}
	return 0;
}

/* eof, when not NULL, allows the peer to have closed before the first byte. */
static int
recv_all(int fd, uint8_t *p, size_t len, bool *eof, struct nf_diag *diag)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = recv(fd, p + done, len - done, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_fail(diag, strerror(errno));
		if (n == 0 && done == 0 && eof != NULL) {
			*eof = true;
			return 0;
		}
		if (n == 0)
			return io_fail(diag, "closed in a message");
		done += (size_t)n;
	}
	return 0;
}

static int
frame_send(int fd, struct nf_view message, struct nf_diag *diag)
{
	struct nf_buf frame = NF_BUF_INIT;
	int r;

	nf_buf_u32(&frame, (uint32_t)message.len);
	nf_buf_view_put(&frame, message);
	if ((r = nf_buf_err(&frame)) == 0)
		r = send_all(fd, nf_buf_view(&frame), diag);
	nf_buf_wipe(&frame);
	return r;
}

static int
frame_recv(int fd, struct nf_buf *message, bool *eof, struct nf_diag *diag)
{
	uint8_t head[4];
	struct nf_cur cur;
	uint32_t len;
	int r;

	nf_buf_wipe(message);
	if ((r = recv_all(fd, head, sizeof(head), eof, diag)) != 0 ||
	    (eof != NULL && *eof))
		return r;
	nf_cur_init(&cur, head, sizeof(head), diag);
	len = nf_cur_u32(&cur, "frame.length");
	if (len == 0 || len > NF_MESSAGE_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "frame.length",
		    "%u is not in 1..%d", len, NF_MESSAGE_MAX);
	nf_buf_fill(message, 0, len);
	if ((r = nf_buf_err(message)) != 0)
		return nf_diag_set(diag, r, NULL, "out of memory");
	return recv_all(fd, message->p, len, NULL, diag);
}

/* One message to the module and its reply, which replaces host->reply. */
static int
exchange(struct nf_host *host, struct nf_view message, struct nf_diag *diag)
{
	int r;

	nf_buf_wipe(&host->reply);
	if (host->module == NULL) {
		if ((r = frame_send(host->fd, message, diag)) != 0)
			return r;
		return frame_recv(host->fd, &host->reply, NULL, diag);
	}
	if ((r = nf_module_transact(host->module, message,
	    &host->reply)) == 0)
		r = nf_buf_err(&host->reply);
	if (r != 0)
		return nf_diag_set(diag, r, NULL, "the module: %s",
		    nf_err_text(r));
	return 0;
}

static int
refused(const struct nf_command *cmd, const struct nf_reply *reply,
    struct nf_diag *diag)
{
	struct nf_buf text = NF_BUF_INIT;

	nf_name_print(&text, nf_wire_cmds, cmd->cmd);
	nf_buf_str(&text, ": ");
	nf_name_print(&text, nf_wire_statuses, reply->status);
	if (reply->reason.len > 0) {
		nf_buf_str(&text, ": ");
		nf_buf_view_put(&text, reply->reason);
	}
	(void)nf_diag_set(diag, NF_E_REFUSED, NULL, "%s",
	    nf_buf_text(&text));
	nf_buf_wipe(&text);
	return NF_E_REFUSED;
}

int
nf_host_call(struct nf_host *host, const struct nf_command *cmd,
    struct nf_reply *reply, struct nf_diag *diag)
{
	struct nf_command tagged = *cmd;
	struct nf_cur cur;
	int r;

	memset(reply, 0, sizeof(*reply));
	tagged.tag = ++host->tag;
	nf_buf_wipe(&host->command);
	nf_wire_command_write(&host->command, &tagged);
	if ((r = nf_buf_err(&host->command)) != 0) {
		(void)nf_diag_set(diag, r, NULL, "command: %s",
		    nf_err_text(r));
		goto out;
	}
	if (host->command.len > NF_MESSAGE_MAX) {
		r = nf_diag_set(diag, NF_E_POLICY, "command",
		    "larger than %d bytes", NF_MESSAGE_MAX);
		goto out;
	}
	if ((r = exchange(host, nf_buf_view(&host->command), diag)) != 0)
		goto out;
	nf_cur_init(&cur, host->reply.p, host->reply.len, diag);
	if ((r = nf_wire_reply_read(&cur, cmd->cmd, reply)) != 0) {
		nf_diag_where(diag, "reply of the module");
		goto out;
	}
	if (reply->tag != tagged.tag)
		r = nf_diag_set(diag, NF_E_FORMAT, "tag",
		    "the module's reply is to another command");
	else if (reply->status != NF_ST_OK)
		r = refused(cmd, reply, diag);
out:
	nf_buf_wipe(&host->command);
	explicit_bzero(&tagged, sizeof(tagged));
	return r;
}

int
nf_host_serve_one(struct nf_host *host, int fd, bool *eof,
    struct nf_diag *diag)
{
	int r;

	*eof = false;
	if ((r = frame_recv(fd, &host->command, eof, diag)) == 0 && !*eof &&
	    (r = exchange(host, nf_buf_view(&host->command), diag)) == 0)
		r = frame_send(fd, nf_buf_view(&host->reply), diag);
	nf_buf_wipe(&host->command);
	nf_buf_wipe(&host->reply);
	return r;
}

int
nf_host_serve(struct nf_host *host, int fd, struct nf_diag *diag)
{
	bool eof = false;
	int r = 0;

	while (r == 0 && !eof)
		r = nf_host_serve_one(host, fd, &eof, diag);
	return r;
}
