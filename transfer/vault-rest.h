/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The REST of the vault stand-in: tokens, paths, paging, error bodies.  What
 * the official clients send and expect is real; the texts that the service
 * does not publish are ours.
 */
#ifndef NF_TRANSFER_VAULT_REST_H
#define NF_TRANSFER_VAULT_REST_H

#include "transfer/vault-http.h"
#include "transfer/vault.h"

/*
 *   managed  behave as a Managed HSM
 *   region   for a header of the answers
 *   tokens   the bearer tokens that are taken, one a line; empty: any
 *   log      told the method, path and status of each request; may be NULL
 */
struct nf_vault_rest {
	struct nf_vaults *vaults;
	bool managed;
	const char *region;
	struct nf_view tokens;
	void (*log)(const struct nf_http_request *req, int status);
};

/* Answer one request; arg is a struct nf_vault_rest. */
void nf_vault_rest_handle(void *arg, const struct nf_http_request *req,
    struct nf_http_response *res);

#endif
