/* SPDX-License-Identifier: Apache-2.0 */
/* The table of sample archives and the builder that obeys its knobs. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "tests/kek-packages/zipsamples.h"

#define TEXT	"the quick brown fox jumps over the lazy dog, again, again, " \
	"again, again, again, again, again, again\n"
#define FILE_A	{ .name = "a.txt", .data = TEXT }
#define LINK	(0120777u << 16)
#define PIPE	(0010644u << 16)
#define DIR	(0040755u << 16 | 0x10u)
#define REG	(0100644u << 16)

#define GOOD(n, ...)	{ .name = (n), __VA_ARGS__ }
#define BAD(n, f, t, ...) \
	{ .name = (n), .field = (f), .text = (t), __VA_ARGS__ }
#define ONE(...)	.e = { { .name = "a.txt", .data = TEXT, __VA_ARGS__ } }
#define NAMED(s)	.e = { FILE_A, { .name = (s), .data = TEXT } }

const struct zs_sample zs_samples[] = {
	GOOD("empty", .comment = NULL),
	GOOD("stored", .e = { FILE_A }),
	GOOD("deflated", ONE(.deflate = true)),
	GOOD("comment", .e = { FILE_A }, .comment = "a comment"),
	GOOD("directory", .e = { { .name = "d/", .attr = DIR },
	    { .name = "d/a.txt", .data = TEXT, .attr = REG } }),
	GOOD("backslashes", .e = { { .name = "d\\", .attr = 0x10 },
	    { .name = "d\\a.txt", .data = TEXT } }),
	GOOD("descriptor12", ONE(.descriptor = 12, .deflate = true)),
	GOOD("descriptor16", ONE(.descriptor = 16, .deflate = true)),
	GOOD("descriptor20", ONE(.descriptor = 20), .comment = "x"),
	GOOD("descriptor24", .e = { { .name = "a", .data = TEXT,
	    .descriptor = 24, .deflate = true }, FILE_A }),
	GOOD("zip64", .e = { { .name = "a", .data = TEXT, .z64 = true },
	    FILE_A }, .z64 = true),
	GOOD("utf8-flag", ONE(.flags = 0x0800)),
	GOOD("level-flags", ONE(.flags = 0x0006, .deflate = true)),

	BAD("dotdot", "zip-name-part", "part '..'", NAMED("../b.txt")),
	BAD("inner-dotdot", "zip-name-part", "part '..'",
	    NAMED("x/../../b.txt")),
	BAD("dot", "zip-name-part", "part '.'", NAMED("./b.txt")),
	BAD("empty-part", "zip-name-part", "empty part", NAMED("x//b.txt")),
	BAD("backslash-dotdot", "zip-name-part", "part '..'",
	    NAMED("..\\b.txt")),
	BAD("absolute", "zip-name-absolute", "an absolute name",
	    NAMED("/etc/b.txt")),
	BAD("backslash-absolute", "zip-name-absolute", "an absolute name",
	    NAMED("\\b.txt")),
	BAD("drive", "zip-name-drive", "a drive", NAMED("C:\\b.txt")),
	BAD("no_name", "zip-name-empty", "without a name", NAMED("")),
	BAD("nul-name", "zip-name-nul", "a zero byte",
	    .e = { FILE_A, { .name = "b.txt\0.exe", .name_len = 10,
	    .data = TEXT } }),
	BAD("control-name", "zip-name-unprintable", "not printable",
	    NAMED("b\033[2J.txt")),
	BAD("utf8-name", "zip-name-unprintable", "not printable",
	    NAMED("b\303\274.txt")),
	BAD("symlink", "zip-symlink", "a symbolic link",
	    .e = { FILE_A, { .name = "l", .data = "a.txt", .attr = LINK } }),
	BAD("pipe", "zip-type", "neither a regular file",
	    .e = { FILE_A, { .name = "l", .data = "", .attr = PIPE } }),
	BAD("file-with-slash", "zip-type", "disagree",
	    .e = { FILE_A, { .name = "d/", .attr = REG } }),
	BAD("directory-content", "zip-type", "a directory with content",
	    .e = { FILE_A, { .name = "d/", .data = TEXT } }),
	BAD("duplicate", "zip-duplicate", "two entries are named 'a.txt'",
	    NAMED("a.txt")),
	BAD("duplicate-folded", "zip-duplicate", "'d/a.txt'",
	    .e = { { .name = "d/a.txt", .data = TEXT },
	    { .name = "d\\a.txt", .data = TEXT } }),
	BAD("duplicate-case", "zip-duplicate-case", "differ in case",
	    NAMED("A.TXT")),
	BAD("file-as-directory", "zip-file-as-directory", "lies under it",
	    .e = { { .name = "x", .data = TEXT }, { .name = "x-y",
	    .data = TEXT }, { .name = "X/b", .data = TEXT } }),
	BAD("local-name", "zip-local-name", "the name in a local header",
	    ONE(.local_name = "b.txt")),
	BAD("local-name-length", "zip-local-name", "the name in a local",
	    ONE(.local_name = "a.txtx")),
	BAD("prefix", "zip-prefix", "all offsets are too small",
	    .e = { FILE_A }, .prefix = "MZ"),
	BAD("suffix", "zip-trailing", "does not end the file",
	    .e = { FILE_A }, .suffix = "x"),
	BAD("unlisted", "zip-unlisted", "does not list",
	    .e = { FILE_A, { .name = "b", .data = TEXT, .hidden = true } }),
	BAD("unlisted-first", "zip-unlisted", "does not list",
	    .e = { { .name = "b", .data = TEXT, .hidden = true }, FILE_A }),
	BAD("gap", "zip-gap", "belong to no entry",
	    .e = { { .name = "b", .data = TEXT, .gap = "four" }, FILE_A }),
	BAD("end-in-comment", "zip-end-twice", "a second end record",
	    .e = { FILE_A }, .empty_end_in_comment = true),
	BAD("end-mark-in-comment", "zip-end-twice", "the mark of an end",
	    .e = { FILE_A }, .comment = "PK\5\6 and more than twenty-two"),
	BAD("overlap", "zip-overlap", "share one local header",
	    .e = { FILE_A, { .name = "b", .data = TEXT, .same_as = 1 } }),
	BAD("quoted-bomb", "zip-overlap", "runs into what follows",
	    .e = { { .name = "b", .data = TEXT, .packed_add = 40,
	    .size_add = 40 }, FILE_A }),
	BAD("long-size", "zip-data-size", "not the stated",
	    ONE(.deflate = true, .size_add = 7)),
	BAD("short-size", "zip-data-size", "more than the stated",
	    ONE(.deflate = true, .size_add = 0xffffffff)),
	BAD("stored-sizes", "zip-data-size", "two different sizes",
	    ONE(.size_add = 1)),
	BAD("local-size", "zip-local-field", "the sizes of a local header",
	    ONE(.local_size_add = 1)),
	BAD("local-crc", "zip-local-field", "the CRC of a local header",
	    ONE(.local_crc_xor = 1)),
	BAD("local-flags", "zip-local-field", "the flags word",
	    ONE(.local_flags = 2)),
	BAD("local-time", "zip-local-field", "the time",
	    ONE(.time_xor = 1)),
	BAD("wrong_crc", "zip-crc", "the CRC of 'a.txt' is wrong",
	    ONE(.crc_xor = 0x80)),
	BAD("wrong_crc-deflated", "zip-crc", "the CRC of 'a.txt' is wrong",
	    ONE(.crc_xor = 1, .deflate = true)),
	BAD("data-left", "zip-data-left", "bytes follow the deflated data",
	    ONE(.deflate = true, .left = "more")),
	BAD("not-deflated", "zip-inflate", "malformed",
	    ONE(.method = 8)),
	BAD("encrypted", "zip-encrypted", "an encrypted entry",
	    ONE(.flags = 1)),
	BAD("strong-encrypted", "zip-flags", "flags 0x0040",
	    ONE(.flags = 0x40)),
	BAD("masked", "zip-flags", "flags 0x2000", ONE(.flags = 0x2000)),
	BAD("method-99", "zip-method", "compression method 99",
	    ONE(.method = 99)),
	BAD("version", "zip-version", "needs version 6.3",
	    ONE(.version = 63)),
	BAD("disk-entry", "zip-disks", "several disks", ONE(.disk = 1)),
	BAD("disk-end", "zip-disks", "several disks", .e = { FILE_A },
	    .disk = 1),
	BAD("wrong_descriptor", "zip-descriptor", "CRC or sizes of a data",
	    ONE(.descriptor = 16, .desc_crc_xor = 1)),
	BAD("no_descriptor", "zip-descriptor", "0 bytes in the place",
	    ONE(.flags = 8)),
	BAD("unicode-path", "zip-unicode-name", "a second name",
	    ONE(.extra = "\x75\x70\x06\0\1\0\0\0\0x", .extra_len = 10)),
	BAD("local-unicode-path", "zip-unicode-name", "a second name",
	    ONE(.local_extra = "\x75\x70\x06\0\1\0\0\0\0x",
	    .local_extra_len = 10)),
	BAD("short_extra", "zip-extra", "cut or malformed",
	    ONE(.extra = "\1\2\5\0x", .extra_len = 5)),
	BAD("duplicate_zip64", "zip-extra", "two zip64 parts",
	    ONE(.extra = "\1\0\0\0\1\0\0\0", .extra_len = 8)),
	BAD("junk_zip64", "zip64", "does not fit the sizes",
	    ONE(.extra = "\1\0\2\0xx", .extra_len = 6)),
	BAD("zip64-count", "zip64", "contradicts the end record",
	    .e = { FILE_A }, .z64 = true, .z64_lie = true),
	BAD("count-more", "zip-count", "cannot hold",
	    .e = { FILE_A }, .count_add = 9),
	BAD("count-less", "zip-directory", "more than the stated",
	    .e = { FILE_A, { .name = "b", .data = TEXT } },
	    .count_add = -1),
	BAD("directory-gap", "zip-directory-place", "does not touch",
	    .e = { FILE_A }, .before_end = "hidden"),
	BAD("no_end", "zip-end-missing", "no end record",
	    .e = { FILE_A }, .cut_end = true),
};
const size_t zs_samples_n = sizeof(zs_samples) / sizeof(zs_samples[0]);

/* What was decided for an entry while its local part was written. */
struct made {
	uint32_t crc, packed, size, offset;
	uint16_t flags, method;
};

