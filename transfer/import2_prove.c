/* SPDX-License-Identifier: Apache-2.0 */
/* That a received key works, and that it stays where it is. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "nfast/base/digest.h"
#include "nfast/base/pkey.h"
#include "nfast/host/hostcmd.h"
#include "transfer/import2.h"
#include "transfer/package1.h"

#define CHALLENGE_LEN	32

int
nf_xfer_km0(struct nf_host *host, uint8_t hash[static NF_HASH_LEN],
    struct nf_diag *diag)
{
	uint8_t hashes[NF_VECTOR_MAX][NF_HASH_LEN], hknso[NF_HASH_LEN];
	uint32_t n = 0;
	int r;

	if ((r = nf_host_kmlist(host, hknso, hashes, &n, diag)) != 0)
		return r;
	if (n == 0)
		return nf_diag_set(diag, NF_E_FORMAT, "GetKMList",
		    "the module names no key of its own");
	memcpy(hash, hashes[0], NF_HASH_LEN);
	return 0;
}

static int
not_working(struct nf_diag *diag, const char *why)
{
	return nf_diag_set(diag, NF_E_VERIFY, NULL, "%s", why);
}

/* ---- signatures ---------------------------------------------------------- */

static int
prove_rsa(struct nf_host *host, uint32_t key, EVP_PKEY *pub, size_t bits,
    struct nf_view msg, struct nf_diag *diag)
{
	struct nf_buf sig = NF_BUF_INIT;
	uint8_t digest[NF_DIGEST_MAX];
	int r;

	if ((r = nf_xfer_sign(host, key, bits, msg, &sig, diag)) == 0 &&
	    (r = nf_digest_of(NF_SHA256, &msg, 1, digest)) == 0)
		r = nf_pkey_verify_pkcs1(pub, NF_SHA256, digest,
		    nf_buf_view(&sig), diag);
	nf_buf_wipe(&sig);
	return r;
}

/* The mechanism whose hash is as strong as the curve. */
static uint32_t
ecdsa_mech(uint32_t curve, enum nf_digest *digest)
{
	switch (curve) {
	case NF_EC_P384:
		*digest = NF_SHA384;
		return NF_MECH_ECDSAHSHA384;
	case NF_EC_P521:
		*digest = NF_SHA512;
		return NF_MECH_ECDSAHSHA512;
	default:
		*digest = NF_SHA256;
		return NF_MECH_ECDSAHSHA256;
	}
}

static int
prove_ec(struct nf_host *host, uint32_t key, EVP_PKEY *pub, uint32_t curve,
    struct nf_view msg, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	uint8_t digest[NF_DIGEST_MAX];
	enum nf_digest alg;
	struct nf_reply reply;
	int r;

	cmd.args.key = key;
	cmd.args.mech = ecdsa_mech(curve, &alg);
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = msg;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(host, &cmd, &reply, diag)) != 0)
		goto out;
	if (reply.args.cipher.mech != cmd.args.mech)
		r = not_working(diag, "the module signed in another way");
	else if ((r = nf_digest_of(alg, &msg, 1, digest)) == 0)
		r = nf_pkey_verify_rs(pub, digest, nf_digest_size(alg),
		    reply.args.cipher.v[0], reply.args.cipher.v[1],
		    nf_curve_find(curve)->order_bits, diag);
out:
	nf_args_wipe(&reply.args);
	return r;
}

/* ---- encryption ---------------------------------------------------------- */

/* Encrypt into own, which backs cipher; the iv follows the ciphertext. */
static int
encrypt(struct nf_host *host, uint32_t key, struct nf_view msg,
    struct nf_buf *own, struct nf_cipher *cipher, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_ENCRYPT };
	struct nf_reply reply;
	size_t n;
	int r;

	cmd.args.key = key;
	cmd.args.mech = NF_MECH_RIJNDAELMCBCI128PPKCS5;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = msg;
	memset(&reply, 0, sizeof(reply));
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0) {
		n = reply.args.cipher.v[0].len;
		nf_buf_view_put(own, reply.args.cipher.v[0]);
		nf_buf_view_put(own, reply.args.cipher.iv);
		if ((r = nf_buf_err(own)) == 0) {
			cipher->mech = reply.args.cipher.mech;
			cipher->v[0] = nf_view_of(own->p, n);
			cipher->iv = nf_view_of(own->p + n, own->len - n);
		}
	}
	nf_args_wipe(&reply.args);
	return r;
}

