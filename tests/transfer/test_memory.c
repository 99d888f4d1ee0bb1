/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No plaintext of a key stays behind: another process wraps, stops, and its
 * whole writable memory is searched for every piece of the key; so are all
 * files that were made.  The searching process makes the key only after the
 * other one has been forked, so that nothing is there by inheritance.  That
 * the search finds what is there is shown with a key that is still open.
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "nfast/base/mem.h"
#include "nfast/host/pem.h"
#include "tests/transfer/source.h"
#include "transfer/plan-kek.h"
#include "transfer/wrapper.h"

#define PIECE		16
#define MAP_MAX		(1UL << 30)	/* larger: reserved by a sanitizer */
#define PIECES_MAX	2048

static char dir[] = "test_memory.XXXXXX";
static char pem_path[64], kek_path[64], local[64], state[64];

/* ---- what is searched for ---------------------------------------------- */

static uint8_t piece[PIECES_MAX][PIECE];
static size_t n_pieces;

static void
piece_add(const uint8_t *p)
{
	ck_assert_uint_lt(n_pieces, PIECES_MAX);
	memcpy(piece[n_pieces++], p, PIECE);
}

/* Both orders of bytes; pieces that overlap by half. */
static void
secret_add(const uint8_t *p, size_t len)
{
	uint8_t back[1024];

	ck_assert(len >= PIECE && len <= sizeof(back));
	for (size_t i = 0; i < len; i++)
		back[i] = p[len - 1 - i];
	for (size_t i = 0; i + PIECE <= len; i += PIECE / 2) {
		piece_add(p + i);
		piece_add(back + i);
	}
	explicit_bzero(back, sizeof(back));
}

static void
number_add(const EVP_PKEY *pkey, const char *name)
{
	uint8_t bytes[1024];
	BIGNUM *bn = NULL;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(pkey, name, &bn), 1);
	secret_add(bytes, (size_t)BN_bn2bin(bn, bytes));
	BN_clear_free(bn);
}

/* Its text in a PEM file, but for the head that all keys share. */
static void
text_add(EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p, *nl;

	ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL,
	    0, NULL, NULL), 1);
	ck_assert_int_gt(BIO_get_mem_data(bio, &p), 128);
	nl = strchr(p, '\n') + 65;
	piece_add((const uint8_t *)nl + 1);
	piece_add((const uint8_t *)nl + 1 + PIECE);
	BIO_free(bio);
}

static bool
in_bytes(const uint8_t *p, size_t len, const char *where)
{
	bool found = false;

	for (size_t i = 0; i < n_pieces; i++) {
		if (memmem(p, len, piece[i], PIECE) == NULL)
			continue;
		if (!found && where != NULL)
			(void)fprintf(stderr, "# piece %zu of %zu in %s\n", i,
			    n_pieces, where);
		found = true;
	}
	return found;
}

/* Is a piece in the writable memory of a process? */
static bool
in_memory(pid_t pid, bool tell)
{
	char path[64], line[512], perms[8];
	unsigned long from, to;
	bool found = false;
	FILE *maps;
	int mem;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	ck_assert_int_ge(mem = open(path, O_RDONLY), 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	ck_assert_ptr_nonnull(maps = fopen(path, "r"));
	while (fgets(line, sizeof(line), maps) != NULL) {
		uint8_t *p;
		ssize_t n;

		if (sscanf(line, "%lx-%lx %7s", &from, &to, perms) != 3 ||
		    strncmp(perms, "rw", 2) != 0 || to - from > MAP_MAX)
			continue;
		ck_assert_ptr_nonnull(p = malloc(to - from));
		n = pread(mem, p, to - from, (off_t)from);
		if (n > 0 && in_bytes(p, (size_t)n, tell ? line : NULL))
			found = true;
		explicit_bzero(p, to - from);
		free(p);
	}
	(void)fclose(maps);
	(void)close(mem);
	return found;
}

/* Is a piece in a file below path, but for the PEM file that we made? */
static bool
in_files(const char *path)
{
	struct nf_buf bytes = NF_BUF_INIT;
	char below[NF_PATH_MAX];
	struct dirent *e;
	bool found = false;
	DIR *d;

	ck_assert_ptr_nonnull(d = opendir(path));
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' && strlen(e->d_name) < 3 &&
		    strspn(e->d_name, ".") == strlen(e->d_name))
			continue;
		(void)snprintf(below, sizeof(below), "%s/%s", path,
		    e->d_name);
		if (strcmp(below, pem_path) == 0)
			continue;
		if (e->d_type == DT_DIR) {
			found = in_files(below) || found;
			continue;
		}
		ck_assert_int_eq(nf_file_load(below, NF_BUF_MAX, &bytes,
		    &diag), 0);
		found = (bytes.len > 0 && in_bytes(bytes.p, bytes.len,
		    below)) || found;
		nf_buf_wipe(&bytes);
	}
	(void)closedir(d);
	return found;
}

