/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a transcript: its chain, its signature, and the report. */
#include "config.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "nfast/base/crypto.h"
#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "nfast/base/text.h"
#include "verify/transcript.h"
#include "verify/verdict-words.h"

#define CHUNK	((size_t)64 * 1024)

struct nf_vfy_links {
	struct nf_vfy_summary *sum;
	uint64_t off;		/* where the line starts */
	uint8_t prev[NF_VFY_SHA256_LEN];
	int err;
	size_t len;
	uint8_t line[NF_VFY_LINE_MAX];
};

struct nf_vfy_links *
nf_vfy_links_new(struct nf_vfy_summary *summary)
{
	struct nf_vfy_links *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	memset(summary, 0, sizeof(*summary));
	w->sum = summary;
	return w;
}

void
nf_vfy_links_free(struct nf_vfy_links *w)
{
	free(w);
}

static void
tool_count(struct nf_vfy_summary *sum, const struct nf_vfy_origin *origin)
{
	char name[NF_VFY_TOOL_LEN] = "";
	size_t i = 0;

	(void)snprintf(name, sizeof(name), "%s %s", origin->tool,
	    origin->version);
	while (i < sum->n_tools && strcmp(sum->tool[i].name, name) != 0)
		i++;
	if (i == NF_VFY_TOOLS_MAX)
		i--;
	if (i == sum->n_tools)
		sum->n_tools++;
	if (i == NF_VFY_TOOLS_MAX - 1)
		(void)snprintf(name, sizeof(name), "others");
	memcpy(sum->tool[i].name, name, sizeof(name));
	sum->tool[i].n++;
}

static void
record_count(struct nf_vfy_summary *sum, const struct nf_vfy_record *rec)
{
	if (sum->records == 0)
		sum->first_time = rec->time;
	else if (rec->time < sum->last_time)
		sum->time_back++;
	sum->last_time = rec->time;
	sum->records++;
	sum->insecure_seed += rec->insecure_seed;
	sum->verdict[nf_vfy_record_outcome(rec->verdict)]++;
	tool_count(sum, &rec->origin);
}

/* Its place in the chain: number and hash of the line before. */
static int
link_check(const struct nf_vfy_links *w, const char *who,
    const struct nf_vfy_read_record *rec, struct nf_diag *diag)
{
	uint64_t n = w->sum->records + 1;

	if (rec->n != n)
		return nf_diag_at(diag, NF_E_VERIFY, "n", (size_t)w->off,
		    "%s: the chain is broken: it says it is record %llu, so "
		    "one was removed, added or moved", who,
		    (unsigned long long)rec->n);
	if (memcmp(rec->prev, w->prev, sizeof(rec->prev)) == 0)
		return 0;
	if (n == 1)
		return nf_diag_at(diag, NF_E_VERIFY, "prev", (size_t)w->off,
		    "%s: the chain is broken: the first record has no zeros "
		    "here", who);
	return nf_diag_at(diag, NF_E_VERIFY, "prev", (size_t)w->off,
	    "%s: the chain is broken: this is not the SHA-256 of record "
	    "%llu; one of the two was changed", who,
	    (unsigned long long)(n - 1));
}

/* One whole line, without its end. */
static int
line_check(struct nf_vfy_links *w, struct nf_view line, struct nf_diag *diag)
{
	unsigned long long n = w->sum->records + 1;
	struct nf_vfy_read_record rec;
	char who[64];
	int r;

	(void)snprintf(who, sizeof(who), "record %llu (line %llu)", n, n);
	if (line.len >= NF_VFY_LINE_MAX)
		return nf_diag_at(diag, NF_E_FORMAT, NULL, (size_t)w->off,
		    "%s: longer than %d bytes", who, NF_VFY_LINE_MAX);
	if ((r = nf_vfy_record_read(line, who, (size_t)w->off, &rec,
	    diag)) == 0 && (r = link_check(w, who, &rec, diag)) == 0)
		record_count(w->sum, &rec.rec);
	nf_vfy_record_wipe(&rec);
	if (r == 0 && nf_digest_of(NF_SHA256, &line, 1, w->prev) != 0)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL, "SHA-256 failed");
	w->off += line.len + 1;
	return r;
}

