/* SPDX-License-Identifier: Apache-2.0 */
/* The language of NFSIM_FAULTS, and a module that fails as it says. */
#include "config.h"

#include <sys/wait.h>

#include <time.h>

#include "nfast/module/faults.h"
#include "nfast/wire/names.h"
#include "tests/module/client.h"

static struct client c;

/* A text that is right, and the number of bytes of each of its faults. */
static const char valid[] = "Sign:3=ServerFailed;LoadBlob:*=delay:200ms;"
    "reply:5=corrupt;reply:*=truncate:10;command:7=drop;commit:2=cut-before;"
    "commit:2=cut-after;GenerateKey:1=eject;reply:1=drop;reply:2=corrupt:3;"
    "command:*=delay:1s;commit:1=delay:0ms";

START_TEST(valid_text)
{
	struct nf_faults *f;
	struct nf_diag d = { 0 };

	ck_assert_int_eq(nf_faults_open(valid, &f, &d), 0);
	ck_assert_ptr_nonnull(f);
	nf_faults_free(f);
	ck_assert_int_eq(nf_faults_open(NULL, &f, &d), 0);
	ck_assert_ptr_null(f);
}
END_TEST

/* Every truncation is refused, but those that end with a fault. */
START_TEST(short_text)
{
	struct nf_faults *f;
	char text[sizeof(valid)];

	for (size_t n = 0; n < sizeof(valid) - 1; n++) {
		(void)snprintf(text, sizeof(text), "%.*s", (int)n, valid);
		if (nf_faults_open(text, &f, NULL) == 0) {
			const char *last = strrchr(text, ';');

			last = last == NULL ? text : last + 1;
			ck_assert_msg(strchr(last, '=') != NULL, "%s", text);
			nf_faults_free(f);
		} else
			ck_assert_ptr_null(f);
	}
}
END_TEST

static const struct {
	const char *text;
	size_t at;
} bad[] = {
	{ "", 0 },					/* no_point */
	{ "Sing:1=drop", 0 },				/* unknown_point */
	{ "Sign=drop", 4 },				/* no_when */
	{ "Sign:=drop", 5 },				/* short_when */
	{ "Sign:0=drop", 5 },				/* zero_when */
	{ "Sign:-1=drop", 5 },				/* junk_when */
	{ "Sign:1x=drop", 5 },				/* trailing_when */
	{ "Sign:9999999999=drop", 5 },			/* max_when */
	{ "Sign:1", 6 },				/* no_action */
	{ "Sign:1=", 7 },				/* short_action */
	{ "Sign:1=frob", 7 },				/* unknown_action */
	{ "Sign:1=OK", 7 },				/* wrong_status */
	{ "Sign:1=corrupt", 7 },			/* wrong_point */
	{ "Sign:1=cut-before", 7 },
	{ "reply:1=eject", 8 },
	{ "reply:1=Failed", 8 },
	{ "commit:1=drop", 9 },
	{ "Sign:1=truncate:3", 7 },
	{ "reply:1=truncate", 8 },			/* no_number */
	{ "reply:1=truncate:", 17 },
	{ "reply:1=truncate:x", 17 },
	{ "reply:1=truncate:65537", 8 },		/* max_number */
	{ "Sign:1=delay:5", 13 },			/* no_unit */
	{ "Sign:1=delay:5m", 13 },			/* unknown_unit */
	{ "Sign:1=delay:61s", 13 },			/* max_delay */
	{ "Sign:1=delay:60001ms", 13 },
	{ "Sign:1=drop;", 12 },				/* trailing_semicolon */
	{ "Sign:1=drop ", 7 },				/* trailing_blank */
	{ " Sign:1=drop", 0 },				/* junk_blank */
	{ "Sign:1=drop;;Sign:2=drop", 12 },
	{ "Sign:1=drop:1", 7 }
};

START_TEST(bad_text)
{
	struct nf_faults *f;
	struct nf_diag d = { 0 };

	ck_assert_int_eq(nf_faults_open(bad[_i].text, &f, &d), NF_E_USAGE);
	ck_assert_ptr_null(f);
	ck_assert_str_eq(d.field, NF_FAULTS_ENV);
	ck_assert(d.has_offset);
	ck_assert_msg(d.offset == bad[_i].at, "'%s': byte %zu, not %zu",
	    bad[_i].text, d.offset, bad[_i].at);
}
END_TEST