/* ---- the process that wraps -------------------------------------------- */

static struct nf_plan_kek kek;

static void
tell(const char *line)
{
	(void)line;
}

/* Stops with the key open, then wraps, closes and stops again. */
static int
wrap_process(const struct nf_wrapper_key *key, int go)
{
	const struct nf_p11_pin pin = { .kind = NF_P11_PIN_ASK };
	struct nf_wrapper_result res;
	struct nf_diag why = { 0 };
	struct nf_wrapper *w;
	EVP_PKEY *open_key;
	char line[1024], c;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setenv("NFAST_KMDATA", dir, 1);
	(void)setenv("NFSIM_STATE", state, 1);
	if (read(go, &c, 1) != 1)
		return 1;
	if (key->kind == NF_WRAPPER_PEM) {
		if (nf_pem_private(pem_path, NULL, &open_key, &why) != 0)
			return 2;
		(void)raise(SIGSTOP);
		EVP_PKEY_free(open_key);
		nf_stack_wipe();
	} else
		(void)raise(SIGSTOP);
	if ((w = nf_wrapper_new(&pin, tell)) == NULL)
		return 3;
	for (int i = 0; i < 3; i++) {
		if (nf_wrapper_wrap(w, key, &kek.pem, &res, &why) != 0) {
			nf_diag_line(&why, line, sizeof(line));
			(void)fprintf(stderr, "# %s\n", line);
			return 4;
		}
		nf_wrapper_result_wipe(&res);
	}
	/* While the module is there: keys go when they are destroyed. */
	(void)raise(SIGSTOP);
	nf_wrapper_close(w);
	(void)raise(SIGSTOP);
	return 0;
}

static void
stopped(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_msg(WIFSTOPPED(status), "ended with %d",
	    WEXITSTATUS(status));
}

static void
go_on(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
}

/* ---- keys -------------------------------------------------------------- */

static void
pem_make(EVP_PKEY *pkey)
{
	FILE *f = fopen(pem_path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_write_PKCS8PrivateKey(f, pkey, NULL, NULL, 0,
	    NULL, NULL), 1);
	ck_assert_int_eq(fclose(f), 0);
}

static void
rsa_make(void)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_D,
	    OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
	    OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	    OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	EVP_PKEY *pkey = EVP_RSA_gen(2048);

	ck_assert_ptr_nonnull(pkey);
	for (size_t i = 0; i < 6; i++)
		number_add(pkey, names[i]);
	text_add(pkey);
	pem_make(pkey);
	EVP_PKEY_free(pkey);
}

static void
ec_make(void)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-384");

	ck_assert_ptr_nonnull(pkey);
	number_add(pkey, OSSL_PKEY_PARAM_PRIV_KEY);
	pem_make(pkey);
	EVP_PKEY_free(pkey);
}

