/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nfast/base/cli.h"
#include "nfast/base/seed.h"

#define OPTS_MAX	32

static void
print_usage(const struct nf_cli *cli, FILE *f)
{
	const char *s = cli->synopsis, *nl;
	const char *lead = "usage: ";

	while (*s != '\0') {
		nl = strchr(s, '\n');
		(void)fprintf(f, "%s%.*s\n", lead,
		    nl == NULL ? (int)strlen(s) : (int)(nl - s), s);
		lead = "       ";
		s = nl == NULL ? s + strlen(s) : nl + 1;
	}
}

int
nf_cli_usage(const struct nf_cli *cli, const char *fmt, ...)
{
	char line[NF_DIAG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	nf_err_vformat(line, sizeof(line), fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "%s: %s (see %s --help)\n", cli->name, line,
	    cli->name);
	return NF_EXIT_USAGE;
}

static int
finish(const struct nf_cli *cli, int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		(void)fprintf(stderr, "%s: standard output: %s\n", cli->name,
		    strerror(errno));
		return NF_EXIT_INPUT;
	}
	return status;
}

static int
builtin(const struct nf_cli *cli, const char *name)
{
	if (strcmp(name, "version") == 0)
		(void)printf("%s (%s) %s\n", cli->name, PACKAGE_NAME,
		    PACKAGE_VERSION);
	else
		print_usage(cli, stdout);
	if (strcmp(name, "help") == 0 && cli->help != NULL)
		(void)printf("\n%s", cli->help);
	return finish(cli, NF_EXIT_OK);
}

/* The option that word (without dashes, up to '=') names. */
static const struct nf_opt *
find_long(const struct nf_cli *cli, const struct nf_opt *opts,
    const char *word, size_t len)
{
	for (; opts->name != NULL; opts++) {
		if (strlen(opts->name) == len &&
		    (cli->single_dash ? strncasecmp : strncmp)(opts->name,
		    word, len) == 0)
			return opts;
	}
	return NULL;
}

static const struct nf_opt *
find_short(const struct nf_opt *opts, char letter)
{
	for (; opts->name != NULL; opts++) {
		if (opts->letter == letter && letter != 0)
			return opts;
	}
	return NULL;
}

/*
 * Take the flags in front of a word of several letters (-aO, -im1): returns
 * arg, or the place before its last letter that may have a value.
 */
static const char *
cluster(const struct nf_opt *opts, bool seen[static OPTS_MAX],
    const char *arg)
{
	const struct nf_opt *opt;

	while (arg[2] != '\0' && find_short(opts, arg[2]) != NULL &&
	    (opt = find_short(opts, arg[1])) != NULL && opt->value == NULL &&
	    !seen[opt - opts]) {
		seen[opt - opts] = true;
		*opt->set = true;
		arg++;
	}
	return arg;
}

static const char *
builtin_name(const struct nf_opt *opts, const char *arg)
{
	static const char *const names[] = { "help", "usage", "version" };

	for (size_t i = 0; i < 3; i++) {
		if (arg[0] == '-' && ((arg[1] == '-' &&
		    strcmp(arg + 2, names[i]) == 0) ||
		    (arg[1] == names[i][0] && arg[2] == '\0' &&
		    find_short(opts, names[i][0]) == NULL)))
			return names[i];
	}
	return NULL;
}

/* What a user must not forget to have set. */
static void
banner(const struct nf_cli *cli)
{
	if (nf_seed_text() != NULL)
		(void)fprintf(stderr, "%s: " NF_SEED_WORDS ": " NF_SEED_ENV
		    " is set; what a simulated module makes is not secret\n",
		    cli->name);
	if (nf_cli_env("NFSIM_FAULTS") != NULL)
		(void)fprintf(stderr, "%s: FAULTS: NFSIM_FAULTS is set; a "
		    "simulated module fails as it says\n", cli->name);
}