int
nf_vfy_links_add(struct nf_vfy_links *w, struct nf_view v,
    struct nf_diag *diag)
{
	w->sum->bytes += v.len;
	while (w->err == 0 && v.len > 0) {
		const uint8_t *nl = memchr(v.p, '\n', v.len);
		size_t n = nl == NULL ? v.len : (size_t)(nl - v.p);
		struct nf_view line = { v.p, n };

		if (w->len + n >= NF_VFY_LINE_MAX) {
			line.len = NF_VFY_LINE_MAX;
			w->err = line_check(w, line, diag);
			break;
		}
		if (w->len > 0 || nl == NULL) {
			memcpy(w->line + w->len, v.p, n);
			w->len += n;
			line = nf_view_of(w->line, w->len);
		}
		if (nl != NULL) {
			w->err = line_check(w, line, diag);
			w->len = 0;
			n++;
		}
		v.p += n;
		v.len -= n;
	}
	return w->err;
}

int
nf_vfy_links_end(struct nf_vfy_links *w, struct nf_diag *diag)
{
	unsigned long long n = w->sum->records + 1;

	if (w->err != 0)
		return w->err;
	if (w->len > 0)
		w->err = nf_diag_at(diag, NF_E_FORMAT, NULL, (size_t)w->off,
		    "record %llu (line %llu): torn: the line has no end", n,
		    n);
	else if (n == 1)
		w->err = nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "there is no record in it");
	return w->err;
}

struct nf_vfy_trfile {
	int fd;
	struct stat st;
	void *map;
	char path[NF_PATH_MAX];
};

static int
fail(const struct nf_vfy_trfile *f, struct nf_diag *diag, int code,
    const char *what)
{
	int e = errno;

	(void)nf_diag_set(diag, code, NULL, "%s: %s", what, strerror(e));
	nf_diag_where(diag, "%s", f->path);
	return code;
}

int
nf_vfy_trfile_open(const char *path, struct nf_vfy_trfile **out,
    struct nf_diag *diag)
{
	struct nf_vfy_trfile *f;
	int r;

