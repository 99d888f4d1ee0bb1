/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KEK files against libcrypto's own readers and writers, and what is no KEK:
 * each is refused with a sentence of its own.  Moduli are made up; only their
 * sizes count.
 */
#include "config.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "nfast/base/pkey.h"
#include "nfast/base/seed.h"
#include "tests/tap.h"
#include "transfer/kekpem.h"

#define KID	"https://contoso.vault.azure.net/keys/KEKforBYOK/" \
		"083cf1b67d314d15b1fa46915cde3217"

static const uint8_t e65537[] = { 1, 0, 1 };
static struct nf_diag diag;
static struct nf_kekpem kek;
static uint8_t n[1024];

static int
read_view(struct nf_view v)
{
	nf_diag_clear(&diag);
	return nf_kekpem_read(v, &kek, &diag);
}

static int
read_text(const char *s)
{
	return read_view(nf_view_of(s, strlen(s)));
}

/* A made-up odd modulus with its top bit set, little-endian. */
static struct nf_view
modulus(size_t bits)
{
	for (size_t i = 0; i < bits / 8; i++)
		n[i] = (uint8_t)(i * 13 + 5);
	n[0] |= 1;
	n[bits / 8 - 1] |= 0x80;
	return nf_view_of(n, bits / 8);
}

static void
pem_of(size_t bits, struct nf_buf *out)
{
	nf_buf_init(out);
	nf_kekpem_write(out, nf_view_of(e65537, 3), modulus(bits));
	ck_assert_int_eq(nf_buf_err(out), 0);
}

static void
take_bio(BIO *bio, struct nf_buf *out)
{
	char *p;
	long len = BIO_get_mem_data(bio, &p);

	nf_buf_init(out);
	nf_buf_put(out, p, (size_t)len);
	BIO_free(bio);
}

static const size_t sizes[] = { 2048, 3072, 4096 };

/* Ours reads what libcrypto writes, and the other way round. */
START_TEST(pem)
{
	struct nf_view v = modulus(sizes[_i]);
	struct nf_buf ours, theirs;
	EVP_PKEY *pkey = NULL, *again;
	BIO *bio = BIO_new(BIO_s_mem());

	ck_assert_int_eq(nf_pkey_rsa(nf_view_of(e65537, 3), v, &pkey, NULL),
	    0);
	ck_assert_int_eq(PEM_write_bio_PUBKEY(bio, pkey), 1);
	take_bio(bio, &theirs);
	pem_of(sizes[_i], &ours);
	ck_assert_uint_eq(ours.len, theirs.len);
	ck_assert_mem_eq(ours.p, theirs.p, ours.len);
	bio = BIO_new_mem_buf(ours.p, (int)ours.len);
	again = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	ck_assert_int_eq(EVP_PKEY_eq(pkey, again), 1);
	ck_assert_int_eq(read_view(nf_buf_view(&theirs)), 0);
	ck_assert_uint_eq(kek.bits, sizes[_i]);
	ck_assert(nf_view_equal(nf_kekpem_n(&kek), v));
	ck_assert(nf_view_equal(nf_kekpem_e(&kek), nf_view_of(e65537, 3)));
	ck_assert_str_eq(kek.kid, "");
	ck_assert_int_eq(kek.ops, NF_KEKPEM_OPS_UNSAID);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(again);
	nf_buf_wipe(&ours);
	nf_buf_wipe(&theirs);
}
END_TEST

START_TEST(der)
{
	EVP_PKEY *pkey = NULL;
	unsigned char *p = NULL;
	int len;

	ck_assert_int_eq(nf_pkey_rsa(nf_view_of(e65537, 3), modulus(2048),
	    &pkey, NULL), 0);
	len = i2d_PUBKEY(pkey, &p);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(read_view(nf_view_of(p, (size_t)len)), 0);
	ck_assert_uint_eq(kek.bits, 2048);
	for (size_t i = 0; i < (size_t)len; i++)
		ck_assert_int_eq(read_view(nf_view_of(p, i)), NF_E_FORMAT);
	OPENSSL_free(p);
	EVP_PKEY_free(pkey);
}
END_TEST

/* Lines that start with # before the block, of which one may tell of a seed;
 * with a seed our own writer writes that one. */
