/* SPDX-License-Identifier: Apache-2.0 */
/* libsecworld: what a result says. */
#include "config.h"

#include <string.h>

#include "verify/lib.h"
#include "verify/secworld/verify.h"
#include "verify/verdict-format.h"

_Static_assert(SW_STATUS_PASS == (int)NF_VFY_PASS &&
    SW_STATUS_FAIL == (int)NF_VFY_FAIL &&
    SW_STATUS_UNKNOWN == (int)NF_VFY_UNKNOWN &&
    SW_STATUS_NA == (int)NF_VFY_NA, "a status has changed its number");
_Static_assert(SW_VERDICT_PASS == (int)NF_VFY_SUCCESS &&
    SW_VERDICT_FAIL == (int)NF_VFY_FAILED &&
    SW_VERDICT_UNANCHORED == (int)NF_VFY_UNANCHORED,
    "a verdict has changed its number");

enum sw_verdict
sw_result_verdict(const struct sw_result *res)
{
	if (res == NULL || res->has_diag)
		return SW_VERDICT_ERROR;
	return (enum sw_verdict)nf_vfy_result_of(&res->v);
}

int
sw_result_exit(const struct sw_result *res)
{
	return res == NULL ? SW_EXIT_UNKNOWN : res->exit;
}

const struct sw_diag *
sw_result_diag(const struct sw_result *res)
{
	return res == NULL || !res->has_diag ? NULL : &res->diag;
}

const char *
sw_result_name(const struct sw_result *res)
{
	return res == NULL ? "" : res->name;
}

const char *
sw_result_kind(const struct sw_result *res)
{
	return res == NULL ? NF_VFY_KIND_NONE : res->v.kind;
}

int
sw_result_sha256(const struct sw_result *res, uint8_t *out)
{
	if (res == NULL || out == NULL)
		return NF_E_USAGE;
	if (!res->v.has_sha256)
		return NF_E_NOTFOUND;
	memcpy(out, res->v.sha256, sizeof(res->v.sha256));
	return 0;
}

int
sw_result_root(const struct sw_result *res, uint8_t *out)
{
	if (res == NULL || out == NULL)
		return NF_E_USAGE;
	if (res->has_diag || !res->v.has_root)
		return NF_E_NOTFOUND;
	memcpy(out, res->v.root, sizeof(res->v.root));
	return 0;
}

int
sw_result_simulated(const struct sw_result *res)
{
	return res != NULL && !res->has_diag && res->v.simulated ? 1 : 0;
}

int
sw_result_insecure_seed(const struct sw_result *res)
{
	return res != NULL && !res->has_diag &&
	    nf_vfy_insecure_seed(&res->v) ? 1 : 0;
}

size_t
sw_result_checks(const struct sw_result *res)
{
	return res == NULL || res->has_diag ? 0 : res->v.n_checks;
}

/* The check of that number, or NULL. */
static const struct nf_vfy_check *
check_at(const struct sw_result *res, size_t i)
{
	return i < sw_result_checks(res) ? &res->v.check[i] : NULL;
}

const char *
sw_result_check_id(const struct sw_result *res, size_t i)
{
	const struct nf_vfy_check *c = check_at(res, i);

	return c == NULL ? NULL : c->id;
}

const char *
sw_result_check_title(const struct sw_result *res, size_t i)
{
	const struct nf_vfy_check *c = check_at(res, i);

	return c == NULL ? NULL : c->title;
}

const char *
sw_result_check_detail(const struct sw_result *res, size_t i)
{
	const struct nf_vfy_check *c = check_at(res, i);

	return c == NULL ? NULL : nf_vfy_detail(&res->v, c);
}

enum sw_status
sw_result_check_status(const struct sw_result *res, size_t i)
{
	const struct nf_vfy_check *c = check_at(res, i);

	return c == NULL ? SW_STATUS_UNKNOWN : (enum sw_status)c->status;
}

int
sw_result_check_place(const struct sw_result *res, size_t i,
    const char **where, size_t *offset, size_t *len)
{
	const struct nf_vfy_check *c = check_at(res, i);

	if (c == NULL)
		return NF_E_USAGE;
	if (c->where == NULL)
		return NF_E_NOTFOUND;
	if (where != NULL)
		*where = c->where;
	if (offset != NULL)
		*offset = c->off;
	if (len != NULL)
		*len = c->len;
	return 0;
}

int
sw_result_check_find(const struct sw_result *res, const char *id,
    size_t *out)
{
	if (res == NULL || id == NULL)
		return NF_E_USAGE;
	for (size_t i = 0; i < sw_result_checks(res); i++) {
		if (strcmp(res->v.check[i].id, id) != 0)
			continue;
		if (out != NULL)
			*out = i;
		return 0;
	}
	return NF_E_NOTFOUND;
}

size_t
sw_result_facts(const struct sw_result *res)
{
	return res == NULL || res->has_diag ? 0 : res->v.n_facts;
}

/* The fact of that number, or NULL. */
static const struct nf_vfy_fact *
fact_at(const struct sw_result *res, size_t i)
{
	return i < sw_result_facts(res) ? &res->v.fact[i] : NULL;
}

const char *
sw_result_fact_name(const struct sw_result *res, size_t i)
{
	const struct nf_vfy_fact *f = fact_at(res, i);

	return f == NULL ? NULL : f->name;
}

const char *
sw_result_fact_signer(const struct sw_result *res, size_t i)
{
	const struct nf_vfy_fact *f = fact_at(res, i);

	return f == NULL ? NULL : f->by;
}

int
sw_result_fact_anchored(const struct sw_result *res, size_t i)
{
	const struct nf_vfy_fact *f = fact_at(res, i);

	return f != NULL && f->by != NULL &&
	    nf_vfy_passed(&res->v, NF_VFY_ROOT_CHECK) ? 1 : 0;
}

int
sw_result_fact_value(const struct sw_result *res, size_t i, char **out,
    size_t *len, struct sw_diag *diag)
{
	const struct nf_vfy_fact *f = fact_at(res, i);
	struct nf_buf value = NF_BUF_INIT;
	struct nf_diag d;
	int r;

	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if (f == NULL)
		return nf_lib_usage(diag, "i", "there is no such fact");
	if ((r = nf_lib_begin(diag, &d)) == 0) {
		nf_vfy_fact_value(&value, &res->v, f);
		r = nf_lib_give(&value, out, len, &d);
	}
	return nf_lib_end(diag, &d, r);
}
