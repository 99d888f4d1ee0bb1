/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for the names in an archive, and for its extra fields. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "kek-packages/zip-internal.h"

#define EXTRA_ZIP64		0x0001u
#define EXTRA_UNICODE_PATH	0x7075u

int
nf_zip_extra_check(struct nf_view extra, uint64_t at, struct nf_view *z64,
    struct nf_diag *diag)
{
	struct nf_view part;
	struct nf_cur cur;
	uint16_t id;

	*z64 = nf_view_of(NULL, 0);
	nf_cur_init(&cur, extra.p, extra.len, NULL);
	while (nf_cur_left(&cur) > 0) {
		id = nf_cur_u16(&cur, "id");
		part = nf_cur_bytes(&cur, "part", nf_cur_u16(&cur, "length"));
		if (nf_cur_err(&cur) != 0)
			return nf_zip_refuse(diag, "zip-extra", at,
			    "the extra field is cut or malformed");
		if (id == EXTRA_UNICODE_PATH)
			return nf_zip_refuse(diag, "zip-unicode-name", at,
			    "an extra field gives the entry a second name");
		if (id != EXTRA_ZIP64)
			continue;
		if (z64->p != NULL)
			return nf_zip_refuse(diag, "zip-extra", at,
			    "two zip64 parts in one extra field");
		*z64 = part;
	}
	return 0;
}

static int
parts_check(const char *name, uint64_t at, struct nf_diag *diag)
{
	for (const char *p = name;;) {
		size_t n = strcspn(p, "/");

		if (n == 0)
			return nf_zip_refuse(diag, "zip-name-part", at,
			    "a name with an empty part");
		if ((n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return nf_zip_refuse(diag, "zip-name-part", at,
			    "a name with the part '%.*s'", (int)n, p);
		if (p[n] == '\0')
			return 0;
		p += n + 1;
	}
}

int
nf_zip_name_check(const char *name, size_t len, uint64_t at,
    struct nf_diag *diag)
{
	if (len == 0)
		return nf_zip_refuse(diag, "zip-name-empty", at,
		    "an entry without a name");
	if (len > NF_ZIP_NAME_MAX)
		return nf_zip_refuse(diag, "zip-name-length", at,
		    "a name of more than %u bytes", NF_ZIP_NAME_MAX);
	if (memchr(name, '\0', len) != NULL)
		return nf_zip_refuse(diag, "zip-name-nul", at,
		    "a zero byte in a name");
	if (!nf_view_printable(nf_view_of(name, len)))
		return nf_zip_refuse(diag, "zip-name-unprintable", at,
		    "a name with characters that are not printable ASCII");
	if (name[0] == '/')
		return nf_zip_refuse(diag, "zip-name-absolute", at,
		    "an absolute name");
	if (strchr(name, ':') != NULL)
		return nf_zip_refuse(diag, "zip-name-drive", at,
		    "a name with a drive or a colon");
	return parts_check(name, at, diag);
}

/* A slash sorts first, so that a directory's contents follow it at once. */
static int
rank(char c)
{
	if (c == '/')
		return 1;
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	return c == '\0' ? 0 : (unsigned char)c + 1;
}

static int
order(const void *a, const void *b)
{
	const struct nf_zip_item *const *x = a, *const *y = b;
	const char *p = (*x)->e.name, *q = (*y)->e.name;

	while (*p != '\0' && rank(*p) == rank(*q)) {
		p++;
		q++;
	}
	return rank(*p) - rank(*q);
}

static bool
is_under(const char *name, const char *dir)
{
	for (; *dir != '\0'; name++, dir++) {
		if (rank(*name) != rank(*dir))
			return false;
	}
	return *name == '/';
}

int
nf_zip_names_unique(const struct nf_zip *zip, struct nf_diag *diag)
{
	const struct nf_zip_item **by;
	int r = 0;

	if (zip->n < 2)
		return 0;
	if ((by = calloc(zip->n, sizeof(*by))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	for (size_t i = 0; i < zip->n; i++)
		by[i] = &zip->item[i];
	qsort(by, zip->n, sizeof(*by), order);
	for (size_t i = 1; r == 0 && i < zip->n; i++) {
		const char *a = by[i - 1]->e.name, *b = by[i]->e.name;
		uint64_t at = by[i - 1]->at > by[i]->at ? by[i - 1]->at :
		    by[i]->at;

		if (strcmp(a, b) == 0)
			r = nf_zip_refuse(diag, "zip-duplicate", at,
			    "two entries are named '%s'", a);
		else if (order(&by[i - 1], &by[i]) == 0)
			r = nf_zip_refuse(diag, "zip-duplicate-case", at,
			    "the names '%s' and '%s' differ in case alone",
			    a, b);
		else if (!by[i - 1]->e.is_dir && is_under(b, a))
			r = nf_zip_refuse(diag, "zip-file-as-directory", at,
			    "'%s' is a file, and '%s' lies under it", a, b);
	}
	free(by);
	return r;
}
