/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published attestation bundle: every signature in it verifies under the
 * right key, mechanism and message, and under nothing else.
 */
#include "config.h"

#include <openssl/evp.h>

#include <jansson.h>

#include "nfast/base/digest.h"
#include "nfast/wire/cipher.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/worldmsg.h"
#include "tests/wire/wire.h"

static json_t *bundle;

static const char *
field_text(const char *name)
{
	const char *s = json_string_value(json_object_get(bundle, name));

	ck_assert_msg(s != NULL, "no %s in the bundle", name);
	return s;
}

/* The decoded bytes of a base64url field. */
static struct nf_view
field(const char *name, struct nf_buf *buf)
{
	size_t len = strlen(field_text(name)), pad = 0;
	char *text = strdup(field_text(name));
	int n;

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < len; i++) {
		pad += text[i] == '=';
		if (text[i] == '-')
			text[i] = '+';
		if (text[i] == '_')
			text[i] = '/';
	}
	nf_buf_init(buf);
	nf_buf_fill(buf, 0, len / 4 * 3 + 1);
	n = EVP_DecodeBlock(buf->p, (const unsigned char *)text, (int)len);
	ck_assert_int_ge(n, (int)pad);
	buf->len = (size_t)n - pad;
	free(text);
	return nf_buf_view(buf);
}

static struct nf_cur
cur_of(struct nf_view v)
{
	struct nf_cur cur;

	nf_cur_init(&cur, v.p, v.len, NULL);
	return cur;
}

static void
field_hash(const char *name, uint8_t out[static NF_HASH_LEN])
{
	struct nf_hashex h;
	struct nf_buf buf;
	struct nf_cur cur = cur_of(field(name, &buf));

	nf_wire_hashex_read(&cur, name, &h);
	ck_assert_int_eq(nf_cur_end(&cur, name), 0);
	ck_assert_uint_eq(h.mech, 44);
	memcpy(out, h.hash, NF_HASH_LEN);
	nf_buf_wipe(&buf);
}

/* What was read is written as the same bytes; out is wiped. */
static void
written_as(struct nf_buf *out, const struct nf_buf *read)
{
	ck_assert(nf_view_equal(nf_buf_view(out), nf_buf_view(read)));
	nf_buf_wipe(out);
}

static struct nf_cipher
field_sig(const char *name, struct nf_buf *buf)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_cipher sig;
	struct nf_cur cur = cur_of(field(name, buf));

	nf_wire_cipher_read(&cur, &sig);
	ck_assert_int_eq(nf_cur_end(&cur, name), 0);
	nf_wire_cipher_write(&out, &sig);
	written_as(&out, buf);
	return sig;
}

static struct nf_modcert *
field_cert(const char *name, struct nf_buf *buf)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_modcert *cert;
	struct nf_cur cur = cur_of(field(name, buf));

	ck_assert_int_eq(nf_wire_modcert_read(&cur, &cert), 0);
	if (cert->type == NF_MODCERT_KEYGEN)
		nf_wire_keygen_cert_write(&out, &cert->keygen);
	else
		nf_wire_state_cert_write(&out, &cert->state);
	written_as(&out, buf);
	return cert;
}

static struct nf_keydata
field_key(const char *name, struct nf_buf *buf)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_keydata key;
	struct nf_cur cur = cur_of(field(name, buf));

	nf_wire_keydata_read(&cur, &key);
	ck_assert_int_eq(nf_cur_end(&cur, name), 0);
	nf_wire_keydata_write(&out, &key);
	written_as(&out, buf);
	return key;
}

static void
check_keyhash(const struct nf_keydata *key, const char *want)
{
	uint8_t hash[NF_HASH_LEN];

	ck_assert_int_eq(nf_wire_keyhash(key, hash, NULL), 0);
	wire_check_hex(nf_view_of(hash, sizeof(hash)), want);
}

