/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The corpus under construction, see mut.h.  Signatures are made by the
 * simulated module's own code, with keys from its state, which is plain.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/curve.h"
#include "nfast/base/seed.h"
#include "nfast/base/seedrand.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/wire/blob.h"
#include "tests/mutants/mut.h"

#define FILE_MAX	((size_t)1 << 20)

struct mut_pool {
	struct mut_pool *next;
	struct nf_buf buf;
};

static const struct {
	const char *name;
	int exit;		/* -1: that of the valid file */
} results[] = {
	[MUT_PASS] = { "pass", NF_EXIT_OK },
	[MUT_UNANCHORED] = { "pass", NF_EXIT_UNKNOWN },
	[MUT_FAIL] = { "fail", NF_EXIT_CHECK },
	[MUT_UNKNOWN] = { "cannot-say", -1 },
	[MUT_UNROOTED] = { "cannot-say", NF_EXIT_UNKNOWN },
	[MUT_MALFORMED] = { "malformed", NF_EXIT_INPUT },
	[MUT_REFUSED] = { "malformed", NF_EXIT_CHECK },
	[MUT_NOTHING] = { "malformed", NF_EXIT_UNKNOWN }
};

void
mut_die(struct mut *m, int r, const char *file, int line)
{
	char text[NF_DIAG_TEXT_MAX + NF_DIAG_WHERE_MAX];

	nf_diag_line(&m->diag, text, sizeof(text));
	(void)fprintf(stderr, "make_mutants: %s:%d: %s after %s: %s\n", file,
	    line, nf_err_text(r), m->format == NULL ? "start" : m->format,
	    text);
	exit(1);
}

struct nf_buf *
mut_buf(struct mut *m)
{
	struct mut_pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		MUST(m, NF_E_NOMEM);
	p->next = m->pool;
	m->pool = p;
	return &p->buf;
}

struct nf_view
mut_view(struct mut *m, const struct nf_buf *buf)
{
	MUST(m, nf_buf_err(buf));
	return nf_buf_view(buf);
}

struct nf_view
mut_load(struct mut *m, const char *name)
{
	struct nf_buf *buf = mut_buf(m);
	char path[NF_PATH_MAX];

	MUST(m, nf_path(path, &m->diag, "%s/%s", m->from, name));
	MUST(m, nf_file_load(path, FILE_MAX, buf, &m->diag));
	return nf_buf_view(buf);
}

struct nf_view
mut_text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

struct nf_view
mut_flip(struct mut *m, struct nf_view v, size_t off)
{
	struct nf_buf *buf = mut_buf(m);

	if (off >= v.len)
		MUST(m, NF_E_INTERNAL);
	nf_buf_view_put(buf, v);
	(void)mut_view(m, buf);
	buf->p[off] ^= 1;
	return nf_buf_view(buf);
}

struct nf_view
mut_long(struct mut *m, struct nf_view v)
{
	struct nf_buf *buf = mut_buf(m);

	nf_buf_view_put(buf, v);
	nf_buf_u8(buf, 0);
	return mut_view(m, buf);
}

struct nf_view
mut_replace(struct mut *m, struct nf_view v, const char *old,
    const char *new)
{
	struct nf_buf *buf = mut_buf(m);
	const uint8_t *at = memmem(v.p, v.len, old, strlen(old));
	size_t off, rest;

	if (at == NULL)
		MUST(m, nf_diag_set(&m->diag, NF_E_NOTFOUND, NULL, "%s",
		    old));
	off = (size_t)(at - v.p);
	rest = off + strlen(old);
	nf_buf_put(buf, v.p, off);
	nf_buf_str(buf, new);
	nf_buf_put(buf, v.p + rest, v.len - rest);
	return mut_view(m, buf);
}

size_t
mut_at(struct nf_view whole, struct nf_view part)
{
	NF_REQUIRE(part.p >= whole.p && part.p + part.len <= whole.p +
	    whole.len);
	return (size_t)(part.p - whole.p);
}

