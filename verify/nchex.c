/* SPDX-License-Identifier: Apache-2.0 */
/* The nchex container; the form is real, see nchex.h. */
#include "config.h"

#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/base/text.h"
#include "verify/nchex.h"

#define MAGIC		"nCipher-hex-"
#define MAGIC_HEX	" 6E436970 6865722D 6865782D"	/* MAGIC */
#define NAME_LEN	24	/* MAGIC, type, NUL */
#define TYPE_LEN	(NAME_LEN - sizeof(MAGIC))	/* 11 */
#define HEAD_LEN	(NAME_LEN + 4)
#define SHA1_LEN	20
#define LINE_BYTES	32
#define GROUP_DIGITS	8
#define LINE_GROUPS	8
#define LINE_CHARS	((size_t)LINE_GROUPS * (1 + GROUP_DIGITS))

/* The next line without its end; false when there is none. */
static bool
line_next(struct nf_view *rest, struct nf_view *line, bool *crlf)
{
	const uint8_t *nl;

	if (rest->len == 0)
		return false;
	nl = memchr(rest->p, '\n', rest->len);
	*line = nf_view_of(rest->p, nl == NULL ? rest->len :
	    (size_t)(nl - rest->p));
	rest->p += line->len + (nl != NULL);
	rest->len -= line->len + (nl != NULL);
	*crlf = nl != NULL && line->len > 0 &&
	    line->p[line->len - 1] == '\r';
	if (*crlf)
		line->len--;
	return true;
}

static bool
line_starts(struct nf_view line)
{
	return line.len == LINE_CHARS &&
	    memcmp(line.p, MAGIC_HEX, sizeof(MAGIC_HEX) - 1) == 0;
}

bool
nf_nchex_is(struct nf_view text)
{
	struct nf_view line;
	bool crlf;

	while (line_next(&text, &line, &crlf)) {
		if (line_starts(line))
			return true;
	}
	return false;
}

static bool
group_read(const uint8_t *p, struct nf_buf *out)
{
	uint8_t b[GROUP_DIGITS / 2];

	if (p[0] != ' ')
		return false;
	for (size_t i = 1; i <= GROUP_DIGITS; i++) {
		if (p[i] >= 'a' && p[i] <= 'f')
			return false;
	}
	if (!nf_text_unhex((const char *)p + 1, GROUP_DIGITS, b, sizeof(b)))
		return false;
	nf_buf_put(out, b, sizeof(b));
	return true;
}

/* Comments, an empty line, hex lines, perhaps empty lines. */
static int
lines_read(struct nf_view text, struct nf_buf *out, struct nf_diag *diag)
{
	enum { COMMENTS, HEX, END } part = COMMENTS;
	const uint8_t *start = text.p;
	struct nf_view line, prev = { NULL, 0 };
	bool crlf, first = true, style = false;

	for (; line_next(&text, &line, &crlf); first = false, prev = line) {
		if (first)
			style = crlf;
		else if (crlf != style && text.len > 0)
			return nf_diag_at(diag, NF_E_FORMAT, "lines",
			    (size_t)(line.p - start), "mixed line ends");
		if (part == COMMENTS && line_starts(line)) {
			if (!first && prev.len != 0)
				return nf_diag_at(diag, NF_E_FORMAT, "lines",
				    (size_t)(line.p - start),
				    "no empty line before the hex");
			part = HEX;
		}
		if (part == COMMENTS)
			continue;
		if (line.len == 0) {
			part = END;
			continue;
		}
		if (part == END || line.len != LINE_CHARS ||
		    out->len >= NF_NCHEX_DATA_MAX + 2 * LINE_BYTES)
			return nf_diag_at(diag, NF_E_FORMAT, "lines",
			    (size_t)(line.p - start), "not a line of hex");
		for (size_t i = 0; i < LINE_GROUPS; i++) {
			if (!group_read(line.p + i * (1 + GROUP_DIGITS), out))
				return nf_diag_at(diag, NF_E_FORMAT, "lines",
				    (size_t)(line.p - start),
				    "not eight upper-case digits");
		}
	}
	if (part == COMMENTS)
		return nf_diag_set(diag, NF_E_FORMAT, "lines",
		    "no nchex container");
	return nf_buf_err(out);
}

