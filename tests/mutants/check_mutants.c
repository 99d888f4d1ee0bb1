/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_mutants CORPUS SCRATCH IDS UNREACHED: run what each line of the
 * manifest says and compare, as TAP.  Lines of byok-audit alone go through
 * one process.  IDS has the ids of all checks that the sources name, one a
 * line; UNREACHED those that no mutant can reach, with why.  Ours.
 */
#include "config.h"

#include <sys/wait.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "nfast/base/digest.h"
#include "nfast/base/file.h"

#define AUDIT	"byok-audit --simulated-root"
#define LINES	1024
#define FIELDS	8
#define CHECKS	64
#define IDS	256
#define ID_LEN	32
#define MAX	((size_t)16 << 20)
#define MUTANTS_MIN	150

/* A line of the manifest, by the names of its columns. */
struct line {
	const char *file, *format, *mutation, *command, *exit, *check,
	    *result, *about;
	uint8_t sha256[NF_DIGEST_MAX];
};

/* What a program said. */
struct outcome {
	int exit;
	size_t n;
	struct {
		char id[ID_LEN];
		char status[16];
	} check[CHECKS];
	char message[1024];
};

static struct line lines[LINES];
static struct outcome outcomes[LINES];
static size_t n_lines;
static char ids[IDS][ID_LEN];
static size_t n_ids;
static const char *scratch;
static unsigned int n_tests;

__attribute__((format(printf, 2, 3))) static void
ok(bool good, const char *fmt, ...)
{
	va_list args;

	n_tests++;
	(void)printf("%sok %u - ", good ? "" : "not ", n_tests);
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	(void)putchar('\n');
}

_Noreturn static void
die(const char *what, const char *name)
{
	(void)printf("Bail out! %s %s\n", what, name);
	exit(99);
}

/* A file as a text that lives for ever. */
static char *
text_load(const char *path)
{
	struct nf_buf buf = NF_BUF_INIT;
	char *text;

	if (nf_file_load(path, MAX, &buf, NULL) != 0 ||
	    (text = strdup(nf_buf_text(&buf))) == NULL)
		die("cannot read", path);
	nf_buf_wipe(&buf);
	return text;
}

static char *
file_in(const char *dir, const char *name, char out[static NF_PATH_MAX])
{
	if (nf_path(out, NULL, "%s/%s", dir, name) != 0)
		die("long path", name);
	return out;
}

static void
id_add(const char *id)
{
	for (size_t i = 0; i < n_ids; i++) {
		if (strcmp(ids[i], id) == 0)
			return;
	}
	if (n_ids == IDS || strlen(id) >= ID_LEN)
		die("too many ids", id);
	(void)snprintf(ids[n_ids++], ID_LEN, "%s", id);
}

static void
check_add(struct outcome *o, const char *id, const char *status)
{
	if (o->n == CHECKS)
		die("too many checks", id);
	(void)snprintf(o->check[o->n].id, ID_LEN, "%s", id);
	(void)snprintf(o->check[o->n].status, sizeof(o->check[o->n].status),
	    "%s", status);
	o->n++;
	id_add(id);
}

/* ---- the manifest ---- */

static void
manifest_read(char *text)
{
	char *line, *next = text, *field[FIELDS];

	while ((line = strsep(&next, "\n")) != NULL) {
		struct line *l = &lines[n_lines];
		size_t i = 0;

		if (*line == '\0' || *line == '#')
			continue;
		while (i < FIELDS && (field[i] = strsep(&line, "\t")) != NULL)
			i++;
		if (i < FIELDS || line != NULL || n_lines == LINES)
			die("malformed line of", "the manifest");
		l->file = field[0];
		l->format = field[1];
		l->mutation = field[2];
		l->command = field[3];
		l->exit = field[4];
		l->check = field[5];
		l->result = field[6];
		l->about = field[7];
		n_lines++;
	}
}

/* The command is AUDIT of the file, which many can share. */
static bool
plain(const struct line *l)
{
	size_t n = strlen(AUDIT " ");

	return strncmp(l->command, AUDIT " ", n) == 0 &&
	    strcmp(l->command + n, l->file) == 0;
}

/* ---- running ---- */

static int
run(const char *command)
{
	int status = system(command);

	if (status == -1 || !WIFEXITED(status))
		die("no exit status of", command);
	return WEXITSTATUS(status);
}

static void
record_read(const char *text, struct outcome *o)
{
	json_t *rec = json_loads(text, 0, NULL), *checks, *c;
	const json_t *error = json_object_get(rec, "error");
	size_t i;

	memset(o, 0, sizeof(*o));
	if (rec == NULL)
		die("no JSON:", text);
	if (error != NULL) {
		(void)snprintf(o->message, sizeof(o->message), "%s",
		    json_string_value(json_object_get(error, "message")));
		o->exit = (int)json_integer_value(json_object_get(error,
		    "exit"));
	} else {
		const char *v = json_string_value(json_object_get(rec,
		    "verdict"));

		o->exit = strcmp(v, "pass") == 0 ? 0 :
		    strcmp(v, "fail") == 0 ? 1 : 4;
	}
	checks = json_object_get(rec, "checks");
	json_array_foreach(checks, i, c)
		check_add(o, json_string_value(json_object_get(c, "id")),
		    json_string_value(json_object_get(c, "status")));
	json_decref(rec);
}

