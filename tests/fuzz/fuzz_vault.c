/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: JSON of the vault stand-in, the bodies of requests ('b'
 * first), the records of its store ('r') and of deletions ('d').
 */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "transfer/vault-internal.h"
#include "transfer/vault-json.h"

#define NAME	"k"
#define KEY_VERSION	"0123456789abcdef0123456789abcdef"

static void
check_error(bool ok, const struct nf_vault_error *err)
{
	NF_REQUIRE(ok || (err->status >= 400 && err->code != NULL));
}

static void
body(struct nf_view text)
{
	struct nf_vault_attributes attributes;
	struct nf_keydata key, pub;
	struct nf_xfer_keytype type;
	struct nf_buf own = NF_BUF_INIT;
	struct nf_vault_error err = { 0 };
	const json_t *jwk;
	json_t *object = NULL;
	bool ok, hsm;

	ok = nf_vault_json_body(text, &object, &err);
	check_error(ok, &err);
	if (!ok)
		return;
	memset(&err, 0, sizeof(err));
	jwk = json_object_get(object, "key");
	if (!json_is_object(jwk))
		jwk = object;
	check_error(nf_vault_json_attributes(object, jwk, &attributes, &err),
	    &err);
	memset(&err, 0, sizeof(err));
	if (nf_vault_json_type(jwk, &type, &hsm, &err))
		check_error(nf_vault_json_jwk(jwk, &type, &own, &key, &pub,
		    &err), &err);
	else
		check_error(false, &err);
	nf_buf_wipe(&own);
	json_decref(object);
}

static void
record(struct nf_view text)
{
	struct nf_vault_item *item = nf_vault_item_new();
	struct nf_vault_item *again = nf_vault_item_new();
	struct nf_buf once = NF_BUF_INIT, twice = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int r;

	if (!FUZZ_OK(item != NULL && again != NULL))
		goto out;
	r = nf_vault_record_read(text, NAME, KEY_VERSION, item, &diag);
	fuzz_diag(r, &diag);
	if (r != 0)
		goto out;
	nf_vault_record_write(item, &once);
	if (FUZZ_OK(nf_buf_err(&once) == 0) &&
	    FUZZ_OK(nf_vault_record_read(nf_buf_view(&once), NAME, KEY_VERSION,
	    again, NULL) == 0)) {
		nf_vault_record_write(again, &twice);
		fuzz_same(&twice, once.p, once.len);
	}
out:
	nf_vault_item_free(item);
	nf_vault_item_free(again);
	nf_buf_wipe(&once);
	nf_buf_wipe(&twice);
}

static void
deletion(struct nf_view text)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	int64_t when, again;
	int r = nf_vault_deletion_read(text, &when, &diag);

	fuzz_diag(r, &diag);
	if (r == 0) {
		nf_vault_deletion_write(when, &out);
		if (FUZZ_OK(nf_buf_err(&out) == 0) &&
		    FUZZ_OK(nf_vault_deletion_read(nf_buf_view(&out), &again,
		    NULL) == 0))
			NF_REQUIRE(again == when);
	}
	nf_buf_wipe(&out);
}

void
target_vault(const uint8_t *data, size_t size)
{
	if (size < 1)
		return;
	if (data[0] == 'b')
		body(nf_view_of(data + 1, size - 1));
	else if (data[0] == 'r')
		record(nf_view_of(data + 1, size - 1));
	else if (data[0] == 'd')
		deletion(nf_view_of(data + 1, size - 1));
}
