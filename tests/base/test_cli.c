/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options, the one error line and the checked standard output.  Each case
 * runs in a process of its own, so that it may close or redirect its streams.
 */
#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>

#include "nfast/base/cli.h"
#include "tests/files.h"

static struct nf_cli cli = {
	.name = "tool", .synopsis = "tool [-f] [-o FILE] WORD...\ntool --all",
	.help = "What it does.\n", .args_min = 0, .args_max = 3
};
static bool force;
static const char *out;
static const struct nf_opt opts[] = {
	{ "force", 'f', &force, NULL }, { "output", 'o', NULL, &out },
	{ "KeyAppName", 0, NULL, &out }, { NULL, 0, NULL, NULL }
};
static char **args;
static int n_args;
static FILE *capture;

/* Send a stream to a temporary file from here on. */
static void
redirect(int fd)
{
	ck_assert_ptr_nonnull(capture = tmpfile());
	ck_assert_int_ge(dup2(fileno(capture), fd), 0);
}

static const char *
captured(void)
{
	static char text[2048];
	size_t n;

	(void)fflush(stdout);
	(void)fflush(stderr);
	rewind(capture);
	n = fread(text, 1, sizeof(text) - 1, capture);
	text[n] = '\0';
	return text;
}

/* Parse words that are separated by single spaces. */
static int
parse(const char *line)
{
	static char text[256];
	static char *argv[16];
	char *rest = NULL;
	int argc = 0;

	force = false;
	out = NULL;
	(void)snprintf(text, sizeof(text), "tool %s", line);
	for (char *p = strtok_r(text, " ", &rest); p != NULL;
	    p = strtok_r(NULL, " ", &rest))
		argv[argc++] = p;
	argv[argc] = NULL;
	return nf_cli_parse(&cli, opts, argc, argv, &args, &n_args);
}

START_TEST(forms)
{
	static const char *const lines[] = {
		"-f -o x a b", "--force --output x a b", "a -f b --output=x",
		"-ox a b -f", "-o=x -f a b", "a -f -o x -- b",
	};

	ck_assert_int_eq(parse(lines[_i]), -1);
	ck_assert(force);
	ck_assert_str_eq(out, "x");
	ck_assert_int_eq(n_args, 2);
	ck_assert_str_eq(args[0], "a");
	ck_assert_str_eq(args[1], "b");
}
END_TEST

START_TEST(plain_words)
{
	ck_assert_int_eq(parse("- -- -f"), -1);
	ck_assert(!force);
	ck_assert_int_eq(n_args, 2);
	ck_assert_str_eq(args[0], "-");
	ck_assert_str_eq(args[1], "-f");
	/* the value of an option may look like one */
	ck_assert_int_eq(parse("-o --help"), -1);
	ck_assert_str_eq(out, "--help");
	ck_assert_int_eq(parse("--output="), -1);
	ck_assert_str_eq(out, "");
}
END_TEST

static const struct {
	const char *line, *want;
} wrong[] = {
	{ "-x", "tool: unknown option -x (see tool --help)\n" },
	{ "--forc", "tool: unknown option --forc (see tool --help)\n" },
	{ "--a\x1b[2J\nb\x7f",
	    "tool: unknown option --a\\x1b[2J\\x0ab\\x7f (see tool --help)\n" },
	{ "--unknown=secret",
	    "tool: unknown option --unknown (see tool --help)\n" },
	{ "-f --force",
	    "tool: option --force given twice (see tool --help)\n" },
	{ "-o x --output=x",
	    "tool: option --output given twice (see tool --help)\n" },
	{ "-o", "tool: option --output wants a value (see tool --help)\n" },
	{ "--force=1",
	    "tool: option --force takes no value (see tool --help)\n" },
	{ "-fx", "tool: option --force takes no value (see tool --help)\n" },
	{ "a b c d", "tool: unexpected argument 'd' (see tool --help)\n" },
	{ "-force", "tool: option --force takes no value (see tool "
	    "--help)\n" },
};

START_TEST(wrong_options)
{
	redirect(STDERR_FILENO);
	ck_assert_int_eq(parse(wrong[_i].line), NF_EXIT_USAGE);
	ck_assert_str_eq(captured(), wrong[_i].want);
}
END_TEST

START_TEST(no_argument)
{
	cli.args_min = 2;
	redirect(STDERR_FILENO);
	ck_assert_int_eq(parse(""), NF_EXIT_USAGE);
	ck_assert_int_eq(parse("a"), NF_EXIT_USAGE);
	ck_assert_str_eq(captured(),
	    "tool: no arguments given (see tool --help)\n"
	    "tool: an argument is missing (see tool --help)\n");
}
END_TEST

