/* SPDX-License-Identifier: Apache-2.0 */
/* The lint of method-2 packages; see the header for what it is worth. */
#include "config.h"

#include <string.h>

#include "nfast/base/seed.h"
#include "transfer/byok2.h"
#include "transfer/kekpem.h"
#include "transfer/kid.h"
#include "verify/byok2check.h"

#define KEK_TITLE	"the KEK that was given"

struct lint {
	struct nf_vfy_verdict *v;
	struct nf_view bytes;		/* of the file */
	const struct nf_kekpem *kek;
	struct nf_byok2 file;
	struct nf_diag parts[NF_BYOK2_PARTS];
};

/* Say where the member stands that the last check was about. */
static void
place(struct lint *l, const char *member)
{
	struct nf_view v = l->bytes;
	size_t len = strlen(member);
	const uint8_t *at = memmem(v.p, v.len, member, len);
	size_t off = at == NULL ? 0 : (size_t)(at - v.p);

	/* Not where it is written with escapes, or a text has it too. */
	if (at != NULL && memmem(at + len, v.len - off - len, member,
	    len) == NULL)
		nf_vfy_place(l->v, "file", off, len);
}

/* A check of one part; without what it judges it was not made. */
static void
part(struct lint *l, enum nf_byok2_part p, const char *id,
    const char *title, bool there, const char *ok)
{
	const struct nf_diag *d = &l->parts[p];

	if (!there)
		nf_vfy_add_unchecked(l->v, id, title);
	else
		(void)nf_vfy_add_result(l->v, id, title, d->code, d, ok);
}

/* What a well-formed kid still leaves open. */
static void
check_kid(struct lint *l)
{
	static const char id[] = "byok2.kid";
	static const char title[] = "kid names a key of a service";
	struct nf_kid kid;

	if (l->file.release && l->file.kid.p != NULL) {
		nf_vfy_add(l->v, id, title, NF_VFY_NA,
		    "an envelope names the key of its receiver as it likes");
		return;
	}
	if (l->file.kid.p == NULL || l->parts[NF_BYOK2_BAD_KID].code != 0) {
		part(l, NF_BYOK2_BAD_KID, id, title,
		    l->file.kid.p != NULL, NULL);
		return;
	}
	(void)nf_kid_read(l->file.kid, &kid, NULL);
	if (kid.version.len == 0)
		nf_vfy_add(l->v, id, title, NF_VFY_UNKNOWN,
		    "no version, and the specification wants the full "
		    "identifier");
	else if (kid.service == NF_KID_OTHER)
		nf_vfy_add(l->v, id, title, NF_VFY_UNKNOWN,
		    "well-formed, but the host is of no cloud known here");
	else
		nf_vfy_add(l->v, id, title, NF_VFY_PASS, NULL);
}

/* "RSA-2048 or EC P-256 under a 4096-bit KEK", appended after before. */
static void
put_like(struct nf_buf *buf, const struct nf_byok2_shape *s,
    const char *before)
{
	for (size_t i = 0; i < s->n_like; i++) {
		nf_buf_str(buf, i > 0 ? " or " : before);
		nf_buf_str(buf, s->like[i]);
	}
	nf_buf_printf(buf, " under a %zu-bit KEK", s->c1 * 8);
}

/* Every reading of the length that makes a usual target, after before. */
static bool
likes(const struct lint *l, struct nf_buf *buf, const char *before)
{
	struct nf_byok2_shape s;
	bool any = false;

	for (const size_t *k = nf_byok2_kek_bytes; *k != 0; k++) {
		if (nf_byok2_shape(l->file.ciphertext.len, *k, &s,
		    NULL) != 0 || s.n_like == 0)
			continue;
		put_like(buf, &s, any ? " or " : before);
		any = true;
	}
	return any;
}

