/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each administrator key is: its token, type, rights and entries of the
 * world file.  Names, tokens and entry numbers are real; which entries we
 * write and the rights are ours.
 */
#ifndef NF_HOST_ADMIN_H
#define NF_HOST_ADMIN_H

#include "nfast/host/acs.h"
#include "nfast/host/world.h"

/* params of a token: hkt, then TokenParams (ours). */
#define NF_LT_PARAMS_LEN	(NF_HASH_LEN + 16)

/*
 *   token   whose token protects the private half; its own for most
 *   params  entry of that token's parameters when the token is its own
 *   type    DSAPrivate of the suite's size, RSAPrivate or Rijndael
 *   hash, blob, blobpub, cert, mesg  entry types, 0 for none
 */
struct nf_admin_spec {
	const char *name;
	enum nf_admin token;
	uint32_t params;
	uint32_t type;
	uint32_t perms;
	uint32_t pubperms;
	uint32_t hash, blob, blobpub, cert, mesg;
	bool recovery;		/* not in a world without key recovery */
};

/* By enum nf_admin. */
extern const struct nf_admin_spec nf_admin_specs[NF_ADMIN_COUNT];

/* LTNSO and LTM are under the null key, so that any module reads them. */
static inline bool
nf_admin_null_token(enum nf_admin token)
{
	return token == NF_ADMIN_NSO || token == NF_ADMIN_M;
}

/* The mechanism of the suite's DSA keys. */
uint32_t nf_suite_dsa_mech(const struct nf_suite *suite);

/*
 * The parameters of an administrator token out of the world file, ready for
 * nf_acs_read().  NF_E_NOTFOUND when the world has no such token.
 */
int nf_world_token(const struct nf_world *world, enum nf_admin admin,
    struct nf_acs_token *out, struct nf_diag *diag);

#endif
