/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/cli.h"
#include "nfast/base/text.h"
#include "nfast/tools/aclloaded.h"
#include "nfast/wire/names.h"

bool
nf_aclloaded_there(void)
{
	return nf_cli_env(NF_TOKENSFILE_ENV) != NULL &&
	    nf_cli_env("NFAST_SERVER") != NULL;
}

int
nf_aclloaded_open(struct nf_aclloaded *out, struct nf_diag *diag)
{
	struct nf_tokensfile file;
	int r;

	memset(out, 0, sizeof(*out));
	if (!nf_aclloaded_there())
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "no preloaded keys: run it as \"preload ... aclprint\"");
	if ((r = nf_tokensfile_load(nf_cli_env(NF_TOKENSFILE_ENV), &file,
	    diag)) == 0 && (r = nf_host_open(&out->host, diag)) == 0)
		r = nf_tokensfile_join(&file, out->host, diag);
	if (r == 0) {
		out->list = file.list;
		out->n = file.n;
		file.list = NULL;
	}
	nf_tokensfile_wipe(&file);
	return r;
}

void
nf_aclloaded_close(struct nf_aclloaded *loaded)
{
	nf_host_close(loaded->host);
	free(loaded->list);
	memset(loaded, 0, sizeof(*loaded));
}

int
nf_aclloaded_info(struct nf_aclloaded *loaded, uint32_t id, uint32_t *type,
    uint8_t hash[static NF_HASH_LEN], struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKEYINFO };
	struct nf_reply reply;
	int r;

	cmd.args.key = id;
	if ((r = nf_host_call(loaded->host, &cmd, &reply, diag)) == 0) {
		*type = reply.args.type;
		memcpy(hash, reply.args.hash, NF_HASH_LEN);
	}
	nf_args_wipe(&reply.args);
	return r;
}

int
nf_aclloaded_acl(struct nf_aclloaded *loaded, uint32_t id,
    struct nf_acl **out, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETACL };
	struct nf_reply reply;
	int r;

	*out = NULL;
	cmd.args.key = id;
	if ((r = nf_host_call(loaded->host, &cmd, &reply, diag)) == 0) {
		*out = reply.args.acl;
		reply.args.acl = NULL;
	}
	nf_args_wipe(&reply.args);
	return r;
}

/* The word is APP/IDENT of this key. */
static bool
is_name(const char *word, const struct nf_km_store_key *name)
{
	size_t n = strlen(name->appname);

	return strncmp(word, name->appname, n) == 0 && word[n] == '/' &&
	    strcmp(word + n + 1, name->ident) == 0;
}

static bool
same_name(const struct nf_km_store_key *a, const struct nf_km_store_key *b)
{
	return strcmp(a->appname, b->appname) == 0 &&
	    strcmp(a->ident, b->ident) == 0;
}

int
nf_aclloaded_find(struct nf_aclloaded *loaded, const char *word,
    struct nf_acl *acl[static NF_ACLFILE_HALVES], struct nf_diag *diag)
{
	uint8_t want[NF_HASH_LEN], hash[NF_HASH_LEN];
	bool by_hash = nf_text_unhex(word, strlen(word), want, sizeof(want));
	const struct nf_km_store_key *found = NULL;
	enum nf_vfy_aclfile_half half;
	uint32_t type;
	int r = 0;

	for (size_t i = 0; i < NF_ACLFILE_HALVES; i++)
		acl[i] = NULL;
	for (size_t i = 0; r == 0 && i < loaded->n; i++) {
		const struct nf_loaded *key = &loaded->list[i];

		if (!by_hash && !is_name(word, &key->name))
			continue;
		if ((r = nf_aclloaded_info(loaded, key->id, &type, hash,
		    diag)) != 0)
			break;
		if (by_hash && memcmp(hash, want, NF_HASH_LEN) != 0)
			continue;
		if (found != NULL && !same_name(found, &key->name)) {
			r = nf_diag_set(diag, NF_E_USAGE, NULL,
			    "loaded as %s/%s and as %s/%s: say which",
			    found->appname, found->ident, key->name.appname,
			    key->name.ident);
			break;
		}
		found = &key->name;
		half = nf_wire_keykind(type) == NF_KIND_PUBLIC ?
		    NF_ACLFILE_PUBLIC : NF_ACLFILE_PRIVATE;
		nf_acl_free(acl[half]);
		r = nf_aclloaded_acl(loaded, key->id, &acl[half], diag);
	}
	for (size_t i = 0; r != 0 && i < NF_ACLFILE_HALVES; i++) {
		nf_acl_free(acl[i]);
		acl[i] = NULL;
	}
	if (r != 0)
		nf_diag_where(diag, "key %s", word);
	return r;
}