START_TEST(comments)
{
	struct nf_buf file, more = NF_BUF_INIT;

	pem_of(2048, &file);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), 0);
	ck_assert(!kek.insecure);
	nf_buf_str(&more, "# of a friend\n\n#\n");
	nf_buf_view_put(&more, nf_buf_view(&file));
	ck_assert_int_eq(read_view(nf_buf_view(&more)), 0);
	ck_assert(!kek.insecure);
	nf_buf_wipe(&more);
	nf_buf_wipe(&file);
	ck_assert_int_eq(setenv(NF_SEED_ENV, "one", 1), 0);
	pem_of(2048, &file);
	ck_assert_int_eq(unsetenv(NF_SEED_ENV), 0);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), 0);
	ck_assert(kek.insecure);
	ck_assert_uint_eq(kek.bits, 2048);
	nf_buf_wipe(&file);
	ck_assert_int_eq(read_view(nf_view_of(NF_SEED_LINE,
	    strlen(NF_SEED_LINE))), NF_E_FORMAT);
	ck_assert_int_eq(read_view(nf_view_of("# -----BEGIN ", 13)),
	    NF_E_FORMAT);
}
END_TEST

/* Line ends of Windows and blank lines around; nothing else. */
START_TEST(line_ends)
{
	struct nf_buf file, crlf = NF_BUF_INIT;

	pem_of(2048, &file);
	nf_buf_str(&crlf, "\r\n");
	for (size_t i = 0; i < file.len; i++) {
		if (file.p[i] == '\n')
			nf_buf_u8(&crlf, '\r');
		nf_buf_u8(&crlf, file.p[i]);
	}
	ck_assert_int_eq(read_view(nf_buf_view(&crlf)), 0);
	nf_buf_str(&crlf, "x");
	ck_assert_int_eq(read_view(nf_buf_view(&crlf)), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "something follows"));
	nf_buf_wipe(&crlf);
	nf_buf_str(&crlf, "x");
	nf_buf_view_put(&crlf, nf_buf_view(&file));
	ck_assert_int_eq(read_view(nf_buf_view(&crlf)), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "before the PEM"));
	nf_buf_wipe(&crlf);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(short_pem)
{
	struct nf_buf file;

	pem_of(2048, &file);
	for (size_t i = 0; i + 1 < file.len; i++) {
		ck_assert_int_eq(read_view(nf_view_of(file.p, i)),
		    NF_E_FORMAT);
		ck_assert_int_ne(diag.text[0], '\0');
	}
	ck_assert_int_eq(read_view(nf_view_of(file.p, 200)), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "cut short"));
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(no_file)
{
	ck_assert_int_eq(read_text(""), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "empty"));
	ck_assert_int_eq(read_text(" \n"), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "empty"));
	ck_assert_int_eq(read_text("hello"), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "neither PEM"));
	ck_assert_int_eq(read_text("-----BEGIN PUBLIC KEY-----\n"
	    "-----END PUBLIC KEY-----\n"), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "block is empty"));
	ck_assert_int_eq(nf_kekpem_load("/nonexistent/kek.pem", &kek, &diag),
	    NF_E_NOTFOUND);
}
END_TEST

START_TEST(two_blocks)
{
	struct nf_buf file;
	size_t len;

	pem_of(2048, &file);
	len = file.len;
	nf_buf_fill(&file, 0, len);
	memcpy(file.p + len, file.p, len);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "more than one"));
	nf_buf_wipe(&file);
}
END_TEST

static const struct {
	size_t bits;
	const char *text;
} wrong_sizes[] = {
	{ 1024, "RSA of 1024 bits" }, { 2040, "RSA of 2040 bits" },
	{ 8192, "more than 4096" }
};

START_TEST(wrong_size)
{
	struct nf_buf file;

	pem_of(wrong_sizes[_i].bits, &file);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, wrong_sizes[_i].text));
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(wrong_numbers)
{
	static const uint8_t even[] = { 0, 0, 1 }, one[] = { 1 };
	static const uint8_t large[] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct nf_buf file = NF_BUF_INIT;

	nf_kekpem_write(&file, nf_view_of(even, 3), modulus(2048));
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_FORMAT);
	nf_buf_wipe(&file);
	nf_kekpem_write(&file, nf_view_of(one, 1), modulus(2048));
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_FORMAT);
	nf_buf_wipe(&file);
	nf_kekpem_write(&file, nf_view_of(large, 9), modulus(2048));
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_POLICY);
	nf_buf_wipe(&file);
	(void)modulus(2048);
	n[0] &= 0xfe;
	nf_kekpem_write(&file, nf_view_of(e65537, 3), nf_view_of(n, 256));
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_FORMAT);
	nf_buf_wipe(&file);
}
END_TEST

static EVP_PKEY *
ec_key(void)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	ck_assert_ptr_nonnull(pkey);
	return pkey;
}

