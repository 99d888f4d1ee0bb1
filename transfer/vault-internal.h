/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the vault stand-in's keys share (ours). */
#ifndef NF_TRANSFER_VAULT_INTERNAL_H
#define NF_TRANSFER_VAULT_INTERNAL_H

#include "transfer/vault-json.h"
#include "transfer/vault.h"

#define NF_VAULT_CACHE		256	/* keys loaded at a time */
#define NF_VAULT_SUPPORTED_EC	(NF_VAULT_SIGN | NF_VAULT_VERIFY)
#define NF_VAULT_SUPPORTED_OCT	(NF_VAULT_ENCRYPT | NF_VAULT_DECRYPT | \
	NF_VAULT_WRAP | NF_VAULT_UNWRAP)
#define NF_VAULT_SUPPORTED_RSA	(NF_VAULT_SUPPORTED_EC | \
	NF_VAULT_SUPPORTED_OCT)

/* Which half of a key is loaded. */
enum { NF_VAULT_PRIVATE, NF_VAULT_PUBLIC, NF_VAULT_HALVES };

/*
 * One version.  key.pub views pubdata; for keys that are shared with callers
 * only key is theirs to see.
 *   blob      private or symmetric key under the region's module key
 *   sequence  counts the versions of a key, from 1
 *   slot      of the cache, plus 1; 0: not loaded
 */
struct nf_vault_item {
	struct nf_vault_key key;
	struct nf_buf pubdata;
	struct nf_buf blob;
	uint64_t sequence;
	bool insecure;			/* made from a seed */
	uint32_t slot[NF_VAULT_HALVES];
};

/* A key: its versions, oldest first, at least one.  name is lower case. */
struct nf_vault_entry {
	char name[NF_VAULT_NAME_MAX + 1];
	size_t n, room;
	struct nf_vault_item **item;
};

/* Keys by name. */
struct nf_vault_set {
	size_t n, room;
	struct nf_vault_entry **entry;
};

/* A vault; set[true] are the deleted keys. */
struct nf_vault_box {
	char name[NF_VAULT_NAME_MAX + 1];
	struct nf_vault_set set[2];
};

struct nf_vault_slot {
	struct nf_vault_item *item;	/* NULL: free */
	int half;
	uint32_t id;
	uint64_t used;
};

struct nf_vaults {
	struct nf_kek_authority authority;
	char dir[NF_PATH_MAX];
	bool managed;
	bool has_subscription;
	uint8_t subscription[16];
	size_t n, room;
	struct nf_vault_box **box;	/* by name */
	struct nf_vault_slot slot[NF_VAULT_CACHE];
	uint64_t clock;
};

/* ---- vault-table.c: what is in memory ------------------------------------ */

/*
 * A version without contents, NULL without memory.  Free wipes; it and the
 * entry, with its versions, may be NULL.
 */
struct nf_vault_item *nf_vault_item_new(void);
void nf_vault_item_free(struct nf_vault_item *item);
void nf_vault_entry_free(struct nf_vault_entry *entry);

/* The vault of a name in lower case, NULL when it has no keys. */
struct nf_vault_box *nf_vault_box_find(const struct nf_vaults *v,
    const char *name);
/* The same, made when missing; NULL without memory. */
struct nf_vault_box *nf_vault_box_make(struct nf_vaults *v,
    const char *name);
/* Forget a vault if it has no keys: a client can name any number of them. */
void nf_vault_box_drop(struct nf_vaults *v, struct nf_vault_box *box);

/* The key of a name without regard to case, NULL when it is not there. */
struct nf_vault_entry *nf_vault_entry_find(const struct nf_vault_set *set,
    const char *name);
/* A new entry that is in no set. */
struct nf_vault_entry *nf_vault_entry_new(const char *name);

/* Room for one more, so that the next addition cannot fail. */
bool nf_vault_entry_reserve(struct nf_vault_entry *entry);
bool nf_vault_set_reserve(struct nf_vault_set *set);
void nf_vault_set_add(struct nf_vault_set *set,
    struct nf_vault_entry *entry);
void nf_vault_set_remove(struct nf_vault_set *set,
    const struct nf_vault_entry *entry);
/* Takes the item; its place is by its sequence. */
void nf_vault_entry_add(struct nf_vault_entry *entry,
    struct nf_vault_item *item);

/* Free every vault with its keys. */
void nf_vault_table_free(struct nf_vaults *v);

/* ---- vault-record.c: a version as JSON ----------------------------------- */

/* Append the record.  Errors stick in out. */
void nf_vault_record_write(const struct nf_vault_item *item,
    struct nf_buf *out);

/*
 * Read one, strictly.
 *   name, version  as the path has them
 *   out            empty item
 * Returns 0, NF_E_FORMAT (diag: member) or NF_E_NOMEM.
 */
int nf_vault_record_read(struct nf_view text, const char *name,
    const char *version, struct nf_vault_item *out, struct nf_diag *diag);

