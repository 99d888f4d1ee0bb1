/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receiving end of method 2, as the simulator plays it: an HSM of its own
 * with a key exchange key that may import and do nothing else, and the
 * opening of a package in it.  Real: the package's bytes, the rules for the
 * KEK and for key types.  Ours: the HSM, which is a simulated module without
 * a world in a directory, and the form of its key identifiers:
 *
 *   https://sim-8HEX.vault.test/keys/KEKforBYOK/32HEX
 *   https://insecure-seed-8HEX.vault.test/keys/KEKforBYOK/32HEX
 *
 * the latter with a seed, where 8HEX and 32HEX are the first 40 digits of the
 * SHA-256 of KEK.pem's bytes; ".test" is a domain that no service can have.
 */
#ifndef NF_TRANSFER_IMPORT2_H
#define NF_TRANSFER_IMPORT2_H

#include "nfast/host/appkey.h"
#include "transfer/kekpem.h"
#include "transfer/keytype.h"

/* Files in the directory, beside the module's state in NF_XFER_HSM2_SIM. */
#define NF_XFER_HSM2_PEM	"KEK.pem"
#define NF_XFER_HSM2_KID	"KEK.kid"
#define NF_XFER_HSM2_KEY	"KEK.key"	/* a key file; written last */
#define NF_XFER_HSM2_SIM	"sim"

/*
 * Make a receiving HSM in a directory that is missing or empty, or that such
 * a call left half done.
 *   bits  2048, 3072 or 4096
 *   pem   receives the bytes of KEK.pem
 *   kid   of NF_KID_MAX + 1 bytes
 * Errors: NF_E_USAGE (bits), NF_E_EXISTS (it has a KEK), NF_E_POLICY (other
 * files are in it), NF_E_IO, those of the host.
 */
int nf_xfer_kek_new(const char *dir, unsigned int bits, struct nf_buf *pem,
    char kid[static NF_KID_MAX + 1], struct nf_diag *diag);

/*
 * A receiving HSM that is powered up, with its KEK loaded.
 *   key, pub  the KEK's key file and public half
 */
struct nf_xfer_hsm2 {
	struct nf_host *host;
	struct nf_appkey_file key;
	struct nf_buf pubbytes;
	struct nf_keydata pub;
	uint32_t kek;
	char kid[NF_KID_MAX + 1];
};

/*
 * Open the HSM of a directory.
 *   out  close with nf_xfer_hsm2_close(), also after a failure
 * Errors: NF_E_NOTFOUND (no KEK: the diag names byok-import --new-kek), those
 * of a damaged key file and of the host.
 */
int nf_xfer_hsm2_open(const char *dir, struct nf_xfer_hsm2 *out,
    struct nf_diag *diag);
void nf_xfer_hsm2_close(struct nf_xfer_hsm2 *h);

/*
 * What came out of a package; wipe with nf_xfer_received_wipe().
 *   hash  nCore hash of the key
 *   pub   the public half, type 0 for a symmetric key; bytes backs it
 */
struct nf_xfer_received {
	struct nf_xfer_keytype type;
	uint8_t hash[NF_HASH_LEN];
	struct nf_buf bytes;
	struct nf_keydata pub;
};
void nf_xfer_received_wipe(struct nf_xfer_received *r);

/*
 * Receive a package: unwrap it inside the module, check type and size, sign
 * and verify (RSA, EC) or encrypt and decrypt (oct), and see that the module
 * refuses to export or blob the key, and that the KEK refuses to decrypt.
 * The key is destroyed in the end: nothing is stored.
 *   ciphertext  C1 | C2
 *   kid         of the package's header, or NULL: not compared
 *   want        what it must be, or NULL: the plaintext's form tells the type
 *   out         filled when 0 is returned
 *   steps       receives one line a step, also of those before a failure
 * Errors: NF_E_MISMATCH (the kid is of another KEK; another type or size than
 * wanted), NF_E_FORMAT (lengths), NF_E_REFUSED (the module: it does not open
 * under this KEK, or the key in it is malformed), NF_E_VERIFY (the key does
 * not work), NF_E_POLICY (the module gave away what it must not).
 */
int nf_xfer_import2(struct nf_xfer_hsm2 *h, struct nf_view ciphertext,
    const char *kid, const struct nf_xfer_keytype *want,
    struct nf_xfer_received *out, struct nf_buf *steps,
    struct nf_diag *diag);

/*
 * Its first step: unwrap C1 | C2 under a loaded KEK.
 *   kek_pub       public half of the KEK
 *   want          its kty must be in the package; NULL: any
 *   acl, pub_acl  of the key and of its public half
 *   key, pub      receive what is loaded, 0 otherwise: the caller destroys
 *                 them, also after a failure; pub is 0 for oct
 *   bits          of an oct key
 * Errors: NF_E_FORMAT (lengths), those of the host.
 */
struct nf_xfer_unwrap2 {
	struct nf_host *host;
	uint32_t kek;
	const struct nf_keydata *kek_pub;
	struct nf_view ciphertext;
	const struct nf_xfer_keytype *want;
	struct nf_acl *acl, *pub_acl;
	uint32_t key, pub;
	uint32_t bits;
};
int nf_xfer_unwrap2(struct nf_xfer_unwrap2 *u, struct nf_diag *diag);

/*
 * A new ACL of one group: OpPermissions perms, and MakeBlob with these flags
 * when blob is not 0.  NULL when out of memory.
 */
struct nf_acl *nf_xfer_acl_of(uint32_t perms, uint32_t blob);

/* ---- import2_prove.c: parts of the above --------------------------------- */

/* The key works: signs and its public half verifies, or encrypts and
 * decrypts a challenge.  NF_E_VERIFY, those of the host. */
int nf_xfer_prove(struct nf_host *host, uint32_t key,
    const struct nf_xfer_received *r, struct nf_buf *steps,
    struct nf_diag *diag);

/* The module refuses, for lack of permission, to export the key and to blob
 * it under its own module key.  NF_E_POLICY when it does not. */
int nf_xfer_prove_kept(struct nf_host *host, uint32_t key,
    struct nf_buf *steps, struct nf_diag *diag);

/* The KEK decrypts nothing by itself, be it a package's C1. */
int nf_xfer_prove_import_only(struct nf_host *host, uint32_t kek,
    struct nf_view c1, struct nf_buf *steps, struct nf_diag *diag);

/* The hash of the module's own key KM0, under which nothing leaves it. */
int nf_xfer_km0(struct nf_host *host, uint8_t hash[static NF_HASH_LEN],
    struct nf_diag *diag);

#endif