	*out = NULL;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	f->fd = -1;
	f->map = MAP_FAILED;
	if ((r = nf_path(f->path, diag, "%s", path)) != 0)
		goto out;
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0) {
		r = fail(f, diag, errno == ENOENT ? NF_E_NOTFOUND : NF_E_IO,
		    "cannot open");
		goto out;
	}
	/* a file system without locks has no writer of ours either */
	if (flock(f->fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		r = fail(f, diag, NF_E_BUSY, "an audit is writing to it");
	else if (fstat(f->fd, &f->st) != 0)
		r = fail(f, diag, NF_E_IO, "cannot stat");
	else if (!S_ISREG(f->st.st_mode)) {
		errno = S_ISDIR(f->st.st_mode) ? EISDIR : EINVAL;
		r = fail(f, diag, NF_E_IO, "not a regular file");
	}
	if (r == 0) {
		*out = f;
		f = NULL;
	}
out:
	nf_vfy_trfile_close(f);
	return r;
}

void
nf_vfy_trfile_close(struct nf_vfy_trfile *f)
{
	if (f == NULL)
		return;
	if (f->map != MAP_FAILED)
		(void)munmap(f->map, (size_t)f->st.st_size);
	if (f->fd >= 0)
		(void)close(f->fd);
	free(f);
}

/* Give all of the file to a digest and, unless NULL, to links. */
static int
bytes_each(struct nf_vfy_trfile *f, struct nf_vfy_links *w, EVP_MD_CTX *md,
    nf_vfy_update update, struct nf_diag *diag)
{
	uint8_t *chunk = malloc(CHUNK);
	off_t off = 0;
	ssize_t n;
	int r = 0;

	if (chunk == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	while (r == 0 && (n = pread(f->fd, chunk, CHUNK, off)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = fail(f, diag, NF_E_IO, "cannot read");
		else if (update(md, chunk, (size_t)n) != 1)
			r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
			    "libcrypto failed");
		else if (w != NULL)
			r = nf_vfy_links_add(w, nf_view_of(chunk, (size_t)n),
			    diag);
		off += n;
	}
	free(chunk);
	return r;
}

int
nf_vfy_trfile_digest(struct nf_vfy_trfile *f, EVP_MD_CTX *md,
    nf_vfy_update update, struct nf_diag *diag)
{
	int r = bytes_each(f, NULL, md, update, diag);

	if (r != 0)
		nf_diag_where(diag, "%s", f->path);
	return r;
}

int
nf_vfy_trfile_chain(struct nf_vfy_trfile *f, struct nf_vfy_summary *summary,
    struct nf_diag *diag)
{
	struct nf_vfy_links *w = nf_vfy_links_new(summary);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int r = NF_E_NOMEM;

	if (w == NULL || md == NULL) {
		(void)nf_diag_set(diag, r, NULL, "out of memory");
		goto out;
	}
	r = EVP_DigestInit_ex(md, nf_digest_md(NF_SHA256), NULL) == 1 ? 0 :
	    nf_diag_set(diag, NF_E_CRYPTO, NULL, "SHA-256 failed");
	if (r == 0 && (r = bytes_each(f, w, md, EVP_DigestUpdate,
	    diag)) == 0)
		r = nf_vfy_links_end(w, diag);
	if (r == 0 && EVP_DigestFinal_ex(md, summary->sha256, NULL) != 1)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL, "SHA-256 failed");
	summary->has_sha256 = r == 0;
out:
	if (r != 0)
		nf_diag_where(diag, "%s", f->path);
	EVP_MD_CTX_free(md);
	nf_vfy_links_free(w);
	return r;
}

int
nf_vfy_trfile_map(struct nf_vfy_trfile *f, struct nf_view *out,
    struct nf_diag *diag)
{
	if (f->map == MAP_FAILED)
		f->map = mmap(NULL, (size_t)f->st.st_size, PROT_READ,
		    MAP_SHARED, f->fd, 0);
	if (f->map == MAP_FAILED)
		return fail(f, diag, NF_E_IO, "cannot map");
	*out = nf_view_of(f->map, (size_t)f->st.st_size);
	return 0;
}

/* One positive INTEGER in DER. */
static void
der_int(struct nf_cur *cur)
{
	static const uint8_t tag = 0x02;
	struct nf_view v;

	nf_cur_expect(cur, "signature", &tag, 1);
	v = nf_cur_bytes(cur, "signature", nf_cur_u8(cur, "signature"));
	if (v.len == 0 || (v.p[0] & 0x80) != 0 || (v.len > 1 &&
	    v.p[0] == 0 && (v.p[1] & 0x80) == 0))
		(void)nf_cur_fail(cur, NF_E_FORMAT, "signature", "not DER");
}

/*
 * The DER of two INTEGERs and nothing else.  Of what is no DER libcrypto says
 * the same as of a failure of its own.
 */
static bool
is_der(struct nf_view sig)
{
	static const uint8_t tag = 0x30;
	struct nf_cur cur;
	size_t len;

	nf_cur_init(&cur, sig.p, sig.len, NULL);
	nf_cur_expect(&cur, "signature", &tag, 1);
	len = nf_cur_u8(&cur, "signature");
	if (len == 0x81 && (len = nf_cur_u8(&cur, "signature")) < 0x80)
		return false;
	if (nf_cur_left(&cur) != len)
		return false;
	der_int(&cur);
	der_int(&cur);
	return nf_cur_end(&cur, "signature") == 0;
}

int
nf_vfy_trfile_verify(struct nf_vfy_trfile *f, EVP_PKEY *key,
    struct nf_view sig, struct nf_vfy_summary *summary,
    struct nf_diag *diag)
{
	const struct nf_vfy_sigalg *alg;
	EVP_MD_CTX *md = NULL;
	struct nf_view all;
	int ok = 0, r;

	if ((r = nf_vfy_sigalg_of(key, &alg, diag)) != 0)
		return r;
	ERR_clear_error();
	if ((md = EVP_MD_CTX_new()) == NULL || EVP_DigestVerifyInit_ex(md,
	    NULL, alg->md, NULL, NULL, key, NULL) != 1) {
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL, "libcrypto failed");
		goto out;
	}
	if (alg->md != NULL) {
		if ((r = nf_vfy_trfile_digest(f, md, EVP_DigestVerifyUpdate,
		    diag)) != 0)
			goto out;
		ok = is_der(sig) ? EVP_DigestVerifyFinal(md, sig.p,
		    sig.len) : 0;
	} else {
		if ((r = nf_vfy_trfile_map(f, &all, diag)) != 0)
			goto out;
		ok = EVP_DigestVerify(md, sig.p, sig.len, all.p, all.len);
	}
	if (ok != 1 && (ok != 0 || ERR_peek_error() != 0) &&
	    nf_crypto_own_fault())
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL,
		    "libcrypto could not verify the signature");
	else if (ok != 1)
		r = nf_diag_set(diag, NF_E_VERIFY, NULL,
		    "the signature is not of this key over this transcript");
	if (r == 0 && (r = nf_file_unchanged(f->fd, &f->st, diag)) == 0)
		summary->signature = alg;
