/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/kmdata/sigtext.h"

#define INT_MAX_BYTES	66
#define WORD_MAX	((size_t)2 * INT_MAX_BYTES)

static const struct mech {
	uint32_t number;
	const char *name;
	size_t int_max;		/* bytes of the group order */
} mechs[] = {
	{ 10, "DSA", 20 },
	{ 170, "DSAhSHA256", 32 },
	{ 187, "ECDSAhSHA512", INT_MAX_BYTES }
};

#define N_MECHS	(sizeof(mechs) / sizeof(mechs[0]))

/*
 * The bytes up to the next space, which is skipped, or up to the end.  The
 * last word takes spaces too, where they are no digits.
 */
static size_t
word_read(struct nf_cur *cur, const char *field, bool last,
    char word[static WORD_MAX])
{
	size_t n = 0;

	while (nf_cur_left(cur) > 0) {
		char c = (char)nf_cur_u8(cur, field);

		if (c == ' ' && !last)
			return n;
		if (n == WORD_MAX) {
			(void)nf_cur_fail(cur, NF_E_FORMAT, field, "too long");
			return 0;
		}
		word[n++] = c;
	}
	if (!last)
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "the text ends after it");
	return n;
}

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static size_t
number_read(struct nf_cur *cur, const char *field, bool last, size_t max,
    uint8_t out[static NF_KM_SIG_INT_MAX])
{
	char word[WORD_MAX];
	size_t i, n = word_read(cur, field, last, word);

	if (nf_cur_err(cur) != 0)
		return 0;
	if (n == 0 || word[0] == '0') {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    n == 0 ? "no digits" : "zero or a leading zero");
		return 0;
	}
	if (n > 2 * max) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, field,
		    "%zu digits are more than %zu bytes", n, max);
		return 0;
	}
	for (i = 0; i < n; i++) {
		int d = digit_of(word[n - 1 - i]);

		if (d < 0) {
			(void)nf_cur_fail(cur, NF_E_FORMAT, field,
			    "not lower-case hex");
			return 0;
		}
		out[i / 2] |= (uint8_t)(d << (i % 2 == 0 ? 0 : 4));
	}
	return (n + 1) / 2;
}

static const struct mech *
mech_read(struct nf_cur *cur)
{
	char word[WORD_MAX];
	size_t n = word_read(cur, "mechanism", false, word);

	if (nf_cur_err(cur) != 0)
		return NULL;
	for (size_t i = 0; i < N_MECHS; i++) {
		if (nf_view_is(nf_view_of(word, n), mechs[i].name))
			return &mechs[i];
	}
	(void)nf_cur_fail(cur, NF_E_FORMAT, "mechanism",
	    "unknown signature text");
	return NULL;
}

int
nf_km_sig_read(struct nf_view text, struct nf_km_sig *out,
    struct nf_diag *diag)
{
	const struct mech *mech;
	struct nf_cur cur;

	memset(out, 0, sizeof(*out));
	nf_cur_init(&cur, text.p, text.len, diag);
	if ((mech = mech_read(&cur)) == NULL)
		return nf_cur_err(&cur);
	out->mech = mech->number;
	out->r_len = number_read(&cur, "r", false, mech->int_max, out->r);
	out->s_len = number_read(&cur, "s", true, mech->int_max, out->s);
	if (nf_cur_err(&cur) != 0)
		memset(out, 0, sizeof(*out));
	return nf_cur_err(&cur);
}

static void
number_write(struct nf_buf *buf, const uint8_t *p, size_t len, size_t max)
{
	while (len > 0 && p[len - 1] == 0)
		len--;
	if (len == 0 || len > max) {
		nf_buf_fail(buf, NF_E_INTERNAL);
		return;
	}
	nf_buf_printf(buf, " %x", p[len - 1]);
	while (--len > 0)
		nf_buf_printf(buf, "%02x", p[len - 1]);
}

void
nf_km_sig_write(struct nf_buf *buf, const struct nf_km_sig *sig)
{
	for (size_t i = 0; i < N_MECHS; i++) {
		if (mechs[i].number != sig->mech)
			continue;
		nf_buf_str(buf, mechs[i].name);
		number_write(buf, sig->r, sig->r_len, mechs[i].int_max);
		number_write(buf, sig->s, sig->s_len, mechs[i].int_max);
		return;
	}
	nf_buf_fail(buf, NF_E_INTERNAL);
}
