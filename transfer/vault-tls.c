/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "nfast/base/buf.h"
#include "nfast/base/file.h"
#include "nfast/base/seed.h"
#include "nfast/base/seedrand.h"
#include "transfer/vault-tls.h"

#define VALID_DAYS	825
#define SEED_FROM	"700101000000Z"
#define SEED_TO		"99991231235959Z"
#define RENEW_SECONDS	86400
#define NAME_LEN_MAX	253
#define PEM_MAX		65536

static const char *const built_in[] = { "localhost", "*.vault.test",
	"*.managedhsm.test" };
#define N_BUILT_IN	(sizeof(built_in) / sizeof(built_in[0]))

static int
crypto_fail(struct nf_diag *diag, const char *what)
{
	ERR_clear_error();
	return nf_diag_set(diag, NF_E_CRYPTO, NULL, "libcrypto cannot %s",
	    what);
}

/* ---- making ------------------------------------------------------------ */

static bool
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

/* With a seed they do not depend on the clock, and always hold: what
 * SOURCE_DATE_EPOCH says may be far from today. */
static bool
times_set(X509 *cert, bool seeded)
{
	ASN1_TIME *from = X509_getm_notBefore(cert);
	ASN1_TIME *to = X509_getm_notAfter(cert);

	if (seeded)
		return ASN1_TIME_set_string_X509(from, SEED_FROM) == 1 &&
		    ASN1_TIME_set_string_X509(to, SEED_TO) == 1;
	return X509_gmtime_adj(from, -3600) != NULL &&
	    X509_time_adj_ex(to, VALID_DAYS, 0, NULL) != NULL;
}

/* A certificate with everything but extensions and signature. */
static X509 *
cert_new(const char *name, EVP_PKEY *key, const X509 *issuer)
{
	static const char sim[] = "secworld, simulated";
	const bool seeded = nf_seed_text() != NULL;
	char org[64];
	X509_NAME *subject;
	X509 *cert = X509_new();
	uint8_t serial[16];
	BIGNUM *bn = NULL;
	bool ok = false;

	if (cert == NULL || RAND_bytes(serial, sizeof(serial)) != 1)
		goto out;
	(void)snprintf(org, sizeof(org), "%s%s", sim, nf_seed_suffix(seeded));
	serial[0] &= 0x7f;
	bn = BN_bin2bn(serial, sizeof(serial), NULL);
	subject = X509_get_subject_name(cert);
	ok = bn != NULL &&
	    BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert)) != NULL &&
	    X509_set_version(cert, X509_VERSION_3) == 1 &&
	    times_set(cert, seeded) &&
	    X509_set_pubkey(cert, key) == 1 &&
	    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
	    (const unsigned char *)org, -1, -1, 0) == 1 &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(cert, issuer == NULL ? subject :
	    X509_get_subject_name(issuer)) == 1;
out:
	BN_free(bn);
	if (!ok) {
		X509_free(cert);
		cert = NULL;
	}
	return cert;
}

static void
names_text(struct nf_buf *out, const char *const *name, size_t n)
{
	nf_buf_str(out, "IP:127.0.0.1,IP:::1");
	for (size_t i = 0; i < N_BUILT_IN; i++)
		nf_buf_printf(out, ",DNS:%s", built_in[i]);
	for (size_t i = 0; i < n; i++)
		nf_buf_printf(out, ",DNS:%s", name[i]);
}

static int
pem_put(BIO *bio, struct nf_buf *out)
{
	char *p;
	long len = BIO_get_mem_data(bio, &p);

	if (len <= 0)
		return NF_E_CRYPTO;
	nf_buf_put(out, p, (size_t)len);
	return nf_buf_err(out);
}

/* Both certificates, of which ca goes to clients and server stays here. */
static int
certs_make(const char *const *name, size_t n, struct nf_buf *ca,
    struct nf_buf *server, struct nf_diag *diag)
{
	EVP_PKEY *cakey = NULL, *key = NULL;
	BIO *cabio = BIO_new(BIO_s_mem()), *bio = BIO_new(BIO_s_secmem());
	struct nf_buf names = NF_BUF_INIT;
	X509 *cacert = NULL, *cert = NULL;
	struct nf_view v;
	int r = 0;

