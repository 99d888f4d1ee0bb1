/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Toolset zips: of the real ones only hashes are public, so that these are
 * the simulator's.  The names of files tell their region, which is why each
 * mutant has a directory where that matters.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "kek-packages/zipwrite.h"
#include "nfast/kmdata/datafile.h"
#include "tests/mutants/kmedit.h"
#include "tests/mutants/packages.h"

#define EUROPE	"KeyVault-BYOK-Tools-Europe.zip"
#define USA	"KeyVault-BYOK-Tools-UnitedStates.zip"
#define README	"SIMULATED\n"
#define COMMAND	"byok-audit --simulated-root"
#define FILES	3

/* The files of an archive, and where it is changed after. */
struct zip {
	struct nf_zip_file file[FILES + 1];
	size_t n;
};

static struct nf_view
written(struct mut *m, const struct zip *z)
{
	struct nf_buf *buf = mut_buf(m);

	MUST(m, nf_zip_write(buf, z->file, z->n, "SIMULATED"));
	return mut_view(m, buf);
}

/* A copy with other bytes at an offset. */
static struct nf_view
patched(struct mut *m, struct nf_view v, size_t at, const char *bytes,
    size_t n)
{
	struct nf_buf *buf = mut_buf(m);

	nf_buf_view_put(buf, v);
	(void)mut_view(m, buf);
	NF_REQUIRE(at + n <= buf->len);
	memcpy(buf->p + at, bytes, n);
	return nf_buf_view(buf);
}

/* Where the directory starts, from the end record behind it. */
static size_t
directory(struct nf_view v)
{
	const uint8_t *p = v.p + v.len - strlen("SIMULATED") - 6;

	return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16;
}

static void
archives_put(struct mut *m, const struct zip *good)
{
	struct nf_view v = written(m, good);
	size_t dir = directory(v), end = v.len - strlen("SIMULATED") - 22;
	struct nf_buf *b;

	mut_put(m, "short_file", nf_view_of(v.p, v.len - 1),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive", "the last byte "
	    "of the file is missing" });
	mut_put(m, "trailing_file", mut_long(m, v), &(struct mut_want){
	    MUT_FAIL, "toolset.archive", "a byte follows the archive" });
	b = mut_buf(m);
	nf_buf_view_put(b, nf_view_of(v.p, dir));
	nf_buf_str(b, "gap");
	nf_buf_view_put(b, nf_view_of(v.p + dir, v.len - dir));
	mut_put(m, "junk_gap", mut_view(m, b), &(struct mut_want){ MUT_FAIL,
	    "toolset.archive", "three bytes belong to no entry" });
	mut_put(m, "wrong_count", patched(m, v, end + 10, "\2", 1),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive", "the end record "
	    "counts an entry less" });
	mut_put(m, "wrong_local_name", patched(m, v, 30, "X", 1),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive",
	    "the name in a local header is not that of the directory" });
	mut_put(m, "wrong_method", patched(m, v, dir + 10, "\11", 1),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive", "an entry is "
	    "packed by a method that is not known" });
	mut_put(m, "wrong_flags", patched(m, v, dir + 8, "\1", 1),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive", "an entry says "
	    "that it is encrypted" });
	mut_put(m, "wrong_size", patched(m, v, dir + 24, "\1", 1),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive", "the directory "
	    "has another size than the local header" });
	mut_put(m, "wrong_crc", patched(m, patched(m, v, dir + 16,
	    "\0\0\0\0", 4), 14, "\0\0\0\0", 4), &(struct mut_want){ MUT_FAIL,
	    "toolset.data", "the CRC of an entry is another" });
	mut_put(m, "junk_data", mut_flip(m, v, 30 + strlen(PKG_KEK) + 40),
	    &(struct mut_want){ MUT_FAIL, "toolset.data", "one bit of the "
	    "packed data is another" });
	mut_put(m, "wrong_link", patched(m, v, dir + 38 + 2, "\377\241", 2),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive", "an entry is a "
	    "symbolic link" });
}

