/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated smartcards: one file a card under cards/, with the shares that
 * were written to it.  Format ours.  Shares are encrypted (token code); the
 * file has no secret in the clear.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/base/seed.h"
#include "nfast/module/internal.h"

#define MAGIC		"secworld simulated card 1\n"
#define MAGIC_SEED	"secworld simulated card 1, " NF_SEED_WORDS "\n"
#define CARD_MAX	65536
#define CARDS_MAX	1024
#define DIGEST_LEN	32

static bool
name_ok(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= NF_MOD_CARD_NAME_MAX &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static int
card_path(const struct nf_module *m, const char *name,
    char path[static NF_PATH_MAX], struct nf_diag *diag)
{
	if (!name_ok(name))
		return nf_diag_set(diag, NF_E_FORMAT, "card",
		    "not the name of a card");
	return nf_path(path, diag, "%s/cards/%s", m->cards_of->dir, name);
}

static int
card_read(struct nf_cur *cur, struct nf_mod_card *card)
{
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_view all = { cur->p, cur->len - DIGEST_LEN };
	uint32_t n;
	int r;

	if ((r = nf_digest_of(NF_SHA256, &all, 1, digest)) != 0)
		return nf_cur_fail(cur, r, "digest", "%s", nf_err_text(r));
	if (memcmp(digest, cur->p + all.len, DIGEST_LEN) != 0)
		return nf_cur_fail(cur, NF_E_FORMAT, "digest",
		    "the card is damaged");
	card->seeded = cur->len > strlen(MAGIC_SEED) &&
	    memcmp(cur->p, MAGIC_SEED, strlen(MAGIC_SEED)) == 0;
	if (card->seeded)
		nf_cur_expect(cur, "magic", MAGIC_SEED, strlen(MAGIC_SEED));
	else
		nf_cur_expect(cur, "magic", MAGIC, strlen(MAGIC));
	n = nf_cur_count(cur, "shares", NF_HASH_LEN + 4 +
	    sizeof(card->share[0].data), NF_MOD_SHARES_MAX);
	for (uint32_t i = 0; i < n; i++) {
		struct nf_mod_cardshare *s = &card->share[i];

		nf_cur_copy(cur, "hkt", s->hkt, NF_HASH_LEN);
		s->index = nf_cur_u32(cur, "index");
		nf_cur_copy(cur, "share", s->data, sizeof(s->data));
	}
	card->n_shares = n;
	(void)nf_cur_bytes(cur, "digest", DIGEST_LEN);
	return nf_cur_end(cur, "card");
}

int
nf_mod_card_read(struct nf_view bytes, struct nf_mod_card *card,
    struct nf_diag *diag)
{
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, bytes.p, bytes.len, diag);
	if (bytes.len <= DIGEST_LEN)
		r = nf_cur_fail(&cur, NF_E_FORMAT, "digest",
		    "the card is cut off");
	else
		r = card_read(&cur, card);
	if (r != 0)
		memset(card, 0, sizeof(*card));
	return r;
}

int
nf_mod_card_load(struct nf_module *m, const char *name, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	int r;

	nf_mod_card_left(m);
	memset(&m->card, 0, sizeof(m->card));
	m->ic++;
	if (*name == '\0')
		return 0;
	if ((r = card_path(m, name, path, diag)) != 0 ||
	    (r = nf_file_load(path, CARD_MAX, &buf, diag)) != 0)
		goto out;
	if ((r = nf_mod_card_read(nf_buf_view(&buf), &m->card, diag)) == 0)
		(void)snprintf(m->card.name, sizeof(m->card.name), "%s",
		    name);
	else
		nf_diag_where(diag, "%s", path);
out:
	nf_buf_wipe(&buf);
	return r;
}

