/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single-bit flips of the real files, through the table of kinds as an
 * auditor would: what is still recognised must fail or be refused, whatever
 * bit it is.  All bits of one package; 2,000 of each other package and of the
 * bundle, always the same ones (set sample to 0 for all of a file: those of
 * the bundle take a minute).
 *
 * No bit of the bundle is without meaning.  White space has some freedom
 * there (how much, and which of space, LF and CR), so has the order of the
 * members; but none of these three characters is one bit away from another,
 * and bits of base64url that carry no byte must be zero.
 */
#include "config.h"

#include <sys/wait.h>

#include <unistd.h>

#include "nfast/base/err.h"
#include "tests/tap.h"
#include "nfast/kmdata/attbundle.h"
#include "verify/kinds.h"

#define WORKERS_MAX	8
#define SAMPLE		2000

static const struct file {
	const char *name, *kind;
	size_t sample;			/* 0: all bits */
	int status;			/* of the file as it is */
} files[] = {
	{ "azcli_TestBYOK-NA.byok", "method-1 package", 0, 4 },
	{ "azps_bvtdata_byoktest.byok", "method-1 package", SAMPLE, 4 },
	{ "azps_proddata_byoktest.byok", "method-1 package", SAMPLE, 4 },
	{ "key_simple_test1.att", "attestation bundle", SAMPLE, 0 }
};

/* What one worker found. */
struct tally {
	size_t tried, refused, failed;
	size_t accepted;		/* how many, and the last one */
	size_t bit;
};

/* The exit status of these bytes: 0, 1 or 4, and 3 for what is refused. */
static int
audit(struct nf_vfy_ctx *ctx, struct nf_vfy_verdict *v, struct nf_view bytes)
{
	const struct nf_vfy_kind *kind = nf_vfy_kind_find(bytes);
	struct nf_vfy_options opt;
	struct nf_diag diag;

	if (kind == NULL)
		return NF_EXIT_INPUT;
	memset(&opt, 0, sizeof(opt));
	nf_diag_clear(&diag);
	nf_vfy_verdict_reset(v, kind->name, "test");
	if (kind->check(ctx, bytes, &opt, v, &diag) != 0)
		return nf_err_exit(diag.code);
	return nf_vfy_exit(v);
}

/* How many bits are flipped of so many. */
static size_t
flips_of(const struct file *f, size_t bits)
{
	return (f->sample == 0 ? bits : f->sample) / nf_tap_step(1);
}

/* The i-th bit to flip of so many: each, or a fixed walk that looks random. */
static size_t
bit_of(const struct file *f, size_t i, size_t bits)
{
	uint64_t x = (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	if (f->sample == 0)
		return i * nf_tap_step(1);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (size_t)((x ^ x >> 31) % bits);
}

/* Every n-th of the flips. */
static void
flips(const struct file *f, struct nf_buf *file, size_t first, size_t n,
    struct tally *out)
{
	struct nf_vfy_ctx *ctx = nf_vfy_ctx_new();
	size_t bits = file->len * 8, bit;
	struct nf_vfy_verdict v;

	memset(out, 0, sizeof(*out));
	nf_vfy_verdict_init(&v, f->kind, "test");
	for (size_t i = first; i < flips_of(f, bits); i += n) {
		bit = bit_of(f, i, bits);
		file->p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		out->tried++;
		switch (audit(ctx, &v, nf_buf_view(file))) {
		case NF_EXIT_INPUT:
			out->refused++;
			break;
		case NF_EXIT_CHECK:
			out->failed++;
			break;
		default:
			out->accepted++;
			out->bit = bit;
			break;
		}
		file->p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
}

static size_t
workers(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > WORKERS_MAX ? WORKERS_MAX : (size_t)n;
}

/* All flips, spread over the processors; a worker that dies fails the case. */
static void
flips_all(const struct file *f, struct nf_buf *file, struct tally *sum)
{
	size_t n = workers();
	pid_t pid[WORKERS_MAX];
	struct tally t;
	int fd[2], status;

	memset(sum, 0, sizeof(*sum));
	ck_assert_int_eq(pipe(fd), 0);
	for (size_t i = 0; i < n; i++) {
		pid[i] = fork();
		ck_assert_int_ge(pid[i], 0);
		if (pid[i] == 0) {
			flips(f, file, i, n, &t);
			_exit(write(fd[1], &t, sizeof(t)) ==
			    (ssize_t)sizeof(t) ? 0 : 1);
		}
	}
	(void)close(fd[1]);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		    "worker %zu ended with 0x%x", i, (unsigned int)status);
		ck_assert_int_eq(read(fd[0], &t, sizeof(t)),
		    (ssize_t)sizeof(t));
		sum->tried += t.tried;
		sum->refused += t.refused;
		sum->failed += t.failed;
		sum->accepted += t.accepted;
		if (t.accepted > 0)
			sum->bit = t.bit;
	}
	(void)close(fd[0]);
}

