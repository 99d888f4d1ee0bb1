/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutants of a module's certificates in whatever file holds them: with the
 * signature broken, and with a right signature over the wrong thing.  Ours.
 */
#ifndef NF_TESTS_MUTANTS_CERTS_H
#define NF_TESTS_MUTANTS_CERTS_H

#include "nfast/kmdata/datafile.h"
#include "tests/mutants/mut.h"

/* The two entries of a certificate in a KM datafile. */
#define STATE_GROUP	NF_ENT_CERT_MODULE_STATE, NF_ENT_MESG_MODULE_STATE
#define GEN_GROUP	NF_ENT_CERT_GEN_KA, NF_ENT_MESG_GEN_KA
#define KM_GROUP	NF_ENT_CERT_GEN_KM, NF_ENT_MESG_GEN_KM

/* The certificates of a file; gen is empty where there is none. */
struct certs {
	struct nf_view state, gen;
	struct nf_cipher state_sig, gen_sig;
};

/* What a change is seen by; the checks have other ids in each format. */
enum cert_role {
	ROLE_STATE_SIG,	/* the state's signature */
	ROLE_STATE,	/* the state's form, whoever signed it */
	ROLE_ESN,	/* a state of another ESN, under the right KLF */
	ROLE_KML,	/* of another KML */
	ROLE_KLF,	/* a state under another KLF */
	ROLE_KNSO,	/* of another KNSO */
	ROLE_KMLIST,	/* without the world's key */
	ROLE_GEN_SIG,	/* the generation certificate's signature */
	ROLE_GEN,	/* its form, or another kind of key */
	ROLE_KEYHASH,	/* of another key */
	ROLES
};

/*
 * A file with certificates.
 *   id     of the check that sees a change; NULL: none does, no mutant
 *   klf    what signed the state; kml: the generation certificate
 *   other_klf, other_kml  keys of nobody, of the same kinds
 *   build  the file around changed certificates
 */
struct cert_host {
	const char *id[ROLES];
	struct nf_mod_key *klf, *kml, *other_klf, *other_kml;
	struct certs certs;
	struct nf_view (*build)(struct mut *m, const struct cert_host *host,
	    const struct certs *certs);
	void *arg;
	struct nf_view file;
};

/* The module's own keys and those of nobody beside them. */
void certs_keys(struct mut *m, struct cert_host *host,
    const struct mut_module *module, bool klf2, bool dsa_3072);

/*
 * The certificates out of host->file, and into a copy of it: the state and
 * the generation certificate of a key or, with km, of a module key.
 */
void certs_get(struct mut *m, struct cert_host *host, bool km);
struct nf_view certs_set(struct mut *m, const struct cert_host *host,
    const struct certs *certs, bool km);

/* All mutants of the state, and of the generation certificate. */
void certs_put_state(struct mut *m, const struct cert_host *host);
void certs_put_gen(struct mut *m, const struct cert_host *host);

/* A change of the ACL at generation, which the KML signed. */
struct acl_case {
	const char *name;
	void (*edit)(struct mut *m, struct nf_acl *acl);
	struct mut_want want;
};
void certs_acl_signed(struct mut *m, const struct cert_host *host,
    const struct acl_case *row, struct certs *out);
void certs_put_acls(struct mut *m, const struct cert_host *host,
    const struct acl_case *rows, size_t n);

/* A state certificate with one change, signed by signer. */
void certs_state_signed(struct mut *m, struct nf_view state,
    void (*edit)(struct nf_state_cert *state), struct nf_mod_key *signer,
    struct certs *out);

#endif
