/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aclprint: print the ACLs of the keys that preload has loaded, as the module
 * tells them.  The vendor's aclprint.py has no public output; ours follows
 * the published ACL text.
 */
#include "config.h"

#include <stdlib.h>

#include "nfast/base/mem.h"
#include "nfast/tools/tokensfile.h"
#include "nfast/tools/tool.h"
#include "nfast/wire/names.h"

static const struct nf_cli cli = {
	.name = "aclprint",
	.synopsis = "preload [-m MODULE] [-A APP] [-K PATTERN] aclprint",
	.help =
	    "Print the access control lists of the keys that preload has\n"
	    "loaded: of the private or symmetric key, and of the public half\n"
	    "where there is one.  Groups are numbered from 0.\n",
};

static int
acl_print(struct nf_host *host, const struct nf_loaded *key,
    struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETACL };
	struct nf_reply reply;
	int r;

	cmd.args.key = key->id;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) == 0)
		nf_wire_acl_print(out, reply.args.acl, "  ");
	nf_args_wipe(&reply.args);
	return r;
}

static int
key_print(struct nf_host *host, const struct nf_loaded *key,
    struct nf_buf *out, struct nf_diag *diag)
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
	return r == 0 ? acl_print(host, key, out, diag) : r;
}

static int
run(struct nf_buf *out, struct nf_diag *diag)
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
		if ((r = key_print(host, &list[i], out, diag)) != 0)
			nf_diag_where(diag, "key %s %s",
			    list[i].name.appname, list[i].name.ident);
	}
out:
	nf_host_close(host);
	free(list);
	return r;
}

int
main(int argc, char **argv)
{
	static const struct nf_opt opts[] = { { NULL, 0, NULL, NULL } };
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char **args;
	int n, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0)
		return status;
	if (run(&out, &diag) != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, NF_EXIT_OK);
}
