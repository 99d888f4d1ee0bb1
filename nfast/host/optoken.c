/* SPDX-License-Identifier: Apache-2.0 */
/* Files of card sets and softcards, and which keys are under them. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nfast/host/optoken.h"
#include "nfast/wire/blob.h"

#define HEX_LEN		((size_t)2 * NF_HASH_LEN)

static const char *
prefix(bool soft)
{
	return soft ? "softcard_" : "cards_";
}

const char *
nf_optoken_kind(bool soft)
{
	return soft ? "softcard" : "card set";
}

static bool
is_hash(const char *s, uint8_t hkt[static NF_HASH_LEN])
{
	return strlen(s) == HEX_LEN &&
	    nf_text_unhex(s, HEX_LEN, hkt, NF_HASH_LEN);
}

bool
nf_optoken_name_ok(const char *name)
{
	struct nf_view v = nf_view_of(name, strlen(name));
	uint8_t hkt[NF_HASH_LEN];

	return v.len >= 1 && v.len <= NF_OPTOKEN_NAME_MAX &&
	    nf_view_printable(v) && strpbrk(name, "`'\"") == NULL &&
	    !is_hash(name, hkt);
}

static int
fill(const struct nf_km_file *file, struct nf_optoken *t,
    struct nf_diag *diag)
{
	struct nf_view name, params, hkm, share = { NULL, 0 };
	struct nf_cur cur;
	int r;

	if ((r = nf_km_file_one(file, NF_ENT_NAME, &name, diag)) != 0 ||
	    (r = nf_km_file_one(file, NF_ENT_PARAMS_LTU, &params,
	    diag)) != 0 ||
	    (r = nf_km_file_one(file, NF_ENT_HASH_KM, &hkm, diag)) != 0 ||
	    (t->soft && (r = nf_km_file_one(file, NF_ENT_LTUC_SOFT_TOKEN,
	    &share, diag)) != 0))
		return r;
	if (name.len > NF_OPTOKEN_NAME_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "Name", "too long");
	memcpy(t->name, name.p, name.len);
	if (strlen(t->name) != name.len || !nf_optoken_name_ok(t->name))
		return nf_diag_set(diag, NF_E_FORMAT, "Name",
		    "not the name of a token");
	if (hkm.len != NF_HASH_LEN)
		return nf_diag_set(diag, NF_E_FORMAT, "HashKM",
		    "not %d bytes", NF_HASH_LEN);
	memcpy(t->hkm, hkm.p, NF_HASH_LEN);
	if (t->soft && (share.len == 0 || share.len > sizeof(t->share)))
		return nf_diag_set(diag, NF_E_FORMAT, "LTUCSoftToken",
		    "not a softcard's share");
	if (t->soft)
		memcpy(t->share, share.p, share.len);
	t->share_len = (uint32_t)share.len;
	t->time = file->time;
	nf_cur_init(&cur, params.p, params.len, diag);
	nf_wire_tokenparams_read(&cur, &t->params);
	if ((r = nf_cur_end(&cur, "ParamsLTU")) != 0)
		return r;
	if (t->params.needed < 1 || t->params.needed > t->params.total ||
	    t->params.total > NF_ACS_MAX ||
	    t->soft != ((t->params.flags & NF_TOKEN_SOFTCARD_BIT) != 0))
		return nf_diag_set(diag, NF_E_FORMAT, "ParamsLTU",
		    "not those of a %s", nf_optoken_kind(t->soft));
	return 0;
}

int
nf_optoken_open(const char *dir, bool soft,
    const uint8_t hkt[static NF_HASH_LEN], struct nf_optoken *out,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_km_file *file = NULL;
	char path[NF_PATH_MAX];
	struct nf_cur cur;
	int r;

	memset(out, 0, sizeof(*out));
	out->soft = soft;
	memcpy(out->hkt, hkt, NF_HASH_LEN);
	nf_text_hash(out->hex, hkt);
	if ((r = nf_path(path, diag, "%s/%s%s", dir, prefix(soft),
	    out->hex)) != 0 ||
	    (r = nf_file_load(path, NF_KM_FILE_MAX, &bytes, diag)) != 0)
		goto out;
	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	if ((r = nf_km_file_read(&cur, &file)) == 0)
		r = fill(file, out, diag);
	if (r != 0)
		nf_diag_where(diag, "%s", path);
out:
	nf_km_file_free(file);
	nf_buf_wipe(&bytes);
	return r;
}

static int
hash_cmp(const void *a, const void *b)
{
	return memcmp(a, b, NF_HASH_LEN);
}

int
nf_optoken_list(const char *dir, bool soft, uint8_t (**out)[NF_HASH_LEN],
    size_t *n, struct nf_diag *diag)
{
	uint8_t (*list)[NF_HASH_LEN];
	size_t len = strlen(prefix(soft));
	struct dirent *e;
	DIR *d;
	int r = 0;

	*out = NULL;
	*n = 0;
	if ((list = calloc(NF_OPTOKENS_MAX, NF_HASH_LEN)) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((d = opendir(dir)) == NULL) {
		r = nf_diag_set(diag, errno == ENOENT ? NF_E_NOTFOUND :
		    NF_E_IO, NULL, "%s", strerror(errno));
		nf_diag_where(diag, "%s", dir);
		goto out;
	}
	while (*n < NF_OPTOKENS_MAX && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, prefix(soft), len) == 0 &&
		    is_hash(e->d_name + len, list[*n]))
			(*n)++;
	}
	(void)closedir(d);
	qsort(list, *n, NF_HASH_LEN, hash_cmp);
	*out = list;
	list = NULL;
out:
	free(list);
	return r;
}

/* The one of this name in a list, or the first. */
static int
find_named(const char *dir, bool soft, const char *name,
    uint8_t (*list)[NF_HASH_LEN], size_t n, struct nf_optoken *out,
    struct nf_diag *diag)
{
	struct nf_optoken t;
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (nf_optoken_open(dir, soft, list[i], &t, NULL) == 0 &&
		    (name == NULL || strcmp(t.name, name) == 0)) {
			found++;
			*out = t;
		}
	}
	if (found == 1)
		return 0;
	if (found == 0 && name == NULL)
		return nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "there is no %s: make one with %s",
		    nf_optoken_kind(soft), soft ? "ppmk" : "createocs");
	if (found == 0)
		return nf_diag_set(diag, NF_E_NOTFOUND, NULL,
		    "there is no %s `%s'", nf_optoken_kind(soft), name);
	if (name == NULL)
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "there are %zu %ss: name one", found,
		    nf_optoken_kind(soft));
	return nf_diag_set(diag, NF_E_USAGE, NULL,
	    "%zu %ss have the name `%s': name one by its hash (nfkminfo %s)",
	    found, nf_optoken_kind(soft), name, soft ? "-s" : "-c");
}

