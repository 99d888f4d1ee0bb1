/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets of a service: where they may be, what they replace, and those
 * that systemd hands over. */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <stdio.h>

#include "nfast/simd/listen.h"
#include "tests/host/fixture.h"

START_TEST(open_directories)
{
	static const mode_t modes[] = { 0777, 01777, 0770, 0702, 0720 };
	char dir[] = "/tmp/test_serve.XXXXXX", path[64], deep[80];
	struct nf_listener l;

	memset(&fix, 0, sizeof(fix));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		ck_assert_int_eq(chmod(dir, modes[i]), 0);
		FAILS(NF_E_POLICY, nf_listen_unix(path, false, &l,
		    &fix.diag));
		SAYS("others can write");
		ck_assert_int_eq(access(path, F_OK), -1);
	}
	/* Directly in /tmp, and below a directory that is open. */
	FAILS(NF_E_POLICY, nf_listen_unix("/tmp/test_serve.s", false, &l,
	    &fix.diag));
	ck_assert_int_eq(chmod(dir, 0777), 0);
	(void)snprintf(deep, sizeof(deep), "%s/d", dir);
	ck_assert_int_eq(mkdir(deep, 0700), 0);
	(void)strcat(deep, "/s");
	FAILS(NF_E_POLICY, nf_listen_unix(deep, false, &l, &fix.diag));
	/* A link does not hide where it leads. */
	*strrchr(deep, '/') = '\0';
	ck_assert_int_eq(rmdir(deep), 0);
	ck_assert_int_eq(chmod(dir, 0700), 0);
	ck_assert_int_eq(symlink("/tmp", deep), 0);
	(void)strcat(deep, "/s");
	FAILS(NF_E_POLICY, nf_listen_unix(deep, false, &l, &fix.diag));
	*strrchr(deep, '/') = '\0';
	ck_assert_int_eq(unlink(deep), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(what_has_the_name_already)
{
	char dir[] = "/tmp/test_serve.XXXXXX", path[64], longest[200];
	struct nf_listener a, b;
	struct stat st;
	int fd;

	memset(&fix, 0, sizeof(fix));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	ck_assert_int_ge(fd = open(path, O_CREAT | O_WRONLY, 0600), 0);
	(void)close(fd);
	FAILS(NF_E_EXISTS, nf_listen_unix(path, false, &a, &fix.diag));
	ck_assert_int_eq(unlink(path), 0);
	OK(nf_listen_unix(path, true, &a, &fix.diag));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	FAILS(NF_E_BUSY, nf_listen_unix(path, false, &b, &fix.diag));
	/* Nobody listens any more. */
	(void)close(a.fd);
	a.fd = -1;
	OK(nf_listen_unix(path, false, &b, &fix.diag));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0666);
	/* The first one removes only what is its own. */
	nf_listen_close(&a);
	ck_assert_int_eq(access(path, F_OK), 0);
	nf_listen_close(&b);
	ck_assert_int_eq(access(path, F_OK), -1);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	FAILS(NF_E_USAGE, nf_listen_unix(longest, false, &b, &fix.diag));
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* Clients that come at once wait, however slowly they are taken. */
START_TEST(many_wait)
{
	enum { MANY = 400 };
	char dir[] = "/tmp/test_listen.XXXXXX";
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct nf_listener l;
	int fd[MANY], many = 0;
	FILE *f;

	/* The kernel may allow fewer. */
	ck_assert_ptr_nonnull(f = fopen("/proc/sys/net/core/somaxconn", "r"));
	ck_assert_int_eq(fscanf(f, "%d", &many), 1);
	(void)fclose(f);
	many = many < MANY ? many : MANY;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", dir);
	OK(nf_listen_unix(addr.sun_path, false, &l, &fix.diag));
	for (int i = 0; i < many; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		ck_assert_int_ge(fd[i], 0);
		ck_assert_int_eq(connect(fd[i],
		    (const struct sockaddr *)&addr, sizeof(addr)), 0);
	}
	for (int i = 0; i < many; i++)
		(void)close(fd[i]);
	nf_listen_close(&l);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* With sockets at 3 and 4: what a process makes of these variables. */
static int
inherit(const char *pid, const char *n, const char *names, bool listening,
    int want_plain, int want_priv)
{
	struct nf_listener plain_l, priv_l;
	char dir[] = "/tmp/test_serve.XXXXXX", path[64], own[32];
	bool taken;
	int r;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (int i = 3; i < 5; i++) {
		struct nf_listener l;

		(void)snprintf(path, sizeof(path), "%s/%d", dir, i);
		OK(nf_listen_unix(path, false, &l, &fix.diag));
		if (!listening) {
			(void)close(l.fd);
			l.fd = socket(AF_UNIX, SOCK_STREAM, 0);
		}
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(dup2(l.fd, 20 + i), 20 + i);
		(void)close(l.fd);
	}
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(dup2(23, 3), 3);
	ck_assert_int_eq(dup2(24, 4), 4);
	(void)snprintf(own, sizeof(own), "%d", (int)getpid());
	(void)setenv("LISTEN_PID", pid == NULL ? own : pid, 1);
	(void)setenv("LISTEN_FDS", n, 1);
	(void)unsetenv("LISTEN_FDNAMES");
	if (names != NULL)
		(void)setenv("LISTEN_FDNAMES", names, 1);
	nf_diag_clear(&fix.diag);
	r = nf_listen_inherited(&plain_l, &priv_l, &taken, &fix.diag);
	if (r != 0)
		return r;
	ck_assert_int_eq(plain_l.fd, want_plain);
	ck_assert_int_eq(priv_l.fd, want_priv);
	ck_assert(taken == (want_plain >= 0 || want_priv >= 0));
	if (taken)
		ck_assert_ptr_null(getenv("LISTEN_FDS"));
	return 0;
}

START_TEST(sockets_of_systemd)
{
	memset(&fix, 0, sizeof(fix));
	OK(inherit(NULL, "1", NULL, true, 3, -1));
	OK(inherit(NULL, "2", NULL, true, 3, 4));
	OK(inherit(NULL, "2", "privnserver:nserver", true, 4, 3));
	OK(inherit(NULL, "1", "privnserver", true, -1, 3));
	OK(inherit("1", "2", NULL, true, -1, -1));
	OK(inherit(NULL, "x", NULL, true, -1, -1));
	ck_assert_int_eq(inherit(NULL, "3", NULL, true, 0, 0), NF_E_USAGE);
	ck_assert_int_eq(inherit(NULL, "2", "nserver:nserver", true, 0, 0),
	    NF_E_USAGE);
	ck_assert_int_eq(inherit(NULL, "1", "http", true, 0, 0), NF_E_USAGE);
	ck_assert_int_eq(inherit(NULL, "2", "nserver", true, 0, 0),
	    NF_E_USAGE);
	ck_assert_int_eq(inherit(NULL, "1", NULL, false, 0, 0), NF_E_USAGE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/listen");
	TCase *tc = tcase_create("listen");

	tcase_add_test(tc, open_directories);
	tcase_add_test(tc, what_has_the_name_already);
	tcase_add_test(tc, many_wait);
	tcase_add_test(tc, sockets_of_systemd);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