static size_t
name_len(const struct zs_entry *e)
{
	return e->name_len != 0 ? e->name_len : strlen(e->name);
}

/* The packed data of an entry; sets method and the true sizes. */
static void
pack(const struct zs_entry *e, struct made *m, struct nf_buf *data)
{
	const char *text = e->data == NULL ? "" : e->data;
	uint8_t out[1024];
	z_stream z;

	m->size = (uint32_t)strlen(text);
	m->crc = (uint32_t)crc32_z(crc32_z(0, NULL, 0), (const Bytef *)text,
	    m->size);
	m->method = e->deflate ? 8 : 0;
	if (!e->deflate) {
		nf_buf_str(data, text);
	} else {
		memset(&z, 0, sizeof(z));
		NF_REQUIRE(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8,
		    Z_DEFAULT_STRATEGY) == Z_OK);
		z.next_in = (const Bytef *)text;
		z.avail_in = m->size;
		z.next_out = out;
		z.avail_out = sizeof(out);
		NF_REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
		nf_buf_put(data, out, (size_t)z.total_out);
		(void)deflateEnd(&z);
	}
	if (e->left != NULL)
		nf_buf_str(data, e->left);
	m->packed = (uint32_t)data->len + e->packed_add;
	m->size += e->size_add;
	m->crc ^= e->crc_xor;
	if (e->method != 0)
		m->method = e->method;
	m->flags = (uint16_t)(e->flags | (e->descriptor != 0 ? 8 : 0));
}