/* It verifies; changed message, mechanism, r or s, or swapped, it does not. */
static void
check_signed(const struct nf_keydata *key, uint32_t mech, struct nf_view msg,
    const struct nf_cipher *sig)
{
	struct nf_buf m = NF_BUF_INIT, r = NF_BUF_INIT;
	struct nf_cipher wrong = *sig;
	struct nf_diag diag = { 0 };
	EVP_PKEY *pkey;

	ck_assert_uint_eq(nf_wire_cert_mech(key), mech);
	ck_assert_int_eq(nf_wire_keydata_pkey(key, &pkey, NULL), 0);
	ck_assert_int_eq(nf_wire_sig_verify(key, pkey, mech, msg, sig, NULL),
	    0);
	ck_assert_int_eq(nf_wire_sig_verify(key, pkey, mech + 1, msg, sig,
	    &diag), NF_E_VERIFY);
	ck_assert_str_eq(diag.field, "mech");
	nf_buf_view_put(&m, msg);
	m.p[msg.len - 1] ^= 1;
	ck_assert_int_eq(nf_wire_sig_verify(key, pkey, mech, nf_buf_view(&m),
	    sig, NULL), NF_E_VERIFY);
	ck_assert_int_eq(nf_wire_sig_verify(key, pkey, mech,
	    nf_view_of(msg.p, msg.len - 1), sig, NULL), NF_E_VERIFY);
	nf_buf_view_put(&r, sig->v[0]);
	r.p[0] ^= 1;
	wrong.v[0] = nf_buf_view(&r);
	ck_assert_int_eq(nf_wire_sig_verify(key, pkey, mech, msg, &wrong,
	    NULL), NF_E_VERIFY);
	wrong.v[0] = sig->v[1];
	wrong.v[1] = sig->v[0];
	ck_assert_int_eq(nf_wire_sig_verify(key, pkey, mech, msg, &wrong,
	    NULL), NF_E_VERIFY);
	nf_buf_wipe(&m);
	nf_buf_wipe(&r);
	EVP_PKEY_free(pkey);
}

START_TEST(keys)
{
	struct nf_buf pub, knso, state;
	struct nf_keydata key = field_key("pubkeydata", &pub);
	struct nf_modcert *cert = field_cert("modstatemsg", &state);
	EVP_PKEY *pkey = NULL;

	ck_assert_uint_eq(pub.len, 272);
	check_keyhash(&key, VEC_KEYHASH);
	ck_assert_int_eq(nf_wire_keydata_pkey(&key, &pkey, NULL), 0);
	EVP_PKEY_free(pkey);
	key = field_key("knsopub", &knso);
	ck_assert_uint_eq(knso.len, 1204);
	check_keyhash(&key, VEC_HKNSO);
	wire_check_hex(nf_view_of(cert->state.hknso, 20), VEC_HKNSO);
	check_keyhash(&cert->state.kml.key,
	    "406d5a8229c5b3a27490bfb84c597a07a99c1ea7");
	check_keyhash(&cert->state.klf2.key,
	    "648ff18bc628f3f77bb079995daf606fc6c3c733");
	wire_check_hex(nf_view_of(cert->state.kml.hash, 20),
	    "406d5a8229c5b3a27490bfb84c597a07a99c1ea7");
	wire_check_hex(nf_view_of(cert->state.klf2.hash, 20),
	    "648ff18bc628f3f77bb079995daf606fc6c3c733");
	ck_assert(nf_view_is(cert->state.esn, "8938-1075-88BB"));
	ck_assert_uint_eq(state.len, 1572);
	nf_modcert_free(cert);
	nf_buf_wipe(&pub);
	nf_buf_wipe(&knso);
	nf_buf_wipe(&state);
}
END_TEST

START_TEST(keygen_signature)
{
	struct nf_buf state, msg, sig, vector;
	struct nf_modcert *cert = field_cert("modstatemsg", &state);
	struct nf_modcert *gen = field_cert("kcmsg", &msg);
	struct nf_cipher c = field_sig("kcsig", &sig);

	nf_tap_unhex(VEC_KCMSG, &vector);
	ck_assert(nf_view_equal(nf_buf_view(&msg), nf_buf_view(&vector)));
	nf_buf_wipe(&vector);
	nf_tap_unhex(VEC_KCSIG, &vector);
	ck_assert(nf_view_equal(nf_buf_view(&sig), nf_buf_view(&vector)));
	check_signed(&cert->state.kml.key, NF_MECH_DSAHSHA256,
	    nf_buf_view(&msg), &c);
	nf_modcert_free(gen);
	nf_modcert_free(cert);
	nf_buf_wipe(&vector);
	nf_buf_wipe(&state);
	nf_buf_wipe(&msg);
	nf_buf_wipe(&sig);
}
END_TEST

