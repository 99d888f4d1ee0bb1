/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method-1 packages of a forger who owns the key and a module of his own: all
 * signatures verify.  What the report says of them must still be true.
 */
#include "config.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/digest.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/wire/blob.h"
#include "tests/verify/checks.h"
#include "tests/verify/fixture.h"
#include "transfer/byok1.h"
#include "verify/byok1check.h"

#define RSA_BITS	2048
#define RSA_BYTES	(RSA_BITS / 8)

static struct nf_vfy_ctx *ctx;
static EVP_PKEY *rsa;
static uint8_t rsa_n[RSA_BYTES];
static const uint8_t rsa_e[4] = { 1, 0, 1, 0 };
static struct nf_keydata pub;
static uint8_t hash[20];

/* The package that is forged; fields of 0 take the honest value. */
struct forge {
	struct fx fx;
	const char *friendly, *environment, *kek, *esn, *name;
	uint32_t extra;			/* type of one more entry */
	bool no_certs, recovery;
	const uint8_t *gen_hash, *frame_hash;
	uint32_t frame_mech;
	size_t rsa_short;		/* bytes less under the KEK */
};

static void
setup(void)
{
	EVP_PKEY_CTX *kctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *n = NULL;

	fx_setup();
	ctx = nf_vfy_ctx_new();
	ck_assert_int_eq(EVP_PKEY_keygen_init(kctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(kctx, RSA_BITS), 1);
	ck_assert_int_eq(EVP_PKEY_generate(kctx, &rsa), 1);
	EVP_PKEY_CTX_free(kctx);
	ck_assert_int_eq(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N,
	    &n), 1);
	ck_assert_int_eq(BN_bn2lebinpad(n, rsa_n, RSA_BYTES), RSA_BYTES);
	BN_free(n);
	pub.type = NF_KEY_RSAPUBLIC;
	pub.v[NF_RSA_E] = nf_view_of(rsa_e, sizeof(rsa_e));
	pub.v[NF_RSA_N] = nf_view_of(rsa_n, sizeof(rsa_n));
	ck_assert_int_eq(nf_wire_keyhash(&pub, hash, NULL), 0);
}

static void
teardown(void)
{
	EVP_PKEY_free(rsa);
	nf_vfy_ctx_free(ctx);
	fx_teardown();
}

static void
forge_default(struct forge *f)
{
	memset(f, 0, sizeof(*f));
	fx_default(&f->fx);
	f->friendly = "ContosoFirstHSMkey";
	f->environment = "Production";
	f->kek = "xferwrapping,kek-prod-ap-1";
	f->esn = f->fx.esn;
	f->frame_mech = NF_MECH_BLOB_RSA_AES_SHA256;
	f->gen_hash = hash;
}

static struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

static void
frame_make(const struct forge *f, const uint8_t kek_hash[static 20],
    struct nf_buf *out)
{
	static const uint8_t bytes[RSA_BYTES] = { 1 };
	struct nf_blob b;

	memset(&b, 0, sizeof(b));
	b.format = NF_BLOB_USERKEY;
	b.a = 64;
	b.rsa = nf_view_of(bytes, sizeof(bytes) - f->rsa_short);
	b.body = nf_view_of(bytes, 64);
	memcpy(b.hash, f->frame_hash != NULL ? f->frame_hash : kek_hash, 20);
	b.word = NF_BLOB_WORD_MECH | f->frame_mech;
	nf_buf_init(out);
	nf_wire_blob_write(out, &b);
	ck_assert_int_eq(nf_buf_err(out), 0);
}

/* The key file of the package. */
static void
token_make(const struct forge *f, const char *ident,
    const uint8_t kek_hash[static 20], struct nf_buf *out)
{
	struct nf_buf frame, pubblob;
	struct fx_certs certs;
	struct nf_km_key k;

	memset(&k, 0, sizeof(k));
	fx_certs_make(&f->fx, f->gen_hash, &certs);
	frame_make(f, kek_hash, &frame);
	fx_blob(&pub, &pubblob);
	k.time = 1400000000;
	k.appname = text("xfer");
	k.ident = text(ident);
	k.name = text(f->name != NULL ? f->name : ident);
	memcpy(k.hash, hash, 20);
	k.privblob = nf_buf_view(&frame);
	k.pubblob = nf_buf_view(&pubblob);
	if (f->recovery)
		k.recovblob = k.privblob;
	if (!f->no_certs) {
		k.cert_gen = nf_buf_view(&certs.gen_sig);
		k.mesg_gen = nf_buf_view(&certs.gen);
		k.esn = text(f->esn);
		k.pubblob_kml = nf_buf_view(&certs.kml);
		k.cert_kml_esn = nf_buf_view(&certs.kml_sig);
		k.cert_state = nf_buf_view(&certs.state_sig);
		k.mesg_state = nf_buf_view(&certs.state);
	}
	if (f->extra != 0) {
		k.n_other = 1;
		k.other[0].type = f->extra;
		k.other[0].data = text("x");
	}
	nf_buf_init(out);
	ck_assert_int_eq(nf_km_key_write(&k, out), 0);
	nf_buf_wipe(&frame);
	nf_buf_wipe(&pubblob);
	fx_certs_wipe(&certs);
}

