/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the module share.  Nothing outside includes this. */
#ifndef NF_MODULE_INTERNAL_H
#define NF_MODULE_INTERNAL_H

#include <pthread.h>
#include <time.h>

#include <openssl/types.h>

#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/module/module.h"
#include "nfast/module/rack.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/command.h"
#include "nfast/wire/modcert.h"

#define NF_MOD_OBJECTS_MAX	4096	/* of a client */
#define NF_MOD_TABLE_MAX	16384	/* of all */
#define NF_MOD_KMS_MAX		32
#define NF_MOD_SHARES_MAX	64	/* of a token, and on a card */
#define NF_MOD_KM_LEN		32	/* AES-256 */
#define NF_MOD_SEALED_LEN	60	/* nonce 12, token key 32, tag 16 */
#define NF_MOD_CARD_NAME_MAX	32
#define NF_MOD_RSA_BITS_MAX	4096
#define NF_MOD_ACL_MAX		8192	/* bytes: fits a certificate, a blob */
#define NF_MOD_MEMORY_MAX	((size_t)64 << 20)	/* of all objects */

/* ---- keys and tokens ------------------------------------------------- */

/* Uses so far of one limit. */
struct nf_mod_use {
	uint8_t id[NF_HASH_LEN];
	uint32_t used;
};

/*
 * Shared by a key and its duplicates; those of Auth limits by all keys that
 * were loaded under one assembly of a token.  A change of the ACL keeps them.
 */
struct nf_mod_uses {
	unsigned int refs;
	uint32_t n;
	struct nf_mod_use use[NF_ACL_GROUPS_MAX];
};

/* A loaded key.  key views data, pub views pubdata, acl views aclbytes. */
struct nf_mod_key {
	struct nf_secret data;
	struct nf_keydata key;
	struct nf_buf pubdata;
	struct nf_keydata pub;		/* type 0 for symmetric keys */
	uint8_t hash[NF_HASH_LEN];
	EVP_PKEY *pkey;			/* built when first needed */
	EVP_PKEY_CTX *sign_ctx;		/* of the last signature */
	uint32_t sign_mech;
	struct nf_buf aclbytes;
	struct nf_acl *acl;
	uint8_t appdata[NF_APPDATA_LEN];
	struct nf_mod_uses *uses;	/* of Global limits */
	struct nf_mod_uses *auth;	/* of Auth limits */
	time_t loaded;			/* nf_mod_now() */
	time_t expires;			/* with its token; 0: never */
};

enum nf_mod_token_state { NF_TOKEN_READING, NF_TOKEN_PRESENT };

/* A logical token. */
struct nf_mod_token {
	enum nf_mod_token_state state;
	uint8_t hkt[NF_HASH_LEN];
	uint8_t hkm[NF_HASH_LEN];
	struct nf_tokenparams params;
	uint8_t key[NF_MOD_KM_LEN];
	uint32_t n_shares;
	uint32_t index[NF_MOD_SHARES_MAX];
	uint8_t share[NF_MOD_SHARES_MAX][NF_MOD_SEALED_LEN];
	struct nf_mod_uses *auth;
	bool was_read;			/* assembled from shares */
	time_t expires;			/* its time limit; 0: never */
};

struct nf_mod_object {
	uint32_t id;
	uint64_t owner;			/* a client; 0: alone with the module */
	uint32_t user;			/* who made it */
	struct nf_mod_key *key;		/* one of the two */
	struct nf_mod_token *token;
};

/* ---- non-volatile state ----------------------------------------------- */

struct nf_mod_nv {
	char esn[NF_ESN_MAX + 1];
	uint32_t mode;
	uint32_t kml_type;
	struct nf_secret klf, klf2, kml;	/* marshalled private KeyData */
	uint8_t km0[NF_MOD_KM_LEN];
	uint8_t hknso[NF_HASH_LEN];
	uint32_t publicperms;	/* attested, not enforced: names not public */
	uint32_t n_kms;
	uint8_t km[NF_MOD_KMS_MAX][NF_MOD_KM_LEN];
	struct nf_buf chain_klf, chain_klf2;	/* CertificateList */
	struct nf_buf warrant;	/* raw DDDS; empty in an older state */
	/* Times it powered up with a seed; 0: it was not made from one. */
	uint32_t seed_epoch;
};

