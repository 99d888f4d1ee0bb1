/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method 2 from the simulated world: the ciphertext of a .byok file.  Real:
 * its bytes, CKM_RSA_AES_KEY_WRAP as the specification wants it.  Ours: that
 * the module makes it of a copy of the key whose ACL was reduced to this one
 * use (reduce.h), which the administrator cards allow.  No plaintext of a
 * key leaves the module, and no copy is written to disk.
 */
#ifndef NF_TRANSFER_WRAP2_H
#define NF_TRANSFER_WRAP2_H

#include "transfer/kekpem.h"
#include "transfer/target.h"

/* What is known of a key; hash is its nCore hash. */
struct nf_xfer_wrap2_info {
	struct nf_xfer_keytype type;
	uint8_t hash[NF_HASH_LEN];
};

struct nf_xfer_wrap2;

/*
 * Get ready to wrap any number of keys under one KEK: read the quorum of
 * administrator cards (once), load KNSO, import the KEK.  With a module in
 * this process (not under preload) it serves children that are forked
 * afterwards as well: each has the module's memory as it was then.
 *   host, world  outlive *out; the world passed nf_world_check_module()
 *   kek          copied
 *   progress     told about each card, may be NULL
 *   out          close with nf_xfer_wrap2_close(); NULL unless 0 is returned
 * Errors: those of nf_xfer_knso_load() and of the host; NF_E_POLICY (a KEK
 * that nCore has no hash for: its exponent is above 32 bits).
 */
int nf_xfer_wrap2_open(struct nf_host *host, const struct nf_world *world,
    const struct nf_kekpem *kek, void (*progress)(const char *line),
    struct nf_xfer_wrap2 **out, struct nf_diag *diag);

/* Destroys what is loaded for it. */
void nf_xfer_wrap2_close(struct nf_xfer_wrap2 *w);

/*
 * Wrap key_APP_IDENT of the world.  May be called again after any error; no
 * object stays in the module.
 *   out   empty; receives C1 | C2
 *   info  filled when 0 is returned
 * Errors, the diag names the key: what nf_xfer_wrap2_look() refuses; those of
 * the host, such as a KNSO whose time is over.
 */
int nf_xfer_wrap2_key(struct nf_xfer_wrap2 *w, const char *app,
    const char *ident, struct nf_buf *out, struct nf_xfer_wrap2_info *info,
    struct nf_diag *diag);

/*
 * Would it be wrapped?  Loads the key, asks for no card, changes nothing.
 * Refused: a key that is not protected by the module alone, of a type or size
 * that method 2 does not take, or whose permissions nobody may change.
 * Errors: NF_E_POLICY for these; those of nf_appkey_open() and of the host.
 */
int nf_xfer_wrap2_look(struct nf_host *host, const struct nf_world *world,
    const char *app, const char *ident, struct nf_xfer_wrap2_info *info,
    struct nf_diag *diag);

#endif
