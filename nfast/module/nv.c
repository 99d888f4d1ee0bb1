/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Non-volatile state: one file, replaced as a whole, so that a power cut
 * leaves the old state or the new.  Format ours: a magic with a version,
 * {tag, length, data} entries, SHA-256 of all before it.  Version 1 has no
 * warrant; what is saved has version 2.  The entry of a module that was made
 * from a seed is there for such modules only.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/digest.h"
#include "nfast/base/seed.h"
#include "nfast/module/faults.h"
#include "nfast/module/internal.h"

#define MAGIC		"secworld simulated module 2\n"
#define MAGIC_1		"secworld simulated module 1\n"
#define STATE_FILE	"module-1"
#define STATE_MAX	((size_t)256 * 1024)
#define DIGEST_LEN	32

enum tag {
	TAG_ESN = 1,
	TAG_MODE,
	TAG_KML_TYPE,
	TAG_KLF,
	TAG_KLF2,
	TAG_KML,
	TAG_KM0,
	TAG_NSO,
	TAG_KM,
	TAG_CHAIN_KLF,
	TAG_CHAIN_KLF2,
	TAG_WARRANT,
	TAG_SEED,
	TAG_END
};

/* Every entry occurs once, module keys any number of times. */
#define ALL_TAGS	((1u << TAG_SEED) - 2)

void
nf_mod_nv_wipe(struct nf_mod_nv *nv)
{
	nf_secret_wipe(&nv->klf);
	nf_secret_wipe(&nv->klf2);
	nf_secret_wipe(&nv->kml);
	nf_buf_wipe(&nv->chain_klf);
	nf_buf_wipe(&nv->chain_klf2);
	nf_buf_wipe(&nv->warrant);
	explicit_bzero(nv, sizeof(*nv));
}

static int
state_path(const struct nf_module *m, char path[static NF_PATH_MAX],
    struct nf_diag *diag)
{
	return nf_path(path, diag, "%s/%s", m->dir, STATE_FILE);
}

bool
nf_mod_nv_exists(const struct nf_module *m)
{
	char path[NF_PATH_MAX];

	return state_path(m, path, NULL) == 0 && nf_file_exists(path);
}

static int
read_secret(struct nf_view v, struct nf_secret *out)
{
	int r;

	if (v.len == 0)
		return 0;
	if ((r = nf_secret_new(out, v.len)) == 0)
		memcpy(out->p, v.p, v.len);
	return r;
}

static int
bufs_err(const struct nf_mod_nv *nv)
{
	return nf_buf_err(&nv->chain_klf) != 0 ||
	    nf_buf_err(&nv->chain_klf2) != 0 ||
	    nf_buf_err(&nv->warrant) != 0 ? NF_E_NOMEM : 0;
}

static int
entry_read(struct nf_cur *cur, uint32_t tag, struct nf_mod_nv *nv)
{
	size_t left = nf_cur_left(cur);

	switch (tag) {
	case TAG_ESN:
		if (left == 0 || left > NF_ESN_MAX)
			return nf_cur_fail(cur, NF_E_FORMAT, "esn", "length");
		nf_cur_copy(cur, "esn", nv->esn, left);
		break;
	case TAG_MODE:
		nv->mode = nf_cur_u32(cur, "mode");
		break;
	case TAG_KML_TYPE:
		nv->kml_type = nf_cur_u32(cur, "kml type");
		break;
	case TAG_KLF:
		return read_secret(nf_cur_bytes(cur, "klf", left), &nv->klf);
	case TAG_KLF2:
		return read_secret(nf_cur_bytes(cur, "klf2", left),
		    &nv->klf2);
	case TAG_KML:
		return read_secret(nf_cur_bytes(cur, "kml", left), &nv->kml);
	case TAG_KM0:
		nf_cur_copy(cur, "km0", nv->km0, NF_MOD_KM_LEN);
		break;
	case TAG_NSO:
		nf_cur_copy(cur, "hknso", nv->hknso, NF_HASH_LEN);
		nv->publicperms = nf_cur_u32(cur, "publicperms");
		break;
	case TAG_KM:
		if (nv->n_kms == NF_MOD_KMS_MAX)
			return nf_cur_fail(cur, NF_E_FORMAT, "km",
			    "too many");
		nf_cur_copy(cur, "km", nv->km[nv->n_kms++], NF_MOD_KM_LEN);
		break;
	case TAG_CHAIN_KLF:
		nf_buf_view_put(&nv->chain_klf, nf_cur_bytes(cur, "chain",
		    left));
		break;
	case TAG_CHAIN_KLF2:
		nf_buf_view_put(&nv->chain_klf2, nf_cur_bytes(cur, "chain",
		    left));
		break;
	case TAG_WARRANT:
		if (left == 0)
			return nf_cur_fail(cur, NF_E_FORMAT, "warrant",
			    "empty");
		nf_buf_view_put(&nv->warrant, nf_cur_bytes(cur, "warrant",
		    left));
		break;
	case TAG_SEED:
		nf_cur_expect(cur, "seed", NF_SEED_WORDS,
		    strlen(NF_SEED_WORDS));
		nv->seed_epoch = nf_cur_u32(cur, "seed");
		if (nf_cur_err(cur) == 0 && nv->seed_epoch == 0)
			return nf_cur_fail(cur, NF_E_FORMAT, "seed", "zero");
		break;
	default:
		return nf_cur_fail(cur, NF_E_FORMAT, "tag", "unknown tag %u",
		    tag);
	}
	return nf_cur_err(cur) != 0 ? nf_cur_err(cur) : bufs_err(nv);
}

