/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A corpus of mutants under construction: its directory, its manifest, and
 * the keys of the simulated modules that signed the valid files.  Everything
 * here is ours.  A failure of the generator itself ends the process.
 */
#ifndef NF_TESTS_MUTANTS_MUT_H
#define NF_TESTS_MUTANTS_MUT_H

#include "nfast/module/internal.h"
#include "nfast/wire/cipher.h"
#include "nfast/wire/modcert.h"

/* What an auditor has to say. */
enum mut_result {
	MUT_PASS,	/* all well, up to an accepted root: exit 0 */
	MUT_UNANCHORED,	/* all well, no root: exit 4 */
	MUT_FAIL,	/* that check fails: exit 1 */
	MUT_UNKNOWN,	/* that check cannot be made; exit as if it were */
	MUT_UNROOTED,	/* the same, and no root is left: exit 4 */
	MUT_MALFORMED,	/* unreadable; the message has that word: exit 3 */
	MUT_REFUSED,	/* no verdict; the message has that word: exit 1 */
	MUT_NOTHING	/* nothing to judge; the same: exit 4 */
};

/*
 * What is expected of a mutant.
 *   check  id of the first check that fails (more ids after commas: the
 *          next ones), or that cannot be made; or a word of the message
 *   about  one sentence: the one thing that is wrong
 */
struct mut_want {
	enum mut_result result;
	const char *check;
	const char *about;
};

/* A simulated module's keys, with their private halves. */
struct mut_module {
	struct nf_module *module;
	struct nf_mod_key *klf, *klf2, *kml;
};

/* Keys of nobody: like a KLF or an older KML, a newer KML, a KLF2. */
enum mut_other { MUT_DSA_1024, MUT_DSA_3072, MUT_P521, MUT_OTHERS };

struct mut_pool;

/*
 *   from, to  directories of the valid files and of the corpus
 *   format    directory of the present format; its command is what stands
 *             before the file's name, good is the valid file's result
 *   user      the module of the one who transfers; eu, na: of two regions
 *   root      the factory's legacy root; kwarn: its warrant root
 */
struct mut {
	const char *from, *to;
	const char *format, *command;
	enum mut_result good;
	size_t n;
	struct nf_buf manifest;
	struct nf_diag diag;
	struct mut_module user, eu, na;
	struct nf_mod_key *root, *kwarn, *other[MUT_OTHERS];
	struct nf_mod_txn *txn;
	struct mut_pool *pool;
};

/* End the process with the diag's line, unless r is 0. */
#define MUST(m, r)						\
	do {							\
		int must_ = (r);				\
								\
		if (must_ != 0)					\
			mut_die(m, must_, __FILE__, __LINE__);	\
	} while (0)
_Noreturn void mut_die(struct mut *m, int r, const char *file, int line);

void mut_open(struct mut *m, const char *from, const char *to);
/* Write the manifest; free all. */
void mut_close(struct mut *m);

/* A buffer that lives as long as the corpus is made. */
struct nf_buf *mut_buf(struct mut *m);
struct nf_view mut_view(struct mut *m, const struct nf_buf *buf);

/* A valid file, by its name below m->from. */
struct nf_view mut_load(struct mut *m, const char *name);

/* A text; a copy with one bit of byte off changed; with another length. */
struct nf_view mut_text(const char *s);
struct nf_view mut_flip(struct mut *m, struct nf_view v, size_t off);
struct nf_view mut_long(struct mut *m, struct nf_view v);

/* A copy with the first (only) occurrence of a text replaced. */
struct nf_view mut_replace(struct mut *m, struct nf_view v, const char *old,
    const char *new);

/* A sub-view as an offset: where part starts in whole. */
size_t mut_at(struct nf_view whole, struct nf_view part);

/*
 * Begin a format: its directory and its valid file.
 *   command  what checks a file of it, when its name is put behind
 */
void mut_format(struct mut *m, const char *format, const char *command,
    enum mut_result good, struct nf_view valid, const char *about);

/* Write FORMAT/NAME and its line. */
void mut_put(struct mut *m, const char *name, struct nf_view bytes,
    const struct mut_want *want);

/* Write a file below the corpus, its directories too. */
void mut_write(struct mut *m, const char *path, struct nf_view bytes);

/* A line for a file that mut_write() wrote, with a whole command. */
void mut_line(struct mut *m, const char *path, const char *name,
    const char *command, const struct mut_want *want);

/*
 * A signature with the mechanism of the key; out lives as long as the
 * corpus is made.  Equal keys and messages give equal signatures.
 */
void mut_sign(struct mut *m, struct nf_mod_key *key, struct nf_view msg,
    struct nf_cipher *out);

/* The same as the text of a KM datafile. */
struct nf_view mut_sigtext(struct mut *m, const struct nf_cipher *sig);

/* A public blob under the null module key. */
struct nf_view mut_blob(struct mut *m, const struct nf_keydata *key);

/* One function a format, or for several that are alike. */
void mutate_key_files(struct mut *m);
void mutate_world_file(struct mut *m);
void mutate_module_file(struct mut *m);
void mutate_tokens(struct mut *m);
void mutate_packages(struct mut *m);
void mutate_pairs(struct mut *m);
void mutate_byok1(struct mut *m);
void mutate_byok2(struct mut *m);
void mutate_attestation(struct mut *m);
void mutate_warrants(struct mut *m);
void mutate_features(struct mut *m);
void mutate_zips(struct mut *m);
void mutate_transcripts(struct mut *m);

#endif
