/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The method-1 package, KeyTransferPackage-NAME.byok (format real): a
 * DataContract document in .NET binary XML that carries a key token, signed
 * by the key that is transferred.  Pure format: no files, no private keys.
 */
#ifndef NF_TRANSFER_BYOK1_H
#define NF_TRANSFER_BYOK1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"
#include "nfast/base/err.h"

#define NF_BYOK1_BITS_MIN	1024
#define NF_BYOK1_BITS_MAX	4096
#define NF_BYOK1_BLOB_HEAD	20	/* bytes of a PUBLICKEYBLOB before n */
#define NF_BYOK1_TEXT_MAX	511
#define NF_BYOK1_ID_LEN		74	/* digits of a GlobalKeyId */
#define NF_BYOK1_SCHEMA		2
#define NF_BYOK1_TOKEN_TYPE	"nCoreKeyProtectedKey"
#define NF_BYOK1_FILE_PREFIX	"key_xfer_"

/* The elements, outer then inner, each in document order. */
enum nf_byok1_field {
	NF_BYOK1_SCHEMA_VERSION,
	NF_BYOK1_TENANT,
	NF_BYOK1_VAULT_ID,
	NF_BYOK1_KEY_BLOB,
	NF_BYOK1_GLOBAL_KEY_ID,
	NF_BYOK1_PUBLIC_KEY,
	NF_BYOK1_CREATION_TIME,
	NF_BYOK1_FRIENDLY_NAME,
	NF_BYOK1_SIGNATURE,
	NF_BYOK1_KEY_TOKEN_TYPE,	/* first of the inner ones */
	NF_BYOK1_ENVIRONMENT,
	NF_BYOK1_WORLD_VERSION,
	NF_BYOK1_KEY_TOKEN,
	NF_BYOK1_FILE_NAME,
	NF_BYOK1_KEK_IDENTIFIER,
	NF_BYOK1_KEK_HASH,
	NF_BYOK1_FIELDS
};

/* The element's name, a constant. */
const char *nf_byok1_field_name(enum nf_byok1_field field);

struct nf_byok1_span {
	size_t off, len;
};

/*
 * A package.  Every view and text belongs to it; texts are printable ASCII.
 * A span covers a whole element: outer ones count in the file, inner ones in
 * key_blob.  Offsets in diags of inner elements count in the file as if
 * KeyBlob were one record; .NET cuts off only its last one or two bytes.
 */
struct nf_byok1 {
	int32_t schema_version;
	uint8_t tenant[16];		/* in the order of the GUID's text */
	int32_t vault_id;
	struct nf_view key_blob;	/* the inner document */
	char global_key_id[NF_BYOK1_ID_LEN + 1];
	struct nf_view public_key;	/* PUBLICKEYBLOB */
	uint64_t creation_time;		/* .NET ToBinary */
	char friendly_name[NF_BYOK1_TEXT_MAX + 1];
	struct nf_view signature;	/* big-endian; empty while unsigned */
	char key_token_type[NF_BYOK1_TEXT_MAX + 1];
	char environment[NF_BYOK1_TEXT_MAX + 1];
	uint8_t hkm[20];		/* SecurityWorldVersion */
	struct nf_view key_token;	/* KM datafile, not looked into */
	char key_token_file_name[NF_BYOK1_TEXT_MAX + 1];
	char kek_identifier[NF_BYOK1_TEXT_MAX + 1];
	uint8_t kek_hash[20];
	struct nf_byok1_span span[NF_BYOK1_FIELDS];
	struct nf_view signed_bytes;
	struct nf_buf own[NF_BYOK1_FIELDS + 1];	/* what the views show */
};

/* Does it start as a method-1 package does?  Looks at the first element. */
bool nf_byok1_is(struct nf_view file);

/*
 * Read a package.
 *   file  the whole file, borrowed during the call
 *   out   new; free with nf_byok1_free(); NULL unless 0 is returned
 * Strict: the elements of packages in their order, schema version 2, key type
 * "nCoreKeyProtectedKey", lengths, case of hex, printable text, a public key
 * blob whose sizes agree, a signature of modulus length, nothing after it.
 * Returns 0, NF_E_FORMAT (diag: field, byte offset) or NF_E_NOMEM.
 * Does not verify the signature, nor check the ids, nor read the key token.
 */
int nf_byok1_read(struct nf_view file, struct nf_byok1 **out,
    struct nf_diag *diag);
