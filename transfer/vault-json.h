/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON of the vault stand-in's REST: bundles out; attributes, key types
 * and JSON Web Keys in.  Members and their meaning are the service's (real).
 * Functions that read return true, or false with a 400 in *err.
 */
#ifndef NF_TRANSFER_VAULT_JSON_H
#define NF_TRANSFER_VAULT_JSON_H

#include <jansson.h>

#include "transfer/vault.h"

/* Fill an error; returns false. */
bool nf_vault_fail(struct nf_vault_error *err, int status, const char *code,
    const char *inner, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Error code and body: 400 BadParameter. */
#define NF_VAULT_BAD(err, ...) \
	nf_vault_fail(err, 400, "BadParameter", NULL, __VA_ARGS__)

/*
 * Parse a body: one JSON object, no member twice.
 *   out  new; free with json_decref()
 */
bool nf_vault_json_body(struct nf_view body, json_t **out,
    struct nf_vault_error *err);

/*
 * A text member as bytes: base64url, padded or not.
 *   required  its absence is an error; else out stays empty
 */
bool nf_vault_json_bytes(const json_t *object, const char *name,
    bool required, struct nf_buf *out, struct nf_vault_error *err);

/* A text member, NULL when it is not there; false when it is no text. */
bool nf_vault_json_text(const json_t *object, const char *name,
    const char **out, struct nf_vault_error *err);

/* The members attributes and tags of object, and key_ops of ops_of. */
bool nf_vault_json_attributes(const json_t *object, const json_t *ops_of,
    struct nf_vault_attributes *out, struct nf_vault_error *err);

/*
 * kty, crv and key_size (any may be absent but kty) as a key type.
 *   hsm  kty ends in -HSM
 */
bool nf_vault_json_type(const json_t *object, struct nf_xfer_keytype *out,
    bool *hsm, struct nf_vault_error *err);

/*
 * The private and public members of a JSON Web Key as KeyData; pub is empty
 * for oct.
 *   own  backs both; holds secrets: wipe it
 */
bool nf_vault_json_jwk(const json_t *object,
    const struct nf_xfer_keytype *type, struct nf_buf *own,
    struct nf_keydata *out, struct nf_keydata *pub,
    struct nf_vault_error *err);

/*
 * New JSON values, NULL when out of memory.
 *   base     "https://HOST", of the request
 *   managed  kty is always -HSM
 */
json_t *nf_vault_json_bundle(const struct nf_vault_key *key,
    const char *base, bool managed);
json_t *nf_vault_json_item(const struct nf_vault_key *key, const char *base,
    bool with_version);
json_t *nf_vault_json_deleted(const struct nf_vault_key *key,
    const char *base, bool managed);
json_t *nf_vault_json_error(const struct nf_vault_error *err,
    const char *activity);

/* Bytes as base64url text without padding. */
json_t *nf_vault_json_b64(struct nf_view bytes);

#endif