/* The entries of the magic's version that a reader has to have seen. */
static int
version_read(struct nf_cur *cur, uint32_t *due)
{
	struct nf_view magic = nf_cur_bytes(cur, "magic", strlen(MAGIC));

	*due = ALL_TAGS;
	if (nf_view_is(magic, MAGIC_1))
		*due &= ~(1u << TAG_WARRANT);
	else if (nf_cur_err(cur) == 0 && !nf_view_is(magic, MAGIC))
		return nf_cur_fail(cur, NF_E_FORMAT, "magic",
		    "not a module's state of a known version");
	return nf_cur_err(cur);
}

/* What is read is a whole state. */
static int
state_check(struct nf_cur *cur, const struct nf_mod_nv *nv, bool all)
{
	if (!all || nv->esn[0] == '\0' || nv->klf.len == 0 ||
	    nv->klf2.len == 0 || nv->kml.len == 0 ||
	    nv->chain_klf.len == 0 || nv->chain_klf2.len == 0)
		return nf_cur_fail(cur, NF_E_FORMAT, "entry",
		    "not the entries of a module's state");
	if (nv->mode > NF_MODE_INITIALISATION ||
	    nv->kml_type > NF_KML_DSA3072)
		return nf_cur_fail(cur, NF_E_FORMAT, "mode",
		    "unknown mode or type of KML");
	return nf_cur_err(cur);
}

static int
state_read(struct nf_cur *cur, struct nf_mod_nv *nv)
{
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_view all = { cur->p, cur->len - DIGEST_LEN };
	uint32_t seen = 1u << TAG_KM, due;
	int r;

	if ((r = nf_digest_of(NF_SHA256, &all, 1, digest)) != 0)
		return nf_cur_fail(cur, r, "digest", "%s", nf_err_text(r));
	if (memcmp(digest, cur->p + all.len, DIGEST_LEN) != 0)
		return nf_cur_fail(cur, NF_E_FORMAT, "digest",
		    "the module's state is damaged");
	r = version_read(cur, &due);
	while (r == 0 && nf_cur_err(cur) == 0 &&
	    nf_cur_left(cur) > DIGEST_LEN) {
		uint32_t tag = nf_cur_u32(cur, "tag");
		struct nf_cur in;

		nf_cur_sub(&in, cur, nf_cur_bytes(cur, "entry",
		    nf_cur_count(cur, "length", 1, STATE_MAX)));
		if (tag < TAG_END && tag != TAG_KM &&
		    (seen & 1u << tag) != 0)
			return nf_cur_fail(cur, NF_E_FORMAT, "tag",
			    "entry %u is given twice", tag);
		if (tag < TAG_END)
			seen |= 1u << tag;
		if ((r = nf_cur_err(&in)) == 0 &&
		    (r = entry_read(&in, tag, nv)) == 0)
			r = nf_cur_end(&in, "entry");
	}
	return r != 0 ? r : state_check(cur, nv,
	    (seen & ~(1u << TAG_SEED)) == due);
}

