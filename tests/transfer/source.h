/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated source world that keys are transferred from. */
#ifndef NF_TESTS_TRANSFER_SOURCE_H
#define NF_TESTS_TRANSFER_SOURCE_H

#include "nfast/host/appkey.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/newworld.h"
#include "nfast/wire/names.h"
#include "tests/transfer/must.h"

static struct nf_host *host;
static struct nf_world *world;

/* A module in the directory sim, and its world in local: both are open. */
static inline void
source_make(const char *sim, const char *local, const char *suite,
    uint32_t cards)
{
	struct nf_newworld want = { .suite = nf_suite_named(suite),
	    .acs_k = cards, .acs_n = cards, .recovery = true };
	struct nf_pins *pins;

	must(nf_host_open_state(sim, sim, &host, &diag));
	must(nf_host_clear(host, NF_MODE_INITIALISATION, &diag));
	must(nf_pins_none(&pins, &diag));
	must(nf_world_create(host, local, &want, pins, NULL, &diag));
	nf_pins_close(pins);
	must(nf_host_clear(host, NF_MODE_OPERATIONAL, &diag));
	must(nf_world_load(local, &world, &diag));
}

static inline void
source_close(void)
{
	nf_world_free(world);
	nf_host_close(host);
}

/* A key of the application "simple"; size: bits, bytes or a curve. */
static inline void
source_key(const char *ident, uint32_t type, uint32_t size, bool recovery)
{
	struct nf_appkey_spec spec = { .appname = "simple", .ident = ident,
	    .plainname = ident, .recovery = recovery };
	char path[NF_PATH_MAX];

	spec.params.type = type;
	if (nf_wire_key_is_ec(type))
		spec.params.curve = size;
	else
		spec.params.len = size;
	must(nf_appkey_create(host, world, &spec, path, NULL, &diag));
}

#endif
