/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of a simulated world on their way by method 2: wrapped by the module,
 * received by the simulated HSM, and by libcrypto with a KEK of its own.
 */
#include "config.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "nfast/base/pkey.h"
#include "nfast/module/internal.h"
#include "nfast/wire/blob.h"
#include "tests/transfer/source.h"
#include "transfer/import2.h"
#include "transfer/wrap2.h"

static char dir[] = "test_wrap2.XXXXXX";
static char state[64], local[64], hsm[64];
static EVP_PKEY *own_kek;		/* of libcrypto */
static struct nf_kekpem kek;		/* its public half */

static const struct {
	const char *ident;
	uint32_t type, size;
	struct nf_xfer_keytype want;
} keys[] = {
	{ "rsa2", NF_KEY_RSAPRIVATE, 2048, { NF_XFER_RSA, 2048, 0 } },
	{ "rsa3", NF_KEY_RSAPRIVATE, 3072, { NF_XFER_RSA, 3072, 0 } },
	{ "p256", NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    { NF_XFER_EC, 256, NF_EC_P256 } },
	{ "p384", NF_KEY_ECDSAPRIVATE, NF_EC_P384,
	    { NF_XFER_EC, 384, NF_EC_P384 } },
	{ "p521", NF_KEY_ECPRIVATE, NF_EC_P521,
	    { NF_XFER_EC, 521, NF_EC_P521 } },
	{ "k256", NF_KEY_ECDSAPRIVATE, NF_EC_SECP256K1,
	    { NF_XFER_EC, 256, NF_EC_SECP256K1 } },
	{ "aes128", NF_KEY_RIJNDAEL, 16, { NF_XFER_OCT, 128, 0 } },
	{ "aes192", NF_KEY_RIJNDAEL, 24, { NF_XFER_OCT, 192, 0 } },
	{ "aes256", NF_KEY_RIJNDAEL, 32, { NF_XFER_OCT, 256, 0 } },
	/* Refused ones. */
	{ "rsa1", NF_KEY_RSAPRIVATE, 1024, { NF_XFER_RSA, 1024, 0 } },
	{ "norecovery", NF_KEY_ECDSAPRIVATE, NF_EC_P256,
	    { NF_XFER_EC, 256, NF_EC_P256 } },
};
#define N_TAKEN	9
#define N_KEYS	(sizeof(keys) / sizeof(keys[0]))

static void
make_kek(void)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p;
	long len;

	own_kek = EVP_RSA_gen(2048);
	ck_assert_ptr_nonnull(own_kek);
	ck_assert_int_eq(PEM_write_bio_PUBKEY(bio, own_kek), 1);
	len = BIO_get_mem_data(bio, &p);
	must(nf_kekpem_read(nf_view_of(p, (size_t)len), &kek, &diag));
	BIO_free(bio);
}

/* Once: a world with two cards of which two are needed, keys, an HSM. */
static void
make_all(void)
{
	struct nf_buf pem = NF_BUF_INIT;
	char kid[NF_KID_MAX + 1];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(state, sizeof(state), "%s/sim", dir);
	(void)snprintf(local, sizeof(local), "%s/local", dir);
	(void)snprintf(hsm, sizeof(hsm), "%s/hsm", dir);
	source_make(state, local, "DLf1024s160mRijndael", 2);
	for (size_t i = 0; i < N_KEYS; i++)
		source_key(keys[i].ident, keys[i].type, keys[i].size,
		    strcmp(keys[i].ident, "norecovery") != 0);
	source_close();
	make_kek();
	must(nf_xfer_kek_new(hsm, 3072, &pem, kid, &diag));
	nf_buf_wipe(&pem);
}

static void
remove_all(void)
{
	EVP_PKEY_free(own_kek);
	nf_tap_remove(dir);
}

static void
pins_write(const char *lines)
{
	char pins[64];

	(void)snprintf(pins, sizeof(pins), "%s/pins", dir);
	must(nf_file_write_atomic(pins, 0600, nf_view_of(lines,
	    strlen(lines)), &diag));
	ck_assert_int_eq(setenv("NFSIM_PINS", pins, 1), 0);
}

