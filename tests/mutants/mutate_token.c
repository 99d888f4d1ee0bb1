/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of card sets, cards and softcards: nothing signs them, so that only
 * their form can be wrong (entry numbers real, their choice inferred).
 */
#include "config.h"

#include <string.h>

#include "nfast/wire/acl.h"
#include "tests/mutants/kmedit.h"

#define ROWS(r)	(r), sizeof(r) / sizeof((r)[0])
#define WORDS(s)	KM_BYTES(s)

static const struct km_case sets[] = {
	{ "short_params", { KM_SHORT, { NF_ENT_PARAMS_LTU }, { NULL, 0 } },
	    { MUT_MALFORMED, "ktparams", "the token parameters have 15 "
	    "bytes" } },
	{ "trailing_params", { KM_LONG, { NF_ENT_PARAMS_LTU }, { NULL, 0 } },
	    { MUT_MALFORMED, "ParamsLTU", "a byte follows the token "
	    "parameters" } },
	{ "duplicate_params", { KM_TWICE, { NF_ENT_PARAMS_LTU },
	    { NULL, 0 } },
	    { MUT_MALFORMED, "ParamsLTU", "the token parameters are there "
	    "twice" } },
	{ "duplicate_name", { KM_TWICE, { NF_ENT_NAME }, { NULL, 0 } },
	    { MUT_MALFORMED, "Name", "the entry Name is there twice" } },
	{ "junk_name", { KM_TEXT, { NF_ENT_NAME }, KM_BYTES("op\033[2J") },
	    { MUT_FAIL, "token.name", "the name is not printable" } },
	{ "zero_quorum", { KM_TEXT, { NF_ENT_PARAMS_LTU }, WORDS("\0\0\0\0"
	    "\0\0\0\0" "\1\0\0\0" "\0\0\0\0") },
	    { MUT_FAIL, "token.params", "0 of 1 cards make the token" } },
	{ "swapped_k_n", { KM_TEXT, { NF_ENT_PARAMS_LTU }, WORDS("\0\0\0\0"
	    "\2\0\0\0" "\1\0\0\0" "\0\0\0\0") },
	    { MUT_FAIL, "token.params", "2 of 1 cards make the token" } },
	{ "max_shares", { KM_TEXT, { NF_ENT_PARAMS_LTU }, WORDS("\0\0\0\0"
	    "\1\0\0\0" "\377\377\377\377" "\0\0\0\0") },
	    { MUT_FAIL, "token.params", "the set has 2^32 - 1 cards" } },
	{ "wrong_flags", { KM_TEXT, { NF_ENT_PARAMS_LTU }, WORDS("\7\0\0\0"
	    "\1\0\0\0" "\1\0\0\0" "\0\0\0\0") },
	    { MUT_FAIL, "token.params", "the flags are those of a "
	    "softcard" } },
	{ "short_hkm", { KM_SHORT, { NF_ENT_HASH_KM }, { NULL, 0 } },
	    { MUT_FAIL, "token.hashes", "HKM has 19 bytes" } },
	{ "unknown_entry", { KM_ADD, { 99 }, KM_BYTES("x") },
	    { MUT_UNKNOWN, "token.entries", "there is an entry that no such "
	    "file is known to have" } }
};

static const struct km_case cards[] = {
	{ "zero_index", { KM_TEXT, { NF_ENT_INDEX }, KM_BYTES("\0\0\0\0") },
	    { MUT_FAIL, "token.index", "the card has the number 0" } },
	{ "max_index", { KM_TEXT, { NF_ENT_INDEX },
	    KM_BYTES("\377\377\377\377") },
	    { MUT_FAIL, "token.index", "the card has the number 2^32 - "
	    "1" } },
	{ "short_index", { KM_SHORT, { NF_ENT_INDEX }, { NULL, 0 } },
	    { MUT_MALFORMED, "Index", "the card's number has three "
	    "bytes" } },
	{ "duplicate_index", { KM_TWICE, { NF_ENT_INDEX }, { NULL, 0 } },
	    { MUT_MALFORMED, "Index", "the card has two numbers" } },
	{ "no_index", { KM_DROP, { NF_ENT_INDEX }, { NULL, 0 } },
	    { MUT_NOTHING, "nothing in it", "the card's number is missing, "
	    "without which it is no card file" } },
	{ "junk_name", { KM_TEXT, { NF_ENT_NAME }, KM_BYTES("op\033[2J") },
	    { MUT_FAIL, "token.name", "the name is not printable" } },
	{ "long_hkm", { KM_LONG, { NF_ENT_HASH_KM }, { NULL, 0 } },
	    { MUT_FAIL, "token.hashes", "HKM has 21 bytes" } }
};

static const struct km_case softcards[] = {
	{ "no_share", { KM_EMPTY, { NF_ENT_LTUC_SOFT_TOKEN }, { NULL, 0 } },
	    { MUT_FAIL, "token.share", "the softcard's share is empty" } },
	{ "wrong_share", { KM_FLIP, { NF_ENT_LTUC_SOFT_TOKEN },
	    { NULL, 0 } },
	    { MUT_UNKNOWN, "token.share", "one bit of the share is another, "
	    "which only the module can see" } },
	{ "duplicate_share", { KM_TWICE, { NF_ENT_LTUC_SOFT_TOKEN },
	    { NULL, 0 } },
	    { MUT_MALFORMED, "LTUCSoftToken", "the softcard's share is there "
	    "twice" } },
	{ "wrong_flags", { KM_TEXT, { NF_ENT_PARAMS_LTU }, WORDS("\3\0\0\0"
	    "\1\0\0\0" "\1\0\0\0" "\0\0\0\0") },
	    { MUT_FAIL, "token.params", "the flags are those of a card "
	    "set" } },
	{ "wrong_shares", { KM_TEXT, { NF_ENT_PARAMS_LTU }, WORDS("\7\0\0\0"
	    "\1\0\0\0" "\2\0\0\0" "\0\0\0\0") },
	    { MUT_FAIL, "token.params", "the softcard has two shares" } },
	{ "zero_quorum", { KM_TEXT, { NF_ENT_PARAMS_LTU }, WORDS("\7\0\0\0"
	    "\0\0\0\0" "\1\0\0\0" "\0\0\0\0") },
	    { MUT_FAIL, "token.params", "no share makes the token" } },
	{ "unknown_entry", { KM_ADD, { 99 }, KM_BYTES("x") },
	    { MUT_UNKNOWN, "token.entries", "there is an entry that no such "
	    "file is known to have" } }
};

void
mutate_tokens(struct mut *m)
{
	static const char command[] = "byok-audit --simulated-root";
	static const struct nf_view none;
	struct nf_view v;

	v = mut_load(m, "cards");
	mut_format(m, "card-set-file", command, MUT_UNANCHORED, v,
	    "the file of a card set of the simulator");
	km_put_all(m, v, none, ROWS(sets));
	v = mut_load(m, "card");
	mut_format(m, "card-file", command, MUT_UNANCHORED, v,
	    "the file of an operator card of the simulator");
	km_put_all(m, v, none, ROWS(cards));
	v = mut_load(m, "softcard");
	mut_format(m, "softcard-file", command, MUT_UNANCHORED, v,
	    "the file of a softcard of the simulator");
	km_put_all(m, v, none, ROWS(softcards));
}
