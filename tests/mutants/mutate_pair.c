/* SPDX-License-Identifier: Apache-2.0 */
/* The two packages of a region together, as verifykeypackage takes them. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/mutants/chains.h"
#include "tests/mutants/kmedit.h"
#include "tests/mutants/packages.h"

/* The KEK may be kept under another module key than the world's. */
static void
blob_other_km(struct mut *m, struct nf_acl *acl)
{
	(void)m;
	for (uint32_t i = 0; i < acl->n_groups; i++) {
		struct nf_action *a = acl->group[i].action;

		if (a->type == NF_ACT_MAKEBLOB)
			memset(a->kmhash, 0x11, NF_HASH_LEN);
	}
}

static const struct acl_case pair_acl = { "wrong_acl_km_signed",
	blob_other_km, { MUT_FAIL, "kek.acl-blob", "the KEK can be kept "
	"under the module key of another world" } };

/* Both halves, and the line of the pair. */
static void
pair_put(struct mut *m, const char *name, struct nf_view kek,
    struct nf_view world, const struct mut_want *want)
{
	char kek_path[64], world_path[64], command[256];

	(void)snprintf(kek_path, sizeof(kek_path), "pair/%s.kek", name);
	(void)snprintf(world_path, sizeof(world_path), "pair/%s.world",
	    name);
	mut_write(m, kek_path, kek);
	mut_write(m, world_path, world);
	(void)snprintf(command, sizeof(command), "verifykeypackage "
	    "--simulated-root -k %s -w %s", kek_path, world_path);
	mut_line(m, kek_path, name, command, want);
}

static void
knso_edit(struct nf_state_cert *state)
{
	state->hknso[0] ^= 1;
}

void
mutate_pairs(struct mut *m)
{
	static const uint32_t region = NF_ENT_SW_REGION;
	const struct nf_view europe = mut_text("Europe");
	struct nf_view kek_na = mut_load(m, PKG_KEK_NA);
	struct nf_view world_na = mut_load(m, PKG_WORLD_NA);
	struct nf_view chain = chains_other_root(m, &m->eu);
	const uint32_t chain_type = NF_ENT_SW_ROOTCHAIN;
	struct cert_host k, w;
	struct certs c;

	package_open(m, &k, false);
	package_open(m, &w, true);
	m->format = "pair";
	m->good = MUT_PASS;
	pair_put(m, "valid", k.file, w.file, &(struct mut_want){ MUT_PASS,
	    NULL, "the two packages of a simulated region" });
	pair_put(m, "swapped_kek_world", w.file, k.file, &(struct mut_want){
	    MUT_MALFORMED, "swap the two", "each package is in the "
	    "other's place" });
	pair_put(m, "no_kek_region", km_edited(m, k.file,
	    &(struct km_edit){ KM_DROP, { NF_ENT_SW_REGION },
	    { NULL, 0 } }, k.file), w.file, &(struct mut_want){
	    MUT_MALFORMED, "no KEK package", "the KEK package has no region: "
	    "it is a key file then" });
	pair_put(m, "wrong_world", k.file, world_na, &(struct mut_want){
	    MUT_FAIL, "world.region", "the SecurityWorld package is another "
	    "region's" });
	pair_put(m, "wrong_kek", kek_na, w.file, &(struct mut_want){
	    MUT_FAIL, "world.region", "the KEK package is another "
	    "region's" });
	pair_put(m, "replayed_world", k.file, km_set(m, world_na, 1, &region,
	    &europe), &(struct mut_want){ MUT_FAIL,
	    "kek.acl-blob,world.module", "the SecurityWorld package is "
	    "another region's under this region's name" });
	c = w.certs;
	certs_state_signed(m, c.state, knso_edit, m->eu.klf, &c);
	pair_put(m, "wrong_world_state_signed", k.file,
	    w.build(m, &w, &c), &(struct mut_want){ MUT_FAIL,
	    "world.module,world.knso", "the module was in another world when "
	    "it signed the state in the SecurityWorld package" });
	c = k.certs;
	certs_state_signed(m, c.state, knso_edit, m->eu.klf, &c);
	pair_put(m, "wrong_kek_state_signed", k.build(m, &k, &c), w.file,
	    &(struct mut_want){ MUT_FAIL, "world.module", "the module was in "
	    "another world when it signed the state in the KEK package" });
	pair_put(m, "wrong_world_root", k.file, km_set(m, w.file, 1,
	    &chain_type, &chain), &(struct mut_want){ MUT_FAIL, "root",
	    "the SecurityWorld package's chain ends at another root" });
	pair_put(m, "wrong_kek_root", km_set(m, k.file, 1, &chain_type,
	    &chain), w.file, &(struct mut_want){ MUT_FAIL, "root",
	    "the KEK package's chain ends at a root that nobody named" });
	c = k.certs;
	certs_acl_signed(m, &k, &pair_acl, &c);
	pair_put(m, pair_acl.name, k.build(m, &k, &c), w.file,
	    &pair_acl.want);
}
