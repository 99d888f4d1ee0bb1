/* SPDX-License-Identifier: Apache-2.0 */
/* The wire formats with each call of a library failing in turn. */
#include "config.h"

#include <openssl/evp.h>

#include "nfast/wire/blob.h"
#include "nfast/wire/cipher.h"
#include "nfast/wire/command-json.h"
#include "nfast/wire/modcert.h"
#include "tests/fuzz/seed_commands.h"
#include "tests/sweep.h"
#include "tests/wire/wire.h"

/* Read, write again, print. */
static int
modcert(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct nf_buf *wire = arg;
	struct nf_modcert *cert;
	struct nf_acl *copy;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, wire->p, wire->len, diag);
	if ((r = nf_wire_modcert_read(&cur, &cert)) != 0)
		return r;
	nf_wire_keygen_cert_write(result, &cert->keygen);
	nf_wire_modcert_print(result, cert, "  ");
	nf_wire_acl_rights(result, cert->keygen.acl);
	if ((copy = nf_acl_copy(cert->keygen.acl)) == NULL)
		r = NF_E_NOMEM;
	else
		nf_wire_acl_write(result, copy);
	nf_acl_free(copy);
	nf_modcert_free(cert);
	return sweep_err(r, result, diag);
}

START_TEST(certificates)
{
	struct nf_buf wire;
	struct sweep s = { .name = "modcert", .run = modcert, .arg = &wire };

	nf_tap_unhex(VEC_KCMSG, &wire);
	sweep(&s, 0);
	nf_buf_wipe(&wire);
}
END_TEST

/* Write a blob under the null key, open it, hash its key and load it. */
static int
blob(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	static const uint8_t iv[8] = { 1 };
	const struct nf_keydata *key = arg;
	struct nf_blobkey in = { .key = *key }, out = { .acl = NULL };
	struct nf_buf plain = NF_BUF_INIT;
	uint8_t hash[NF_HASH_LEN];
	struct nf_action *action;
	struct nf_group *group;
	EVP_PKEY *pkey = NULL;
	int r = NF_E_NOMEM;

	if ((in.acl = nf_acl_new()) == NULL ||
	    (group = nf_acl_group_add(in.acl)) == NULL ||
	    (action = nf_group_action_add(group,
	    NF_ACT_OPPERMISSIONS)) == NULL)
		goto out;
	action->flags = 1;
	if ((r = nf_wire_nullblob_write(result, &in, iv)) == 0 &&
	    (r = nf_wire_nullblob_read(nf_buf_view(result), &plain, &out,
	    diag)) == 0 &&
	    (r = nf_wire_keyhash(&out.key, hash, diag)) == 0 &&
	    (r = nf_wire_keydata_pkey(&out.key, &pkey, diag)) == 0)
		nf_buf_put(result, hash, sizeof(hash));
out:
	EVP_PKEY_free(pkey);
	nf_blobkey_wipe(&out);
	nf_acl_free(in.acl);
	nf_buf_wipe(&plain);
	return sweep_err(r, result, diag);
}

START_TEST(blobs)
{
	struct nf_buf dsa[4];
	struct nf_keydata key = wire_dsa_key(dsa);
	struct sweep s = { .name = "blob", .run = blob, .arg = &key };

	sweep(&s, 0);
	for (size_t i = 0; i < 4; i++)
		nf_buf_wipe(&dsa[i]);
}
END_TEST

/* A wrong signature is wrong, and a failing library is something else. */
static int
verify(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	const struct nf_keydata *key = arg;
	const struct nf_cipher sig = { .mech = NF_MECH_DSA,
	    .v = { nf_view_of("\1\2\3", 3), nf_view_of("\4\5\6", 3) } };
	EVP_PKEY *pkey = NULL;
	int r;

	(void)result;
	if ((r = nf_wire_keydata_pkey(key, &pkey, diag)) == 0)
		r = nf_wire_sig_verify(key, pkey, NF_MECH_DSA,
		    nf_view_of("message", 7), &sig, diag);
	EVP_PKEY_free(pkey);
	return r;
}

START_TEST(wrong_signature)
{
	struct nf_buf dsa[4];
	struct nf_keydata key = wire_dsa_key(dsa);
	struct sweep s = { .name = "verify", .run = verify, .arg = &key };

	sweep(&s, NF_E_VERIFY);
	for (size_t i = 0; i < 4; i++)
		nf_buf_wipe(&dsa[i]);
}
END_TEST

/* Read each command of a sequence, write it again and as JSON. */
static int
commands(void *arg, struct nf_buf *result, struct nf_diag *diag)
{
	static struct nf_command cmd;
	const struct nf_buf *seq = arg;
	struct nf_cur cur, one;
	int r = 0;

	nf_cur_init(&cur, seq->p, seq->len, NULL);
	while (r == 0 && nf_cur_left(&cur) > 4) {
		struct nf_view v = nf_cur_bytes(&cur, "command",
		    nf_cur_u32(&cur, "length"));

		nf_cur_init(&one, v.p, v.len, diag);
		memset(&cmd, 0, sizeof(cmd));
		if ((r = nf_wire_command_read(&one, &cmd)) == 0) {
			nf_wire_command_write(result, &cmd);
			nf_wire_args_json(result, cmd.cmd, false, &cmd.args);
		}
		nf_args_wipe(&cmd.args);
	}
	return sweep_err(r, result, diag);
}

static void
sweep_sequence(const char *target, const char *name, struct nf_buf *buf)
{
	struct sweep s = { .name = name, .run = commands, .arg = buf };

	(void)target;
	sweep(&s, 0);
	nf_buf_wipe(buf);
}

START_TEST(command_sequences)
{
	seed_commands(sweep_sequence);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/fail_wire");
	TCase *tc = tcase_create("wire");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, certificates);
	tcase_add_test(tc, blobs);
	tcase_add_test(tc, wrong_signature);
	tcase_add_test(tc, command_sequences);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
