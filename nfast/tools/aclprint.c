/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aclprint: print the ACLs of the keys that preload has loaded, as the module
 * tells them.  The vendor's aclprint.py has no public output; ours follows
 * the published ACL text.  --explain and --diff, also on files, are ours.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/mem.h"
#include "nfast/tools/aclfile.h"
#include "nfast/tools/tokensfile.h"
#include "nfast/tools/tool.h"
#include "nfast/wire/names.h"
#include "transfer/reduce.h"

static const struct nf_cli cli = {
	.name = "aclprint",
	.synopsis =
	    "preload [-m MODULE] [-A APP] [-K PATTERN] aclprint "
	    "[--explain OP]\n"
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
acl_print(struct nf_host *host, const struct nf_loaded *key,
    const struct op *op, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETACL };
	struct nf_reply reply;
	int r;

	cmd.args.key = key->id;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) != 0)
		goto out;
	if (op != NULL)
		nf_wire_acl_explain(out, reply.args.acl, op->type, op->perm,
		    "  ");
	else
		nf_wire_acl_print(out, reply.args.acl, "  ");
out:
	nf_args_wipe(&reply.args);
	return r;
}

static int
key_print(struct nf_host *host, const struct nf_loaded *key,
    const struct op *op, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKEYINFO };
	struct nf_reply reply;
	char hex[41];
	int r;

	cmd.args.key = key->id;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0) {
		nf_text_hash(hex, reply.args.hash);
		nf_buf_printf(out, "Key AppName %s Ident %s\n type ",
		    key->name.appname, key->name.ident);
		nf_name_print(out, nf_wire_keytypes, reply.args.type);
		nf_buf_printf(out, "\n hash %s\n", hex);
	}
	nf_args_wipe(&reply.args);
	return r == 0 ? acl_print(host, key, op, out, diag) : r;
}

static int
loaded_print(const struct op *op, struct nf_buf *out,
    struct nf_diag *diag)
{
	const char *path = nf_cli_env(NF_TOKENSFILE_ENV);
	struct nf_loaded *list = NULL;
	struct nf_host *host = NULL;
	size_t n;
	int r;

	if (path == NULL || nf_cli_env("NFAST_SERVER") == NULL)
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "no preloaded keys: run it as \"preload ... aclprint\"");
	if ((r = nf_tokensfile_load(path, &list, &n, diag)) != 0 ||
	    (r = nf_host_open(&host, diag)) != 0)
		goto out;
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (i > 0)
			nf_buf_str(out, "\n");
		if ((r = key_print(host, &list[i], op, out,
		    diag)) != 0)
			nf_diag_where(diag, "key %s %s",
			    list[i].name.appname, list[i].name.ident);
	}
out:
	nf_host_close(host);
	free(list);
	return r;
}

static int
file_explain(const char *path, const struct op *op, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_aclfile f;
	int r;

	if ((r = nf_aclfile_load(path, &f, diag)) != 0)
		goto out;
	for (enum nf_aclfile_half h = 0; h < NF_ACLFILE_HALVES; h++) {
		if (f.acl[h] == NULL)
			continue;
		nf_buf_printf(out, "%s\n", nf_aclfile_half(h));
		nf_wire_acl_explain(out, f.acl[h], op->type, op->perm, "  ");
	}
out:
	nf_aclfile_wipe(&f);
	return r;
}

/* One half of two keys.  Returns whether they differ. */
static bool
half_diff(enum nf_aclfile_half h, const struct nf_aclfile *a,
    const struct nf_aclfile *b, struct nf_buf *out)
{
	size_t start;

	if (a->acl[h] == NULL && b->acl[h] == NULL)
		return false;
	nf_buf_printf(out, "%s\n", nf_aclfile_half(h));
	if (a->acl[h] == NULL || b->acl[h] == NULL) {
		nf_buf_printf(out, "only in the %s file\n",
		    a->acl[h] != NULL ? "first" : "second");
		return true;
	}
	start = out->len;
	nf_xfer_acl_diff(out, a->acl[h], b->acl[h]);
	if (out->len != start)
		return true;
	nf_buf_str(out, "the same rights\n");
	return false;
}

static int
files_diff(char **paths, bool *differ, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_aclfile a, b;
	int r;

	memset(&b, 0, sizeof(b));
	if ((r = nf_aclfile_load(paths[0], &a, diag)) != 0 ||
	    (r = nf_aclfile_load(paths[1], &b, diag)) != 0)
		goto out;
	for (enum nf_aclfile_half h = 0; h < NF_ACLFILE_HALVES; h++) {
		if (half_diff(h, &a, &b, out))
			*differ = true;
	}
out:
	nf_aclfile_wipe(&a);
	nf_aclfile_wipe(&b);
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
		return nf_cli_usage(&cli, "--diff takes two files");
	if (!diff && n > (explain != NULL))
		return nf_cli_usage(&cli, "unexpected argument '%s'",
		    args[explain != NULL]);
	r = diff ? files_diff(args, &differ, &out, &diag) : n == 1 ?
	    file_explain(args[0], &op, &out, &diag) :
	    loaded_print(explain != NULL ? &op : NULL, &out, &diag);
	if (r != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, differ ? NF_EXIT_CHECK : NF_EXIT_OK);
}