int
nf_cli_parse(const struct nf_cli *cli, const struct nf_opt *opts, int argc,
    char **argv, char ***args, int *n_args)
{
	bool seen[OPTS_MAX] = { false };
	struct nf_diag diag = { 0 };
	int i, n = 0;

	banner(cli);
	if (nf_seed_check(&diag) != 0)
		return nf_cli_fail(cli, &diag);
	*args = argv + 1;
	for (i = 1; i < argc; i++) {
		const char *arg = argv[i], *word, *value = NULL;
		const struct nf_opt *opt;
		size_t len;

		if (arg[0] != '-' || arg[1] == '\0') {
			if (cli->subprocess)
				break;
			argv[1 + n++] = argv[i];
			continue;
		}
		if (strcmp(arg, "--") == 0) {
			i++;
			break;
		}
		if ((word = builtin_name(opts, arg)) != NULL)
			return builtin(cli, word);
		word = arg + (arg[1] == '-' ? 2 : 1);
		len = strcspn(word, "=");
		opt = NULL;
		if (arg[1] == '-' || cli->single_dash)
			opt = find_long(cli, opts, word, len);
		if (opt != NULL && word[len] == '=')
			value = word + len + 1;
		if (opt == NULL && arg[1] != '-' && !cli->single_dash)
			arg = cluster(opts, seen, arg);
		if (opt == NULL && arg[1] != '-' &&
		    (opt = find_short(opts, arg[1])) != NULL &&
		    arg[2] != '\0')
			value = arg + 2 + (arg[2] == '=' ? 1 : 0);
		if (opt == NULL)
			return nf_cli_usage(cli, "unknown option %.*s",
			    (int)strcspn(arg, "="), arg);
		NF_REQUIRE(opt - opts < OPTS_MAX);
		if (seen[opt - opts])
			return nf_cli_usage(cli, "option --%s given twice",
			    opt->name);
		seen[opt - opts] = true;
		if (opt->set != NULL)
			*opt->set = true;
		if (opt->value == NULL) {
			if (value != NULL)
				return nf_cli_usage(cli,
				    "option --%s takes no value", opt->name);
			continue;
		}
		if (value == NULL && ++i < argc)
			value = argv[i];
		if (value == NULL)
			return nf_cli_usage(cli, "option --%s wants a value",
			    opt->name);
		*opt->value = value;
	}
	for (; i < argc; i++)
		argv[1 + n++] = argv[i];
	*n_args = n;
	if (n < cli->args_min)
		return nf_cli_usage(cli, argc == 1 ? "no arguments given" :
		    "an argument is missing");
	if (n > cli->args_max)
		return nf_cli_usage(cli, "unexpected argument '%s'",
		    argv[1 + cli->args_max]);
	return -1;
}

int
nf_cli_fail(const struct nf_cli *cli, const struct nf_diag *diag)
{
	char line[NF_DIAG_WHERE_MAX + NF_DIAG_FIELD_MAX + NF_DIAG_TEXT_MAX +
	    64];

	nf_diag_line(diag, line, sizeof(line));
	/* Who has no memory left does not always say so. */
	if (diag->code == 0)
		(void)snprintf(line, sizeof(line), "%s, or out of memory",
		    nf_err_text(NF_E_INTERNAL));
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s: %s\n", cli->name, line);
	return nf_err_exit(diag->code == 0 ? NF_E_INTERNAL : diag->code);
}

int
nf_cli_output(const struct nf_cli *cli, struct nf_buf *out, int status)
{
	struct nf_view v = nf_buf_view(out);

	if (nf_buf_err(out) != 0) {
		(void)fprintf(stderr, "%s: %s\n", cli->name,
		    nf_err_text(nf_buf_err(out)));
		status = nf_err_exit(nf_buf_err(out));
	} else if (v.len > 0)
		(void)fwrite(v.p, 1, v.len, stdout);
	nf_buf_wipe(out);
	return finish(cli, status);
}

int
nf_cli_end(const struct nf_cli *cli, int r, struct nf_buf *out,
    const struct nf_diag *diag)
{
	if (r == 0)
		return nf_cli_output(cli, out, NF_EXIT_OK);
	nf_buf_wipe(out);
	return nf_cli_fail(cli, diag);
}

void
nf_cli_warn_secret(const char *path)
{
	char name[NF_DIAG_WHERE_MAX];
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & 077) == 0)
		return;
	nf_err_format(name, sizeof(name), "%s", path);
	(void)fprintf(stderr, "%s: warning: %s: others than its owner may "
	    "use this file, which is secret (mode %04o)\n",
	    program_invocation_short_name, name,
	    (unsigned int)(st.st_mode & 07777));
}

const char *
nf_cli_env(const char *name)
{
	const char *v = getenv(name);

	return v == NULL || *v == '\0' ? NULL : v;
}

bool
nf_cli_env_on(const char *name)
{
	const char *v = nf_cli_env(name);

	return v != NULL && strcmp(v, "0") != 0;
}