START_TEST(single_dash)
{
	cli.single_dash = true;
	ck_assert_int_eq(parse("-keyappname x -FORCE"), -1);
	ck_assert_str_eq(out, "x");
	ck_assert(force);
	ck_assert_int_eq(parse("-KeyAppName=y --keyappname"),
	    NF_EXIT_USAGE);
	ck_assert_int_eq(parse("-f -o x"), -1);
}
END_TEST

START_TEST(subprocess)
{
	cli.subprocess = true;
	ck_assert_int_eq(parse("-f cmd -x --y"), -1);
	ck_assert(force);
	ck_assert_int_eq(n_args, 3);
	ck_assert_str_eq(args[0], "cmd");
	ck_assert_str_eq(args[1], "-x");
	ck_assert_str_eq(args[2], "--y");
}
END_TEST

START_TEST(help)
{
	redirect(STDOUT_FILENO);
	ck_assert_int_eq(parse("--help -x"), 0);
	ck_assert_str_eq(captured(), "usage: tool [-f] [-o FILE] WORD...\n"
	    "       tool --all\n\nWhat it does.\n");
}
END_TEST

START_TEST(version)
{
	redirect(STDOUT_FILENO);
	ck_assert_int_eq(parse("-v"), 0);
	ck_assert_str_eq(captured(), "tool (" PACKAGE_NAME ") "
	    PACKAGE_VERSION "\n");
}
END_TEST

START_TEST(failure_line)
{
	struct nf_diag diag = { 0 };

	redirect(STDERR_FILENO);
	(void)nf_diag_at(&diag, NF_E_FORMAT, "fie\x1bld", 12, "wrong\n%s",
	    "\x1b[31m");
	nf_diag_where(&diag, "file");
	ck_assert_int_eq(nf_cli_fail(&cli, &diag), NF_EXIT_INPUT);
	ck_assert_str_eq(captured(),
	    "tool: file: fie\\x1bld: wrong\\x0a\\x1b[31m (at byte 12)\n");
}
END_TEST

/* What does not fit is marked, never half of an escape. */
START_TEST(cut_texts)
{
	static const struct {
		const char *in;
		const char *out;
	} t[] = {
		{ "", "" },
		{ "123456789012345", "123456789012345" },
		{ "1234567890123456", "123456789012..." },
		{ "\xc3\xbc", "\\xc3\\xbc" },
		{ "abc\xc3\xbc\xc3", "abc\\xc3\\xbc\\xc3" },
		{ "abcd\xc3\xbc\xc3", "abcd\\xc3\\xbc..." },
		{ "\xc3\xbc\xc3\xbc\xc3\xbc\xc3", "\\xc3\\xbc\\xc3..." },
		{ "abcdefghijklm\x1b", "abcdefghijkl..." }
	};
	char text[16];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		nf_err_format(text, sizeof(text), "%s", t[i].in);
		ck_assert_str_eq(text, t[i].out);
	}
}
END_TEST

START_TEST(cut_diag)
{
	char s[NF_DIAG_TEXT_MAX + 1], line[16];
	struct nf_diag diag = { 0 };

	memset(s, 'a', sizeof(s) - 1);
	s[sizeof(s) - 1] = '\0';
	(void)nf_diag_set(&diag, NF_E_FORMAT, s, "%s", s);
	nf_diag_where(&diag, "%s", s);
	ck_assert_uint_eq(strlen(diag.text), NF_DIAG_TEXT_MAX - 1);
	ck_assert_str_eq(diag.text + NF_DIAG_TEXT_MAX - 5, "a...");
	ck_assert_str_eq(diag.field + NF_DIAG_FIELD_MAX - 5, "a...");
	ck_assert_str_eq(diag.where + NF_DIAG_WHERE_MAX - 5, "a...");
	nf_diag_line(&diag, line, sizeof(line));
	ck_assert_str_eq(line, "aaaaaaaaaaaa...");
}
END_TEST

START_TEST(secret_of_others)
{
	char dir[NF_PATH_MAX], path[NF_PATH_MAX];

	nf_tap_dir("cli", dir);
	ck_assert_int_eq(nf_path(path, NULL, "%s/secret", dir), 0);
	redirect(STDERR_FILENO);
	ck_assert_int_eq(nf_file_write_new(path, 0600, nf_view_of("x", 1),
	    NULL), 0);
	nf_cli_warn_secret(path);
	nf_cli_warn_secret(dir);
	nf_cli_warn_secret("/dev/null");
	nf_cli_warn_secret("/nonexistent");
	ck_assert_str_eq(captured(), "");
	ck_assert_int_eq(chmod(path, 0640), 0);
	redirect(STDERR_FILENO);
	nf_cli_warn_secret(path);
	ck_assert_ptr_nonnull(strstr(captured(), "/secret: others than its "
	    "owner may use this file, which is secret (mode 0640)\n"));
	nf_tap_remove(dir);
}
END_TEST

