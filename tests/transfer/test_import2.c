/* SPDX-License-Identifier: Apache-2.0 */
/* The receiving HSM of method 2 against packages made by libcrypto. */
#include "config.h"

#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "nfast/base/pkey.h"
#include "nfast/host/hostcmd.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/names.h"
#include "tests/pkcs8.h"
#include "tests/transfer/must.h"
#include "transfer/import2.h"

#define C1_LEN	256

static char dir[] = "test_import2.XXXXXX";
static char hsm[64];
static struct nf_xfer_hsm2 h;
static struct nf_buf steps;
static struct nf_xfer_received got;

static void
make_all(void)
{
	struct nf_buf pem = NF_BUF_INIT;
	char kid[NF_KID_MAX + 1];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(hsm, sizeof(hsm), "%s/hsm", dir);
	must(nf_xfer_kek_new(hsm, 2048, &pem, kid, &diag));
	nf_buf_wipe(&pem);
}

static void
remove_all(void)
{
	nf_tap_remove(dir);
}

static void
setup(void)
{
	nf_diag_clear(&diag);
	must(nf_xfer_hsm2_open(hsm, &h, &diag));
}

static void
teardown(void)
{
	nf_xfer_received_wipe(&got);
	nf_buf_wipe(&steps);
	nf_xfer_hsm2_close(&h);
}

/* C1 | C2 of a plaintext under a KEK. */
static void
package(const struct nf_keydata *kek, const EVP_MD *md, struct nf_view plain,
    struct nf_buf *out)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	EVP_PKEY_CTX *rsa;
	EVP_PKEY *pkey;
	uint8_t aes[32] = { 4 };
	size_t n = C1_LEN;
	int len = 0;

	nf_buf_init(out);
	nf_buf_fill(out, 0, C1_LEN + plain.len + 16);
	ck_assert_int_eq(nf_wire_keydata_pkey(kek, &pkey, NULL), 0);
	rsa = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	ck_assert_int_eq(EVP_PKEY_encrypt_init(rsa), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(rsa,
	    RSA_PKCS1_OAEP_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_oaep_md(rsa, md), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_mgf1_md(rsa, md), 1);
	ck_assert_int_eq(EVP_PKEY_encrypt(rsa, out->p, &n, aes, 32), 1);
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ck_assert_int_eq(EVP_CipherInit_ex2(ctx, cipher, aes, NULL, 1, NULL),
	    1);
	ck_assert_int_eq(EVP_CipherUpdate(ctx, out->p + C1_LEN, &len, plain.p,
	    (int)plain.len), 1);
	out->len = C1_LEN + (size_t)len;
	EVP_PKEY_CTX_free(rsa);
	EVP_PKEY_free(pkey);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}

static void
key_package(EVP_PKEY *pkey, struct nf_buf *out)
{
	struct nf_buf der;

	pkcs8_of(pkey, &der);
	package(&h.pub, EVP_sha1(), nf_buf_view(&der), out);
	nf_buf_wipe(&der);
}

static void
aes_package(size_t n, struct nf_buf *out)
{
	static const uint8_t k[32] = { 1, 2, 3, 4 };

	package(&h.pub, EVP_sha1(), nf_view_of(k, n), out);
}

static int
import(const struct nf_buf *ct, const char *kid,
    const struct nf_xfer_keytype *want)
{
	nf_diag_clear(&diag);
	nf_buf_wipe(&steps);
	nf_xfer_received_wipe(&got);
	return nf_xfer_import2(&h, nf_buf_view(ct), kid, want, &got, &steps,
	    &diag);
}

static void
says(const char *text)
{
	ck_assert_msg(strstr(diag.text, text) != NULL, "'%s' lacks '%s'",
	    diag.text, text);
}

static void
step(const char *text)
{
	ck_assert_msg(strstr(nf_buf_text(&steps), text) != NULL,
	    "'%s' lacks '%s'", nf_buf_text(&steps), text);
}

/* The hash of the key as if it were of that type. */
static void
hash_step(uint32_t type, const char *behind)
{
	struct nf_keydata pub = got.pub;
	uint8_t hash[NF_HASH_LEN];
	char hex[41], text[64];

	pub.type = type;
	must(nf_wire_keyhash(&pub, hash, &diag));
	nf_text_hash(hex, hash);
	(void)snprintf(text, sizeof(text), "%s%s", hex, behind);
	step(text);
}

