/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate messages: the published one, those of the real packages. */
#include "config.h"

#include "nfast/base/digest.h"
#include "nfast/wire/modcert.h"
#include "tests/wire/samples.h"
#include "tests/wire/wire.h"

static int
modcert(struct nf_cur *cur)
{
	struct nf_modcert *cert = NULL;
	int r = nf_wire_modcert_read(cur, &cert);

	ck_assert((r == 0) == (cert != NULL));
	nf_modcert_free(cert);
	return r;
}

static struct nf_modcert *
cert_of(struct nf_view v)
{
	struct nf_diag diag = { 0 };
	struct nf_modcert *cert;
	struct nf_cur cur;

	nf_cur_init(&cur, v.p, v.len, &diag);
	ck_assert_msg(nf_wire_modcert_read(&cur, &cert) == 0, "%s: %s",
	    diag.field, diag.text);
	return cert;
}

static void
check_written(const struct nf_modcert *cert, struct nf_view want)
{
	struct nf_buf out = NF_BUF_INIT;

	if (cert->type == NF_MODCERT_KEYGEN)
		nf_wire_keygen_cert_write(&out, &cert->keygen);
	else
		nf_wire_state_cert_write(&out, &cert->state);
	ck_assert_int_eq(nf_buf_err(&out), 0);
	ck_assert(nf_view_equal(nf_buf_view(&out), want));
	nf_buf_wipe(&out);
}

START_TEST(keygen_vector)
{
	struct nf_buf wire, text = NF_BUF_INIT;
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_modcert *cert;
	struct nf_view v;

	nf_tap_unhex(VEC_KCMSG, &wire);
	v = nf_buf_view(&wire);
	ck_assert_uint_eq(v.len, 264);
	ck_assert_int_eq(nf_digest_of(NF_SHA256, &v, 1, digest), 0);
	wire_check_hex(nf_view_of(digest, 32), "01b5ea71ff2c684c664060be1c75"
	    "119a4ff6969355994eee7ec8a07762d956f7");
	cert = cert_of(v);
	ck_assert_uint_eq(cert->type, NF_MODCERT_KEYGEN);
	ck_assert_uint_eq(cert->keygen.params.type, NF_KEY_RSAPRIVATE);
	ck_assert_uint_eq(cert->keygen.params.len, 2048);
	ck_assert_uint_eq(cert->keygen.acl->n_groups, 4);
	wire_check_hex(nf_view_of(cert->keygen.keyhash, 20), VEC_KEYHASH);
	check_written(cert, v);
	nf_wire_modcert_print(&text, cert, "  ");
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&text), "  type= KeyGen\n"
	    "  params= RSAPrivate 2048 bits, flags 0x4\n"
	    "  keyhash= 309d6455 c03a6ca5 d11a8211 14f2ef7d e5be7955\n"
	    "  n_groups= 4\n"));
	nf_modcert_free(cert);
	wire_check_lengths(modcert, &wire);
	nf_buf_wipe(&text);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(wrong_keygen)
{
	struct nf_buf wire;

	nf_tap_unhex(VEC_KCMSG, &wire);
	wire_check_word(modcert, &wire, 0, 1, "certtype");
	wire_check_word(modcert, &wire, 0, 3, "certtype");
	wire_check_word(modcert, &wire, 4, 1, "certflags");
	wire_check_word(modcert, &wire, 8, 1, "params.type");
	wire_check_word(modcert, &wire, 20, 65, "n_groups");
	nf_buf_wipe(&wire);
}
END_TEST

/* A state certificate of our own: challenge, ESN, KML, KNSO and KMs. */
#define STATE_HEAD \
	"04000000" "00000000" "05000000" "01000000" VEC_HKRE \
	"02000000" "0f000000" "383933382d313037352d38384242" "0000" \
	"03000000" VEC_KEYHASH "03000000" "0400000017000000" \
	"040000000b000000" "0400000004000000" "0400000008000000" "0a000000"
#define STATE	STATE_HEAD VEC_STATE_TAIL

enum { AT_COUNT = 8, AT_TAG0 = 12, AT_ESN = 36, AT_KML = 60 };