/* All plain lines in one process: one record a line, in their order. */
static void
batch_run(void)
{
	char list[NF_PATH_MAX], out[NF_PATH_MAX], command[3 * NF_PATH_MAX];
	char *text, *next;
	FILE *f = fopen(file_in(scratch, "list", list), "w");

	if (f == NULL)
		die("cannot write", list);
	for (size_t i = 0; i < n_lines; i++) {
		if (plain(&lines[i]))
			(void)fprintf(f, "%s\n", lines[i].file);
	}
	if (fclose(f) != 0)
		die("cannot write", list);
	(void)snprintf(command, sizeof(command), AUDIT " --format jsonl "
	    "--from '%s' >'%s' 2>/dev/null", list,
	    file_in(scratch, "out", out));
	if (run(command) == 99)
		die("a sanitizer stopped", AUDIT);
	next = text = text_load(out);
	for (size_t i = 0; i < n_lines; i++) {
		if (plain(&lines[i]) && next != NULL)
			record_read(strsep(&next, "\n"), &outcomes[i]);
	}
	free(text);
}

/* One line by itself; the report is a text with a line for each check. */
static void
single_run(const struct line *l, struct outcome *o)
{
	static const struct {
		const char *word, *status;
	} word[] = { { "pass", "pass" }, { "FAIL", "fail" },
	    { "unknown", "unknown" }, { "n/a", "not-applicable" } };
	char out[NF_PATH_MAX], err[NF_PATH_MAX], command[4 * NF_PATH_MAX];
	char is[16], id[ID_LEN], *text, *next, *line;

	memset(o, 0, sizeof(*o));
	(void)snprintf(command, sizeof(command), "%s >'%s' 2>'%s'",
	    l->command, file_in(scratch, "out", out),
	    file_in(scratch, "err", err));
	o->exit = run(command);
	next = text = text_load(out);
	while ((line = strsep(&next, "\n")) != NULL) {
		if (strncmp(line, "  ", 2) != 0 ||
		    sscanf(line, " %15s %31s", is, id) != 2)
			continue;
		for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
			if (strcmp(word[i].word, is) == 0)
				check_add(o, id, word[i].status);
		}
	}
	free(text);
	text = text_load(err);
	(void)snprintf(o->message, sizeof(o->message), "%s", text);
	free(text);
}

/* ---- comparing ---- */

/* The ids stand in this order at the start of those with that status. */
static bool
ids_first(const struct outcome *o, const char *list, const char *status)
{
	char copy[256], *next = copy, *id;
	size_t k = 0;

	(void)snprintf(copy, sizeof(copy), "%s", list);
	while ((id = strsep(&next, ",")) != NULL) {
		while (k < o->n && strcmp(o->check[k].status, status) != 0)
			k++;
		if (k == o->n || strcmp(o->check[k].id, id) != 0)
			return false;
		k++;
	}
	return true;
}

static bool
has(const struct outcome *o, const char *id, const char *status)
{
	for (size_t i = 0; i < o->n; i++) {
		if ((id == NULL || strcmp(o->check[i].id, id) == 0) &&
		    strcmp(o->check[i].status, status) == 0)
			return true;
	}
	return false;
}

static bool
as_expected(const struct line *l, const struct outcome *o)
{
	if (o->exit != atoi(l->exit))
		return false;
	if (strcmp(l->result, "pass") == 0)
		return !has(o, NULL, "fail");
	if (strcmp(l->result, "fail") == 0)
		return ids_first(o, l->check, "fail");
	if (strcmp(l->result, "cannot-say") == 0)
		return !has(o, NULL, "fail") && has(o, l->check, "unknown");
	return strstr(o->message, l->check) != NULL;
}

static void
compare(const struct line *l, const struct outcome *o)
{
	bool good = as_expected(l, o);

	ok(good, "%s %s, %s: %s", l->format, l->mutation, l->result,
	    l->check);
	if (good)
		return;
	(void)printf("# %s\n# expected exit %s, is %d\n# %s\n", l->command,
	    l->exit, o->exit, o->message);
	for (size_t i = 0; i < o->n; i++) {
		if (strcmp(o->check[i].status, "pass") != 0 &&
		    strcmp(o->check[i].status, "not-applicable") != 0)
			(void)printf("# %s %s\n", o->check[i].status,
			    o->check[i].id);
	}
}

/* ---- the corpus as a whole ---- */