static void
setup(void)
{
	nf_diag_clear(&diag);
	pins_write("\n\n");
	must(nf_host_open_state(state, state, &host, &diag));
	must(nf_world_load(local, &world, &diag));
}

static void
teardown(void)
{
	source_close();
}

/* The id that the next object gets tells how many there were; what is
 * loaded can be counted by what is left. */
static uint32_t
objects(void)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETKEYINFO };
	struct nf_reply reply;
	uint32_t n = 0;

	for (cmd.args.key = 1; cmd.args.key < 2000; cmd.args.key++) {
		memset(&reply, 0, sizeof(reply));
		n += nf_host_call(host, &cmd, &reply, NULL) == 0;
		nf_args_wipe(&reply.args);
	}
	return n;
}

static void
hsm_kek(struct nf_kekpem *out)
{
	char path[NF_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/" NF_XFER_HSM2_PEM, hsm);
	must(nf_kekpem_load(path, out, &diag));
}

/* Every type, one quorum, into the receiving HSM. */
START_TEST(all_types)
{
	struct nf_xfer_wrap2_info info[N_TAKEN];
	struct nf_buf ct[N_TAKEN], steps = NF_BUF_INIT;
	struct nf_xfer_received got;
	struct nf_xfer_wrap2 *w;
	struct nf_kekpem target;
	struct nf_xfer_hsm2 h;

	hsm_kek(&target);
	must(nf_xfer_wrap2_open(host, world, &target, NULL, &w, &diag));
	for (size_t i = 0; i < N_TAKEN; i++) {
		nf_buf_init(&ct[i]);
		must(nf_xfer_wrap2_key(w, "simple", keys[i].ident, &ct[i],
		    &info[i], &diag));
		ck_assert(nf_xfer_keytype_equal(&info[i].type,
		    &keys[i].want));
		ck_assert_uint_eq((ct[i].len - 384) % 8, 0);
	}
	ck_assert_uint_eq(objects(), 2);	/* KNSO and KEK */
	nf_xfer_wrap2_close(w);
	ck_assert_uint_eq(objects(), 0);
	must(nf_xfer_hsm2_open(hsm, &h, &diag));
	for (size_t i = 0; i < N_TAKEN; i++) {
		must(nf_xfer_import2(&h, nf_buf_view(&ct[i]), h.kid,
		    &keys[i].want, &got, &steps, &diag));
		/* EC keys arrive as ECDSA, whose hash differs. */
		if (keys[i].type != NF_KEY_ECPRIVATE)
			ck_assert_mem_eq(got.hash, info[i].hash,
			    NF_HASH_LEN);
		nf_xfer_received_wipe(&got);
		nf_buf_wipe(&ct[i]);
	}
	nf_buf_wipe(&steps);
	nf_xfer_hsm2_close(&h);
}
END_TEST

/* libcrypto alone recovers the key whose public half the file has. */
START_TEST(libcrypto_opens)
{
	struct nf_appkey_file file;
	struct nf_xfer_wrap2_info info;
	struct nf_buf ct = NF_BUF_INIT, bytes = NF_BUF_INIT;
	struct nf_xfer_wrap2 *w;
	struct nf_keydata pub;
	EVP_PKEY *got, *want;
	EVP_PKEY_CTX *rsa;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
	uint8_t aes[256], plain[4096];
	const unsigned char *p = plain;
	size_t n = sizeof(aes);
	int len;

	must(nf_xfer_wrap2_open(host, world, &kek, NULL, &w, &diag));
	must(nf_xfer_wrap2_key(w, "simple", keys[_i].ident, &ct, &info,
	    &diag));
	nf_xfer_wrap2_close(w);
	rsa = EVP_PKEY_CTX_new_from_pkey(NULL, own_kek, NULL);
	ck_assert_int_eq(EVP_PKEY_decrypt_init(rsa), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(rsa,
	    RSA_PKCS1_OAEP_PADDING), 1);
	ck_assert_int_eq(EVP_PKEY_decrypt(rsa, aes, &n, ct.p, 256), 1);
	ck_assert_uint_eq(n, 32);
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	ck_assert_int_eq(EVP_CipherInit_ex2(ctx, cipher, aes, NULL, 0, NULL),
	    1);
	ck_assert_int_eq(EVP_CipherUpdate(ctx, plain, &len, ct.p + 256,
	    (int)ct.len - 256), 1);
	got = d2i_AutoPrivateKey(NULL, &p, len);
	ck_assert_ptr_nonnull(got);
	ck_assert_ptr_eq(p, plain + len);
	must(nf_appkey_open(world, "simple", keys[_i].ident, &file, &diag));
	must(nf_appkey_public(&file.key, &bytes, &pub, &diag));
	must(nf_wire_keydata_pkey(&pub, &want, &diag));
	ck_assert_int_eq(EVP_PKEY_eq(got, want), 1);
	EVP_PKEY_CTX_free(rsa);
	rsa = EVP_PKEY_CTX_new_from_pkey(NULL, got, NULL);
	ck_assert_int_eq(EVP_PKEY_check(rsa), 1);
	EVP_PKEY_CTX_free(rsa);
	EVP_PKEY_free(got);
	EVP_PKEY_free(want);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	nf_appkey_file_wipe(&file);
	nf_buf_wipe(&bytes);
	nf_buf_wipe(&ct);
}
END_TEST

/* One quorum serves processes that are forked afterwards. */
START_TEST(in_children)
{
	struct nf_xfer_wrap2_info info;
	struct nf_buf ct = NF_BUF_INIT;
	struct nf_xfer_wrap2 *w;
	pid_t pid[2];
	int status;

	must(nf_xfer_wrap2_open(host, world, &kek, NULL, &w, &diag));
	for (int c = 0; c < 2; c++) {
		ck_assert_int_ge(pid[c] = fork(), 0);
		if (pid[c] != 0)
			continue;
		status = 0;
		for (size_t i = 0; status == 0 && i < 50; i++) {
			status = nf_xfer_wrap2_key(w, "simple",
			    keys[i % N_TAKEN].ident, &ct, &info, NULL);
			nf_buf_wipe(&ct);
		}
		_exit(status == 0 ? 0 : 1);
	}
	must(nf_xfer_wrap2_key(w, "simple", "rsa2", &ct, &info, &diag));
	for (int c = 0; c < 2; c++) {
		ck_assert_int_eq(waitpid(pid[c], &status, 0), pid[c]);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	nf_xfer_wrap2_close(w);
	nf_buf_wipe(&ct);
}
END_TEST

#define SECRET_LEN	32	/* bytes that are looked for */
#define MAP_MAX		((size_t)64 << 20)	/* not sanitizers' shadows */

/*
 * In a child, so that this process never has the secrets: import a key, and
 * write the complement of secret bytes of it.
 */
static void
secret_key(const char *ident, bool rsa, const char *mask_path)
{
	struct nf_appkey_spec spec = { .appname = "simple", .ident = ident,
		.plainname = ident, .recovery = true };
	const struct nf_genparams params = {
		.type = rsa ? NF_KEY_RSAPRIVATE : NF_KEY_RIJNDAEL,
		.len = rsa ? 2048 : 32 };
	uint8_t mask[SECRET_LEN];
	struct nf_secret data;
	char path[NF_PATH_MAX];
	struct nf_keydata kd;
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		must(nf_mod_generate(&params, &data, &kd, &diag));
		for (size_t i = 0; i < sizeof(mask); i++)
			mask[i] = kd.v[0].p[i] ^ 0xff;
		spec.import = &kd;
		must(nf_appkey_create(host, world, &spec, path, NULL, &diag));
		must(nf_file_write_atomic(mask_path, 0600,
		    nf_view_of(mask, sizeof(mask)), &diag));
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static bool
holds(const uint8_t *p, const uint8_t *mask)
{
	bool le = true, be = true;

	for (size_t i = 0; i < SECRET_LEN && (le || be); i++) {
		le = le && (p[i] ^ mask[i]) == 0xff;
		be = be && (p[i] ^ mask[SECRET_LEN - 1 - i]) == 0xff;
	}
	return le || be;
}

/* How often this process has the secret, in the order of bytes of the wire
 * or of DER. */
static size_t
traces(const char *mask_path)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	struct nf_buf mask = NF_BUF_INIT;
	unsigned long from, to;
	char line[512], mode[8];
	size_t n = 0;

	must(nf_file_load(mask_path, SECRET_LEN, &mask, &diag));
	ck_assert_ptr_nonnull(maps);
	ck_assert_int_ge(mem, 0);
	while (fgets(line, sizeof(line), maps) != NULL) {
		uint8_t *copy;
		ssize_t got;

		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
		    strncmp(mode, "rw", 2) != 0 || to - from > MAP_MAX)
			continue;
		ck_assert_ptr_nonnull(copy = malloc(to - from));
		got = pread(mem, copy, to - from, (off_t)from);
		for (ssize_t i = 0; i + SECRET_LEN <= got; i++)
			n += holds(copy + i, mask.p);
		nf_freezero(copy, to - from);
	}
	(void)fclose(maps);
	(void)close(mem);
	nf_buf_wipe(&mask);
	return n;
}

/* No part of a wrapped key stays in memory.  One that is loaded is found. */
START_TEST(no_traces)
{
	const char *ident = _i == 0 ? "secretrsa" : "secretaes";
	struct nf_xfer_wrap2_info info;
	struct nf_buf ct = NF_BUF_INIT;
	struct nf_appkey_file file;
	char mask[NF_PATH_MAX];
	struct nf_xfer_wrap2 *w;
	uint32_t id;

	must(nf_path(mask, &diag, "%s/mask-%s", dir, ident));
	secret_key(ident, _i == 0, mask);
	must(nf_xfer_wrap2_open(host, world, &kek, NULL, &w, &diag));
	must(nf_xfer_wrap2_key(w, "simple", ident, &ct, &info, &diag));
	ck_assert_uint_eq(traces(mask), 0);
	must(nf_appkey_open(world, "simple", ident, &file, &diag));
	must(nf_appkey_load(host, &file.key, &id, &diag));
	ck_assert_uint_gt(traces(mask), 0);
	nf_appkey_file_wipe(&file);
	nf_xfer_wrap2_close(w);
	nf_buf_wipe(&ct);
}
END_TEST

static void
refused(const char *ident, int code, const char *text)
{
	struct nf_xfer_wrap2_info info;
	struct nf_buf ct = NF_BUF_INIT;
	struct nf_xfer_wrap2 *w;
	char where[64];

	nf_diag_clear(&diag);
	must(nf_xfer_wrap2_open(host, world, &kek, NULL, &w, &diag));
	for (int look = 0; look < 2; look++) {
		nf_diag_clear(&diag);
		ck_assert_int_eq(look ? nf_xfer_wrap2_look(host, world,
		    "simple", ident, &info, &diag) : nf_xfer_wrap2_key(w,
		    "simple", ident, &ct, &info, &diag), code);
		ck_assert_msg(strstr(diag.text, text) != NULL, "%s",
		    diag.text);
		(void)snprintf(where, sizeof(where), "key_simple_%s", ident);
		ck_assert_ptr_nonnull(strstr(diag.where, where));
		ck_assert_uint_eq(ct.len, 0);
	}
	/* The context is good for the next key. */
	nf_diag_clear(&diag);
	must(nf_xfer_wrap2_key(w, "simple", "p256", &ct, &info, &diag));
	nf_xfer_wrap2_close(w);
	ck_assert_uint_eq(objects(), 0);
	nf_buf_wipe(&ct);
}

START_TEST(short_rsa)
{
	refused("rsa1", NF_E_POLICY, "only those of 2048, 3072 and 4096");
}
END_TEST

START_TEST(no_recovery)
{
	refused("norecovery", NF_E_POLICY, "nobody may change");
}
END_TEST

START_TEST(no_key)
{
	refused("absent", NF_E_NOTFOUND, "");
}
END_TEST

START_TEST(junk_blob)
{
	char from[NF_PATH_MAX], to[NF_PATH_MAX];
	struct nf_appkey_file f;
	struct nf_buf bytes = NF_BUF_INIT;

	must(nf_appkey_open(world, "simple", "aes256", &f, &diag));
	f.key.ident = nf_view_of("junk", 4);
	((uint8_t *)(uintptr_t)f.key.privblob.p)[40] ^= 1;
	must(nf_km_key_write(&f.key, &bytes));
	must(nf_km_store_key_path(world->dir, "simple", "junk", to, &diag));
	must(nf_file_write_new(to, 0600, nf_buf_view(&bytes), &diag));
	refused("junk", NF_E_REFUSED, "the blob is damaged");
	(void)unlink(to);
	/* A key file under another name. */
	must(nf_km_store_key_path(world->dir, "simple", "aes256", from,
	    &diag));
	ck_assert_int_eq(link(from, to), 0);
	refused("junk", NF_E_MISMATCH, "another name");
	(void)unlink(to);
	nf_buf_wipe(&bytes);
	nf_appkey_file_wipe(&f);
}
END_TEST

START_TEST(wrong_cards)
{
	struct nf_xfer_wrap2 *w;

	pins_write("wrong\nwrong\nwrong\n");
	ck_assert_int_eq(nf_xfer_wrap2_open(host, world, &kek, NULL, &w,
	    &diag), NF_E_REFUSED);
	ck_assert_ptr_null(w);
	ck_assert_uint_eq(objects(), 0);
}
END_TEST

/* Without KNSO the module refuses the reduced copy, with it the original
 * keeps its own rules. */
START_TEST(no_knso)
{
	struct nf_command cmd = { .cmd = NF_CMD_MAKEBLOB };
	struct nf_xfer_wrap2_info info;
	struct nf_xfer_target t;
	struct nf_buf own = NF_BUF_INIT, ct = NF_BUF_INIT;
	struct nf_keydata kd = { .type = NF_KEY_RSAPUBLIC };
	struct nf_acl *acl;
	uint32_t id;

	memset(&t, 0, sizeof(t));
	must(nf_xfer_wrap2_look(host, world, "simple", "p256", &info, &diag));
	must(nf_appkey_open(world, "simple", "p256", &t.file, &diag));
	must(nf_xfer_target_load(host, &t, &id, &own, &acl, &diag));
	kd.v[NF_RSA_E] = nf_kekpem_e(&kek);
	kd.v[NF_RSA_N] = nf_kekpem_n(&kek);
	must(nf_host_import_public(host, &kd, NF_PERM_USEASBLOBKEY,
	    &cmd.args.key2, &diag));
	cmd.args.format = NF_BLOB_USERKEY;
	cmd.args.key = id;
	cmd.args.mech = NF_MECH_RSA_AES_KEY_WRAP;
	ck_assert_int_eq(nf_host_make_blob(host, &cmd, &ct, &diag),
	    NF_E_REFUSED);
	ck_assert_ptr_nonnull(strstr(diag.text, "no permission group"));
	nf_acl_free(acl);
	nf_buf_wipe(&own);
	nf_buf_wipe(&ct);
	nf_xfer_target_wipe(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/wrap2");
	TCase *t = tcase_create("wrap2");

	tcase_set_timeout(t, 60);
	tcase_add_unchecked_fixture(t, make_all, remove_all);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_types);
	tcase_add_loop_test(t, libcrypto_opens, 0, 6);
	tcase_add_test(t, in_children);
	tcase_add_loop_test(t, no_traces, 0, 2);
	tcase_add_test(t, short_rsa);
	tcase_add_test(t, no_recovery);
	tcase_add_test(t, no_key);
	tcase_add_test(t, junk_blob);
	tcase_add_test(t, wrong_cards);
	tcase_add_test(t, no_knso);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
