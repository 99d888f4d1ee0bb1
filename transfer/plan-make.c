/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nfast/base/seed.h"
#include "nfast/host/appkey.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/kmdata/store.h"
#include "transfer/eligible.h"
#include "transfer/plan-make.h"
#include "transfer/plan.h"
#include "transfer/target.h"

#define NAME_SIZE	128
#define ROUNDS		100

/*
 *   wide  another name, for when the first is not the only one of its kind
 *   why   what keeps it out of the plan, or NULL
 */
struct entry {
	char *source, *why;
	char name[NAME_SIZE], wide[NAME_SIZE];
	size_t no;
};

struct list {
	struct entry *e;
	size_t n, cap;
	struct nf_wrapper *wrapper;
	bool insecure;			/* a key of the world is of a seed */
	const char *module;
	struct nf_diag *diag;
};

static void
list_free(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->e[i].source);
		free(l->e[i].why);
	}
	free(l->e);
}

static int
no_memory(struct list *l)
{
	return nf_diag_set(l->diag, NF_E_NOMEM, NULL, "out of memory");
}

/* why NULL: it is taken. */
static int
entry_add(struct list *l, const char *source, const char *name,
    const char *wide, const char *why)
{
	struct entry *e;

	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 64 : 2 * l->cap;

		if ((e = reallocarray(l->e, cap, sizeof(*e))) == NULL)
			return no_memory(l);
		l->e = e;
		l->cap = cap;
	}
	e = &l->e[l->n];
	memset(e, 0, sizeof(*e));
	e->no = l->n++;
	nf_plan_name(name, e->name);
	nf_plan_name(wide, e->wide);
	if ((e->source = strdup(source)) == NULL ||
	    (why != NULL && (e->why = strdup(why)) == NULL))
		return no_memory(l);
	return 0;
}

/* ---- names ------------------------------------------------------------- */

static int
by_name(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int c = strcasecmp(a->name, b->name);

	if (c != 0)
		return c;
	return a->no < b->no ? -1 : a->no > b->no;
}

static int
by_number(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;

	return a->no < b->no ? -1 : a->no > b->no;
}

/* All but the first of one name get the wide one, then a number. */
static void
names_differ(struct list *l)
{
	bool again = true;

	for (int round = 0; again && round < ROUNDS; round++) {
		again = false;
		qsort(l->e, l->n, sizeof(*l->e), by_name);
		for (size_t i = 1; i < l->n; i++) {
			struct entry *e = &l->e[i];
			char text[2 * NAME_SIZE];

			if (strcasecmp(e->name, l->e[i - 1].name) != 0)
				continue;
			again = true;
			if (round == 0)
				(void)snprintf(text, sizeof(text), "%s",
				    e->wide);
			else
				(void)snprintf(text, sizeof(text),
				    "%.100s-%zu", e->wide, e->no + 1);
			nf_plan_name(text, e->name);
		}
	}
	qsort(l->e, l->n, sizeof(*l->e), by_number);
}

/* ---- the world --------------------------------------------------------- */

/* Does method 2 take it?  0, or why not in diag. */
static int
judge(const char *dir, const struct nf_km_store_key *name, bool *insecure,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_km_file *file = NULL;
	struct nf_xfer_keytype type;
	char path[NF_PATH_MAX];
	struct nf_km_key key;
	bool known;
	int r;

	if (strcmp(name->appname, NF_XFER_APP) == 0 ||
	    strcmp(name->appname, NF_XFER_APP_ALT) == 0)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "a reduced copy that was made for method 1");
	if ((r = nf_km_store_key_path(dir, name->appname, name->ident, path,
	    diag)) == 0 &&
	    (r = nf_km_key_load(path, &bytes, &file, &key, diag)) == 0) {
		*insecure |= nf_appkey_insecure(&key);
		r = nf_xfer_eligible2(&key, &type, &known, diag);
	}
	nf_km_file_free(file);
	nf_buf_wipe(&bytes);
	return r;
}

static int
world_list(struct list *l, const char *dir)
{
	struct nf_km_store_list list = { .n = 0 };
	char text[NF_PLAN_SOURCE_MAX], wide[NF_PLAN_SOURCE_MAX];
	struct nf_diag why;
	int r;

	r = nf_km_store_list(dir, &list, l->diag);
	for (size_t i = 0; r == 0 && i < list.n; i++) {
		const struct nf_km_store_key *key = &list.key[i];

		memset(&why, 0, sizeof(why));
		(void)snprintf(text, sizeof(text), "%s/%s", key->appname,
		    key->ident);
		(void)snprintf(wide, sizeof(wide), "%s-%s", key->appname,
		    key->ident);
		r = entry_add(l, text, key->ident, wide,
		    judge(dir, key, &l->insecure, &why) == 0 ? NULL :
		    why.text);
	}
	nf_km_store_list_free(&list);
	return r;
}

/* ---- a token ----------------------------------------------------------- */

static int
token_key(void *arg, const char *uri, const char *label)
{
	struct list *l = arg;
	struct nf_wrapper_key key = { .kind = NF_WRAPPER_P11 };
	struct nf_p11_options opt = { .module = l->module };
	struct nf_p11_select *select = NULL;
	struct nf_wrapper_result res = { .has_hash = false };
	struct nf_diag why = { 0 };
	int r;

	if (strlen(uri) > NF_PLAN_SOURCE_MAX)
		r = nf_diag_set(&why, NF_E_POLICY, NULL,
		    "its URI is longer than %d characters",
		    NF_PLAN_SOURCE_MAX);
	else if ((r = nf_p11_select_new(uri, &opt, &select, &why)) == 0) {
		key.select = select;
		r = nf_wrapper_look(l->wrapper, &key, &res, &why);
	}
	nf_wrapper_result_wipe(&res);
	nf_p11_select_free(select);
	return entry_add(l, uri, *label == '\0' ? "key" : label,
	    *label == '\0' ? "key" : label, r == 0 ? NULL : why.text);
}

/* ---- the plan ---------------------------------------------------------- */

static size_t
lines_write(const struct list *l, struct nf_buf *out)
{
	size_t taken = 0;

	nf_plan_head(out);
	if (l->insecure || nf_seed_text() != NULL)
		nf_buf_str(out, NF_SEED_LINE);
	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->e[i];

		if (e->why != NULL) {
			nf_buf_printf(out, "# %s: not taken: %s\n", e->source,
			    e->why);
			continue;
		}
		nf_plan_line_write(out, e->source, e->name, "-");
		taken++;
	}
	return taken;
}

int
nf_plan_make(const char *path, struct nf_wrapper *wrapper,
    const struct nf_p11_select *token, size_t *n, struct nf_diag *diag)
{
	struct list l = { .wrapper = wrapper, .diag = diag };
	const struct nf_p11_list each = { .each = token_key, .arg = &l };
	struct nf_buf out = NF_BUF_INIT;
	char dir[NF_PATH_MAX];
	int r;

	*n = 0;
	l.module = token == NULL ? NULL : nf_p11_select_module(token);
	if ((r = nf_km_store_dir(dir, diag)) != 0 ||
	    ((token == NULL || nf_file_exists(dir)) &&
	    (r = world_list(&l, dir)) != 0) ||
	    (token != NULL && (r = nf_wrapper_list(wrapper, token, &each,
	    diag)) != 0))
		goto out;
	if (l.n > 0)
		names_differ(&l);
	*n = lines_write(&l, &out);
	r = nf_file_write_new(path, 0644, nf_buf_view(&out), diag);
out:
	list_free(&l);
	nf_buf_wipe(&out);
	return r;
}
