/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs of this directory share. */
#ifndef NF_TOOLS_TOOL_H
#define NF_TOOLS_TOOL_H

#include "nfast/base/cli.h"
#include "nfast/host/world.h"

/* A line about cards, on standard error. */
void nf_tool_progress(const char *line);

/*
 * The value of -m/--module: NULL for 1, a number, or "0" when none_ok.
 * Whether the module is there is seen later, by nf_host_use().
 * Returns -1, or the exit status after a usage error.
 */
int nf_tool_module(const struct nf_cli *cli, const char *value, bool none_ok,
    uint32_t *number);

/*
 * The name of a card set or a softcard, as it was given.
 * Returns -1, or the exit status after a usage error.
 */
int nf_tool_token_name(const struct nf_cli *cli, const char *name);

/* A module and the world of kmdata/local. */
struct nf_tool {
	struct nf_host *host;
	struct nf_world *world;
};

/*
 * Open both, and check that they belong together when check is set.  Close
 * in every case.
 */
int nf_tool_open(struct nf_tool *tool, bool check, struct nf_diag *diag);
/* With another module than the first. */
int nf_tool_open_module(struct nf_tool *tool, uint32_t module, bool check,
    struct nf_diag *diag);
void nf_tool_close(struct nf_tool *tool);

/* The application names xferacld and xferacId are one (see the manual). */
bool nf_tool_app_equal(const char *a, const char *b);

#endif
