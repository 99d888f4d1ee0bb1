/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transcripts of byok-audit, and their signatures (ours).  There are no ids
 * of checks: the message has the word that is given in their place.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "nfast/base/digest.h"
#include "tests/mutants/mut.h"

#define CHECK	"byok-audit --check-transcript "
#define PUBKEY	"transcript/pub.pem"
#define LINES	4
#define HEX	64

struct transcript {
	struct nf_view line[LINES];	/* with their ends */
	EVP_PKEY *key, *other;
};

/* A signing key that follows from a text. */
static EVP_PKEY *
key_make(struct mut *m, const char *text)
{
	const struct nf_view v = mut_text(text);
	uint8_t seed[NF_DIGEST_MAX];
	EVP_PKEY *key;

	MUST(m, nf_digest_of(NF_SHA256, &v, 1, seed));
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	if (key == NULL)
		MUST(m, NF_E_CRYPTO);
	return key;
}

static struct nf_view
pem_of(struct mut *m, EVP_PKEY *key)
{
	struct nf_buf *out = mut_buf(m);
	BIO *bio = BIO_new(BIO_s_mem());
	char *p;
	long n;

	if (bio == NULL || PEM_write_bio_PUBKEY(bio, key) != 1 ||
	    (n = BIO_get_mem_data(bio, &p)) <= 0)
		MUST(m, NF_E_CRYPTO);
	else
		nf_buf_put(out, p, (size_t)n);
	BIO_free(bio);
	return mut_view(m, out);
}

static struct nf_view
sig_of(struct mut *m, EVP_PKEY *key, struct nf_view v)
{
	struct nf_buf *out = mut_buf(m);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t sig[64];
	size_t n = sizeof(sig);

	if (md == NULL || EVP_DigestSignInit_ex(md, NULL, NULL, NULL, NULL,
	    key, NULL) != 1 || EVP_DigestSign(md, sig, &n, v.p, v.len) != 1)
		MUST(m, NF_E_CRYPTO);
	EVP_MD_CTX_free(md);
	nf_buf_put(out, sig, n);
	return mut_view(m, out);
}

static struct nf_view
joined(struct mut *m, const struct nf_view *line, size_t n)
{
	struct nf_buf *out = mut_buf(m);

	for (size_t i = 0; i < n; i++)
		nf_buf_view_put(out, line[i]);
	return mut_view(m, out);
}

/* The lines with the hashes that their places ask for. */
static struct nf_view
rechained(struct mut *m, struct nf_view *line, size_t n)
{
	static const char member[] = "\"prev\":\"";

	for (size_t i = 1; i < n; i++) {
		const struct nf_view was = nf_view_of(line[i - 1].p,
		    line[i - 1].len - 1);
		struct nf_buf *out = mut_buf(m);
		uint8_t hash[NF_DIGEST_MAX];
		const uint8_t *at = memmem(line[i].p, line[i].len, member,
		    sizeof(member) - 1);
		size_t off;

		if (at == NULL)
			MUST(m, NF_E_INTERNAL);
		off = (size_t)(at - line[i].p) + sizeof(member) - 1;
		MUST(m, nf_digest_of(NF_SHA256, &was, 1, hash));
		nf_buf_put(out, line[i].p, off);
		nf_text_hex(out, nf_view_of(hash, HEX / 2));
		nf_buf_put(out, line[i].p + off + HEX,
		    line[i].len - off - HEX);
		line[i] = mut_view(m, out);
	}
	return joined(m, line, n);
}

/* A transcript with a signature, checked with the public key. */
static void
signed_put(struct mut *m, const char *name, struct nf_view v,
    const struct nf_view *sig, const char *pub, const struct mut_want *want)
{
	char path[128], command[256];

	(void)snprintf(path, sizeof(path), "transcript/%s.sig", name);
	if (sig != NULL)
		mut_write(m, path, *sig);
	(void)snprintf(path, sizeof(path), "transcript/%s", name);
	mut_write(m, path, v);
	(void)snprintf(command, sizeof(command), CHECK "%s --pubkey %s",
	    path, pub);
	mut_line(m, path, name, command, want);
}