START_TEST(good)
{
	static const char *const types[] = { "RSA 2048", "EC P-256",
	    "EC P-384", "EC P-521", "EC P-256K" };
	static const char *const groups[] = { "P-256", "P-384", "P-521",
	    "secp256k1" };
	EVP_PKEY *pkey = _i == 0 ? EVP_RSA_gen(2048) :
	    EVP_EC_gen(groups[_i - 1]), *pub;
	char text[NF_XFER_KEYTYPE_MAX];
	struct nf_xfer_keytype type;
	struct nf_buf ct;

	key_package(pkey, &ct);
	must(import(&ct, h.kid, NULL));
	nf_xfer_keytype_text(&got.type, text);
	ck_assert_str_eq(text, types[_i]);
	must(nf_wire_keydata_pkey(&got.pub, &pub, &diag));
	ck_assert_int_eq(EVP_PKEY_eq(pub, pkey), 1);
	step("unwrapped in the module: ");
	if (_i == 0) {
		hash_step(NF_KEY_RSAPUBLIC, "\n");
	} else {
		hash_step(NF_KEY_ECPUBLIC, " as EC, ");
		hash_step(NF_KEY_ECDSAPUBLIC, " as ECDSA\n");
	}
	step("signs a challenge, and its public half verifies it\n");
	step("Export is refused: Export: AccessDenied");
	step("MakeBlob is refused: MakeBlob: AccessDenied");
	step("Decrypt with the KEK is refused: Decrypt: AccessDenied");
	type = got.type;
	must(import(&ct, NULL, &type));
	EVP_PKEY_free(pub);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&ct);
}
END_TEST

START_TEST(good_symmetric)
{
	struct nf_buf ct;

	for (size_t n = 16; n <= 32; n += 8) {
		const struct nf_xfer_keytype want = { NF_XFER_OCT,
		    8 * (uint32_t)n, 0 };

		aes_package(n, &ct);
		must(import(&ct, h.kid, &want));
		ck_assert_uint_eq(got.pub.type, 0);
		step("encrypts a challenge, and decrypts it to the same\n");
		must(import(&ct, h.kid, NULL));
		ck_assert(nf_xfer_keytype_equal(&want, &got.type));
		nf_buf_wipe(&ct);
	}
}
END_TEST

START_TEST(wrong_type)
{
	struct nf_xfer_keytype want = { NF_XFER_RSA, 2048, 0 };
	struct nf_buf ct;

	aes_package(32, &ct);
	ck_assert_int_eq(import(&ct, NULL, &want), NF_E_REFUSED);
	says("a symmetric key is in it, not an RSA key");
	want.kty = NF_XFER_OCT;
	want.bits = 128;
	ck_assert_int_eq(import(&ct, NULL, &want), NF_E_MISMATCH);
	says("a key of type oct 256 is in the package, not oct 128");
	ck_assert_str_eq(diag.field, "type");
	nf_buf_wipe(&ct);
}
END_TEST

START_TEST(wrong_curve)
{
	const struct nf_xfer_keytype want = { NF_XFER_EC, 256,
	    NF_EC_SECP256K1 };
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	struct nf_buf ct;

	key_package(pkey, &ct);
	ck_assert_int_eq(import(&ct, NULL, &want), NF_E_MISMATCH);
	says("EC P-256 is in the package, not EC P-256K");
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&ct);
}
END_TEST

START_TEST(wrong_kid)
{
	static const char other[] = "https://v.vault.azure.net/keys/K/"
	    "00000000000000000000000000000000";
	struct nf_buf ct;

	aes_package(32, &ct);
	ck_assert_int_eq(import(&ct, other, NULL), NF_E_MISMATCH);
	ck_assert_str_eq(diag.field, "header.kid");
	says(other);
	says(h.kid);
	ck_assert_uint_eq(steps.len, 0);
	nf_buf_wipe(&ct);
}
END_TEST

START_TEST(wrong_kek)
{
	struct nf_buf pem = NF_BUF_INIT, ct;
	char other[64], kid[NF_KID_MAX + 1];
	struct nf_xfer_hsm2 second;
	uint8_t k[32] = { 1 };

	(void)snprintf(other, sizeof(other), "%s/other", dir);
	must(nf_xfer_kek_new(other, 2048, &pem, kid, &diag));
	ck_assert_str_ne(kid, h.kid);
	must(nf_xfer_hsm2_open(other, &second, &diag));
	ck_assert_str_eq(kid, second.kid);
	package(&second.pub, EVP_sha1(), nf_view_of(k, 32), &ct);
	ck_assert_int_eq(import(&ct, NULL, NULL), NF_E_REFUSED);
	says("does not open under this KEK (RSA-OAEP with SHA-1");
	nf_xfer_hsm2_close(&second);
	nf_buf_wipe(&pem);
	nf_buf_wipe(&ct);
}
END_TEST

START_TEST(wrong_oaep)
{
	uint8_t k[32] = { 1 };
	struct nf_buf ct;

	package(&h.pub, EVP_sha256(), nf_view_of(k, 32), &ct);
	ck_assert_int_eq(import(&ct, NULL, NULL), NF_E_REFUSED);
	says("does not open under this KEK (RSA-OAEP with SHA-1");
	nf_buf_wipe(&ct);
}
END_TEST

