/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public key of a method-2 KEK: as PEM or DER SubjectPublicKeyInfo, which
 * "az keyvault key download" writes, or as the JSON Web Key that "az keyvault
 * key show" or the service gives (real forms).  Read by hand, so that this
 * file knows no private keys at all.
 */
#ifndef NF_TRANSFER_KEKPEM_H
#define NF_TRANSFER_KEKPEM_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "transfer/kid.h"

#define NF_KEKPEM_MAX		((size_t)64 * 1024)	/* bytes of a file */
#define NF_KEKPEM_N_MAX		512
#define NF_KEKPEM_E_MAX		8

/*
 * A KEK.  It holds nothing to free.
 *   bits    2048, 3072 or 4096
 *   n, e    little-endian, as nf_pkey_rsa() and key data want them
 *   kid     from a JSON Web Key; "" when the file names none: nothing ties a
 *           PEM file to a kid
 *   ops     what a JSON Web Key says it is for
 *   insecure  the file, or a kid in it, says that it was made from a seed
 */
enum nf_kekpem_ops {
	NF_KEKPEM_OPS_UNSAID,
	NF_KEKPEM_OPS_IMPORT,	/* exactly ["import"], as is due */
	NF_KEKPEM_OPS_OTHER
};

struct nf_kekpem {
	unsigned int bits;
	size_t n_len, e_len;
	uint8_t n[NF_KEKPEM_N_MAX], e[NF_KEKPEM_E_MAX];
	char kid[NF_KID_MAX + 1];
	enum nf_kekpem_ops ops;
	bool insecure;
};

/*
 * Read a KEK.  Before a PEM block there may be lines that start with #, and no
 * others.  Refused, each with its own sentence: an empty or truncated
 * file, a private key (of which nothing is repeated), a certificate, PKCS#1
 * and other blocks, several blocks, EC and other algorithms, RSA of another
 * size than 2048, 3072 or 4096 bits or with an exponent that is even, below 3
 * or above 64 bits, DER that is not the one form, bytes that follow.
 *   out  defined when 0 is returned
 * Returns 0, NF_E_FORMAT, NF_E_POLICY (private key, certificate, algorithm,
 * size) or NF_E_NOMEM.
 */
int nf_kekpem_read(struct nf_view file, struct nf_kekpem *out,
    struct nf_diag *diag);

/* The same from a file; also NF_E_NOTFOUND and NF_E_IO. */
int nf_kekpem_load(const char *path, struct nf_kekpem *out,
    struct nf_diag *diag);

/* The numbers, borrowed, little-endian. */
struct nf_view nf_kekpem_n(const struct nf_kekpem *kek);
struct nf_view nf_kekpem_e(const struct nf_kekpem *kek);

/*
 * Append the PEM file of an RSA public key; with a seed it says so in a line
 * before the block.
 *   e, n  little-endian; zero bytes on top do not count
 */
void nf_kekpem_write(struct nf_buf *buf, struct nf_view e,
    struct nf_view n);

/*
 * C1 can have been made under this KEK: it is as long as the modulus and
 * below it.  Says nothing more: about every second number is.
 */
bool nf_kekpem_fits(const struct nf_kekpem *kek, struct nf_view c1);

#endif
