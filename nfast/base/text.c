/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

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