static void
descriptor(const struct zs_entry *e, const struct made *m,
    struct nf_buf *out)
{
	if (e->descriptor == 16 || e->descriptor == 24)
		nf_buf_u32(out, 0x08074b50);
	nf_buf_u32(out, m->crc ^ e->desc_crc_xor);
	if (e->descriptor >= 20) {
		nf_buf_u64(out, m->packed);
		nf_buf_u64(out, m->size);
	} else {
		nf_buf_u32(out, m->packed);
		nf_buf_u32(out, m->size);
	}
}

static void
local(const struct zs_entry *e, struct made *m, struct nf_buf *out)
{
	const char *name = e->local_name != NULL ? e->local_name : e->name;
	size_t len = e->local_name != NULL ? strlen(name) : name_len(e);
	struct nf_buf data = NF_BUF_INIT;
	bool late = e->descriptor != 0;

	m->offset = (uint32_t)out->len;
	pack(e, m, &data);
	nf_buf_u32(out, 0x04034b50);
	nf_buf_u16(out, 20);
	nf_buf_u16(out, (uint16_t)(m->flags | e->local_flags));
	nf_buf_u16(out, m->method);
	nf_buf_u32(out, 0x21u << 16 ^ e->time_xor);
	nf_buf_u32(out, late ? 0 : m->crc ^ e->local_crc_xor);
	nf_buf_u32(out, late ? 0 : e->z64 ? 0xffffffff : m->packed);
	nf_buf_u32(out, late ? 0 : e->z64 ? 0xffffffff :
	    m->size + e->local_size_add);
	nf_buf_u16(out, (uint16_t)len);
	nf_buf_u16(out, (uint16_t)(e->z64 ? 20 : e->local_extra_len));
	nf_buf_put(out, name, len);
	if (e->z64) {
		nf_buf_u32(out, 1 | 16u << 16);
		nf_buf_u64(out, m->size);
		nf_buf_u64(out, m->packed);
	} else if (e->local_extra_len > 0) {
		nf_buf_put(out, e->local_extra, e->local_extra_len);
	}
	nf_buf_view_put(out, nf_buf_view(&data));
	nf_buf_wipe(&data);
	if (late)
		descriptor(e, m, out);
	if (e->gap != NULL)
		nf_buf_str(out, e->gap);
}