out:
	if (r != 0)
		nf_diag_where(diag, "%s", f->path);
	EVP_MD_CTX_free(md);
	return r;
}

static int
signature_check(struct nf_vfy_trfile *f, const char *path,
    const char *pubkey, const char *sig_path, struct nf_vfy_summary *summary,
    struct nf_diag *diag)
{
	struct nf_buf sig = NF_BUF_INIT;
	char own[NF_PATH_MAX];
	const struct nf_vfy_sigalg *alg;
	EVP_PKEY *key = NULL;
	int r = 0;

	if (sig_path == NULL) {
		r = nf_path(own, diag, "%s.sig", path);
		sig_path = own;
	}
	if (r != 0 || (r = nf_vfy_pubkey_load(pubkey, &key, diag)) != 0 ||
	    (r = nf_file_load(sig_path, NF_VFY_SIG_MAX, &sig, diag)) != 0)
		goto out;
	if ((r = nf_vfy_sigalg_of(key, &alg, diag)) != 0) {
		nf_diag_where(diag, "%s", pubkey);
		goto out;
	}
	r = nf_vfy_trfile_verify(f, key, nf_buf_view(&sig), summary, diag);
out:
	EVP_PKEY_free(key);
	nf_buf_wipe(&sig);
	return r;
}

int
nf_vfy_transcript_check(const char *path, const char *pubkey,
    const char *sig, struct nf_vfy_summary *summary, struct nf_diag *diag)
{
	struct nf_vfy_trfile *f;
	int r;

	memset(summary, 0, sizeof(*summary));
	if ((r = nf_vfy_trfile_open(path, &f, diag)) != 0)
		return r;
	r = nf_vfy_trfile_chain(f, summary, diag);
	if (r == 0 && pubkey != NULL)
		r = signature_check(f, path, pubkey, sig, summary, diag);
	nf_vfy_trfile_close(f);
	return r;
}

void
nf_vfy_transcript_report(struct nf_buf *out, const char *path,
    const struct nf_vfy_summary *summary)
{
	char name[NF_PATH_MAX];

	nf_err_format(name, sizeof(name), "%s", path);
	nf_buf_printf(out, "transcript: %s\nrecords: %llu\nfirst: ", name,
	    (unsigned long long)summary->records);
	nf_text_time(out, summary->first_time);
	nf_buf_str(out, "\nlast: ");
	nf_text_time(out, summary->last_time);
	if (summary->time_back > 0)
		nf_buf_printf(out, "\nclock: %llu records are earlier than "
		    "the one before", (unsigned long long)summary->time_back);
	for (size_t i = 0; i < summary->n_tools; i++)
		nf_buf_printf(out, "\ntool: %s, %llu records",
		    summary->tool[i].name,
		    (unsigned long long)summary->tool[i].n);
	nf_buf_printf(out, "\nverdicts: pass %llu, unanchored %llu, fail "
	    "%llu, error %llu\n",
	    (unsigned long long)summary->verdict[NF_VFY_OUT_PASS],
	    (unsigned long long)summary->verdict[NF_VFY_OUT_UNANCHORED],
	    (unsigned long long)summary->verdict[NF_VFY_OUT_FAIL],
	    (unsigned long long)summary->verdict[NF_VFY_OUT_ERROR]);
	if (summary->has_sha256) {
		nf_buf_str(out, "sha256: ");
		nf_text_hex(out, nf_view_of(summary->sha256,
		    sizeof(summary->sha256)));
		nf_buf_u8(out, '\n');
	}
	if (summary->insecure_seed > 0)
		nf_buf_printf(out, "%llu records: " NF_VFY_SEED_WORDS "\n",
		    (unsigned long long)summary->insecure_seed);
	nf_buf_str(out, "chain: ok\n");
	if (summary->signature != NULL)
		nf_buf_printf(out, "signature: %s, ok\n",
		    summary->signature->name);
	else
		nf_buf_str(out, "signature: not checked (no public key was "
		    "given): whoever may write the file may have written "
		    "all of it anew\n");
}
