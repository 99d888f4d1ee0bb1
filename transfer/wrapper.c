/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "nfast/base/keywrap.h"
#include "nfast/base/mem.h"
#include "nfast/base/pkey.h"
#include "nfast/host/pem.h"
#include "nfast/kmdata/store.h"
#include "nfast/wire/modcert.h"
#include "transfer/byok2.h"
#include "transfer/wrapper.h"

/* One KEK in the simulated module. */
struct ready {
	struct nf_kekpem kek;
	struct nf_xfer_wrap2 *wrap;
};

/* One token, open or not to be tried again. */
struct token {
	struct nf_buf name;	/* nf_p11_select_token() */
	struct nf_p11 *p11;	/* NULL: why */
	struct nf_diag why;
};

struct nf_wrapper {
	struct nf_p11_pin pin;
	void (*progress)(const char *line);
	struct nf_host *host;
	struct nf_world *world;
	char esn[NF_ESN_MAX + 1];
	struct ready ready[NF_WRAPPER_KEKS_MAX];
	size_t n_ready;
	struct token token[NF_WRAPPER_TOKENS_MAX];
	size_t n_tokens;
};

struct nf_wrapper *
nf_wrapper_new(const struct nf_p11_pin *pin,
    void (*progress)(const char *line))
{
	struct nf_wrapper *w = calloc(1, sizeof(*w));

	if (w != NULL) {
		w->pin = *pin;
		w->progress = progress;
	}
	return w;
}

void
nf_wrapper_close(struct nf_wrapper *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->n_ready; i++)
		nf_xfer_wrap2_close(w->ready[i].wrap);
	nf_world_free(w->world);
	nf_host_close(w->host);
	/* Of one module they are closed in the reverse order. */
	while (w->n_tokens > 0) {
		nf_p11_close(w->token[--w->n_tokens].p11);
		nf_buf_wipe(&w->token[w->n_tokens].name);
	}
	free(w);
}

void
nf_wrapper_result_wipe(struct nf_wrapper_result *r)
{
	nf_buf_wipe(&r->ciphertext);
	memset(r, 0, sizeof(*r));
}

/* ---- the simulated world ----------------------------------------------- */

static int
world_open(struct nf_wrapper *w, struct nf_diag *diag)
{
	char dir[NF_PATH_MAX];
	uint32_t mode;
	int r;

	if (w->world != NULL)
		return 0;
	if ((r = nf_km_store_dir(dir, diag)) != 0 ||
	    (w->host == NULL && (r = nf_host_open(&w->host, diag)) != 0) ||
	    (r = nf_host_enquiry(w->host, &mode, w->esn, diag)) != 0 ||
	    (r = nf_world_load(dir, &w->world, diag)) != 0)
		return r;
	if ((r = nf_world_check_module(w->host, w->world, diag)) != 0) {
		nf_world_free(w->world);
		w->world = NULL;
	}
	return r;
}

static bool
kek_same(const struct nf_kekpem *a, const struct nf_kekpem *b)
{
	return nf_view_equal(nf_kekpem_n(a), nf_kekpem_n(b)) &&
	    nf_view_equal(nf_kekpem_e(a), nf_kekpem_e(b));
}

/* The wrapping that is open for a KEK, or NULL. */
static struct nf_xfer_wrap2 *
ready_of(const struct nf_wrapper *w, const struct nf_kekpem *kek)
{
	for (size_t i = 0; i < w->n_ready; i++) {
		if (kek_same(&w->ready[i].kek, kek))
			return w->ready[i].wrap;
	}
	return NULL;
}

static int
ready_for(struct nf_wrapper *w, const struct nf_kekpem *kek,
    struct nf_xfer_wrap2 **out, struct nf_diag *diag)
{
	struct ready *ready;
	int r;

	if ((*out = ready_of(w, kek)) != NULL)
		return 0;
	if (w->n_ready == NF_WRAPPER_KEKS_MAX)
		return nf_diag_set(diag, NF_E_POLICY, "--plan",
		    "more than %d KEKs in one run", NF_WRAPPER_KEKS_MAX);
	ready = &w->ready[w->n_ready];
	if ((r = world_open(w, diag)) != 0 ||
	    (r = nf_xfer_wrap2_open(w->host, w->world, kek, w->progress,
	    &ready->wrap, diag)) != 0)
		return r;
	ready->kek = *kek;
	w->n_ready++;
	*out = ready->wrap;
	return 0;
}

/* Would it be wrapped?  No card is needed to tell. */
static int
world_look(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    struct nf_xfer_wrap2_info *info, struct nf_diag *diag)
{
	char ident[NF_KM_IDENT_SIZE];

	return nf_xfer_wrap2_look(w->host, w->world, key->app,
	    nf_km_ident_fold(key->ident, ident), info, diag);
}

