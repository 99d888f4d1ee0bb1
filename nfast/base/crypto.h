/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which library context of libcrypto everything is fetched from, and objects
 * of libcrypto that are kept for the next use, by whatever thread.  A slot
 * holds one object or none; the thread that takes it has it alone.
 */
#ifndef NF_BASE_CRYPTO_H
#define NF_BASE_CRYPTO_H

#include <stdatomic.h>
#include <stdbool.h>

#include <openssl/types.h>

/*
 * The context to fetch from: NULL, the process's own, unless
 * nf_crypto_isolate() made another.
 */
OSSL_LIB_CTX *nf_crypto_ctx(void);

/*
 * Fetch from a context of our own from now on, which no configuration file
 * has a say in, for code inside the programs of others.  Before anything is
 * fetched; may be called again, by any thread.
 * Returns false when libcrypto cannot make one: nothing must be fetched then.
 */
bool nf_crypto_isolate(void);

/*
 * A call of libcrypto on somebody's input failed: is the library to blame, and
 * not the input?  It is when its error queue, which is emptied, has an error
 * of that kind (no memory, a fault of its own), or nothing at all.  Empty the
 * queue before the call.
 */
bool nf_crypto_own_fault(void);

/* Static slots start empty. */
struct nf_slot {
	_Atomic(void *) p;
};

/* The object of a slot, which is empty then; NULL when there was none. */
void *nf_slot_take(struct nf_slot *slot);

/*
 * Put an object back.  Returns NULL, or one to free: two threads had one.
 */
void *nf_slot_put(struct nf_slot *slot, void *p);

/* The object of a slot that is only ever filled once; NULL: not yet. */
void *nf_slot_get(struct nf_slot *slot);

/*
 * Fill such a slot, unless another thread was first.
 *   p  not NULL
 * Returns the object in the slot; the caller frees p when that is another.
 */
void *nf_slot_fill(struct nf_slot *slot, void *p);

#endif