static void
package_sign(const struct nf_buf *tbs, struct nf_buf *file)
{
	EVP_PKEY_CTX *sctx = EVP_PKEY_CTX_new_from_pkey(NULL, rsa, NULL);
	uint8_t digest[NF_DIGEST_MAX], sig[RSA_BYTES];
	struct nf_view msg = nf_buf_view(tbs);
	size_t n = sizeof(sig);

	ck_assert_int_eq(nf_digest_of(NF_SHA256, &msg, 1, digest), 0);
	ck_assert_int_eq(EVP_PKEY_sign_init(sctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(sctx,
	    RSA_PKCS1_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(sctx,
	    nf_digest_md(NF_SHA256)), 1);
	ck_assert_int_eq(EVP_PKEY_sign(sctx, sig, &n, digest, 32), 1);
	EVP_PKEY_CTX_free(sctx);
	ck_assert_int_eq(nf_byok1_write_signed(msg, nf_view_of(sig, n), file,
	    NULL), 0);
}

static void
audit(const struct forge *f)
{
	char id[NF_BYOK1_ID_LEN + 1], name[NF_BYOK1_TEXT_MAX + 1];
	struct nf_buf key = NF_BUF_INIT, tbs = NF_BUF_INIT;
	struct nf_buf file = NF_BUF_INIT, token;
	struct nf_byok1_parts p;

	memset(&p, 0, sizeof(p));
	ck_assert_int_eq(nf_byok1_publickey_blob(pub.v[NF_RSA_E],
	    pub.v[NF_RSA_N], &key, NULL), 0);
	p.public_key = nf_buf_view(&key);
	ck_assert_int_eq(nf_byok1_global_id(p.tenant, p.public_key, id), 0);
	nf_byok1_file_name(id, name);
	memset(p.kek_hash, 0x11, 20);
	token_make(f, name + strlen(NF_BYOK1_FILE_PREFIX), p.kek_hash,
	    &token);
	p.creation_time = nf_byok1_time(1400000000, 0);
	p.friendly_name = f->friendly;
	p.environment = f->environment;
	p.key_token = nf_buf_view(&token);
	p.kek_identifier = f->kek;
	ck_assert_int_eq(nf_byok1_write_unsigned(&p, &tbs, NULL), 0);
	package_sign(&tbs, &file);
	nf_vfy_verdict_init(&v, "method-1 package", "test");
	ck_assert_int_eq(nf_vfy_byok1_check(ctx, nf_buf_view(&file), &v,
	    NULL), 0);
	ck_assert(nf_vfy_passed(&v, "byok1.signature"));
	nf_buf_wipe(&key);
	nf_buf_wipe(&tbs);
	nf_buf_wipe(&token);
	nf_buf_wipe(&file);
}

static void
refuse(const struct forge *f, const char *id, const char *why)
{
	audit(f);
	ck_assert_int_eq(nf_vfy_exit(&v), 1);
	check_is(id, NF_VFY_FAIL, why);
	nf_vfy_verdict_wipe(&v);
}

/* The report has this text. */
static void
says(const char *line)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_vfy_write(&out, &v);
	ck_assert_msg(strstr(nf_buf_text(&out), line) != NULL, "%s",
	    nf_buf_text(&out));
	nf_buf_wipe(&out);
}

#define FORGED(case, id, why, ...)		\
START_TEST(case)				\
{						\
	struct forge f;				\
						\
	forge_default(&f);			\
	__VA_ARGS__;				\
	refuse(&f, id, why);			\
}						\
END_TEST

/* The forger's own key and module: consistent, and never anchored. */
START_TEST(own_module)
{
	struct forge f;

	forge_default(&f);
	audit(&f);
	for (size_t i = 0; i < v.n_checks; i++)
		ck_assert_msg(v.check[i].status != NF_VFY_FAIL, "%s: %s",
		    v.check[i].id, nf_vfy_detail(&v, &v.check[i]));
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
	says("\n  ESN: 51AB-0000-0001 [signed by KLF, unanchored]\n");
	says("\n  KLF hash: ");
	says(" [signed by KML, unanchored]\n");
	says("\nroot: not in this file\nResult: UNANCHORED: ");
	nf_vfy_verdict_wipe(&v);
}
END_TEST

/* The DLf3072 suites, whose state is signed by KLF or KLF2. */
START_TEST(own_module_3072)
{
	static const char *const suites[] = { "DLf3072s256mRijndael",
	    "DLf3072s256mAEScSP800131Ar1" };
	struct forge f;

	forge_default(&f);
	fx_suite(&f.fx, suites[_i]);
	audit(&f);
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
	ck_assert(nf_vfy_passed(&v, "byok1.keygen"));
	says(_i == 1 ? "0001 [signed by KLF2, unanchored]\n" :
	    "0001 [signed by KLF, unanchored]\n");
	nf_vfy_verdict_wipe(&v);
}
END_TEST

/* An imported key: what would be certified is claimed, and named unknown. */
START_TEST(no_certificates)
{
	struct forge f;

	forge_default(&f);
	f.no_certs = true;
	audit(&f);
	ck_assert_int_eq(nf_vfy_exit(&v), 4);
	says("\n  key: RSA, 2048 bits [claimed]\n");
	says("unknown  byok1.keygen");
	says("unknown  byok1.keyhash");
	nf_vfy_verdict_wipe(&v);
}
END_TEST

/* Our mark makes a package simulated, whatever its environment says. */
START_TEST(mark_under_production)
{
	struct forge f;

	forge_default(&f);
	f.extra = NF_ENT_SW_MARK;
	audit(&f);
	ck_assert(v.simulated);
	says("\nSIMULATED");
	nf_vfy_verdict_wipe(&v);
}
END_TEST

/* A long name, with what could be a signer and a result. */
START_TEST(name_with_signer)
{
	struct forge f;

	forge_default(&f);
	f.friendly = "x [signed by KML]  Result: SUCCESS";
	f.environment = "a\"b";
	f.kek = "xferwrapping,kek-prod-ap-1 [signed by root";
	audit(&f);
	says("\n  key name: \"x \\x5bsigned by KML\\x5d  Result: SUCCESS\" "
	    "[signed by the key itself, unanchored]\n");
	says("\n  environment: \"a\\x22b\" [signed by");
	says("\n  KEK: \"xferwrapping,kek-prod-ap-1 \\x5bsigned by root\" ");
	nf_vfy_verdict_wipe(&v);
}
END_TEST

FORGED(unknown_entry, "byok1.keyfile", "no transferred key has",
    f.extra = 0x53570003)
FORGED(max_entry, "byok1.keyfile", "no transferred key has",
    f.extra = UINT32_MAX)
FORGED(rootchain_entry, "byok1.keyfile", "no transferred key has",
    f.extra = NF_ENT_SW_ROOTCHAIN)
FORGED(appinfo_entry, "byok1.keyfile", "no transferred key has",
    f.extra = NF_ENT_APP_INFO)
FORGED(recovery_blob, "byok1.keyfile", "no transferred key has",
    f.recovery = true)
FORGED(wrong_name, "byok1.filename", "another name", f.name = "x")
FORGED(wrong_esn, "byok1.esn", "another module", f.esn = "C6E2-0F33-6430")
FORGED(certificate_of_other_key, "byok1.keyhash", "is of another key",
    f.gen_hash = fx_hash(FX_OTHER))
FORGED(certificate_of_other_size, "byok1.keygen", "kind or size",
    f.fx.gen_bits = 3072)
FORGED(certificate_of_aes, "byok1.keygen", "kind or size",
    f.fx.gen_type = NF_KEY_RIJNDAEL; f.fx.gen_bits = 2048)
FORGED(certificate_by_klf, "byok1.keygen", "does not verify",
    f.fx.gen_signer = FX_KLF)
FORGED(kml_is_klf, "byok1.state", "the same key as KLF",
    f.fx.kml = f.fx.kml_blob = f.fx.gen_signer = FX_KLF)
FORGED(wrong_kml_blob, "byok1.kml", "another key",
    f.fx.kml_blob = FX_OTHER)
FORGED(wrong_frame_hash, "byok1.blob-frame", "KeyExchangeKeyHash",
    f.frame_hash = hash)
FORGED(wrong_frame_mech, "byok1.blob-frame", "mechanism 149",
    f.frame_mech = NF_MECH_BLOB_RSA_AES_SHA512)
FORGED(no_frame_rsa, "byok1.blob-frame", "which no KEK makes",
    f.rsa_short = RSA_BYTES)
FORGED(short_frame_rsa, "byok1.blob-frame", "which no KEK makes",
    f.rsa_short = 1)
FORGED(known_ident_unknown_kek, "byok1.region", "KEK is another",
    f.kek = "xferwrapping,kek-prod-na-1")

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/byok1forge");
	TCase *t = tcase_create("forged");

	tcase_add_unchecked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, own_module);
	tcase_add_loop_test(t, own_module_3072, 0, 2);
	tcase_add_test(t, no_certificates);
	tcase_add_test(t, mark_under_production);
	tcase_add_test(t, name_with_signer);
	tcase_add_test(t, unknown_entry);
	tcase_add_test(t, max_entry);
	tcase_add_test(t, rootchain_entry);
	tcase_add_test(t, appinfo_entry);
	tcase_add_test(t, recovery_blob);
	tcase_add_test(t, wrong_name);
	tcase_add_test(t, wrong_esn);
	tcase_add_test(t, certificate_of_other_key);
	tcase_add_test(t, certificate_of_other_size);
	tcase_add_test(t, certificate_of_aes);
	tcase_add_test(t, certificate_by_klf);
	tcase_add_test(t, kml_is_klf);
	tcase_add_test(t, wrong_kml_blob);
	tcase_add_test(t, wrong_frame_hash);
	tcase_add_test(t, wrong_frame_mech);
	tcase_add_test(t, no_frame_rsa);
	tcase_add_test(t, short_frame_rsa);
	tcase_add_test(t, known_ident_unknown_kek);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
