/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the seeds of the fuzz targets: "make_seeds DIR ARTEFACTS" gives DIR/
 * TARGET/NAME.  Run it by seeds.sh, which makes the artefacts.  Each other
 * seed is made here, from the published vectors of tests/wire/vectors.h
 * or by our own writers with made-up numbers, and then in a few mutations:
 * cut, longer, a flipped bit, a large word.  None comes from a real file.
 * Signatures in them are made up and do not verify, but for the artefacts'.
 * The last four bytes of each say that no call fails.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kek-packages/package.h"
#include "nfast/base/digest.h"
#include "nfast/base/file.h"
#include "nfast/base/text.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/certlist.h"
#include "nfast/wire/modcert.h"
#include "tests/kek-packages/zipsamples.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/seed_artefacts.h"
#include "tests/fuzz/seed_byok2.h"
#include "tests/fuzz/seed_commands.h"
#include "tests/fuzz/seed_replies.h"
#include "tests/fuzz/seed_rest.h"
#include "tests/fuzz/seed_texts.h"
#include "tests/wire/vectors.h"
#include "transfer/byok1.h"
#include "transfer/nbfx.h"
#include "verify/transcript.h"

#define TIME	1700000000
#define IDENT	"0123456789abcdef"

static const char *top;

static void
die(const char *what)
{
	(void)fprintf(stderr, "make_seeds: %s\n", what);
	exit(1);
}

static void
require(int r, const char *what)
{
	if (r != 0)
		die(what);
}

static void
write_seed(const char *target, const char *name, const char *suffix,
    struct nf_view v)
{
	char dir[NF_PATH_MAX], path[NF_PATH_MAX];
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	require(nf_path(dir, &diag, "%s/%s", top, target), "path");
	require(nf_dir_make(dir, &diag), "cannot make the directory");
	require(nf_path(path, &diag, "%s/%s%s", dir, name, suffix), "path");
	nf_buf_view_put(&buf, v);
	nf_buf_fill(&buf, 0, FUZZ_SEED_LEN);
	require(nf_buf_err(&buf), "out of memory");
	require(nf_file_write_atomic(path, 0644, nf_buf_view(&buf), &diag),
	    "cannot write");
	nf_buf_wipe(&buf);
}

/* The object and its mutations.  The buffer is wiped. */
static void
seed(const char *target, const char *name, struct nf_buf *buf)
{
	static const char *const word[] = { "-word1", "-word2", "-word3" };
	size_t n = buf->len, at;

	require(nf_buf_err(buf), name);
	if (n < 16)
		nf_buf_fill(buf, ' ', 16);	/* only so that p exists */
	write_seed(target, name, "", nf_view_of(buf->p, n));
	write_seed(target, name, "-short", nf_view_of(buf->p, n / 4 * 3));
	for (size_t i = 0; i < 3 && n >= 12; i++) {
		uint8_t old[4];

		at = (n * (i + 1) / 4) & ~(size_t)3;
		memcpy(old, buf->p + at, 4);
		memset(buf->p + at, i == 0 ? 0xff : i == 1 ? 0 : 0x41, 4);
		write_seed(target, name, word[i], nf_view_of(buf->p, n));
		memcpy(buf->p + at, old, 4);
	}
	if (n > 0) {
		buf->p[n / 2] ^= 4;
		write_seed(target, name, "-bit", nf_view_of(buf->p, n));
		buf->p[n / 2] ^= 4;
	}
	buf->len = n;
	nf_buf_u32(buf, 0);
	write_seed(target, name, "-long", nf_buf_view(buf));
	nf_buf_wipe(buf);
}

static void
unhex(const char *hex, struct nf_buf *buf)
{
	size_t n = strlen(hex) / 2;

	nf_buf_init(buf);
	nf_buf_fill(buf, 0, n);
	if (!nf_text_unhex(hex, strlen(hex), buf->p, n))
		die("a vector is no hex");
}

static void
seed_hex(const char *target, const char *name, const char *hex)
{
	struct nf_buf buf;

	unhex(hex, &buf);
	seed(target, name, &buf);
}

