/* SPDX-License-Identifier: Apache-2.0 */
/* More single commands, for the files of this directory and the tools. */
#ifndef NF_HOST_HOSTCMD_H
#define NF_HOST_HOSTCMD_H

#include "nfast/host/host.h"
#include "nfast/wire/modcert.h"

/* In args.module: the module that nf_host_use() chose.  And its card slot. */
#define NF_HOST_MODULE	UINT32_MAX
#define NF_HOST_SLOT	0u

/* The nCore hash of a loaded key (of its public half). */
int nf_host_keyhash(struct nf_host *host, uint32_t key,
    uint8_t hash[static NF_HASH_LEN], struct nf_diag *diag);

/*
 * Sign a message; the module hashes it.
 *   text  receives the signature text (nfast/kmdata/sigtext.h)
 */
int nf_host_sign(struct nf_host *host, uint32_t key, uint32_t mech,
    struct nf_view msg, struct nf_buf *text, struct nf_diag *diag);

/* Append a DSA or ECDSA signature as text; the buffer fails for others. */
void nf_host_sigtext(struct nf_buf *text, const struct nf_cipher *sig);

/*
 * Be a client with an id, a new one or one that another connection has: who
 * has the id has the client's keys.  Joining comes before the first key.
 */
int nf_host_new_client(struct nf_host *host, uint8_t id[static NF_HASH_LEN],
    struct nf_diag *diag);
int nf_host_join(struct nf_host *host, const uint8_t id[static NF_HASH_LEN],
    struct nf_diag *diag);

/* One id for a key that n modules, at most NF_VECTOR_MAX, have loaded. */
int nf_host_merge(struct nf_host *host, const uint32_t *key, uint32_t n,
    uint32_t *merged, struct nf_diag *diag);

/* len random bytes of the module. */
int nf_host_random(struct nf_host *host, void *out, size_t len,
    struct nf_diag *diag);

/*
 * hknso of the module (zeros when it has no world) and its module keys.
 *   hashes  NF_VECTOR_MAX of them, may be NULL together with n
 */
int nf_host_kmlist(struct nf_host *host, uint8_t hknso[static NF_HASH_LEN],
    uint8_t (*hashes)[NF_HASH_LEN], uint32_t *n, struct nf_diag *diag);

/* Load the public half of KML. */
int nf_host_kml(struct nf_host *host, uint32_t *key, struct nf_diag *diag);

/* Blob under a module key; the null DES3 hash gives the real public blob. */
int nf_host_module_blob(struct nf_host *host, uint32_t key,
    const uint8_t hkm[static NF_HASH_LEN], struct nf_buf *out,
    struct nf_diag *diag);

/* Import a key with an ACL. */
int nf_host_import(struct nf_host *host, const struct nf_keydata *key,
    struct nf_acl *acl, uint32_t *id, struct nf_diag *diag);

/* The hands of the module's owner (DevTest, ours); out may be NULL. */
int nf_host_dev(struct nf_host *host, uint32_t op, uint32_t index,
    const char *string, struct nf_buf *out, struct nf_diag *diag);

/* The hash of the null AES module key, 32 bytes of 00. */
extern const uint8_t nf_null_aes_hash[NF_HASH_LEN];

#endif
