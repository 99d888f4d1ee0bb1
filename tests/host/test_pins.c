/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases from a file and from a terminal. */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pty.h>
#include <termios.h>

#include "nfast/host/pins.h"
#include "tests/files.h"

/* SHA-1 of "one" and of "two" (computed with another program). */
#define PIN_ONE	"fe05bcdcdc4928012781a5f1a2a77cbb5398e106"
#define PIN_TWO	"ad782ecdac770fc6eb9a62e44f90873fb97fb26b"

static struct nf_diag diag;
static char path[NF_PATH_MAX];

static void
setup(void)
{
	const char *build = getenv("SW_BUILDDIR");
	int fd;

	nf_diag_clear(&diag);
	ck_assert_int_eq(nf_path(path, NULL, "%s/pins.XXXXXX",
	    build == NULL ? "." : build), 0);
	ck_assert_int_ge(fd = mkstemp(path), 0);
	(void)close(fd);
	ck_assert_int_eq(setenv("NFSIM_PINS", path, 1), 0);
}

static void
teardown(void)
{
	(void)unlink(path);
}

static void
put(const char *text)
{
	nf_tap_put(path, text, strlen(text));
}

static void
next_is(struct nf_pins *pins, const char *hex)
{
	uint8_t pin[NF_HASH_LEN];
	char got[41];
	bool has;

	ck_assert_int_eq(nf_pins_next(pins, "p", false, pin, &has, &diag), 0);
	ck_assert_int_eq(has, hex != NULL);
	nf_text_hash(got, pin);
	if (hex != NULL)
		ck_assert_str_eq(got, hex);
}

START_TEST(lines_in_order)
{
	struct nf_pins *pins;
	uint8_t pin[NF_HASH_LEN];
	bool has;

	put("one\n\ntwo");
	ck_assert_int_eq(nf_pins_open(3, &pins, &diag), 0);
	ck_assert(!nf_pins_can_retry(pins));
	next_is(pins, PIN_ONE);
	next_is(pins, NULL);
	next_is(pins, PIN_TWO);
	ck_assert_int_eq(nf_pins_next(pins, "p", false, pin, &has, &diag),
	    NF_E_FORMAT);
	nf_pins_close(pins);
}
END_TEST

START_TEST(lines_of_another_system)
{
	struct nf_pins *pins;

	put("one\r\n\r\ntwo\r\n");
	ck_assert_int_eq(nf_pins_open(3, &pins, &diag), 0);
	next_is(pins, PIN_ONE);
	next_is(pins, NULL);
	next_is(pins, PIN_TWO);
	nf_pins_close(pins);
}
END_TEST

START_TEST(rewinds)
{
	struct nf_pins *pins;

	put("one\n\ntwo\n");
	ck_assert_int_eq(nf_pins_open(2, &pins, &diag), 0);
	next_is(pins, PIN_ONE);
	next_is(pins, NULL);
	nf_pins_rewind(pins);
	next_is(pins, PIN_ONE);
	next_is(pins, NULL);
	next_is(pins, PIN_TWO);
	nf_pins_close(pins);
}
END_TEST

START_TEST(none_needs_no_source)
{
	struct nf_pins *pins;

	ck_assert_int_eq(unsetenv("NFSIM_PINS"), 0);
	ck_assert_int_eq(nf_pins_none(&pins, &diag), 0);
	next_is(pins, NULL);
	next_is(pins, NULL);
	nf_pins_close(pins);
}
END_TEST

START_TEST(repeated)
{
	struct nf_pins *pins;

	put("one\ntwo\n");
	ck_assert_int_eq(nf_pins_open(1, &pins, &diag), 0);
	next_is(pins, PIN_ONE);
	nf_pins_repeat(pins);
	next_is(pins, PIN_ONE);
	next_is(pins, PIN_TWO);
	nf_pins_repeat(pins);
	next_is(pins, PIN_TWO);
	/* What is given again once is given again after a rewind, too. */
	nf_pins_rewind(pins);
	next_is(pins, PIN_ONE);
	next_is(pins, PIN_TWO);
	nf_pins_close(pins);
}
END_TEST

START_TEST(short_file)
{
	struct nf_pins *pins;

	put("one\ntwo\n");
	ck_assert_int_eq(nf_pins_open(3, &pins, &diag), NF_E_FORMAT);
	ck_assert_ptr_null(pins);
	ck_assert_ptr_nonnull(strstr(diag.text, "2 passphrases"));
	put("");
	ck_assert_int_eq(nf_pins_open(1, &pins, NULL), NF_E_FORMAT);
}
END_TEST

START_TEST(max_line)
{
	struct nf_pins *pins;
	char text[1026];

	memset(text, 'x', sizeof(text));
	text[1023] = '\n';
	text[1024] = '\0';
	put(text);
	ck_assert_int_eq(nf_pins_open(1, &pins, &diag), 0);
	nf_pins_close(pins);
	text[1023] = 'x';
	text[1024] = '\n';
	text[1025] = '\0';
	put(text);
	ck_assert_int_eq(nf_pins_open(1, &pins, &diag), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "line 1"));
}
END_TEST

