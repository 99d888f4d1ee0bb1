/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the vault stand-in: what the service's operations do, with a
 * simulated region's module, and nothing of HTTP or JSON.  Rules, names and
 * error codes are the service's where public; storage is ours, and so are the
 * texts of refused imports, of which nothing is public.
 *
 * Every vault of a region (a first label of a host name) has its own keys; a
 * method-1 package opens in each of them and in no other region's.  Private
 * keys exist in the clear in the module only; on disk and here they are blobs
 * under the region's module key.
 */
#ifndef NF_TRANSFER_VAULT_H
#define NF_TRANSFER_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kek-packages/authority.h"
#include "nfast/wire/keydata.h"
#include "transfer/keytype.h"

#define NF_VAULT_LOCAL		"local"	/* the vault without a name */
#define NF_VAULT_NAME_MAX	127	/* of a vault and of a key */
#define NF_VAULT_VERSION_LEN	32	/* lower hex digits */
#define NF_VAULT_TAGS_MAX	15
#define NF_VAULT_TEXT_MAX	256	/* of a tag's name, of its value */
#define NF_VAULT_VALUE_MAX	((size_t)16 * 1024)	/* of an operation */

/* Operations that a key may do (real names: encrypt, ..., wrapKey, ...). */
enum {
	NF_VAULT_ENCRYPT = 1 << 0,
	NF_VAULT_DECRYPT = 1 << 1,
	NF_VAULT_SIGN = 1 << 2,
	NF_VAULT_VERIFY = 1 << 3,
	NF_VAULT_WRAP = 1 << 4,
	NF_VAULT_UNWRAP = 1 << 5,
	NF_VAULT_IMPORT = 1 << 6,
	NF_VAULT_EXPORT = 1 << 7
};

/* Their names, {bit, name}. */
extern const struct nf_name nf_vault_ops[];

/*
 * The vault that a host names, in lower case: its first label; "local" for an
 * address and for a host of one label.  A port is left out.  Returns false
 * when the label is none of a vault.
 */
bool nf_vault_of_host(struct nf_view host,
    char out[static NF_VAULT_NAME_MAX + 1]);

/*
 * Why a request is refused, for the error body.
 *   status   HTTP status, 4xx or 5xx
 *   code     "BadParameter", "KeyNotFound", "Forbidden", "Conflict", ...
 *   inner    inner code or NULL
 *   message  one sentence, printable, no secret
 */
struct nf_vault_error {
	int status;
	const char *code;
	const char *inner;
	char message[512];
};

struct nf_vault_tag {
	char name[NF_VAULT_TEXT_MAX + 1];
	char value[NF_VAULT_TEXT_MAX + 1];
};

/* What a client may say about a key; has_* false: not said. */
struct nf_vault_attributes {
	bool has_enabled, enabled;
	bool has_nbf, has_exp;
	int64_t nbf, exp;		/* seconds */
	bool has_ops;
	uint32_t ops;			/* NF_VAULT_* bits */
	bool has_tags;
	size_t n_tags;
	struct nf_vault_tag tag[NF_VAULT_TAGS_MAX];
};

/* One version of a key; borrowed until the next call on the vault. */
struct nf_vault_key {
	char vault[NF_VAULT_NAME_MAX + 1];
	char name[NF_VAULT_NAME_MAX + 1];	/* as first written */
	char version[NF_VAULT_VERSION_LEN + 1];
	struct nf_xfer_keytype type;
	bool hsm;			/* kty with "-HSM" */
	struct nf_keydata pub;		/* of RSA and EC */
	struct nf_vault_attributes attributes;	/* all but tags has_* true or
						   really unset */
	int64_t created, updated;
	int64_t deleted;		/* 0: not deleted */
};

/*
 * A region's vaults.
 *   state     directory of the simulator, as NFSIM_STATE
 *   managed   behave as a Managed HSM: oct keys, kty always -HSM
 *   subscription  16 bytes that a method-1 package must name, or NULL
 *   out       close with nf_vaults_close()
 * The region is made when it does not exist.  Errors as of
 * nf_kek_authority_make(); NF_E_FORMAT (a damaged key record, named).
 */
