/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every check of the auditor by its id, for reports that list their rules.
 * A check's title in a report may say more than its rule.  Ours.
 */
#ifndef NF_VERIFY_VERDICT_RULES_H
#define NF_VERIFY_VERDICT_RULES_H

#include <stddef.h>

/* The result of a whole file, beside those of its checks. */
#define NF_VFY_RULE_VERDICT	"verdict"

/* what: what is checked, one phrase.  Sorted by id. */
struct nf_vfy_rule {
	const char *id, *what;
};

/* All rules, and how many there are. */
extern const struct nf_vfy_rule nf_vfy_rules[];
extern const size_t nf_vfy_n_rules;

/* Its position; nf_vfy_n_rules when there is no such rule. */
size_t nf_vfy_rule_find(const char *id);

/* What kinds of files have checks like this one: "key files". */
const char *nf_vfy_rule_files(const struct nf_vfy_rule *rule);

#endif
