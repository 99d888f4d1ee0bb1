/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeds: marks, times, and libcrypto's random numbers.  Each case has a
 * process of its own, since a generator is chosen once.
 */
#include "config.h"

#include <sys/wait.h>

#include <time.h>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "nfast/base/seed.h"
#include "nfast/base/seedrand.h"
#include "tests/tap.h"

#define SAMPLE	64

static struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

static void
seed(const char *s)
{
	ck_assert_int_eq(s == NULL ? unsetenv(NF_SEED_ENV) :
	    setenv(NF_SEED_ENV, s, 1), 0);
}

/* What a process draws with a seed, a label and a text to mix in. */
static void
draw(const char *s, const char *label, const char *mix,
    uint8_t out[static SAMPLE])
{
	struct nf_view v = text("x");
	int fd[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_ge(pid = fork(), 0);
	if (pid == 0) {
		seed(s);
		if (nf_seed_start(NULL) != 0 ||
		    (label != NULL && nf_seed_bind(label, &v, 1, NULL)) != 0 ||
		    (mix != NULL && nf_seed_mix(text(mix), NULL) != 0) ||
		    RAND_priv_bytes(out, SAMPLE / 2) != 1 ||
		    RAND_bytes(out + SAMPLE / 2, SAMPLE / 2) != 1 ||
		    write(fd[1], out, SAMPLE) != SAMPLE)
			_exit(1);
		_exit(0);
	}
	ck_assert_int_eq(read(fd[0], out, SAMPLE), SAMPLE);
	(void)close(fd[0]);
	(void)close(fd[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(same_stream)
{
	uint8_t a[SAMPLE], b[SAMPLE];

	draw("one", "label", "mix", a);
	draw("one", "label", "mix", b);
	ck_assert_mem_eq(a, b, SAMPLE);
	draw("one", NULL, NULL, a);
	draw("one", NULL, NULL, b);
	ck_assert_mem_eq(a, b, SAMPLE);
	/* neither half repeats the other */
	ck_assert_mem_ne(a, a + SAMPLE / 2, SAMPLE / 2);
}
END_TEST

START_TEST(other_streams)
{
	uint8_t a[5][SAMPLE];

	draw("one", "label", NULL, a[0]);
	draw("two", "label", NULL, a[1]);
	draw("one", "lapel", NULL, a[2]);
	draw("one", "label", "mix", a[3]);
	draw("one", NULL, NULL, a[4]);
	for (size_t i = 0; i < 5; i++) {
		for (size_t k = 0; k < i; k++)
			ck_assert_mem_ne(a[i], a[k], SAMPLE);
	}
}
END_TEST

START_TEST(no_seed)
{
	uint8_t a[SAMPLE], b[SAMPLE];

	draw(NULL, "label", "mix", a);
	draw(NULL, "label", "mix", b);
	ck_assert_mem_ne(a, b, SAMPLE);
}
END_TEST

/* Where libcrypto starts with its own generator, the seed is refused. */
START_TEST(late_seed)
{
	struct nf_diag d = { 0 };
	uint8_t b[1];

	seed("one");
	ck_assert_int_eq(RAND_bytes(b, 1), 1);
	ck_assert_int_eq(nf_seed_start(&d), NF_E_CRYPTO);
	ck_assert_str_eq(d.field, NF_SEED_ENV);
}
END_TEST

/* The modulus of a key, and a DSA-like nonce's worth of what comes next. */
START_TEST(keys_follow)
{
	struct nf_view v = text("x");
	EVP_PKEY *key[2];
	BIGNUM *n[2] = { NULL, NULL };

	seed("one");
	ck_assert_int_eq(nf_seed_start(NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(nf_seed_bind("rsa", &v, 1, NULL), 0);
		key[i] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
		ck_assert_ptr_nonnull(key[i]);
		ck_assert_int_eq(EVP_PKEY_get_bn_param(key[i], "n", &n[i]),
		    1);
	}
	ck_assert_int_eq(BN_cmp(n[0], n[1]), 0);
	for (size_t i = 0; i < 2; i++) {
		BN_free(n[i]);
		EVP_PKEY_free(key[i]);
	}
}
END_TEST

static const struct {
	const char *epoch;
	uint64_t time;
} times[] = {
	{ NULL, NF_SEED_TIME }, { "", NF_SEED_TIME }, { "0", 0 },
	{ "1700000000", 1700000000 }, { "8589934591", 8589934591 },
	{ "8589934592", NF_SEED_TIME },			/* max_time */
	{ "17000000000", NF_SEED_TIME },
	{ "-1", NF_SEED_TIME }, { "1x", NF_SEED_TIME },
	{ " 1", NF_SEED_TIME }
};

START_TEST(time_with_seed)
{
	if (times[_i].epoch == NULL)
		ck_assert_int_eq(unsetenv("SOURCE_DATE_EPOCH"), 0);
	else
		ck_assert_int_eq(setenv("SOURCE_DATE_EPOCH", times[_i].epoch,
		    1), 0);
	seed("one");
	ck_assert_uint_eq(nf_seed_now(), times[_i].time);
	seed(NULL);
	ck_assert_uint_ge(nf_seed_now(), (uint64_t)time(NULL) - 5);
	seed("");
	ck_assert_uint_ge(nf_seed_now(), (uint64_t)time(NULL) - 5);
	ck_assert_ptr_null(nf_seed_text());
}
END_TEST

START_TEST(marks)
{
	ck_assert(nf_seed_marked(text("secworld 1, simulated, INSECURE SEED")));
	ck_assert(nf_seed_marked(text(NF_SEED_WORDS)));
	ck_assert(!nf_seed_marked(text("secworld 1, simulated")));
	ck_assert(!nf_seed_marked(text("INSECURE SEE")));
	ck_assert(!nf_seed_marked(text("")));
	ck_assert(nf_seed_esn(text("5EED-0000-0000")));
	ck_assert(!nf_seed_esn(text("5EED-")));
	ck_assert(!nf_seed_esn(text("5EEE-0000-0000")));
	ck_assert_str_eq(nf_seed_suffix(true), ", INSECURE SEED");
	ck_assert_str_eq(nf_seed_suffix(false), "");
}
END_TEST

static const struct {
	const char *epoch;
	int code;
	uint64_t time;
	int with_seed;
} epochs[] = {
	{ NULL, 0, 0, 0 },
	{ "", 0, 0, 0 },
	{ "0", 0, 0, 0 },
	{ "8589934591", 0, 8589934591, 0 },
	{ "8589934592", 0, 8589934592, NF_E_USAGE },
	{ "253402300799", 0, 253402300799, NF_E_USAGE },
	{ "253402300800", NF_E_USAGE, 0, NF_E_USAGE },
	{ "00000000000001", NF_E_USAGE, 0, NF_E_USAGE },
	{ "99999999999999999999999999", NF_E_USAGE, 0, NF_E_USAGE },
	{ "junk", NF_E_USAGE, 0, NF_E_USAGE },
	{ "-1", NF_E_USAGE, 0, NF_E_USAGE },
	{ "1 ", NF_E_USAGE, 0, NF_E_USAGE }
};

START_TEST(epoch)
{
	struct nf_diag d = { 0 };
	uint64_t t = 1;
	bool is_set;

	if (epochs[_i].epoch == NULL)
		ck_assert_int_eq(unsetenv("SOURCE_DATE_EPOCH"), 0);
	else
		ck_assert_int_eq(setenv("SOURCE_DATE_EPOCH", epochs[_i].epoch,
		    1), 0);
	ck_assert_int_eq(nf_seed_epoch(&t, &is_set, &d), epochs[_i].code);
	ck_assert_uint_eq(t, epochs[_i].time);
	if (epochs[_i].code == 0)
		ck_assert_int_eq(is_set, epochs[_i].epoch != NULL &&
		    *epochs[_i].epoch != '\0');
	else
		ck_assert_str_eq(d.field, "SOURCE_DATE_EPOCH");
	seed(NULL);
	ck_assert_int_eq(nf_seed_check(NULL), 0);
	seed("one");
	nf_diag_clear(&d);
	ck_assert_int_eq(nf_seed_check(&d), epochs[_i].with_seed);
	if (epochs[_i].with_seed != 0)
		ck_assert_str_eq(d.field, "SOURCE_DATE_EPOCH");
}
END_TEST

START_TEST(lines_and_kids)
{
	struct nf_view v = text(NF_SEED_LINE "rest");

	ck_assert(nf_seed_marked(text(NF_SEED_LINE)));
	ck_assert(nf_seed_line_skip(&v));
	ck_assert(nf_view_is(v, "rest"));
	ck_assert(!nf_seed_line_skip(&v));
	ck_assert(nf_view_is(v, "rest"));
	v = text("# INSECURE SEED");
	ck_assert(!nf_seed_line_skip(&v));
	v = text("");
	ck_assert(!nf_seed_line_skip(&v));
	ck_assert(nf_seed_kid(text("https://insecure-seed-1.vault.test/")));
	ck_assert(!nf_seed_kid(text("https://sim-1.vault.test/")));
	ck_assert(!nf_seed_kid(text("https://x.test/insecure-seed-")));
	ck_assert(!nf_seed_kid(text("https://insecure-seed")));
	ck_assert(!nf_seed_kid(text("")));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base/seed");
	TCase *tc = tcase_create("seed");

	tcase_add_test(tc, same_stream);
	tcase_add_test(tc, other_streams);
	tcase_add_test(tc, no_seed);
	tcase_add_test(tc, late_seed);
	tcase_add_test(tc, keys_follow);
	tcase_add_loop_test(tc, time_with_seed, 0,
	    sizeof(times) / sizeof(times[0]));
	tcase_add_test(tc, marks);
	tcase_add_loop_test(tc, epoch, 0, sizeof(epochs) / sizeof(epochs[0]));
	tcase_add_test(tc, lines_and_kids);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
