/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/host/appkey.h"
#include "nfast/tools/keyfinder.h"
#include "nfast/tools/tokeninfo.h"
#include "nfast/tools/tool.h"
#include "nfast/wire/names.h"
#include "transfer/eligible.h"

struct finder {
	struct nf_buf *out;
	const char *dir;
	size_t shown, taken, damaged;
};

static void
name_line(struct nf_buf *out, struct nf_view name)
{
	nf_buf_str(out, " name        ");
	if (name.p == NULL || name.len == 0)
		nf_buf_str(out, "none");
	else if (!nf_view_printable(name))
		nf_buf_str(out, "not printable");
	else {
		nf_buf_str(out, "\"");
		nf_buf_view_put(out, name);
		nf_buf_str(out, "\"");
	}
	nf_buf_u8(out, '\n');
}

/* The kind of key, by its public half.  Returns 0 or that half's fault. */
static int
type_line(struct nf_buf *out, const struct nf_km_key *key,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_keydata pub;
	int r = 0;

	nf_buf_str(out, " type        ");
	if (key->pubblob.p == NULL)
		nf_buf_str(out, "symmetric (no public half)");
	else if ((r = nf_appkey_public(key, &bytes, &pub, diag)) != 0)
		nf_buf_str(out, "unknown");
	else {
		nf_name_print(out, nf_wire_keytypes, pub.type);
		nf_buf_printf(out, ", %zu bits", nf_wire_keydata_bits(&pub));
	}
	nf_buf_u8(out, '\n');
	nf_buf_wipe(&bytes);
	return r;
}

static void
length_line(struct nf_buf *out, const char *app, const char *ident)
{
	nf_buf_printf(out, " lengths     AppName %zu, Ident %zu (at most %d)\n",
	    strlen(app), strlen(ident), NF_XFER_NAME_MAX);
}

/* Returns 0, NF_E_POLICY for a key not taken, or what is wrong with it. */
static int
key_print(struct nf_buf *out, const struct nf_km_key *key, const char *app,
    const char *ident)
{
	struct nf_diag diag = { 0 };
	char hex[41], line[NF_DIAG_TEXT_MAX + NF_DIAG_FIELD_MAX + 64];
	int r;

	nf_text_hash(hex, key->hash);
	nf_buf_printf(out, "\nKey AppName %s Ident %s\n", app, ident);
	name_line(out, key->name);
	nf_buf_printf(out, " hash        %s\n", hex);
	r = type_line(out, key, &diag);
	nf_buf_printf(out, " protection  %s\n recovery    %s\n",
	    nf_tokeninfo_protection(key), nf_km_key_recoverable(key) ?
	    "Enabled" : "Disabled");
	length_line(out, app, ident);
	if (r == 0)
		r = nf_xfer_eligible(key, app, ident, &diag);
	if (r == 0) {
		nf_buf_printf(out, " method 1    yes: -KeyAppName %s "
		    "-KeyIdentifier %s\n", app, ident);
		return 0;
	}
	nf_diag_line(&diag, line, sizeof(line));
	nf_buf_printf(out, " method 1    no%s: %s\n",
	    r == NF_E_POLICY ? "" : ", the file is damaged", line);
	return r;
}

static void
file_print(struct finder *f, const struct nf_km_store_key *name)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_km_file *file = NULL;
	char path[NF_PATH_MAX];
	struct nf_diag diag = { 0 };
	struct nf_km_key key = { 0 };
	int r;

	f->shown++;
	if ((r = nf_km_store_key_path(f->dir, name->appname, name->ident,
	    path, &diag)) == 0)
		r = nf_km_key_load(path, &bytes, &file, &key, &diag);
	if (r == 0 && (!nf_view_is(key.appname, name->appname) ||
	    !nf_view_is(key.ident, name->ident)))
		r = nf_diag_set(&diag, NF_E_MISMATCH, NULL,
		    "holds a key of another name than the file's");
	if (r != 0)
		nf_buf_printf(f->out, "\nKey AppName %s Ident %s: cannot be "
		    "read: %s\n", name->appname, name->ident, diag.text);
	else
		r = key_print(f->out, &key, name->appname, name->ident);
	f->taken += r == 0;
	f->damaged += r != 0 && r != NF_E_POLICY;
	nf_km_file_free(file);
	nf_buf_wipe(&bytes);
}

int
nf_keyfinder(struct nf_buf *out, const char *dir, const char *app,
    const char *ident, bool *bad, struct nf_diag *diag)
{
	struct finder f = { .out = out, .dir = dir };
	struct nf_km_store_list list;
	int r;

	if ((r = nf_km_store_list(dir, &list, diag)) != 0)
		return r;
	nf_buf_printf(out, "Keys of %s\n", dir);
	for (size_t i = 0; i < list.n; i++) {
		if ((app == NULL ||
		    nf_tool_app_equal(app, list.key[i].appname)) &&
		    (ident == NULL || strcmp(ident, list.key[i].ident) == 0))
			file_print(&f, &list.key[i]);
	}
	nf_km_store_list_free(&list);
	if (ident != NULL && f.shown == 0) {
		r = nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "no key of this name");
		nf_diag_where(diag, "%s", dir);
		return r;
	}
	nf_buf_printf(out, "\n%zu keys, method 1 could take %zu", f.shown,
	    f.taken);
	if (f.damaged > 0)
		nf_buf_printf(out, ", %zu damaged", f.damaged);
	nf_buf_u8(out, '\n');
	*bad = f.damaged > 0;
	return 0;
}