/* One text of the second line. */
static const struct {
	const char *name, *old, *new;
	struct mut_want want;
} rows[] = {
	{ "wrong_version", "\"transcript\":1", "\"transcript\":2",
	    { MUT_MALFORMED, "transcript", "a record is of another "
	    "version" } },
	{ "wrong_number", "\"n\":2", "\"n\":3",
	    { MUT_REFUSED, "n:", "a record has the number of the next" } },
	{ "max_number", "\"n\":2", "\"n\":9223372036854775808",
	    { MUT_MALFORMED, "record 2", "a record has the number 2^63" } },
	{ "zero_number", "\"n\":2", "\"n\":0",
	    { MUT_MALFORMED, "n:", "a record has the number 0" } },
	{ "junk_prev", "\"prev\":\"", "\"prev\":\"x",
	    { MUT_MALFORMED, "prev", "the hash of the record before is no "
	    "hex" } },
	{ "wrong_time", "\"time\":\"2026-", "\"time\":\"2026/",
	    { MUT_MALFORMED, "time", "a record's time is not in its "
	    "form" } },
	{ "unknown_member", "\"verdict\":", "\"more\":1,\"verdict\":",
	    { MUT_MALFORMED, "more", "a record has a member that is not "
	    "known" } },
	{ "duplicate_member", "\"verdict\":", "\"n\":2,\"verdict\":",
	    { MUT_MALFORMED, "record 2", "a record has a member twice" } },
	{ "no_member", ",\"exit\":", ",\"exiT\":",
	    { MUT_MALFORMED, "exi", "a record's exit status has another "
	    "name" } },
	{ "unknown_verdict", "\"verdict\":\"unanchored\"",
	    "\"verdict\":\"good\"",
	    { MUT_MALFORMED, "verdict", "a record has a verdict that there "
	    "is not" } },
	{ "junk_json", "{\"transcript\"", "{{\"transcript\"",
	    { MUT_MALFORMED, "record 2", "a record is no JSON" } },
	{ "junk_space", "\"n\":2", "\"n\": 2",
	    { MUT_MALFORMED, "record 2", "a record has a space that no "
	    "writer makes" } },
	{ "wrong_verdict", "\"verdict\":\"unanchored\",\"exit\":0",
	    "\"verdict\":\"pass\",\"exit\":0",
	    { MUT_REFUSED, "prev", "a record's verdict was changed" } },
	{ "junk_escape", "method-1 package", "method\\u002d1 package",
	    { MUT_MALFORMED, "record 2", "a record has an escape that no "
	    "writer makes" } },
	{ "junk_blank", "{\"transcript\"", "\n{\"transcript\"",
	    { MUT_MALFORMED, "record 2", "there is an empty line" } },
	{ "wrong_path", "\"path\":\"", "\"path\":\"x",
	    { MUT_REFUSED, "prev", "a record's path was changed" } }
};

/* The hex digits of the hash of the record before as capitals. */
static struct nf_view
upper_case(struct mut *m, struct nf_view line)
{
	static const char member[] = "\"prev\":\"";
	struct nf_buf *out = mut_buf(m);
	uint8_t *at;

	nf_buf_view_put(out, line);
	(void)mut_view(m, out);
	at = memmem(out->p, out->len, member, sizeof(member) - 1);
	if (at == NULL)
		MUST(m, NF_E_INTERNAL);
	for (size_t i = 0; i < HEX; i++) {
		uint8_t *c = at + sizeof(member) - 1 + i;

		if (*c >= 'a')
			*c = (uint8_t)(*c - 'a' + 'A');
	}
	return nf_buf_view(out);
}

static void
lines_put(struct mut *m, const struct transcript *t)
{
	static const struct {
		const char *name;
		size_t order[LINES + 1], n;
		struct mut_want want;
	} orders[] = {
		{ "no_first_record", { 1, 2, 3 }, 3, { MUT_REFUSED, "n:",
		    "the first record is missing" } },
		{ "no_record", { 0, 1, 3 }, 3, { MUT_REFUSED, "n:",
		    "a record is missing" } },
		{ "duplicate_record", { 0, 1, 1, 2, 3 }, 5, { MUT_REFUSED,
		    "n:", "a record is there twice" } },
		{ "swapped_records", { 0, 2, 1, 3 }, 4, { MUT_REFUSED, "n:",
		    "two records changed places" } }
	};
	struct nf_view line[LINES + 1];

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		for (size_t k = 0; k < orders[i].n; k++)
			line[k] = t->line[orders[i].order[k]];
		mut_put(m, orders[i].name, joined(m, line, orders[i].n),
		    &orders[i].want);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(line, t->line, sizeof(t->line));
		line[1] = mut_replace(m, line[1], rows[i].old, rows[i].new);
		mut_put(m, rows[i].name, joined(m, line, LINES),
		    &rows[i].want);
	}
	line[0] = mut_replace(m, t->line[0], "\"prev\":\"0",
	    "\"prev\":\"1");
	line[1] = t->line[1];
	mut_put(m, "wrong_first_prev", joined(m, line, LINES),
	    &(struct mut_want){ MUT_REFUSED, "prev", "the first record has "
	    "one before it" });
	line[0] = t->line[0];
	line[LINES - 1] = upper_case(m, t->line[LINES - 1]);
	mut_put(m, "junk_hex_case", joined(m, line, LINES),
	    &(struct mut_want){ MUT_MALFORMED, "record 4", "the digits of "
	    "the hashes in the last record are capitals" });
	mut_put(m, "short_file", nf_view_of(joined(m, t->line, LINES).p,
	    joined(m, t->line, LINES).len - 1), &(struct mut_want){
	    MUT_MALFORMED, "torn", "the last line has no end" });
	mut_put(m, "zero_file", nf_view_of("", 0), &(struct mut_want){
	    MUT_MALFORMED, "no record", "the file is empty" });
}