int
nf_wrapper_prepare(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    const struct nf_kekpem *kek, struct nf_diag *diag)
{
	struct nf_xfer_wrap2_info info;
	struct nf_xfer_wrap2 *wrap;
	int r;

	if ((r = world_open(w, diag)) != 0 || kek == NULL ||
	    ready_of(w, kek) != NULL || world_look(w, key, &info, NULL) != 0)
		return r;
	return ready_for(w, kek, &wrap, diag);
}

/* kek NULL: look only. */
static int
from_world(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    const struct nf_kekpem *kek, struct nf_wrapper_result *out,
    struct nf_diag *diag)
{
	char ident[NF_KM_IDENT_SIZE];
	struct nf_xfer_wrap2_info info;
	struct nf_xfer_wrap2 *wrap;
	int r;

	if ((r = world_open(w, diag)) != 0)
		return r;
	/* What needs no card comes before the first card. */
	if (kek == NULL || ready_of(w, kek) == NULL)
		r = world_look(w, key, &info, diag);
	if (r == 0 && kek != NULL &&
	    (r = ready_for(w, kek, &wrap, diag)) == 0)
		r = nf_xfer_wrap2_key(wrap, key->app, nf_km_ident_fold(
		    key->ident, ident), &out->ciphertext, &info, diag);
	if (r != 0)
		return r;
	out->type = info.type;
	out->has_hash = true;
	memcpy(out->hash, info.hash, NF_HASH_LEN);
	(void)snprintf(out->source, sizeof(out->source),
	    NF_BYOK2_SIMULATED " module %s", w->esn);
	return 0;
}

/* ---- PKCS#11 ----------------------------------------------------------- */

/* The session that serves a selection, of those that are open. */
static struct nf_p11 *
p11_serving(const struct nf_wrapper *w, const struct nf_p11_select *select)
{
	for (size_t i = 0; i < w->n_tokens; i++) {
		if (w->token[i].p11 != NULL &&
		    nf_p11_serves(w->token[i].p11, select))
			return w->token[i].p11;
	}
	return NULL;
}

/* The token of that name that could not be opened, else a new entry. */
static int
token_find(struct nf_wrapper *w, struct nf_buf *name, struct token **out,
    bool *is_new, struct nf_diag *diag)
{
	*is_new = false;
	for (size_t i = 0; i < w->n_tokens; i++) {
		*out = &w->token[i];
		if ((*out)->p11 == NULL && nf_view_equal(nf_buf_view(
		    &(*out)->name), nf_buf_view(name)))
			return 0;
	}
	if (w->n_tokens == NF_WRAPPER_TOKENS_MAX)
		return nf_diag_set(diag, NF_E_POLICY, "PKCS#11",
		    "more than %d tokens in one run", NF_WRAPPER_TOKENS_MAX);
	*out = &w->token[w->n_tokens++];
	memset(*out, 0, sizeof(**out));
	(*out)->name = *name;
	nf_buf_init(name);
	*is_new = true;
	return 0;
}

static int
p11_open(struct nf_wrapper *w, const struct nf_p11_select *select,
    struct nf_p11 **out, struct nf_diag *diag)
{
	struct nf_buf name = NF_BUF_INIT;
	struct token *t;
	bool is_new;
	int r;

	if ((*out = p11_serving(w, select)) != NULL)
		return 0;
	nf_p11_select_token(select, &name);
	if ((r = nf_buf_err(&name)) != 0) {
		(void)nf_diag_set(diag, r, NULL, "out of memory");
		goto out;
	}
	if ((r = token_find(w, &name, &t, &is_new, diag)) != 0)
		goto out;
	if (is_new)
		(void)nf_p11_open(select, &w->pin, &t->p11, &t->why);
	if ((*out = t->p11) == NULL) {
		r = t->why.code;
		if (diag != NULL && diag->code == 0)
			*diag = t->why;
	}
out:
	nf_buf_wipe(&name);
	return r;
}

static void
p11_source(const struct nf_p11 *p11, char out[static NF_WRAPPER_SOURCE_MAX])
{
	struct nf_buf buf = NF_BUF_INIT;

	nf_p11_source(p11, &buf);
	(void)snprintf(out, NF_WRAPPER_SOURCE_MAX, "%s", nf_buf_text(&buf));
	nf_buf_wipe(&buf);
}

static int
from_p11(struct nf_wrapper *w, const struct nf_p11_select *select,
    const struct nf_kekpem *kek, struct nf_wrapper_result *out,
    struct nf_diag *diag)
{
	struct nf_p11_key key = { .bytes = NF_BUF_INIT };
	struct nf_p11 *p11;
	int r;