/* Archives of other files. */
static void
files_put(struct mut *m, const struct zip *good)
{
	struct nf_zip_file na = good->file[0];
	struct zip z = *good;

	na.bytes = mut_load(m, PKG_KEK_NA);
	z.file[FILES] = good->file[2];
	z.n = FILES + 1;
	mut_put(m, "duplicate_name", written(m, &z), &(struct mut_want){
	    MUT_FAIL, "toolset.archive", "two entries have one name" });
	z.file[FILES].name = "../README";
	mut_put(m, "wrong_path", written(m, &z), &(struct mut_want){
	    MUT_FAIL, "toolset.archive", "an entry would leave the "
	    "directory" });
	z.file[FILES].name = "/README";
	mut_put(m, "wrong_absolute_path", written(m, &z),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive", "an entry has "
	    "an absolute name" });
	z.file[FILES].name = "readme";
	mut_put(m, "duplicate_name_case", written(m, &z),
	    &(struct mut_want){ MUT_FAIL, "toolset.archive", "two names "
	    "differ in case alone" });
	z.file[FILES].name = "setup.exe";
	mut_put(m, "unknown_file", written(m, &z), &(struct mut_want){
	    MUT_UNROOTED, "toolset.others", "there is a program that nothing "
	    "vouches for" });
	z.file[FILES].name = "more/" PKG_KEK;
	z.file[FILES].bytes = good->file[0].bytes;
	mut_put(m, "duplicate_kek", written(m, &z), &(struct mut_want){
	    MUT_FAIL, "toolset.packages", "there are two KEK packages" });
	z = *good;
	z.n = 1;
	mut_put(m, "no_world", written(m, &z), &(struct mut_want){ MUT_FAIL,
	    "toolset.packages", "the SecurityWorld package is missing" });
	z.file[0] = good->file[2];
	mut_put(m, "no_packages", written(m, &z), &(struct mut_want){
	    MUT_UNROOTED, "toolset.packages", "both packages are missing" });
	z = *good;
	z.file[0].bytes = nf_view_of(z.file[0].bytes.p,
	    z.file[0].bytes.len - 4);
	mut_put(m, "short_kek", written(m, &z), &(struct mut_want){
	    MUT_FAIL, "toolset.packages", "the end of the KEK package is "
	    "missing" });
	z.file[0].bytes = mut_text("some other format");
	mut_put(m, "unknown_kek", written(m, &z), &(struct mut_want){
	    MUT_FAIL, "toolset.packages", "one of the packages is in another "
	    "format" });
	z.file[1].bytes = mut_text("some other format, too");
	mut_put(m, "unknown_packages", written(m, &z), &(struct mut_want){
	    MUT_UNROOTED, "toolset.packages", "both packages are in another "
	    "format" });
	z = *good;
	z.file[0].name = "BYOK-KEK-pkg-NA-1";
	mut_put(m, "wrong_kek_name", written(m, &z), &(struct mut_want){
	    MUT_FAIL, "toolset.code", "the two packages' names have "
	    "different codes" });
	z = *good;
	z.file[0].bytes = good->file[1].bytes;
	z.file[1].bytes = good->file[0].bytes;
	mut_put(m, "swapped_packages", written(m, &z), &(struct mut_want){
	    MUT_FAIL, "toolset.packages", "the two packages changed "
	    "places" });
	z = *good;
	z.file[0] = na;
	mut_put(m, "replayed_kek", written(m, &z), &(struct mut_want){
	    MUT_FAIL, "world.region", "the KEK package is another "
	    "region's" });
}

/* A zip under a published name. */
static void
named_put(struct mut *m, const char *mutation, const char *zip,
    struct nf_view bytes, const struct mut_want *want)
{
	char path[NF_PATH_MAX], command[2 * NF_PATH_MAX];

	MUST(m, nf_path(path, &m->diag, "toolset-zip/%s.d/%s", mutation,
	    zip));
	mut_write(m, path, bytes);
	(void)snprintf(command, sizeof(command), COMMAND " %s", path);
	mut_line(m, path, mutation, command, want);
}

void
mutate_zips(struct mut *m)
{
	struct zip good = { .n = FILES, .file = {
	    { PKG_KEK, mut_load(m, PKG_KEK), true },
	    { PKG_WORLD, mut_load(m, PKG_WORLD), true },
	    { "README", mut_text(README), true } } }, z;

	mut_format(m, "toolset-zip", COMMAND, MUT_PASS, mut_load(m, EUROPE),
	    "the toolset zip of a simulated region");
	archives_put(m, &good);
	files_put(m, &good);
	named_put(m, "wrong_zip_name", USA, written(m, &good),
	    &(struct mut_want){ MUT_FAIL, "toolset.code,toolset.region",
	    "the zip has the name of another region's" });
	z = good;
	z.file[0].bytes = mut_load(m, PKG_KEK_NA);
	z.file[1].bytes = mut_load(m, PKG_WORLD_NA);
	named_put(m, "wrong_packages", EUROPE, written(m, &z),
	    &(struct mut_want){ MUT_FAIL, "toolset.region", "the packages "
	    "are another region's, under this region's names" });
}
