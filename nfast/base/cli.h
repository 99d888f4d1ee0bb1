/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every program shares: options, the one error line, and a checked
 * standard output.
 */
#ifndef NF_BASE_CLI_H
#define NF_BASE_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "nfast/base/buf.h"
#include "nfast/base/err.h"

/*
 * One option: a flag when set is given, an option with a value when value is
 * given.  A repeated option is a usage error.
 *   name    long name without dashes
 *   letter  short form, 0 for none
 */
struct nf_opt {
	const char *name;
	char letter;
	bool *set;
	const char **value;
};

/*
 * A program's face.
 *   synopsis     one line per form, each without the leading "usage: "
 *   help         what --help prints below the synopsis
 *   single_dash  long names also with one dash and in any case
 *                (-KeyAppName), as KeyTransferRemote had them
 *   subprocess   options end at the first word that is none (preload)
 *   args_max     how many plain words are accepted
 */
struct nf_cli {
	const char *name;
	const char *synopsis;
	const char *help;
	bool single_dash;
	bool subprocess;
	int args_min;
	int args_max;
};

/*
 * Parse the options and move the plain words to the front of args.
 *   opts    ended by a NULL name; --help, --usage and --version are added
 *   n_args  number of plain words, in args[0..n_args) = argv[1...]
 * Returns -1 to go on, else the exit status to return from main (help was
 * printed, or a usage error was).
 * A line on stderr says when NFSIM_INSECURE_SEED or NFSIM_FAULTS is set.
 */
int nf_cli_parse(const struct nf_cli *cli, const struct nf_opt *opts,
    int argc, char **argv, char ***args, int *n_args);

/* Print "name: text" and how to get help; returns NF_EXIT_USAGE. */
int nf_cli_usage(const struct nf_cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Print the one error line of a failed operation; returns its exit class. */
int nf_cli_fail(const struct nf_cli *cli, const struct nf_diag *diag);

/*
 * Write the result to standard output, flush and check it.  Returns status,
 * or NF_EXIT_INPUT (with a line on stderr) when it could not be written.
 * The buffer is wiped.
 */
int nf_cli_output(const struct nf_cli *cli, struct nf_buf *out, int status);

/*
 * The end of a program that did one thing: its result to standard output when
 * r is 0, else the one error line and nothing of the result.  Returns the exit
 * status.  The buffer is wiped.
 */
int nf_cli_end(const struct nf_cli *cli, int r, struct nf_buf *out,
    const struct nf_diag *diag);

/*
 * A file of secrets was read that others than its owner may use: one line on
 * stderr, and the program goes on.  What is no regular file is left alone.
 * Libraries call it as well, where they alone know the file.
 */
void nf_cli_warn_secret(const char *path);

/* An environment variable that is set and not empty, else NULL. */
const char *nf_cli_env(const char *name);

/* An environment switch: set, not empty and not "0". */
bool nf_cli_env_on(const char *name);

#endif
