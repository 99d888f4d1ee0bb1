/* SPDX-License-Identifier: Apache-2.0 */
/* What lies beside the artefacts.  Ours. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "transfer/byok2.h"
#include "transfer/kid.h"
#include "transfer/plan-left.h"
#include "verify/companion.h"
#include "verify/pubkey.h"
#include "verify/verdict-format.h"

#define SHA256_DIGITS	64
#define KEYHASH_DIGITS	40
#define CHECK_ID	"sums.match"
#define CHECK_TITLE	"packages are those that the checksums are of"

static bool
begins(struct nf_view v, const char *text)
{
	size_t len = strlen(text);

	return v.len >= len && memcmp(v.p, text, len) == 0;
}

/* The text up to a character, which is taken off, or to the end. */
static struct nf_view
until(struct nf_view *v, char c)
{
	const uint8_t *p = v->len == 0 ? NULL : memchr(v->p, c, v->len);
	size_t n = p == NULL ? v->len : (size_t)(p - v->p);
	struct nf_view part = nf_view_of(v->p, n);

	if (p != NULL)
		n++;
	v->p = v->len == 0 ? NULL : v->p + n;
	v->len -= n;
	return part;
}

static bool
is_hex(struct nf_view v, size_t digits)
{
	uint8_t out[SHA256_DIGITS / 2];

	return nf_text_unhex((const char *)v.p, v.len, out, digits / 2);
}

static bool
is_sums(const char *name, struct nf_view head)
{
	(void)name;
	return begins(head, NF_PLAN_SUMS_HEAD);
}

static bool
is_commands(const char *name, struct nf_view head)
{
	(void)name;
	return begins(head, NF_PLAN_COMMANDS_HEAD);
}

static bool
is_plan(const char *name, struct nf_view head)
{
	(void)name;
	return begins(head, NF_PLAN_HEAD);
}

/* Empty, when a run wrapped nothing. */
static bool
is_journal(const char *name, struct nf_view head)
{
	struct nf_view line;

	if (head.len == 0)
		return strcmp(name, NF_PLAN_JOURNAL) == 0;
	(void)nf_seed_line_skip(&head);
	line = until(&head, '\n');
	return is_hex(until(&line, '\t'), SHA256_DIGITS) &&
	    nf_kid_name_ok(until(&line, '\t')) &&
	    is_hex(until(&line, '\t'), KEYHASH_DIGITS) && line.len > 0;
}

static bool
is_lock(const char *name, struct nf_view head)
{
	return head.len == 0 && strcmp(name, NF_PLAN_LOCK) == 0;
}

static bool
is_transcript(const char *name, struct nf_view head)
{
	(void)name;
	return begins(head, "{\"transcript\":1,\"n\":1,\"prev\":\"");
}

static bool
is_signature(const char *name, struct nf_view head)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".sig") == 0 &&
	    head.len > 0 && head.len <= NF_VFY_SIG_MAX;
}

static bool
is_public_key(const char *name, struct nf_view head)
{
	(void)name;
	(void)nf_seed_line_skip(&head);
	return begins(head, "-----BEGIN PUBLIC KEY-----\n");
}

static bool
is_kid(const char *name, struct nf_view head)
{
	struct nf_view line = until(&head, '\n');
	struct nf_kid kid;

	(void)name;
	return head.len == 0 && nf_kid_read(line, &kid, NULL) == 0;
}

static const struct {
	const char *what;
	bool (*is)(const char *name, struct nf_view head);
} companions[] = {
	{ "checksums of byok-wrap", is_sums },
	{ "import commands of byok-wrap", is_commands },
	{ "a plan of byok-wrap", is_plan },
	{ "the journal of byok-wrap", is_journal },
	{ "the lock of byok-wrap", is_lock },
	{ "a transcript, for --check-transcript", is_transcript },
	{ "the signature of a transcript, by its name", is_signature },
	{ "a public key", is_public_key },
	{ "the identifier of a key", is_kid },
};

/* ---- checksums --------------------------------------------------------- */

/* first is what is wrong with the first of those that are. */
struct sums {
	const char *path;
	int dir_len;
	size_t n, wrong;
	char first[NF_DIAG_TEXT_MAX];
};

static void
wrong(struct sums *s, struct nf_view name, const char *what)
{
	if (s->wrong++ > 0)
		return;
	nf_err_format(s->first, sizeof(s->first), "%.*s %s",
	    (int)(name.len > 160 ? 160 : name.len), name.p == NULL ? "" :
	    (const char *)name.p, what);
}

