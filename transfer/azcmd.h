/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that import a method-2 file, as the public clients take them
 * (real), and warnings on what clients and services are known to refuse.
 */
#ifndef NF_TRANSFER_AZCMD_H
#define NF_TRANSFER_AZCMD_H

#include "nfast/base/buf.h"
#include "transfer/keytype.h"
#include "transfer/kid.h"

/*
 * One import; texts are borrowed.
 *   service  of vault; with vault NULL both are the kid's
 *   vault    name of the vault or managed HSM, or NULL
 *   name     of the key that will be there
 *   type     of the key that is imported; a type that the services do not
 *            take is warned of
 *   file     path of the .byok file
 *   kid      of the KEK
 */
struct nf_azcmd {
	enum nf_kid_service service;
	const char *vault, *name;
	struct nf_xfer_keytype type;
	const char *file;
	const char *kid;
};

/*
 * Append the command of the Azure CLI and, where it can work, that of
 * PowerShell, one a line.  Words are quoted for sh and for PowerShell.
 * Nothing is appended when no vault is named, neither by vault nor by kid.
 * Returns the number of commands.
 */
size_t nf_azcmd_write(struct nf_buf *buf, const struct nf_azcmd *cmd);

/*
 * Append what will go wrong, one sentence a line.
 * Returns the number of sentences; 0 says only that nothing known is wrong.
 */
size_t nf_azcmd_warn(struct nf_buf *buf, const struct nf_azcmd *cmd);

#endif