START_TEST(state_round_trip)
{
	struct nf_buf wire, text = NF_BUF_INIT, hkm;
	struct nf_modcert *cert;
	const char *s;

	nf_tap_unhex(STATE, &wire);
	cert = cert_of(nf_buf_view(&wire));
	ck_assert_uint_eq(cert->type, NF_MODCERT_STATE);
	ck_assert(nf_state_has(&cert->state, NF_ATTR_CHALLENGE));
	ck_assert(nf_state_has(&cert->state, NF_ATTR_KML));
	ck_assert(!nf_state_has(&cert->state, NF_ATTR_KLF));
	ck_assert(!nf_state_has(&cert->state, 32));
	ck_assert(nf_view_is(cert->state.esn, "8938-1075-88BB"));
	ck_assert_uint_eq(cert->state.publicperms, 0x4e4f);
	ck_assert_uint_eq(cert->state.n_kms, 3);
	ck_assert_uint_eq(cert->state.km[2].mech_i, 137);
	ck_assert_uint_eq(cert->state.km[2].mech_c, 73);
	ck_assert_uint_eq(cert->state.kml.mech, NF_MECH_DSA);
	nf_tap_unhex(VEC_HKM, &hkm);
	ck_assert(nf_state_has_km(&cert->state, hkm.p));
	hkm.p[19] ^= 1;
	ck_assert(!nf_state_has_km(&cert->state, hkm.p));
	check_written(cert, nf_buf_view(&wire));
	nf_wire_modcert_print(&text, cert, "");
	s = nf_buf_text(&text);
	ck_assert_ptr_nonnull(strstr(s, "challenge= 5155dc40"));
	ck_assert_ptr_nonnull(strstr(s, "ESN= 8938-1075-88BB\n"));
	ck_assert_ptr_nonnull(strstr(s, "KNSO= 8780fd72"));
	ck_assert_ptr_nonnull(strstr(s, " publicperms 0x4e4f\n"));
	ck_assert_ptr_nonnull(strstr(s, "KMList[2]= 986dcf73"));
	nf_modcert_free(cert);
	wire_check_lengths(modcert, &wire);
	nf_buf_wipe(&hkm);
	nf_buf_wipe(&text);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(unknown_attribute)
{
	static const uint32_t tags[] = { 0, 9, 11, 12, 14, 15, 16, 18, 32,
	    33, 0xffffffff };
	struct nf_buf wire;

	nf_tap_unhex(STATE, &wire);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		wire_check_word(modcert, &wire, AT_TAG0, tags[i],
		    "attr.tag");
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(duplicate_attribute)
{
	struct nf_diag diag = { 0 };
	struct nf_buf wire;

	nf_tap_unhex("04000000" "00000000" "02000000"
	    "01000000" VEC_HKRE "01000000" VEC_HKRE, &wire);
	ck_assert_int_eq(wire_try(modcert, nf_buf_view(&wire), &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "attr.tag");
	ck_assert_uint_eq(diag.offset, 40);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(wrong_state)
{
	struct nf_buf wire;

	nf_tap_unhex(STATE, &wire);
	wire_check_word(modcert, &wire, 4, 1, "certflags");
	wire_check_word(modcert, &wire, AT_COUNT, 33, "attributes");
	wire_check_word(modcert, &wire, AT_COUNT, 4, "certificate");
	wire_check_word(modcert, &wire, AT_COUNT, 6, "attr.tag");
	wire_check_word(modcert, &wire, AT_ESN + 4, NF_ESN_MAX + 2, "esn");
	wire_check_word(modcert, &wire, wire.len - 88, 65, "kmlist");
	wire_check_word(modcert, &wire, AT_KML + 24, 99, "keytype");
	nf_buf_wipe(&wire);
}
END_TEST

/* Physical serial and KLF2, which no sample has beside each other. */
START_TEST(physserial)
{
	struct nf_buf wire, text = NF_BUF_INIT;
	struct nf_modcert *cert;

	nf_tap_unhex("04000000" "00000000" "02000000"
	    "0d000000" VEC_KEYHASH "1e000000" "00000000" "bb000000"
	    "07000000" "04000000" "41424300", &wire);
	cert = cert_of(nf_buf_view(&wire));
	ck_assert(nf_state_has(&cert->state, NF_ATTR_KLF2));
	ck_assert(nf_view_is(cert->state.physserial, "ABC"));
	check_written(cert, nf_buf_view(&wire));
	nf_wire_modcert_print(&text, cert, "");
	ck_assert_ptr_nonnull(strstr(nf_buf_text(&text),
	    "PhysSerial= ABC\n"));
	nf_modcert_free(cert);
	nf_buf_wipe(&text);
	nf_buf_wipe(&wire);
}
END_TEST

START_TEST(sample_messages)
{
	const struct sample *s = &samples[_i];
	struct nf_buf token, copy = NF_BUF_INIT;
	struct nf_modcert *cert;
	uint8_t hash[NF_HASH_LEN];
	struct nf_view v;

	nf_tap_token(s->file, s->len, &token);
	v = sample_entry(&token, 306);
	cert = cert_of(v);
	ck_assert_uint_eq(cert->type, NF_MODCERT_KEYGEN);
	wire_check_hex(nf_view_of(cert->keygen.keyhash, 20), s->key);
	check_written(cert, v);
	nf_modcert_free(cert);
	v = sample_entry(&token, 311);
	cert = cert_of(v);
	ck_assert_uint_eq(cert->type, NF_MODCERT_STATE);
	wire_check_hex(nf_view_of(cert->state.kml.hash, 20), s->kml);
	wire_check_hex(nf_view_of(cert->state.klf.hash, 20), SAMPLES_HKLF);
	ck_assert_int_eq(nf_wire_keyhash(&cert->state.kml.key, hash, NULL),
	    0);
	wire_check_hex(nf_view_of(hash, 20), s->kml);
	ck_assert_int_eq(nf_wire_keyhash(&cert->state.klf.key, hash, NULL),
	    0);
	wire_check_hex(nf_view_of(hash, 20), SAMPLES_HKLF);
	check_written(cert, v);
	nf_modcert_free(cert);
	nf_buf_view_put(&copy, v);
	wire_check_lengths(modcert, &copy);
	nf_buf_wipe(&copy);
	nf_buf_wipe(&token);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("wire/modcert");
	TCase *tc = tcase_create("modcert");

	tcase_add_test(tc, keygen_vector);
	tcase_add_test(tc, wrong_keygen);
	tcase_add_test(tc, state_round_trip);
	tcase_add_test(tc, unknown_attribute);
	tcase_add_test(tc, duplicate_attribute);
	tcase_add_test(tc, wrong_state);
	tcase_add_test(tc, physserial);
	NF_TAP_SAMPLE_LOOP(tc, sample_messages, SAMPLES_N);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
