/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nfsimd: serve simulated modules to many programs, as the vendor's server
 * does real ones.  Two Unix sockets, one of them privileged, as the
 * original's; the framing on them, the options and the program are ours.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "nfast/base/cli.h"
#include "nfast/base/mem.h"
#include "nfast/host/trace.h"
#include "nfast/simd/listen.h"
#include "nfast/simd/server.h"

static const struct nf_cli cli = {
	.name = "nfsimd",
	.synopsis =
	    "nfsimd [--socket PATH] [--priv-socket PATH] [--trace FILE] "
	    "[STATE]...\n"
	    "nfsimd --print-capabilities",
	.help =
	    "Serve the simulated modules of the directories STATE (else of\n"
	    "NFSIM_STATE), numbered from 1, until SIGTERM or SIGINT.  They\n"
	    "share the cards and the factory root of the first.\n"
	    "      --socket=PATH       the socket for all, else NFAST_SERVER\n"
	    "      --priv-socket=PATH  the socket for what changes the unit\n"
	    "                          (modes, new-world, moving cards), else\n"
	    "                          NFAST_PRIVSERVER; without any, nobody\n"
	    "                          can\n"
	    "      --clients=N         at most N at once (4096), and of one\n"
	    "                          user half of what others leave\n"
	    "      --threads=N         that many commands at once (one a\n"
	    "                          processor, and one); all but one may\n"
	    "                          make keys\n"
	    "      --stall=S           drop clients that take longer than S\n"
	    "                          seconds for a message (10)\n"
	    "      --trace=FILE        append commands and replies, decoded\n"
	    "                          and without secrets, as JSON lines;\n"
	    "                          else NFSIM_TRACE\n"
	    "      --print-capabilities  what this program can, as JSON\n"
	    "Only the owner and root are served on the privileged socket; who\n"
	    "reaches the other is up to its directory.  No one but the owner\n"
	    "and root may be able to write there.  Sockets that systemd hands\n"
	    "over are named nserver and privnserver.\n"
	    "A line on standard output says that the modules are ready.\n",
	.args_max = NF_RACK_MAX
};

struct request {
	const char *plain, *priv, *clients, *threads, *stall, *trace;
	bool capabilities;
	char **state, *only[1];
	uint32_t n_states;
	struct nf_server_conf conf;
};

/* A decimal number of 1..max, or the default when there is none. */
static bool
number(const char *s, uint32_t standard, uint32_t max, uint32_t *out)
{
	char *end;
	unsigned long n;

	*out = standard;
	if (s == NULL)
		return true;
	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	n = strtoul(s, &end, 10);
	*out = (uint32_t)n;
	return errno == 0 && *end == '\0' && n >= 1 && n <= max;
}

static int
capabilities(void)
{
	static const char *const features[] = { "unix-socket",
		"privileged-socket", "peer-credentials", "user-shares", "modules",
		"socket-activation", "existing-client",
		"merged-keys", "cmdarg-clients", "cmdarg-threads",
		"cmdarg-stall", "cmdarg-trace", "env-faults",
		"env-insecure-seed" };
	struct nf_buf out = NF_BUF_INIT;
	json_t *list = json_array(), *all;
	char *text = NULL;

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		(void)json_array_append_new(list, json_string(features[i]));
	all = json_pack("{s:s, s:o, s:s}", "type", cli.name, "features", list,
	    "version", PACKAGE_VERSION);
	if (all != NULL)
		text = json_dumps(all, JSON_COMPACT);
	if (text == NULL)
		nf_buf_fail(&out, NF_E_NOMEM);
	else
		nf_buf_printf(&out, "%s\n", text);
	free(text);
	json_decref(all);
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}

/* The path that a variable or an option names; NULL for other servers. */
static const char *
path_of(const char *option, const char *variable)
{
	const char *s = option != NULL ? option : nf_cli_env(variable);

	if (s == NULL)
		return NULL;
	if (strncmp(s, "unix:", 5) == 0)
		return s + 5;
	return option == NULL && strchr(s, '/') == NULL ? NULL : s;
}

static int
listen_all(const struct request *q, struct nf_listener *plain,
    struct nf_listener *priv, struct nf_diag *diag)
{
	const char *path = path_of(q->plain, "NFAST_SERVER");
	const char *ppath = path_of(q->priv, "NFAST_PRIVSERVER");
	bool taken;
	int r;

	if ((r = nf_listen_inherited(plain, priv, &taken, diag)) != 0)
		return r;
	/* What was handed over comes before the environment. */
	if (taken && q->plain == NULL)
		path = NULL;
	if (taken && q->priv == NULL)
		ppath = NULL;
	if ((plain->fd >= 0 && path != NULL) ||
	    (priv->fd >= 0 && ppath != NULL))
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "a socket was handed over and another named");
	if (plain->fd < 0 && priv->fd < 0 && path == NULL && ppath == NULL)
		return nf_diag_set(diag, NF_E_USAGE, NULL, "no socket: give "
		    "--socket or set NFAST_SERVER to a path");
	if (path != NULL && (r = nf_listen_unix(path, false, plain,
	    diag)) != 0)
		return r;
	return ppath == NULL ? 0 : nf_listen_unix(ppath, true, priv, diag);
}

