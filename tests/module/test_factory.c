/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a module has from the factory: its warrant, the root that signed it,
 * and what a state of an older simulator gets when it is opened.  state-1 was
 * made by the first release ("enquiry" in an empty NFSIM_STATE).
 */
#include "config.h"

#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfast/base/digest.h"
#include "nfast/wire/ddds.h"
#include "tests/module/client.h"

#define POINT_LEN	66
#define ESN_1		"629A-E891-3D2D"
#define DIGEST_LEN	32

static struct client c;
static struct nf_diag diag;

static void
setup(void)
{
	client_open(&c);
	nf_diag_clear(&diag);
}

static void
teardown(void)
{
	client_close(&c);
}

static void
file_path(char path[static NF_PATH_MAX + 32], const char *name)
{
	(void)snprintf(path, NF_PATH_MAX + 32, "%s/%s", c.dir, name);
}

static void
warrant_get(struct nf_buf *out)
{
	struct nf_command cmd = { .cmd = NF_CMD_DEVTEST };

	cmd.args.word = NF_DEV_WARRANT;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_buf_wipe(out);
	nf_buf_view_put(out, c.reply.args.data);
	ck_assert_uint_gt(out->len, 0);
}

/* The state certificate under KLF2, which names ESN and KLF2. */
static struct nf_modcert *
state_get(struct nf_buf *msg)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGNMODULESTATE };
	struct nf_modcert *cert = NULL;
	struct nf_cur cur;

	cmd.args.module = 1;
	cmd.args.signer = NF_SIGNER_KLF2;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_buf_view_put(msg, c.reply.args.cert.msg);
	nf_cur_init(&cur, msg->p, msg->len, NULL);
	ck_assert_int_eq(nf_wire_modcert_read(&cur, &cert), 0);
	return cert;
}

/* The root's key out of its public file: two lines of 132 digits. */
static void
root_read(struct nf_keydata *key, uint8_t le[2][POINT_LEN])
{
	char path[NF_PATH_MAX + 32];
	struct nf_buf b = NF_BUF_INIT;
	struct stat st;

	file_path(path, NF_MODULE_KWARN_FILE ".key");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	file_path(path, NF_MODULE_KWARN_FILE);
	ck_assert_int_eq(nf_file_load(path, 1024, &b, NULL), 0);
	ck_assert_uint_eq(b.len, 2 * (2 * POINT_LEN + 1));
	memset(key, 0, sizeof(*key));
	key->type = NF_KEY_ECDSAPUBLIC;
	key->curve = NF_EC_P521;
	for (size_t n = 0; n < 2; n++) {
		const uint8_t *line = b.p + n * (2 * POINT_LEN + 1);
		uint8_t be[POINT_LEN];

		ck_assert(nf_text_unhex((const char *)line, 2 * POINT_LEN, be,
		    sizeof(be)));
		ck_assert_uint_eq(line[2 * POINT_LEN], '\n');
		for (size_t i = 0; i < POINT_LEN; i++)
			le[n][i] = be[POINT_LEN - 1 - i];
		key->v[n] = nf_view_of(le[n], POINT_LEN);
	}
	nf_buf_wipe(&b);
}

/* r and s, big-endian, verify over the payload under the root. */
static int
sig_verify(const struct nf_keydata *root, struct nf_view payload,
    struct nf_view rs)
{
	uint8_t le[2][POINT_LEN];
	struct nf_cipher sig = { .mech = NF_MECH_ECDSAHSHA512 };
	EVP_PKEY *pkey = NULL;
	int r;

	ck_assert_uint_eq(rs.len, 2 * POINT_LEN);
	for (size_t n = 0; n < 2; n++) {
		for (size_t i = 0; i < POINT_LEN; i++)
			le[n][i] = rs.p[(n + 1) * POINT_LEN - 1 - i];
		sig.v[n] = nf_view_of(le[n], POINT_LEN);
	}
	ck_assert_int_eq(nf_wire_keydata_pkey(root, &pkey, NULL), 0);
	r = nf_wire_sig_verify(root, pkey, NF_MECH_ECDSAHSHA512, payload,
	    &sig, NULL);
	EVP_PKEY_free(pkey);
	return r;
}

