/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "nfast/base/crypto.h"

static struct nf_slot isolated;

OSSL_LIB_CTX *
nf_crypto_ctx(void)
{
	return nf_slot_get(&isolated);
}

bool
nf_crypto_isolate(void)
{
	OSSL_LIB_CTX *ctx;

	if (nf_slot_get(&isolated) != NULL)
		return true;
	if ((ctx = OSSL_LIB_CTX_new()) == NULL)
		return false;
	if (nf_slot_fill(&isolated, ctx) != ctx)
		OSSL_LIB_CTX_free(ctx);
	return true;
}

bool
nf_crypto_own_fault(void)
{
	unsigned long e = ERR_get_error();
	bool fault = e == 0;

	for (; e != 0; e = ERR_get_error())
		fault |= ERR_FATAL_ERROR(e) != 0;
	return fault;
}

void *
nf_slot_take(struct nf_slot *slot)
{
	return atomic_exchange(&slot->p, NULL);
}

void *
nf_slot_put(struct nf_slot *slot, void *p)
{
	return atomic_exchange(&slot->p, p);
}

void *
nf_slot_get(struct nf_slot *slot)
{
	return atomic_load_explicit(&slot->p, memory_order_acquire);
}

void *
nf_slot_fill(struct nf_slot *slot, void *p)
{
	void *there = NULL;

	return atomic_compare_exchange_strong(&slot->p, &there, p) ? p :
	    there;
}
