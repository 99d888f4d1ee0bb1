/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records on disk: killed at any moment, damaged by a mutation, or full of
 * what a crash leaves.
 */
#include "config.h"

#include <signal.h>
#include <time.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "nfast/base/file.h"
#include "tests/transfer/vault_fixture.h"

#define ROUNDS	25
#define KEYS	8

/* ---- kill -9 ------------------------------------------------------------- */

/* What the child did last to each key, as it acknowledged. */
enum act { NOTHING, CREATED, DELETED, RECOVERED, PURGED, DISABLED };

struct ack {
	uint32_t key;
	uint32_t act;
	uint32_t versions;
	char version[NF_VAULT_VERSION_LEN + 1];
};

static void
name_of(uint32_t i, char out[static 8])
{
	(void)snprintf(out, 8, "k%u", i % 1000);
}

static void
acknowledge(int fd, struct ack *a, enum act act)
{
	a->act = act;
	if (act == CREATED) {
		a->versions++;
		memcpy(a->version, key->version, sizeof(a->version));
	} else if (act == PURGED)
		a->versions = 0;
	if (write(fd, a, sizeof(*a)) != (ssize_t)sizeof(*a))
		_exit(3);
}

static void
import_new(const char *name)
{
	struct nf_keydata kd, pub;
	struct nf_buf own[3];

	software_p256(&kd, &pub, own);
	ok(nf_vault_import_plain(vaults, "v", name, false, &kd, &pub, &none,
	    &key, &err));
	for (size_t i = 0; i < 3; i++)
		nf_buf_wipe(&own[i]);
}

/* One step of a key's life. */
static void
step(int fd, struct ack *a)
{
	static const struct nf_vault_attributes off = { .has_enabled = true };
	char name[8];

	name_of(a->key, name);
	switch (a->act) {
	case DELETED:
		if (rand() % 2 == 0) {
			ok(nf_vault_recover(vaults, "v", name, &key, &err));
			acknowledge(fd, a, RECOVERED);
		} else {
			ok(nf_vault_purge(vaults, "v", name, &err));
			acknowledge(fd, a, PURGED);
		}
		break;
	case CREATED:
	case RECOVERED:
	case DISABLED:
		if (rand() % 4 == 0) {
			ok(nf_vault_update(vaults, "v", name, NULL, &off,
			    &key, &err));
			acknowledge(fd, a, DISABLED);
			break;
		}
		if (rand() % 2 == 0) {
			ok(nf_vault_delete(vaults, "v", name, &key, &err));
			acknowledge(fd, a, DELETED);
			break;
		}
		__attribute__((fallthrough));
	default:
		if (rand() % 2 == 0)
			ok(create(name, p256()));
		else
			import_new(name);
		acknowledge(fd, a, CREATED);
		break;
	}
}

static void
child(int fd, const struct ack *from, unsigned int seed)
{
	struct ack now[KEYS];

	memcpy(now, from, sizeof(now));
	srand(seed);
	open_eu();
	/* Nothing was done. */
	acknowledge(fd, &now[0], now[0].act == CREATED ? RECOVERED :
	    now[0].act);
	for (;;)
		step(fd, &now[rand() % KEYS]);
}

/*
 * The state is what was acknowledged, or one step further, which the child
 * had no time to acknowledge.
 */
static void
check(struct ack *a, bool *ahead)
{
	char name[8];
	size_t n = 0;
	bool deleted, there;

	name_of(a->key, name);
	there = nf_vault_get(vaults, "v", name, NULL, &key, &err);
	deleted = nf_vault_get_deleted(vaults, "v", name, &key, &err);
	ck_assert(!there || !deleted);
	while (nf_vault_version_at(vaults, "v", name, n) != NULL)
		n++;
	if (a->versions > 0 && (there != (a->act != DELETED) ||
	    (there && n != a->versions))) {
		/* Deleted, recovered, purged or a new version: one of them. */
		ck_assert_msg(!*ahead, "%s is a second step ahead", name);
		ck_assert_msg(!there || n == a->versions ||
		    n == a->versions + 1, "%s has %zu of %u versions", name,
		    n, a->versions);
		ck_assert_msg(there || deleted || a->act == DELETED,
		    "%s is lost", name);
		*ahead = true;
	} else if (a->versions == 0 && (there || deleted)) {
		ck_assert_msg(!*ahead && there && n == 1, "%s", name);
		*ahead = true;
	}
	if (there && a->versions > 0) {
		ok(nf_vault_get(vaults, "v", name, a->version, &key, &err));
		if (a->act == DISABLED)
			ck_assert(!key->attributes.enabled || n >
			    a->versions);
	}
	a->act = deleted ? DELETED : there ? RECOVERED : PURGED;
	if (there) {
		a->versions = (uint32_t)n;
		key = nf_vault_version_at(vaults, "v", name, n - 1);
		memcpy(a->version, key->version, sizeof(a->version));
	} else if (!deleted)
		a->versions = 0;
}

