/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/base/curve.h"
#include "nfast/base/pkey.h"
#include "nfast/wire/ddds.h"
#include "nfast/wire/names.h"
#include "nfast/wire/warrantmsg.h"

#define NUMBER_LEN	66	/* of P-521 */

/* A little-endian number of the marshalling as NUMBER_LEN bytes. */
static void
big_endian(struct nf_buf *buf, struct nf_view le,
    uint8_t out[static NUMBER_LEN])
{
	le = nf_le_trim(le);
	memset(out, 0, NUMBER_LEN);
	if (le.len > NUMBER_LEN) {
		nf_buf_fail(buf, NF_E_INTERNAL);
		return;
	}
	for (size_t i = 0; i < le.len; i++)
		out[NUMBER_LEN - 1 - i] = le.p[i];
}

static void
put_number(struct nf_buf *buf, struct nf_view le)
{
	uint8_t be[NUMBER_LEN];

	big_endian(buf, le, be);
	nf_ddds_put_int(buf, nf_view_of(be, sizeof(be)));
}

static void
put_key(struct nf_buf *buf, const char *name, const struct nf_keydata *key)
{
	if (key->type != NF_KEY_ECDSAPUBLIC || key->curve != NF_EC_P521)
		nf_buf_fail(buf, NF_E_INTERNAL);
	nf_ddds_put_symbol(buf, name);
	nf_ddds_put_list(buf, 4);
	nf_ddds_put_symbol(buf, "ECDSA");
	nf_ddds_put_symbol(buf, "Public");
	nf_ddds_put_symbol(buf, "NISTP521");
	nf_ddds_put_list(buf, 2);
	put_number(buf, key->v[NF_ECPUB_X]);
	put_number(buf, key->v[NF_ECPUB_Y]);
}

static void
put_mech(struct nf_buf *buf, const char *name)
{
	nf_ddds_put_symbol(buf, name);
	nf_ddds_put_list(buf, 2);
	nf_ddds_put_symbol(buf, "ECDSA");
	nf_ddds_put_list(buf, 2);
	nf_ddds_put_symbol(buf, "EMSA1");
	nf_ddds_put_symbol(buf, "SHA512");
}

void
nf_wire_warrant_payload_write(struct nf_buf *buf, struct nf_view esn,
    struct nf_view physserial, const struct nf_keydata *klf2)
{
	if (esn.len == 0 || physserial.len == 0)
		nf_buf_fail(buf, NF_E_INTERNAL);
	nf_ddds_put_map(buf, 6);
	nf_ddds_put_symbol(buf, "ElectronicSerialNumber");
	nf_ddds_put_string(buf, esn);
	nf_ddds_put_symbol(buf, "PhysicalSerialNumber");
	nf_ddds_put_string(buf, physserial);
	nf_ddds_put_symbol(buf, "Approvals");
	nf_ddds_put_list(buf, 0);
	nf_ddds_put_symbol(buf, "WarrantCertificateType");
	nf_ddds_put_symbol(buf, "ModuleInformation");
	put_key(buf, "KLF2pub", klf2);
	put_mech(buf, "KLF2mech");
}

void
nf_wire_warrant_write(struct nf_buf *buf, const char *root_name,
    struct nf_view payload, const struct nf_cipher *sig)
{
	uint8_t rs[2 * NUMBER_LEN];

	if (sig->mech != NF_MECH_ECDSAHSHA512)
		nf_buf_fail(buf, NF_E_INTERNAL);
	big_endian(buf, sig->v[0], rs);
	big_endian(buf, sig->v[1], rs + NUMBER_LEN);
	nf_ddds_put_list(buf, 2);
	nf_ddds_put_symbol(buf, root_name);
	nf_ddds_put_map(buf, 2);
	nf_ddds_put_symbol(buf, "Payload");
	nf_ddds_put_bytes(buf, payload);
	nf_ddds_put_symbol(buf, "Signature");
	nf_ddds_put_bytes(buf, nf_view_of(rs, sizeof(rs)));
}
