/* SPDX-License-Identifier: Apache-2.0 */
/* The module as a whole: modes, durable state, certificates, junk. */
#include "config.h"

#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/module/fresh.h"

static uint32_t
mode_now(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };

	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	return c.reply.args.enquiry.mode;
}

START_TEST(modes)
{
	char esn[NF_ESN_MAX + 1] = "";

	ck_assert_uint_eq(mode_now(), NF_MODE_OPERATIONAL);
	memcpy(esn, c.reply.args.enquiry.serial.p,
	    c.reply.args.enquiry.serial.len);
	ck_assert_uint_eq(strlen(esn), 14);
	client_mode(&c, NF_MODE_INITIALISATION);
	client_restart(&c);
	ck_assert_uint_eq(mode_now(), NF_MODE_INITIALISATION);
	ck_assert(nf_view_is(c.reply.args.enquiry.serial, esn));
}
END_TEST

START_TEST(wrong_mode)
{
	struct nf_command cmd = { .cmd = NF_CMD_INITIALISEUNITEX };

	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDSTATE);
	cmd.cmd = NF_CMD_SETNSOPERMS;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDSTATE);
	cmd.cmd = NF_CMD_SETKM;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDSTATE);
}
END_TEST

START_TEST(wrong_module_number)
{
	struct nf_command cmd = { .cmd = NF_CMD_NOOP };

	cmd.args.module = 2;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDMODULE);
	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
}
END_TEST

START_TEST(world_survives)
{
	uint8_t hknso[NF_HASH_LEN], hkm[NF_HASH_LEN];
	struct nf_command cmd = { .cmd = NF_CMD_GETKMLIST };

	(void)client_world(&c, hknso, hkm);
	client_restart(&c);
	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(c.reply.args.n_hashes, 3);
	ck_assert_mem_eq(c.reply.args.hash, hknso, NF_HASH_LEN);
	ck_assert_mem_eq(c.reply.args.hashes[2], hkm, NF_HASH_LEN);
}
END_TEST

/* The state certificate verifies under the KLF it names, and that under the
 * factory root. */
static void
state_under(uint32_t signer, uint32_t mech)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGNMODULESTATE };
	struct nf_modcert *cert = NULL;
	struct nf_certlist *chain = calloc(1, sizeof(*chain));
	const struct nf_attr_key *klf;
	struct nf_buf msg = NF_BUF_INIT;
	EVP_PKEY *pkey = NULL;
	struct nf_acl *acl;
	struct nf_cur cur;

	cmd.args.module = 1;
	cmd.args.signer = signer;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_buf_view_put(&msg, c.reply.args.cert.msg);
	nf_cur_init(&cur, msg.p, msg.len, NULL);
	ck_assert_int_eq(nf_wire_modcert_read(&cur, &cert), 0);
	klf = signer == NF_SIGNER_KLF ? &cert->state.klf : &cert->state.klf2;
	ck_assert_uint_eq(klf->mech, mech);
	ck_assert_int_eq(nf_wire_keydata_pkey(&klf->key, &pkey, NULL), 0);
	ck_assert_int_eq(nf_wire_sig_verify(&klf->key, pkey, mech,
	    nf_buf_view(&msg), &c.reply.args.cert.sig, NULL), 0);
	EVP_PKEY_free(pkey);
	cmd.cmd = NF_CMD_DEVTEST;
	cmd.args.word = NF_DEV_ROOTCHAIN;
	cmd.args.index = signer;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	nf_cur_init(&cur, c.reply.args.data.p, c.reply.args.data.len, NULL);
	nf_wire_certlist_read(&cur, chain);
	ck_assert_int_eq(nf_cur_end(&cur, "chain"), 0);
	ck_assert_uint_eq(chain->n, 1);
	ck_assert_int_eq(nf_wire_keydata_pkey(&chain->cert[0].key, &pkey,
	    NULL), 0);
	ck_assert_int_eq(nf_wire_sig_verify(&chain->cert[0].key, pkey,
	    NF_MECH_DSA, chain->cert[0].msg, &chain->cert[0].sig, NULL), 0);
	nf_cur_init(&cur, chain->cert[0].msg.p, chain->cert[0].msg.len, NULL);
	ck_assert_int_eq(nf_wire_certmsg_read(&cur, &acl), 0);
	ck_assert_mem_eq(acl->group[0].certmech_hash, klf->hash,
	    NF_HASH_LEN);
	ck_assert(nf_view_equal(acl->group[0].moduleserial, cert->state.esn));
	nf_acl_free(acl);
	EVP_PKEY_free(pkey);
	nf_modcert_free(cert);
	nf_buf_wipe(&msg);
	free(chain);
}

