/* SPDX-License-Identifier: Apache-2.0 */
/* Module warrants, raw and in their text form (both real). */
#include "config.h"

#include <string.h>

#include "nfast/base/seed.h"
#include "nfast/wire/ddds.h"
#include "nfast/wire/warrantmsg.h"
#include "tests/mutants/warrants.h"
#include "verify/nchex.h"

#define ROOT		NF_MODULE_KWARN_NAME
#define SIG_LEN		132
#define DEPTH		300
#define LIST_OF_0	0x90
#define LIST_OF_1	0x91

/* The parts of a warrant. */
struct parts {
	const char *root;
	struct nf_view payload, sig;
	uint32_t certs, items;	/* how often, and in how long a list */
};

static struct nf_view
payload_of(struct mut *m, const char *esn, const struct nf_mod_key *klf2)
{
	struct nf_buf *buf = mut_buf(m);

	nf_wire_warrant_payload_write(buf, mut_text(esn),
	    mut_text(NF_SEED_WORDS), &klf2->pub);
	return mut_view(m, buf);
}

/* r and s as a warrant has them. */
static struct nf_view
sig_of(struct mut *m, struct nf_mod_key *key, struct nf_view payload)
{
	struct nf_buf *buf = mut_buf(m);
	struct nf_cipher sig;

	mut_sign(m, key, payload, &sig);
	nf_buf_fill(buf, 0, SIG_LEN);
	(void)mut_view(m, buf);
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < sig.v[k].len; i++)
			buf->p[(k + 1) * SIG_LEN / 2 - 1 - i] =
			    sig.v[k].p[i];
	}
	return nf_buf_view(buf);
}

static struct nf_view
written(struct mut *m, const struct parts *p)
{
	struct nf_buf *buf = mut_buf(m);

	nf_ddds_put_list(buf, p->items);
	nf_ddds_put_symbol(buf, p->root);
	for (uint32_t i = 0; i < p->certs; i++) {
		nf_ddds_put_map(buf, 2);
		nf_ddds_put_symbol(buf, "Payload");
		nf_ddds_put_bytes(buf, p->payload);
		nf_ddds_put_symbol(buf, "Signature");
		nf_ddds_put_bytes(buf, p->sig);
	}
	return mut_view(m, buf);
}

struct nf_view
warrant_of(struct mut *m, const char *esn, const struct nf_mod_key *klf2)
{
	struct nf_view payload = payload_of(m, esn, klf2);
	const struct parts p = { ROOT, payload, sig_of(m, m->kwarn, payload),
	    1, 2 };

	return written(m, &p);
}

/* Where the last byte of a coordinate stands. */
static size_t
point_at(struct mut *m, struct nf_view payload)
{
	static const char name[] = "NISTP521";
	const uint8_t *at = memmem(payload.p, payload.len, name,
	    sizeof(name) - 1);

	if (at == NULL)
		MUST(m, NF_E_INTERNAL);
	return mut_at(payload, nf_view_of(at, sizeof(name))) + 40;
}

/* What the root signed in place of a good payload. */
static const struct {
	const char *name, *old, *new;
	bool sign;
	struct mut_want want;
} payloads[] = {
	{ "wrong_esn", "-", "+", false, { MUT_FAIL, "WV1",
	    "the ESN was changed after signing" } },
	{ "wrong_type", "ModuleInformation", "ModuleInformatioN", false, {
	    MUT_FAIL, "WV1", "the type was changed after signing" } },
	{ "unknown_type_signed", "ModuleInformation", "ModuleInformatioN",
	    true, { MUT_FAIL, "WV1", "the certificate is of a type that is "
	    "not known" } },
	{ "wrong_mech_signed", "SHA512", "SHA256", true, { MUT_FAIL, "WV1",
	    "KLF2 signs with another hash" } },
	{ "wrong_curve_signed", "NISTP521", "NISTP256", true, { MUT_FAIL,
	    "WV1", "KLF2 is on another curve" } },
	{ "no_klf2_signed", "KLF2pub", "KLF2puB", true, { MUT_MALFORMED,
	    "KLF2pub", "the certificate has no KLF2" } },
	{ "no_esn_signed", "ElectronicSerialNumber",
	    "ElectronicSerialNumbeR", true, { MUT_MALFORMED,
	    "ElectronicSerialNumber", "the certificate has no ESN" } },
	{ "no_type_signed", "WarrantCertificateType",
	    "WarrantCertificateTypE", true, { MUT_MALFORMED,
	    "WarrantCertificateType", "the certificate has no type" } },
	{ "no_approvals_signed", "Approvals", "ApprovalS", true, {
	    MUT_MALFORMED, "Approvals", "the certificate has no list of "
	    "approvals" } }
};

