/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to the vault stand-in on its way: its line, query, host and
 * token.  What clients write is real; the texts of refusals are ours.
 */
#ifndef NF_TRANSFER_VAULT_CALL_H
#define NF_TRANSFER_VAULT_CALL_H

#include "transfer/vault-json.h"
#include "transfer/vault-rest.h"

#define NF_VAULT_SEGMENTS_MAX	4
#define NF_VAULT_SEGMENT_SIZE	136
#define NF_VAULT_PAGE		25	/* items of a list, at most (real) */
#define NF_VAULT_API_SIZE	64

/*
 *   vault    of the Host header, in lower case
 *   base     "https://HOST", as the client called it
 *   segment  n parts of the path, decoded
 *   skip     items of a list that came before, most: how many now
 *   answer   NULL: no body
 */
struct nf_vault_call {
	const struct nf_vault_rest *rest;
	const struct nf_http_request *req;
	struct nf_http_response *res;
	struct nf_vaults *vaults;
	char vault[NF_VAULT_NAME_MAX + 1];
	char base[300];
	size_t n;
	char segment[NF_VAULT_SEGMENTS_MAX][NF_VAULT_SEGMENT_SIZE];
	char api_version[NF_VAULT_API_SIZE];
	size_t skip, most;
	json_t *body;
	json_t *answer;
	int status;
	struct nf_vault_error err;
};

/* The request brings a token that is taken. */
bool nf_vault_call_authorised(const struct nf_vault_call *c);

/* Make the answer the 401 that sends a client for a token. */
void nf_vault_call_challenge(struct nf_vault_call *c);

/*
 * Read host, path and query.  Returns true, or false with err filled: 404
 * for a path that is none, 400 for the others.
 */
bool nf_vault_call_read(struct nf_vault_call *c);

#endif
