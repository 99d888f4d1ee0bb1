/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated module's one entry point: marshalled command in, marshalled
 * reply out.  Key material, card shares and passphrase checks exist only
 * behind it.  Commands, numbers and rules are real where public; storage,
 * cards and blob interiors are ours.
 */
#ifndef NF_MODULE_MODULE_H
#define NF_MODULE_MODULE_H

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

/* Public file with the 40 hex digits of the simulator's factory root. */
#define NF_MODULE_ROOT_FILE	"factory-root"

/*
 * Public file with the point of the simulator's warrant root, x and y of
 * P-521 as two lines of 132 hex digits, and that root's name in warrants.
 */
#define NF_MODULE_KWARN_FILE	"factory-kwarn"
#define NF_MODULE_KWARN_NAME	"SIM-KWARN-1"

struct nf_module;

/*
 * Power up the module whose non-volatile state and cards live in a directory.
 * A missing or empty directory becomes a factory-fresh module: ESN, KLF and
 * KLF2, certified by the factory root of root_dir, and a warrant of its warrant
 * root (both made there when missing).  A module of an older simulator gets
 * its warrant now.
 *   state_dir  must be ours: empty, missing or marked
 *   root_dir   the same directory, or the one of the local simulator for the
 *              modules of simulated regions
 * Takes the state's lock (waits up to 10 s) until nf_module_close().
 * Errors: NF_E_POLICY (a directory that is not ours), NF_E_BUSY, NF_E_IO,
 * NF_E_FORMAT (damaged state).  With NFSIM_INSECURE_SEED also NF_E_POLICY (a
 * module that was made without one), with NFSIM_FAULTS NF_E_USAGE.
 */
int nf_module_open(const char *state_dir, const char *root_dir,
    struct nf_module **out, struct nf_diag *diag);

/* Power off: keys and tokens that were loaded are gone. */
void nf_module_close(struct nf_module *module);

/*
 * Carry out one command.  Every failure is a reply with a status, also for
 * bytes that are no command; only lack of memory (NF_E_NOMEM) and a fault
 * that drops the connection (NF_E_IO, see faults.h) give none.
 * What the reply reports as done is durable.
 */
int nf_module_transact(struct nf_module *module, struct nf_view command,
    struct nf_buf *reply);

#endif