START_TEST(state_certificates)
{
	state_under(NF_SIGNER_KLF, NF_MECH_DSA);
	state_under(NF_SIGNER_KLF2, NF_MECH_ECDSAHSHA512);
}
END_TEST

START_TEST(keygen_certificate)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_modcert *cert = NULL;
	struct nf_cur cur;

	cmd.args.module = 1;
	cmd.args.flags = NF_GEN_CERTIFY;
	cmd.args.genparams.type = NF_KEY_ECDSAPRIVATE;
	cmd.args.genparams.curve = NF_EC_P256;
	cmd.args.acl = client_acl(NF_PERM_SIGN, 0x3);
	cmd.args.acl2 = client_acl(NF_PERM_VERIFY, 0x23);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(c.reply.args.flags, NF_REPLY_CERT |
	    NF_REPLY_CERTPUB);
	nf_cur_init(&cur, c.reply.args.cert.msg.p, c.reply.args.cert.msg.len,
	    NULL);
	ck_assert_int_eq(nf_wire_modcert_read(&cur, &cert), 0);
	ck_assert_uint_eq(cert->type, NF_MODCERT_KEYGEN);
	ck_assert_uint_eq(nf_acl_perms(cert->keygen.acl, false),
	    NF_PERM_SIGN);
	nf_modcert_free(cert);
	nf_acl_free(cmd.args.acl);
	nf_acl_free(cmd.args.acl2);
}
END_TEST

