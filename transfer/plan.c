/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "transfer/kid.h"
#include "transfer/plan.h"

#define FIELDS_MAX	6

/* A text cut in place into lines and fields, which become C strings. */
struct lines {
	char *next, *end;
	size_t no;
};

static int
lines_start(struct lines *l, struct nf_buf *text)
{
	nf_buf_u8(text, 0);
	if (nf_buf_err(text) != 0)
		return nf_buf_err(text);
	l->next = (char *)text->p;
	l->end = l->next + text->len - 1;
	l->no = 0;
	return 0;
}

/* The next line without its newline, NULL at the end; *whole: it had one. */
static char *
line_next(struct lines *l, bool *whole)
{
	char *line = l->next, *nl;

	if (line >= l->end)
		return NULL;
	nl = memchr(line, '\n', (size_t)(l->end - line));
	*whole = nl != NULL;
	if (nl == NULL)
		nl = l->end;
	*nl = '\0';
	l->next = nl + 1;
	l->no++;
	return line;
}

/* Cut at tabs; the number of fields, or max + 1 when there are more. */
static size_t
fields(char *line, char **out, size_t max)
{
	size_t n = 0;
	char *tab;

	for (;;) {
		if (n == max)
			return max + 1;
		out[n++] = line;
		if ((tab = strchr(line, '\t')) == NULL)
			return n;
		*tab = '\0';
		line = tab + 1;
	}
}

static size_t
lines_count(const struct nf_buf *text)
{
	size_t n = 1;

	for (size_t i = 0; i < text->len; i++)
		n += text->p[i] == '\n';
	return n;
}

static bool
printable(const char *s)
{
	return nf_view_printable(nf_view_of(s, strlen(s)));
}

/* ---- the plan ---------------------------------------------------------- */

bool
nf_plan_source_split(const char *source,
    char app[static NF_PLAN_APP_SIZE], const char **ident)
{
	const char *slash = strchr(source, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - source);

	if (n == 0 || n >= NF_PLAN_APP_SIZE || slash[1] == '\0' ||
	    strchr(slash + 1, '/') != NULL ||
	    strncmp(source, "pkcs11:", 7) == 0)
		return false;
	memcpy(app, source, n);
	app[n] = '\0';
	*ident = slash + 1;
	return true;
}

static int
bad_line(struct nf_diag *diag, size_t no, const char *what)
{
	return nf_diag_set(diag, NF_E_FORMAT, NULL, "line %zu %s", no, what);
}

static int
plan_line(struct nf_plan_line *out, char *line, size_t no,
    struct nf_diag *diag)
{
	char *field[FIELDS_MAX], app[NF_PLAN_APP_SIZE];
	const char *ident;

	if (fields(line, field, 3) != 3)
		return bad_line(diag, no, "has not three fields with a tab "
		    "between them: source, name, KEK file");
	for (size_t i = 0; i < 3; i++) {
		if (!printable(field[i]))
			return bad_line(diag, no,
			    "has a byte that is not printable ASCII");
	}
	if (strlen(field[0]) > NF_PLAN_SOURCE_MAX ||
	    (strncmp(field[0], "pkcs11:", 7) != 0 &&
	    !nf_plan_source_split(field[0], app, &ident)))
		return bad_line(diag, no, "has a source that is neither "
		    "APPNAME/IDENT nor a pkcs11: URI");
	if (!nf_kid_name_ok(nf_view_of(field[1], strlen(field[1]))))
		return bad_line(diag, no, "has a name that Key Vault does not "
		    "take: 1 to 127 letters, digits and hyphens");
	if (*field[2] == '\0')
		return bad_line(diag, no, "names no KEK file: - is that of "
		    "the command line");
	out->source = field[0];
	out->name = field[1];
	out->kek = field[2];
	out->line = no;
	return 0;
}

static int
name_cmp(const void *pa, const void *pb)
{
	const struct nf_plan_line *const *a = pa, *const *b = pb;
	int c = strcasecmp((*a)->name, (*b)->name);

	if (c != 0)
		return c;
	return (*a)->line < (*b)->line ? -1 : (*a)->line > (*b)->line;
}

