/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/wire/genparams.h"
#include "nfast/wire/names.h"
#include "nfast/wire/worldmsg.h"

/* Which KLF signs the state, and the flags that RSA keys are generated with,
 * are real for the first and third; the second is of the first's time. */
static const struct nf_suite suites[] = {
	{ 1, "DLf1024s160mRijndael", 1024, NF_MECH_BLOB_RSA_AES_SHA512, 0,
	    false },
	{ 2, "DLf3072s256mRijndael", 3072, NF_MECH_BLOB_RSA_AES_SHA512, 0,
	    false },
	{ 3, "DLf3072s256mAEScSP800131Ar1", 3072,
	    NF_MECH_BLOB_OAEP_AES_SHA512, NF_GEN_RSA_STRONG, true },
};

#define N_SUITES	(sizeof(suites) / sizeof(suites[0]))

const struct nf_suite *
nf_suite_named(const char *name)
{
	for (size_t i = 0; i < N_SUITES; i++) {
		if (strcmp(suites[i].name, name) == 0)
			return &suites[i];
	}
	return NULL;
}

const struct nf_suite *
nf_suite_numbered(uint32_t number)
{
	for (size_t i = 0; i < N_SUITES; i++) {
		if (suites[i].number == number)
			return &suites[i];
	}
	return NULL;
}

void
nf_wire_modulekeys_msg(struct nf_buf *buf, const char *suite,
    const uint8_t hknso[static NF_HASH_LEN],
    const uint8_t hkm[static NF_HASH_LEN],
    const uint8_t hkmc[static NF_HASH_LEN])
{
	nf_buf_printf(buf, "Module keys: suite = %s", suite);
	nf_buf_u8(buf, 0);
	nf_buf_put(buf, hknso, NF_HASH_LEN);
	nf_buf_put(buf, hkm, NF_HASH_LEN);
	nf_buf_put(buf, hkmc, NF_HASH_LEN);
}

void
nf_wire_cardrecovery_msg(struct nf_buf *buf,
    const uint8_t hknso[static NF_HASH_LEN],
    const uint8_t hkre[static NF_HASH_LEN],
    const uint8_t hkra[static NF_HASH_LEN])
{
	nf_buf_str(buf, "Card Recovery");
	nf_buf_u8(buf, 0);
	nf_buf_put(buf, hknso, NF_HASH_LEN);
	nf_buf_put(buf, hkre, NF_HASH_LEN);
	nf_buf_put(buf, hkra, NF_HASH_LEN);
}

void
nf_wire_kmlesn_msg(struct nf_buf *buf, struct nf_view esn,
    const uint8_t hkml[static NF_HASH_LEN])
{
	nf_buf_str(buf, "Module signing key: esn = ");
	nf_buf_view_put(buf, esn);
	nf_buf_u8(buf, 0);
	nf_buf_put(buf, hkml, NF_HASH_LEN);
}