static int
audit_once(struct nf_view bytes)
{
	struct nf_vfy_ctx *ctx = nf_vfy_ctx_new();
	struct nf_vfy_verdict v;
	int status;

	nf_vfy_verdict_init(&v, "test", "test");
	status = audit(ctx, &v, bytes);
	nf_vfy_verdict_wipe(&v);
	nf_vfy_ctx_free(ctx);
	return status;
}

START_TEST(junk_bit)
{
	const struct file *f = &files[_i];
	struct tally sum;
	struct nf_buf file;

	nf_tap_sample(f->name, &file);
	ck_assert_str_eq(nf_vfy_kind_find(nf_buf_view(&file))->name, f->kind);
	ck_assert_int_eq(audit_once(nf_buf_view(&file)), f->status);
	flips_all(f, &file, &sum);
	ck_assert_uint_eq(sum.tried, flips_of(f, file.len * 8));
	ck_assert_msg(sum.accepted == 0, "%zu accepted, one is bit %zu of "
	    "byte %zu", sum.accepted, sum.bit % 8, sum.bit / 8);
	/* both ways out were taken, and often */
	ck_assert_uint_gt(sum.refused, sum.tried / 50);
	ck_assert_uint_gt(sum.failed, sum.tried / 50);
	nf_buf_wipe(&file);
}
END_TEST

/* Each unused bit of each padded field, by itself; the field is named. */
START_TEST(zero_base64)
{
	static const char member[] = "\"hkre\"";
	struct nf_buf file;
	struct nf_diag diag;
	struct nf_att att;
	uint8_t *from, *to;

	nf_tap_sample("key_simple_test1.att", &file);
	ck_assert_ptr_nonnull(from = memmem(file.p, file.len, member,
	    sizeof(member) - 1));
	from += sizeof(member) - 1;
	from = (uint8_t *)memchr(from, '"', 8) + 1;
	to = memchr(from, '"', 64);
	memmove(from, to, (size_t)(file.p + file.len - to));
	file.len -= (size_t)(to - from);
	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_att_read(nf_buf_view(&file), &att, &diag),
	    NF_E_FORMAT);
	ck_assert_str_eq(diag.field, "hkre");
	ck_assert_str_eq(diag.text, "empty");
	nf_att_wipe(&att);
	nf_buf_wipe(&file);
}
END_TEST

START_TEST(junk_base64_bit)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t tried = 0, unused;
	struct nf_buf file;
	struct nf_diag diag;
	struct nf_att att;
	char was;

	nf_tap_sample("key_simple_test1.att", &file);
	for (size_t i = 3; i + 1 < file.len; i++) {
		if (file.p[i] != '=' || file.p[i + 1] != '"')
			continue;
		unused = file.p[i - 1] == '=' ? 4 : 2;
		char *c = (char *)&file.p[unused == 4 ? i - 2 : i - 1];
		was = *c;
		for (size_t bit = 0; bit < unused; bit++, tried++) {
			*c = digits[(size_t)(strchr(digits, was) - digits) ^
			    (size_t)1 << bit];
			nf_diag_clear(&diag);
			ck_assert_int_eq(nf_att_read(nf_buf_view(&file), &att,
			    &diag), NF_E_FORMAT);
			ck_assert_msg(strstr(diag.text, "unused bits") != NULL
			    && diag.field[0] != '\0', "%s: %s", diag.field,
			    diag.text);
			nf_att_wipe(&att);
		}
		*c = was;
	}
	ck_assert_uint_ge(tried, 20);
	ck_assert_int_eq(audit_once(nf_buf_view(&file)), 0);
	nf_buf_wipe(&file);
}
END_TEST

/* The only freedom of form: more space, LF or CR between the tokens. */
START_TEST(white_space)
{
	static const char fine[] = " \n\r", bad[] = "\t\v\f\xa0";
	struct nf_buf file, b = NF_BUF_INIT;

	nf_tap_sample("key_simple_test1.att", &file);
	for (size_t i = 0; i < sizeof(fine) + sizeof(bad) - 2; i++) {
		bool good = i < sizeof(fine) - 1;

		nf_buf_u8(&b, '{');
		nf_buf_u8(&b, (uint8_t)(good ? fine[i] :
		    bad[i - sizeof(fine) + 1]));
		nf_buf_put(&b, file.p + 1, file.len - 1);
		ck_assert_msg(audit_once(nf_buf_view(&b)) == (good ? 0 : 3),
		    "character %zu", i);
		nf_buf_wipe(&b);
	}
	nf_buf_wipe(&file);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/flips");
	TCase *t = tcase_create("real files");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, junk_bit, 0,
	    (int)(sizeof(files) / sizeof(files[0])));
	tcase_add_test(t, junk_base64_bit);
	tcase_add_test(t, zero_base64);
	tcase_add_test(t, white_space);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run_with_samples(suite);
}