int
nf_mod_card_write(struct nf_buf *buf, const struct nf_mod_card *card)
{
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_view all;

	nf_buf_str(buf, card->seeded ? MAGIC_SEED : MAGIC);
	nf_buf_u32(buf, card->n_shares);
	for (uint32_t i = 0; i < card->n_shares; i++) {
		nf_buf_put(buf, card->share[i].hkt, NF_HASH_LEN);
		nf_buf_u32(buf, card->share[i].index);
		nf_buf_put(buf, card->share[i].data,
		    sizeof(card->share[i].data));
	}
	all = nf_buf_view(buf);
	if (nf_digest_of(NF_SHA256, &all, 1, digest) != 0)
		nf_buf_fail(buf, NF_E_CRYPTO);
	nf_buf_put(buf, digest, DIGEST_LEN);
	return nf_buf_err(buf);
}

int
nf_mod_card_save(struct nf_module *m, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	int r;

	m->card.seeded |= m->nv.seed_epoch > 0;
	if ((r = nf_mod_card_write(&buf, &m->card)) == 0 &&
	    (r = card_path(m, m->card.name, path, diag)) == 0)
		r = nf_mod_commit(m, path, false, nf_buf_view(&buf), diag);
	if (r != 0) {
		char name[NF_MOD_CARD_NAME_MAX + 1];

		memcpy(name, m->card.name, sizeof(name));
		(void)nf_mod_card_load(m, name, NULL);
	}
	nf_buf_wipe(&buf);
	return r;
}

int
nf_mod_card_new(struct nf_module *m, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	int r;

	nf_mod_card_left(m);
	memset(&m->card, 0, sizeof(m->card));
	m->ic++;
	m->card.seeded = m->nv.seed_epoch > 0;
	if ((r = nf_mod_card_write(&buf, &m->card)) != 0 ||
	    (r = nf_path(path, diag, "%s/cards", m->cards_of->dir)) != 0 ||
	    (r = nf_dir_make(path, diag)) != 0)
		goto out;
	r = NF_E_EXISTS;
	for (unsigned int i = 1; i <= CARDS_MAX && r == NF_E_EXISTS; i++) {
		(void)snprintf(m->card.name, sizeof(m->card.name),
		    "card-%u", i);
		if ((r = card_path(m, m->card.name, path, diag)) == 0)
			r = nf_file_exists(path) ? NF_E_EXISTS :
			    nf_mod_commit(m, path, true, nf_buf_view(&buf),
			    diag);
	}
	if (r == NF_E_EXISTS)
		(void)nf_diag_set(diag, r, "card", "%d cards exist already",
		    CARDS_MAX);
	if (r != 0)
		m->card.name[0] = '\0';
out:
	nf_buf_wipe(&buf);
	return r;
}

/* card-2 before card-10: by length, then by letters. */
static int
compare(const void *a, const void *b)
{
	const char *x = a, *y = b;
	size_t n = strlen(x), m = strlen(y);

	return n != m ? (n < m ? -1 : 1) : strcmp(x, y);
}

int
nf_mod_card_list(const struct nf_module *m, struct nf_buf *out,
    struct nf_diag *diag)
{
	char (*names)[NF_MOD_CARD_NAME_MAX + 1];
	char path[NF_PATH_MAX];
	struct dirent *e;
	size_t n = 0;
	DIR *d;
	int r;

	if ((r = nf_path(path, diag, "%s/cards", m->cards_of->dir)) != 0)
		return r;
	if ((names = calloc(CARDS_MAX, sizeof(*names))) == NULL)
		return NF_E_NOMEM;
	if ((d = opendir(path)) == NULL) {
		if (errno != ENOENT)
			r = nf_diag_set(diag, NF_E_IO, "cards", "%s",
			    strerror(errno));
		goto out;
	}
	while (n < CARDS_MAX && (e = readdir(d)) != NULL) {
		if (name_ok(e->d_name))
			(void)snprintf(names[n++], sizeof(names[0]), "%s",
			    e->d_name);
	}
	(void)closedir(d);
	qsort(names, n, sizeof(names[0]), compare);
	for (size_t i = 0; i < n; i++)
		nf_buf_printf(out, "%s\n", names[i]);
	r = nf_buf_err(out);
out:
	free(names);
	return r;
}