static int
prove_oct(struct nf_host *host, uint32_t key, struct nf_view msg,
    struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_DECRYPT };
	struct nf_buf own = NF_BUF_INIT;
	struct nf_reply reply;
	int r;

	memset(&reply, 0, sizeof(reply));
	cmd.args.key = key;
	cmd.args.mech = NF_MECH_RIJNDAELMCBCI128PPKCS5;
	cmd.args.replytype = NF_PLAIN_BYTES;
	if ((r = encrypt(host, key, msg, &own, &cmd.args.cipher, diag)) == 0 &&
	    (r = nf_host_call(host, &cmd, &reply, diag)) == 0 &&
	    (!nf_view_equal(reply.args.plain.v, msg) ||
	    nf_view_equal(cmd.args.cipher.v[0], msg)))
		r = not_working(diag, "what the key encrypts does not "
		    "decrypt to the same");
	nf_args_wipe(&reply.args);
	nf_buf_wipe(&own);
	return r;
}

int
nf_xfer_prove(struct nf_host *host, uint32_t key,
    const struct nf_xfer_received *rx, struct nf_buf *steps,
    struct nf_diag *diag)
{
	uint8_t challenge[CHALLENGE_LEN] = { 0 };
	struct nf_view msg = nf_view_of(challenge, sizeof(challenge));
	EVP_PKEY *pub = NULL;
	int r;

	if ((r = nf_host_random(host, challenge, sizeof(challenge),
	    diag)) != 0 || (rx->pub.type != 0 &&
	    (r = nf_wire_keydata_pkey(&rx->pub, &pub, diag)) != 0))
		return r;
	switch (rx->type.kty) {
	case NF_XFER_RSA:
		r = prove_rsa(host, key, pub, rx->type.bits, msg, diag);
		break;
	case NF_XFER_EC:
		r = prove_ec(host, key, pub, rx->type.curve, msg, diag);
		break;
	case NF_XFER_OCT:
		r = prove_oct(host, key, msg, diag);
		break;
	}
	EVP_PKEY_free(pub);
	if (r == 0)
		nf_buf_str(steps, rx->type.kty == NF_XFER_OCT ?
		    "encrypts a challenge, and decrypts it to the same\n" :
		    "signs a challenge, and its public half verifies it\n");
	return r;
}

/* ---- what must be refused ------------------------------------------------ */

/* The module refuses, and for lack of permission. */
static int
refused(struct nf_host *host, const struct nf_command *cmd, const char *what,
    const char *given, struct nf_buf *steps, struct nf_diag *diag)
{
	struct nf_diag why = { 0 };
	struct nf_reply reply;
	char line[512];
	int r;

	memset(&reply, 0, sizeof(reply));
	r = nf_host_call(host, cmd, &reply, &why);
	if (r == 0)
		r = nf_diag_set(diag, NF_E_POLICY, what, "%s", given);
	else if (r == NF_E_REFUSED && reply.status == NF_ST_ACCESSDENIED) {
		nf_diag_line(&why, line, sizeof(line));
		nf_buf_printf(steps, "%s is refused: %s\n", what, line);
		r = 0;
	} else if (diag != NULL && diag->code == 0)
		*diag = why;
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_xfer_prove_kept(struct nf_host *host, uint32_t key, struct nf_buf *steps,
    struct nf_diag *diag)
{
	struct nf_command export = { .cmd = NF_CMD_EXPORT };
	struct nf_command blob = { .cmd = NF_CMD_MAKEBLOB };
	int r;

	export.args.key = key;
	blob.args.key = key;
	blob.args.format = NF_BLOB_MODULE;
	if ((r = nf_xfer_km0(host, blob.args.hash, diag)) != 0 ||
	    (r = refused(host, &export, "Export",
	    "the module gave the key away in clear", steps, diag)) != 0)
		return r;
	return refused(host, &blob, "MakeBlob",
	    "the module made a blob of the key", steps, diag);
}

int
nf_xfer_prove_import_only(struct nf_host *host, uint32_t kek,
    struct nf_view c1, struct nf_buf *steps, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_DECRYPT };
	struct nf_buf le = NF_BUF_INIT;
	int r;

	while (c1.len > 0)
		nf_buf_u8(&le, c1.p[--c1.len]);
	cmd.args.key = kek;
	cmd.args.mech = NF_MECH_RSAPPKCS1OAEP;
	cmd.args.cipher.mech = NF_MECH_RSAPPKCS1OAEP;
	cmd.args.cipher.v[0] = nf_le_trim(nf_buf_view(&le));
	cmd.args.replytype = NF_PLAIN_BYTES;
	if ((r = nf_buf_err(&le)) == 0)
		r = refused(host, &cmd, "Decrypt with the KEK",
		    "the KEK decrypts, though it is to import only", steps,
		    diag);
	nf_buf_wipe(&le);
	return r;
}