/* A number of n bytes, odd, with its top bit set. */
static struct nf_view
made_up(size_t n, uint8_t c, struct nf_buf *buf)
{
	nf_buf_init(buf);
	for (size_t i = 0; i < n; i++)
		nf_buf_u8(buf, (uint8_t)(c + 29 * i));
	require(nf_buf_err(buf), "out of memory");
	buf->p[0] |= 1;
	buf->p[n - 1] |= 0x80;
	return nf_buf_view(buf);
}

static struct nf_view
reversed(const char *hex, struct nf_buf *buf)
{
	unhex(hex, buf);
	for (size_t i = 0; i < buf->len / 2; i++) {
		uint8_t c = buf->p[i];

		buf->p[i] = buf->p[buf->len - 1 - i];
		buf->p[buf->len - 1 - i] = c;
	}
	return nf_buf_view(buf);
}

/* The numbers live until the process ends. */
static struct nf_keydata
dsa_key(void)
{
	static struct nf_buf n[4];
	struct nf_keydata key = { .type = NF_KEY_DSAPUBLIC };

	if (n[0].len == 0) {
		(void)reversed(VEC_DSA_P, &n[0]);
		(void)reversed(VEC_DSA_Q, &n[1]);
		(void)reversed(VEC_DSA_G, &n[2]);
		(void)reversed(VEC_DSA_Y, &n[3]);
	}
	for (size_t i = 0; i < 4; i++)
		key.v[i] = nf_buf_view(&n[i]);
	return key;
}

static struct nf_keydata
rsa_key(void)
{
	static struct nf_buf n;
	struct nf_keydata key = { .type = NF_KEY_RSAPUBLIC };

	if (n.len == 0)
		(void)made_up(128, 3, &n);
	key.v[NF_RSA_E] = nf_view_of("\1\0\1", 3);
	key.v[NF_RSA_N] = nf_buf_view(&n);
	return key;
}

static struct nf_keydata
ec_key(uint32_t type, uint32_t curve, const char *x, const char *y,
    struct nf_buf n[2])
{
	struct nf_keydata key = { .type = type, .curve = curve };

	key.v[NF_ECPUB_X] = reversed(x, &n[0]);
	key.v[NF_ECPUB_Y] = reversed(y, &n[1]);
	return key;
}

static struct nf_acl *
acl_of(const char *hex, struct nf_buf *buf)
{
	struct nf_acl *acl;
	struct nf_cur cur;

	unhex(hex, buf);
	nf_cur_init(&cur, buf->p, buf->len, NULL);
	require(nf_wire_acl_read(&cur, &acl), "ACL vector");
	return acl;
}

static void
acls(void)
{
	seed_hex("acl", "stock", VEC_ACL_STOCK);
	seed_hex("acl", "early", VEC_ACL_PUBLIC_EARLY);
	seed_hex("acl", "softcard", VEC_ACL_SOFTCARD);
	seed_hex("acl", "reduced", VEC_ACL_REDUCED);
	seed_hex("acl", "group-flags", "01000000" "7f000000" "03000000"
	    "01000000" VEC_HKM "05000000" "03000000" "3c000000"
	    "06000000" VEC_HKRE "02000000" "00000000"
	    VEC_HKM VEC_HKNSO "0a000000" "03000000" "41420000"
	    "2c000000" VEC_HKRE "0a000000");
	seed_hex("acl", "actions", "01000000" "00000000" "00000000"
	    "0c000000" "00000000" "01000000" "ffffffff"
	    "02000000" "7f000000" VEC_HKM VEC_HKNSO "07000000" "01000000"
	    "01000000" "00000000" "03000000" "01000000" VEC_HKRE
	    "03000000" "03000000" "e1000000" VEC_HKRE "00000000"
	    "04000000" "ffff0700" "05000000" "00000000" "01000000"
	    "1d000000" "01000000" "01000000" VEC_HKM
	    "06000000" "7f1c0000" "07000000" "03000000"
	    "0a000000" "01000000" "0b000000" "08000000" "01000000"
	    "ffffffff" "0c000000" "01000000" "02000000" "05000000"
	    "0102030405000000" "0f000000" "00010000" "01000000" "02000000");
	seed_hex("acl", "derive-ex", "01000000" "00000000" "00000000"
	    "01000000" "2f000000" "00000000" "01000000" "1d000000"
	    "01000000" "01000000" "5d000000" VEC_HKM
	    "000000000000000000000000");
}