/* A coordinate of the payload is this little-endian number. */
static void
same_number(const struct nf_ddds_node *node, struct nf_view le)
{
	size_t n = le.len;

	while (n > 0 && le.p[n - 1] == 0)
		n--;
	ck_assert(nf_ddds_has_type(node, NF_DDDS_INT));
	ck_assert_uint_eq(node->v.len, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(node->v.p[i], le.p[n - 1 - i]);
}

/* The module's warrant is whole, by the root of the directory, and names the
 * ESN and the KLF2 that sign its state. */
static void
warrant_check(const struct nf_buf *warrant)
{
	struct nf_buf msg = NF_BUF_INIT;
	struct nf_modcert *cert = state_get(&msg);
	const struct nf_ddds_node *n, *payload, *sig;
	uint8_t le[2][POINT_LEN];
	struct nf_keydata root;
	struct nf_ddds d;
	struct nf_cur cur;

	nf_cur_init(&cur, warrant->p, warrant->len, NULL);
	ck_assert_int_eq(nf_ddds_read(&cur, &d), 0);
	ck_assert_uint_eq(d.node[0].n, 2);
	ck_assert(nf_ddds_is(nf_ddds_item(&d, &d.node[0], 0),
	    NF_MODULE_KWARN_NAME));
	n = nf_ddds_item(&d, &d.node[0], 1);
	payload = nf_ddds_get(&d, n, "Payload");
	sig = nf_ddds_get(&d, n, "Signature");
	ck_assert(payload != NULL && sig != NULL);
	root_read(&root, le);
	ck_assert_int_eq(sig_verify(&root, payload->v, sig->v), 0);
	nf_cur_init(&cur, payload->v.p, payload->v.len, NULL);
	ck_assert_int_eq(nf_ddds_read(&cur, &d), 0);
	n = nf_ddds_get(&d, &d.node[0], "ElectronicSerialNumber");
	ck_assert(n != NULL && nf_view_equal(n->v, cert->state.esn));
	ck_assert(nf_ddds_is(nf_ddds_get(&d, &d.node[0],
	    "WarrantCertificateType"), "ModuleInformation"));
	n = nf_ddds_item(&d, nf_ddds_get(&d, &d.node[0], "KLF2pub"), 3);
	same_number(nf_ddds_item(&d, n, 0),
	    cert->state.klf2.key.v[NF_ECPUB_X]);
	same_number(nf_ddds_item(&d, n, 1),
	    cert->state.klf2.key.v[NF_ECPUB_Y]);
	nf_modcert_free(cert);
	nf_buf_wipe(&msg);
}

START_TEST(fresh_module)
{
	struct nf_buf first = NF_BUF_INIT, again = NF_BUF_INIT;

	warrant_get(&first);
	warrant_check(&first);
	client_restart(&c);
	warrant_get(&again);
	ck_assert(nf_view_equal(nf_buf_view(&first), nf_buf_view(&again)));
	/* Initialisation makes new keys, but not KLF2. */
	client_mode(&c, NF_MODE_INITIALISATION);
	warrant_get(&again);
	warrant_check(&again);
	nf_buf_wipe(&first);
	nf_buf_wipe(&again);
}
END_TEST

/* Modules of one factory have one root, and each its own warrant. */
START_TEST(second_module)
{
	struct nf_buf first = NF_BUF_INIT, second = NF_BUF_INIT;
	struct nf_buf root[2] = { NF_BUF_INIT, NF_BUF_INIT };
	struct nf_module *m = c.module;
	char dir[NF_PATH_MAX], path[NF_PATH_MAX + 32];

	file_path(path, NF_MODULE_KWARN_FILE);
	ck_assert_int_eq(nf_file_load(path, 1024, &root[0], NULL), 0);
	warrant_get(&first);
	(void)snprintf(dir, sizeof(dir), "%.4000s/region", c.dir);
	ck_assert_int_eq(nf_module_open(dir, c.dir, &c.module, NULL), 0);
	warrant_get(&second);
	warrant_check(&second);
	ck_assert(!nf_view_equal(nf_buf_view(&first), nf_buf_view(&second)));
	ck_assert_int_eq(nf_file_load(path, 1024, &root[1], NULL), 0);
	ck_assert(nf_view_equal(nf_buf_view(&root[0]),
	    nf_buf_view(&root[1])));
	nf_module_close(c.module);
	c.module = m;
	nf_buf_wipe(&first);
	nf_buf_wipe(&second);
	nf_buf_wipe(&root[0]);
	nf_buf_wipe(&root[1]);
}
END_TEST

/* A power cut between the two files of the root left it without a public
 * half: it is made again. */
START_TEST(root_cut_off)
{
	struct nf_buf warrant = NF_BUF_INIT;
	struct nf_module *m = c.module;
	char dir[NF_PATH_MAX], path[NF_PATH_MAX + 32];

	file_path(path, NF_MODULE_KWARN_FILE);
	ck_assert_int_eq(unlink(path), 0);
	(void)snprintf(dir, sizeof(dir), "%.4000s/region", c.dir);
	ck_assert_int_eq(nf_module_open(dir, c.dir, &c.module, NULL), 0);
	warrant_get(&warrant);
	warrant_check(&warrant);
	nf_module_close(c.module);
	c.module = m;
	nf_buf_wipe(&warrant);
}
END_TEST

/* Replace the module's state, signed anew when there is a body to change. */
static void
state_put(const struct nf_buf *body)
{
	struct nf_view all = nf_buf_view(body);
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_buf b = NF_BUF_INIT;
	char path[NF_PATH_MAX + 32];

	nf_buf_view_put(&b, all);
	ck_assert_int_eq(nf_digest_of(NF_SHA256, &all, 1, digest), 0);
	nf_buf_put(&b, digest, DIGEST_LEN);
	file_path(path, "module-1");
	ck_assert_int_eq(nf_file_write_atomic(path, 0600, nf_buf_view(&b),
	    NULL), 0);
	nf_buf_wipe(&b);
}

/* The state without its digest. */
static void
state_body(const char *path, struct nf_buf *body)
{
	struct nf_buf b = NF_BUF_INIT;

	ck_assert_int_eq(nf_file_load(path, 1 << 20, &b, NULL), 0);
	nf_buf_put(body, b.p, b.len - DIGEST_LEN);
	nf_buf_wipe(&b);
}

static int
reopen(void)
{
	nf_args_wipe(&c.reply.args);
	nf_module_close(c.module);
	c.module = NULL;
	nf_diag_clear(&diag);
	return nf_module_open(c.dir, c.dir, &c.module, &diag);
}

/* The directory as the first release left it. */
static void
old_state(struct nf_buf *body)
{
	const char *src = getenv("SW_SRCDIR");
	char path[NF_PATH_MAX + 32];

	nf_module_close(c.module);
	c.module = NULL;
	file_path(path, NF_MODULE_KWARN_FILE);
	ck_assert_int_eq(unlink(path), 0);
	file_path(path, NF_MODULE_KWARN_FILE ".key");
	ck_assert_int_eq(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%.4000s/tests/module/state-1",
	    src == NULL ? "." : src);
	state_body(path, body);
	state_put(body);
}

START_TEST(old_module)
{
	struct nf_buf body = NF_BUF_INIT, first = NF_BUF_INIT;
	struct nf_buf again = NF_BUF_INIT;
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	char path[NF_PATH_MAX + 32];

	old_state(&body);
	ck_assert_int_eq(reopen(), 0);
	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert(nf_view_is(c.reply.args.enquiry.serial, ESN_1));
	warrant_get(&first);
	warrant_check(&first);
	ck_assert_int_eq(reopen(), 0);
	warrant_get(&again);
	ck_assert(nf_view_equal(nf_buf_view(&first), nf_buf_view(&again)));
	nf_buf_wipe(&body);
	file_path(path, "module-1");
	state_body(path, &body);
	ck_assert_uint_eq(body.p[26], '2');
	nf_buf_wipe(&body);
	nf_buf_wipe(&first);
	nf_buf_wipe(&again);
}
END_TEST

/* One mutation each of a state that is otherwise whole. */
START_TEST(wrong_versions)
{
	struct nf_buf body = NF_BUF_INIT;
	char path[NF_PATH_MAX + 32];
	size_t whole;

	old_state(&body);
	whole = body.len;
	body.p[26] = '2';		/* no_warrant */
	state_put(&body);
	ck_assert_int_eq(reopen(), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "entry");
	body.p[26] = '3';		/* unknown_version */
	state_put(&body);
	ck_assert_int_eq(reopen(), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "magic");
	body.p[26] = '2';		/* zero_warrant */
	nf_buf_u32(&body, 12);
	nf_buf_u32(&body, 0);
	state_put(&body);
	ck_assert_int_eq(reopen(), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "warrant");
	body.len = whole;
	body.p[26] = '1';
	state_put(&body);
	ck_assert_int_eq(reopen(), 0);
	nf_buf_wipe(&body);
	file_path(path, "module-1");
	state_body(path, &body);
	body.p[26] = '1';		/* a warrant where none is known */
	state_put(&body);
	ck_assert_int_eq(reopen(), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "entry");
	nf_buf_wipe(&body);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/factory");
	TCase *tc = tcase_create("factory");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, fresh_module);
	tcase_add_test(tc, second_module);
	tcase_add_test(tc, root_cut_off);
	tcase_add_test(tc, old_module);
	tcase_add_test(tc, wrong_versions);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