static void
central(const struct zs_entry *e, const struct made *m, struct nf_buf *out)
{
	nf_buf_u32(out, 0x02014b50);
	nf_buf_u16(out, 20 | 3 << 8);
	nf_buf_u16(out, e->version != 0 ? e->version : 20);
	nf_buf_u16(out, m->flags);
	nf_buf_u16(out, m->method);
	nf_buf_u32(out, 0x21u << 16);
	nf_buf_u32(out, m->crc);
	nf_buf_u32(out, e->z64 ? 0xffffffff : m->packed);
	nf_buf_u32(out, e->z64 ? 0xffffffff : m->size);
	nf_buf_u16(out, (uint16_t)name_len(e));
	nf_buf_u16(out, (uint16_t)(e->z64 ? 28 : e->extra_len));
	nf_buf_u16(out, 0);
	nf_buf_u16(out, e->disk);
	nf_buf_u16(out, 0);
	nf_buf_u32(out, e->attr);
	nf_buf_u32(out, e->z64 ? 0xffffffff : m->offset);
	nf_buf_put(out, e->name, name_len(e));
	if (e->z64) {
		nf_buf_u32(out, 1 | 24u << 16);
		nf_buf_u64(out, m->size);
		nf_buf_u64(out, m->packed);
		nf_buf_u64(out, m->offset);
	} else if (e->extra_len > 0) {
		nf_buf_put(out, e->extra, e->extra_len);
	}
}

