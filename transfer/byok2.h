/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of method 2: one JSON object around C1 (an AES key under RSA-OAEP)
 * and C2 (the target key under RFC 5649), as specified (real).  Also the
 * envelope of Secure Key Release, which has the same members but
 * schema_version "1.0" and no generator (real, from public code).  No key and
 * no cryptography is in here; the strictness is ours.
 */
#ifndef NF_TRANSFER_BYOK2_H
#define NF_TRANSFER_BYOK2_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_BYOK2_MAX		((size_t)64 * 1024)	/* bytes of a file */
#define NF_BYOK2_TEXT_MAX	1024			/* of a member */
#define NF_BYOK2_SCHEMA		"1.0.0"
#define NF_BYOK2_SCHEMA_RELEASE	"1.0"
#define NF_BYOK2_ALG		"dir"
#define NF_BYOK2_ENC		"CKM_RSA_AES_KEY_WRAP"

/* How the source starts in generators of simulated keys (ours). */
#define NF_BYOK2_SIMULATED	"simulated"

/*
 * A file as read.  Texts are UTF-8 and followed by a NUL; p is NULL for what
 * is not there or is no text.  ciphertext is decoded, p NULL unless it could
 * be.  All of it lives in buf.
 *   padded   the base64url had its padding, which the specification omits
 *   release  an envelope of Secure Key Release
 */
struct nf_byok2 {
	struct nf_buf buf;
	struct nf_view schema, kid, alg, enc, generator, ciphertext;
	bool padded, release;
};

/*
 * Bytes that may be such a file: an object that names its members, also with
 * a byte order mark, in UTF-16 or in single quotes, so that these are named
 * as the fault.  Never what nf_att_is() takes for an attestation bundle.
 */
bool nf_byok2_is(struct nf_view file);

/* What can be wrong with a file, each on its own. */
enum nf_byok2_part {
	NF_BYOK2_BAD_JSON,	/* not readable; nothing else is judged */
	NF_BYOK2_BAD_MEMBERS,	/* missing, unknown, no text; schema_version */
	NF_BYOK2_BAD_KID,
	NF_BYOK2_BAD_ALG,
	NF_BYOK2_BAD_ENC,
	NF_BYOK2_BAD_BASE64,
	NF_BYOK2_BAD_PADDING,
	NF_BYOK2_BAD_LENGTH,	/* fits no KEK */
	NF_BYOK2_PARTS
};

/*
 * Read a file and say all that is wrong with it.
 *   file   bytes of a file, borrowed during the call
 *   out    wipe with nf_byok2_wipe(), also after a failure
 *   parts  the first fault of each part; code 0 where there is none, or what
 *          it judges is not there
 * A kid is judged in files, not in envelopes, where it is any text.
 * Returns 0 (also with faults), NF_E_FORMAT (parts[NF_BYOK2_BAD_JSON]) or
 * NF_E_NOMEM.
 */
int nf_byok2_lint(struct nf_view file, struct nf_byok2 *out,
    struct nf_diag parts[static NF_BYOK2_PARTS]);

/*
 * Read a file that has no fault; otherwise the diag is that of the first.
 * Returns 0, NF_E_FORMAT or NF_E_NOMEM.  An envelope is read as well: see
 * out->release.
 */
int nf_byok2_read(struct nf_view file, struct nf_byok2 *out,
    struct nf_diag *diag);
void nf_byok2_wipe(struct nf_byok2 *file);

/* The generator says that the key is a simulated one's; a claim. */
bool nf_byok2_simulated(const struct nf_byok2 *file);

/*
 * Append the file of a package, in the specification's order of members and
 * without padding.
 *   kid         an https key URL; a version is due, but not asked for here
 *               (nf_azcmd_warn() says so)
 *   ciphertext  C1 and C2
 *   generator   printable ASCII, at most NF_BYOK2_TEXT_MAX
 * Returns 0, NF_E_FORMAT (diag: field; what nf_byok2_read() would refuse) or
 * NF_E_NOMEM; buf is unchanged then.
 */
int nf_byok2_write(struct nf_buf *buf, const char *kid,
    struct nf_view ciphertext, const char *generator, struct nf_diag *diag);

/*
 * Append "secworld VERSION; SOURCE", our generator; when nf_byok2_insecure()
 * says so, also INSECURE SEED.
 */
void nf_byok2_generator(struct nf_buf *buf, const char *source,
    bool insecure_kek);

/* Whoever knows a seed can open the package: there is one now, or the source
 * is a module that was made from one, or the KEK was. */
bool nf_byok2_insecure(const char *source, bool insecure_kek);

/*
 * What a ciphertext is made of under a KEK of a given size.
 *   c1, c2            bytes
 *   plain_min, _max   what RFC 5649 may have wrapped in C2, bytes
 *   n_like, like      targets whose usual encoding has such a size: an
 *                     inference from measured sizes, never a fact
 */
#define NF_BYOK2_LIKE_MAX	4
struct nf_byok2_shape {
	size_t c1, c2, plain_min, plain_max;
	size_t n_like;
	const char *like[NF_BYOK2_LIKE_MAX];
};

/* Bytes of the KEKs that the services take: 256, 384, 512; then 0. */
extern const size_t nf_byok2_kek_bytes[];

/*
 * The shape of len bytes.
 *   kek_bytes  one of nf_byok2_kek_bytes
 * Returns 0, NF_E_USAGE (another KEK size), or NF_E_FORMAT: not longer than
 * C1, or a C2 that RFC 5649 does not make.
 */
int nf_byok2_shape(size_t len, size_t kek_bytes, struct nf_byok2_shape *out,
    struct nf_diag *diag);

#endif
