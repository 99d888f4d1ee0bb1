/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of transfer/vault.h without keys, to test what is in front
 * of them: each writes down what it was asked and answers as it was told.
 */
#ifndef NF_TESTS_TRANSFER_FAKEVAULT_H
#define NF_TESTS_TRANSFER_FAKEVAULT_H

#include "nfast/base/buf.h"
#include "transfer/vault.h"

/*
 *   asked    the calls, each a line: name, then what it was given
 *   key      what is returned
 *   n_keys   how many nf_vault_at() and nf_vault_version_at() know, each with
 *            its number in the name or version
 *   refuse   the error of every operation when its status is not 0
 *   value, iv, tag, ok  the result of a use
 */
struct nf_vaults {
	struct nf_buf asked;
	struct nf_vault_key key;
	size_t n_keys;
	struct nf_vault_error refuse;
	const char *value, *iv, *tag;
	bool ok;
};

#endif