static void
payloads_put(struct mut *m, const struct parts *good)
{
	struct nf_buf *more = mut_buf(m), *nested = mut_buf(m);
	struct parts p = *good;

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		p = *good;
		p.payload = mut_replace(m, p.payload, payloads[i].old,
		    payloads[i].new);
		if (payloads[i].sign)
			p.sig = sig_of(m, m->kwarn, p.payload);
		mut_put(m, payloads[i].name, written(m, &p),
		    &payloads[i].want);
	}
	p.payload = mut_long(m, good->payload);
	p.sig = sig_of(m, m->kwarn, p.payload);
	mut_put(m, "trailing_payload_signed", written(m, &p),
	    &(struct mut_want){ MUT_MALFORMED, "trailing",
	    "a byte follows the payload, and was signed" });
	/* one pair more in the map, which comes first */
	nf_buf_view_put(more, good->payload);
	nf_ddds_put_symbol(more, "More");
	nf_ddds_put_small(more, 1);
	(void)mut_view(m, more);
	more->p[0]++;
	p.payload = nf_buf_view(more);
	p.sig = sig_of(m, m->kwarn, p.payload);
	mut_put(m, "unknown_field_signed", written(m, &p),
	    &(struct mut_want){ MUT_MALFORMED, "Payload",
	    "the certificate has a field that is not known" });
	nf_buf_str(nested, "Approvals");
	nf_buf_fill(nested, LIST_OF_1, DEPTH);
	nf_buf_u8(nested, LIST_OF_0);
	(void)mut_view(m, nested);
	p.payload = mut_replace(m, good->payload, "Approvals\x90",
	    nf_buf_text(nested));
	p.sig = sig_of(m, m->kwarn, p.payload);
	mut_put(m, "nested_approvals_signed", written(m, &p),
	    &(struct mut_want){ MUT_MALFORMED, "nest", "the list of "
	    "approvals has hundreds of lists in each other" });
	p.payload = mut_flip(m, good->payload, point_at(m, good->payload));
	p.sig = sig_of(m, m->kwarn, p.payload);
	mut_put(m, "wrong_point_signed", written(m, &p),
	    &(struct mut_want){ MUT_MALFORMED, "EC", "KLF2 is no point of "
	    "its curve" });
	p.payload = payload_of(m, "5EED-0000-0000", m->user.klf2);
	p.sig = good->sig;
	mut_put(m, "replayed_signature", written(m, &p), &(struct mut_want){
	    MUT_FAIL, "WV1", "the signature is that of another "
	    "certificate" });
}

