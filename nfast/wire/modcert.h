/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate messages of a module (real): key generation, and module state.
 * Reading one proves nothing: the caller verifies the signature over the
 * same bytes first.
 */
#ifndef NF_WIRE_MODCERT_H
#define NF_WIRE_MODCERT_H

#include "nfast/wire/acl.h"
#include "nfast/wire/genparams.h"
#include "nfast/wire/keydata.h"

#define NF_CERT_MAX	16384	/* bytes of a certificate message */
#define NF_STATE_KMS_MAX	64
#define NF_ESN_MAX	32

enum { NF_MODCERT_KEYGEN = 2, NF_MODCERT_STATE = 4 };

struct nf_keygen_cert {
	struct nf_genparams params;
	struct nf_acl *acl;		/* as at generation */
	uint8_t keyhash[NF_HASH_LEN];
};

/* A key attribute: hash, key and the mechanism it signs with. */
struct nf_attr_key {
	uint8_t hash[NF_HASH_LEN];
	struct nf_keydata key;
	uint32_t mech;
};

struct nf_attr_km {
	uint8_t hash[NF_HASH_LEN];
	uint32_t mech_i;		/* integrity */
	uint32_t mech_c;		/* confidentiality */
};

/* Attributes are present when 1 << tag is set in "present". */
struct nf_state_cert {
	uint32_t present;
	uint8_t challenge[NF_HASH_LEN];
	struct nf_view esn;
	struct nf_attr_key kml, klf, klf2;
	uint8_t hknso[NF_HASH_LEN];
	uint32_t publicperms;
	uint32_t n_kms;
	struct nf_attr_km km[NF_STATE_KMS_MAX];
	struct nf_view physserial;
};

struct nf_modcert {
	uint32_t type;			/* NF_MODCERT_* */
	struct nf_keygen_cert keygen;
	struct nf_state_cert state;
};

/* The state has this attribute, NF_ATTRIB_*. */
bool nf_state_has(const struct nf_state_cert *state, uint32_t tag);

/* The state lists this module key. */
bool nf_state_has_km(const struct nf_state_cert *state,
    const uint8_t hkm[static NF_HASH_LEN]);

/*
 * Read a whole certificate message to the cursor's end.
 *   out  new; free with nf_modcert_free(); NULL on failure; views borrow
 * Returns 0, NF_E_FORMAT (repeated or unknown attributes, trailing bytes) or
 * NF_E_NOMEM.
 */
int nf_wire_modcert_read(struct nf_cur *cur, struct nf_modcert **out);
void nf_modcert_free(struct nf_modcert *cert);

/* Write the message that such a certificate signs; errors stick in buf. */
void nf_wire_keygen_cert_write(struct nf_buf *buf,
    const struct nf_keygen_cert *cert);

/* Attributes in the order of all samples: ESN, KML, KLF or KLF2, KNSO,
 * KMList; a challenge comes first, a physical serial number last. */
void nf_wire_state_cert_write(struct nf_buf *buf,
    const struct nf_state_cert *cert);

/* Print every field for people. */
void nf_wire_modcert_print(struct nf_buf *buf, const struct nf_modcert *cert,
    const char *indent);

#endif