/* Under the KEK that was given: certain, but for what is in C2. */
static void
length_of_kek(struct lint *l, const char *id, const char *title)
{
	struct nf_buf text = NF_BUF_INIT;
	struct nf_byok2_shape s;
	struct nf_diag d = { 0 };
	int r;

	r = nf_byok2_shape(l->file.ciphertext.len, l->kek->bits / 8, &s, &d);
	if (r != 0) {
		(void)nf_vfy_add_result(l->v, id, title, r, &d, NULL);
		return;
	}
	nf_buf_printf(&text, "C1 %zu and C2 %zu bytes", s.c1, s.c2);
	if (s.n_like != 0) {
		nf_buf_str(&text, ": looks like ");
		put_like(&text, &s, "");
	} else {
		nf_buf_str(&text, ", which no usual target has");
		if (likes(l, &text, "; "))
			nf_buf_str(&text, " would fit: is it the right KEK?");
	}
	nf_vfy_add(l->v, id, title, s.n_like != 0 ? NF_VFY_PASS :
	    NF_VFY_UNKNOWN, nf_buf_text(&text));
	nf_buf_fail_as(&l->v->text, &text);
	nf_buf_wipe(&text);
}

static void
check_length(struct lint *l)
{
	static const char id[] = "byok2.length";
	static const char title[] = "C1 of a KEK, C2 of RFC 5649";
	struct nf_buf text = NF_BUF_INIT;

	if (l->file.ciphertext.p == NULL ||
	    l->parts[NF_BYOK2_BAD_LENGTH].code != 0) {
		part(l, NF_BYOK2_BAD_LENGTH, id, title,
		    l->file.ciphertext.p != NULL, NULL);
	} else if (l->kek != NULL) {
		length_of_kek(l, id, title);
	} else {
		nf_buf_printf(&text, "%zu bytes", l->file.ciphertext.len);
		nf_buf_str(&text, ": looks like ");
		if (!likes(l, &text, "")) {
			nf_buf_wipe(&text);
			nf_buf_printf(&text, "%zu bytes, which no usual "
			    "target has under any KEK",
			    l->file.ciphertext.len);
			nf_vfy_add(l->v, id, title, NF_VFY_UNKNOWN,
			    nf_buf_text(&text));
		} else {
			nf_vfy_add(l->v, id, title, NF_VFY_PASS,
			    nf_buf_text(&text));
		}
	}
	nf_buf_fail_as(&l->v->text, &text);
	nf_buf_wipe(&text);
}

static void
check_kek(struct lint *l)
{
	static const char id[] = "byok2.kek";
	const struct nf_kekpem *kek = l->kek;
	struct nf_view c = l->file.ciphertext, kid;

	if (kek == NULL) {
		nf_vfy_add(l->v, id, KEK_TITLE, NF_VFY_NA,
		    "no KEK was given");
		return;
	}
	kid = nf_view_of(kek->kid, strlen(kek->kid));
	if (kek->ops == NF_KEKPEM_OPS_OTHER)
		nf_vfy_add(l->v, id, KEK_TITLE, NF_VFY_FAIL,
		    "its operations are not exactly \"import\"");
	else if (kid.len != 0 && l->file.kid.p != NULL &&
	    !nf_view_equal(kid, l->file.kid))
		nf_vfy_addf(l->v, id, KEK_TITLE, NF_VFY_FAIL,
		    "its kid is another one: %s", kek->kid);
	else if (c.len >= kek->n_len && !nf_kekpem_fits(kek,
	    nf_view_of(c.p, kek->n_len)))
		nf_vfy_addf(l->v, id, KEK_TITLE, NF_VFY_FAIL,
		    "C1 is not below its modulus of %u bits: it was made "
		    "under another KEK", kek->bits);
	else if (c.p == NULL || l->file.kid.p == NULL)
		nf_vfy_add_unchecked(l->v, id, KEK_TITLE);
	else if (kid.len == 0)
		nf_vfy_addf(l->v, id, KEK_TITLE, NF_VFY_UNKNOWN,
		    "%u bits; nothing ties its file to the kid", kek->bits);
	else
		nf_vfy_addf(l->v, id, KEK_TITLE, NF_VFY_PASS,
		    "%u bits, and its file names the same kid", kek->bits);
}