START_TEST(state_signature)
{
	struct nf_buf state, sig;
	struct nf_modcert *cert = field_cert("modstatemsg", &state);
	struct nf_cipher c = field_sig("modstatesig", &sig);

	check_signed(&cert->state.klf2.key, NF_MECH_ECDSAHSHA512,
	    nf_buf_view(&state), &c);
	nf_modcert_free(cert);
	nf_buf_wipe(&state);
	nf_buf_wipe(&sig);
}
END_TEST

static void
check_world(struct nf_buf *msg, size_t len, const char *sha256,
    const char *sig_name)
{
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_view v = nf_buf_view(msg);
	struct nf_buf knso, sig;
	struct nf_keydata key = field_key("knsopub", &knso);
	struct nf_cipher c = field_sig(sig_name, &sig);

	ck_assert_uint_eq(v.len, len);
	ck_assert_int_eq(nf_digest_of(NF_SHA256, &v, 1, digest), 0);
	wire_check_hex(nf_view_of(digest, 32), sha256);
	check_signed(&key, NF_MECH_DSAHSHA256, v, &c);
	nf_buf_wipe(&knso);
	nf_buf_wipe(&sig);
	nf_buf_wipe(msg);
}

START_TEST(modulekeys_signature)
{
	uint8_t hknso[NF_HASH_LEN], hkm[NF_HASH_LEN], hkmc[NF_HASH_LEN];
	const char *suite = field_text("ciphersuite");
	struct nf_buf msg = NF_BUF_INIT, state;
	struct nf_modcert *cert = field_cert("modstatemsg", &state);

	ck_assert_ptr_nonnull(nf_suite_named(suite));
	memcpy(hknso, cert->state.hknso, NF_HASH_LEN);
	field_hash("hkm", hkm);
	field_hash("hkmc", hkmc);
	ck_assert(nf_state_has_km(&cert->state, hkm));
	nf_wire_modulekeys_msg(&msg, suite, hknso, hkm, hkmc);
	check_world(&msg, 109, "5fee1b50c6c60cc8935db2147133a6a70f0f48db153"
	    "6135ada53c3099a4ca64f", "CertKMaKMCbKNSO");
	nf_modcert_free(cert);
	nf_buf_wipe(&state);
}
END_TEST

START_TEST(cardrecovery_signature)
{
	uint8_t hknso[NF_HASH_LEN], hkre[NF_HASH_LEN], hkra[NF_HASH_LEN];
	struct nf_buf msg = NF_BUF_INIT, hash;

	nf_tap_unhex(VEC_HKNSO, &hash);
	memcpy(hknso, hash.p, NF_HASH_LEN);
	nf_buf_wipe(&hash);
	field_hash("hkre", hkre);
	field_hash("hkra", hkra);
	nf_wire_cardrecovery_msg(&msg, hknso, hkre, hkra);
	check_world(&msg, 74, "2fe2cc1c5ade6ad3682f49b9421d0634baa4d11fa00f"
	    "cfa4ac86823f3eaff834", "CertKREaKRAbKNSO");
}
END_TEST

static void
load(void)
{
	char path[2 * NF_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/key_simple_test1.att",
	    nf_tap_samples());
	bundle = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(bundle);
}

static void
drop(void)
{
	json_decref(bundle);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/attestation");
	TCase *tc = tcase_create("bundle");

	tcase_add_unchecked_fixture(tc, load, drop);
	tcase_add_test(tc, keys);
	tcase_add_test(tc, keygen_signature);
	tcase_add_test(tc, state_signature);
	tcase_add_test(tc, modulekeys_signature);
	tcase_add_test(tc, cardrecovery_signature);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run_with_samples(suite);
}