static void
seed_key(const char *name, struct nf_keydata key)
{
	struct nf_buf buf = NF_BUF_INIT;

	nf_wire_keydata_write(&buf, &key);
	seed("keydata", name, &buf);
}

static void
keydata(void)
{
	struct nf_keydata key = { .type = NF_KEY_RIJNDAEL };
	struct nf_buf n[2];

	seed_key("dsa", dsa_key());
	seed_key("rsa", rsa_key());
	seed_key("ec-p256", ec_key(NF_KEY_ECPUBLIC, 4, VEC_NOTE_X,
	    VEC_NOTE_Y, n));
	nf_buf_wipe(&n[0]);
	nf_buf_wipe(&n[1]);
	seed_key("ecdsa-p521", ec_key(NF_KEY_ECDSAPUBLIC, 6, VEC_KWARN_X,
	    VEC_KWARN_Y, n));
	nf_buf_wipe(&n[0]);
	nf_buf_wipe(&n[1]);
	key.v[0] = nf_view_of("0123456789abcdef", 16);
	seed_key("aes", key);
	seed_hex("keydata", "signature", VEC_KCSIG);
	seed_hex("keydata", "gcm", "b3000000" "05000000" "0102030405000000"
	    "000102030405060708090a0b0c0d0e0f" "0c000000"
	    "000102030405060708090a0b" "00000000" "10000000");
	seed_hex("keydata", "oaep", "3d000000" "0400000001000100"
	    "05000000" "6c6162656c000000");
	seed_hex("keydata", "plain", "01000000" "03000000" "61626300");
	seed_hex("keydata", "params-rsa", "02000000" "03000000" "000c0000"
	    "0400000003000000" "40000000");
	seed_hex("keydata", "params-dsa", "13000000" "03000000" "00040000"
	    "0400000017000000" "040000000b000000" "0400000004000000"
	    "5d000000");
}

#define STATE_HEAD \
	"04000000" "00000000" "05000000" "01000000" VEC_HKRE \
	"02000000" "0f000000" "383933382d313037352d38384242" "0000" \
	"03000000" VEC_KEYHASH "03000000" "0400000017000000" \
	"040000000b000000" "0400000004000000" "0400000008000000" "0a000000"

static void
modcerts(void)
{
	seed_hex("modcert", "keygen", VEC_KCMSG);
	seed_hex("modcert", "keygen-ec", "02000000" "00000000" "2f000000"
	    "04000000" VEC_ACL_SOFTCARD VEC_KEYHASH);
	seed_hex("modcert", "state", STATE_HEAD VEC_STATE_TAIL);
	seed_hex("modcert", "state-serial", "04000000" "00000000" "02000000"
	    "0d000000" VEC_KEYHASH "1e000000" "00000000" "bb000000"
	    "07000000" "04000000" "41424300");
}

static void
chain(struct nf_buf *buf)
{
	struct nf_certlist list = { .n = 2 };
	struct nf_cert *c = &list.cert[1];
	struct nf_buf msg, r, s;

	list.cert[0].type = NF_CERT_SIGNINGKEY;
	list.cert[0].keyid = 0x10203;
	c->type = NF_CERT_SINGLECERT;
	c->key = dsa_key();
	c->sig.mech = NF_MECH_DSA;
	c->sig.v[0] = reversed(VEC_DSA_R, &r);
	c->sig.v[1] = reversed(VEC_DSA_S, &s);
	unhex(VEC_CERTMSG_LEAF, &msg);
	c->msg = nf_buf_view(&msg);
	nf_buf_init(buf);
	nf_wire_certlist_write(buf, &list);
	nf_buf_wipe(&msg);
	nf_buf_wipe(&r);
	nf_buf_wipe(&s);
}