/* One line for scripts that wait for it. */
static int
say_ready(const struct request *q, const struct nf_listener *plain,
    const struct nf_listener *priv)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_buf_printf(&out, "nfsimd: ready: %u module%s", q->n_states,
	    q->n_states == 1 ? "" : "s");
	if (plain->path[0] != '\0')
		nf_buf_printf(&out, ", socket %s", plain->path);
	if (priv->path[0] != '\0')
		nf_buf_printf(&out, ", privileged %s", priv->path);
	nf_buf_str(&out, "\n");
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}

/* Tick until a signal comes; they are blocked. */
static void
wait_end(struct nf_server *server, const sigset_t *ends)
{
	const struct timespec second = { 1, 0 };

	while (sigtimedwait(ends, NULL, &second) < 0)
		nf_server_tick(server);
}

/* What could not be traced is said once and the service goes on. */
static void
trace_one(void *arg, const struct nf_rack_client *who,
    struct nf_view command, struct nf_view reply)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;
	struct nf_diag diag = { 0 };

	if (nf_trace_message(arg, who->id, command, reply, &diag) != 0 &&
	    !atomic_flag_test_and_set(&said))
		(void)nf_cli_fail(&cli, &diag);
}

static int
serve(struct request *q, struct nf_diag *diag)
{
	struct nf_listener plain = NF_LISTENER_INIT, priv = NF_LISTENER_INIT;
	struct nf_server *server = NULL;
	struct nf_trace *trace = NULL;
	struct nf_rack *rack = NULL;
	sigset_t ends;
	int r;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	/* The modules first: who connects has not to wait for them. */
	if ((r = nf_trace_open(q->trace != NULL ? q->trace :
	    nf_cli_env(NF_TRACE_ENV), &trace, diag)) != 0 ||
	    (r = nf_rack_open((const char *const *)q->state, q->n_states,
	    &rack, diag)) != 0 ||
	    (r = listen_all(q, &plain, &priv, diag)) != 0)
		goto out;
	q->conf.rack = rack;
	q->conf.trace = trace == NULL ? NULL : trace_one;
	q->conf.trace_arg = trace;
	q->conf.fd = plain.fd;
	q->conf.priv_fd = priv.fd;
	if ((r = nf_server_start(&q->conf, &server, diag)) != 0)
		goto out;
	if ((r = say_ready(q, &plain, &priv)) == 0)
		wait_end(server, &ends);
out:
	nf_server_stop(server);
	nf_listen_close(&plain);
	nf_listen_close(&priv);
	nf_rack_close(rack);
	nf_trace_close(trace);
	return r;
}

/* -1, or the exit status after a usage error. */
static int
request_check(struct request *q, int n)
{
	if (!number(q->clients, 0, 65536, &q->conf.clients))
		return nf_cli_usage(&cli, "--clients: 1 to 65536");
	if (!number(q->threads, 0, NF_SERVER_THREADS_MAX, &q->conf.threads))
		return nf_cli_usage(&cli, "--threads: 1 to %d",
		    NF_SERVER_THREADS_MAX);
	if (!number(q->stall, NF_SERVER_STALL, 3600, &q->conf.stall))
		return nf_cli_usage(&cli, "--stall: 1 to 3600");
	q->n_states = (uint32_t)n;
	if (n == 0) {
		if (nf_cli_env("NFSIM_STATE") == NULL)
			return nf_cli_usage(&cli, "no module: name a "
			    "directory or set NFSIM_STATE");
		q->only[0] = getenv("NFSIM_STATE");
		q->state = q->only;
		q->n_states = 1;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	struct request q = { .capabilities = false };
	const struct nf_opt opts[] = {
		{ "socket", 0, NULL, &q.plain },
		{ "priv-socket", 0, NULL, &q.priv },
		{ "clients", 0, NULL, &q.clients },
		{ "threads", 0, NULL, &q.threads },
		{ "stall", 0, NULL, &q.stall },
		{ "trace", 0, NULL, &q.trace },
		{ "print-capabilities", 0, &q.capabilities, NULL },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_diag diag = { 0 };
	int n, r, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &q.state,
	    &n)) >= 0)
		return status;
	if (q.capabilities)
		return capabilities();
	if ((status = request_check(&q, n)) >= 0)
		return status;
	if ((r = serve(&q, &diag)) < 0)
		return nf_cli_fail(&cli, &diag);
	return r;
}