/* Lengths are judged before the KEK is used. */
START_TEST(wrong_length)
{
	struct nf_buf ct;
	size_t len;

	aes_package(32, &ct);
	len = ct.len;
	for (ct.len = 0; ct.len < len; ct.len++) {
		int want = ct.len < C1_LEN + 16 || ct.len % 8 != 0 ?
		    NF_E_FORMAT : NF_E_REFUSED;

		ck_assert_int_eq(import(&ct, NULL, NULL), want);
		if (want == NF_E_FORMAT)
			ck_assert_str_eq(diag.field, "ciphertext");
	}
	nf_buf_u8(&ct, 0);
	ck_assert_int_eq(import(&ct, NULL, NULL), NF_E_FORMAT);
	nf_buf_wipe(&ct);
}
END_TEST

START_TEST(kek_files)
{
	char path[NF_PATH_MAX], kid[NF_KID_MAX + 1];
	struct nf_buf pem = NF_BUF_INIT, text = NF_BUF_INIT;
	struct nf_kekpem kek;
	struct nf_kid parts;
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/" NF_XFER_HSM2_PEM, hsm);
	must(nf_kekpem_load(path, &kek, &diag));
	ck_assert_uint_eq(kek.bits, 2048);
	ck_assert_int_eq(nf_le_cmp(nf_kekpem_n(&kek), h.pub.v[NF_RSA_N]), 0);
	(void)snprintf(path, sizeof(path), "%s/" NF_XFER_HSM2_KID, hsm);
	must(nf_file_load(path, 1024, &text, &diag));
	text.p[--text.len] = '\0';
	ck_assert_str_eq((const char *)text.p, h.kid);
	must(nf_kid_read(nf_buf_view(&text), &parts, &diag));
	ck_assert_uint_eq(parts.version.len, NF_KID_VERSION_LEN);
	ck_assert_int_eq(parts.service, NF_KID_OTHER);
	(void)snprintf(path, sizeof(path), "%s/" NF_XFER_HSM2_KEY, hsm);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(nf_xfer_kek_new(hsm, 2048, &pem, kid, &diag),
	    NF_E_EXISTS);
	nf_buf_wipe(&pem);
	nf_buf_wipe(&text);
}
END_TEST

/* The KEK imports and does nothing else. */
START_TEST(kek_rights)
{
	static const uint32_t cmds[] = { NF_CMD_EXPORT, NF_CMD_DUPLICATE,
	    NF_CMD_GETACL, NF_CMD_GETAPPDATA };
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	struct nf_reply reply;

	cmd.args.key = h.kek;
	cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	ck_assert_int_eq(nf_host_call(h.host, &cmd, &reply, NULL),
	    NF_E_REFUSED);
	ck_assert_uint_eq(reply.status, NF_ST_ACCESSDENIED);
	for (size_t i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		cmd.cmd = cmds[i];
		ck_assert_int_eq(nf_host_call(h.host, &cmd, &reply, NULL),
		    NF_E_REFUSED);
		ck_assert_uint_eq(reply.status, NF_ST_ACCESSDENIED);
	}
	memset(&cmd, 0, sizeof(cmd));
	cmd.cmd = NF_CMD_MAKEBLOB;
	cmd.args.key = h.kek;
	cmd.args.format = NF_BLOB_MODULE;
	must(nf_xfer_km0(h.host, cmd.args.hash, &diag));
	ck_assert_int_eq(nf_host_call(h.host, &cmd, &reply, NULL),
	    NF_E_REFUSED);
	ck_assert_uint_eq(reply.status, NF_ST_ACCESSDENIED);
}
END_TEST

START_TEST(wrong_dir)
{
	char path[64], kid[NF_KID_MAX + 1];
	struct nf_buf pem = NF_BUF_INIT;
	struct nf_xfer_hsm2 none;

	ck_assert_int_eq(nf_xfer_kek_new(dir, 2048, &pem, kid, &diag),
	    NF_E_POLICY);
	nf_diag_clear(&diag);
	(void)snprintf(path, sizeof(path), "%s/new", dir);
	ck_assert_int_eq(nf_xfer_kek_new(path, 1024, &pem, kid, &diag),
	    NF_E_USAGE);
	ck_assert_int_eq(nf_xfer_kek_new(path, 2047, &pem, kid, NULL),
	    NF_E_USAGE);
	ck_assert(!nf_file_exists(path));
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_xfer_hsm2_open(path, &none, &diag),
	    NF_E_NOTFOUND);
	says("--new-kek");
	nf_xfer_hsm2_close(&none);
	nf_buf_wipe(&pem);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/import2");
	TCase *t = tcase_create("import2");

	tcase_set_timeout(t, 60);
	tcase_add_unchecked_fixture(t, make_all, remove_all);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, good, 0, 5);
	tcase_add_test(t, good_symmetric);
	tcase_add_test(t, wrong_type);
	tcase_add_test(t, wrong_curve);
	tcase_add_test(t, wrong_kid);
	tcase_add_test(t, wrong_kek);
	tcase_add_test(t, wrong_oaep);
	tcase_add_test(t, wrong_length);
	tcase_add_test(t, kek_files);
	tcase_add_test(t, kek_rights);
	tcase_add_test(t, wrong_dir);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