/* Import what was made into the world, or an AES key. */
static void
world_import(bool aes)
{
	struct nf_keydata kd = { .type = NF_KEY_RIJNDAEL };
	struct nf_appkey_spec spec = { .appname = "simple", .ident = "key",
		.plainname = "key", .recovery = true, .import = &kd };
	struct nf_buf bytes = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	uint8_t k[32];

	if (aes) {
		ck_assert_int_eq(RAND_bytes(k, sizeof(k)), 1);
		secret_add(k, sizeof(k));
		kd.v[NF_SYM_K] = nf_view_of(k, sizeof(k));
	} else
		must(nf_pem_load(pem_path, &bytes, &kd, &diag));
	must(nf_host_open_state(state, state, &host, &diag));
	must(nf_world_load(local, &world, &diag));
	must(nf_appkey_create(host, world, &spec, path, NULL, &diag));
	source_close();
	nf_buf_wipe(&bytes);
}

/* Before any key: a KEK and a world with one card. */
static void
setup(void)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	char path[64];
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(pem_path, sizeof(pem_path), "%s/key.pem", dir);
	(void)snprintf(kek_path, sizeof(kek_path), "%s/kek.pem", dir);
	(void)snprintf(local, sizeof(local), "%s/local", dir);
	(void)snprintf(state, sizeof(state), "%s/sim", dir);
	(void)snprintf(path, sizeof(path), "%s/pins", dir);
	ck_assert_ptr_nonnull(f = fopen(kek_path, "w"));
	ck_assert_int_eq(PEM_write_PUBKEY(f, pkey), 1);
	ck_assert_int_eq(fclose(f), 0);
	EVP_PKEY_free(pkey);
	must(nf_plan_kek_load(kek_path, "https://a.test/keys/k", &kek,
	    &diag));
	source_make(state, local, "DLf1024s160mRijndael", 1);
	source_close();
	must(nf_file_write_atomic(path, 0600, nf_view_of("\n", 1), &diag));
	ck_assert_int_eq(setenv("NFSIM_PINS", path, 1), 0);
}

static void
teardown(void)
{
	nf_tap_remove(dir);
}

static const struct {
	enum nf_wrapper_kind kind;
	void (*make)(void);		/* NULL: AES */
} cases[] = {
	{ NF_WRAPPER_PEM, rsa_make }, { NF_WRAPPER_PEM, ec_make },
	{ NF_WRAPPER_SIMULATED, rsa_make }, { NF_WRAPPER_SIMULATED, ec_make },
	{ NF_WRAPPER_SIMULATED, NULL },
};

START_TEST(nothing_stays)
{
	struct nf_wrapper_key key = { .kind = cases[_i].kind,
	    .app = "simple", .ident = "key", .path = pem_path };
	int go[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(go), 0);
	ck_assert_int_ge(pid = fork(), 0);
	if (pid == 0)
		_exit(wrap_process(&key, go[0]));
	if (cases[_i].make != NULL)
		cases[_i].make();
	if (key.kind == NF_WRAPPER_SIMULATED) {
		world_import(cases[_i].make == NULL);
		ck_assert(!in_files(dir));
	}
	ck_assert_uint_gt(n_pieces, 0);
	ck_assert_int_eq(write(go[1], "", 1), 1);
	stopped(pid);
	/* The search finds an open key, and nothing before there is one. */
	ck_assert(in_memory(pid, false) == (key.kind == NF_WRAPPER_PEM));
	go_on(pid);
	stopped(pid);
	ck_assert(!in_memory(pid, true));
	go_on(pid);
	stopped(pid);
	ck_assert(!in_memory(pid, true));
	go_on(pid);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert(!in_files(dir));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/memory");
	TCase *tc = tcase_create("memory");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, nothing_stays, 0, (int)(sizeof(cases) /
	    sizeof(cases[0])));
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	/* As nf_process_harden() does, which would also shut us out. */
	if (!nf_crypto_wipe_freed())
		return 1;
	return nf_tap_run(suite());
}
