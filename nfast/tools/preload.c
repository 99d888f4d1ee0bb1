/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload: load keys into the module and run a program that uses them.  The
 * options are the original's, and so is that programs find the keys by the id
 * of preload's client, in the tokens file.  That file's content is ours, and
 * the way to a module that no server has: a socket that the program inherits,
 * with preload at its other end.
 */
#include "config.h"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nfast/base/mem.h"
#include "nfast/host/hostcmd.h"
#include "nfast/tools/keyload.h"
#include "nfast/tools/tool.h"

#define WORDS_MAX	4096
#define EXEC_FAILED	127

static const struct nf_cli cli = {
	.name = "preload",
	.synopsis = "preload [-m MODULE] [-c CARDSET] [-s SOFTCARD] "
	    "[-A APP] [-K PATTERN] PROGRAM [ARG]... | pause | exit",
	.help =
	    "Load keys into the module and run a program with them.\n"
	    "  -m, --module=N        the module that loads them, by default\n"
	    "                        all that are usable; one id stands for a\n"
	    "                        key in several\n"
	    "  -A, --appname=APP     keys of this application, else of all\n"
	    "  -K, --keyident=PATTERN  keys whose identifier matches (*, ?,\n"
	    "                        []), else all\n"
	    "  -c, --cardset=HASH    load an operator card set and, of the "
	    "keys,\n"
	    "                        those under it (a name will do as well)\n"
	    "      --cardset-name=NAME  the same by name\n"
	    "  -s, --softcard=NAME   the same for a softcard\n"
	    "  -o, --any-one         the first usable module is enough; that\n"
	    "                        is always so for keys under card sets\n"
	    "      --preload-file=FILE  where the list of keys goes\n"
	    "xferacld and xferacId are one application name.\n"
	    "The program finds the list by NFAST_NFKM_TOKENSFILE and the\n"
	    "module by NFAST_SERVER; preload exits as the program does,\n"
	    "with 127 when it cannot be started, and with 128 and its number\n"
	    "after a signal.\n"
	    "\"pause\" keeps the keys loaded until a signal comes, \"exit\"\n"
	    "only checks that they can be loaded.\n"
	    "With a server, whoever can read the list has the keys.\n",
	.subprocess = true,
	.args_min = 1,
	.args_max = WORDS_MAX
};

/*
 *   mask, core, before  as the user had them, for the program: before are
 *               the signals that were blocked
 *   server      the socket at which the program finds the keys itself; "":
 *               it reaches them through preload
 */
struct request {
	const char *module, *app, *pattern, *file;
	const char *cardset, *setname, *softcard;
	uint32_t number;
	bool any_one;
	char server[PATH_MAX];
	char **args;
	mode_t mask;
	struct rlimit core;
	sigset_t before;
};

static int
keys_load(const struct request *q, struct nf_keyload *kl,
    struct nf_diag *diag)
{
	const char *set = q->cardset != NULL ? q->cardset : q->setname;
	struct nf_km_store_list store;
	int r;

	if ((set != NULL && (r = nf_keyload_named(kl, false, set,
	    diag)) != 0) || (q->softcard != NULL &&
	    (r = nf_keyload_named(kl, true, q->softcard, diag)) != 0) ||
	    (r = nf_km_store_list(kl->tool->world->dir, &store, diag)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < store.n; i++) {
		const struct nf_km_store_key *k = &store.key[i];

		if ((q->app == NULL || nf_tool_app_equal(q->app,
		    k->appname)) && (q->pattern == NULL ||
		    fnmatch(q->pattern, k->ident, FNM_CASEFOLD) == 0))
			r = nf_keyload_key(kl, k, diag);
	}
	/* A token alone is worth loading; keys that were asked for are due. */
	if (r == 0 && kl->n == 0 &&
	    (!kl->only || q->app != NULL || q->pattern != NULL))
		r = nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "no key matches application '%s', identifier '%s'",
		    q->app == NULL ? "*" : q->app,
		    q->pattern == NULL ? "*" : q->pattern);
	if (r == 0)
		r = nf_buf_err(&kl->list);
	nf_km_store_list_free(&store);
	return r;
}

/* Write the list, to the file that the user named or to a temporary one. */
static int
list_write(const struct request *q, const struct nf_buf *list,
    char path[static NF_PATH_MAX], struct nf_diag *diag)
{
	const char *dir = nf_cli_env("TMPDIR");
	int fd, r;

	if (q->file != NULL) {
		if ((r = nf_path(path, diag, "%s", q->file)) != 0)
			return r;
		return nf_file_write_new(path, 0600, nf_buf_view(list), diag);
	}
	if ((r = nf_path(path, diag, "%s/preload.XXXXXX",
	    dir == NULL ? "/tmp" : dir)) != 0)
		return r;
	if ((fd = mkostemp(path, O_CLOEXEC)) < 0) {
		r = nf_diag_set(diag, NF_E_IO, NULL, "%s: %s", path,
		    strerror(errno));
		path[0] = '\0';
		return r;
	}
	if (write(fd, list->p, list->len) != (ssize_t)list->len)
		r = nf_diag_set(diag, NF_E_IO, NULL, "%s: cannot write",
		    path);
	(void)close(fd);
	return r;
}