int
nf_mod_nv_load(struct nf_module *m, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	struct nf_cur cur;
	int r;

	if ((r = state_path(m, path, diag)) != 0 ||
	    (r = nf_file_load(path, STATE_MAX, &buf, diag)) != 0)
		goto out;
	nf_cur_init(&cur, buf.p, buf.len, diag);
	if (buf.len <= DIGEST_LEN)
		r = nf_cur_fail(&cur, NF_E_FORMAT, "digest",
		    "the module's state is cut off");
	else
		r = state_read(&cur, &m->nv);
	if (r != 0) {
		nf_mod_nv_wipe(&m->nv);
		nf_diag_where(diag, "%s", path);
	}
out:
	nf_buf_wipe(&buf);
	return r;
}

static void
put(struct nf_buf *buf, enum tag tag, const void *p, size_t len)
{
	nf_buf_u32(buf, tag);
	nf_buf_u32(buf, (uint32_t)len);
	nf_buf_put(buf, p, len);
}

static void
put_word(struct nf_buf *buf, enum tag tag, uint32_t v)
{
	nf_buf_u32(buf, tag);
	nf_buf_u32(buf, 4);
	nf_buf_u32(buf, v);
}

static int
state_write(const struct nf_mod_nv *nv, struct nf_buf *buf)
{
	uint8_t digest[NF_DIGEST_MAX];
	struct nf_view all;
	int r;

	nf_buf_str(buf, MAGIC);
	put(buf, TAG_ESN, nv->esn, strlen(nv->esn));
	put_word(buf, TAG_MODE, nv->mode);
	put_word(buf, TAG_KML_TYPE, nv->kml_type);
	put(buf, TAG_KLF, nv->klf.p, nv->klf.len);
	put(buf, TAG_KLF2, nv->klf2.p, nv->klf2.len);
	put(buf, TAG_KML, nv->kml.p, nv->kml.len);
	put(buf, TAG_KM0, nv->km0, NF_MOD_KM_LEN);
	nf_buf_u32(buf, TAG_NSO);
	nf_buf_u32(buf, NF_HASH_LEN + 4);
	nf_buf_put(buf, nv->hknso, NF_HASH_LEN);
	nf_buf_u32(buf, nv->publicperms);
	for (uint32_t i = 0; i < nv->n_kms; i++)
		put(buf, TAG_KM, nv->km[i], NF_MOD_KM_LEN);
	put(buf, TAG_CHAIN_KLF, nv->chain_klf.p, nv->chain_klf.len);
	put(buf, TAG_CHAIN_KLF2, nv->chain_klf2.p, nv->chain_klf2.len);
	put(buf, TAG_WARRANT, nv->warrant.p, nv->warrant.len);
	if (nv->seed_epoch > 0) {
		nf_buf_u32(buf, TAG_SEED);
		nf_buf_u32(buf, (uint32_t)strlen(NF_SEED_WORDS) + 4);
		nf_buf_str(buf, NF_SEED_WORDS);
		nf_buf_u32(buf, nv->seed_epoch);
	}
	all = nf_buf_view(buf);
	if ((r = nf_digest_of(NF_SHA256, &all, 1, digest)) != 0)
		return r;
	nf_buf_put(buf, digest, DIGEST_LEN);
	return nf_buf_err(buf);
}

/* The disk holds exactly these bytes. */
static bool
on_disk(const char *path, struct nf_view v)
{
	struct nf_buf buf = NF_BUF_INIT;
	bool same = nf_file_load(path, STATE_MAX, &buf, NULL) == 0 &&
	    nf_view_equal(nf_buf_view(&buf), v);

	nf_buf_wipe(&buf);
	return same;
}

int
nf_mod_commit(const struct nf_module *m, const char *path, bool new,
    struct nf_view data, struct nf_diag *diag)
{
	int r;

	if (m->faults != NULL)
		nf_faults_commit(m->faults, false);
	r = new ? nf_file_write_new(path, 0600, data, diag) :
	    nf_file_write_atomic(path, 0600, data, diag);
	if (r == 0 && m->faults != NULL)
		nf_faults_commit(m->faults, true);
	return r;
}

int
nf_mod_nv_save(const struct nf_module *m, const struct nf_mod_nv *nv,
    bool *stored, struct nf_diag *diag)
{
	struct nf_buf buf = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	int r;

	*stored = false;
	if ((r = state_write(nv, &buf)) == 0 &&
	    (r = state_path(m, path, diag)) == 0) {
		r = nf_mod_commit(m, path, false, nf_buf_view(&buf), diag);
		*stored = r == 0 || on_disk(path, nf_buf_view(&buf));
	}
	nf_buf_wipe(&buf);
	return r;
}