static void
lists_put(struct mut *m, const struct parts *good)
{
	struct nf_buf *swapped = mut_buf(m);
	struct parts p = *good;

	p.root = "SIM-KWARN-2";
	mut_put(m, "unknown_root", written(m, &p), &(struct mut_want){
	    MUT_FAIL, "WV1", "the root named is not known" });
	p.root = "KWARN-1";
	mut_put(m, "wrong_root", written(m, &p), &(struct mut_want){
	    MUT_FAIL, "WV1", "the root named is the real one, which did not "
	    "sign it" });
	p = *good;
	p.sig = mut_flip(m, good->sig, SIG_LEN - 1);
	mut_put(m, "wrong_signature", written(m, &p), &(struct mut_want){
	    MUT_FAIL, "WV1", "one bit of the signature is another" });
	p.sig = sig_of(m, m->other[MUT_P521], good->payload);
	mut_put(m, "wrong_signer", written(m, &p), &(struct mut_want){
	    MUT_FAIL, "WV1", "another key than the root signed it" });
	nf_buf_put(swapped, good->sig.p + SIG_LEN / 2, SIG_LEN / 2);
	nf_buf_put(swapped, good->sig.p, SIG_LEN / 2);
	p.sig = mut_view(m, swapped);
	mut_put(m, "swapped_signature_r_s", written(m, &p),
	    &(struct mut_want){ MUT_FAIL, "WV1", "r and s of the signature "
	    "changed places" });
	p.sig = nf_view_of(good->sig.p, SIG_LEN - 1);
	mut_put(m, "short_signature", written(m, &p), &(struct mut_want){
	    MUT_MALFORMED, "Signature", "the signature has a byte less" });
	p.sig = mut_long(m, good->sig);
	mut_put(m, "long_signature", written(m, &p), &(struct mut_want){
	    MUT_MALFORMED, "Signature", "the signature has a byte more" });
	p = *good;
	p.certs = 2;
	p.items = 3;
	mut_put(m, "duplicate_certificate", written(m, &p),
	    &(struct mut_want){ MUT_FAIL, "WV1", "the module's certificate "
	    "stands in the place of a delegation, too" });
	p.certs = 9;
	p.items = 10;
	mut_put(m, "max_certificates", written(m, &p), &(struct mut_want){
	    MUT_MALFORMED, "warrant", "there are nine certificates" });
}

void
mutate_warrants(struct mut *m)
{
	static const char command[] = "byok-audit --simulated-root";
	struct parts good = { ROOT, { NULL, 0 }, { NULL, 0 }, 1, 2 };
	struct nf_view file = nf_buf_view(&m->user.module->nv.warrant);
	struct nf_buf *text = mut_buf(m), *wrong = mut_buf(m);
	size_t digit;

	good.payload = payload_of(m, m->user.module->nv.esn, m->user.klf2);
	good.sig = nf_view_of(file.p + file.len - SIG_LEN, SIG_LEN);
	if (!nf_view_equal(written(m, &good), file))
		MUST(m, NF_E_INTERNAL);
	mut_format(m, "warrant", command, MUT_PASS, file,
	    "the warrant of a simulated module");
	payloads_put(m, &good);
	lists_put(m, &good);
	mut_put(m, "short_file", nf_view_of(file.p, file.len - 1),
	    &(struct mut_want){ MUT_MALFORMED, "bytes wanted",
	    "the last byte of the file is missing" });
	mut_put(m, "trailing_file", mut_long(m, file), &(struct mut_want){
	    MUT_MALFORMED, "trailing", "a byte follows the warrant" });
	nf_nchex_write(text, "Warrant of a simulated module",
	    NF_NCHEX_WARRANT, file);
	mut_format(m, "warrant-text", command, MUT_PASS, mut_view(m, text),
	    "the same in its text form");
	file = nf_buf_view(text);
	nf_nchex_write(wrong, "Warrant of a simulated module", "Other",
	    nf_buf_view(&m->user.module->nv.warrant));
	mut_put(m, "wrong_type", mut_view(m, wrong), &(struct mut_want){
	    MUT_MALFORMED, "not recognised", "the text is of another type "
	    "of content" });
	mut_put(m, "short_file", nf_view_of(file.p, file.len - 10),
	    &(struct mut_want){ MUT_MALFORMED, "not recognised",
	    "the last digits are missing" });
	wrong = mut_buf(m);
	nf_buf_view_put(wrong, file);
	nf_buf_str(wrong, "more\n");
	mut_put(m, "trailing_file", mut_view(m, wrong), &(struct mut_want){
	    MUT_MALFORMED, "not recognised", "a line follows the digits" });
	digit = file.len / 2;
	while (file.p[digit] < '0' || file.p[digit] > '9')
		digit++;
	mut_put(m, "wrong_digit", mut_flip(m, file, digit),
	    &(struct mut_want){ MUT_REFUSED, "SHA-1", "a digit is another "
	    "than its SHA-1 covers" });
	wrong = mut_buf(m);
	nf_buf_view_put(wrong, file);
	(void)mut_view(m, wrong);
	wrong->p[digit] = 'x';
	mut_put(m, "junk_digit", nf_buf_view(wrong), &(struct mut_want){
	    MUT_MALFORMED, "not recognised", "a digit is none" });
}