static void
certlists(void)
{
	struct nf_buf buf;

	chain(&buf);
	seed("certlist", "chain", &buf);
	seed_hex("certlist", "keyid", "01000000" VEC_HKM "01000000"
	    "04030201");
	seed_hex("certlist", "delegate", VEC_CERTMSG_DELEGATE);
	seed_hex("certlist", "leaf", VEC_CERTMSG_LEAF);
}

static void
nullblob(struct nf_keydata key, struct nf_buf *buf, struct nf_buf *plain)
{
	static const uint8_t iv[8] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	struct nf_blobkey bk = { .key = key };
	struct nf_buf acl;

	bk.acl = acl_of(VEC_ACL_PUBLIC, &acl);
	nf_buf_init(buf);
	require(nf_wire_nullblob_write(buf, &bk, iv), "blob");
	nf_buf_init(plain);
	nf_wire_blobkey_write(plain, &bk);
	nf_blobkey_wipe(&bk);
	nf_buf_wipe(&acl);
}

static void
frame(uint32_t format, struct nf_buf *buf)
{
	struct nf_blob b = { .format = format, .a = 7,
	    .word = NF_BLOB_WORD_MECH | 149 };

	b.body = nf_view_of("0123456789abcdef", 16);
	if (format == NF_BLOB_USERKEY)
		b.rsa = nf_view_of("abcdefgh", 8);
	nf_buf_init(buf);
	nf_wire_blob_write(buf, &b);
}

static void
blobs(void)
{
	struct nf_buf buf, plain;

	nullblob(dsa_key(), &buf, &plain);
	seed("blob", "null", &buf);
	seed("blob", "plain", &plain);
	frame(NF_BLOB_USERKEY, &buf);
	seed("blob", "userkey", &buf);
	frame(NF_BLOB_TOKEN, &buf);
	seed("blob", "token", &buf);
}

#define SIG	"DSA 2e1a0c2562b2912caaf89186fb0f42001585da55 " \
		"29efb6b0aff2d7a68eb70ca313022253b9a88df5"

static struct nf_view
text(const char *s)
{
	return nf_view_of(s, strlen(s));
}

/* The parts that key files and packages share. */
struct parts {
	struct nf_buf pub, kml, priv, gen, state, chain, plain;
};

static void
parts_make(struct parts *p)
{
	nullblob(rsa_key(), &p->pub, &p->plain);
	nf_buf_wipe(&p->plain);
	nullblob(dsa_key(), &p->kml, &p->plain);
	frame(NF_BLOB_USERKEY, &p->priv);
	unhex(VEC_KCMSG, &p->gen);
	unhex(STATE_HEAD VEC_STATE_TAIL, &p->state);
	chain(&p->chain);
}

static void
key_file(const struct parts *p, bool full, struct nf_buf *buf)
{
	struct nf_km_key *key = calloc(1, sizeof(*key));

	if (key == NULL)
		die("out of memory");
	key->time = TIME;
	key->appname = text("xfer");
	key->ident = text(IDENT);
	key->name = text("a name");
	key->privblob = nf_buf_view(&p->priv);
	key->pubblob = nf_buf_view(&p->pub);
	if (full) {
		key->cert_gen = key->cert_kml_esn = key->cert_state =
		    text(SIG);
		key->mesg_gen = nf_buf_view(&p->gen);
		key->mesg_state = nf_buf_view(&p->state);
		key->pubblob_kml = nf_buf_view(&p->kml);
		key->esn = text("8938-1075-88BB");
		key->n_other = 1;
		key->other[0].type = NF_ENT_SW_MARK;
		key->other[0].data = text("a fuzz seed");
	}
	nf_buf_init(buf);
	require(nf_km_key_write(key, buf), "key file");
	free(key);
}

