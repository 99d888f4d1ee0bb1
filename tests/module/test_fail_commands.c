/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The module's commands with each call of a library failing in turn: the
 * sequences of the command fuzzer.  A command does its work, or is refused as
 * by a module without memory or with a defect; nothing is refused for another
 * reason, and the module starts again from what it left on the disk.
 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>

#include "nfast/base/curve.h"
#include "tests/files.h"
#include "tests/fuzz/seed_commands.h"
#include "tests/module/client.h"
#include "tests/sweep.h"

#define SEQUENCES_MAX	16
#define COMMANDS_MAX	16
#define STATE_FILE	"module-1"

static struct client c;
static struct nf_buf blob[2], state;

static struct {
	char name[32];
	struct nf_buf bytes;
} sequence[SEQUENCES_MAX];
static size_t n_sequences;

/* The name of a seed that ends without a mutation is a sequence as it is. */
static void
keep(const char *target, const char *name, struct nf_buf *buf)
{
	(void)target;
	ck_assert_uint_lt(n_sequences, SEQUENCES_MAX);
	(void)snprintf(sequence[n_sequences].name,
	    sizeof(sequence[0].name), "%s", name);
	sequence[n_sequences++].bytes = *buf;
	nf_buf_init(buf);
}

static void
path_of(const char *name, char out[static 2 * NF_PATH_MAX])
{
	(void)snprintf(out, 2 * NF_PATH_MAX, "%s/%s", c.dir, name);
}

static void
power_on(void)
{
	ck_assert_int_eq(nf_module_open(c.dir, c.dir, &c.module, NULL), 0);
}

/* A module in initialisation mode, and the RSA key of every sequence. */
static void
setup_module(void)
{
	struct nf_acl *acl = client_acl(0xffff, 0x23);
	uint32_t id[2];
	char path[2 * NF_PATH_MAX];

	seed_commands(keep);
	client_open(&c);
	client_mode(&c, NF_MODE_INITIALISATION);
	(void)nf_group_action_add(&acl->group[0], NF_ACT_MAKEARCHIVEBLOB);
	id[0] = client_generate(&c, NF_KEY_RSAPRIVATE, 2048, acl, 0xffff,
	    &id[1]);
	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(client_make_blob(&c, id[i],
		    client_null_aes, &blob[i]), NF_ST_OK);
	nf_args_wipe(&c.reply.args);
	nf_module_close(c.module);
	path_of(STATE_FILE, path);
	ck_assert_int_eq(nf_file_load(path, 1 << 20, &state, NULL), 0);
	power_on();
}

static void
teardown_module(void)
{
	client_close(&c);
	for (size_t i = 0; i < n_sequences; i++)
		nf_buf_wipe(&sequence[i].bytes);
	nf_buf_wipe(&blob[0]);
	nf_buf_wipe(&blob[1]);
	nf_buf_wipe(&state);
}

