/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "nfast/base/crypto.h"
#include "nfast/base/curve.h"

#define BLOCK	64

static const struct nf_curve curves[] = {
	{ NF_EC_P256, "NISTP256", "P-256", NID_X9_62_prime256v1, 256, 32, 256 },
	{ NF_EC_P384, "NISTP384", "P-384", NID_secp384r1, 384, 48, 384 },
	{ NF_EC_P521, "NISTP521", "P-521", NID_secp521r1, 521, 66, 521 },
	{ NF_EC_SECP256K1, "SECP256k1", "secp256k1", NID_secp256k1, 256, 32,
	    256 },
};

#define N_CURVES	(sizeof(curves) / sizeof(curves[0]))

const struct nf_curve *
nf_curve_find(uint32_t number)
{
	for (size_t i = 0; i < N_CURVES; i++) {
		if (curves[i].number == number)
			return &curves[i];
	}
	return NULL;
}

const struct nf_curve *
nf_curve_named(const char *name)
{
	for (size_t i = 0; i < N_CURVES; i++) {
		if (strcasecmp(curves[i].name, name) == 0)
			return &curves[i];
	}
	return NULL;
}

static int
put_bn(struct nf_buf *buf, const BIGNUM *bn)
{
	uint8_t le[2 * BLOCK];
	int n = (BN_num_bytes(bn) + BLOCK - 1) / BLOCK * BLOCK;

	if (n > (int)sizeof(le) || BN_bn2lebinpad(bn, le, n) != n)
		return NF_E_CRYPTO;
	nf_buf_put(buf, le, (size_t)n);
	return 0;
}

static int
put_group(const struct nf_curve *curve, struct nf_buf *buf)
{
	BIGNUM *v[5] = { NULL, NULL, NULL, NULL, NULL };	/* p a b x y */
	EC_GROUP *group = NULL;
	int r = NF_E_NOMEM;

	for (size_t i = 0; i < 5; i++) {
		if ((v[i] = BN_new()) == NULL)
			goto out;
	}
	r = NF_E_CRYPTO;
	if ((group = EC_GROUP_new_by_curve_name_ex(nf_crypto_ctx(), NULL,
	    curve->nid)) == NULL ||
	    EC_GROUP_get_curve(group, v[0], v[1], v[2], NULL) != 1 ||
	    EC_POINT_get_affine_coordinates(group,
	    EC_GROUP_get0_generator(group), v[3], v[4], NULL) != 1)
		goto out;
	nf_buf_u32(buf, 0);
	nf_buf_u32(buf, 0);
	nf_buf_u32(buf, (uint32_t)curve->field_bits);
	for (size_t i = 0; i < 5; i++) {
		if ((r = put_bn(buf, v[i])) != 0)
			goto out;
	}
	if ((r = put_bn(buf, EC_GROUP_get0_order(group))) == 0)
		r = put_bn(buf, EC_GROUP_get0_cofactor(group));
out:
	for (size_t i = 0; i < 5; i++)
		BN_free(v[i]);
	EC_GROUP_free(group);
	return r;
}

static void
block_free(struct nf_buf *block)
{
	nf_buf_wipe(block);
	free(block);
}

int
nf_curve_hash_block(const struct nf_curve *curve, struct nf_buf *buf)
{
	static struct nf_slot blocks[N_CURVES];
	struct nf_slot *slot = &blocks[curve - curves];
	struct nf_buf *block, *mine;
	int r;

	if ((block = nf_slot_get(slot)) == NULL) {
		if ((mine = calloc(1, sizeof(*mine))) == NULL)
			return NF_E_NOMEM;
		if ((r = put_group(curve, mine)) != 0) {
			block_free(mine);
			return r;
		}
		if ((block = nf_slot_fill(slot, mine)) != mine)
			block_free(mine);
	}
	nf_buf_view_put(buf, nf_buf_view(block));
	return nf_buf_err(buf);
}
