/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: what is read from a file of its own: worlds and what lies
 * beside them, keys of others, plans and their journals, lists.  The first
 * byte, a letter, says which.
 */
#include "config.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/host/modfile.h"
#include "nfast/host/optoken.h"
#include "nfast/host/pem.h"
#include "nfast/tools/tokensfile.h"
#include "tests/fuzz/fuzz.h"
#include "transfer/plan-kek.h"
#include "transfer/plan.h"
#include "transfer/vault-tls.h"
#include "verify/kwarn.h"
#include "verify/pubkey.h"
#include "verify/roots.h"
#include "verify/walk.h"

#define ESN	"8938-1075-88BB"
#define HKLTU	"0123456789abcdef0123456789abcdef01234567"

static char dir[NF_PATH_MAX];

/* ---- beside a world ------------------------------------------------------ */

static int
world(const char *path, struct nf_diag *diag)
{
	struct nf_world *w = NULL;
	int r = nf_world_load(dir, &w, diag);

	(void)path;
	NF_REQUIRE((r == 0) == (w != NULL));
	if (r == 0)
		NF_REQUIRE(w->suite != NULL && w->acs_k <= w->acs_n &&
		    w->acs_n <= NF_ACS_MAX);
	nf_world_free(w);
	return r;
}

/* The world's keys are what they are: no file of a seed is of this one. */
static int
module_file(const char *path, struct nf_diag *diag)
{
	struct nf_world *w = calloc(1, sizeof(*w));
	struct nf_modfile m;
	int r = NF_E_NOMEM;

	(void)path;
	if (FUZZ_OK(w != NULL)) {
		(void)snprintf(w->dir, sizeof(w->dir), "%s", dir);
		r = nf_modfile_load(w, ESN, &m, diag);
		nf_modfile_wipe(&m);
	}
	free(w);
	return r;
}

static int
token(bool soft, struct nf_diag *diag)
{
	struct nf_optoken *t = calloc(1, sizeof(*t));
	struct nf_buf out = NF_BUF_INIT;
	uint8_t hkt[NF_HASH_LEN];
	int r = NF_E_NOMEM;

	if (!FUZZ_OK(t != NULL))
		return r;
	NF_REQUIRE(nf_text_unhex(HKLTU, 40, hkt, NF_HASH_LEN));
	r = nf_optoken_open(dir, soft, hkt, t, diag);
	if (r == 0)
		NF_REQUIRE(t->share_len <= sizeof(t->share));
	nf_optoken_describe(&out, dir, soft, hkt);
	fuzz_text(&out);
	free(t);
	return r;
}

static int
cards(const char *path, struct nf_diag *diag)
{
	(void)path;
	return token(false, diag);
}

static int
softcard(const char *path, struct nf_diag *diag)
{
	(void)path;
	return token(true, diag);
}

static int
key_file(const char *path, struct nf_diag *diag)
{
	struct nf_km_key *key = calloc(1, sizeof(*key));
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_km_file *file = NULL;
	uint8_t hkt[NF_HASH_LEN];
	bool soft;
	int r = NF_E_NOMEM;

	if (!FUZZ_OK(key != NULL))
		return r;
	if ((r = nf_km_key_load(path, &bytes, &file, key, diag)) == 0)
		(void)nf_optoken_of_key(key, &soft, hkt);
	nf_km_file_free(file);
	nf_buf_wipe(&bytes);
	free(key);
	return r;
}

/* ---- keys and roots of others -------------------------------------------- */

static int
pass_ask(void *arg, struct nf_tty_line *line, struct nf_diag *diag)
{
	(void)arg;
	(void)diag;
	line->len = (size_t)snprintf(line->p, sizeof(line->p), "fuzz");
	return 0;
}

static int
pem(const char *path, struct nf_diag *diag)
{
	static const struct nf_pem_pass pass = { pass_ask, NULL };
	struct nf_buf bytes = NF_BUF_INIT, pubbytes = NF_BUF_INIT;
	struct nf_diag other = { 0 };
	struct nf_keydata key, pub;
	EVP_PKEY *pkey = NULL;
	int r = nf_pem_load(path, &bytes, &key, diag);

	if (r == 0)
		(void)FUZZ_OK(nf_pem_public(&key, &pubbytes, &pub, NULL) ==
		    0);
	fuzz_diag(nf_pem_private(path, &pass, &pkey, &other), &other);
	EVP_PKEY_free(pkey);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&pubbytes);
	return r;
}

static int
kek(const char *path, struct nf_diag *diag)
{
	struct nf_plan_kek out;

	return nf_plan_kek_load(path, "https://a.vault.azure.net/keys/k/"
	    "0123456789abcdef0123456789abcdef", &out, diag);
}

/* The line beside it is the file here. */
static int
kek_kid(const char *path, struct nf_diag *diag)
{
	char beside[NF_PATH_MAX];
	struct nf_plan_kek out;

	NF_REQUIRE(nf_path(beside, NULL, "%.*s.pem",
	    (int)(strlen(path) - 4), path) == 0);
	return nf_plan_kek_load(beside, NULL, &out, diag);
}

static int
root(const char *path, struct nf_diag *diag)
{
	struct nf_vfy_roots out = { 0 };

	(void)path;
	return nf_vfy_roots_load(&out, dir, diag);
}

static int
kwarn(const char *path, struct nf_diag *diag)
{
	struct nf_vfy_kwarn out = { 0 };

	(void)path;
	return nf_vfy_kwarn_load(&out, dir, diag);
}

/* ---- plans and lists ----------------------------------------------------- */