static void
cards_remove(void)
{
	char path[3 * NF_PATH_MAX], dir[2 * NF_PATH_MAX];
	struct dirent *e;
	DIR *d;

	path_of("cards", dir);
	if ((d = opendir(dir)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		ck_assert_int_eq(unlink(path), 0);
	}
	(void)closedir(d);
}

/*
 * Power off; what is on the disk must do to power on again.  Then the state
 * of the beginning, with its key loaded.
 */
static void
start_over(void *arg)
{
	char path[2 * NF_PATH_MAX];
	uint32_t id;

	(void)arg;
	client_restart(&c);
	nf_module_close(c.module);
	cards_remove();
	path_of(STATE_FILE, path);
	nf_tap_put(path, state.p, state.len);
	power_on();
	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(client_load_blob(&c, &blob[i], 0, &id),
		    NF_ST_OK);
}

/* Of a cipher's last steps libcrypto does not say whether the data is bad. */
static bool
blamed(uint32_t status)
{
	return (status == NF_ST_DECRYPTFAILED ||
	    status == NF_ST_ENCRYPTFAILED) &&
	    (strcmp(nf_fail_name(), "EVP_CipherUpdate") == 0 ||
	    strcmp(nf_fail_name(), "EVP_CipherFinal_ex") == 0 ||
	    strcmp(nf_fail_name(), "EVP_PKEY_decrypt") == 0);
}

/* Carry out a sequence up to the first refusal for an inner reason. */
static int
run(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct nf_buf *seq = arg;
	struct nf_buf reply = NF_BUF_INIT;
	struct nf_cur cur, head;
	uint32_t status;
	int r = 0;

	nf_cur_init(&cur, seq->p, seq->len, NULL);
	while (r == 0 && nf_cur_left(&cur) > 4) {
		struct nf_view v = nf_cur_bytes(&cur, "command",
		    nf_cur_u32(&cur, "length"));

		reply.len = 0;
		if ((r = nf_module_transact(c.module, v, &reply)) != 0)
			break;
		nf_cur_init(&head, reply.p, reply.len, NULL);
		(void)nf_cur_u32(&head, "tag");
		nf_buf_printf(result, "%u ", nf_cur_u32(&head, "cmd"));
		status = nf_cur_u32(&head, "status");
		nf_buf_printf(result, "%u\n", status);
		if (status == NF_ST_NOMEMORY)
			r = NF_E_NOMEM;
		else if (status == NF_ST_HARDWAREFAILED ||
		    status == NF_ST_FAILED || blamed(status))
			r = NF_E_CRYPTO;
	}
	if (r == 0)
		r = nf_buf_err(result);
	nf_buf_wipe(&reply);
	(void)nf_diag_set(diag, r, NULL, "command");
	return r;
}

START_TEST(every_sequence)
{
	struct sweep s = { .run = run, .undo = start_over, .coarse = true };

	for (size_t i = 0; i < n_sequences; i++) {
		s.name = sequence[i].name;
		s.arg = &sequence[i].bytes;
		start_over(NULL);
		sweep(&s, 0);
	}
}
END_TEST

static int
open_again(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	struct nf_module *m = NULL;
	int r = nf_module_open(arg, arg, &m, diag);

	(void)result;
	NF_REQUIRE((r == 0) == (m != NULL));
	nf_module_close(m);
	return r;
}

/* Nothing that fails makes a new module in the place of the one there is. */
static void
state_check(void *arg)
{
	struct nf_buf now = NF_BUF_INIT;
	char path[2 * NF_PATH_MAX];

	(void)arg;
	path_of(STATE_FILE, path);
	ck_assert_int_eq(nf_file_load(path, 1 << 20, &now, NULL), 0);
	ck_assert(nf_view_equal(nf_buf_view(&now), nf_buf_view(&state)));
	nf_buf_wipe(&now);
}

START_TEST(opening)
{
	struct sweep s = { .name = "open", .run = open_again, .arg = c.dir,
	    .io = true };

	nf_module_close(c.module);
	s.undo = state_check;
	sweep(&s, 0);
	power_on();
}
END_TEST

static void
factory_reset(void *arg)
{
	static const char *const names[] = { STATE_FILE, "lock", "cards",
		NF_MODULE_ROOT_FILE, NF_MODULE_ROOT_FILE ".key",
		NF_MODULE_KWARN_FILE, NF_MODULE_KWARN_FILE ".key" };
	char cmd[2 * NF_PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(cmd, sizeof(cmd), "%s/%s", (char *)arg,
		    names[i]);
		(void)remove(cmd);
	}
}

/* A module that is made: in a directory that holds nothing. */
START_TEST(factory)
{
	char dir[2 * NF_PATH_MAX];
	struct sweep s = { .name = "factory", .run = open_again,
	    .undo = factory_reset, .arg = dir, .io = true, .coarse = true };

	path_of("factory", dir);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	sweep(&s, 0);
	nf_tap_remove(dir);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/fail_commands");
	TCase *tc = tcase_create("commands");

	tcase_add_checked_fixture(tc, setup_module, teardown_module);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, every_sequence);
	tcase_add_test(tc, opening);
	tcase_add_test(tc, factory);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
