/* SPDX-License-Identifier: Apache-2.0 */
/* The transport to a simulated module in this process, which NFSIM_TRACE
 * watches. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/host/trace.h"
#include "nfast/host/transport.h"
#include "nfast/module/module.h"

struct own {
	struct nf_module *module;
	struct nf_trace *trace;		/* NULL: none */
	char dir[NF_PATH_MAX];
};

static int
module_transact(void *self, struct nf_view message, struct nf_buf *reply,
    struct nf_diag *diag)
{
	const struct own *own = self;
	int r, t;

	if ((r = nf_module_transact(own->module, message, reply)) == 0)
		r = nf_buf_err(reply);
	if ((t = nf_trace_message(own->trace, 0, message, r == 0 ?
	    nf_buf_view(reply) : (struct nf_view){ NULL, 0 }, diag)) != 0)
		return t;
	return r == 0 ? 0 : nf_diag_set(diag, r, NULL,
	    "the module in %s: %s", own->dir, nf_err_text(r));
}

static void
module_close(void *self)
{
	struct own *own = self;

	nf_module_close(own->module);
	nf_trace_close(own->trace);
	free(own);
}

static const struct nf_transport module_transport = {
	module_transact, module_close
};

int
nf_link_module(const char *state_dir, const char *root_dir,
    struct nf_link *out, struct nf_diag *diag)
{
	struct own *own = calloc(1, sizeof(*own));
	int r;

	memset(out, 0, sizeof(*out));
	if (own == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = nf_path(own->dir, diag, "%s", state_dir)) != 0 ||
	    (r = nf_trace_open(nf_cli_env(NF_TRACE_ENV), &own->trace,
	    diag)) != 0 || (r = nf_module_open(state_dir, root_dir,
	    &own->module, diag)) != 0)
		goto out;
	out->ops = &module_transport;
	out->self = own;
	own = NULL;
out:
	if (own != NULL)
		module_close(own);
	return r;
}
