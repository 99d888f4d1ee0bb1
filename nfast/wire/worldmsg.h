/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages with which a security world binds its keys together.  Real
 * for suite DLf3072s256mAEScSP800131Ar1; the form for other suites is not
 * public and ours is the same.  The message under CertKMLaESN is ours.
 */
#ifndef NF_WIRE_WORLDMSG_H
#define NF_WIRE_WORLDMSG_H

#include "nfast/base/buf.h"
#include "nfast/wire/prim.h"

/* "Module keys: suite = " SUITE 00, hknso, hkm, hkmc: signed by KNSO. */
void nf_wire_modulekeys_msg(struct nf_buf *buf, const char *suite,
    const uint8_t hknso[static NF_HASH_LEN],
    const uint8_t hkm[static NF_HASH_LEN],
    const uint8_t hkmc[static NF_HASH_LEN]);

/* "Card Recovery" 00, hknso, hkre, hkra: signed by KNSO. */
void nf_wire_cardrecovery_msg(struct nf_buf *buf,
    const uint8_t hknso[static NF_HASH_LEN],
    const uint8_t hkre[static NF_HASH_LEN],
    const uint8_t hkra[static NF_HASH_LEN]);

/* Ours: "Module signing key: esn = " ESN 00, hkml: signed by KMC. */
void nf_wire_kmlesn_msg(struct nf_buf *buf, struct nf_view esn,
    const uint8_t hkml[static NF_HASH_LEN]);

/* A cipher suite: its number, name, and what its keys are. */
struct nf_suite {
	uint32_t number;
	const char *name;
	uint32_t dsa_bits;	/* KNSO, KML, ...: 1024 or 3072 */
	uint32_t archive_mech;	/* of recovery blobs */
	uint32_t rsa_flags;	/* KeyGenParams of application keys */
	bool klf2;		/* state signed by KLF2, else by KLF */
};

/* By name (exact) or by number; NULL when not supported. */
const struct nf_suite *nf_suite_named(const char *name);
const struct nf_suite *nf_suite_numbered(uint32_t number);

#endif
