/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main program of a fuzz target in a normal build: run the target over
 * the files in argv, and over all files of the directories in argv.  Exits 0
 * when at least one file was run; what a target finds ends the process.
 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/file.h"
#include "tests/fuzz/fuzz.h"

#define SEED_MAX	((size_t)1 << 20)

/* 0 or the error; the bytes are an allocation of exactly their size. */
static int
run_file(const char *path)
{
	struct nf_buf buf = NF_BUF_INIT;
	char line[1024];
	struct nf_diag diag = { 0 };
	uint8_t *copy;
	int r;

	if ((r = nf_file_load(path, SEED_MAX, &buf, &diag)) != 0) {
		nf_diag_line(&diag, line, sizeof(line));
		(void)fprintf(stderr, "%s\n", line);
		return r;
	}
	if ((copy = malloc(buf.len == 0 ? 1 : buf.len)) == NULL) {
		nf_buf_wipe(&buf);
		return NF_E_NOMEM;
	}
	if (buf.len > 0)
		memcpy(copy, buf.p, buf.len);
	(void)LLVMFuzzerTestOneInput(copy, buf.len);
	free(copy);
	nf_buf_wipe(&buf);
	return 0;
}

static int
run_dir(const char *dir, size_t *n)
{
	char path[NF_PATH_MAX];
	struct dirent *e;
	DIR *d = opendir(dir);
	int r = 0;

	if (d == NULL)
		return NF_E_IO;
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if ((r = nf_path(path, NULL, "%s/%s", dir, e->d_name)) == 0 &&
		    (r = run_file(path)) == 0)
			(*n)++;
	}
	(void)closedir(d);
	return r;
}

int
main(int argc, char **argv)
{
	struct stat st;
	size_t n = 0;
	int r = 0;

	for (int i = 1; i < argc && r == 0; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			r = run_dir(argv[i], &n);
		else if ((r = run_file(argv[i])) == 0)
			n++;
	}
	(void)printf("%zu files\n", n);
	return r == 0 && n > 0 && fflush(stdout) == 0 ? 0 : 1;
}
