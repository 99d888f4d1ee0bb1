/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aclprint: print the ACLs of the keys that preload has loaded, as the module
 * tells them.  The vendor's aclprint.py has no public output; ours follows
 * the published ACL text.  --explain and --diff, also on files, are ours.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/mem.h"
#include "nfast/tools/aclloaded.h"
#include "nfast/tools/tool.h"
#include "nfast/wire/names.h"
#include "transfer/reduce.h"
#include "verify/aclfile.h"

static const struct nf_cli cli = {
	.name = "aclprint",
	.synopsis =
	    "preload [-m MODULE] [-A APP] [-K PATTERN] aclprint "
	    "[--explain OP | --diff A B]\n"
	    "aclprint --explain OP FILE\n"
	    "aclprint --diff A B",
	.help =
	    "Print the access control lists of the keys that preload has\n"
	    "loaded: of the private or symmetric key, and of the public half\n"
	    "where there is one.  Groups are numbered from 0.\n"
	    "      --explain=OP  which groups allow OP and when: Sign,\n"
	    "                    ExportAsPlain and the like, MakeBlob or\n"
	    "                    MakeArchiveBlob\n"
	    "      --diff        the rights that only A (-) or only B (+)\n"
	    "                    has; exit status 0 for none, 1 for some\n"
	    "A and B are files or, under preload, loaded keys: a word that is\n"
	    "the APP/IDENT or the hash of one is that key, as the module has\n"
	    "it; any other word, ./APP/IDENT too, is a file.\n"
	    "A file is a key file, a .byok package or an attestation bundle.\n"
	    "It shows the ACL of the private half as it was at generation\n"
	    "(signatures are not verified: byok-audit does that) and that of\n"
	    "the public half; a file that shows neither gives exit status 4.\n",
	.args_max = 2
};

/* The right to explain. */
struct op {
	uint32_t type, perm;
};

static bool
op_find(const char *name, struct op *op)
{
	op->type = NF_ACT_OPPERMISSIONS;
	if (nf_name_number(nf_wire_op_perms, name, &op->perm))
		return true;
	op->perm = 0;
	return nf_name_number(nf_wire_actions, name, &op->type) &&
	    (op->type == NF_ACT_MAKEBLOB ||
	    op->type == NF_ACT_MAKEARCHIVEBLOB);
}

static int
key_print(struct nf_aclloaded *loaded, const struct nf_loaded *key,
    const struct op *op, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_acl *acl = NULL;
	uint8_t hash[NF_HASH_LEN];
	uint32_t type;
	char hex[41];
	int r;

	if ((r = nf_aclloaded_info(loaded, key->id, &type, hash,
	    diag)) != 0 ||
	    (r = nf_aclloaded_acl(loaded, key->id, &acl, diag)) != 0)
		return r;
	nf_text_hash(hex, hash);
	nf_buf_printf(out, "Key AppName %s Ident %s\n type ",
	    key->name.appname, key->name.ident);
	nf_name_print(out, nf_wire_keytypes, type);
	nf_buf_printf(out, "\n hash %s\n", hex);
	if (op != NULL)
		nf_wire_acl_explain(out, acl, op->type, op->perm, "  ");
	else
		nf_wire_acl_print(out, acl, "  ");
	nf_acl_free(acl);
	return 0;
}

static int
loaded_print(const struct op *op, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_aclloaded loaded;
	int r;

	r = nf_aclloaded_open(&loaded, diag);
	for (size_t i = 0; r == 0 && i < loaded.n; i++) {
		const struct nf_loaded *key = &loaded.list[i];

		if (i > 0)
			nf_buf_str(out, "\n");
		if ((r = key_print(&loaded, key, op, out, diag)) != 0)
			nf_diag_where(diag, "key %s %s", key->name.appname,
			    key->name.ident);
	}
	nf_aclloaded_close(&loaded);
	return r;
}

static int
file_explain(const char *path, const struct op *op, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_vfy_aclfile f;
	int r;

	if ((r = nf_vfy_aclfile_load(path, &f, diag)) != 0)
		goto out;
	for (enum nf_vfy_aclfile_half h = 0; h < NF_ACLFILE_HALVES; h++) {
		if (f.acl[h] == NULL)
			continue;
		nf_buf_printf(out, "%s\n", nf_vfy_aclfile_half(h));
		nf_wire_acl_explain(out, f.acl[h], op->type, op->perm, "  ");
	}
out:
	nf_vfy_aclfile_wipe(&f);
	return r;
}

/* What a word of --diff names: a loaded key, else a file. */
struct named {
	struct nf_vfy_aclfile file;
	struct nf_acl *loaded[NF_ACLFILE_HALVES];
	const struct nf_acl *acl[NF_ACLFILE_HALVES];
	bool is_loaded;
};

