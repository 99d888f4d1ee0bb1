/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marshals a command, hands the bytes to a transport, and reads the reply.
 * Ours: the values of NFAST_SERVER and the name NFAST_PRIVSERVER (the
 * originals have a privileged socket, and NFAST_SERVER for the other).
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/base/seed.h"
#include "nfast/host/frame.h"
#include "nfast/host/host.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/transport.h"
#include "nfast/wire/names.h"

#define SERVER_ENV	"NFAST_SERVER"
#define PRIVSERVER_ENV	"NFAST_PRIVSERVER"
#define MODULES_MAX	999

/*
 *   served  the module is another process's, as NFAST_SERVER says
 *   shared  others can connect to it as well
 *   hands   the privileged connection for the owner's hands, opened when
 *           first needed
 */
struct nf_host {
	struct nf_link link;
	struct nf_link hands;
	bool served;
	bool shared;
	uint32_t module;
	uint32_t tag;
	struct nf_buf command;
	struct nf_buf reply;
};

static struct nf_host *
host_new(void)
{
	struct nf_host *host = calloc(1, sizeof(*host));

	if (host != NULL) {
		host->module = 1;
		/* Processes that share a descriptor by mistake find out. */
		/* A trace of a run with a seed can be repeated as well. */
		host->tag = nf_seed_text() != NULL ? 0 :
		    (uint32_t)getpid() << 16;
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
	if ((r = nf_link_module(state_dir, root_dir, &host->link,
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

	if (s[3] < '0' || s[3] > '9')
		return -1;
	errno = 0;
	n = strtol(s + 3, &end, 10);
	return errno != 0 || *end != '\0' || n > 65535 ? -1 : (int)n;
}

static int
open_usb(const char *name, const char *serial, struct nf_link *out,
    struct nf_diag *diag)
{
#ifdef HAVE_LIBUSB
	(void)name;
	return nf_link_usb(*serial == '\0' ? NULL : serial, out, diag);
#else
	(void)serial;
	(void)out;
	return nf_diag_set(diag, NF_E_USAGE, name,
	    "this build has no USB: libusb-1.0 was not there");
#endif
}

const char *
nf_host_server_path(const char *server)
{
	if (strncmp(server, "usb:", 4) == 0 || strncmp(server, "fd:", 3) == 0)
		return NULL;
	if (strncmp(server, "unix:", 5) == 0)
		return server + 5;
	return strchr(server, '/') == NULL ? NULL : server;
}

/* Connect to what the variable of that name says. */
static int
open_server(const char *name, const char *server, struct nf_link *out,
    struct nf_diag *diag)
{
	const char *path = nf_host_server_path(server);
	struct nf_diag own = { 0 };
	int r;

	if (path != NULL)
		return nf_link_unix(path, out, diag);
	if (strncmp(server, "usb:", 4) == 0)
		return open_usb(name, server + 4, out, diag);
	if (strncmp(server, "fd:", 3) == 0) {
		if ((r = nf_link_fd(fd_parse(server), out, &own)) == 0)
			return 0;
		return nf_diag_set(diag, r, own.field[0] == '\0' ? name :
		    own.field, "'%.64s': %s", server, own.text);
	}
	return nf_diag_set(diag, NF_E_USAGE, name, "'%.64s' is no path of a "
	    "socket, \"fd:N\" or \"usb:\"", server);
}

static int
open_env(bool privileged, struct nf_host **out, struct nf_diag *diag)
{
	const char *name = PRIVSERVER_ENV, *state = nf_cli_env("NFSIM_STATE");
	const char *server = privileged ? nf_cli_env(name) : NULL;
	struct nf_host *host;
	int r;

	*out = NULL;
	if (server == NULL)
		server = nf_cli_env(name = SERVER_ENV);
	if (server == NULL && state != NULL)
		return nf_host_open_state(state, state, out, diag);
	if (server == NULL)
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "no module: set NFSIM_STATE to the directory of the "
		    "simulated one, or NFAST_SERVER");
	if ((host = host_new()) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	host->served = !privileged;
	host->shared = nf_host_server_path(server) != NULL;
	if ((r = open_server(name, server, &host->link, diag)) != 0)
		goto out;
	*out = host;
	host = NULL;
out:
	nf_host_close(host);
	return r;
}

int
nf_host_open(struct nf_host **out, struct nf_diag *diag)
{
	return open_env(false, out, diag);
}

int
nf_host_open_privileged(struct nf_host **out, struct nf_diag *diag)
{
	return open_env(true, out, diag);
}

static void
link_close(struct nf_link *link)
{
	if (link->ops != NULL)
		link->ops->close(link->self);
}

void
nf_host_close(struct nf_host *host)
{
	if (host == NULL)
		return;
	link_close(&host->link);
	link_close(&host->hands);
	nf_buf_wipe(&host->command);
	nf_buf_wipe(&host->reply);
	free(host);
}

bool
nf_host_shared(const struct nf_host *host)
{
	return host->shared;
}

uint32_t
nf_host_module(const struct nf_host *host)
{
	return host->module;
}

int
nf_host_use(struct nf_host *host, uint32_t module, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	struct nf_diag own = { 0 };
	struct nf_reply reply;
	int r;

	cmd.args.module = module;
	r = nf_host_call(host, &cmd, &reply, &own);
	if (r == NF_E_REFUSED && reply.status == NF_ST_INVALIDMODULE)
		r = nf_diag_set(diag, NF_E_USAGE, NULL,
		    "there is no module %u", module);
	else if (r != 0 && diag != NULL && diag->code == 0)
		*diag = own;
	nf_args_wipe(&reply.args);
	if (r == 0)
		host->module = module;
	return r;
}

int
nf_host_modules(struct nf_host *host, uint32_t *n, struct nf_diag *diag)
{
	uint32_t used = host->module;
	struct nf_diag own = { 0 };
	int r = 0;

	for (*n = 0; r == 0 && *n < MODULES_MAX; *n += r == 0)
		r = nf_host_use(host, *n + 1, &own);
	host->module = used;
	if (r == NF_E_USAGE && *n > 0)
		r = 0;
	if (r != 0 && diag != NULL && diag->code == 0)
		*diag = own;
	return r;
}

/*
 * The owner's hands on cards need privilege.  The program at the card reader
 * has none, so that they have a connection of their own.
 */
static int
link_for(struct nf_host *host, const struct nf_command *cmd,
    const struct nf_link **out, struct nf_diag *diag)
{
	const char *server;
	int r;

	*out = &host->link;
	if (cmd->cmd != NF_CMD_DEVTEST || !host->served ||
	    !nf_dev_is_card(cmd->args.word) ||
	    (server = nf_cli_env(PRIVSERVER_ENV)) == NULL)
		return 0;
	if (host->hands.ops == NULL && (r = open_server(PRIVSERVER_ENV,
	    server, &host->hands, diag)) != 0)
		return r;
	*out = &host->hands;
	return 0;
}

/* One message to the module and its reply, which replaces host->reply. */
static int
exchange(struct nf_host *host, const struct nf_link *link,
    struct nf_view message, struct nf_diag *diag)
{
	nf_buf_wipe(&host->reply);
	return link->ops->transact(link->self, message, &host->reply, diag);
}

static int
refused(const struct nf_command *cmd, const struct nf_reply *reply,
    struct nf_diag *diag)
{
	struct nf_buf text = NF_BUF_INIT;

	if (cmd->cmd == NF_CMD_DEVTEST && nf_dev_is_card(cmd->args.word) &&
	    reply->status == NF_ST_PRIVILEGEDCOMMAND)
		return nf_diag_set(diag, NF_E_REFUSED, NULL, "cards go "
		    "through the privileged socket: " PRIVSERVER_ENV " does "
		    "not name it (softcards need no card)");
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

/* The reply of a service that serves others, before any command. */
static int
turned_away(const struct nf_host *host, const struct nf_link *link,
    struct nf_diag *diag)
{
	const char *name = PRIVSERVER_ENV, *at = nf_cli_env(name);

	if (at == NULL || (link == &host->link && host->served))
		at = nf_cli_env(name = SERVER_ENV);
	return nf_diag_set(diag, NF_E_REFUSED, NULL, "only the owner of the "
	    "service and root are served at %s (%s)", at == NULL ? "it" : at,
	    name);
}

int
nf_host_call(struct nf_host *host, const struct nf_command *cmd,
    struct nf_reply *reply, struct nf_diag *diag)
{
	struct nf_command tagged = *cmd;
	const struct nf_link *link;
	struct nf_cur cur;
	int r;

	memset(reply, 0, sizeof(*reply));
	tagged.tag = ++host->tag;
	if (tagged.args.module == NF_HOST_MODULE)
		tagged.args.module = host->module;
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
	if ((r = link_for(host, cmd, &link, diag)) != 0 ||
	    (r = exchange(host, link, nf_buf_view(&host->command),
	    diag)) != 0)
		goto out;
	nf_cur_init(&cur, host->reply.p, host->reply.len, diag);
	if ((r = nf_wire_reply_read(&cur, cmd->cmd, reply)) != 0) {
		nf_diag_where(diag, "reply of the module");
		goto out;
	}
	if (reply->tag == 0 && reply->status == NF_ST_PRIVILEGEDCOMMAND)
		r = turned_away(host, link, diag);
	else if (reply->tag != tagged.tag)
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
	if ((r = nf_frame_recv(fd, &host->command, eof,
	    NF_FRAME_FOREVER, diag)) == 0 &&
	    !*eof && (r = exchange(host, &host->link,
	    nf_buf_view(&host->command), diag)) == 0)
		r = nf_frame_send(fd, nf_buf_view(&host->reply),
		    NF_FRAME_FOREVER, diag);
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