/* ---- cards ------------------------------------------------------------- */

struct nf_mod_cardshare {
	uint8_t hkt[NF_HASH_LEN];
	uint32_t index;
	uint8_t data[NF_MOD_SEALED_LEN + 28];	/* nonce, share, tag */
};

struct nf_mod_card {
	char name[NF_MOD_CARD_NAME_MAX + 1];	/* "" : the slot is empty */
	bool seeded;				/* by a module with a seed */
	uint32_t n_shares;
	struct nf_mod_cardshare share[NF_MOD_SHARES_MAX];
};

/* A client's own slot of soft tokens: nobody has to wait for another one. */
struct nf_mod_soft {
	uint64_t owner;
	uint32_t ic;
	struct nf_mod_card card;
	struct nf_mod_soft *next;
};

/* ---- what the modules of a rack have in common ------------------------- */

/* A client whose id was given out: who has it is that client. */
struct nf_mod_named {
	uint8_t id[NF_HASH_LEN];
	uint64_t client;
	uint32_t connections;
};

/* An id for one key in several modules; next is tried first. */
struct nf_mod_merged {
	uint32_t id;
	uint64_t owner;
	uint32_t user;
	uint32_t n, next;
	uint32_t key[NF_RACK_MAX];
};

struct nf_mod_common {
	struct nf_mod_named *named;
	uint32_t n_named, max_named;
	struct nf_mod_merged *merged;	/* ids ascend */
	uint32_t n_merged, max_merged;
	uint32_t last_merged;		/* ids given out */
};

/* ---- the module -------------------------------------------------------- */

struct nf_mod_hashes {
	uint8_t km0[NF_HASH_LEN];
	uint8_t km[NF_MOD_KMS_MAX][NF_HASH_LEN];
};

struct nf_module {
	char dir[NF_PATH_MAX];
	int lock_fd;
	struct nf_mod_nv nv;
	struct nf_mod_hashes hash;	/* of the module keys */
	/* KLF, KLF2 and KML as keys, loaded at power-up. */
	struct nf_mod_key *klf, *klf2, *kml;
	struct nf_mod_object *object[NF_MOD_TABLE_MAX];
	uint32_t n_objects;
	uint32_t next_id;
	struct nf_mod_card card;
	uint32_t ic;			/* card insertions */
	struct nf_mod_soft *soft;	/* soft tokens that are in */
	uint32_t soft_ic;
	uint64_t seed_commands;		/* since power-up, with a seed */
	struct nf_faults *faults;	/* NULL: none */
	struct nf_rack *rack;		/* NULL: alone in its process */
	uint32_t number;
	const struct nf_module *cards_of;	/* whose cards it reads */
	struct nf_mod_common *common;	/* its own, or its rack's */
	struct nf_mod_common own;
	struct nf_rack_client alone;	/* the one of nf_module_transact() */
};

struct nf_rack {
	pthread_mutex_t lock;		/* of all that the modules have */
	uint32_t n;
	struct nf_module *module[NF_RACK_MAX];
	struct nf_mod_common common;
};

/* A signer that certificates on the command have proved. */
struct nf_mod_signer {
	uint8_t hash[NF_HASH_LEN];
	uint32_t mech;
};

/*
 * One command under way.  Replies borrow from the buffers.
 *   peer    the connection; client.id is that of its client
 */
struct nf_mod_txn {
	struct nf_module *module;
	struct nf_rack_client client;
	struct nf_rack_client *peer;
	struct nf_command *cmd;
	struct nf_args *in, *out;
	struct nf_buf buf[4];
	uint32_t n_signers;
	struct nf_mod_signer signer[NF_CERTLIST_MAX];
	char reason[NF_REASON_MAX];
};