/* Every key that is there works. */
static void
all_sign(void)
{
	static const struct nf_vault_attributes on = { .has_enabled = true,
		.enabled = true };

	for (size_t i = 0; nf_vault_at(vaults, "v", false, i) != NULL; i++) {
		const char *name = nf_vault_at(vaults, "v", false, i)->name;

		ok(nf_vault_update(vaults, "v", name, NULL, &on, &key, &err));
		signs(key->name, "ES256", 32);
	}
}

START_TEST(kill_at_any_moment)
{
	struct ack acks[KEYS], a;
	unsigned long steps = 0;

	memset(acks, 0, sizeof(acks));
	for (uint32_t i = 0; i < KEYS; i++)
		acks[i].key = i;
	close_all();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		/* In any moment of the step after some of them. */
		const struct timespec pause = { 0, rand() % 30000000 };
		int fd[2], status, more = 1 + rand() % 4;
		bool ahead = false;
		pid_t pid;

		ck_assert_int_eq(pipe(fd), 0);
		ck_assert_int_ge(pid = fork(), 0);
		if (pid == 0) {
			(void)close(fd[0]);
			child(fd[1], acks, round);
		}
		(void)close(fd[1]);
		while (read(fd[0], &a, sizeof(a)) == (ssize_t)sizeof(a)) {
			acks[a.key] = a;
			steps++;
			if (more-- == 0) {
				(void)nanosleep(&pause, NULL);
				(void)kill(pid, SIGKILL);
			}
		}
		(void)close(fd[0]);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(more < 0 && WIFSIGNALED(status));
		open_eu();
		for (size_t i = 0; i < KEYS; i++)
			check(&acks[i], &ahead);
		if (round % 5 == 4)
			all_sign();
		close_all();
	}
	ck_assert_uint_gt(steps, ROUNDS);
	open_eu();
}
END_TEST

/* ---- damage -------------------------------------------------------------- */

static char record[256];
static struct nf_buf original;

/* The path of the newest version of a key that is not deleted. */
static void
record_of(const char *name)
{
	ok(nf_vault_get(vaults, "v", name, NULL, &key, &err));
	(void)snprintf(record, sizeof(record),
	    "%s/regions/eu/vaults/v/keys/%s/%s.json", state, name,
	    key->version);
	nf_buf_init(&original);
	must(nf_file_load(record, 1 << 20, &original, &diag));
}

static void
write_record(struct nf_view v)
{
	must(nf_file_write_atomic(record, 0600, v, &diag));
}

/* The record with one text in the place of another is refused by name. */
static void
mutated(const char *old, const char *new, const char *field)
{
	struct nf_buf b = NF_BUF_INIT;
	const char *s = nf_buf_text(&original), *at = strstr(s, old);

	ck_assert_msg(at != NULL, "no %s", old);
	nf_buf_put(&b, s, (size_t)(at - s));
	nf_buf_str(&b, new);
	nf_buf_str(&b, at + strlen(old));
	close_all();
	write_record(nf_buf_view(&b));
	ck_assert_msg(nf_vaults_open(state, region_of("EU"), false, NULL,
	    &vaults, &diag) == NF_E_FORMAT, "%s for %s", new, old);
	ck_assert_ptr_null(vaults);
	ck_assert_str_eq(diag.where, record);
	ck_assert_msg(strcmp(diag.field, field) == 0, "%s: %s %s", new,
	    diag.field, diag.text);
	nf_diag_clear(&diag);
	write_record(nf_buf_view(&original));
	open_eu();
	nf_buf_wipe(&b);
}