START_TEST(wrong_type)
{
	EVP_PKEY *pkey = ec_key();
	BIO *bio = BIO_new(BIO_s_mem());
	struct nf_buf file;

	ck_assert_int_eq(PEM_write_bio_PUBKEY(bio, pkey), 1);
	take_bio(bio, &file);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, "EC key"));
	nf_buf_wipe(&file);
	EVP_PKEY_free(pkey);
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	bio = BIO_new(BIO_s_mem());
	ck_assert_int_eq(PEM_write_bio_PUBKEY(bio, pkey), 1);
	take_bio(bio, &file);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, "not a public key of RSA"));
	nf_buf_wipe(&file);
	EVP_PKEY_free(pkey);
}
END_TEST

/* Refused in each form; no eight characters of it come back. */
START_TEST(private_key)
{
	EVP_PKEY *pkey = _i < 2 ? ec_key() : EVP_RSA_gen(2048);
	BIO *bio = BIO_new(BIO_s_mem());
	struct nf_buf file;
	char part[9];

	if (_i == 0)
		ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey,
		    NULL, NULL, 0, NULL, NULL), 1);
	else if (_i == 1 || _i == 2)
		ck_assert_int_eq(PEM_write_bio_PrivateKey_traditional(bio,
		    pkey, NULL, NULL, 0, NULL, NULL), 1);
	else if (_i == 3)
		ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey,
		    EVP_aes_256_cbc(), "pass", 4, NULL, NULL), 1);
	else if (_i == 4)
		ck_assert_int_eq(i2d_PKCS8PrivateKey_bio(bio, pkey, NULL,
		    NULL, 0, NULL, NULL), 1);
	else
		ck_assert_int_eq(i2d_PrivateKey_bio(bio, pkey), 1);
	take_bio(bio, &file);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, "private key"));
	part[8] = '\0';
	for (size_t i = 64; _i < 4 && i + 80 < file.len; i++) {
		memcpy(part, file.p + i, 8);
		ck_assert_ptr_null(strstr(diag.text, part));
	}
	nf_buf_wipe(&file);
	EVP_PKEY_free(pkey);
}
END_TEST

START_TEST(certificate)
{
	EVP_PKEY *pkey = ec_key();
	X509 *cert = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	struct nf_buf file;

	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(cert), 9));
	ck_assert_int_eq(X509_set_pubkey(cert, pkey), 1);
	ck_assert_int_gt(X509_sign(cert, pkey, EVP_sha256()), 0);
	ck_assert_int_eq(PEM_write_bio_X509(bio, cert), 1);
	take_bio(bio, &file);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), NF_E_POLICY);
	ck_assert_ptr_nonnull(strstr(diag.text, "certificate"));
	nf_buf_wipe(&file);
	X509_free(cert);
	EVP_PKEY_free(pkey);
	ck_assert_int_eq(read_text("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n"
	    "-----END RSA PUBLIC KEY-----\n"), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "PKCS#1"));
	ck_assert_int_eq(read_text("-----BEGIN DH PARAMETERS-----\nAAAA\n"
	    "-----END DH PARAMETERS-----\n"), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "another kind"));
}
END_TEST

/* Each bit of the DER: another key, or refused; never a crash. */
START_TEST(junk_der)
{
	EVP_PKEY *pkey = NULL;
	unsigned char *p = NULL;
	size_t head = 33;
	int len;

	ck_assert_int_eq(nf_pkey_rsa(nf_view_of(e65537, 3), modulus(2048),
	    &pkey, NULL), 0);
	len = i2d_PUBKEY(pkey, &p);
	for (size_t i = 0; i < head * 8; i++) {
		p[i / 8] ^= (unsigned char)(1 << i % 8);
		ck_assert_int_ne(read_view(nf_view_of(p, (size_t)len)), 0);
		p[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	ck_assert_int_eq(read_view(nf_view_of(p, (size_t)len)), 0);
	OPENSSL_free(p);
	EVP_PKEY_free(pkey);
}
END_TEST

/* A JSON Web Key with this n and with the rest as text. */
static void
jwk(struct nf_buf *out, unsigned int form, const char *before,
    const char *after)
{
	uint8_t big[256];

	(void)modulus(2048);
	for (size_t i = 0; i < 256; i++)
		big[i] = n[255 - i];
	nf_buf_init(out);
	nf_buf_printf(out, "%s\"n\": \"", before);
	nf_text_base64_write(out, nf_view_of(big, 256), form);
	nf_buf_printf(out, "\", \"e\": \"AQAB\"%s", after);
}

static const struct {
	unsigned int form;
	const char *before, *after;
	const char *kid;
	enum nf_kekpem_ops ops;
} jwks[] = {
	{ NF_B64_URL | NF_B64_NOPAD, "{\"kty\": \"RSA-HSM\", ", "}", "",
	    NF_KEKPEM_OPS_UNSAID },
	{ NF_B64_STD | NF_B64_PAD, "{\"attributes\": {\"enabled\": true}, "
	    "\"key\": {\"crv\": null, \"d\": null, \"keyOps\": [\"import\"], "
	    "\"kid\": \"" KID "\", \"kty\": \"RSA-HSM\", ",
	    "}, \"managed\": null}", KID, NF_KEKPEM_OPS_IMPORT },
	{ NF_B64_URL | NF_B64_NOPAD, "{\"key\": {\"kid\": \"" KID "\", "
	    "\"kty\": \"RSA\", \"key_ops\": [\"import\", \"sign\"], ", "}}",
	    KID, NF_KEKPEM_OPS_OTHER },
	{ NF_B64_URL | NF_B64_NOPAD, "{\"kty\": \"RSA\", \"key_ops\": [], ",
	    "}", "", NF_KEKPEM_OPS_OTHER }
};

START_TEST(json)
{
	struct nf_buf file;

	jwk(&file, jwks[_i].form, jwks[_i].before, jwks[_i].after);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), 0);
	ck_assert(nf_view_equal(nf_kekpem_n(&kek), nf_view_of(n, 256)));
	ck_assert(nf_view_equal(nf_kekpem_e(&kek), nf_view_of(e65537, 3)));
	ck_assert_str_eq(kek.kid, jwks[_i].kid);
	ck_assert_int_eq(kek.ops, jwks[_i].ops);
	for (size_t i = 0; i < file.len; i++)
		ck_assert_int_ne(read_view(nf_view_of(file.p, i)), 0);
	nf_buf_wipe(&file);
}
END_TEST