START_TEST(max_faults)
{
	struct nf_buf text = NF_BUF_INIT;
	struct nf_diag d = { 0 };
	struct nf_faults *f;

	for (int i = 0; i < NF_FAULTS_MAX; i++)
		nf_buf_printf(&text, "%sSign:1=drop", i == 0 ? "" : ";");
	ck_assert_int_eq(nf_faults_open(nf_buf_text(&text), &f, &d), 0);
	nf_faults_free(f);
	nf_buf_str(&text, ";Sign:1=drop");
	ck_assert_int_eq(nf_faults_open(nf_buf_text(&text), &f, &d),
	    NF_E_USAGE);
	ck_assert_uint_eq(d.offset, text.len - strlen("Sign:1=drop"));
	nf_buf_wipe(&text);
}
END_TEST

/* The module of these faults. */
static void
faulty(const char *text)
{
	ck_assert_int_eq(setenv(NF_FAULTS_ENV, text, 1), 0);
	client_restart(&c);
}

static void
setup(void)
{
	ck_assert_int_eq(unsetenv(NF_FAULTS_ENV), 0);
	client_open(&c);
}

static void
teardown(void)
{
	client_close(&c);
}

static const struct nf_command noop = { .cmd = NF_CMD_NOOP,
    .args.module = 1 };
static const struct nf_command enquiry = { .cmd = NF_CMD_NEWENQUIRY,
    .args = { .module = 1, .version = 6 } };

/* nf_module_transact() with a NoOp: its result, and the reply. */
static int
transact(struct nf_buf *reply)
{
	struct nf_buf bytes = NF_BUF_INIT;
	int r;

	nf_wire_command_write(&bytes, &noop);
	r = nf_module_transact(c.module, nf_buf_view(&bytes), reply);
	nf_buf_wipe(&bytes);
	return r;
}

START_TEST(unknown_environment)
{
	struct nf_module *m;
	struct nf_diag d = { 0 };

	ck_assert_int_eq(setenv(NF_FAULTS_ENV, "Sign:1=frob", 1), 0);
	nf_module_close(c.module);
	ck_assert_int_eq(nf_module_open(c.dir, c.dir, &m, &d), NF_E_USAGE);
	ck_assert_ptr_null(m);
	ck_assert_int_eq(unsetenv(NF_FAULTS_ENV), 0);
	ck_assert_int_eq(nf_module_open(c.dir, c.dir, &c.module, &d), 0);
}
END_TEST

/* The second NoOp of this power-up, and no other command. */
START_TEST(nth_of_a_kind)
{
	faulty("NoOp:2=TokenIOError");
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_OK);
	ck_assert_uint_eq(client_call(&c, &enquiry), NF_ST_OK);
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_TOKENIOERROR);
	ck_assert_ptr_nonnull(memmem(c.reply.reason.p, c.reply.reason.len,
	    NF_FAULTS_ENV, strlen(NF_FAULTS_ENV)));
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_OK);
	client_restart(&c);
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_OK);
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_TOKENIOERROR);
}
END_TEST

START_TEST(each_command)
{
	faulty("command:*=NoMemory");
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_NOMEMORY);
	ck_assert_uint_eq(client_call(&c, &enquiry), NF_ST_NOMEMORY);
}
END_TEST

START_TEST(first_of_several)
{
	faulty("NoOp:1=Failed;NoOp:*=NoMemory");
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_FAILED);
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_NOMEMORY);
}
END_TEST

START_TEST(dropped)
{
	struct nf_buf reply = NF_BUF_INIT;

	faulty("command:1=drop;reply:2=drop");
	ck_assert_int_eq(transact(&reply), NF_E_IO);
	ck_assert_uint_eq(reply.len, 0);
	ck_assert_int_eq(transact(&reply), 0);
	nf_buf_wipe(&reply);
	ck_assert_int_eq(transact(&reply), NF_E_IO);
	ck_assert_uint_eq(reply.len, 0);
}
END_TEST

