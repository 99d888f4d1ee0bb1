/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation bundles of the keys of a simulated world.  Form and chain are
 * the real ones, up to a warrant root that bears the simulator's name.
 */
#ifndef NF_HOST_ATTEST_H
#define NF_HOST_ATTEST_H

#include "nfast/host/world.h"

/*
 * Append the bundle of a key, key_APPNAME_IDENT.att.
 *   host  the module that generated the key, operational in this world: its
 *         warrant is asked for, and its state under KLF2 unless the key file
 *         has that
 * Errors: NF_E_POLICY (a symmetric or imported key, which has no bundle),
 * NF_E_MISMATCH (the key was generated in another module, or before this one
 * was initialised anew), those of nf_appkey_open(), nf_appkey_verify() and
 * nf_host_call().
 */
int nf_attest_bundle(struct nf_host *host, const struct nf_world *world,
    const char *appname, const char *ident, struct nf_buf *out,
    struct nf_diag *diag);

/*
 * Use the module that generated the key, which its file names by its serial
 * number.  The one in use stays when none of those there are is it.
 * Errors: those of nf_appkey_open() and nf_host_call().
 */
int nf_attest_use_module(struct nf_host *host, const struct nf_world *world,
    const char *appname, const char *ident, struct nf_diag *diag);

#endif
