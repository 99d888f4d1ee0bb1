/* SPDX-License-Identifier: Apache-2.0 */
/* One change to the entries of a KM datafile (ours). */
#ifndef NF_TESTS_MUTANTS_KMEDIT_H
#define NF_TESTS_MUTANTS_KMEDIT_H

#include "nfast/kmdata/datafile.h"
#include "tests/mutants/mut.h"

/*
 * What happens to the entries of the listed types.
 *   KM_TAKE  they get the data of the other file's
 *   KM_SWAP  the first two change their data
 *   KM_TEXT  the first gets these bytes; KM_ADD: such an entry is added
 *   KM_FLIP  one bit in the middle
 */
enum km_op { KM_DROP, KM_TWICE, KM_EMPTY, KM_SHORT, KM_LONG, KM_FLIP,
	KM_TAKE, KM_SWAP, KM_TEXT, KM_ADD };

#define KM_TYPES	8

struct km_edit {
	enum km_op op;
	uint32_t type[KM_TYPES];	/* ended by a 0 */
	struct nf_view data;		/* KM_TEXT, KM_ADD */
};

/* A row: a name, what it does, what it is for. */
struct km_case {
	const char *name;
	struct km_edit edit;
	struct mut_want want;
};

#define KM_BYTES(s)	{ (const uint8_t *)(s), sizeof(s) - 1 }

/* The file with one edit; other is what KM_TAKE takes from. */
struct nf_view km_edited(struct mut *m, struct nf_view file,
    const struct km_edit *edit, struct nf_view other);

/* The file with n entries replaced. */
struct nf_view km_set(struct mut *m, struct nf_view file, size_t n,
    const uint32_t *type, const struct nf_view *data);

/* The only entry of a type. */
struct nf_view km_get(struct mut *m, struct nf_view file, uint32_t type);

/* Every row as a mutant of the present format. */
void km_put_all(struct mut *m, struct nf_view file, struct nf_view other,
    const struct km_case *rows, size_t n);

/* The signature text of an entry as a signature. */
void km_sig(struct mut *m, struct nf_view file, uint32_t type,
    struct nf_cipher *out);

#endif