/* An error without a diagnosis is an internal one. */
START_TEST(empty_diag)
{
	struct nf_diag diag = { 0 };

	redirect(STDERR_FILENO);
	ck_assert_int_eq(nf_cli_fail(&cli, &diag), NF_EXIT_UNKNOWN);
	ck_assert_str_eq(captured(),
	    "tool: internal error, or out of memory\n");
}
END_TEST

START_TEST(exit_classes)
{
	static const struct {
		int code, exit;
	} want[] = {
		{ 0, 0 }, { NF_E_MISMATCH, 1 }, { NF_E_VERIFY, 1 },
		{ NF_E_POLICY, 1 }, { NF_E_USAGE, 2 }, { NF_E_FORMAT, 3 },
		{ NF_E_IO, 3 }, { NF_E_NOTFOUND, 3 },
		{ NF_E_UNANCHORED, 4 }, { NF_E_NOMEM, 4 },
		{ NF_E_CRYPTO, 4 }, { NF_E_INTERNAL, 4 }, { -99, 4 },
		{ NF_E_REFUSED, 5 },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_int_eq(nf_err_exit(want[i].code), want[i].exit);
}
END_TEST

START_TEST(output)
{
	struct nf_buf buf = NF_BUF_INIT;

	redirect(STDOUT_FILENO);
	nf_buf_str(&buf, "result\n");
	ck_assert_int_eq(nf_cli_output(&cli, &buf, NF_EXIT_CHECK),
	    NF_EXIT_CHECK);
	ck_assert_ptr_null(buf.p);
	ck_assert_str_eq(captured(), "result\n");
}
END_TEST

/* A failed buffer writes nothing to standard output. */
START_TEST(failed_output)
{
	struct nf_buf buf = NF_BUF_INIT;

	redirect(STDOUT_FILENO);
	nf_buf_str(&buf, "half a result\n");
	nf_buf_fail(&buf, NF_E_NOMEM);
	ck_assert_int_eq(nf_cli_output(&cli, &buf, NF_EXIT_OK),
	    NF_EXIT_UNKNOWN);
	ck_assert_str_eq(captured(), "");
}
END_TEST

START_TEST(full_device)
{
	struct nf_buf buf = NF_BUF_INIT;
	int fd = open("/dev/full", O_WRONLY);

	if (fd < 0)
		return;
	redirect(STDERR_FILENO);
	ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
	nf_buf_str(&buf, "result\n");
	ck_assert_int_eq(nf_cli_output(&cli, &buf, NF_EXIT_OK),
	    NF_EXIT_INPUT);
	ck_assert_str_eq(captured(), "tool: standard output: No space left "
	    "on device\n");
	(void)close(fd);
}
END_TEST

START_TEST(environment)
{
	(void)setenv("SW_TEST_ENV", "", 1);
	ck_assert_ptr_null(nf_cli_env("SW_TEST_ENV"));
	ck_assert(!nf_cli_env_on("SW_TEST_ENV"));
	(void)setenv("SW_TEST_ENV", "0", 1);
	ck_assert_str_eq(nf_cli_env("SW_TEST_ENV"), "0");
	ck_assert(!nf_cli_env_on("SW_TEST_ENV"));
	(void)setenv("SW_TEST_ENV", "1", 1);
	ck_assert(nf_cli_env_on("SW_TEST_ENV"));
	(void)unsetenv("SW_TEST_ENV");
	ck_assert(!nf_cli_env_on("SW_TEST_ENV"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/cli");
	TCase *tc = tcase_create("cli");

	tcase_add_loop_test(tc, forms, 0, 6);
	tcase_add_test(tc, plain_words);
	tcase_add_loop_test(tc, wrong_options, 0, 10);
	tcase_add_test(tc, no_argument);
	tcase_add_test(tc, single_dash);
	tcase_add_test(tc, subprocess);
	tcase_add_test(tc, help);
	tcase_add_test(tc, version);
	tcase_add_test(tc, failure_line);
	tcase_add_test(tc, cut_texts);
	tcase_add_test(tc, cut_diag);
	tcase_add_test(tc, secret_of_others);
	tcase_add_test(tc, empty_diag);
	tcase_add_test(tc, exit_classes);
	tcase_add_test(tc, output);
	tcase_add_test(tc, failed_output);
	tcase_add_test(tc, full_device);
	tcase_add_test(tc, environment);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
