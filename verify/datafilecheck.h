/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit of single files of kmdata/local: key, world and module files, and
 * those of operator tokens (card sets, cards, softcards).  Container, entry
 * numbers and certificates are real; which entries a world or module file
 * has, the check ids, and signature texts of newer suites are ours.  No such
 * file has a link to a pinned root: the best verdict is "unanchored", unless
 * our root chain is in the file.
 *
 * Of token files only names, sizes and the fields that libraries show are
 * public: the entries they hold are inferred from the list of entry types
 * (ParamsLTU for a card set, LTUCSoftToken for a softcard, Index for a card).
 * No signature covers any of them, so that every fact is a claim; entries that
 * are not known leave token.entries unknown.
 */
#ifndef NF_VERIFY_DATAFILECHECK_H
#define NF_VERIFY_DATAFILECHECK_H

#include "nfast/kmdata/datafile.h"
#include "verify/chain.h"
#include "verify/options.h"
#include "verify/verdict.h"

enum nf_vfy_kmkind {
	NF_VFY_KM_OTHER,	/* nothing in it that could be verified */
	NF_VFY_KM_KEY,
	NF_VFY_KM_WORLD,
	NF_VFY_KM_MODULE,
	NF_VFY_KM_CARDSET,
	NF_VFY_KM_CARD,
	NF_VFY_KM_SOFTCARD
};

/* Tell by the entries. */
enum nf_vfy_kmkind nf_vfy_km_kind(const struct nf_km_file *file);

/* "key file", ...; "KM datafile" for NF_VFY_KM_OTHER. */
const char *nf_vfy_km_name(enum nf_vfy_kmkind kind);

/*
 * Audit a file of that kind.
 *   file  borrowed; it and its bytes outlive the call
 * Checks: key.entries, .pubblob, .privblob, .state, .kml, .esn, .keygen,
 * .keyhash, .kml-esn; world.knso, .kmc, .modulekeys, .recovery; module.state,
 * .kml, .entries, .kml-esn; token.entries, .name, .index, .params, .hashes,
 * .share; root.
 * Returns 0 when there is a verdict; NF_E_FORMAT (diag.field: the entry);
 * NF_E_UNANCHORED for NF_VFY_KM_OTHER; NF_E_NOMEM or NF_E_CRYPTO.
 */
int nf_vfy_km_check(struct nf_vfy_ctx *ctx, const struct nf_km_file *file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag);

/*
 * The same for a file of a card set, card or softcard, which nothing signs;
 * called by nf_vfy_km_check().
 *   kind  one of the three
 * Returns 0, or NF_E_FORMAT: an entry is given twice or has another size.
 */
int nf_vfy_km_token_check(const struct nf_km_file *file,
    enum nf_vfy_kmkind kind, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag);

#endif