static void
named_wipe(struct named *named)
{
	for (size_t h = 0; h < NF_ACLFILE_HALVES; h++)
		nf_acl_free(named->loaded[h]);
	nf_vfy_aclfile_wipe(&named->file);
}

/* Wipe it in every case; loaded is NULL when there are no such keys. */
static int
named_load(const char *word, struct nf_aclloaded *loaded, struct named *out,
    struct nf_diag *diag)
{
	int r;

	memset(out, 0, sizeof(*out));
	if (loaded != NULL && (r = nf_aclloaded_find(loaded, word,
	    out->loaded, diag)) != 0)
		return r;
	for (size_t h = 0; h < NF_ACLFILE_HALVES; h++) {
		out->is_loaded |= out->loaded[h] != NULL;
		out->acl[h] = out->loaded[h];
	}
	if (out->is_loaded)
		return 0;
	if (loaded != NULL && !nf_file_exists(word))
		return nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "%s: neither a loaded key nor a file", word);
	if ((r = nf_vfy_aclfile_load(word, &out->file, diag)) == 0)
		memcpy(out->acl, out->file.acl, sizeof(out->acl));
	return r;
}

static const char *
half_name(enum nf_vfy_aclfile_half h, const struct named *named)
{
	if (!named->is_loaded)
		return nf_vfy_aclfile_half(h);
	return h == NF_ACLFILE_PRIVATE ? "private (or only) key, as loaded" :
	    "public half, as loaded";
}

/* One half of two keys.  Returns whether they differ. */
static bool
half_diff(enum nf_vfy_aclfile_half h, const struct named *a,
    const struct named *b, struct nf_buf *out)
{
	const struct named *only = a->acl[h] != NULL ? a : b;
	size_t start;

	if (a->acl[h] == NULL && b->acl[h] == NULL)
		return false;
	if (a->acl[h] == NULL || b->acl[h] == NULL) {
		nf_buf_printf(out, "%s\nonly in the %s %s\n",
		    half_name(h, only), only == a ? "first" : "second",
		    only->is_loaded ? "key" : "file");
		return true;
	}
	if (a->is_loaded == b->is_loaded)
		nf_buf_printf(out, "%s\n", half_name(h, a));
	else
		nf_buf_printf(out, "first: %s\nsecond: %s\n",
		    half_name(h, a), half_name(h, b));
	start = out->len;
	nf_xfer_acl_diff(out, a->acl[h], b->acl[h]);
	if (out->len != start)
		return true;
	nf_buf_str(out, "the same rights\n");
	return false;
}

static int
keys_diff(char **words, bool *differ, struct nf_buf *out,
    struct nf_diag *diag)
{
	bool there = nf_aclloaded_there();
	struct nf_aclloaded loaded;
	struct named a, b;
	int r = 0;

	memset(&loaded, 0, sizeof(loaded));
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	if ((there && (r = nf_aclloaded_open(&loaded, diag)) != 0) ||
	    (r = named_load(words[0], there ? &loaded : NULL, &a,
	    diag)) != 0 ||
	    (r = named_load(words[1], there ? &loaded : NULL, &b,
	    diag)) != 0)
		goto out;
	for (enum nf_vfy_aclfile_half h = 0; h < NF_ACLFILE_HALVES; h++) {
		if (half_diff(h, &a, &b, out))
			*differ = true;
	}
out:
	named_wipe(&a);
	named_wipe(&b);
	nf_aclloaded_close(&loaded);
	return r;
}

int
main(int argc, char **argv)
{
	const char *explain = NULL;
	bool diff = false, differ = false;
	const struct nf_opt opts[] = {
		{ "explain", 0, NULL, &explain },
		{ "diff", 0, &diff, NULL },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct op op = { 0, 0 };
	char **args;
	int n, r, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0)
		return status;
	if (explain != NULL && diff)
		return nf_cli_usage(&cli, "give one of --explain and --diff");
	if (explain != NULL && !op_find(explain, &op))
		return nf_cli_usage(&cli, "unknown operation '%s'", explain);
	if (diff && n != 2)
		return nf_cli_usage(&cli, "--diff takes two files or keys");
	if (!diff && n > (explain != NULL))
		return nf_cli_usage(&cli, "unexpected argument '%s'",
		    args[explain != NULL]);
	r = diff ? keys_diff(args, &differ, &out, &diag) : n == 1 ?
	    file_explain(args[0], &op, &out, &diag) :
	    loaded_print(explain != NULL ? &op : NULL, &out, &diag);
	if (r != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, differ ? NF_EXIT_CHECK : NF_EXIT_OK);
}