/* Give a reason and return the status. */
uint32_t nf_mod_refuse(struct nf_mod_txn *txn, uint32_t status,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* nf_module_transact() for a client; in a rack, any of its modules, and with
 * the lock held. */
int nf_mod_transact(struct nf_module *m, struct nf_rack_client *client,
    struct nf_view command, struct nf_buf *reply);

/*
 * Around an operation of libcrypto that takes long: let others have the
 * modules meanwhile.  Objects found before may be gone after.
 */
void nf_mod_busy_begin(const struct nf_mod_txn *txn);
void nf_mod_busy_end(const struct nf_mod_txn *txn);

/* The card is in the slot of another module of the rack. */
bool nf_mod_card_elsewhere(const struct nf_module *m, struct nf_view name);

/* The status of a failed internal operation. */
uint32_t nf_mod_status(struct nf_mod_txn *txn, int r,
    const struct nf_diag *diag);

/* ---- directory.c, nv.c, factory.c: storage ------------------------------- */

/* Make the directory ours, or see that it is.  NF_E_POLICY, NF_E_IO. */
int nf_mod_dir_claim(const char *dir, struct nf_diag *diag);
/* The lock on what several modules may write there: mark, factory root. */
int nf_mod_dir_lock(const char *dir, int *fd, struct nf_diag *diag);
/* Remove temporary files; those of the caller's own state are none now. */
void nf_mod_dir_sweep(const char *dir);

/* Load the state of the module's directory. */
int nf_mod_nv_load(struct nf_module *m, struct nf_diag *diag);
/*
 * Save a state.  After a failure the disk may hold the old state or the new:
 * *stored says which of them is the truth now.
 */
int nf_mod_nv_save(const struct nf_module *m, const struct nf_mod_nv *nv,
    bool *stored, struct nf_diag *diag);
void nf_mod_nv_wipe(struct nf_mod_nv *nv);
bool nf_mod_nv_exists(const struct nf_module *m);

/*
 * Write a state or a card, in one step for a power cut: the one way to what
 * has to outlast the power.
 *   new  the file must not be there yet, NF_E_EXISTS
 */
int nf_mod_commit(const struct nf_module *m, const char *path, bool new,
    struct nf_view data, struct nf_diag *diag);

/* Fill the state of a module that leaves the factory. */
int nf_mod_factory(struct nf_module *m, const char *root_dir,
    struct nf_diag *diag);
/* Give a module of an older simulator what it lacks: its warrant. */
int nf_mod_factory_update(struct nf_module *m, const char *root_dir,
    struct nf_diag *diag);

/* ---- seeded.c: NFSIM_INSECURE_SEED ---------------------------------------- */

/*
 * Before a module leaves the factory, and after the state of one was loaded:
 * bind the random stream to it.  The latter counts and saves the power-up.
 * NF_E_POLICY: the module was made without a seed.
 */
int nf_mod_seed_factory(struct nf_module *m, const char *root_dir,
    struct nf_diag *diag);
int nf_mod_seed_resume(struct nf_module *m, struct nf_diag *diag);
/* Bind the stream to this command and to its number. */
int nf_mod_seed_command(struct nf_module *m, struct nf_view command);

/* ---- softtoken.c ---------------------------------------------------------- */

/* The card leaves the slot: tokens that are not persistent go with it. */
void nf_mod_card_left(struct nf_module *m);
/* The softcard in the client's slot, or NULL. */
struct nf_mod_soft *nf_mod_soft_find(const struct nf_module *m,
    uint64_t client);
/* It leaves the slot. */
void nf_mod_soft_forget(struct nf_module *m, uint64_t client);

/* ---- card.c ------------------------------------------------------------- */

/*
 * Put the card of this name into the slot; none when it is empty.  Without a
 * card after a failure.
 */
int nf_mod_card_load(struct nf_module *m, const char *name,
    struct nf_diag *diag);
/* Save the card in the slot; on failure the slot has what the disk has. */
int nf_mod_card_save(struct nf_module *m, struct nf_diag *diag);
int nf_mod_card_new(struct nf_module *m, struct nf_diag *diag);
/* The bytes of a card and back, for softcards; no name. */
int nf_mod_card_read(struct nf_view bytes, struct nf_mod_card *card,
    struct nf_diag *diag);
int nf_mod_card_write(struct nf_buf *out, const struct nf_mod_card *card);
/* Names in order of their numbers, one a line. */
int nf_mod_card_list(const struct nf_module *m, struct nf_buf *out,
    struct nf_diag *diag);

/* ---- key.c: key objects -------------------------------------------------- */

/*
 * A key from KeyData: the public half and the hash are computed.
 *   acl  copied; NULL for keys that only the module uses
 * Returns 0, NF_E_FORMAT (not a consistent key), NF_E_NOMEM, NF_E_CRYPTO.
 */
int nf_mod_key_new(const struct nf_keydata *kd, const struct nf_acl *acl,
    struct nf_mod_key **out, struct nf_diag *diag);
void nf_mod_key_free(struct nf_mod_key *key);

/*
 * The same for what this world's modules have sealed: the key was checked
 * when it was made, so that its libcrypto form is built when first needed.
 */
int nf_mod_key_again(const struct nf_keydata *kd, const struct nf_acl *acl,
    struct nf_mod_key **out, struct nf_diag *diag);

/* A key that only the module uses, from its marshalled form. */
int nf_mod_key_own(const struct nf_secret *data, struct nf_mod_key **out,
    struct nf_diag *diag);

/*
 * The ACL is short enough for a certificate and a blob: 0, NF_E_POLICY or
 * NF_E_NOMEM.
 */
int nf_mod_acl_fits(const struct nf_acl *acl);

/*
 * How much there is of something: what the client of a command has, what else
 * its user has, and what others have.
 */
struct nf_mod_held {
	size_t own, users, others;
};
void nf_mod_held_add(struct nf_mod_held *held, const struct nf_mod_txn *txn,
    uint64_t owner, uint32_t user, size_t n);

/*
 * It is more than the limit for all; or the user has more than half of what
 * other users leave, or the client more than half of what the user's others
 * leave of that: the most that one of many may have.
 */
bool nf_mod_too_much(const struct nf_mod_txn *txn,
    const struct nf_mod_held *held, size_t max);
/* Another ACL takes too much of the memory of all objects. */
bool nf_mod_acl_too_much(const struct nf_mod_txn *txn,
    const struct nf_acl *acl);

/* Replace a key's ACL by a copy; use counters go on.  NF_E_POLICY when it
 * does not fit. */
int nf_mod_key_set_acl(struct nf_mod_key *key, const struct nf_acl *acl);

/* A duplicate has no fresh limits: count and age on one set with key. */
void nf_mod_key_share_uses(struct nf_mod_key *copy,
    const struct nf_mod_key *key);

/* The key was loaded under a token: its Auth limits and time are shared. */
void nf_mod_key_under_token(struct nf_mod_key *key,
    const struct nf_mod_token *token);

/* Counters without uses, or NULL; the last key that has them frees them. */
struct nf_mod_uses *nf_mod_uses_new(void);

/* CLOCK_MONOTONIC in seconds. */
time_t nf_mod_now(void);

/* The libcrypto key, private where there is one; borrowed. */
int nf_mod_key_pkey(struct nf_mod_key *key, EVP_PKEY **out,
    struct nf_diag *diag);
/* The same to keep while others have the module; EVP_PKEY_free() it. */
int nf_mod_key_hold(struct nf_mod_key *key, EVP_PKEY **out,
    struct nf_diag *diag);

/* Register; on failure the argument is freed.  Returns a status. */
uint32_t nf_mod_object_add(struct nf_mod_txn *txn, struct nf_mod_key *key,
    struct nf_mod_token *token, uint32_t *id);
/* The object of an id, when it is the client's. */
struct nf_mod_object *nf_mod_object_find(const struct nf_mod_txn *txn,
    uint32_t id);
void nf_mod_object_remove(struct nf_module *m, uint32_t id);
void nf_mod_objects_clear(struct nf_module *m);
/* Remove those of a client. */
void nf_mod_objects_forget(struct nf_module *m, uint64_t client);
void nf_mod_token_free(struct nf_mod_token *token);
/* A token goes, of whatever client, and the keys that it loaded. */
void nf_mod_token_unload(struct nf_module *m, struct nf_mod_token *token);

/* The key of an id, or NULL with *status and reason set. */
struct nf_mod_key *nf_mod_key_find(struct nf_mod_txn *txn, uint32_t id,
    uint32_t *status);
/* The client has a key of this id on the module, and its time is not over. */
bool nf_mod_key_works(const struct nf_module *m, uint64_t client,
    uint32_t id);
/* The client has an object on the module. */
bool nf_mod_objects_any(const struct nf_module *m, uint64_t client);
/* The token of an id; present: it must be assembled. */
struct nf_mod_token *nf_mod_token_find(struct nf_mod_txn *txn, uint32_t id,
    bool present, uint32_t *status);

/* ---- client.c, merge.c: what is of all modules of a rack ------------------- */

/* Forget every client and every merged key. */
void nf_mod_common_clear(struct nf_mod_common *common);

/* A connection went away.  True when it was the last one of its client, whose
 * merged ids are gone then. */
bool nf_mod_client_left(struct nf_mod_common *common,
    const struct nf_rack_client *connection);

/*
 * The id that says which module a command is for: that of its key, or of the
 * other one that it uses; for a merged id, of a key that works.  0: none.
 */
uint32_t nf_mod_leading_key(struct nf_mod_txn *txn);
/* Put the ids of this module in the place of merged ones.  A status. */
uint32_t nf_mod_unmerge(struct nf_mod_txn *txn);
/* Destroy of a merged id. */
uint32_t nf_mod_merged_destroy(struct nf_mod_txn *txn, uint32_t id);
void nf_mod_merged_forget(struct nf_mod_common *common, uint64_t client);

/* ---- private.c: private-key arithmetic ------------------------------------ */

/* The public KeyData of a private one, written to out. */
int nf_mod_public_of(const struct nf_keydata *priv, struct nf_buf *out,
    struct nf_keydata *pub, struct nf_diag *diag);

/* The libcrypto key of a private KeyData. */
int nf_mod_private_pkey(const struct nf_keydata *priv,
    const struct nf_keydata *pub, EVP_PKEY **out, struct nf_diag *diag);

/*
 * The private exponent of an RSA key, little-endian and padded to len bytes.
 * Returns 0 or NF_E_CRYPTO (there is none, or it is longer).
 */
int nf_mod_rsa_d(const struct nf_keydata *priv, uint8_t *le, size_t len);

/* A private RSA key's numbers belong together and its primes are prime. */
int nf_mod_check_rsa(EVP_PKEY *pkey, struct nf_diag *diag);

/*
 * Generate a private or symmetric key, marshalled into out, which key views.
 * Returns 0, NF_E_FORMAT (parameters out of range), NF_E_CRYPTO.
 */
int nf_mod_generate(const struct nf_genparams *params, struct nf_secret *out,
    struct nf_keydata *key, struct nf_diag *diag);

/* n random bytes. */
int nf_mod_random(void *out, size_t n);

/* ---- dsa-domain.c ----------------------------------------------------------- */

/* Fixed DSA domain parameters, generated verifiably (FIPS 186-4). */
struct nf_mod_dsa_domain {
	uint32_t bits;
	struct nf_view p, q, g, seed;
	int counter;
	int gindex;
	const char *digest;
};
const struct nf_mod_dsa_domain *nf_mod_dsa_domain(uint32_t bits);

/* ---- sign.c and crypt.c ------------------------------------------------------- */

/*
 * Sign, verify, encrypt, decrypt with a key; no ACL is consulted.  Results
 * that need memory go to buf.  Statuses, with a reason.
 */
uint32_t nf_mod_sign(struct nf_mod_txn *txn, struct nf_mod_key *key,
    uint32_t mech, const struct nf_plain *plain, struct nf_buf *buf,
    struct nf_cipher *out);
uint32_t nf_mod_verify(struct nf_mod_txn *txn, struct nf_mod_key *key,
    uint32_t mech, const struct nf_plain *plain,
    const struct nf_cipher *sig);
uint32_t nf_mod_encrypt(struct nf_mod_txn *txn, struct nf_mod_key *key,
    uint32_t mech, const struct nf_plain *plain, struct nf_buf *buf,
    struct nf_cipher *out);
uint32_t nf_mod_decrypt(struct nf_mod_txn *txn, struct nf_mod_key *key,
    uint32_t mech, const struct nf_cipher *cipher, uint32_t replytype,
    struct nf_buf *buf, struct nf_plain *out);

/*
 * Numbers of ciphertexts and signatures.  put: len big-endian bytes as a
 * little-endian number at the end of buf, borrowed from it; empty when buf has
 * failed.  be: a little-endian number as n big-endian bytes; false when it
 * does not fit.
 */
struct nf_view nf_mod_number_put(struct nf_buf *buf, const uint8_t *p,
    size_t len);
bool nf_mod_number_be(struct nf_view v, uint8_t *out, size_t n);

/* ---- seal.c: authenticated encryption of the module's own ---------------------- */

/* Derive a 32-byte key: HMAC-SHA256(key, label | context). */
int nf_mod_derive(const uint8_t key[static NF_MOD_KM_LEN], const char *label,
    struct nf_view context, uint8_t out[static NF_MOD_KM_LEN]);

/* AES-256-GCM: out = nonce 12 | ciphertext | tag 16, appended. */
int nf_mod_seal(const uint8_t key[static NF_MOD_KM_LEN], struct nf_view aad,
    struct nf_view plain, struct nf_buf *out);
/* NF_E_VERIFY when the tag does not fit. */
int nf_mod_open(const uint8_t key[static NF_MOD_KM_LEN], struct nf_view aad,
    struct nf_view sealed, struct nf_buf *out);

/* BlobCrypt under an RSA key: names of the mechanism real, interior ours. */
int nf_mod_userkey_seal(EVP_PKEY *kek, uint32_t mech, struct nf_view plain,
    struct nf_buf *rsa, struct nf_buf *body, struct nf_diag *diag);
int nf_mod_userkey_open(EVP_PKEY *kek, uint32_t mech,
    const struct nf_blob *blob, struct nf_buf *plain, struct nf_diag *diag);
bool nf_mod_userkey_mech(uint32_t mech);

/* ---- pkcs8.c: PrivateKeyInfo in DER ----------------------------------------------- */

/*
 * Append the PrivateKeyInfo of an RSA or EC key.
 *   pub  its public half
 * Returns 0, NF_E_FORMAT (another type), NF_E_CRYPTO, NF_E_NOMEM.
 */
int nf_mod_pkcs8_write(const struct nf_keydata *priv,
    const struct nf_keydata *pub, struct nf_buf *out, struct nf_diag *diag);

/*
 * Read one: RSA of 2048, 3072 or 4096 bits or EC on a known curve, whose
 * public parts and d belong to it.  That primes are prime is not checked.
 *   own  empty; backs key (RSAPrivate or ECDSAPrivate); wipe it in any case
 * Returns 0, NF_E_FORMAT (diag: field), NF_E_CRYPTO, NF_E_NOMEM.
 */
int nf_mod_pkcs8_read(struct nf_view der, struct nf_buf *own,
    struct nf_keydata *key, struct nf_diag *diag);

/* ---- keywrap.c: NF_MECH_RSA_AES_KEY_WRAP -------------------------------------------- */

/* The key can be the key exchange key: RSA of 2048, 3072 or 4096 bits. */
bool nf_mod_keywrap_kek(const struct nf_mod_key *key);

/* The bytes to wrap: PKCS#8, or those of an AES key.  NF_E_FORMAT for keys
 * that method 2 does not take. */
int nf_mod_keywrap_plain(const struct nf_mod_key *key, struct nf_buf *out,
    struct nf_diag *diag);

/* NF_E_FORMAT (lengths), NF_E_VERIFY with one text for all that is wrong. */
int nf_mod_keywrap_open(EVP_PKEY *kek, const struct nf_blob *blob,
    struct nf_buf *plain, struct nf_diag *diag);

/* The two commands' parts with this mechanism, see cmd-wrapped.c. */
uint32_t nf_mod_wrapped_make(struct nf_mod_txn *txn, struct nf_mod_key *key,
    struct nf_mod_key *kek, struct nf_blob *blob);
uint32_t nf_mod_wrapped_load(struct nf_mod_txn *txn, struct nf_mod_key *kek,
    const struct nf_blob *blob);

/* ---- shamir.c -------------------------------------------------------------------- */

/* Split len bytes so that any k of n shares give them back; share i (from 1)
 * goes to out + (i - 1) * len. */
int nf_mod_split(const uint8_t *secret, size_t len, uint32_t k, uint32_t n,
    uint8_t *out);
void nf_mod_join(uint8_t *secret, size_t len, uint32_t k,
    const uint32_t *index, const uint8_t *shares, size_t stride);

/* ---- access.c: the ACL engine ------------------------------------------------------ */

/* What a command wants to do with a key. */
struct nf_mod_want {
	uint32_t action;	/* NF_ACT_OPPERMISSIONS, _MAKEBLOB, ... */
	uint32_t perm;		/* one bit of OpPermissions */
	const uint8_t *hkm;	/* MakeBlob */
	const struct nf_mod_token *token;	/* MakeBlob under a token */
	uint32_t mech;		/* MakeArchiveBlob */
	const uint8_t *kahash;
};

/*
 * Find a group that allows it and count the use; the only way to a key.
 * Returns NF_ST_OK, or a status with a reason that names the right, the
 * certifier or the limit that is missing.
 */
uint32_t nf_mod_allow(struct nf_mod_txn *txn, struct nf_mod_key *key,
    const struct nf_mod_want *want);
/* The same for one bit of OpPermissions. */
uint32_t nf_mod_allow_op(struct nf_mod_txn *txn, struct nf_mod_key *key,
    uint32_t perm);

/* Every right of b is one of a: nothing is gained. */
bool nf_mod_acl_within(const struct nf_acl *b, const struct nf_acl *a);

/* Prove the certificates on the command. */
uint32_t nf_mod_certify(struct nf_mod_txn *txn);

/* ---- module keys --------------------------------------------------------------------- */

/* The AES key of a module key hash (KM0, null AES key, loaded KMs), or NULL. */
const uint8_t *nf_mod_km_find(const struct nf_module *m,
    const uint8_t hkm[static NF_HASH_LEN]);
extern const uint8_t nf_mod_null_aes[NF_MOD_KM_LEN];
extern const uint8_t nf_mod_null_aes_hash[NF_HASH_LEN];

/* The hashes of all module keys of a state. */
int nf_mod_km_hashes(const struct nf_mod_nv *nv, struct nf_mod_hashes *out);

/* ---- cmd-*.c: one handler a command ---------------------------------------------------- */

typedef uint32_t nf_mod_handler(struct nf_mod_txn *txn);

/* Each does the command of its name: a status, and the reply in txn->out. */
nf_mod_handler nf_cmd_new_enquiry, nf_cmd_no_op, nf_cmd_clear_unit_ex,
    nf_cmd_initialise_unit_ex, nf_cmd_set_nso_perms, nf_cmd_set_km,
    nf_cmd_remove_km, nf_cmd_get_km_list, nf_cmd_generate_random,
    nf_cmd_dev_test, nf_cmd_get_slot_info;
nf_mod_handler nf_cmd_generate_key, nf_cmd_generate_key_pair, nf_cmd_import,
    nf_cmd_export, nf_cmd_duplicate, nf_cmd_destroy, nf_cmd_get_key_info,
    nf_cmd_get_key_info_ex, nf_cmd_get_acl, nf_cmd_set_acl,
    nf_cmd_get_app_data, nf_cmd_set_app_data;
nf_mod_handler nf_cmd_encrypt, nf_cmd_decrypt, nf_cmd_sign, nf_cmd_verify;
nf_mod_handler nf_cmd_new_client, nf_cmd_existing_client,
    nf_cmd_merge_key_ids;
nf_mod_handler nf_cmd_make_blob, nf_cmd_load_blob;
nf_mod_handler nf_cmd_generate_logical_token, nf_cmd_load_logical_token,
    nf_cmd_write_share, nf_cmd_read_share, nf_cmd_insert_soft_token,
    nf_cmd_remove_soft_token;
nf_mod_handler nf_cmd_get_kml, nf_cmd_get_klf, nf_cmd_get_klf2,
    nf_cmd_sign_module_state;

/* Sign a certificate message with a key of the module. */
uint32_t nf_mod_sign_cert(struct nf_mod_txn *txn, struct nf_mod_key *signer,
    struct nf_view msg, struct nf_buf *buf, struct nf_signed *out);

#endif
