/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit-sign: sign a transcript of byok-audit, so that the auditor itself
 * holds no private key.  The program is ours; the signature is what openssl
 * makes and checks.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/base/text.h"
#include "nfast/base/tty.h"
#include "nfast/host/pem.h"
#include "verify/transcript.h"

#define PASS_FILE_MAX	4096

static const struct nf_cli cli = {
	.name = "audit-sign",
	.synopsis = "audit-sign --key KEY.pem [OPTION]... FILE",
	.help =
	    "Check the chain of the transcript FILE, which byok-audit\n"
	    "--transcript wrote, and sign all of it: Ed25519, or ECDSA on\n"
	    "P-256, P-384 or P-521.\n\n"
	    "  --key KEY.pem           the private key; PKCS#8, also\n"
	    "                          encrypted, or SEC1\n"
	    "  --passphrase-file FILE  its first line is the passphrase\n"
	    "  --passphrase-fd N       the same from an open descriptor\n"
	    "                          (else the terminal is asked)\n"
	    "  --output SIG            where the signature goes (FILE.sig)\n"
	    "  --force                 replace a signature that is there\n\n"
	    "Exit status: 0 signed, 1 the chain is broken, or the signature\n"
	    "is there already, 2 usage, 3 a file is unreadable or malformed.\n",
	.args_min = 1,
	.args_max = 1
};

struct pass {
	const char *file;
	int fd;			/* -1: none */
};

struct wanted {
	const char *key;
	const char *transcript;
	const char *output;
	bool force;
	struct pass pass;
};

static int
fd_read(int fd, struct nf_buf *out, struct nf_diag *diag)
{
	char chunk[256];
	ssize_t n;
	int r = 0;

	while (out->len <= PASS_FILE_MAX && (n = read(fd, chunk,
	    sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = nf_diag_set(diag, NF_E_IO, "--passphrase-fd",
			    "cannot read: %s", strerror(errno));
			break;
		}
		nf_buf_put(out, chunk, (size_t)n);
		if (memchr(chunk, '\n', (size_t)n) != NULL)
			break;
	}
	explicit_bzero(chunk, sizeof(chunk));
	return r != 0 ? r : nf_buf_err(out);
}

/* The first line of what was given. */
static int
given_line(const struct pass *pass, struct nf_tty_line *line,
    struct nf_diag *diag)
{
	struct nf_buf bytes = NF_BUF_INIT;
	const uint8_t *nl;
	size_t len;
	int r;

	r = pass->file != NULL ? nf_file_load(pass->file, PASS_FILE_MAX,
	    &bytes, diag) : fd_read(pass->fd, &bytes, diag);
	if (r != 0)
		goto out;
	len = bytes.len;
	if (len > 0 && (nl = memchr(bytes.p, '\n', len)) != NULL)
		len = (size_t)(nl - bytes.p);
	if (len > 0 && bytes.p[len - 1] == '\r')
		len--;
	if (len == 0 || len > NF_TTY_LINE_MAX) {
		r = nf_diag_set(diag, NF_E_FORMAT, NULL, len == 0 ?
		    "no passphrase" : "the passphrase is too long");
		goto out;
	}
	memcpy(line->p, bytes.p, len);
	line->len = len;
out:
	nf_buf_wipe(&bytes);
	return r;
}

static int
ask(void *arg, struct nf_tty_line *line, struct nf_diag *diag)
{
	const struct wanted *want = arg;
	char prompt[NF_PATH_MAX];
	int fd, r;

	if (want->pass.file != NULL || want->pass.fd >= 0)
		return given_line(&want->pass, line, diag);
	if ((fd = nf_tty_open()) < 0)
		return nf_diag_set(diag, NF_E_USAGE, NULL,
		    "the key is encrypted: give --passphrase-file or "
		    "--passphrase-fd, or use a terminal");
	nf_err_format(prompt, sizeof(prompt), "Passphrase of %s", want->key);
	r = nf_tty_read(fd, "passphrase", prompt, line, diag);
	(void)close(fd);
	return r;
}

static int
sign(EVP_PKEY *key, struct nf_vfy_trfile *f, struct nf_buf *sig,
    struct nf_diag *diag)
{
	const struct nf_vfy_sigalg *alg;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t len = NF_VFY_SIG_MAX;
	struct nf_view all;
	int ok = 0, r = 0;

	nf_buf_fill(sig, 0, len);
	if ((r = nf_vfy_sigalg_of(key, &alg, diag)) != 0)
		nf_diag_where(diag, "--key");
	else if (nf_buf_err(sig) == 0 && md != NULL &&
	    EVP_DigestSignInit_ex(md, NULL, alg->md, NULL, NULL, key,
	    NULL) == 1) {
		if (alg->md == NULL) {
			if ((r = nf_vfy_trfile_map(f, &all, diag)) == 0)
				ok = EVP_DigestSign(md, sig->p, &len, all.p,
				    all.len);
		} else if ((r = nf_vfy_trfile_digest(f, md,
		    EVP_DigestSignUpdate, diag)) == 0)
			ok = EVP_DigestSignFinal(md, sig->p, &len);
	}
	if (r == 0 && ok != 1)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL, "libcrypto failed");
	sig->len = r == 0 ? len : 0;
	EVP_MD_CTX_free(md);
	return r;
}

