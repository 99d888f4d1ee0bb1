/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values inside method-1 packages (formats real): the CAPI public key blob,
 * the ids that follow from it, .NET times and GUIDs.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/base/pkey.h"
#include "nfast/base/text.h"
#include "transfer/byok1.h"

#define TICKS_PER_S	UINT64_C(10000000)
#define TICKS_1970	UINT64_C(621355968000000000)
#define KIND_LOCAL	2

/* PUBLICKEYBLOB, version 2, CALG_RSA_SIGN, "RSA1". */
static const uint8_t blob_magic[] = { 0x06, 0x02, 0, 0, 0, 0x24, 0, 0,
    'R', 'S', 'A', '1' };

static bool
bits_allowed(size_t bits)
{
	return bits >= NF_BYOK1_BITS_MIN && bits <= NF_BYOK1_BITS_MAX &&
	    bits % 8 == 0;
}

const char *
nf_byok1_publickey_fault(struct nf_view blob)
{
	struct nf_cur cur;
	struct nf_view n;
	size_t bits;

	nf_cur_init(&cur, blob.p, blob.len, NULL);
	nf_cur_expect(&cur, "magic", blob_magic, sizeof(blob_magic));
	bits = nf_cur_u32(&cur, "bits");
	(void)nf_cur_u32(&cur, "e");
	if (nf_cur_err(&cur) != 0)
		return "not a PUBLICKEYBLOB of RSA";
	if (!bits_allowed(bits))
		return "modulus size out of range";
	n = nf_cur_bytes(&cur, "n", nf_cur_left(&cur));
	if (n.len != bits / 8 || nf_le_bits(n) != bits)
		return "sizes do not agree";
	return NULL;
}

int
nf_byok1_publickey_blob(struct nf_view e, struct nf_view n,
    struct nf_buf *blob, struct nf_diag *diag)
{
	size_t bits = nf_le_bits(n);

	e = nf_le_trim(e);
	n = nf_le_trim(n);
	if (!bits_allowed(bits))
		return nf_diag_set(diag, NF_E_FORMAT, "n",
		    "%zu bits do not fit a method-1 package", bits);
	if (e.len == 0 || e.len > 4)
		return nf_diag_set(diag, NF_E_FORMAT, "e",
		    "does not fit a PUBLICKEYBLOB");
	nf_buf_put(blob, blob_magic, sizeof(blob_magic));
	nf_buf_u32(blob, (uint32_t)bits);
	nf_buf_view_put(blob, e);
	nf_buf_fill(blob, 0, 4 - e.len);
	nf_buf_view_put(blob, n);
	return nf_buf_err(blob) == 0 ? 0 : nf_diag_set(diag,
	    nf_buf_err(blob), NULL, "out of memory");
}

int
nf_byok1_global_id(const uint8_t tenant[static 16],
    struct nf_view public_key, char out[static NF_BYOK1_ID_LEN + 1])
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t id[NF_BYOK1_ID_LEN / 2] = { NF_BYOK1_SCHEMA };
	int e;

	memcpy(id + 1, tenant, 16);
	e = nf_digest_of(NF_SHA1, &public_key, 1, id + 17);
	for (size_t i = 0; i < sizeof(id); i++) {
		out[2 * i] = digits[id[i] >> 4];
		out[2 * i + 1] = digits[id[i] & 15];
	}
	out[NF_BYOK1_ID_LEN] = '\0';
	return e;
}

void
nf_byok1_file_name(const char *global_key_id, char *out)
{
	size_t n = sizeof(NF_BYOK1_FILE_PREFIX) - 1;

	memcpy(out, NF_BYOK1_FILE_PREFIX, n);
	for (size_t i = 0; i < NF_BYOK1_ID_LEN; i++) {
		char c = global_key_id[i];

		out[n++] = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
	}
	out[n] = '\0';
}

uint64_t
nf_byok1_time(uint64_t unix_seconds, uint32_t nanos)
{
	return (unix_seconds * TICKS_PER_S + nanos / 100 + TICKS_1970) |
	    (uint64_t)KIND_LOCAL << 62;
}

bool
nf_byok1_unix(uint64_t raw, uint64_t *seconds, uint32_t *nanos,
    unsigned *kind)
{
	uint64_t ticks = raw & ~(UINT64_C(3) << 62);

	if (kind != NULL)
		*kind = (unsigned)(raw >> 62);
	if (ticks < TICKS_1970)
		return false;
	ticks -= TICKS_1970;
	*seconds = ticks / TICKS_PER_S;
	if (nanos != NULL)
		*nanos = (uint32_t)(ticks % TICKS_PER_S) * 100;
	return true;
}

int
nf_byok1_guid(const char *text, uint8_t out[static 16])
{
	char digits[32];
	size_t n = 0;

	if (strlen(text) != 36)
		return NF_E_USAGE;
	for (size_t i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return NF_E_USAGE;
		} else
			digits[n++] = text[i];
	}
	return nf_text_unhex(digits, n, out, 16) ? 0 : NF_E_USAGE;
}