struct nf_vaults;
int nf_vaults_open(const char *state, const struct nf_kek_region *region,
    bool managed, const uint8_t *subscription, struct nf_vaults **out,
    struct nf_diag *diag);
void nf_vaults_close(struct nf_vaults *v);

/*
 * The operations.  vault is the vault's name, name the key's, version 32 hex
 * digits or NULL for the newest.  Each returns true, or false with *err
 * filled.  What they report as done is on disk.
 */

/* A new key, or a new version of it.  RSA-HSM with ops exactly import: KEK. */
bool nf_vault_create(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_xfer_keytype *type, bool hsm,
    uint64_t public_exponent, const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err);

/*
 * Import a package: method 1 (binary) or method 2 (JSON), told by its first
 * byte.
 *   type  what kty (and crv) say; its size may be 0 for RSA and oct
 */
bool nf_vault_import_package(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_xfer_keytype *type,
    struct nf_view package, const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err);

/*
 * Import a software key (a JWK with private members).
 *   key  private KeyData; borrowed, wiped by the caller
 *   pub  its public half, which the module compares; type 0 for oct
 */
bool nf_vault_import_plain(struct nf_vaults *v, const char *vault,
    const char *name, bool hsm, const struct nf_keydata *key,
    const struct nf_keydata *pub,
    const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err);

/*
 * Find a key, and change what the attributes name.
 *   version  NULL takes the newest
 *   out      borrowed until the next change of the vault
 */
bool nf_vault_get(struct nf_vaults *v, const char *vault, const char *name,
    const char *version, const struct nf_vault_key **out,
    struct nf_vault_error *err);
bool nf_vault_update(struct nf_vaults *v, const char *vault,
    const char *name, const char *version,
    const struct nf_vault_attributes *attributes,
    const struct nf_vault_key **out, struct nf_vault_error *err);

/*
 * The i-th key of a vault (its newest version), sorted by name without regard
 * to case; of deleted keys when deleted is set; NULL beyond the end.
 */
const struct nf_vault_key *nf_vault_at(struct nf_vaults *v,
    const char *vault, bool deleted, size_t i);

/* The i-th version of a key, oldest first; NULL beyond the end. */
const struct nf_vault_key *nf_vault_version_at(struct nf_vaults *v,
    const char *vault, const char *name, size_t i);

/*
 * Delete all versions of a key, as the service does: softly, so that it can be
 * found among the deleted ones and recovered, until it is purged.  out is the
 * newest version, borrowed until the next change of the vault.
 */
bool nf_vault_delete(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_vault_key **out,
    struct nf_vault_error *err);
bool nf_vault_get_deleted(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_vault_key **out,
    struct nf_vault_error *err);
bool nf_vault_recover(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_vault_key **out,
    struct nf_vault_error *err);
bool nf_vault_purge(struct nf_vaults *v, const char *vault,
    const char *name, struct nf_vault_error *err);

/*
 * Use a key.
 *   op     one NF_VAULT_* bit
 *   alg    the service's name, "RS256", "RSA-OAEP", "A256KW", ...
 *   value  digest to sign or verify, plaintext, ciphertext, key to wrap
 *   other  signature to verify; iv of CBC; empty otherwise
 *   aad, tag  of GCM
 *   out    the result; for GCM encryption iv and tag are appended to out_iv
 *          and out_tag; for verify *ok
 * State, validity (nbf, exp) and key_ops are enforced.
 */
struct nf_vault_use {
	uint32_t op;
	const char *alg;
	struct nf_view value, other, aad, tag;
};
struct nf_vault_result {
	struct nf_buf value, iv, tag;
	bool ok;
};
bool nf_vault_use_key(struct nf_vaults *v, const char *vault,
    const char *name, const char *version, const struct nf_vault_use *use,
    struct nf_vault_result *res, const struct nf_vault_key **key,
    struct nf_vault_error *err);

/* n random bytes of the module (Managed HSM), 1..128. */
bool nf_vault_random(struct nf_vaults *v, size_t n, struct nf_buf *out,
    struct nf_vault_error *err);

#endif