/* A word for a shell. */
static void
word(struct nf_buf *out, const char *s)
{
	nf_buf_u8(out, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			nf_buf_str(out, "'\\''");
		else if (*s < 0x20 || *s > 0x7e)
			nf_buf_u8(out, '?');
		else
			nf_buf_u8(out, (uint8_t)*s);
	}
	nf_buf_u8(out, '\'');
}

static void
report(struct nf_buf *out, const struct wanted *want, const char *sig,
    const struct nf_vfy_summary *sum)
{
	nf_buf_printf(out, "signed %llu records, SHA-256 ",
	    (unsigned long long)sum->records);
	nf_text_hex(out, nf_view_of(sum->sha256, sizeof(sum->sha256)));
	nf_buf_printf(out, ", %s; check: ", sum->signature->name);
	if (sum->signature->md == NULL) {
		nf_buf_str(out, "openssl pkeyutl -verify -pubin -inkey "
		    "PUBLIC.pem -rawin -in ");
		word(out, want->transcript);
		nf_buf_str(out, " -sigfile ");
		word(out, sig);
	} else {
		nf_buf_printf(out, "openssl dgst -%s -verify PUBLIC.pem "
		    "-signature ", sum->signature->md);
		word(out, sig);
		nf_buf_u8(out, ' ');
		word(out, want->transcript);
	}
	nf_buf_u8(out, '\n');
}

/* The signature replaces neither what it signs nor the key. */
static int
output_check(const struct wanted *want, const char *path,
    struct nf_diag *diag)
{
	if (nf_file_same(path, want->transcript))
		return nf_diag_set(diag, NF_E_USAGE, "--output",
		    "is the transcript");
	if (nf_file_same(path, want->key))
		return nf_diag_set(diag, NF_E_USAGE, "--output",
		    "is the key");
	if (want->force || !nf_file_exists(path))
		return 0;
	(void)nf_diag_set(diag, NF_E_EXISTS, NULL,
	    "exists: --force replaces it");
	nf_diag_where(diag, "%s", path);
	return NF_E_EXISTS;
}

static int
write_sig(const struct wanted *want, const char *path, struct nf_view sig,
    struct nf_diag *diag)
{
	/* checkers are other people, whatever the umask of this process */
	return want->force ? nf_file_write_atomic(path, 0644, sig, diag) :
	    nf_file_write_new(path, 0644, sig, diag);
}

static int
run(const struct wanted *want, struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_pem_pass pass = { ask, NULL };
	struct nf_buf sig = NF_BUF_INIT;
	struct nf_vfy_trfile *f = NULL;
	struct nf_vfy_summary sum;
	struct wanted own = *want;
	char path[NF_PATH_MAX];
	EVP_PKEY *key = NULL;
	int r;

	pass.arg = &own;
	if ((r = want->output != NULL ? nf_path(path, diag, "%s",
	    want->output) : nf_path(path, diag, "%s.sig",
	    want->transcript)) != 0 ||
	    (r = nf_vfy_trfile_open(want->transcript, &f, diag)) != 0 ||
	    (r = nf_vfy_trfile_chain(f, &sum, diag)) != 0 ||
	    (r = output_check(want, path, diag)) != 0)
		goto out;
	if ((r = nf_pem_private(want->key, &pass, &key, diag)) != 0)
		goto out;
	nf_cli_warn_secret(want->key);
	if (want->pass.file != NULL)
		nf_cli_warn_secret(want->pass.file);
	if ((r = sign(key, f, &sig, diag)) != 0)
		goto out;
	/* a fault while signing gives the key away: what is shown verifies */
	if ((r = nf_vfy_trfile_verify(f, key, nf_buf_view(&sig), &sum,
	    diag)) == 0 &&
	    (r = write_sig(want, path, nf_buf_view(&sig), diag)) == 0)
		report(out, want, path, &sum);
out:
	EVP_PKEY_free(key);
	nf_vfy_trfile_close(f);
	nf_buf_wipe(&sig);
	return r;
}

int
main(int argc, char **argv)
{
	const char *fd = NULL;
	struct wanted want = { .pass.fd = -1 };
	const struct nf_opt opts[] = {
		{ "key", 0, NULL, &want.key },
		{ "passphrase-file", 0, NULL, &want.pass.file },
		{ "passphrase-fd", 0, NULL, &fd },
		{ "output", 0, NULL, &want.output },
		{ "force", 0, &want.force, NULL },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char **args;
	int n, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0)
		return status;
	if (want.key == NULL)
		return nf_cli_usage(&cli, "--key is needed");
	if (fd != NULL && want.pass.file != NULL)
		return nf_cli_usage(&cli,
		    "give one of --passphrase-file and --passphrase-fd");
	if (fd != NULL && (strspn(fd, "0123456789") != strlen(fd) ||
	    strlen(fd) > 4 || *fd == '\0'))
		return nf_cli_usage(&cli, "--passphrase-fd takes a number");
	if (fd != NULL)
		want.pass.fd = (int)strtol(fd, NULL, 10);
	want.transcript = args[0];
	return nf_cli_end(&cli, run(&want, &out, &diag), &out, &diag);
}
