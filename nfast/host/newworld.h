/* SPDX-License-Identifier: Apache-2.0 */
/* What the program new-world needs beside nf_world_create(). */
#ifndef NF_HOST_NEWWORLD_H
#define NF_HOST_NEWWORLD_H

#include "nfast/host/world.h"
#include "nfast/wire/modcert.h"

/*
 * The module is in pre-initialisation mode; NF_E_REFUSED with the command
 * that puts it there otherwise.
 *   esn  NF_ESN_MAX + 1 bytes
 */
int nf_newworld_check_mode(struct nf_host *host, char *esn,
    struct nf_diag *diag);

/*
 * Bring the module, in pre-initialisation mode, into an existing world: a
 * quorum of its cards gives KM and KMC; the module file is written anew.
 * Errors: those of nf_world_admin_load() and NF_E_REFUSED.
 */
int nf_world_program(struct nf_host *host, const struct nf_world *world,
    struct nf_pins *pins, void (*progress)(const char *line),
    struct nf_diag *diag);

#endif