/* The head: a type of 1..11 characters, NUL-filled. */
static void
head_read(struct nf_cur *cur, char type[static 12])
{
	size_t n;

	nf_cur_expect(cur, "type", MAGIC, sizeof(MAGIC) - 1);
	memset(type, 0, 12);
	nf_cur_copy(cur, "type", type, 12);
	n = strnlen(type, 12);
	if (nf_cur_err(cur) != 0)
		return;
	if (n == 0 || n > TYPE_LEN || !nf_view_printable(nf_view_of(type, n)))
		(void)nf_cur_fail(cur, NF_E_FORMAT, "type", "not a name");
	for (size_t i = n; i < 12; i++) {
		if (type[i] != '\0')
			(void)nf_cur_fail(cur, NF_E_FORMAT, "type",
			    "bytes after its NUL");
	}
}

static int
body_read(struct nf_cur *cur, const char *type, struct nf_buf *out)
{
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_view data, sha1;
	char found[12];
	uint32_t len;
	int r;

	head_read(cur, found);
	len = nf_cur_u32be(cur, "length");
	if (len > NF_NCHEX_DATA_MAX)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "length",
		    "%u bytes, more than %d", len, NF_NCHEX_DATA_MAX);
	data = nf_cur_bytes(cur, "data", len);
	sha1 = nf_cur_bytes(cur, "SHA-1", SHA1_LEN);
	if (nf_cur_left(cur) >= LINE_BYTES)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "padding",
		    "more than a line");
	nf_cur_zeros(cur, "padding", nf_cur_left(cur));
	if ((r = nf_cur_end(cur, "nchex")) != 0)
		return r;
	if (type != NULL && strcmp(type, found) != 0)
		return nf_cur_fail(cur, NF_E_MISMATCH, "type",
		    "'%s' where '%s' is due", found, type);
	if ((r = nf_digest_of(NF_SHA1, &data, 1, digest)) != 0)
		return nf_cur_fail(cur, r, "SHA-1", "%s", nf_err_text(r));
	if (memcmp(digest, sha1.p, SHA1_LEN) != 0)
		return nf_cur_fail(cur, NF_E_MISMATCH, "SHA-1",
		    "not that of the data");
	nf_buf_view_put(out, data);
	return nf_buf_err(out);
}

int
nf_nchex_read(struct nf_view text, const char *type, struct nf_buf *out,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_cur cur;
	int r;

	if ((r = lines_read(text, &bytes, diag)) == 0) {
		nf_cur_init(&cur, bytes.p, bytes.len, diag);
		r = body_read(&cur, type, out);
	}
	nf_buf_wipe(&bytes);
	return r;
}

void
nf_nchex_type(struct nf_view text, char out[static 12])
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_cur cur;

	out[0] = '\0';
	if (lines_read(text, &bytes, NULL) == 0) {
		nf_cur_init(&cur, bytes.p, bytes.len, NULL);
		head_read(&cur, out);
		if (nf_cur_err(&cur) != 0)
			out[0] = '\0';
	}
	nf_buf_wipe(&bytes);
}

static void
hex_write(struct nf_buf *buf, struct nf_view v)
{
	for (size_t i = 0; i < v.len; i += GROUP_DIGITS / 2) {
		nf_buf_u8(buf, ' ');
		nf_text_hex_upper(buf, nf_view_of(v.p + i, GROUP_DIGITS / 2));
		if (i % LINE_BYTES == LINE_BYTES - GROUP_DIGITS / 2)
			nf_buf_u8(buf, '\n');
	}
}

void
nf_nchex_write(struct nf_buf *buf, const char *comment, const char *type,
    struct nf_view data)
{
	struct nf_buf b = NF_BUF_INIT;
	uint8_t digest[NF_DIGEST_MAX];
	size_t n = strlen(type);

	if (n == 0 || n > TYPE_LEN || data.len > NF_NCHEX_DATA_MAX) {
		nf_buf_fail(buf, NF_E_INTERNAL);
		return;
	}
	nf_buf_str(&b, MAGIC);
	nf_buf_str(&b, type);
	nf_buf_fill(&b, 0, NAME_LEN - (sizeof(MAGIC) - 1) - n);
	nf_buf_u32be(&b, (uint32_t)data.len);
	nf_buf_view_put(&b, data);
	if (nf_digest_of(NF_SHA1, &data, 1, digest) != 0)
		nf_buf_fail(&b, NF_E_CRYPTO);
	nf_buf_put(&b, digest, SHA1_LEN);
	if (b.len % LINE_BYTES != 0)
		nf_buf_fill(&b, 0, LINE_BYTES - b.len % LINE_BYTES);
	nf_buf_printf(buf, "%s\n\n", comment);
	if (nf_buf_err(&b) != 0)
		nf_buf_fail(buf, nf_buf_err(&b));
	else
		hex_write(buf, nf_buf_view(&b));
	nf_buf_wipe(&b);
}
