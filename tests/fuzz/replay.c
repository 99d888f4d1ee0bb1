/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main program of the fuzz targets in a normal build: run one over the
 * files in argv, and over all files of the directories in argv, as they are
 * and, with "-f ROUNDS" before them, so often again with calls that fail.
 * Exits 0 when at least one file was run; what a target finds ends the
 * process.
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
/* Of the first round, then 4 and 16 times as many: most seeds make a few
 * hundred calls. */
#define ODDS		20u

static uint32_t rounds;

/* 0 or the error. */
static int
run_file(const char *path)
{
	struct nf_buf buf = NF_BUF_INIT;
	char line[1024];
	struct nf_diag diag = { 0 };
	uint32_t seed = 0;
	int r;

	if ((r = nf_file_load(path, SEED_MAX, &buf, &diag)) != 0) {
		nf_diag_line(&diag, line, sizeof(line));
		(void)fprintf(stderr, "%s\n", line);
		return r;
	}
	(void)LLVMFuzzerTestOneInput(buf.p, buf.len);
	/* The seeds follow from the bytes, not from the order of files. */
	for (size_t i = 0; i < buf.len; i++)
		seed = seed * 31 + buf.p[i];
	for (uint32_t i = 1; i <= rounds && buf.len >= FUZZ_SEED_LEN; i++)
		fuzz_run(buf.p, buf.len - FUZZ_SEED_LEN, (seed + i) | 1,
		    ODDS << 2 * (i % 3));
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
	int first = 1, r = 0;

	(void)LLVMFuzzerInitialize(&argc, &argv);
	if (argc > 2 && strcmp(argv[1], "-f") == 0) {
		rounds = (uint32_t)strtoul(argv[2], NULL, 10);
		first = 3;
	}
	for (int i = first; i < argc && r == 0; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			r = run_dir(argv[i], &n);
		else if ((r = run_file(argv[i])) == 0)
			n++;
	}
	(void)printf("%zu files\n", n);
	return r == 0 && n > 0 && fflush(stdout) == 0 ? 0 : 1;
}