START_TEST(damaged_record)
{
	ok(create("damaged", p256()));
	record_of("damaged");
	mutated("\"format\": 1", "\"format\": 2", "format");
	mutated("\"format\": 1,", "", "format");
	mutated("\"format\": 1", "\"format\": 1, \"unknown\": 1", "");
	mutated("\"format\": 1", "\"format\": 1, \"format\": 1", "");
	mutated("\"name\": \"damaged\"", "\"name\": \"another\"", "name");
	mutated("\"name\": \"damaged\"", "\"name\": 1", "name");
	mutated("\"version\": \"", "\"version\": \"0", "version");
	mutated("\"sequence\": 1", "\"sequence\": -1", "sequence");
	mutated("\"sequence\": 1", "\"sequence\": true", "sequence");
	mutated("\"kty\": \"EC\"", "\"kty\": \"DSA\"", "kty");
	mutated("\"kty\": \"EC\"", "\"kty\": \"RSA\"", "public");
	mutated("\"crv\": \"P-256\"", "\"crv\": \"P-384\"", "public");
	mutated("\"crv\": \"P-256\"", "\"crv\": \"P-257\"", "crv");
	mutated("\"bits\": 256", "\"bits\": 255", "public");
	mutated("\"bits\": 256", "\"bits\": 999999", "bits");
	mutated("\"hsm\": true", "\"hsm\": 1", "hsm");
	mutated("\"sign\"", "\"sing\"", "key_ops");
	mutated("\"sign\"", "\"verify\"", "key_ops");
	mutated("\"enabled\": true", "\"enabled\": null", "enabled");
	mutated("\"enabled\": true", "\"enabled\": true, \"nbf\": 1.5",
	    "nbf");
	mutated("\"enabled\": true", "\"enabled\": true, \"tags\": []",
	    "tags");
	mutated("\"enabled\": true", "\"enabled\": true, \"tags\": "
	    "{\"a\": 1}", "tags");
	mutated("\"public\": \"", "\"public\": \"AAAA", "keytype");
	mutated("\"blob\": \"", "\"blob\": \"+", "blob");
	mutated("\"blob\"", "\"bolb\"", "blob");
	mutated("\"hsm\": true", "\"hsm\": true, \"mark\": \"x\"", "mark");
	mutated("\"hsm\": true", "\"hsm\": true, \"mark\": 1", "mark");
	mutated("}\n", "}\nx", "");
	mutated("}\n", "", "");
	mutated("{", "[", "");
	nf_buf_wipe(&original);
}
END_TEST

START_TEST(short_record)
{
	ok(create("short", p256()));
	record_of("short");
	for (size_t n = 0; n + 2 < original.len; n += 41) {
		close_all();
		write_record(nf_view_of(original.p, n));
		ck_assert_int_eq(nf_vaults_open(state, region_of("EU"), false,
		    NULL, &vaults, &diag), NF_E_FORMAT);
		ck_assert_str_eq(diag.where, record);
		nf_diag_clear(&diag);
	}
	write_record(nf_buf_view(&original));
	open_eu();
	nf_buf_wipe(&original);
}
END_TEST

/* A blob of another region's module, or a damaged one: the key is listed,
 * and cannot be used. */
START_TEST(damaged_blob)
{
	struct nf_vault_result res = { .ok = false };
	uint8_t d[32] = { 0 };
	char *at;

	ok(create("spoiled", p256()));
	record_of("spoiled");
	close_all();
	at = strstr((char *)(uintptr_t)nf_buf_text(&original), "\"blob\"");
	ck_assert_ptr_nonnull(at);
	at[90] = at[90] == 'A' ? 'B' : 'A';
	write_record(nf_buf_view(&original));
	open_eu();
	refused(use_key("spoiled", NF_VAULT_SIGN, "ES256", nf_view_of(d, 32),
	    text(""), &res), 500, "InternalError", NULL,
	    "The key cannot be loaded");
	ok(nf_vault_delete(vaults, "v", "spoiled", &key, &err));
	ok(nf_vault_purge(vaults, "v", "spoiled", &err));
	nf_buf_wipe(&original);
}
END_TEST

static void
touch(const char *fmt, const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/regions/eu/vaults/%s", state,
	    fmt);
	(void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "%s",
	    name);
	must(nf_file_write_atomic(path, 0600, text("{\"half"), &diag));
}

