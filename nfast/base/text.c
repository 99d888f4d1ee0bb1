/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "nfast/base/text.h"

static void
hex(struct nf_buf *buf, struct nf_view v, const char *digits, size_t group)
{
	for (size_t i = 0; i < v.len; i++) {
		if (group != 0 && i != 0 && i % group == 0)
			nf_buf_u8(buf, ' ');
		nf_buf_u8(buf, (uint8_t)digits[v.p[i] >> 4]);
		nf_buf_u8(buf, (uint8_t)digits[v.p[i] & 15]);
	}
}

void
nf_text_hex(struct nf_buf *buf, struct nf_view v)
{
	hex(buf, v, "0123456789abcdef", 0);
}

void
nf_text_hex_upper(struct nf_buf *buf, struct nf_view v)
{
	hex(buf, v, "0123456789ABCDEF", 0);
}

void
nf_text_hex_groups(struct nf_buf *buf, struct nf_view v)
{
	hex(buf, v, "0123456789abcdef", 4);
}

void
nf_text_hash(char out[static 41], const uint8_t hash[static 20])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 20; i++) {
		out[2 * i] = digits[hash[i] >> 4];
		out[2 * i + 1] = digits[hash[i] & 15];
	}
	out[40] = '\0';
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
nf_text_unhex(const char *s, size_t slen, uint8_t *out, size_t len)
{
	if (slen / 2 != len || slen % 2 != 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		int hi = nibble(s[2 * i]), lo = nibble(s[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/* The value of a digit, or -1; *form loses the other alphabet. */
static int
base64_digit(uint8_t c, unsigned int *form)
{
	const char *at;

	if ((c == '-' || c == '_') && (*form & NF_B64_URL) != 0) {
		*form &= ~NF_B64_STD;
		return c == '-' ? 62 : 63;
	}
	if ((c == '+' || c == '/') && (*form & NF_B64_STD) != 0) {
		*form &= ~NF_B64_URL;
		return c == '+' ? 62 : 63;
	}
	at = c == '\0' ? NULL : strchr(base64_digits, c);
	return at == NULL ? -1 : (int)(at - base64_digits);
}

/* Why this character is refused. */
static int
base64_refuse(uint8_t c, size_t at, unsigned int form, const char *field,
    struct nf_diag *diag)
{
	if ((form & NF_B64_STD) == 0 && (c == '+' || c == '/'))
		return nf_diag_set(diag, NF_E_FORMAT, field,
		    "character %zu is '%c': this is plain base64, and "
		    "base64url has '-' and '_' there", at, c);
	if ((form & NF_B64_URL) == 0 && (c == '-' || c == '_'))
		return nf_diag_set(diag, NF_E_FORMAT, field,
		    "character %zu is '%c': this is base64url, and plain "
		    "base64 has '+' and '/' there", at, c);
	if (c == '=')
		return nf_diag_set(diag, NF_E_FORMAT, field,
		    "character %zu is '=', which only ends a text", at);
	return nf_diag_set(diag, NF_E_FORMAT, field,
	    "character %zu (0x%02x) is not base64%s", at, c,
	    (form & NF_B64_STD) == 0 ? "url" : "");
}

/* The digits before the padding, which is the one that is due. */
static int
base64_trim(struct nf_view *text, unsigned int form, const char *field,
    struct nf_diag *diag)
{
	size_t pad = 0, due;

	while (pad < text->len && text->p[text->len - 1 - pad] == '=')
		pad++;
	text->len -= pad;
	if (text->len % 4 == 1)
		return nf_diag_set(diag, NF_E_FORMAT, field,
		    "no bytes have a base64 text of length %zu",
		    text->len);
	due = (4 - text->len % 4) % 4;
	if (pad != 0 && (form & NF_B64_PAD) == 0)
		return nf_diag_set(diag, NF_E_FORMAT, field,
		    "there is padding ('=')");
	if ((pad != 0 || (form & NF_B64_NOPAD) == 0) && pad != due)
		return nf_diag_set(diag, NF_E_FORMAT, field,
		    "wrong padding: %zu of '=', and %zu are due", pad, due);
	return 0;
}

int
nf_text_base64_read(struct nf_buf *out, struct nf_view text,
    unsigned int form, const char *field, struct nf_diag *diag)
{
	const size_t before = out->len;
	unsigned int bits = 0;
	uint32_t word = 0;
	int d, r;

	if ((r = base64_trim(&text, form, field, diag)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < text.len; i++) {
		if ((d = base64_digit(text.p[i], &form)) < 0) {
			r = base64_refuse(text.p[i], i, form, field, diag);
			break;
		}
		word = (word << 6 | (uint32_t)d) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			nf_buf_u8(out, (uint8_t)(word >> bits));
		}
	}
	if (r == 0 && (word & ((1u << bits) - 1)) != 0)
		r = nf_diag_set(diag, NF_E_FORMAT, field,
		    "the unused bits of the last character are not zero");
	if (r == 0 && (r = nf_buf_err(out)) != 0)
		(void)nf_diag_set(diag, r, field, "%s", nf_err_text(r));
	if (r != 0)
		out->len = before;
	return r;
}

void
nf_text_base64_write(struct nf_buf *out, struct nf_view v, unsigned int form)
{
	const char *last = (form & NF_B64_URL) != 0 ? "-_" : "+/";
	uint32_t word, d;
	size_t n;

	for (size_t i = 0; i < v.len; i += 3) {
		n = v.len - i < 3 ? v.len - i : 3;
		word = (uint32_t)v.p[i] << 16;
		if (i + 1 < v.len)
			word |= (uint32_t)v.p[i + 1] << 8;
		if (i + 2 < v.len)
			word |= v.p[i + 2];
		for (size_t j = 0; j <= n; j++) {
			d = word >> (18 - 6 * j) & 63;
			nf_buf_u8(out, (uint8_t)(d < 62 ? base64_digits[d] :
			    last[d - 62]));
		}
		if ((form & NF_B64_PAD) != 0)
			nf_buf_fill(out, '=', 3 - n);
	}
}

void
nf_text_time(struct nf_buf *buf, uint64_t unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;
	char s[40];

	if (t < 0 || (uint64_t)t != unix_seconds || gmtime_r(&t, &tm) == NULL ||
	    strftime(s, sizeof(s), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		nf_buf_printf(buf, "%llu s", (unsigned long long)unix_seconds);
	else
		nf_buf_str(buf, s);
}

size_t
nf_text_utf8_read(const uint8_t *p, size_t left, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 :
	    (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;

	if (len == 0 || len > left)
		return 0;
	*c = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[len] || *c > 0x10ffff ||
	    (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return len;
}

bool
nf_text_utf8(struct nf_view v)
{
	uint32_t c;
	size_t n;

	for (; v.len > 0; v.p += n, v.len -= n) {
		if ((n = nf_text_utf8_read(v.p, v.len, &c)) == 0)
			return false;
	}
	return true;
}

const char *
nf_name_find(const struct nf_name *table, uint32_t number)
{
	for (; table->name != NULL; table++) {
		if (table->number == number)
			return table->name;
	}
	return NULL;
}

bool
nf_name_number(const struct nf_name *table, const char *name,
    uint32_t *number)
{
	for (; table->name != NULL; table++) {
		if (strcasecmp(table->name, name) == 0) {
			*number = table->number;
			return true;
		}
	}
	return false;
}

void
nf_name_print(struct nf_buf *buf, const struct nf_name *table,
    uint32_t number)
{
	const char *name = nf_name_find(table, number);

	if (name != NULL)
		nf_buf_str(buf, name);
	else
		nf_buf_printf(buf, "#%u", number);
}

void
nf_flags_print(struct nf_buf *buf, const struct nf_name *table,
    uint32_t flags)
{
	const char *sep = "";

	if (flags == 0) {
		nf_buf_str(buf, "none");
		return;
	}
	for (; table->name != NULL; table++) {
		if (table->number == 0 ||
		    (flags & table->number) != table->number)
			continue;
		nf_buf_printf(buf, "%s%s", sep, table->name);
		sep = "|";
		flags &= ~table->number;
	}
	if (flags != 0)
		nf_buf_printf(buf, "%s0x%x", sep, flags);
}

void
nf_text_json(struct nf_buf *buf, struct nf_view v)
{
	nf_buf_u8(buf, '"');
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < 0x20 || v.p[i] > 0x7e)
			nf_buf_printf(buf, "\\u%04x", v.p[i]);
		else {
			if (v.p[i] == '"' || v.p[i] == '\\')
				nf_buf_u8(buf, '\\');
			nf_buf_u8(buf, v.p[i]);
		}
	}
	nf_buf_u8(buf, '"');
}