static bool
named(const char *mutation)
{
	static const char *const lead[] = { "no_", "short_", "long_",
	    "trailing_", "junk_", "wrong_", "swapped_", "duplicate_",
	    "unsorted_", "unknown_", "zero_", "max_", "nested_",
	    "replayed_", "valid" };

	for (size_t i = 0; i < sizeof(lead) / sizeof(lead[0]); i++) {
		if (strncmp(mutation, lead[i], strlen(lead[i])) == 0)
			return true;
	}
	return false;
}

static bool
has_valid(const char *format)
{
	for (size_t i = 0; i < n_lines; i++) {
		if (strcmp(lines[i].format, format) == 0 &&
		    strcmp(lines[i].mutation, "valid") == 0 &&
		    strcmp(lines[i].result, "pass") == 0)
			return true;
	}
	return false;
}

static void
names_check(void)
{
	const char *bad = NULL;

	for (size_t i = 0; i < n_lines && bad == NULL; i++) {
		if (!named(lines[i].mutation))
			bad = lines[i].mutation;
	}
	ok(bad == NULL, "names are from the list%s%s",
	    bad == NULL ? "" : ": ", bad == NULL ? "" : bad);
	ok(n_lines >= MUTANTS_MIN, "there are %zu lines", n_lines);
	for (size_t i = 0; i < n_lines && bad == NULL; i++) {
		if (!has_valid(lines[i].format))
			bad = lines[i].format;
	}
	ok(bad == NULL, "every format has its valid file%s%s",
	    bad == NULL ? "" : ", but not ", bad == NULL ? "" : bad);
}

/* No two files are the same: each has one thing wrong that no other has. */
static void
equal_check(void)
{
	for (size_t i = 0; i < n_lines; i++) {
		struct nf_buf buf = NF_BUF_INIT;
		struct nf_view v;

		if (nf_file_load(lines[i].file, MAX, &buf, NULL) != 0)
			die("cannot read", lines[i].file);
		v = nf_buf_view(&buf);
		if (nf_digest_of(NF_SHA256, &v, 1, lines[i].sha256) != 0)
			die("no SHA-256 of", lines[i].file);
		nf_buf_wipe(&buf);
	}
	for (size_t i = 0; i < n_lines; i++) {
		for (size_t k = 0; k < i; k++) {
			/* one half of a pair, a signature or a KEK differs */
			if (strcmp(lines[i].command, lines[k].command) != 0 &&
			    (!plain(&lines[i]) || !plain(&lines[k])))
				continue;
			if (memcmp(lines[i].sha256, lines[k].sha256,
			    32) == 0) {
				ok(false, "%s is %s", lines[i].file,
				    lines[k].file);
				return;
			}
		}
	}
	ok(true, "no mutant is another");
}

/* The manifest expects something of this check. */
static bool
reached(const char *id)
{
	size_t n = strlen(id);

	for (size_t i = 0; i < n_lines; i++) {
		const char *p = lines[i].check;

		if (strcmp(lines[i].result, "fail") != 0 &&
		    strcmp(lines[i].result, "cannot-say") != 0)
			continue;
		while ((p = strstr(p, id)) != NULL) {
			if ((p == lines[i].check || p[-1] == ',') &&
			    (p[n] == ',' || p[n] == '\0'))
				return true;
			p += n;
		}
	}
	return false;
}

/* The list of unreached checks has a line for it. */
static bool
excused(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = list; p != NULL; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, id, n) == 0 && p[n] == '\t')
			return true;
		if (*p == '\0')
			break;
	}
	return false;
}

static void
ids_check(const char *ids_path, const char *unreached_path)
{
	char *text = text_load(ids_path), *next = text, *id;
	char *unreached = text_load(unreached_path);

	while ((id = strsep(&next, "\n")) != NULL) {
		if (*id != '\0')
			id_add(id);
	}
	for (size_t i = 0; i < n_ids; i++) {
		bool is = reached(ids[i]), not = excused(unreached, ids[i]);

		ok(is != not, "check %s is %s", ids[i], is && not ?
		    "reached, but listed as unreached" : is ? "reached" :
		    not ? "unreached for a reason" : "not reached");
	}
	free(text);
	free(unreached);
}

int
main(int argc, char **argv)
{
	char path[NF_PATH_MAX], *manifest;

	if (argc != 5)
		return NF_EXIT_USAGE;
	scratch = argv[2];
	manifest = text_load(file_in(argv[1], "MANIFEST.tsv", path));
	manifest_read(manifest);
	if (chdir(argv[1]) != 0 || setenv("NFSIM_STATE", "state", 1) != 0 ||
	    unsetenv("SECWORLD_SIMULATED_ROOT") != 0)
		die("cannot enter", argv[1]);
	batch_run();
	for (size_t i = 0; i < n_lines; i++) {
		if (!plain(&lines[i]))
			single_run(&lines[i], &outcomes[i]);
		compare(&lines[i], &outcomes[i]);
	}
	names_check();
	equal_check();
	ids_check(argv[3], argv[4]);
	(void)printf("1..%u\n", n_tests);
	free(manifest);
	return 0;
}