static int
plan(const char *path, struct nf_diag *diag)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_plan p;
	int r = nf_plan_load(path, &p, diag);

	for (size_t i = 0; r == 0 && i < p.n; i++) {
		NF_REQUIRE(strlen(p.key[i].source) <= NF_PLAN_SOURCE_MAX);
		nf_buf_printf(&out, "%s %s %s\n", p.key[i].source,
		    p.key[i].name, p.key[i].kek);
	}
	nf_buf_wipe(&out);
	nf_plan_wipe(&p);
	return r;
}

static int
journal(const char *path, struct nf_diag *diag)
{
	struct nf_plan_journal j;
	struct nf_buf out = NF_BUF_INIT;
	int r = nf_plan_journal_load(path, &j, diag);

	for (size_t i = 0; r == 0 && i < j.n; i++) {
		NF_REQUIRE(nf_plan_journal_find(&j, j.done[i].name) != NULL);
		nf_plan_done_write(&out, &j.done[i]);
	}
	nf_buf_wipe(&out);
	nf_plan_journal_wipe(&j);
	return r;
}

static int
tokens(const char *path, struct nf_diag *diag)
{
	struct nf_tokensfile file;
	struct nf_buf out = NF_BUF_INIT;
	int r = nf_tokensfile_load(path, &file, diag);

	for (size_t i = 0; r == 0 && i < file.n; i++)
		nf_tokensfile_put(&out, &file.list[i]);
	fuzz_text(&out);
	nf_tokensfile_wipe(&file);
	return r;
}

static int
pins(const char *path, struct nf_diag *diag)
{
	struct nf_pins *p = NULL;
	uint8_t pin[NF_HASH_LEN];
	bool has_pin;
	int r;

	if (setenv("NFSIM_PINS", path, 1) != 0)
		return NF_E_NOMEM;
	if ((r = nf_pins_open(2, &p, diag)) == 0)
		r = nf_pins_next(p, "a prompt", false, pin, &has_pin, diag);
	nf_pins_close(p);
	return r;
}

/* put() leaves no path of a directory in it. */
static int
list(const char *path, struct nf_diag *diag)
{
	struct nf_walk *walk = NULL;
	struct nf_diag each;
	const char *found;
	int r = nf_walk_new(NULL, 0, path, &walk, diag), more = 1;

	while (r == 0 && more != 0) {
		memset(&each, 0, sizeof(each));
		more = nf_walk_next(walk, &found, &each);
		NF_REQUIRE(more >= 0 || each.code < 0);
		NF_REQUIRE(more == 0 || strlen(found) < 2 * NF_PATH_MAX);
	}
	nf_walk_free(walk);
	return r;
}

/* ---- the target ---------------------------------------------------------- */

static const struct {
	char letter;
	const char *name;
	int (*read)(const char *path, struct nf_diag *diag);
} files[] = {
	{ 'w', "world", world },
	{ 'm', "module_" ESN, module_file },
	{ 'c', "cards_" HKLTU, cards },
	{ 's', "softcard_" HKLTU, softcard },
	{ 'k', "key_xfer_1", key_file },
	{ 'p', "key.pem", pem },
	{ 'e', "kek.pem", kek },
	{ 'i', "beside.kid", kek_kid },
	{ 'r', NF_VFY_ROOT_FILE, root },
	{ 'a', NF_VFY_KWARN_FILE, kwarn },
	{ 'l', "plan", plan },
	{ 'j', "journal", journal },
	{ 't', "tokens", tokens },
	{ 'n', "pins", pins },
	{ 'f', "list", list }
};

#define N_FILES	(sizeof(files) / sizeof(files[0]))

/* The readers take only what a simulator made, and a KEK to be beside. */
static const struct {
	const char *name, *text;
} constant[] = {
	{ NF_KM_STORE_MARK, "" },
	{ "beside.pem", "-----BEGIN PUBLIC KEY-----\n"
	    "-----END PUBLIC KEY-----\n" }
};

static void
file_path(const char *name, char path[static NF_PATH_MAX])
{
	NF_REQUIRE(nf_path(path, NULL, "%s/%s", dir, name) == 0);
}

static void
clean_up(void)
{
	char path[NF_PATH_MAX];

	for (size_t i = 0; i < N_FILES; i++) {
		file_path(files[i].name, path);
		(void)unlink(path);
	}
	for (size_t i = 0; i < 2; i++) {
		file_path(constant[i].name, path);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

static void
put(const char *path, const char *p, size_t len, bool list)
{
	FILE *f = fopen(path, "w");

	NF_REQUIRE(f != NULL);
	for (size_t i = 0; i < len; i++) {
		bool leads = list && (p[i] == '/' || p[i] == '.');

		NF_REQUIRE(putc(leads ? '_' : p[i], f) != EOF);
	}
	NF_REQUIRE(fclose(f) == 0);
}

static void
start(void)
{
	char path[NF_PATH_MAX];

	fuzz_dir(dir);
	NF_REQUIRE(atexit(clean_up) == 0);
	for (size_t i = 0; i < 2; i++) {
		file_path(constant[i].name, path);
		put(path, constant[i].text, strlen(constant[i].text), false);
	}
}

void
target_file(const uint8_t *data, size_t size)
{
	struct nf_diag diag = { 0 };
	char path[NF_PATH_MAX];
	size_t i = 0;

	while (size > 0 && i < N_FILES && files[i].letter != (char)data[0])
		i++;
	if (size == 0 || i == N_FILES)
		return;
	nf_fail_off();
	if (dir[0] == '\0')
		start();
	file_path(files[i].name, path);
	put(path, (const char *)data + 1, size - 1, data[0] == 'f');
	fuzz_inject();
	fuzz_diag(files[i].read(path, &diag), &diag);
	nf_fail_off();
	(void)unlink(path);
}