START_TEST(no_file)
{
	struct nf_pins *pins;

	ck_assert_int_eq(setenv("NFSIM_PINS", "nonexistent/pins", 1), 0);
	ck_assert_int_eq(nf_pins_open(1, &pins, &diag), NF_E_NOTFOUND);
	nf_diag_clear(&diag);
	ck_assert_int_eq(setenv("NFSIM_PINS", "/", 1), 0);
	ck_assert_int_eq(nf_pins_open(1, &pins, &diag), NF_E_IO);
}
END_TEST

START_TEST(no_source)
{
	struct nf_pins *pins;
	pid_t child;
	int status;

	/* A new session has no terminal. */
	ck_assert_int_eq(unsetenv("NFSIM_PINS"), 0);
	ck_assert_int_ge(child = fork(), 0);
	if (child == 0) {
		(void)setsid();
		_exit(nf_pins_open(1, &pins, &diag) == NF_E_USAGE &&
		    strstr(diag.text, "NFSIM_PINS") != NULL ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

/* In a session whose terminal is the slave: ask once and compare. */
static _Noreturn void
terminal_child(int slave, bool twice, const char *want, int code)
{
	struct nf_pins *pins = NULL;
	struct termios before, after;
	uint8_t pin[NF_HASH_LEN];
	char got[41];
	bool has;
	int r;

	(void)setsid();
	if (ioctl(slave, TIOCSCTTY, 0) != 0 ||
	    tcgetattr(slave, &before) != 0 ||
	    nf_pins_open(1, &pins, NULL) != 0 || !nf_pins_can_retry(pins))
		_exit(10);
	r = nf_pins_next(pins, "word", twice, pin, &has, NULL);
	if (r != code || tcgetattr(slave, &after) != 0 ||
	    after.c_lflag != before.c_lflag)
		_exit(11);
	nf_text_hash(got, pin);
	nf_pins_close(pins);
	_exit(r == 0 && (!has || strcmp(got, want) != 0) ? 12 : 0);
}

static void
terminal(const char *const *typed, bool twice, const char *want, int code)
{
	char shown[512] = "";
	int master, slave, status;
	size_t len = 0;
	ssize_t n;
	pid_t child;

	ck_assert_int_eq(unsetenv("NFSIM_PINS"), 0);
	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	ck_assert_int_ge(child = fork(), 0);
	if (child == 0)
		terminal_child(slave, twice, want, code);
	/* Answer each prompt once it is there: earlier input is dropped. */
	for (; *typed != NULL; typed++) {
		char *seen = shown + len;

		while (strstr(seen, ": ") == NULL && len < sizeof(shown) - 1) {
			n = read(master, shown + len,
			    sizeof(shown) - 1 - len);
			ck_assert_int_gt(n, 0);
			len += (size_t)n;
			shown[len] = '\0';
		}
		ck_assert_int_eq(write(master, *typed, strlen(*typed)),
		    (ssize_t)strlen(*typed));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	n = 0;
	if (fcntl(master, F_SETFL, O_NONBLOCK) == 0)
		n = read(master, shown + len, sizeof(shown) - 1 - len);
	shown[len + (n > 0 ? (size_t)n : 0)] = '\0';
	ck_assert_ptr_null(strstr(shown, "one"));
	(void)close(master);
	(void)close(slave);
}

START_TEST(terminal_without_echo)
{
	static const char *const typed[] = { "onx\177e\n", NULL };

	terminal(typed, false, PIN_ONE, 0);
}
END_TEST

START_TEST(terminal_twice)
{
	static const char *const typed[] = { "one\n", "one\n", NULL };

	terminal(typed, true, PIN_ONE, 0);
}
END_TEST

START_TEST(terminal_differs_then_agrees)
{
	static const char *const typed[] = { "one\n", "two\n", "one\n",
		"one\n", NULL };

	terminal(typed, true, PIN_ONE, 0);
}
END_TEST

START_TEST(terminal_interrupt)
{
	static const char *const typed[] = { "one\003", NULL };

	terminal(typed, false, "", NF_E_USAGE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/pins");
	TCase *tc = tcase_create("pins");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, lines_in_order);
	tcase_add_test(tc, lines_of_another_system);
	tcase_add_test(tc, rewinds);
	tcase_add_test(tc, repeated);
	tcase_add_test(tc, none_needs_no_source);
	tcase_add_test(tc, short_file);
	tcase_add_test(tc, max_line);
	tcase_add_test(tc, no_file);
	tcase_add_test(tc, no_source);
	tcase_add_test(tc, terminal_without_echo);
	tcase_add_test(tc, terminal_twice);
	tcase_add_test(tc, terminal_differs_then_agrees);
	tcase_add_test(tc, terminal_interrupt);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
