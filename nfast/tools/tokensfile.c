/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/text.h"
#include "nfast/host/hostcmd.h"
#include "nfast/tools/tokensfile.h"

#define FILE_MAX	((size_t)NF_TOKENSFILE_MAX * 512)
#define WORDS		5
#define CLIENT		"client "

void
nf_tokensfile_put_client(struct nf_buf *buf,
    const uint8_t id[static NF_HASH_LEN])
{
	nf_buf_str(buf, CLIENT);
	nf_text_hex(buf, nf_view_of(id, NF_HASH_LEN));
	nf_buf_str(buf, "\n");
}

void
nf_tokensfile_put(struct nf_buf *buf, const struct nf_loaded *key)
{
	nf_buf_printf(buf, "key %s %s %u %u\n", key->name.appname,
	    key->name.ident, key->id, key->module);
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
	    !number(w[3], &out->id) || !number(w[4], &out->module))
		return false;
	memcpy(out->name.appname, w[1].p, w[1].len);
	out->name.appname[w[1].len] = '\0';
	memcpy(out->name.ident, w[2].p, w[2].len);
	out->name.ident[w[2].len] = '\0';
	return true;
}

/* The first line, when it is that of the client. */
static bool
client_read(struct nf_view line, struct nf_tokensfile *out)
{
	const size_t n = sizeof(CLIENT) - 1;

	out->joins = line.len > n && memcmp(line.p, CLIENT, n) == 0 &&
	    nf_text_unhex((const char *)line.p + n, line.len - n,
	    out->client, NF_HASH_LEN);
	return out->joins;
}

int
nf_tokensfile_load(const char *path, struct nf_tokensfile *out,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	size_t at = 0, len, lines = 0;
	struct nf_view line;
	int r;

	memset(out, 0, sizeof(*out));
	if ((out->list = calloc(NF_TOKENSFILE_MAX,
	    sizeof(*out->list))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	if ((r = nf_file_load(path, FILE_MAX, &bytes, diag)) != 0)
		goto out;
	for (; at < bytes.len; at += len + 1) {
		for (len = 0; at + len < bytes.len &&
		    bytes.p[at + len] != '\n'; len++)
			continue;
		line = nf_view_of(bytes.p + at, len);
		lines++;
		if (at + len < bytes.len && lines == 1 &&
		    client_read(line, out))
			continue;
		if (at + len < bytes.len && out->n < NF_TOKENSFILE_MAX &&
		    line_read(line, &out->list[out->n])) {
			out->n++;
			continue;
		}
		r = nf_diag_set(diag, NF_E_FORMAT, "line", "line %zu is not "
		    "\"key APP IDENT ID MODULE\"", lines);
		nf_diag_where(diag, "%s", path);
		goto out;
	}
out:
	nf_buf_wipe(&bytes);
	return r;
}

void
nf_tokensfile_wipe(struct nf_tokensfile *file)
{
	free(file->list);
	explicit_bzero(file, sizeof(*file));
}

int
nf_tokensfile_join(const struct nf_tokensfile *file, struct nf_host *host,
    struct nf_diag *diag)
{
	return file->joins ? nf_host_join(host, file->client, diag) : 0;
}