START_TEST(spoiled_replies)
{
	struct nf_buf good = NF_BUF_INIT, reply = NF_BUF_INIT;

	ck_assert_int_eq(transact(&good), 0);
	faulty("reply:1=corrupt;reply:2=corrupt:3;reply:3=truncate:5;"
	    "reply:4=truncate:9999;reply:5=corrupt:9999");
	ck_assert_int_eq(transact(&reply), 0);
	ck_assert_uint_eq(reply.len, good.len);
	reply.p[good.len / 2] ^= 0xff;
	ck_assert_mem_eq(reply.p, good.p, good.len);
	nf_buf_wipe(&reply);
	ck_assert_int_eq(transact(&reply), 0);
	reply.p[3] ^= 0xff;
	ck_assert_mem_eq(reply.p, good.p, good.len);
	nf_buf_wipe(&reply);
	ck_assert_int_eq(transact(&reply), 0);
	ck_assert_uint_eq(reply.len, 5);
	for (int i = 0; i < 2; i++) {
		nf_buf_wipe(&reply);
		ck_assert_int_eq(transact(&reply), 0);
		ck_assert_uint_eq(reply.len, good.len);
		ck_assert_mem_eq(reply.p, good.p, good.len);
	}
	nf_buf_wipe(&reply);
	nf_buf_wipe(&good);
}
END_TEST

START_TEST(delayed)
{
	struct timespec a, b;

	faulty("NoOp:1=delay:120ms");
	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &a), 0);
	ck_assert_uint_eq(client_call(&c, &noop), NF_ST_OK);
	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &b), 0);
	ck_assert_int_ge((b.tv_sec - a.tv_sec) * 1000 +
	    (b.tv_nsec - a.tv_nsec) / 1000000, 119);
}
END_TEST

START_TEST(ejected)
{
	struct nf_command cmd = { .cmd = NF_CMD_DEVTEST };

	faulty("GetSlotInfo:2=eject");
	cmd.args.module = 1;
	cmd.args.word = NF_DEV_CARD_NEW;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	cmd = (struct nf_command){ .cmd = NF_CMD_GETSLOTINFO };
	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_ne(c.reply.args.ic, 0);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(c.reply.args.ic, 0);
}
END_TEST

/* In a process of its own: the power fails while the mode changes. */
static void
mode_change_cut(const char *text)
{
	struct nf_command cmd = { .cmd = NF_CMD_CLEARUNITEX };
	int status;
	pid_t pid;

	nf_module_close(c.module);
	c.module = NULL;
	ck_assert_int_eq(setenv(NF_FAULTS_ENV, text, 1), 0);
	ck_assert_int_ge(pid = fork(), 0);
	if (pid == 0) {
		cmd.args.module = 1;
		cmd.args.mode = NF_MODE_INITIALISATION;
		if (nf_module_open(c.dir, c.dir, &c.module, NULL) != 0)
			_exit(1);
		(void)client_call(&c, &cmd);
		_exit(2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), NF_FAULTS_CUT_EXIT);
	ck_assert_int_eq(unsetenv(NF_FAULTS_ENV), 0);
	ck_assert_int_eq(nf_module_open(c.dir, c.dir, &c.module, NULL), 0);
	ck_assert_uint_eq(client_call(&c, &enquiry), NF_ST_OK);
}

START_TEST(cut_before_commit)
{
	mode_change_cut("commit:1=cut-before");
	ck_assert_uint_eq(c.reply.args.enquiry.mode, NF_MODE_OPERATIONAL);
}
END_TEST

START_TEST(cut_after_commit)
{
	mode_change_cut("commit:1=cut-after");
	ck_assert_uint_eq(c.reply.args.enquiry.mode, NF_MODE_INITIALISATION);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/faults");
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, valid_text);
	tcase_add_test(tc, short_text);
	tcase_add_loop_test(tc, bad_text, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, max_faults);
	suite_add_tcase(s, tc);
	tc = tcase_create("module");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, unknown_environment);
	tcase_add_test(tc, nth_of_a_kind);
	tcase_add_test(tc, each_command);
	tcase_add_test(tc, first_of_several);
	tcase_add_test(tc, dropped);
	tcase_add_test(tc, spoiled_replies);
	tcase_add_test(tc, delayed);
	tcase_add_test(tc, ejected);
	tcase_add_test(tc, cut_before_commit);
	tcase_add_test(tc, cut_after_commit);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