static void
fact(struct lint *l, const char *name, struct nf_view v)
{
	if (v.p != NULL && v.len != 0)
		nf_vfy_fact_text(l->v, name, NULL, v);
}

static void
facts(struct lint *l)
{
	const struct nf_byok2 *f = &l->file;
	struct nf_kid kid;

	fact(l, "schema", f->schema);
	fact(l, "KEK", f->kid);
	if (!f->release && f->kid.p != NULL &&
	    nf_kid_read(f->kid, &kid, NULL) == 0) {
		nf_vfy_fact(l->v, "service", NULL, "%s",
		    nf_kid_service_name(kid.service));
		fact(l, "vault", kid.vault);
		fact(l, "KEK name", kid.name);
		fact(l, "KEK version", kid.version);
	}
	fact(l, "enc", f->enc);
	fact(l, "generator", f->generator);
	if (f->ciphertext.p != NULL)
		nf_vfy_fact(l->v, "ciphertext", NULL, "%zu bytes",
		    f->ciphertext.len);
}

static void
lint(struct lint *l)
{
	const struct nf_byok2 *f = &l->file;
	bool decoded = f->ciphertext.p != NULL;

	nf_vfy_add(l->v, "byok2.json", "one JSON object", NF_VFY_PASS, NULL);
	nf_vfy_place(l->v, "file", 0, l->bytes.len);
	part(l, NF_BYOK2_BAD_MEMBERS, "byok2.members",
	    "the specified members and no others", true, f->release ?
	    "those of an envelope of Secure Key Release" : NULL);
	check_kid(l);
	place(l, "\"kid\"");
	part(l, NF_BYOK2_BAD_ALG, "byok2.alg", "alg is dir",
	    f->alg.p != NULL, NULL);
	place(l, "\"alg\"");
	part(l, NF_BYOK2_BAD_ENC, "byok2.enc",
	    "enc is RSA-AES key wrap", f->enc.p != NULL, NULL);
	place(l, "\"enc\"");
	part(l, NF_BYOK2_BAD_BASE64, "byok2.base64",
	    "ciphertext is base64url", decoded ||
	    l->parts[NF_BYOK2_BAD_BASE64].code != 0, NULL);
	place(l, "\"ciphertext\"");
	part(l, NF_BYOK2_BAD_PADDING, "byok2.padding",
	    "its padding is right, or not there", decoded, f->padded ?
	    "padded: accepted, although the specification has none" : NULL);
	place(l, "\"ciphertext\"");
	check_length(l);
	place(l, "\"ciphertext\"");
	check_kek(l);
	nf_vfy_add(l->v, "byok2.signature", "signature", NF_VFY_NA,
	    "the format carries no signature: anyone with the KEK's public "
	    "key can make such a file");
	nf_vfy_add(l->v, NF_VFY_ROOT_CHECK, "root", NF_VFY_UNKNOWN,
	    "not in this file");
	facts(l);
}

int
nf_vfy_byok2_check(struct nf_vfy_ctx *ctx, struct nf_view file,
    const struct nf_vfy_options *opt, struct nf_vfy_verdict *verdict,
    struct nf_diag *diag)
{
	struct lint l;
	int r;

	(void)ctx;
	memset(&l, 0, sizeof(l));
	l.v = verdict;
	l.bytes = file;
	l.kek = opt == NULL ? NULL : opt->kek;
	if ((r = nf_byok2_lint(file, &l.file, l.parts)) != 0) {
		if (diag != NULL && diag->code == 0)
			*diag = l.parts[NF_BYOK2_BAD_JSON];
		goto out;
	}
	if (l.file.release)
		verdict->kind = NF_VFY_KIND_RELEASE;
	verdict->simulated = nf_byok2_simulated(&l.file);
	nf_vfy_seed_claim(verdict, l.file.generator);
	verdict->insecure_seed |= nf_seed_kid(l.file.kid) ||
	    (l.kek != NULL && l.kek->insecure);
	lint(&l);
	if ((r = verdict->err) != 0 && diag != NULL && diag->code == 0)
		*diag = verdict->diag;
out:
	nf_byok2_wipe(&l.file);
	return r;
}