/* What only the signature shows. */
static void
signed_all_put(struct mut *m, const struct transcript *t)
{
	static const char verdict[] = "\"verdict\":\"unanchored\",\"exit\":0";
	static const char better[] = "\"verdict\":\"pass\",\"exit\":0";
	struct nf_view all = joined(m, t->line, LINES);
	struct nf_view good = sig_of(m, t->key, all), sig;
	struct nf_view line[LINES];

	memcpy(line, t->line, sizeof(line));
	line[1] = mut_replace(m, line[1], verdict, better);
	signed_put(m, "wrong_verdict_rechained", rechained(m, line, LINES),
	    &good, PUBKEY, &(struct mut_want){ MUT_REFUSED, "signature",
	    "a verdict was changed, and all hashes after it" });
	signed_put(m, "no_last_record", joined(m, t->line, LINES - 1),
	    &good, PUBKEY, &(struct mut_want){ MUT_REFUSED, "signature",
	    "the last record is missing" });
	memcpy(line, t->line, sizeof(line));
	line[LINES - 1] = mut_replace(m, line[LINES - 1], verdict, better);
	signed_put(m, "wrong_last_verdict", joined(m, line, LINES), &good,
	    PUBKEY, &(struct mut_want){ MUT_REFUSED, "signature", "the last "
	    "record's verdict was changed, which no hash covers" });
	sig = mut_flip(m, good, 5);
	signed_put(m, "wrong_signature", all, &sig, PUBKEY,
	    &(struct mut_want){ MUT_REFUSED, "signature", "one bit of the "
	    "signature is another" });
	sig = nf_view_of(good.p, good.len - 1);
	signed_put(m, "short_signature", all, &sig, PUBKEY,
	    &(struct mut_want){ MUT_REFUSED, "signature", "the signature "
	    "has a byte less" });
	sig = sig_of(m, t->key, joined(m, t->line, LINES - 1));
	signed_put(m, "replayed_signature", all, &sig, PUBKEY,
	    &(struct mut_want){ MUT_REFUSED, "signature", "the signature is "
	    "that of the transcript when it was shorter" });
	sig = sig_of(m, t->other, all);
	signed_put(m, "wrong_signer", all, &sig, PUBKEY,
	    &(struct mut_want){ MUT_REFUSED, "signature", "another key "
	    "signed it" });
	signed_put(m, "no_signature", all, NULL, PUBKEY,
	    &(struct mut_want){ MUT_MALFORMED, ".sig", "there is no "
	    "signature" });
}

void
mutate_transcripts(struct mut *m)
{
	struct nf_view all = mut_load(m, "audit.log"), sig;
	struct transcript t;
	const uint8_t *p = all.p;

	for (size_t i = 0; i < LINES; i++) {
		const uint8_t *nl = memchr(p, '\n', all.len - (size_t)(p -
		    all.p));

		if (nl == NULL)
			MUST(m, NF_E_INTERNAL);
		t.line[i] = nf_view_of(p, (size_t)(nl + 1 - p));
		p = nl + 1;
	}
	t.key = key_make(m, "transcripts of the corpus");
	t.other = key_make(m, "another key of the corpus");
	mut_write(m, PUBKEY, pem_of(m, t.key));
	m->format = "transcript";
	m->command = "byok-audit --check-transcript";
	m->good = MUT_PASS;
	sig = sig_of(m, t.key, all);
	signed_put(m, "valid", all, &sig, PUBKEY, &(struct mut_want){
	    MUT_PASS, NULL, "a transcript of four records, signed" });
	lines_put(m, &t);
	signed_all_put(m, &t);
	EVP_PKEY_free(t.key);
	EVP_PKEY_free(t.other);
}