/* What a crash leaves is no key, and is removed. */
START_TEST(leftovers)
{
	char path[256];

	ok(create("left", p256()));
	ok(create("gone", p256()));
	ok(nf_vault_delete(vaults, "v", "gone", &key, &err));
	close_all();
	touch("v/keys/left/", NF_FILE_TEMP_PREFIX "abc");
	touch("v/deleted/", NF_FILE_TEMP_PREFIX "abc");
	(void)snprintf(path, sizeof(path), "%s/regions/eu/vaults/v/deleted/"
	    NF_FILE_TEMP_PREFIX "purged", state);
	must(nf_dir_make(path, &diag));
	touch("v/deleted/" NF_FILE_TEMP_PREFIX "purged/", "x.json");
	(void)snprintf(path, sizeof(path),
	    "%s/regions/eu/vaults/v/keys/empty", state);
	must(nf_dir_make(path, &diag));
	touch("v/keys/left/", "deleted.json");
	(void)snprintf(path, sizeof(path), "%s/regions/eu/vaults/v/keys/"
	    "left/deleted.json", state);
	must(nf_file_write_atomic(path, 0600,
	    text("{\"format\": 1, \"deleted\": 5}"), &diag));
	open_eu();
	signs("left", "ES256", 32);
	ok(nf_vault_get(vaults, "v", "left", NULL, &key, &err));
	ck_assert_int_eq(key->deleted, 0);
	ok(nf_vault_get_deleted(vaults, "v", "gone", &key, &err));
	ck_assert(!nf_vault_get(vaults, "v", "empty", NULL, &key, &err));
	ok(create("empty", p256()));
	(void)snprintf(path, sizeof(path), "%s/regions/eu/vaults/v/deleted/"
	    NF_FILE_TEMP_PREFIX "purged", state);
	ck_assert(!nf_file_exists(path));
	reopen(false);
	signs("empty", "ES256", 32);
}
END_TEST

static void
stranger(const char *dir, const char *name)
{
	char path[256];

	close_all();
	touch(dir, name);
	(void)snprintf(path, sizeof(path), "%s/regions/eu/vaults/%s%s", state,
	    dir, name);
	ck_assert_int_ne(nf_vaults_open(state, region_of("EU"), false, NULL,
	    &vaults, &diag), 0);
	ck_assert_str_eq(diag.where, path);
	nf_diag_clear(&diag);
	ck_assert_int_eq(remove(path), 0);
	open_eu();
}

START_TEST(strange_files)
{
	ok(create("known", p256()));
	stranger("v/keys/known/", "notes.txt");
	stranger("v/keys/known/", "00112233445566778899aabbccddeef.json");
	stranger("v/keys/known/", "00112233445566778899AABBCCDDEEFF.json");
	stranger("v/keys/", "Upper");
	stranger("v/", "keyz");
	stranger("", "no_vault");
}
END_TEST

START_TEST(deleted_twice)
{
	char from[128], to[128], cmd[300];

	ok(create("twice", p256()));
	close_all();
	(void)snprintf(from, sizeof(from), "%s/regions/eu/vaults/v/keys/twice",
	    state);
	(void)snprintf(to, sizeof(to), "%s/regions/eu/vaults/v/deleted",
	    state);
	must(nf_dir_make(to, &diag));
	(void)snprintf(cmd, sizeof(cmd), "cp -r %s %s/", from, to);
	ck_assert_int_eq(system(cmd), 0);
	ck_assert_int_eq(nf_vaults_open(state, region_of("EU"), false, NULL,
	    &vaults, &diag), NF_E_FORMAT);
	nf_diag_clear(&diag);
	(void)snprintf(cmd, sizeof(cmd), "rm -r %s", from);
	ck_assert_int_eq(system(cmd), 0);
	/* Now it is deleted, but nothing says when. */
	ck_assert_int_eq(nf_vaults_open(state, region_of("EU"), false, NULL,
	    &vaults, &diag), NF_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(diag.text, "deleted.json"));
	nf_diag_clear(&diag);
	(void)snprintf(cmd, sizeof(cmd), "rm -r %s/twice", to);
	ck_assert_int_eq(system(cmd), 0);
	open_eu();
}
END_TEST

START_TEST(locked)
{
	struct nf_vaults *second;

	/* Two servers on one region would lose each other's keys. */
	ck_assert_int_eq(nf_vaults_open(state, region_of("EU"), false, NULL,
	    &second, &diag), NF_E_BUSY);
	ck_assert_ptr_null(second);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("transfer/vault_store");
	TCase *t = tcase_create("store");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, make_state, remove_state);
	tcase_add_checked_fixture(t, open_eu, close_all);
	tcase_add_test(t, kill_at_any_moment);
	tcase_add_test(t, damaged_record);
	tcase_add_test(t, short_record);
	tcase_add_test(t, damaged_blob);
	tcase_add_test(t, leftovers);
	tcase_add_test(t, strange_files);
	tcase_add_test(t, deleted_twice);
	tcase_add_test(t, locked);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