/* ---- keys and signatures ---- */

static struct nf_mod_key *
key_load(struct mut *m, const char *name)
{
	struct nf_view v = mut_load(m, name);
	struct nf_secret data = { NULL, 0 };
	struct nf_mod_key *key;

	(void)nf_seed_line_skip(&v);
	MUST(m, nf_secret_new(&data, v.len));
	memcpy(data.p, v.p, v.len);
	MUST(m, nf_mod_key_own(&data, &key, &m->diag));
	nf_secret_wipe(&data);
	return key;
}

static void
module_load(struct mut *m, const char *dir, struct mut_module *out)
{
	if ((out->module = calloc(1, sizeof(*out->module))) == NULL)
		MUST(m, NF_E_NOMEM);
	MUST(m, nf_path(out->module->dir, &m->diag, "%s/%s", m->from, dir));
	MUST(m, nf_mod_nv_load(out->module, &m->diag));
	MUST(m, nf_mod_key_own(&out->module->nv.klf, &out->klf, &m->diag));
	MUST(m, nf_mod_key_own(&out->module->nv.klf2, &out->klf2,
	    &m->diag));
	MUST(m, nf_mod_key_own(&out->module->nv.kml, &out->kml, &m->diag));
}

static void
module_free(struct mut_module *module)
{
	nf_mod_key_free(module->klf);
	nf_mod_key_free(module->klf2);
	nf_mod_key_free(module->kml);
	nf_mod_nv_wipe(&module->module->nv);
	free(module->module);
}

static void
others_make(struct mut *m)
{
	static const struct nf_genparams params[MUT_OTHERS] = {
		[MUT_DSA_1024] = { .type = NF_KEY_DSAPRIVATE, .len = 1024 },
		[MUT_DSA_3072] = { .type = NF_KEY_DSAPRIVATE, .len = 3072 },
		[MUT_P521] = { .type = NF_KEY_ECDSAPRIVATE,
		    .curve = NF_EC_P521 }
	};

	MUST(m, nf_seed_bind("mutants, other keys", NULL, 0, &m->diag));
	for (size_t i = 0; i < MUT_OTHERS; i++) {
		struct nf_secret data = { NULL, 0 };
		struct nf_keydata kd;

		MUST(m, nf_mod_generate(&params[i], &data, &kd, &m->diag));
		MUST(m, nf_mod_key_own(&data, &m->other[i], &m->diag));
		nf_secret_wipe(&data);
	}
}

void
mut_sign(struct mut *m, struct nf_mod_key *key, struct nf_view msg,
    struct nf_cipher *out)
{
	const struct nf_view v[2] = { nf_view_of(key->hash, NF_HASH_LEN),
	    msg };
	struct nf_signed cert;

	MUST(m, nf_seed_bind("mutants, signature", v, 2, &m->diag));
	if (nf_mod_sign_cert(m->txn, key, msg, mut_buf(m), &cert) !=
	    NF_ST_OK)
		MUST(m, nf_diag_set(&m->diag, NF_E_CRYPTO, "signature", "%s",
		    m->txn->reason));
	*out = cert.sig;
}

struct nf_view
mut_sigtext(struct mut *m, const struct nf_cipher *sig)
{
	struct nf_buf *buf = mut_buf(m);
	struct nf_km_sig km = { .mech = sig->mech };

	NF_REQUIRE(sig->v[0].len <= sizeof(km.r) &&
	    sig->v[1].len <= sizeof(km.s));
	km.r_len = sig->v[0].len;
	km.s_len = sig->v[1].len;
	memcpy(km.r, sig->v[0].p, km.r_len);
	memcpy(km.s, sig->v[1].p, km.s_len);
	nf_km_sig_write(buf, &km);
	return mut_view(m, buf);
}

