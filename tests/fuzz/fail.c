/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that fail on request: see fail.h.  The wrappers of fail.list are made
 * by fail.awk into fail-calls.h; those of functions with variable arguments,
 * and of those that fill a structure when they fail, are written here.
 */
#include "config.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <dirent.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <jansson.h>
#include <libusb.h>
#include <p11-kit/uri.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/fuzz/fail.h"

enum mode { OFF, NTH, FROM, RANDOM };

static _Thread_local struct {
	enum mode mode;
	unsigned long n;	/* NTH, FROM */
	uint64_t state;		/* RANDOM */
	uint32_t odds;
	unsigned long calls;
	const char *name;	/* of the last that failed, or NULL */
} fail;

static void
start(enum mode mode, unsigned long n)
{
	fail.mode = mode;
	fail.n = n;
	fail.calls = 0;
	fail.name = NULL;
}

void
nf_fail_nth(unsigned long n)
{
	start(NTH, n);
}

void
nf_fail_from(unsigned long n)
{
	start(FROM, n);
}

void
nf_fail_random(uint32_t seed, uint32_t odds)
{
	fail.state = ((uint64_t)seed << 32 | seed) ^ 0x9e3779b97f4a7c15U;
	fail.odds = odds;
	start(RANDOM, 0);
}

void
nf_fail_off(void)
{
	fail.mode = OFF;
}

bool
nf_fail_hit(void)
{
	return fail.name != NULL;
}

const char *
nf_fail_name(void)
{
	return fail.name == NULL ? "" : fail.name;
}

unsigned long
nf_fail_calls(void)
{
	return fail.calls;
}

/* The next number of a generator (splitmix64): seeds may be alike. */
static uint64_t
next(void)
{
	uint64_t z;

	fail.state += 0x9e3779b97f4a7c15U;
	z = fail.state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

bool
nf_fail_now(const char *name)
{
	bool now = false;

	if (fail.mode == OFF)
		return false;
	fail.calls++;
	if (fail.mode == NTH)
		now = fail.calls == fail.n;
	else if (fail.mode == FROM)
		now = fail.calls >= fail.n;
	else
		now = next() % fail.odds == 0;
	if (now)
		fail.name = name;
	return now;
}

/* The compiler asks for these in fortified objects; no header says so. */
int __open_2(const char *path, int flags);
int __openat_2(int fd, const char *path, int flags);
ssize_t __read_chk(int fd, void *p, size_t len, size_t room);
ssize_t __pread_chk(int fd, void *p, size_t len, off_t at, size_t room);
ssize_t __recv_chk(int fd, void *p, size_t len, size_t room, int flags);
int __poll_chk(struct pollfd *fd, nfds_t n, int ms, size_t room);
char *__realpath_chk(const char *path, char *out, size_t room);

/* As those of fail-calls.h: a program need not have the library. */
#pragma weak json_delete
#pragma weak json_vpack_ex
#pragma weak json_vsprintf

/* The linker sees the libraries' own calls under these names, too. */
#pragma GCC visibility push(default)

#include "tests/fuzz/fail-calls.h"

/* The argument that is there only when a file may be made. */
static mode_t
mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
}

int
__wrap_open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	if (nf_fail_now("open")) {
		errno = EMFILE;
		return -1;
	}
	return __real_open(path, flags, mode);
}

int
__wrap_openat(int fd, const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	if (nf_fail_now("openat")) {
		errno = EMFILE;
		return -1;
	}
	return __real_openat(fd, path, flags, mode);
}

/* No command of ours takes more than an int. */
int
__wrap_fcntl(int fd, int command, ...)
{
	int arg = 0;
	va_list ap;

	if (command != F_GETFD && command != F_GETFL) {
		va_start(ap, command);
		arg = va_arg(ap, int);
		va_end(ap);
	}
	if (nf_fail_now("fcntl")) {
		errno = EINVAL;
		return -1;
	}
	return __real_fcntl(fd, command, arg);
}

/* Only RSA is made so, by its size. */
EVP_PKEY *
__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *ctx, const char *query,
    const char *type, ...)
{
	size_t bits;
	va_list ap;

	va_start(ap, type);
	bits = va_arg(ap, size_t);
	va_end(ap);
	if (nf_fail_now("EVP_PKEY_Q_keygen"))
		return NULL;
	return __real_EVP_PKEY_Q_keygen(ctx, query, type, bits);
}

__attribute__((format(printf, 1, 2))) json_t *
__wrap_json_sprintf(const char *fmt, ...)
{
	json_t *json;
	va_list ap;

	if (nf_fail_now("json_sprintf"))
		return NULL;
	va_start(ap, fmt);
	json = json_vsprintf(fmt, ap);
	va_end(ap);
	return json;
}

json_t *
__wrap_json_pack(const char *fmt, ...)
{
	json_t *json;
	va_list ap;
	bool now = nf_fail_now("json_pack");

	/* Built in either case: it takes what the format says it takes. */
	va_start(ap, fmt);
	json = json_vpack_ex(NULL, 0, fmt, ap);
	va_end(ap);
	if (now) {
		json_decref(json);
		json = NULL;
	}
	return json;
}

json_t *
__wrap_json_loadb(const char *p, size_t len, size_t flags, json_error_t *e)
{
	if (!nf_fail_now("json_loadb"))
		return __real_json_loadb(p, len, flags, e);
	if (e != NULL)
		memset(e, 0, sizeof(*e));
	return NULL;
}

#pragma GCC visibility pop