/* The record of a deletion. */
void nf_vault_deletion_write(int64_t when, struct nf_buf *out);
int nf_vault_deletion_read(struct nf_view text, int64_t *when,
    struct nf_diag *diag);

/* ---- vault-store.c: records on disk -------------------------------------- */

/* Load all vaults; what a crash left half done is removed. */
int nf_vault_store_load(struct nf_vaults *v, struct nf_diag *diag);

/* Write a version, durably; an old record of it is replaced whole. */
int nf_vault_store_put(const struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_vault_item *item,
    struct nf_diag *diag);

/*
 * Move a key to the deleted ones, or back, durably.
 *   moved  the disk has it in its new place, also when an error follows
 */
int nf_vault_store_delete(const struct nf_vaults *v, const char *vault,
    const char *name, int64_t when, bool *moved, struct nf_diag *diag);
int nf_vault_store_recover(const struct nf_vaults *v, const char *vault,
    const char *name, bool *moved, struct nf_diag *diag);

/* Remove a deleted key; version is any of its versions. */
int nf_vault_store_purge(const struct nf_vaults *v, const char *vault,
    const char *name, const char *version, bool *moved,
    struct nf_diag *diag);

/* ---- vault-key.c: keys in the module ------------------------------------- */

/* Make the item's key: type is set, KEK when its operation is import. */
int nf_vault_key_generate(struct nf_vaults *v, struct nf_vault_item *item,
    uint64_t public_exponent, struct nf_diag *diag);

/* Take a key in clear, which has to be the private half of pub. */
int nf_vault_key_import(struct nf_vaults *v, struct nf_vault_item *item,
    const struct nf_keydata *key, const struct nf_keydata *pub,
    struct nf_diag *diag);

/*
 * Take a package's C1 and C2 under a KEK of the vault.
 *   type  of the item is what is wanted, a size of 0 is filled in
 */
int nf_vault_key_unwrap(struct nf_vaults *v, struct nf_vault_item *item,
    struct nf_vault_item *kek, struct nf_view ciphertext,
    struct nf_diag *diag);

/* Keep a public key with an item. */
int nf_vault_key_public(struct nf_vault_item *item,
    const struct nf_keydata *pub, struct nf_diag *diag);

/* The loaded half of a key: out of the cache, or loaded into it. */
int nf_vault_key_load(struct nf_vaults *v, struct nf_vault_item *item,
    int half, uint32_t *id, struct nf_diag *diag);
void nf_vault_key_forget(struct nf_vaults *v, struct nf_vault_item *item);

/* ---- vault-rules.c: rules and texts -------------------------------------- */

/* The bits of an operation's name, or 0; the name of one bit. */
const char *nf_vault_op_name(uint32_t op);

/* The key of a bad result, in a 500 or, when the input is to blame, a 400. */
bool nf_vault_fail_diag(struct nf_vault_error *err, int r,
    const struct nf_diag *diag, const char *what);

/* Names: lower case into out; 400 otherwise. */
bool nf_vault_name(const char *name, char out[static NF_VAULT_NAME_MAX + 1],
    struct nf_vault_error *err);

/* Type and size may be created here. */
bool nf_vault_rule_type(const struct nf_vaults *v,
    struct nf_xfer_keytype *type, bool hsm, struct nf_vault_error *err);

/*
 * The operations of a key: what the client says, or the type's own.
 *   created  made in the vault (import is then possible), not imported
 */
bool nf_vault_rule_ops(const struct nf_xfer_keytype *type, bool hsm,
    bool created, const struct nf_vault_attributes *said, uint32_t *ops,
    struct nf_vault_error *err);

/* The key may do this now. */
bool nf_vault_rule_use(const struct nf_vault_key *key, uint32_t op,
    int64_t now, struct nf_vault_error *err);

/* 404 for a key, or for a version when that is not NULL.  Returns false. */
bool nf_vault_not_found(struct nf_vault_error *err, const char *name,
    const char *version);

/* ---- vault.c ------------------------------------------------------------- */

/* What one addition of a version needs. */
struct nf_vault_adding {
	struct nf_vault_box *box;
	struct nf_vault_entry *entry;	/* in the set, or new */
	bool fresh;
	struct nf_vault_item *item;
};

/*
 * Begin to add a version: names are checked, the item has name, version,
 * times and what attributes say (operations by the rules).
 *   type  may lack a size
 */
bool nf_vault_add_begin(struct nf_vaults *v, const char *vault,
    const char *name, const struct nf_xfer_keytype *type, bool hsm,
    bool created, const struct nf_vault_attributes *attributes,
    struct nf_vault_adding *out, struct nf_vault_error *err);
/* Store it and show it, or give it up: frees what is not kept. */
bool nf_vault_add_end(struct nf_vaults *v, struct nf_vault_adding *a,
    bool ok, const struct nf_vault_key **out, struct nf_vault_error *err);

/* A version that is not deleted, or a 404. */
bool nf_vault_find(const struct nf_vaults *v, const char *vault,
    const char *name, const char *version, struct nf_vault_item **out,
    struct nf_vault_error *err);

#endif
