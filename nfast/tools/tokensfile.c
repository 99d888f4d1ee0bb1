/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/tools/tokensfile.h"

#define FILE_MAX	(NF_TOKENSFILE_MAX * 512)
#define WORDS		4

void
nf_tokensfile_put(struct nf_buf *buf, const struct nf_loaded *key)
{
	nf_buf_printf(buf, "key %s %s %u\n", key->name.appname,
	    key->name.ident, key->id);
}

/* Split at single spaces into exactly WORDS words. */
static bool
split(struct nf_view line, struct nf_view word[static WORDS])
{
	size_t at = 0, n;

	for (n = 0; n < WORDS; n++) {
		size_t start = at;

		while (at < line.len && line.p[at] != ' ')
			at++;
		word[n] = nf_view_of(line.p + start, at - start);
		if (at == line.len)
			break;
		at++;
	}
	return n == WORDS - 1 && at == line.len;
}

static bool
number(struct nf_view v, uint32_t *out)
{
	uint64_t n = 0;

	if (v.len < 1 || v.len > 10)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(v.p[i] - '0');
	}
	*out = (uint32_t)n;
	return n <= UINT32_MAX;
}

static bool
line_read(struct nf_view line, struct nf_loaded *out)
{
	struct nf_view w[WORDS];

	if (!split(line, w) || !nf_view_is(w[0], "key") ||
	    !nf_km_appname_ok(w[1]) || !nf_km_ident_ok(w[2]) ||
	    !number(w[3], &out->id))
		return false;
	memcpy(out->name.appname, w[1].p, w[1].len);
	out->name.appname[w[1].len] = '\0';
	memcpy(out->name.ident, w[2].p, w[2].len);
	out->name.ident[w[2].len] = '\0';
	return true;
}

int
nf_tokensfile_load(const char *path, struct nf_loaded **out, size_t *n,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_loaded *list = NULL;
	size_t off = 0, len;
	int r;

	*out = NULL;
	*n = 0;
	if ((list = calloc(NF_TOKENSFILE_MAX, sizeof(*list))) == NULL) {
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	if ((r = nf_file_load(path, FILE_MAX, &bytes, diag)) != 0)
		goto out;
	for (; off < bytes.len; off += len + 1, (*n)++) {
		for (len = 0; off + len < bytes.len &&
		    bytes.p[off + len] != '\n'; len++)
			continue;
		if (*n == NF_TOKENSFILE_MAX || off + len == bytes.len ||
		    !line_read(nf_view_of(bytes.p + off, len), &list[*n])) {
			r = nf_diag_set(diag, NF_E_FORMAT, "line",
			    "line %zu is not \"key APP IDENT ID\"", *n + 1);
			nf_diag_where(diag, "%s", path);
			goto out;
		}
	}
	*out = list;
	list = NULL;
out:
	free(list);
	nf_buf_wipe(&bytes);
	return r;
}