/* Every truncation and many flips of a command get a reply, none a crash. */
START_TEST(junk_commands)
{
	struct nf_command cmd = { .tag = 7, .cmd = NF_CMD_GENERATEKEY };
	struct nf_buf bytes = NF_BUF_INIT, reply = NF_BUF_INIT;
	struct nf_cur cur;

	cmd.args.module = 1;
	cmd.args.genparams.type = NF_KEY_RIJNDAEL;
	cmd.args.genparams.len = 16;
	cmd.args.acl = client_acl(NF_PERM_ENCRYPT, 0x3);
	nf_wire_command_write(&bytes, &cmd);
	nf_acl_free(cmd.args.acl);
	for (size_t n = 0; n < bytes.len; n++) {
		ck_assert_int_eq(nf_module_transact(c.module,
		    nf_view_of(bytes.p, n), &reply), 0);
		nf_cur_init(&cur, reply.p, reply.len, NULL);
		(void)nf_cur_u32(&cur, "tag");
		ck_assert_uint_eq(nf_cur_u32(&cur, "cmd"), 0);
		ck_assert_uint_ne(nf_cur_u32(&cur, "status"), NF_ST_OK);
		nf_buf_wipe(&reply);
	}
	for (size_t i = 0; i < bytes.len * 8; i++) {
		bytes.p[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_int_eq(nf_module_transact(c.module,
		    nf_buf_view(&bytes), &reply), 0);
		bytes.p[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_uint_ge(reply.len, 16);
		nf_buf_wipe(&reply);
	}
	nf_buf_wipe(&bytes);
}
END_TEST

START_TEST(junk_state)
{
	struct nf_buf state = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char path[NF_PATH_MAX + 16];

	(void)snprintf(path, sizeof(path), "%s/module-1", c.dir);
	nf_module_close(c.module);
	c.module = NULL;
	ck_assert_int_eq(nf_file_load(path, 1 << 20, &state, NULL), 0);
	state.p[state.len / 2] ^= 1;
	ck_assert_int_eq(nf_file_write_atomic(path, 0600,
	    nf_buf_view(&state), NULL), 0);
	ck_assert_int_eq(nf_module_open(c.dir, c.dir, &c.module, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "digest");
	ck_assert_ptr_null(c.module);
	nf_buf_wipe(&state);
}
END_TEST

/* A directory below the module's, with a file of a byte: its path. */
static void
foreign(const char *name, const char *file, char dir[static NF_PATH_MAX],
    char path[static NF_PATH_MAX])
{
	ck_assert_int_eq(nf_path(dir, NULL, "%s/%s", c.dir, name), 0);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(nf_path(path, NULL, "%s/%s", dir, file), 0);
	ck_assert_int_eq(nf_file_write_new(path, 0600, nf_view_of("x", 1),
	    NULL), 0);
}

START_TEST(foreign_directory)
{
	struct nf_module *m = NULL;
	char dir[NF_PATH_MAX], path[NF_PATH_MAX];

	foreign("foreign", "precious", dir, path);
	ck_assert_int_eq(nf_module_open(dir, dir, &m, NULL), NF_E_POLICY);
	ck_assert_ptr_null(m);
}
END_TEST

/* Flags that nobody knows were taken for none. */
START_TEST(unknown_flags)
{
	static const uint32_t cmds[] = { NF_CMD_CLEARUNITEX,
	    NF_CMD_INITIALISEUNITEX, NF_CMD_SETNSOPERMS, NF_CMD_SETKM,
	    NF_CMD_REMOVEKM, NF_CMD_GETKMLIST, NF_CMD_NEWENQUIRY,
	    NF_CMD_LOADBLOB, NF_CMD_SIGNMODULESTATE, NF_CMD_READSHARE };

	for (size_t i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		struct nf_command cmd = { .cmd = cmds[i] };

		cmd.args.module = 1;
		cmd.args.flags = 0x80000000u;
		ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_UNKNOWNFLAG);
	}
}
END_TEST

/* Commands that make keys went to any module number. */
START_TEST(wrong_module_for_keys)
{
	static const uint32_t cmds[] = { NF_CMD_GETKML, NF_CMD_GETKLF2,
	    NF_CMD_SIGNMODULESTATE, NF_CMD_GENERATELOGICALTOKEN,
	    NF_CMD_LOADLOGICALTOKEN, NF_CMD_LOADBLOB };

	for (size_t i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		struct nf_command cmd = { .cmd = cmds[i] };

		cmd.args.module = 2;
		ck_assert_uint_eq(client_call(&c, &cmd),
		    NF_ST_INVALIDMODULE);
	}
}
END_TEST

START_TEST(zero_hknso)
{
	struct nf_command cmd = { .cmd = NF_CMD_SETNSOPERMS };

	client_mode(&c, NF_MODE_INITIALISATION);
	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDPARAMETER);
	memset(cmd.args.hash, 1, sizeof(cmd.args.hash));
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_INVALIDSTATE);
}
END_TEST

static void
kml_hash(uint8_t out[static NF_HASH_LEN])
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKML };

	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	ck_assert_uint_eq(client_key(&c, NF_CMD_GETKEYINFO,
	    c.reply.args.key), NF_ST_OK);
	memcpy(out, c.reply.args.hash, NF_HASH_LEN);
}

