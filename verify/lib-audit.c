/* SPDX-License-Identifier: Apache-2.0 */
/* libsecworld: audits. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "verify/audit.h"
#include "verify/kekcheck.h"
#include "verify/lib.h"
#include "verify/secworld/verify.h"

/* What a caller without options has. */
static const struct sw_options defaults;

static void
options_set(const struct sw_options *o, struct nf_vfy_options *out)
{
	memset(out, 0, sizeof(*out));
	out->roots = &o->roots;
	out->kwarn = &o->kwarn;
	out->kek = o->has_kek ? &o->kek : NULL;
	out->zip = o->region == NULL ? NULL : o->region->zip;
	out->strict = o->strict;
}

static int
result_new(const char *name, struct sw_result **out, struct nf_diag *d)
{
	struct sw_result *res = calloc(1, sizeof(*res));

	if (res == NULL || (res->name = strdup(name)) == NULL) {
		free(res);
		return nf_diag_set(d, NF_E_NOMEM, NULL, "out of memory");
	}
	nf_vfy_verdict_init(&res->v, NF_VFY_KIND_NONE, name);
	*out = res;
	return 0;
}

/*
 * The end of an audit: what the file is to blame for is a result, lack of
 * memory is none.
 */
static int
result_end(struct sw_result **res, const struct sw_options *o, int r,
    const struct nf_diag *d, struct sw_result **out)
{
	if (*res == NULL || r == NF_E_NOMEM)
		return r;
	(*res)->exit = nf_vfy_audit_exit(&(*res)->v, r, o->accept_unanchored);
	(*res)->has_diag = r != 0;
	if (r != 0)
		(*res)->diag.d = *d;
	*out = *res;
	*res = NULL;
	return 0;
}

/* A file by path when bytes is NULL. */
static int
audit(const struct sw_options *o, const char *name,
    const struct nf_view *bytes, struct sw_result **out,
    struct sw_diag *diag)
{
	struct nf_vfy_options opt;
	struct nf_vfy_ctx *ctx = NULL;
	struct sw_result *res = NULL;
	struct nf_diag d;
	int r;

	if (o == NULL)
		o = &defaults;
	options_set(o, &opt);
	if ((r = nf_lib_begin(diag, &d)) != 0 ||
	    (r = result_new(name, &res, &d)) != 0)
		goto out;
	if ((ctx = nf_vfy_ctx_new()) == NULL)
		r = nf_diag_set(&d, NF_E_NOMEM, NULL, "out of memory");
	else if (bytes != NULL)
		r = nf_vfy_audit_bytes(ctx, name, *bytes, &opt, &res->v, &d);
	else
		r = nf_vfy_audit_path(ctx, name, &opt, &res->v, &d);
	r = result_end(&res, o, r, &d, out);
out:
	nf_vfy_ctx_free(ctx);
	sw_result_free(res);
	return nf_lib_end(diag, &d, r);
}

int
sw_audit_bytes(const struct sw_options *options, const char *name,
    const void *bytes, size_t len, struct sw_result **out,
    struct sw_diag *diag)
{
	struct nf_view v;

	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if (name == NULL || (bytes == NULL && len != 0))
		return nf_lib_usage(diag, "name, bytes", "NULL was given");
	v = nf_view_of(bytes == NULL ? "" : bytes, len);
	return audit(options, name, &v, out, diag);
}

int
sw_audit_file(const struct sw_options *options, const char *path,
    struct sw_result **out, struct sw_diag *diag)
{
	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if (path == NULL)
		return nf_lib_usage(diag, "path", "NULL was given");
	return audit(options, path, NULL, out, diag);
}

/* "kek, world" */
static int
pair_name(const char *kek, const char *world, char **out, struct nf_diag *d)
{
	struct nf_buf name = NF_BUF_INIT;

	nf_buf_str(&name, kek);
	nf_buf_str(&name, ", ");
	nf_buf_str(&name, world);
	return nf_lib_give(&name, out, NULL, d);
}

int
sw_audit_packages(const struct sw_options *options, const char *kek,
    const char *world, struct sw_result **out, struct sw_diag *diag)
{
	const struct sw_options *o = options == NULL ? &defaults : options;
	struct sw_result *res = NULL;
	struct nf_vfy_pair *pair = NULL;
	char *name = NULL;
	struct nf_diag d;
	int r;

	if (out == NULL)
		return nf_lib_usage(diag, "out", "NULL was given");
	*out = NULL;
	if (kek == NULL || world == NULL)
		return nf_lib_usage(diag, "kek, world", "NULL was given");
	if ((r = nf_lib_begin(diag, &d)) != 0 ||
	    (r = pair_name(kek, world, &name, &d)) != 0 ||
	    (r = result_new(name, &res, &d)) != 0)
		goto out;
	if ((pair = calloc(1, sizeof(*pair))) == NULL) {
		r = nf_diag_set(&d, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	r = nf_vfy_pair_check(kek, world, &o->roots, pair, &d);
	/* the verdict borrows from nothing but itself and constants */
	nf_vfy_verdict_wipe(&res->v);
	res->v = pair->verdict;
	nf_vfy_verdict_init(&pair->verdict, NF_VFY_KIND_NONE, "");
	r = nf_vfy_audit_whole(&res->v, r, name, &d);
	r = result_end(&res, o, r, &d, out);
out:
	if (pair != NULL)
		nf_vfy_pair_wipe(pair);
	free(pair);
	free(name);
	sw_result_free(res);
	return nf_lib_end(diag, &d, r);
}

void
sw_result_free(struct sw_result *result)
{
	if (result == NULL)
		return;
	nf_vfy_verdict_wipe(&result->v);
	free(result->name);
	free(result);
}