static void
kmfiles(const struct parts *p)
{
	struct nf_buf buf;
	struct nf_km_writer w;

	key_file(p, false, &buf);
	seed("kmfile", "key", &buf);
	key_file(p, true, &buf);
	seed("kmfile", "key-certified", &buf);
	nf_km_begin(&w, &buf, TIME);
	nf_km_put_str(&w, NF_ENT_NAME, "a");
	nf_km_put_u32(&w, NF_ENT_MODULE_KEY_TYPE, 30);
	nf_km_end(&w);
	seed("kmfile", "small", &buf);
	nf_buf_str(&buf, SIG);
	seed("kmfile", "signature", &buf);
	nf_buf_str(&buf, "DSAhSHA256 1f 2e");
	seed("kmfile", "signature-sha256", &buf);
}

static void
kekpkgs(const struct parts *p)
{
	struct nf_kek_kekpkg kek = { .time = TIME };
	struct nf_kek_worldpkg world = { .time = TIME };
	struct nf_buf buf = NF_BUF_INIT, knso = NF_BUF_INIT;
	struct nf_keydata key = dsa_key();

	kek.appname = text("xferwrapping");
	kek.ident = text("kek-test-1");
	kek.name = text("kek-test-1");
	kek.pubblob = nf_buf_view(&p->pub);
	kek.cert_gen = kek.cert_kml_esn = kek.cert_state = text(SIG);
	kek.mesg_gen = nf_buf_view(&p->gen);
	kek.esn = text("8938-1075-88BB");
	kek.pubblob_kml = nf_buf_view(&p->kml);
	kek.mesg_state = nf_buf_view(&p->state);
	kek.rootchain = nf_buf_view(&p->chain);
	kek.region = text("a region");
	kek.mark = text(NF_KEK_PKG_MARK);
	require(nf_kek_kekpkg_write(&kek, &buf), "KEK package");
	seed("kekpkg", "kek", &buf);
	world.region = kek.region;
	world.suite = text("DLf1024s160mRijndael");
	nf_wire_keydata_write(&knso, &key);
	world.knso = nf_buf_view(&knso);
	world.cert_modulekeys = world.cert_state = text(SIG);
	world.cert_gen_km = world.cert_modulekeys;
	world.mesg_gen_km = kek.mesg_gen;
	world.esn = kek.esn;
	world.mesg_state = kek.mesg_state;
	world.rootchain = kek.rootchain;
	world.mark = kek.mark;
	require(nf_kek_worldpkg_write(&world, &buf), "world package");
	seed("kekpkg", "world", &buf);
	nf_buf_wipe(&knso);
	key_file(p, true, &buf);
	seed("kekpkg", "neither", &buf);
}

static void
packages(const struct parts *p)
{
	struct nf_buf pub = NF_BUF_INIT, tbs = NF_BUF_INIT;
	struct nf_buf buf = NF_BUF_INIT, sig, token;
	struct nf_byok1_parts parts = { .vault_id = 0 };
	struct nf_keydata key = rsa_key();

	require(nf_byok1_publickey_blob(key.v[NF_RSA_E], key.v[NF_RSA_N],
	    &pub, NULL), "public key blob");
	key_file(p, false, &token);
	parts.public_key = nf_buf_view(&pub);
	parts.creation_time = nf_byok1_time(TIME, 0);
	parts.friendly_name = "seed";
	parts.environment = "Production";
	parts.key_token = nf_buf_view(&token);
	parts.kek_identifier = "xferwrapping,kek-test-1";
	require(nf_byok1_write_unsigned(&parts, &tbs, NULL), "package");
	require(nf_byok1_write_signed(nf_buf_view(&tbs), made_up(128, 1,
	    &sig), &buf, NULL), "package");
	seed("byok1", "package", &buf);
	seed("byok1", "unsigned", &tbs);
	/* a token that leaves bytes over, and a longer name */
	nf_buf_wipe(&token);
	key_file(p, true, &token);
	parts.key_token = nf_view_of(token.p, 601);
	parts.friendly_name = "a longer name, with punctuation";
	require(nf_byok1_write_unsigned(&parts, &tbs, NULL), "package");
	require(nf_byok1_write_signed(nf_buf_view(&tbs), nf_buf_view(&sig),
	    &buf, NULL), "package");
	seed("byok1", "small", &buf);
	nf_buf_wipe(&tbs);
	nf_buf_wipe(&pub);
	nf_buf_wipe(&sig);
	nf_buf_wipe(&token);
}

