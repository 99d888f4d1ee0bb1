/* SPDX-License-Identifier: Apache-2.0 */
/* Card sets and softcards in the module: making and loading them. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/seed.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/optoken.h"
#include "nfast/kmdata/store.h"

/* A file of the token; index 0 for none. */
static int
file_write(const struct nf_world *world, const char *path, const char *name,
    const struct nf_acs_token *token, uint32_t index, bool params,
    const struct nf_buf *share, struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT, p = NF_BUF_INIT;
	struct nf_km_writer w;
	int r;

	nf_km_begin(&w, &bytes, nf_seed_now());
	nf_km_put_str(&w, NF_ENT_NAME, name);
	if (index != 0)
		nf_km_put_u32(&w, NF_ENT_INDEX, index);
	if (params) {
		nf_wire_tokenparams_write(&p, &token->params);
		if (nf_buf_err(&p) != 0)
			nf_buf_fail(&bytes, nf_buf_err(&p));
		nf_km_put(&w, NF_ENT_PARAMS_LTU, nf_buf_view(&p));
	}
	if (share != NULL)
		nf_km_put(&w, NF_ENT_LTUC_SOFT_TOKEN, nf_buf_view(share));
	nf_km_put(&w, NF_ENT_HASH_KM, nf_view_of(token->hkm, NF_HASH_LEN));
	nf_km_put(&w, NF_ENT_SW_MARK, nf_world_mark(world->insecure));
	nf_km_end(&w);
	if ((r = nf_buf_err(&bytes)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	else
		r = nf_file_write_new(path, 0600, nf_buf_view(&bytes), diag);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&p);
	return r;
}

/* The cards' files, then that of the set: who sees it sees all. */
static int
set_write(const struct nf_world *world, const char *name,
    const struct nf_acs_token *token, const char *hex, struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int lock = -1, r;

	if ((r = nf_km_store_lock(world->dir, &lock, diag)) != 0)
		return r;
	for (uint32_t i = 1; r == 0 && i <= token->params.total; i++) {
		if ((r = nf_path(path, diag, "%s/card_%s_%u", world->dir,
		    hex, i)) == 0)
			r = file_write(world, path, name, token, i, false,
			    NULL, diag);
	}
	if (r == 0 && (r = nf_path(path, diag, "%s/cards_%s", world->dir,
	    hex)) == 0)
		r = file_write(world, path, name, token, 0, true, NULL, diag);
	(void)close(lock);
	return r;
}

static int
pins_ask(struct nf_host *host, struct nf_pins *pins,
    const struct nf_cardset_want *want, struct nf_acs_pin *pin,
    struct nf_diag *diag)
{
	char prompt[NF_OPTOKEN_NAME_MAX + 96];
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < want->n; i++) {
		(void)snprintf(prompt, sizeof(prompt), "Module %u slot 0: "
		    "new passphrase for card #%u of `%s' (empty: none)",
		    nf_host_module(host), i + 1, want->name);
		r = nf_pins_next(pins, prompt, true, pin[i].pin, &pin[i].has,
		    diag);
	}
	return r;
}

int
nf_cardset_create(struct nf_host *host, const struct nf_world *world,
    const struct nf_cardset_want *want, struct nf_pins *pins,
    void (*progress)(const char *line), char hex[static 41],
    struct nf_diag *diag)
{
	struct nf_acs_pin pin[NF_ACS_MAX];
	struct nf_acs_token token;
	int r;

	NF_REQUIRE(want->k >= 1 && want->k <= want->n &&
	    want->n <= NF_ACS_MAX && nf_optoken_name_ok(want->name));
	memset(&token, 0, sizeof(token));
	memset(pin, 0, sizeof(pin));
	hex[0] = '\0';
	memcpy(token.hkm, world->hash[NF_ADMIN_M], NF_HASH_LEN);
	token.params.flags = want->persist ? 0 : NF_TOKEN_UNLOAD;
	token.params.needed = want->k;
	token.params.total = want->n;
	token.params.timelimit = want->timeout;
	if ((r = nf_world_check_module(host, world, diag)) != 0 ||
	    (r = pins_ask(host, pins, want, pin, diag)) != 0 ||
	    (r = nf_acs_token_new(host, &token, diag)) != 0)
		goto out;
	nf_text_hash(hex, token.hkt);
	if ((r = nf_acs_write(host, &token, 1, pin, want->n, progress,
	    diag)) == 0)
		r = set_write(world, want->name, &token, hex, diag);
out:
	nf_acs_drop(host, &token, 1);
	explicit_bzero(pin, sizeof(pin));
	return r;
}

int
nf_softcard_create(struct nf_host *host, const struct nf_world *world,
    const char *name, struct nf_pins *pins, char hex[static 41],
    struct nf_diag *diag)
{
	struct nf_buf share = NF_BUF_INIT;
	struct nf_acs_token token;
	struct nf_acs_pin pin;
	char path[NF_PATH_MAX];
	int lock = -1, r;

	NF_REQUIRE(nf_optoken_name_ok(name));
	memset(&token, 0, sizeof(token));
	memset(&pin, 0, sizeof(pin));
	hex[0] = '\0';
	memcpy(token.hkm, world->hash[NF_ADMIN_M], NF_HASH_LEN);
	token.params.flags = NF_TOKEN_SOFTCARD;
	token.params.needed = token.params.total = 1;
	if ((r = nf_world_check_module(host, world, diag)) != 0 ||
	    (r = nf_pins_next(pins, "Enter new pass phrase", true, pin.pin,
	    &pin.has, diag)) != 0)
		goto out;
	if (!pin.has) {
		r = nf_diag_set(diag, NF_E_USAGE, NULL,
		    "a softcard needs a passphrase");
		goto out;
	}
	if ((r = nf_acs_token_new(host, &token, diag)) != 0 ||
	    (r = nf_acs_soft_write(host, &token, &pin, &share, diag)) != 0)
		goto out;
	nf_text_hash(hex, token.hkt);
	if ((r = nf_path(path, diag, "%s/softcard_%s", world->dir,
	    hex)) == 0 &&
	    (r = nf_km_store_lock(world->dir, &lock, diag)) == 0)
		r = file_write(world, path, name, &token, 0, true, &share,
		    diag);
out:
	if (lock >= 0)
		(void)close(lock);
	nf_acs_drop(host, &token, 1);
	nf_buf_wipe(&share);
	explicit_bzero(&pin, sizeof(pin));
	return r;
}

int
nf_optoken_load(struct nf_host *host, const struct nf_world *world,
    const struct nf_optoken *token, struct nf_pins *pins,
    void (*progress)(const char *line), uint32_t *id, struct nf_diag *diag)
{
	char line[NF_OPTOKEN_NAME_MAX + 32];
	struct nf_acs_token t;
	int r;

	*id = 0;
	if (memcmp(token->hkm, world->hash[NF_ADMIN_M], NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "%s `%s' belongs to another security world",
		    nf_optoken_kind(token->soft), token->name);
	memset(&t, 0, sizeof(t));
	memcpy(t.hkt, token->hkt, NF_HASH_LEN);
	memcpy(t.hkm, token->hkm, NF_HASH_LEN);
	t.params = token->params;
	if (progress != NULL) {
		(void)snprintf(line, sizeof(line), "\nLoading `%s':",
		    token->name);
		progress(line);
	}
	r = token->soft ? nf_acs_soft_read(host, &t, nf_view_of(token->share,
	    token->share_len), token->name, pins, progress, diag) :
	    nf_acs_read(host, &t, 1, token->name, pins, progress, diag);
	*id = t.id;
	return r;
}