	names_text(&names, name, n);
	v = nf_buf_view(&names);
	if (nf_seed_start(NULL) != 0 ||
	    nf_seed_bind("vault", &v, 1, NULL) != 0 ||
	    (cakey = EVP_EC_gen("P-256")) == NULL ||
	    (key = EVP_EC_gen("P-256")) == NULL || cabio == NULL ||
	    bio == NULL ||
	    (cacert = cert_new("vault stand-in authority", cakey,
	    NULL)) == NULL ||
	    !extend(cacert, cacert, NID_basic_constraints,
	    "critical,CA:TRUE,pathlen:0") ||
	    !extend(cacert, cacert, NID_key_usage, "critical,keyCertSign") ||
	    !extend(cacert, cacert, NID_subject_key_identifier, "hash") ||
	    X509_sign(cacert, cakey, EVP_sha256()) <= 0 ||
	    (cert = cert_new("vault stand-in", key, cacert)) == NULL ||
	    !extend(cert, cacert, NID_basic_constraints,
	    "critical,CA:FALSE") ||
	    !extend(cert, cacert, NID_key_usage,
	    "critical,digitalSignature") ||
	    !extend(cert, cacert, NID_ext_key_usage, "serverAuth") ||
	    !extend(cert, cacert, NID_authority_key_identifier, "keyid") ||
	    !extend(cert, cacert, NID_subject_alt_name,
	    nf_buf_text(&names)) ||
	    X509_sign(cert, cakey, EVP_sha256()) <= 0 ||
	    PEM_write_bio_X509(cabio, cacert) != 1 ||
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL,
	    NULL) != 1 || PEM_write_bio_X509(bio, cert) != 1)
		r = crypto_fail(diag, "make the server's certificate");
	if (nf_seed_text() != NULL) {
		nf_buf_str(ca, NF_SEED_LINE);
		nf_buf_str(server, NF_SEED_LINE);
	}
	if (r == 0 && (nf_buf_err(&names) != 0 ||
	    pem_put(cabio, ca) != 0 || pem_put(bio, server) != 0))
		r = crypto_fail(diag, "make the server's certificate");
	X509_free(cacert);
	X509_free(cert);
	EVP_PKEY_free(cakey);
	EVP_PKEY_free(key);
	BIO_free(cabio);
	BIO_free(bio);
	nf_buf_wipe(&names);
	return r;
}

/* The server's file last: it proves that both are there. */
static int
files_make(const char *ca_path, const char *path, const char *const *name,
    size_t n, struct nf_diag *diag)
{
	struct nf_buf ca = NF_BUF_INIT, server = NF_BUF_INIT;
	int r;

	if ((r = certs_make(name, n, &ca, &server, diag)) == 0 &&
	    (r = nf_file_write_atomic(ca_path, 0644, nf_buf_view(&ca),
	    diag)) == 0)
		r = nf_file_write_atomic(path, 0600, nf_buf_view(&server),
		    diag);
	nf_buf_wipe(&ca);
	nf_buf_wipe(&server);
	return r;
}

/* ---- using ------------------------------------------------------------- */

/* The authority's certificate, NULL when its file is not whole. */
static X509 *
ca_load(const char *path)
{
	struct nf_buf pem = NF_BUF_INIT;
	X509 *ca = NULL;
	BIO *bio = NULL;

	if (nf_file_load(path, PEM_MAX, &pem, NULL) == 0 &&
	    (bio = BIO_new_mem_buf(pem.p, (int)pem.len)) != NULL)
		ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ERR_clear_error();
	BIO_free(bio);
	nf_buf_wipe(&pem);
	return ca;
}