void nf_byok1_free(struct nf_byok1 *pkg);

/* The key's numbers, little-endian, borrowed from the package. */
void nf_byok1_rsa(const struct nf_byok1 *pkg, struct nf_view *e,
    struct nf_view *n);

/*
 * Verify the signature (RSASSA-PKCS1-v1_5, SHA-256) under the package's own
 * public key.  It binds the outer document to the key and nothing to a region.
 * Returns 0, NF_E_VERIFY (diag.field "Signature"), NF_E_FORMAT for an RSA key
 * that is refused, or NF_E_CRYPTO.
 */
int nf_byok1_verify_signature(const struct nf_byok1 *pkg,
    struct nf_diag *diag);

/*
 * Check GlobalKeyId against tenant and public key, and KeyTokenFileName
 * against GlobalKeyId.
 * Returns 0, NF_E_MISMATCH (diag.field: the element) or NF_E_CRYPTO.
 */
int nf_byok1_check_ids(const struct nf_byok1 *pkg, struct nf_diag *diag);

/* What a writer must know; the ids follow from it.  All borrowed. */
struct nf_byok1_parts {
	uint8_t tenant[16];
	int32_t vault_id;
	struct nf_view public_key;	/* from nf_byok1_publickey_blob() */
	uint64_t creation_time;		/* from nf_byok1_time() */
	const char *friendly_name;
	const char *environment;	/* "Production" in real packages */
	uint8_t hkm[20];
	struct nf_view key_token;
	const char *kek_identifier;	/* "xferwrapping,IDENT" */
	uint8_t kek_hash[20];
};

/* The parts of a package that was read, borrowed from it. */
void nf_byok1_parts_of(const struct nf_byok1 *pkg,
    struct nf_byok1_parts *parts);

/*
 * Append the bytes to sign: the document with a nil Signature.
 *   tbs  empty before
 * What is written was read back: parts that the reader would refuse give
 * NF_E_FORMAT with the element in diag.field.
 * Returns 0, NF_E_FORMAT, NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_byok1_write_unsigned(const struct nf_byok1_parts *parts,
    struct nf_buf *tbs, struct nf_diag *diag);

/*
 * Append the file.
 *   tbs        from nf_byok1_write_unsigned()
 *   signature  big-endian, modulus length
 *   out        empty before
 * Returns 0, NF_E_FORMAT (tbs is not from this writer, or the signature's
 * length is wrong), NF_E_NOMEM or NF_E_CRYPTO.  Does not verify.
 */
int nf_byok1_write_signed(struct nf_view tbs, struct nf_view signature,
    struct nf_buf *out, struct nf_diag *diag);

/*
 * Append a CAPI PUBLICKEYBLOB.
 *   e  little-endian, 1..4 bytes without zero top bytes
 *   n  little-endian, 1024..4096 bits, a multiple of 8
 * Returns 0, NF_E_FORMAT or NF_E_NOMEM.
 */
int nf_byok1_publickey_blob(struct nf_view e, struct nf_view n,
    struct nf_buf *blob, struct nf_diag *diag);

/* NULL, or what is wrong with a PUBLICKEYBLOB: a constant phrase. */
const char *nf_byok1_publickey_fault(struct nf_view blob);

/* GlobalKeyId: 74 upper-case digits.  Returns 0 or NF_E_CRYPTO. */
int nf_byok1_global_id(const uint8_t tenant[static 16],
    struct nf_view public_key, char out[static NF_BYOK1_ID_LEN + 1]);

/*
 * "key_xfer_" and the lower-case GlobalKeyId; out of NF_BYOK1_TEXT_MAX + 1.
 */
void nf_byok1_file_name(const char *global_key_id, char *out);

/* Local (kind 2) .NET ToBinary of Unix seconds and nanoseconds below 10^9. */
uint64_t nf_byok1_time(uint64_t unix_seconds, uint32_t nanos);

/*
 * The instant of a .NET ToBinary value.  kind is 0 unspecified, 1 UTC, 2 or
 * 3 local.  Returns false before 1970; nanos and kind may be NULL.
 */
bool nf_byok1_unix(uint64_t raw, uint64_t *seconds, uint32_t *nanos,
    unsigned *kind);

/*
 * "11111111-2222-3333-4444-555555555555", digits of either case, to bytes in
 * the order of the text.  Returns 0 or NF_E_USAGE.
 */
int nf_byok1_guid(const char *text, uint8_t out[static 16]);

#endif