static void
documents(void)
{
	struct nf_buf buf = NF_BUF_INIT, bytes;
	struct nf_nbfx_writer w;

	nf_nbfx_writer_init(&w, &buf);
	nf_nbfx_write_element(&w, "Root");
	nf_nbfx_write_xmlns(&w, "i", "http://example.org/");
	nf_nbfx_write_element(&w, "Number");
	nf_nbfx_write_int(&w, 70000);
	nf_nbfx_write_end(&w);
	nf_nbfx_write_element(&w, "Nil");
	nf_nbfx_write_bool_attribute(&w, 'i', "nil", true);
	nf_nbfx_write_end(&w);
	nf_nbfx_write_element(&w, "Time");
	nf_nbfx_write_datetime(&w, nf_byok1_time(TIME, 0));
	nf_nbfx_write_end(&w);
	nf_nbfx_write_element(&w, "Text");
	nf_nbfx_write_chars(&w, text("some text"));
	nf_nbfx_write_end(&w);
	nf_nbfx_write_end(&w);
	seed("nbfx", "values", &buf);
	nf_nbfx_writer_init(&w, &buf);
	nf_nbfx_write_element(&w, "Bytes");
	nf_nbfx_write_bytes(&w, made_up(700, 9, &bytes));
	nf_nbfx_write_end(&w);
	nf_buf_wipe(&bytes);
	seed("nbfx", "bytes", &buf);
	nf_nbfx_writer_init(&w, &buf);
	for (size_t i = 0; i < NF_NBFX_DEPTH_MAX; i++)
		nf_nbfx_write_element(&w, "Deep");
	for (size_t i = 0; i < NF_NBFX_DEPTH_MAX; i++)
		nf_nbfx_write_end(&w);
	seed("nbfx", "deep", &buf);
}

/* Each sample is a mutation already. */
static void
zips(void)
{
	for (size_t i = 0; i < zs_samples_n; i++) {
		struct nf_buf buf = NF_BUF_INIT;

		zs_make(&zs_samples[i], &buf);
		require(nf_buf_err(&buf), "zip");
		write_seed("zip", zs_samples[i].name, "", nf_buf_view(&buf));
		nf_buf_wipe(&buf);
	}
}

static void
transcripts(void)
{
	static const char *const options[] = { "--policy strict" };
	struct nf_vfy_record rec = {
		.time = TIME, .origin = { "byok-audit", "1.0", options, 1 },
		.path = "a.byok", .kind = "a kind", .has_sha256 = true,
		.verdict = "pass"
	};
	struct nf_buf all = NF_BUF_INIT, one = NF_BUF_INIT;
	uint8_t prev[NF_VFY_SHA256_LEN] = { 0 };
	struct nf_view v;

	for (uint64_t n = 1; n <= 3; n++) {
		rec.path = n == 1 ? "a.byok" : n == 2 ? "caf\303\251" :
		    "bad\377name";
		nf_buf_wipe(&one);
		nf_vfy_record_write(&one, &rec, n, prev);
		v = nf_buf_view(&one);
		nf_buf_view_put(&all, v);
		nf_buf_u8(&all, '\n');
		require(nf_digest_of(NF_SHA256, &v, 1, prev), "SHA-256");
	}
	seed("transcript", "chain", &all);
	seed("transcript", "record", &one);
	nf_buf_str(&all, "-----BEGIN PUBLIC KEY-----\n"
	    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
	    "-----END PUBLIC KEY-----\n");
	seed("transcript", "pubkey", &all);
}

int
main(int argc, char **argv)
{
	struct parts p;

	if (argc != 3)
		die("arguments: the directory to write to, the artefacts");
	top = argv[1];
	acls();
	keydata();
	modcerts();
	certlists();
	blobs();
	parts_make(&p);
	kmfiles(&p);
	kekpkgs(&p);
	packages(&p);
	documents();
	zips();
	transcripts();
	seed_byok2(seed);
	seed_commands(seed);
	seed_rest(seed);
	seed_texts(seed);
	seed_replies(seed);
	seed_artefacts(argv[2], seed);
	return 0;
}
