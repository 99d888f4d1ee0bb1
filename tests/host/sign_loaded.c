/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign with every RSA key that preload has loaded, as a program under preload
 * would; prints how many signatures were made.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "nfast/base/cli.h"
#include "nfast/host/hostcmd.h"
#include "nfast/tools/tokensfile.h"
#include "nfast/wire/names.h"

int
main(void)
{
	const char *path = nf_cli_env(NF_TOKENSFILE_ENV);
	struct nf_view msg = nf_view_of("message", 7);
	struct nf_tokensfile file = { .list = NULL };
	struct nf_host *host = NULL;
	struct nf_diag diag = { 0 };
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	struct nf_reply reply;
	size_t made = 0;
	int r = NF_E_USAGE;

	cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = msg;
	if (path == NULL || (r = nf_tokensfile_load(path, &file,
	    &diag)) != 0 || (r = nf_host_open(&host, &diag)) != 0 ||
	    (r = nf_tokensfile_join(&file, host, &diag)) != 0)
		goto out;
	for (size_t i = 0; i < file.n; i++) {
		cmd.args.key = file.list[i].id;
		made += nf_host_call(host, &cmd, &reply, NULL) == 0;
		nf_args_wipe(&reply.args);
	}
	(void)printf("%zu signatures\n", made);
out:
	if (r != 0)
		(void)fprintf(stderr, "sign_loaded: %s\n", diag.text);
	nf_host_close(host);
	nf_tokensfile_wipe(&file);
	return made > 0 ? 0 : 1;
}