/* A file in the directory, and no path to one elsewhere. */
static bool
is_package_name(struct nf_view name)
{
	return begins(name, NF_PLAN_FILE_LEAD) && nf_view_printable(name) &&
	    memchr(name.p, '/', name.len) == NULL;
}

static int
package_compare(struct sums *s, struct nf_view name,
    const uint8_t sha256[static 32], struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT;
	struct nf_diag why = { 0 };
	char path[NF_PATH_MAX];
	uint8_t is[32];
	struct nf_view v;
	int r;

	if (name.len >= sizeof(path) || nf_path(path, NULL, "%.*s%.*s",
	    s->dir_len, s->path, (int)name.len, (const char *)name.p) != 0) {
		wrong(s, name, "is not there");
		return 0;
	}
	r = nf_file_load(path, NF_BYOK2_MAX, &file, &why);
	v = nf_buf_view(&file);
	if (r == NF_E_NOTFOUND)
		wrong(s, name, "is not there");
	else if (r == NF_E_FORMAT)
		wrong(s, name, "is larger than a package can be");
	else if (r != 0) {
		if (diag != NULL)
			*diag = why;
		goto out;
	} else if ((r = nf_digest_of(NF_SHA256, &v, 1, is)) != 0) {
		(void)nf_diag_set(diag, r, NULL, "SHA-256 failed");
		goto out;
	} else if (memcmp(is, sha256, sizeof(is)) != 0)
		wrong(s, name, "has another SHA-256");
	r = 0;
out:
	nf_buf_wipe(&file);
	return r;
}

/* A line as sha256sum writes it: digits, two spaces, a name. */
static int
line_compare(struct sums *s, struct nf_view line, struct nf_diag *diag)
{
	struct nf_view name = line, digits = until(&name, ' ');
	uint8_t sha256[32];

	s->n++;
	if (!nf_text_unhex((const char *)digits.p, digits.len, sha256,
	    sizeof(sha256)) || !begins(name, " ") ||
	    !is_package_name(nf_view_of(name.p + 1, name.len - 1))) {
		wrong(s, nf_view_of("a line", 6),
		    "is no checksum of a package");
		return 0;
	}
	return package_compare(s, nf_view_of(name.p + 1, name.len - 1),
	    sha256, diag);
}

static int
sums_compare(struct sums *s, struct nf_diag *diag)
{
	struct nf_buf text = NF_BUF_INIT;
	struct nf_view left, line;
	int r;

	r = nf_file_load(s->path, NF_PLAN_MAX, &text, diag);
	left = nf_buf_view(&text);
	while (r == 0 && left.len > 0) {
		line = until(&left, '\n');
		if (line.len > 0 && line.p[0] != '#')
			r = line_compare(s, line, diag);
	}
	nf_buf_wipe(&text);
	return r;
}

/* ---- both -------------------------------------------------------------- */

static int
not_audited(struct nf_vfy_verdict *v, const char *what, const char *but,
    struct nf_diag *diag)
{
	nf_diag_clear(diag);
	v->companion = true;
	return nf_diag_set(diag, NF_E_FORMAT, NULL, "not audited: %s%s", what,
	    but);
}

static int
sums_judge(const char *path, size_t dir_len, const char *what,
    struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	struct sums s = { .path = path, .dir_len = (int)dir_len };
	char but[64];
	int r;

	nf_diag_clear(diag);
	if ((r = sums_compare(&s, diag)) != 0)
		return r;
	if (s.wrong == 0) {
		(void)snprintf(but, sizeof(but), ", which %zu packages match",
		    s.n);
		return not_audited(v, what, but, diag);
	}
	v->kind = NF_VFY_KIND_SUMS;
	nf_vfy_addf(v, CHECK_ID, CHECK_TITLE, NF_VFY_FAIL,
	    "%s; %zu of %zu lines do not match", s.first, s.wrong, s.n);
	return 0;
}

int
nf_vfy_companion(const char *path, bool by_path, struct nf_view head,
    struct nf_vfy_verdict *v, struct nf_diag *diag)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	if (strcmp(v->kind, NF_VFY_KIND_NONE) != 0)
		return NF_E_FORMAT;
	for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]);
	    i++) {
		if (!companions[i].is(name, head))
			continue;
		return by_path && companions[i].is == is_sums ?
		    sums_judge(path, (size_t)(name - path),
		    companions[i].what, v, diag) :
		    not_audited(v, companions[i].what, "", diag);
	}
	return NF_E_FORMAT;
}
