/* SPDX-License-Identifier: Apache-2.0 */
/* libsecworld: what the caller of an audit may choose. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "verify/lib.h"
#include "verify/secworld/verify.h"

struct sw_options *
sw_options_new(void)
{
	return calloc(1, sizeof(struct sw_options));
}

void
sw_options_free(struct sw_options *options)
{
	free(options);
}

static void
roots_forget(struct sw_options *o)
{
	memset(&o->roots, 0, sizeof(o->roots));
	memset(&o->kwarn, 0, sizeof(o->kwarn));
}

int
sw_options_root_hash(struct sw_options *o, const char *hash,
    struct sw_diag *diag)
{
	struct nf_diag d = { 0 };
	int r;

	if (o == NULL || hash == NULL)
		return nf_lib_usage(diag, "root-hash", "NULL was given");
	roots_forget(o);
	r = nf_vfy_roots_name(&o->roots, hash, &d);
	return nf_lib_end(diag, &d, r);
}

int
sw_options_simulated_root(struct sw_options *o, const char *state,
    struct sw_diag *diag)
{
	struct nf_diag d = { 0 };
	int r;

	if (o == NULL || state == NULL)
		return nf_lib_usage(diag, "simulated-root", "NULL was given");
	roots_forget(o);
	if ((r = nf_vfy_roots_load(&o->roots, state, &d)) == 0)
		r = nf_vfy_kwarn_load(&o->kwarn, state, &d);
	if (r != 0)
		roots_forget(o);
	return nf_lib_end(diag, &d, r);
}

int
sw_options_region(struct sw_options *o, const char *region,
    struct sw_diag *diag)
{
	struct nf_diag d = { 0 };
	int r = 0;

	if (o == NULL)
		return nf_lib_usage(diag, "region", "NULL was given");
	o->region = NULL;
	if (region != NULL)
		r = nf_kek_region_find(region, &o->region, &d);
	return nf_lib_end(diag, &d, r);
}

int
sw_options_accept_unanchored(struct sw_options *o, int accept)
{
	if (o == NULL || (accept != 0 && accept != 1))
		return NF_E_USAGE;
	o->accept_unanchored = accept == 1;
	return 0;
}

int
sw_options_policy(struct sw_options *o, enum sw_policy policy)
{
	if (o == NULL || (policy != SW_POLICY_VENDOR &&
	    policy != SW_POLICY_STRICT))
		return NF_E_USAGE;
	o->strict = policy == SW_POLICY_STRICT;
	return 0;
}

int
sw_options_kek(struct sw_options *o, const void *key, size_t len,
    struct sw_diag *diag)
{
	struct nf_diag d;
	int r;

	if (o == NULL || (key == NULL && len != 0))
		return nf_lib_usage(diag, "kek", "NULL was given");
	o->has_kek = false;
	if ((r = nf_lib_begin(diag, &d)) == 0 && key != NULL) {
		r = len > NF_KEKPEM_MAX ? nf_diag_set(&d, NF_E_FORMAT, "kek",
		    "larger than %zu bytes", NF_KEKPEM_MAX) :
		    nf_kekpem_read(nf_view_of(key, len), &o->kek, &d);
		o->has_kek = r == 0;
	}
	return nf_lib_end(diag, &d, r);
}