/* Whoever trusts ca takes the certificate, for all these names. */
static bool
cert_good(X509 *cert, X509 *ca, const char *const *name, size_t n)
{
	time_t soon = time(NULL) + RENEW_SECONDS;

	if (ca == NULL || X509_check_issued(ca, cert) != X509_V_OK ||
	    X509_verify(cert, X509_get0_pubkey(ca)) != 1 ||
	    X509_cmp_time(X509_get0_notAfter(cert), &soon) <= 0) {
		ERR_clear_error();
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		/* A wildcard is asked for by a name that it stands for. */
		char probe[NAME_LEN_MAX + 8];

		(void)snprintf(probe, sizeof(probe), "%s%s",
		    *name[i] == '*' ? "any" : "",
		    name[i] + (*name[i] == '*' ? 1 : 0));
		if (X509_check_host(cert, probe, 0, 0, NULL) != 1)
			return false;
	}
	return true;
}

/* Read key and certificate into tls; *good: they will do. */
static int
load(const char *path, const char *ca_path, SSL_CTX *tls,
    const char *const *name, size_t n, bool *good, struct nf_diag *diag)
{
	struct nf_buf pem = NF_BUF_INIT;
	EVP_PKEY *key = NULL;
	X509 *cert = NULL, *ca = NULL;
	BIO *bio = NULL;
	int r;

	*good = false;
	if ((r = nf_file_load(path, PEM_MAX, &pem, diag)) != 0)
		goto out;
	bio = BIO_new_mem_buf(pem.p, (int)pem.len);
	if (bio == NULL ||
	    (key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)) == NULL ||
	    (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) == NULL) {
		ERR_clear_error();
		r = nf_diag_set(diag, NF_E_FORMAT, NULL, "not a key and a "
		    "certificate: remove it to have new ones made");
		nf_diag_where(diag, "%s", path);
		goto out;
	}
	ca = ca_load(ca_path);
	if (!cert_good(cert, ca, name, n))
		goto out;
	if (SSL_CTX_use_certificate(tls, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(tls, key) != 1 ||
	    SSL_CTX_check_private_key(tls) != 1) {
		r = crypto_fail(diag, "use the server's certificate");
		nf_diag_where(diag, "%s", path);
		goto out;
	}
	*good = true;
out:
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	BIO_free(bio);
	nf_buf_wipe(&pem);
	return r;
}

static bool
name_sound(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_LEN_MAX && strspn(name +
	    (strncmp(name, "*.", 2) == 0 ? 2 : 0),
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "-.") == len - (strncmp(name, "*.", 2) == 0 ? 2 : 0);
}

int
nf_vault_tls_new(const char *dir, const char *const *name, size_t n,
    SSL_CTX **out, bool *made, struct nf_diag *diag)
{
	char path[NF_PATH_MAX], ca_path[NF_PATH_MAX];
	bool good = false, new = false;
	SSL_CTX *tls = NULL;
	int r;

	*out = NULL;
	for (size_t i = 0; i < n; i++) {
		if (!name_sound(name[i]))
			return nf_diag_set(diag, NF_E_USAGE, "--name",
			    "not a DNS name");
	}
	if ((r = nf_path(path, diag, "%s/" NF_VAULT_CERT_FILE, dir)) != 0 ||
	    (r = nf_path(ca_path, diag, "%s/" NF_VAULT_CA_FILE, dir)) != 0)
		return r;
	if ((tls = SSL_CTX_new(TLS_server_method())) == NULL ||
	    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1)
		r = crypto_fail(diag, "set up TLS");
	if (r == 0) {
		/* What arrives may be key material. */
		(void)SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION |
		    SSL_OP_NO_COMPRESSION | SSL_OP_CLEANSE_PLAINTEXT);
		(void)SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
	}
	if (r == 0 && nf_file_exists(path))
		r = load(path, ca_path, tls, name, n, &good, diag);
	if (r == 0 && !good && (r = files_make(ca_path, path, name, n,
	    diag)) == 0) {
		new = true;
		r = load(path, ca_path, tls, name, n, &good, diag);
	}
	if (r == 0) {
		*out = tls;
		tls = NULL;
		if (made != NULL)
			*made = new;
	}
	SSL_CTX_free(tls);
	return r;
}
