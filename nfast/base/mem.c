/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "nfast/base/err.h"
#include "nfast/base/mem.h"

#define STACK_DEPTH	((size_t)64 * 1024)

void
nf_freezero(void *p, size_t len)
{
	if (p == NULL)
		return;
	explicit_bzero(p, len);
	free(p);
}

int
nf_secret_new(struct nf_secret *s, size_t len)
{
	NF_REQUIRE(len > 0);
	s->len = 0;
	if ((s->p = calloc(1, len)) == NULL)
		return NF_E_NOMEM;
	s->len = len;
	return 0;
}

void
nf_secret_wipe(struct nf_secret *s)
{
	nf_freezero(s->p, s->len);
	s->p = NULL;
	s->len = 0;
}

/*
 * A closed standard descriptor would be given to the next file opened, and
 * messages would be written into it.  The direction is the wrong one, so that
 * output is still seen to fail.
 */
static void
std_fill(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", fd == STDIN_FILENO ?
			    O_WRONLY : O_RDONLY);
	}
}

/* Not inlined, so that its frame is below that of the caller. */
__attribute__((noinline)) void
nf_stack_wipe(void)
{
	uint8_t below[STACK_DEPTH];

	explicit_bzero(below, sizeof(below));
}

static void *
crypto_malloc(size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return len == 0 ? NULL : malloc(len);
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p != NULL)
		nf_freezero(p, malloc_usable_size(p));
}

static void *
crypto_realloc(void *p, size_t len, const char *file, int line)
{
	size_t old = p == NULL ? 0 : malloc_usable_size(p);
	void *new = NULL;

	if (len > 0 && (new = malloc(len)) == NULL)
		return NULL;
	if (new != NULL && p != NULL)
		memcpy(new, p, old < len ? old : len);
	crypto_free(p, file, line);
	return new;
}

bool
nf_crypto_wipe_freed(void)
{
	return CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc,
	    crypto_free) == 1;
}

void
nf_process_harden(void)
{
	struct rlimit core;

	std_fill();
	/* The hard limit stays, for programs that this one may start. */
	if (getrlimit(RLIMIT_CORE, &core) == 0) {
		core.rlim_cur = 0;
		(void)setrlimit(RLIMIT_CORE, &core);
	}
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)umask(077);
	(void)nf_crypto_wipe_freed();
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}