/* A state that cannot be saved is not in force, and the module goes on. */
START_TEST(no_place_to_save)
{
	struct nf_command cmd = { .cmd = NF_CMD_INITIALISEUNITEX };
	uint8_t before[NF_HASH_LEN], after[NF_HASH_LEN];
	char away[NF_PATH_MAX + 16];

	client_mode(&c, NF_MODE_INITIALISATION);
	kml_hash(before);
	(void)snprintf(away, sizeof(away), "%s.away", c.dir);
	ck_assert_int_eq(rename(c.dir, away), 0);
	cmd.args.module = 1;
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_HARDWAREFAILED);
	kml_hash(after);
	ck_assert_mem_eq(before, after, NF_HASH_LEN);
	ck_assert_int_eq(rename(away, c.dir), 0);
	ck_assert_uint_eq(client_call(&c, &cmd), NF_ST_OK);
	kml_hash(after);
	ck_assert_mem_ne(before, after, NF_HASH_LEN);
	memcpy(before, after, NF_HASH_LEN);
	client_restart(&c);
	kml_hash(after);
	ck_assert_mem_eq(before, after, NF_HASH_LEN);
}
END_TEST

/* A power cut while the directory was claimed made it nobody's for ever. */
START_TEST(claim_cut_off)
{
	struct nf_module *m = NULL;
	char dir[NF_PATH_MAX], path[NF_PATH_MAX];

	foreign("new", ".secworld.Abc123", dir, path);
	ck_assert_int_eq(nf_module_open(dir, dir, &m, NULL), 0);
	ck_assert(!nf_file_exists(path));
	nf_module_close(m);
}
END_TEST

/* Temporary files of a power cut stayed, with the module's secrets. */
START_TEST(temporary_files_left)
{
	char path[2][NF_PATH_MAX + 32];

	(void)snprintf(path[0], sizeof(path[0]), "%s/cards", c.dir);
	ck_assert_int_eq(mkdir(path[0], 0700), 0);
	(void)snprintf(path[0], sizeof(path[0]), "%s/.secworld.000000",
	    c.dir);
	(void)snprintf(path[1], sizeof(path[1]), "%s/cards/.secworld.111111",
	    c.dir);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(nf_file_write_new(path[i], 0600,
		    nf_view_of("x", 1), NULL), 0);
	client_restart(&c);
	for (size_t i = 0; i < 2; i++)
		ck_assert(!nf_file_exists(path[i]));
	ck_assert_uint_eq(mode_now(), NF_MODE_OPERATIONAL);
}
END_TEST

/* A command said that it has certificates, and had none. */
START_TEST(zero_certificates)
{
	struct nf_command cmd = { .tag = 1, .cmd = NF_CMD_NOOP };
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_command *got = calloc(1, sizeof(*got));
	struct nf_diag diag = { 0 };
	struct nf_cur cur;

	cmd.args.module = 1;
	nf_wire_command_write(&bytes, &cmd);
	nf_buf_u32(&bytes, 0);
	bytes.p[12] = NF_CF_CERTS;
	nf_cur_init(&cur, bytes.p, bytes.len, &diag);
	ck_assert_int_eq(nf_wire_command_read(&cur, got), NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "certs");
	nf_buf_wipe(&bytes);
	free(got);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("module/unit");
	TCase *tc = tcase_create("unit");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, modes);
	tcase_add_test(tc, wrong_mode);
	tcase_add_test(tc, wrong_module_number);
	tcase_add_test(tc, world_survives);
	tcase_add_test(tc, state_certificates);
	tcase_add_test(tc, keygen_certificate);
	tcase_add_test(tc, junk_commands);
	tcase_add_test(tc, junk_state);
	tcase_add_test(tc, foreign_directory);
	tcase_add_test(tc, unknown_flags);
	tcase_add_test(tc, wrong_module_for_keys);
	tcase_add_test(tc, zero_hknso);
	tcase_add_test(tc, no_place_to_save);
	tcase_add_test(tc, claim_cut_off);
	tcase_add_test(tc, temporary_files_left);
	tcase_add_test(tc, zero_certificates);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