/* No name stands twice: one package would replace the other. */
static int
names_differ(const struct nf_plan *plan, struct nf_diag *diag)
{
	const struct nf_plan_line **sorted;
	int r = 0;

	if (plan->n < 2)
		return 0;
	if ((sorted = calloc(plan->n, sizeof(*sorted))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	for (size_t i = 0; i < plan->n; i++)
		sorted[i] = &plan->key[i];
	qsort(sorted, plan->n, sizeof(*sorted), name_cmp);
	for (size_t i = 1; r == 0 && i < plan->n; i++) {
		if (strcasecmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			r = nf_diag_set(diag, NF_E_FORMAT, NULL,
			    "line %zu has the name of line %zu",
			    sorted[i]->line, sorted[i - 1]->line);
	}
	free(sorted);
	return r;
}

int
nf_plan_load(const char *path, struct nf_plan *out, struct nf_diag *diag)
{
	struct lines l = { NULL, NULL, 0 };
	char *line;
	bool whole;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = nf_file_load(path, NF_PLAN_MAX, &out->text, diag)) != 0)
		return r;
	if (memchr(out->text.p == NULL ? (const void *)"" : out->text.p, 0,
	    out->text.len) != NULL) {
		r = nf_diag_set(diag, NF_E_FORMAT, NULL, "has a NUL byte");
		goto out;
	}
	out->key = calloc(lines_count(&out->text), sizeof(*out->key));
	if (out->key == NULL || lines_start(&l, &out->text) != 0) {
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	while (r == 0 && (line = line_next(&l, &whole)) != NULL) {
		if (*line == '\0' || *line == '#')
			continue;
		if ((r = plan_line(&out->key[out->n], line, l.no,
		    diag)) == 0)
			out->n++;
	}
	if (r == 0)
		r = names_differ(out, diag);
out:
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	return r;
}

void
nf_plan_wipe(struct nf_plan *plan)
{
	free(plan->key);
	nf_buf_wipe(&plan->text);
	memset(plan, 0, sizeof(*plan));
}

void
nf_plan_head(struct nf_buf *out)
{
	nf_buf_str(out, NF_PLAN_HEAD);
}

void
nf_plan_line_write(struct nf_buf *out, const char *source, const char *name,
    const char *kek)
{
	nf_buf_printf(out, "%s\t%s\t%s\n", source, name, kek);
}

void
nf_plan_name(const char *text, char out[static 128])
{
	size_t n = 0;

	for (; *text != '\0' && n < NF_KID_NAME_MAX; text++)
		out[n++] = (char)(nf_kid_name_ok(nf_view_of(text, 1)) ?
		    *text : '-');
	if (n == 0)
		out[n++] = '-';
	out[n] = '\0';
}

/* ---- the journal ------------------------------------------------------- */

void
nf_plan_done_write(struct nf_buf *out, const struct nf_plan_done *d)
{
	nf_text_hex(out, nf_view_of(d->sha256, sizeof(d->sha256)));
	nf_buf_printf(out, "\t%s\t", d->name);
	nf_text_hex(out, nf_view_of(d->hash, sizeof(d->hash)));
	nf_buf_printf(out, "\t%s\t%s\t%s\n", d->type, d->kid, d->source);
}

static int
done_line(struct nf_plan_done *out, char *line)
{
	char *field[FIELDS_MAX];

	if (fields(line, field, 6) != 6 ||
	    !nf_kid_name_ok(nf_view_of(field[1], strlen(field[1]))) ||
	    !nf_text_unhex(field[0], strlen(field[0]), out->sha256,
	    sizeof(out->sha256)) ||
	    !nf_text_unhex(field[2], strlen(field[2]), out->hash,
	    sizeof(out->hash)))
		return NF_E_FORMAT;
	for (size_t i = 0; i < 6; i++) {
		if (!printable(field[i]))
			return NF_E_FORMAT;
	}
	out->name = field[1];
	out->type = field[3];
	out->kid = field[4];
	out->source = field[5];
	return 0;
}

/* By name; of one name the later line stands later. */
static int
done_cmp(const void *pa, const void *pb)
{
	const struct nf_plan_done *a = pa, *b = pb;
	int c = strcasecmp(a->name, b->name);

	if (c != 0)
		return c;
	return a->name < b->name ? -1 : a->name > b->name;
}

int
nf_plan_journal_load(const char *path, struct nf_plan_journal *out,
    struct nf_diag *diag)
{
	struct lines l = { NULL, NULL, 0 };
	char *line;
	bool whole;
	int r;

	memset(out, 0, sizeof(*out));
	if (!nf_file_exists(path))
		return 0;
	if ((r = nf_file_load(path, NF_PLAN_MAX, &out->text, diag)) != 0)
		return r;
	out->done = calloc(lines_count(&out->text), sizeof(*out->done));
	if (out->done == NULL || lines_start(&l, &out->text) != 0)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	while (r == 0 && (line = line_next(&l, &whole)) != NULL) {
		if (!whole)
			break;
		out->whole = (size_t)(l.next - (char *)out->text.p);
		if (*line == '#') {
			out->insecure |= nf_seed_marked(nf_view_of(line,
			    strlen(line)));
			continue;
		}
		if ((r = done_line(&out->done[out->n], line)) == 0)
			out->n++;
		else
			(void)bad_line(diag, l.no,
			    "is no record of a wrapped key");
	}
	if (r != 0)
		nf_diag_where(diag, "%s", path);
	else if (out->n > 0)
		qsort(out->done, out->n, sizeof(*out->done), done_cmp);
	return r;
}

void
nf_plan_journal_wipe(struct nf_plan_journal *j)
{
	free(j->done);
	nf_buf_wipe(&j->text);
	memset(j, 0, sizeof(*j));
}

const struct nf_plan_done *
nf_plan_journal_find(const struct nf_plan_journal *j, const char *name)
{
	size_t lo = 0, hi = j->n;

	/* The first one behind those of this name. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcasecmp(j->done[mid].name, name) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 || strcasecmp(j->done[lo - 1].name, name) != 0)
		return NULL;
	return &j->done[lo - 1];
}