static void
end64(struct nf_buf *out, size_t start, uint64_t n, uint64_t len,
    uint64_t off)
{
	uint64_t at = out->len - start;

	nf_buf_u32(out, 0x06064b50);
	nf_buf_u64(out, 44);
	nf_buf_u32(out, 45 | 45u << 16);
	nf_buf_u64(out, 0);
	nf_buf_u64(out, n);
	nf_buf_u64(out, n);
	nf_buf_u64(out, len);
	nf_buf_u64(out, off);
	nf_buf_u32(out, 0x07064b50);
	nf_buf_u32(out, 0);
	nf_buf_u64(out, at);
	nf_buf_u32(out, 1);
}

static void
end(struct nf_buf *out, uint16_t disk, size_t n, size_t len, size_t off)
{
	nf_buf_u32(out, 0x06054b50);
	nf_buf_u16(out, disk);
	nf_buf_u16(out, disk);
	nf_buf_u16(out, n > 0xffff ? 0xffff : (uint16_t)n);
	nf_buf_u16(out, n > 0xffff ? 0xffff : (uint16_t)n);
	nf_buf_u32(out, (uint32_t)len);
	nf_buf_u32(out, (uint32_t)off);
}

void
zs_make(const struct zs_sample *s, struct nf_buf *out)
{
	struct made made[ZS_ENTRIES] = { { 0, 0, 0, 0, 0, 0 } };
	struct nf_buf body = NF_BUF_INIT;
	size_t n = 0, dir, len;

	for (size_t i = 0; i < ZS_ENTRIES && s->e[i].name != NULL; i++) {
		if (s->e[i].same_as != 0)
			made[i] = made[s->e[i].same_as - 1];
		else
			local(&s->e[i], &made[i], &body);
	}
	dir = body.len;
	for (size_t i = 0; i < ZS_ENTRIES && s->e[i].name != NULL; i++) {
		if (s->e[i].hidden)
			continue;
		central(&s->e[i], &made[i], &body);
		n++;
	}
	len = body.len - dir;
	n += (size_t)s->count_add;
	if (s->before_end != NULL)
		nf_buf_str(&body, s->before_end);
	if (s->z64)
		end64(&body, 0, n + (s->z64_lie ? 1 : 0), len, dir);
	if (!s->cut_end) {
		end(&body, s->disk, n, len, dir);
		if (s->empty_end_in_comment) {
			nf_buf_u16(&body, 22);
			end(&body, 0, 0, 0, 0);
			nf_buf_u16(&body, 0);
		} else {
			len = s->comment != NULL ? strlen(s->comment) : 0;
			nf_buf_u16(&body, (uint16_t)len);
			if (len > 0)
				nf_buf_put(&body, s->comment, len);
		}
	}
	if (s->prefix != NULL)
		nf_buf_str(out, s->prefix);
	nf_buf_view_put(out, nf_buf_view(&body));
	if (s->suffix != NULL)
		nf_buf_str(out, s->suffix);
	nf_buf_wipe(&body);
}

void
zs_many(size_t n, struct nf_buf *out)
{
	struct nf_buf dir = NF_BUF_INIT;
	size_t len, off;

	for (size_t i = 0; i < n; i++) {
		char name[24];
		struct zs_entry e = { .name = name };
		struct made m;

		(void)snprintf(name, sizeof(name), "%zu", i);
		local(&e, &m, out);
		central(&e, &m, &dir);
	}
	off = out->len;
	len = dir.len;
	nf_buf_view_put(out, nf_buf_view(&dir));
	nf_buf_wipe(&dir);
	if (n > 0xffff)
		end64(out, 0, n, len, off);
	end(out, 0, n, len, off);
	nf_buf_u16(out, 0);
}