int
nf_optoken_find(const char *dir, bool soft, const char *word,
    struct nf_optoken *out, struct nf_diag *diag)
{
	uint8_t (*list)[NF_HASH_LEN] = NULL, hkt[NF_HASH_LEN];
	size_t n;
	int r;

	memset(out, 0, sizeof(*out));
	if (word != NULL && is_hash(word, hkt)) {
		if ((r = nf_optoken_open(dir, soft, hkt, out, diag)) ==
		    NF_E_NOTFOUND && diag != NULL) {
			memset(diag, 0, sizeof(*diag));
			r = nf_diag_set(diag, r, NULL, "there is no %s %s",
			    nf_optoken_kind(soft), word);
		}
		return r;
	}
	if ((r = nf_optoken_list(dir, soft, &list, &n, diag)) == 0)
		r = find_named(dir, soft, word, list, n, out, diag);
	free(list);
	return r;
}

bool
nf_optoken_of_key(const struct nf_km_key *key, bool *soft,
    uint8_t hkt[static NF_HASH_LEN])
{
	struct nf_tokenparams params = { 0, 0, 0, 0 };
	struct nf_blob blob;
	struct nf_cur cur;

	*soft = key->softtoken.p != NULL;
	memset(hkt, 0, NF_HASH_LEN);
	if (key->params_ltu.p != NULL) {
		nf_cur_init(&cur, key->params_ltu.p, key->params_ltu.len,
		    NULL);
		nf_wire_tokenparams_read(&cur, &params);
		if (nf_cur_end(&cur, "ParamsLTU") == 0)
			*soft |= (params.flags & NF_TOKEN_SOFTCARD_BIT) != 0;
	}
	if (key->privblob.p != NULL) {
		nf_cur_init(&cur, key->privblob.p, key->privblob.len, NULL);
		nf_wire_blob_read(&cur, &blob);
		if (nf_cur_err(&cur) == 0 && blob.format == NF_BLOB_TOKEN) {
			memcpy(hkt, blob.hash, NF_HASH_LEN);
			return true;
		}
	}
	return key->params_ltu.p != NULL || key->softtoken.p != NULL;
}

void
nf_optoken_describe(struct nf_buf *out, const char *dir, bool soft,
    const uint8_t hkt[static NF_HASH_LEN])
{
	static const uint8_t none[NF_HASH_LEN];
	struct nf_optoken t;

	nf_buf_str(out, nf_optoken_kind(soft));
	if (memcmp(hkt, none, NF_HASH_LEN) == 0)
		return;
	if (nf_optoken_open(dir, soft, hkt, &t, NULL) == 0)
		nf_buf_printf(out, " `%s'", t.name);
	else
		nf_buf_printf(out, " %s", t.hex);
}
