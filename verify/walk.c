/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verify/walk.h"

#define LINE_END	((size_t)1 << 20)	/* no list has such lines */

/* A directory that is being read: the names that are left. */
struct level {
	char **name;
	size_t n, at;
	size_t path_len;	/* of the path up to and without this level */
};

struct nf_walk {
	char *const *word;
	size_t n_words;
	FILE *from;
	size_t line_no;
	char path[NF_PATH_MAX];
	struct level level[NF_WALK_DEPTH_MAX];
	size_t depth;
	size_t links;
};

int
nf_walk_new(char *const *path, size_t n, const char *from,
    struct nf_walk **out, struct nf_diag *diag)
{
	struct nf_walk *w;
	int fd;

	*out = NULL;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	w->word = path;
	w->n_words = n;
	if (from != NULL) {
		fd = strcmp(from, "-") == 0 ? dup(STDIN_FILENO) :
		    open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0 || (w->from = fdopen(fd, "r")) == NULL) {
			(void)nf_diag_set(diag, errno == ENOENT ?
			    NF_E_NOTFOUND : NF_E_IO, NULL, "cannot open: %s",
			    strerror(errno));
			nf_diag_where(diag, "%s", from);
			if (fd >= 0)
				(void)close(fd);
			free(w);
			return diag->code;
		}
	}
	*out = w;
	return 0;
}

static void
level_clear(struct level *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->name[i]);
	free(l->name);
	memset(l, 0, sizeof(*l));
}

void
nf_walk_free(struct nf_walk *w)
{
	if (w == NULL)
		return;
	while (w->depth > 0)
		level_clear(&w->level[--w->depth]);
	if (w->from != NULL)
		(void)fclose(w->from);
	free(w);
}

size_t
nf_walk_links(const struct nf_walk *w)
{
	return w->links;
}

static int
name_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
level_fill(struct level *l, DIR *dir)
{
	struct dirent *e;
	size_t cap = 0;
	char **grown;

	while (errno = 0, (e = readdir(dir)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (l->n == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			if ((grown = reallocarray(l->name, cap,
			    sizeof(*grown))) == NULL)
				return -1;
			l->name = grown;
		}
		if ((l->name[l->n] = strdup(e->d_name)) == NULL)
			return -1;
		l->n++;
	}
	if (errno != 0)
		return -1;
	if (l->n > 0)
		qsort(l->name, l->n, sizeof(*l->name), name_cmp);
	return 0;
}

static int
trouble(struct nf_diag *diag, const char *what)
{
	(void)nf_diag_set(diag, NF_E_IO, NULL, "%s: %s", what,
	    strerror(errno));
	return -1;
}

/* Go into the directory w->path.  follow: it may be a symbolic link. */
static int
enter(struct nf_walk *w, bool follow, struct nf_diag *diag)
{
	struct level *l;
	DIR *dir;
	int fd, r = 0;

	if (w->depth == NF_WALK_DEPTH_MAX) {
		(void)nf_diag_set(diag, NF_E_IO, NULL,
		    "more than %d directories deep", NF_WALK_DEPTH_MAX);
		return -1;
	}
	fd = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    (follow ? 0 : O_NOFOLLOW));
	if (fd < 0 || (dir = fdopendir(fd)) == NULL) {
		r = trouble(diag, "cannot open the directory");
		if (fd >= 0)
			(void)close(fd);
		return r;
	}
	l = &w->level[w->depth];
	memset(l, 0, sizeof(*l));
	if (level_fill(l, dir) != 0) {
		r = trouble(diag, "cannot read the directory");
		level_clear(l);
	} else {
		l->path_len = strlen(w->path);
		w->depth++;
	}
	(void)closedir(dir);
	return r;
}

/*
 * Decide what w->path is: 1 a file, 0 nothing to report (a directory was
 * entered, a link skipped), -1 trouble.
 */
static int
consider(struct nf_walk *w, bool follow, struct nf_diag *diag)
{
	struct stat st;

	if ((follow ? stat(w->path, &st) : lstat(w->path, &st)) != 0)
		return 1;	/* whoever opens it says why */
	if (S_ISLNK(st.st_mode)) {
		w->links++;
		return 0;
	}
	return S_ISDIR(st.st_mode) ? enter(w, follow, diag) : 1;
}

/* The next name of the innermost directory. */
static int
from_level(struct nf_walk *w, struct nf_diag *diag)
{
	struct level *l = &w->level[w->depth - 1];
	size_t left = NF_PATH_MAX - l->path_len;
	bool slash = l->path_len > 0 && w->path[l->path_len - 1] == '/';
	int n;

	w->path[l->path_len] = '\0';
	if (l->at == l->n) {
		level_clear(l);
		w->depth--;
		return 0;
	}
	n = snprintf(w->path + l->path_len, left, "%s%s", slash ? "" : "/",
	    l->name[l->at]);
	l->at++;
	if (n < 0 || (size_t)n >= left) {
		w->path[l->path_len] = '\0';
		(void)nf_diag_set(diag, NF_E_IO, NULL,
		    "a path in it is longer than %d bytes", NF_PATH_MAX - 1);
		return -1;
	}
	return consider(w, false, diag);
}

static int
from_word(struct nf_walk *w, const char *word, struct nf_diag *diag)
{
	int n = snprintf(w->path, sizeof(w->path), "%s", word);

	if (n < 0 || (size_t)n >= sizeof(w->path)) {
		(void)nf_diag_set(diag, NF_E_IO, NULL,
		    "a path longer than %d bytes", NF_PATH_MAX - 1);
		return -1;
	}
	return consider(w, true, diag);
}

/* What is wrong with a line of the manifest. */
static int
line_trouble(struct nf_walk *w, const char *what, struct nf_diag *diag)
{
	(void)snprintf(w->path, sizeof(w->path), "--from");
	(void)nf_diag_set(diag, NF_E_FORMAT, NULL, "line %zu of the list %s",
	    w->line_no, what);
	return -1;
}

/* The next line of the manifest, which ends when it cannot be read. */
static int
from_line(struct nf_walk *w, struct nf_diag *diag)
{
	char line[NF_PATH_MAX];
	bool nul = false;
	size_t n = 0;
	int c, r;

	w->line_no++;
	errno = 0;
	while ((c = getc_unlocked(w->from)) != EOF && c != '\n' &&
	    n < LINE_END) {
		nul |= c == '\0';
		if (n < sizeof(line) - 1)
			line[n] = (char)c;
		n++;
	}
	if (n == LINE_END || (c == EOF && (n == 0 || ferror(w->from)))) {
		(void)snprintf(w->path, sizeof(w->path), "--from");
		r = 0;
		if (n == LINE_END)
			r = line_trouble(w, "does not end: this is no list",
			    diag);
		else if (ferror(w->from))
			r = trouble(diag, "cannot read the list of files");
		(void)fclose(w->from);
		w->from = NULL;
		return r;
	}
	if (n == 0)
		return 0;
	if (nul)
		return line_trouble(w, "has a NUL byte", diag);
	if (n >= sizeof(line))
		return line_trouble(w, "is longer than a path can be", diag);
	line[n] = '\0';
	return from_word(w, line, diag);
}

int
nf_walk_next(struct nf_walk *w, const char **path, struct nf_diag *diag)
{
	int r = 0;

	*path = w->path;
	while (r == 0) {
		if (w->depth > 0)
			r = from_level(w, diag);
		else if (w->n_words > 0) {
			w->n_words--;
			r = from_word(w, *w->word++, diag);
		} else if (w->from != NULL)
			r = from_line(w, diag);
		else
			break;
	}
	return r;
}