struct nf_view
mut_blob(struct mut *m, const struct nf_keydata *key)
{
	static const uint8_t iv[8] = { 7 };
	struct nf_blobkey bk = { .key = *key, .acl = nf_acl_new() };
	struct nf_buf *buf = mut_buf(m);

	MUST(m, bk.acl == NULL ? NF_E_NOMEM :
	    nf_wire_nullblob_write(buf, &bk, iv));
	nf_acl_free(bk.acl);
	return mut_view(m, buf);
}

/* ---- the corpus ---- */

void
mut_open(struct mut *m, const char *from, const char *to)
{
	memset(m, 0, sizeof(*m));
	m->from = from;
	m->to = to;
	MUST(m, nf_seed_start(&m->diag));
	if ((m->txn = calloc(1, sizeof(*m->txn))) == NULL)
		MUST(m, NF_E_NOMEM);
	module_load(m, "sim", &m->user);
	module_load(m, "sim/regions/eu/sim", &m->eu);
	module_load(m, "sim/regions/na/sim", &m->na);
	m->root = key_load(m, "sim/factory-root.key");
	m->kwarn = key_load(m, "sim/factory-kwarn.key");
	others_make(m);
	mut_write(m, "state/" NF_MODULE_ROOT_FILE,
	    mut_load(m, "sim/" NF_MODULE_ROOT_FILE));
	mut_write(m, "state/" NF_MODULE_KWARN_FILE,
	    mut_load(m, "sim/" NF_MODULE_KWARN_FILE));
	nf_buf_str(&m->manifest, "# file\tformat\tmutation\tcommand\texit\t"
	    "check\tresult\tabout\n");
}

void
mut_close(struct mut *m)
{
	struct mut_pool *next;

	mut_write(m, "MANIFEST.tsv", mut_view(m, &m->manifest));
	nf_buf_wipe(&m->manifest);
	module_free(&m->user);
	module_free(&m->eu);
	module_free(&m->na);
	nf_mod_key_free(m->root);
	nf_mod_key_free(m->kwarn);
	for (size_t i = 0; i < MUT_OTHERS; i++)
		nf_mod_key_free(m->other[i]);
	for (; m->pool != NULL; m->pool = next) {
		next = m->pool->next;
		nf_buf_wipe(&m->pool->buf);
		free(m->pool);
	}
	free(m->txn);
}

void
mut_write(struct mut *m, const char *path, struct nf_view bytes)
{
	char full[NF_PATH_MAX], *slash;
	FILE *f;

	MUST(m, nf_path(full, &m->diag, "%s/%s", m->to, path));
	slash = strrchr(full, '/');
	*slash = '\0';
	MUST(m, nf_dir_make(full, &m->diag));
	*slash = '/';
	/* Plainly: some hundred files, whose durability nobody needs. */
	if ((f = fopen(full, "wbx")) == NULL ||
	    fwrite(bytes.p, 1, bytes.len, f) != bytes.len || fclose(f) != 0)
		MUST(m, nf_diag_set(&m->diag, NF_E_IO, NULL,
		    "cannot write %s", full));
}

void
mut_line(struct mut *m, const char *path, const char *name,
    const char *command, const struct mut_want *want)
{
	int status = results[want->result].exit;

	if (status < 0)
		status = results[m->good].exit;
	nf_buf_printf(&m->manifest, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", path,
	    m->format, name, command, status,
	    want->check == NULL ? "-" : want->check,
	    results[want->result].name, want->about);
	m->n++;
}

void
mut_put(struct mut *m, const char *name, struct nf_view bytes,
    const struct mut_want *want)
{
	char path[NF_PATH_MAX], command[2 * NF_PATH_MAX];

	MUST(m, nf_path(path, &m->diag, "%s/%s", m->format, name));
	mut_write(m, path, bytes);
	(void)snprintf(command, sizeof(command), "%s %s", m->command, path);
	mut_line(m, path, name, command, want);
}

void
mut_format(struct mut *m, const char *format, const char *command,
    enum mut_result good, struct nf_view valid, const char *about)
{
	const struct mut_want want = { good, NULL, about };

	m->format = format;
	m->command = command;
	m->good = good;
	mut_put(m, "valid", valid, &want);
}