/* In the child: does not return. */
static _Noreturn void
child_run(const struct request *q, int fd, const char *path)
{
	char **args = q->args, through[32], full[PATH_MAX];

	if (q->server[0] == '\0') {
		(void)snprintf(through, sizeof(through), "fd:%d", fd);
		(void)fcntl(fd, F_SETFD, 0);
	}
	(void)setenv("NFAST_SERVER", q->server[0] == '\0' ? through :
	    q->server, 1);
	/* The program may go to another directory. */
	(void)setenv(NF_TOKENSFILE_ENV, realpath(path, full) != NULL ? full :
	    path, 1);
	(void)umask(q->mask);
	(void)setrlimit(RLIMIT_CORE, &q->core);
	(void)sigprocmask(SIG_SETMASK, &q->before, NULL);
	(void)execvp(args[0], args);
	(void)fprintf(stderr, "%s: %s: %s\n", cli.name, args[0],
	    strerror(errno));
	_exit(EXEC_FAILED);
}

/* Handle one waiting signal; true when the child has ended. */
static bool
signal_take(int sigfd, pid_t child, int *wstatus)
{
	struct signalfd_siginfo info;

	if (read(sigfd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	if (info.ssi_signo == SIGCHLD)
		return waitpid(child, wstatus, WNOHANG) == child;
	/* The terminal's are the program's as well. */
	if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP ||
	    info.ssi_code <= 0)
		(void)kill(child, (int)info.ssi_signo);
	return false;
}

/* Wait until the child ends; serve the module to it, when fd is one. */
static int
serve(struct nf_host *host, int fd, int sigfd, pid_t child,
    struct nf_diag *diag)
{
	struct pollfd p[2] = { { .fd = sigfd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	char line[NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + NF_DIAG_TEXT_MAX +
	    64];
	int wstatus = 0;
	bool eof;

	for (;;) {
		if (poll(p, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return nf_diag_set(diag, NF_E_IO, NULL, "poll: %s",
			    strerror(errno));
		}
		if (p[0].revents != 0 && signal_take(sigfd, child, &wstatus))
			break;
		if (p[1].revents == 0)
			continue;
		if (nf_host_serve_one(host, fd, &eof, diag) != 0) {
			/* Talk no more; the child sees its end closed. */
			(void)shutdown(fd, SHUT_RDWR);
			nf_diag_line(diag, line, sizeof(line));
			(void)fprintf(stderr, "%s: the program is cut off "
			    "from the module: %s\n", cli.name, line);
			eof = true;
		}
		if (eof)
			p[1].fd = -1;
	}
	if (WIFEXITED(wstatus))
		return WEXITSTATUS(wstatus);
	return WIFSIGNALED(wstatus) ? 128 + WTERMSIG(wstatus) :
	    NF_EXIT_UNKNOWN;
}

/*
 * Those that end a program do not end this one from now on: there is a list
 * to remove.
 */
static void
signals_hold(struct request *q, sigset_t *held)
{
	(void)sigemptyset(held);
	(void)sigaddset(held, SIGCHLD);
	(void)sigaddset(held, SIGTERM);
	(void)sigaddset(held, SIGHUP);
	(void)sigaddset(held, SIGINT);
	(void)sigaddset(held, SIGQUIT);
	(void)sigprocmask(SIG_BLOCK, held, &q->before);
}

/* The status of a program that a signal has ended before it began, else 0. */
static int
signal_came(const sigset_t *held)
{
	const struct timespec now = { 0, 0 };
	int s;

	while ((s = sigtimedwait(held, NULL, &now)) > 0) {
		if (s != SIGCHLD)
			return 128 + s;
	}
	return 0;
}

/* Its exit status, or a negative NF_E_*. */
static int
subprocess(struct nf_host *host, const struct request *q, const char *path,
    const sigset_t *held, struct nf_diag *diag)
{
	int sv[2] = { -1, -1 }, sigfd = -1, r;
	pid_t child;

	if ((r = signal_came(held)) != 0)
		return r;
	if ((q->server[0] == '\0' &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) != 0) ||
	    (sigfd = signalfd(-1, held, SFD_CLOEXEC)) < 0 ||
	    (child = fork()) < 0) {
		r = nf_diag_set(diag, NF_E_IO, NULL, "cannot start %s: %s",
		    q->args[0], strerror(errno));
		goto out;
	}
	if (child == 0)
		child_run(q, sv[1], path);
	if (sv[1] >= 0)
		(void)close(sv[1]);
	sv[1] = -1;
	r = serve(host, sv[0], sigfd, child, diag);
out:
	for (int i = 0; i < 2; i++) {
		if (sv[i] >= 0)
			(void)close(sv[i]);
	}
	if (sigfd >= 0)
		(void)close(sigfd);
	return r;
}

/* Keep the keys until a signal comes. */
static void
wait_signal(const sigset_t *held)
{
	int s;

	(void)fprintf(stderr, "%s: the keys are loaded; interrupt to end\n",
	    cli.name);
	do {
		if (sigwait(held, &s) != 0)
			break;
	} while (s == SIGCHLD);
}

/* Be a client of the server that others can join. */
static int
client_open(struct request *q, struct nf_keyload *kl, struct nf_diag *diag)
{
	const char *path = nf_host_server_path(nf_cli_env("NFAST_SERVER"));
	uint8_t id[NF_HASH_LEN];
	int r;

	/* The program may go to another directory. */
	if (realpath(path, q->server) == NULL)
		return nf_diag_set(diag, NF_E_IO, NULL, "%s: %s", path,
		    strerror(errno));
	if ((r = nf_host_new_client(kl->tool->host, id, diag)) == 0)
		nf_tokensfile_put_client(&kl->list, id);
	explicit_bzero(id, sizeof(id));
	return r;
}

/* The modules to load into: the one that was named, else the usable ones. */
static int
modules_choose(const struct request *q, struct nf_keyload *kl,
    struct nf_diag *diag)
{
	struct nf_host *host = kl->tool->host;
	uint32_t n = 0;
	const char *state;
	int r = 0;

	if (q->module == NULL && nf_host_shared(host))
		r = nf_host_modules(host, &n, diag);
	for (uint32_t i = 1; r == 0 && i <= n &&
	    kl->n_modules < NF_KEYLOAD_MODULES_MAX; i++) {
		if ((r = nf_host_use(host, i, diag)) == 0 &&
		    (r = nf_world_module_state(host, kl->tool->world, &state,
		    diag)) == 0 && strcmp(state, "Usable") == 0 &&
		    (kl->n_modules == 0 || !q->any_one))
			kl->module[kl->n_modules++] = i;
	}
	if (r != 0)
		return r;
	if (kl->n_modules == 0)
		kl->module[kl->n_modules++] = q->number;
	if (nf_host_module(host) != kl->module[0] &&
	    (r = nf_host_use(host, kl->module[0], diag)) != 0)
		return r;
	return nf_world_check_module(host, kl->tool->world, diag);
}

static int
run(struct request *q, struct nf_diag *diag)
{
	struct nf_tool tool = { NULL, NULL };
	struct nf_keyload kl = { .tool = &tool };
	char path[NF_PATH_MAX] = "";
	sigset_t held;
	int r;

	if ((r = nf_tool_open(&tool, false, diag)) != 0 ||
	    (nf_host_shared(tool.host) &&
	    (r = client_open(q, &kl, diag)) != 0) ||
	    (r = modules_choose(q, &kl, diag)) != 0 ||
	    (r = keys_load(q, &kl, diag)) != 0)
		goto out;
	if (strcmp(q->args[0], "exit") == 0)
		goto out;
	signals_hold(q, &held);
	if ((r = list_write(q, &kl.list, path, diag)) != 0)
		goto out;
	if (strcmp(q->args[0], "pause") == 0)
		wait_signal(&held);
	else
		r = subprocess(tool.host, q, path, &held, diag);
out:
	if (path[0] != '\0' && r != NF_E_EXISTS)
		(void)unlink(path);
	nf_keyload_wipe(&kl);
	nf_tool_close(&tool);
	return r;
}

int
main(int argc, char **argv)
{
	struct request q = { .app = NULL };
	const struct nf_opt opts[] = {
		{ "module", 'm', NULL, &q.module },
		{ "any-one", 'o', &q.any_one, NULL },
		{ "appname", 'A', NULL, &q.app },
		{ "keyident", 'K', NULL, &q.pattern },
		{ "preload-file", 0, NULL, &q.file },
		{ "cardset", 'c', NULL, &q.cardset },
		{ "cardset-name", 0, NULL, &q.setname },
		{ "softcard", 's', NULL, &q.softcard },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_diag diag = { 0 };
	int n, r, status;

	q.mask = umask(077);
	(void)getrlimit(RLIMIT_CORE, &q.core);
	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &q.args, &n)) >=
	    0 || (status = nf_tool_module(&cli, q.module, false, &q.number)) >=
	    0)
		return status;
	if (q.cardset != NULL && q.setname != NULL)
		return nf_cli_usage(&cli, "give --cardset or --cardset-name, "
		    "not both");
	if (n > 1 && (strcmp(q.args[0], "pause") == 0 ||
	    strcmp(q.args[0], "exit") == 0))
		return nf_cli_usage(&cli, "nothing may follow '%s'",
		    q.args[0]);
	q.args[n] = NULL;
	if ((r = run(&q, &diag)) < 0)
		return nf_cli_fail(&cli, &diag);
	return r;
}