	if ((r = p11_open(w, select, &p11, diag)) != 0)
		return r;
	if ((r = nf_p11_find(p11, select, &key, diag)) != 0 ||
	    (r = nf_xfer_keytype_check(&key.type, diag)) != 0 ||
	    (r = nf_p11_check(p11, &key, diag)) != 0 ||
	    (kek != NULL && (r = nf_p11_wrap(p11, &key, nf_kekpem_n(kek),
	    nf_kekpem_e(kek), &out->ciphertext, diag)) != 0))
		goto out;
	out->type = key.type;
	out->has_hash = key.has_pub &&
	    nf_wire_keyhash(&key.pub, out->hash, NULL) == 0;
	p11_source(p11, out->source);
	if (nf_p11_is_filled(p11, &key))
		(void)snprintf(out->note, sizeof(out->note), "this token fills "
		    "keys with zero bytes before it wraps them, which strict "
		    "readers of PKCS#8 refuse");
out:
	nf_p11_key_wipe(&key);
	return r;
}

int
nf_wrapper_list(struct nf_wrapper *w, const struct nf_p11_select *select,
    const struct nf_p11_list *list, struct nf_diag *diag)
{
	struct nf_p11 *p11;
	int r;

	if ((r = p11_open(w, select, &p11, diag)) == 0)
		r = nf_p11_list(p11, select, list, diag);
	return r;
}

/* ---- PEM files --------------------------------------------------------- */

/* What is wrapped of a software key: PKCS#8. */
static int
pkcs8_of(EVP_PKEY *pkey, struct nf_buf *out, struct nf_diag *diag)
{
	PKCS8_PRIV_KEY_INFO *info;
	unsigned char *der = NULL;
	int len, r = 0;

	/* A file may spell the curve out; the services want its name. */
	if (EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_set_utf8_string_param(pkey,
	    OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_GROUP) != 1)
		return nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto cannot write the key with a named curve");
	info = EVP_PKEY2PKCS8(pkey);
	len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	if (len <= 0)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto cannot write the key as PKCS#8");
	else
		nf_buf_put(out, der, (size_t)len);
	OPENSSL_clear_free(der, len < 0 ? 0 : (size_t)len);
	PKCS8_PRIV_KEY_INFO_free(info);
	ERR_clear_error();
	return r != 0 ? r : nf_buf_err(out);
}

static int
seal(const struct nf_kekpem *kek, struct nf_view plain, struct nf_buf *out,
    struct nf_diag *diag)
{
	EVP_PKEY *pkey = NULL;
	int r;

	if ((r = nf_pkey_rsa(nf_kekpem_e(kek), nf_kekpem_n(kek), &pkey,
	    diag)) == 0)
		r = nf_keywrap_seal(pkey, plain, out, out, diag);
	EVP_PKEY_free(pkey);
	return r;
}

static int
from_pem(const char *path, const struct nf_kekpem *kek,
    struct nf_wrapper_result *out, struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT, pubbytes = NF_BUF_INIT;
	struct nf_buf plain = NF_BUF_INIT;
	struct nf_keydata key, pub;
	EVP_PKEY *pkey = NULL;
	int r;

	if ((r = nf_pem_load(path, &bytes, &key, diag)) != 0 ||
	    (r = nf_pem_public(&key, &pubbytes, &pub, diag)) != 0 ||
	    (r = nf_xfer_keytype_of(&key, &out->type, diag)) != 0 ||
	    (r = nf_xfer_keytype_check(&out->type, diag)) != 0 ||
	    (r = nf_pem_private(path, NULL, &pkey, diag)) != 0 ||
	    (r = pkcs8_of(pkey, &plain, diag)) != 0 ||
	    (kek != NULL && (r = seal(kek, nf_buf_view(&plain),
	    &out->ciphertext, diag)) != 0))
		goto out;
	out->has_hash = nf_wire_keyhash(&pub, out->hash, NULL) == 0;
	(void)snprintf(out->source, sizeof(out->source), "software key");
	(void)snprintf(out->note, sizeof(out->note), "a software key: the "
	    "service allows such imports for tests only");
out:
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&pubbytes);
	nf_buf_wipe(&plain);
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	return r;
}

/* ---- all of them ------------------------------------------------------- */

static int
from(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    const struct nf_kekpem *kek, struct nf_wrapper_result *out,
    struct nf_diag *diag)
{
	int r = NF_E_INTERNAL;

	memset(out, 0, sizeof(*out));
	switch (key->kind) {
	case NF_WRAPPER_SIMULATED:
		r = from_world(w, key, kek, out, diag);
		break;
	case NF_WRAPPER_P11:
		r = from_p11(w, key->select, kek, out, diag);
		break;
	case NF_WRAPPER_PEM:
		r = from_pem(key->path, kek, out, diag);
		break;
	}
	nf_stack_wipe();
	return r;
}

int
nf_wrapper_look(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    struct nf_wrapper_result *out, struct nf_diag *diag)
{
	return from(w, key, NULL, out, diag);
}

int
nf_wrapper_wrap(struct nf_wrapper *w, const struct nf_wrapper_key *key,
    const struct nf_kekpem *kek, struct nf_wrapper_result *out,
    struct nf_diag *diag)
{
	return from(w, key, kek, out, diag);
}
