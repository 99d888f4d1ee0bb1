/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the properties is that of the vendor's structures (name, k, n,
 * hkltu, flags, timeout, gentime); the lay-out is ours, as no public
 * transcript shows it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/host/optoken.h"
#include "nfast/tools/tokeninfo.h"

static void
token_print(struct nf_buf *out, const struct nf_optoken *t)
{
	if (t->soft)
		nf_buf_printf(out, "SoftCard\n name          \"%s\"\n"
		    " hkltu         %s\n flags         PassPhrase\n",
		    t->name, t->hex);
	else {
		nf_buf_printf(out, "Cardset\n name          \"%s\"\n"
		    " k-out-of-n    %u/%u\n hkltu         %s\n"
		    " flags         %s\n", t->name, t->params.needed,
		    t->params.total, t->hex,
		    (t->params.flags & NF_TOKEN_UNLOAD) != 0 ?
		    "NotPersistent" : "Persistent");
		if (t->params.timelimit == 0)
			nf_buf_str(out, " timeout       none\n");
		else
			nf_buf_printf(out, " timeout       %u s\n",
			    t->params.timelimit);
	}
	nf_buf_str(out, " gentime       ");
	nf_text_time(out, t->time);
	nf_buf_str(out, "\n");
}

static void
line_print(struct nf_buf *out, const struct nf_optoken *t)
{
	if (t->soft)
		nf_buf_printf(out, " %s  %s\n", t->hex, t->name);
	else
		nf_buf_printf(out, " %s  %s  %u/%u %s\n", t->hex, t->name,
		    t->params.needed, t->params.total,
		    (t->params.flags & NF_TOKEN_UNLOAD) != 0 ?
		    "not persistent" : "persistent");
}

int
nf_tokeninfo(struct nf_buf *out, const char *dir, bool soft,
    const char *word, bool *bad, struct nf_diag *diag)
{
	uint8_t (*list)[NF_HASH_LEN] = NULL;
	struct nf_diag own;
	struct nf_optoken t;
	char hex[41];
	size_t n;
	int r;

	if (word != NULL) {
		if ((r = nf_optoken_find(dir, soft, word, &t, diag)) == 0)
			token_print(out, &t);
		return r;
	}
	if ((r = nf_optoken_list(dir, soft, &list, &n, diag)) != 0)
		return r;
	nf_buf_printf(out, "%s list - %zu %ss\n", soft ? "SoftCard" :
	    "Cardset", n, soft ? "softcard" : "cardset");
	for (size_t i = 0; i < n; i++) {
		memset(&own, 0, sizeof(own));
		nf_text_hash(hex, list[i]);
		if (nf_optoken_open(dir, soft, list[i], &t, &own) == 0)
			line_print(out, &t);
		else {
			nf_buf_printf(out, " %s  cannot be read: %s\n", hex,
			    own.text);
			*bad = true;
		}
	}
	free(list);
	return 0;
}

const char *
nf_tokeninfo_protection(const struct nf_km_key *key)
{
	uint8_t hkt[NF_HASH_LEN];
	bool soft;

	if (!nf_optoken_of_key(key, &soft, hkt))
		return "Module";
	return soft ? "PassPhrase" : "CardSet";
}

void
nf_tokeninfo_key(struct nf_buf *out, const char *dir,
    const struct nf_km_key *key)
{
	uint8_t hkt[NF_HASH_LEN];
	struct nf_optoken t;
	char hex[41];
	bool soft;

	if (!nf_optoken_of_key(key, &soft, hkt))
		return;
	nf_text_hash(hex, hkt);
	nf_buf_printf(out, " %-19s %s", soft ? "softcard" : "cardset", hex);
	if (nf_optoken_open(dir, soft, hkt, &t, NULL) == 0)
		nf_buf_printf(out, " `%s'", t.name);
	nf_buf_str(out, "\n");
}

bool
nf_tokeninfo_known(const char *dir, const uint8_t *hkt)
{
	uint8_t (*list)[NF_HASH_LEN] = NULL;
	bool known = false;
	size_t n;

	if (nf_optoken_list(dir, false, &list, &n, NULL) != 0)
		return false;
	for (size_t i = 0; !known && i < n; i++)
		known = memcmp(list[i], hkt, NF_SHORTHASH_LEN) == 0;
	free(list);
	return known;
}
