/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lengths of a method-2 ciphertext.  C1 is as long as the KEK's modulus
 * and C2 = 8 * ceil(n / 8) + 8 (real); the sizes of plaintexts are those of
 * PKCS#8 as OpenSSL writes it, measured, with the room that DER leaves.
 */
#include "config.h"

#include <string.h>

#include "transfer/byok2.h"

#define C2_MIN		16	/* RFC 5649: one semiblock more than the text */
#define SEMIBLOCK	8

const size_t nf_byok2_kek_bytes[] = { 256, 384, 512, 0 };

static const struct {
	size_t min, max;
	const char *name;
} targets[] = {
	{ 625, 637, "RSA-1024" },
	{ 1209, 1220, "RSA-2048" },
	{ 1785, 1796, "RSA-3072" },
	{ 2369, 2377, "RSA-4096" },
	{ 138, 138, "EC P-256" },
	{ 67, 67, "EC P-256 without its public key" },
	{ 185, 185, "EC P-384" },
	{ 80, 80, "EC P-384 without its public key" },
	{ 241, 241, "EC P-521" },
	{ 98, 98, "EC P-521 without its public key" },
	{ 135, 135, "EC P-256K" },
	{ 64, 64, "EC P-256K without its public key" },
	{ 16, 16, "oct-128" },
	{ 24, 24, "oct-192" },
	{ 32, 32, "oct-256" }
};

int
nf_byok2_shape(size_t len, size_t kek_bytes, struct nf_byok2_shape *out,
    struct nf_diag *diag)
{
	size_t i = 0;

	memset(out, 0, sizeof(*out));
	while (nf_byok2_kek_bytes[i] != 0 && nf_byok2_kek_bytes[i] != kek_bytes)
		i++;
	if (nf_byok2_kek_bytes[i] == 0)
		return nf_diag_set(diag, NF_E_USAGE, "KEK",
		    "%zu bytes: a KEK has 256, 384 or 512", kek_bytes);
	if (len < kek_bytes + C2_MIN)
		return nf_diag_set(diag, NF_E_FORMAT, "ciphertext",
		    "%zu bytes: at least %zu are due under a KEK of %zu bits",
		    len, kek_bytes + C2_MIN, kek_bytes * 8);
	out->c1 = kek_bytes;
	out->c2 = len - kek_bytes;
	if (out->c2 % SEMIBLOCK != 0)
		return nf_diag_set(diag, NF_E_FORMAT, "ciphertext",
		    "%zu bytes after C1: RFC 5649 makes multiples of %d",
		    out->c2, SEMIBLOCK);
	out->plain_max = out->c2 - SEMIBLOCK;
	out->plain_min = out->plain_max - (SEMIBLOCK - 1);
	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (targets[i].min <= out->plain_max &&
		    targets[i].max >= out->plain_min &&
		    out->n_like < NF_BYOK2_LIKE_MAX)
			out->like[out->n_like++] = targets[i].name;
	}
	return 0;
}
