/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that held secrets, and the process that holds them. */
#ifndef NF_BASE_MEM_H
#define NF_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Secret bytes on the heap.  There is no function that prints one, and none
 * is ever resized in place.
 */
struct nf_secret {
	uint8_t *p;
	size_t len;
};

/* Wipe len bytes and free.  p may be NULL. */
void nf_freezero(void *p, size_t len);

/* A new secret of len zero bytes (len >= 1).  Returns 0 or NF_E_NOMEM. */
int nf_secret_new(struct nf_secret *s, size_t len);

/* Wipe and free; s is empty afterwards.  An empty one is allowed. */
void nf_secret_wipe(struct nf_secret *s);

/*
 * Wipe the stack below the caller, as far as calls to libcrypto reach: they
 * leave pieces of what they computed there.
 */
void nf_stack_wipe(void);

/*
 * Make libcrypto wipe what it frees: its decoders leave whole private keys in
 * freed memory.  Before anything of it is used; false when it is too late.
 */
bool nf_crypto_wipe_freed(void);

/*
 * First call of every program that may hold secrets: no core dumps, no
 * ptrace by others of the same user, umask 077, no standard descriptor closed
 * (files would take its place), and libcrypto without its configuration file
 * and with nf_crypto_wipe_freed().
 */
void nf_process_harden(void);

#endif