static const struct {
	const char *before, *after;
	int code;
	const char *text;
} bad_jwks[] = {
	{ "{", "}", NF_E_FORMAT, "no JSON Web Key" },
	{ "{\"kty\": \"EC\", ", "}", NF_E_POLICY, "type EC" },
	{ "{\"kty\": \"RSA\", ", ", \"d\" : \"AAAA\"}", NF_E_POLICY,
	    "private key" },
	{ "{\"kty\": \"RSA\", ", ", \"\\u0064\": \"AAAA\"}", NF_E_POLICY,
	    "private key" },
	{ "{\"kty\": \"RSA\", ", ", \"n\": \"AAAA\"}", NF_E_FORMAT,
	    "not sound JSON" },
	{ "{\"kty\": \"RSA\", ", ", \"kid\": \"KEK\"}", NF_E_FORMAT,
	    "https" },
	{ "{\"kty\": \"RSA\", ", ", \"kid\": 1}", NF_E_FORMAT,
	    "not a text" },
	{ "{\"kty\": \"RSA\", ", "", NF_E_FORMAT, "not sound JSON" }
};

START_TEST(bad_json)
{
	struct nf_buf file;

	jwk(&file, NF_B64_URL | NF_B64_NOPAD, bad_jwks[_i].before,
	    bad_jwks[_i].after);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), bad_jwks[_i].code);
	ck_assert_ptr_nonnull(strstr(diag.text, bad_jwks[_i].text));
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(fits)
{
	struct nf_buf file;
	uint8_t c1[256];

	pem_of(2048, &file);
	ck_assert_int_eq(read_view(nf_buf_view(&file)), 0);
	for (size_t i = 0; i < 256; i++)
		c1[i] = n[255 - i];
	ck_assert(!nf_kekpem_fits(&kek, nf_view_of(c1, 256)));
	c1[255]--;
	ck_assert(nf_kekpem_fits(&kek, nf_view_of(c1, 256)));
	ck_assert(!nf_kekpem_fits(&kek, nf_view_of(c1, 255)));
	memset(c1, 0xff, 256);
	ck_assert(!nf_kekpem_fits(&kek, nf_view_of(c1, 256)));
	nf_buf_wipe(&file);
}
END_TEST

#define COUNT(a)	((int)(sizeof(a) / sizeof((a)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/kekpem");
	TCase *tc = tcase_create("kekpem");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, pem, 0, COUNT(sizes));
	tcase_add_test(tc, der);
	tcase_add_test(tc, line_ends);
	tcase_add_test(tc, comments);
	tcase_add_test(tc, short_pem);
	tcase_add_test(tc, no_file);
	tcase_add_test(tc, two_blocks);
	tcase_add_loop_test(tc, wrong_size, 0, COUNT(wrong_sizes));
	tcase_add_test(tc, wrong_numbers);
	tcase_add_test(tc, wrong_type);
	tcase_add_loop_test(tc, private_key, 0, 6);
	tcase_add_test(tc, certificate);
	tcase_add_test(tc, junk_der);
	tcase_add_loop_test(tc, json, 0, COUNT(jwks));
	tcase_add_loop_test(tc, bad_json, 0, COUNT(bad_jwks));
	tcase_add_test(tc, fits);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
