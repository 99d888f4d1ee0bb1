/* SPDX-License-Identifier: Apache-2.0 */
/* Traces: what a line says, which secrets it does not, and the file. */
#include "config.h"

#include <sys/stat.h>

#include "nfast/base/digest.h"
#include "nfast/base/seed.h"
#include "nfast/host/trace.h"
#include "tests/host/fixture.h"

static char path[NF_PATH_MAX];
static struct nf_trace *trace;

/* A secret whose hex digits occur nowhere else. */
static const uint8_t secret[NF_HASH_LEN] = {
	0xd1, 0x5c, 0x10, 0x5e, 0xd0, 0x5e, 0xc7, 0xe7, 0x7a, 0xb1,
	0x9e, 0x5f, 0x3c, 0x2d, 0x61, 0x8b, 0x44, 0xe9, 0x0f, 0x73
};

static void
setup(void)
{
	fix_setup();
	OK(nf_path(path, NULL, "%s/trace", fix.top));
	OK(nf_trace_open(path, &trace, &fix.diag));
	ck_assert_int_eq(setenv(NF_SEED_ENV, "trace", 1), 0);
}

static void
teardown(void)
{
	nf_trace_close(trace);
	fix_teardown();
}

static const char *
traced(void)
{
	static struct nf_buf buf;

	nf_buf_wipe(&buf);
	OK(nf_file_load(path, NF_BUF_MAX, &buf, &fix.diag));
	return nf_buf_text(&buf);
}

/* Trace one exchange; the reply may be NULL. */
static void
exchange(const struct nf_command *cmd, const struct nf_reply *reply)
{
	struct nf_buf c = NF_BUF_INIT, r = NF_BUF_INIT;

	nf_wire_command_write(&c, cmd);
	if (reply != NULL)
		nf_wire_reply_write(&r, reply);
	OK(nf_buf_err(&c));
	OK(nf_buf_err(&r));
	OK(nf_trace_message(trace, 7, nf_buf_view(&c), nf_buf_view(&r),
	    &fix.diag));
	nf_buf_wipe(&c);
	nf_buf_wipe(&r);
}

#define LINE(rest) "{\"time\": \"2026-01-01T00:00:00Z\", \"client\": 7, " \
	"\"mark\": \"INSECURE SEED\", " rest

START_TEST(decoded)
{
	struct nf_command cmd = { .tag = 5, .cmd = NF_CMD_GETSLOTINFO };
	struct nf_reply reply = { .tag = 5, .cmd = NF_CMD_GETSLOTINFO };

	cmd.args.module = 1;
	reply.args.ic = 3;
	reply.args.n_shares = 1;
	reply.args.share[0].index = 2;
	exchange(&cmd, &reply);
	ck_assert_str_eq(traced(), LINE("\"command\": \"GetSlotInfo\", "
	    "\"tag\": 5, \"args\": {\"module\": 1, \"slot\": 0}, "
	    "\"status\": \"OK\", \"reply\": {\"ic\": 3, \"flags\": 0, "
	    "\"shares\": [{\"index\": 2, \"hkt\": "
	    "\"00000000000000000000\"}]}}\n"));
}
END_TEST

START_TEST(refused)
{
	struct nf_command cmd = { .tag = 6, .cmd = NF_CMD_DESTROY };
	struct nf_reply reply = { .tag = 6, .cmd = NF_CMD_DESTROY,
	    .status = NF_ST_UNKNOWNID };

	reply.reason = nf_view_of("a \"reason\"", 10);
	exchange(&cmd, &reply);
	exchange(&cmd, NULL);
	ck_assert_str_eq(traced(), LINE("\"command\": \"Destroy\", "
	    "\"tag\": 6, \"args\": {\"key\": 0}, \"status\": \"UnknownID\", "
	    "\"reason\": \"a \\\"reason\\\"\"}\n")
	    LINE("\"command\": \"Destroy\", \"tag\": 6, \"args\": "
	    "{\"key\": 0}, \"status\": null}\n"));
}
END_TEST

START_TEST(junk_command)
{
	OK(nf_trace_message(trace, 7, nf_view_of(secret, sizeof(secret)),
	    nf_view_of(secret, 3), &fix.diag));
	ck_assert_str_eq(traced(), LINE("\"command\": {\"unreadable\": 20}, "
	    "\"status\": null}\n"));
}
END_TEST

START_TEST(junk_reply)
{
	struct nf_command cmd = { .tag = 6, .cmd = NF_CMD_DESTROY };
	struct nf_buf c = NF_BUF_INIT;

	nf_wire_command_write(&c, &cmd);
	OK(nf_trace_message(trace, 7, nf_buf_view(&c), nf_view_of(secret,
	    sizeof(secret)), &fix.diag));
	nf_buf_wipe(&c);
	ck_assert_ptr_nonnull(strstr(traced(), "\"status\": null, "
	    "\"reply\": {\"unreadable\": 20}}\n"));
}
END_TEST

/* No four bytes of these are in the trace, in either order or as text. */
static void
absent(const uint8_t *p, size_t len)
{
	const char *text = traced();
	char le[9], be[9];

	for (size_t i = 0; i + 4 <= len; i++) {
		(void)snprintf(le, sizeof(le), "%02x%02x%02x%02x", p[i],
		    p[i + 1], p[i + 2], p[i + 3]);
		(void)snprintf(be, sizeof(be), "%02x%02x%02x%02x", p[i + 3],
		    p[i + 2], p[i + 1], p[i]);
		ck_assert_msg(strstr(text, le) == NULL &&
		    strstr(text, be) == NULL, "%s is in the trace", le);
	}
}

/* Commands and replies with a secret in each place that can have one. */
START_TEST(secrets)
{
	struct nf_view v = nf_view_of(secret, sizeof(secret));
	struct nf_command cmd = { .cmd = NF_CMD_IMPORT };
	struct nf_reply reply = { .cmd = NF_CMD_IMPORT };
	struct nf_acl *acl = nf_acl_new();

	ck_assert_ptr_nonnull(acl);
	cmd.args.acl = acl;
	cmd.args.keydata.type = NF_KEY_RIJNDAEL;
	cmd.args.keydata.v[NF_SYM_K] = v;
	exchange(&cmd, &reply);
	cmd.args.keydata = (struct nf_keydata){ .type = NF_KEY_RSAPRIVATE };
	for (size_t i = 0; i < 6; i++)
		cmd.args.keydata.v[i] = v;
	exchange(&cmd, &reply);
	reply.cmd = cmd.cmd = NF_CMD_EXPORT;
	reply.args.keydata = cmd.args.keydata;
	exchange(&cmd, &reply);
	memcpy(cmd.args.pin, secret, sizeof(secret));
	cmd.args.flags = NF_SHARE_PIN;
	reply.cmd = cmd.cmd = NF_CMD_READSHARE;
	exchange(&cmd, &reply);
	reply.cmd = cmd.cmd = NF_CMD_WRITESHARE;
	exchange(&cmd, &reply);
	cmd.args.flags = 0;
	cmd.args.mech = NF_MECH_RIJNDAELMCBCI128PPKCS5;
	cmd.args.plain.type = reply.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = reply.args.plain.v = v;
	reply.args.cipher.mech = cmd.args.cipher.mech = NF_MECH_RSAPPKCS1;
	reply.args.cipher.v[0] = cmd.args.cipher.v[0] =
	    nf_view_of("\001\002", 2);
	reply.cmd = cmd.cmd = NF_CMD_ENCRYPT;
	exchange(&cmd, &reply);
	reply.cmd = cmd.cmd = NF_CMD_SIGN;
	exchange(&cmd, &reply);
	reply.cmd = cmd.cmd = NF_CMD_VERIFY;
	exchange(&cmd, &reply);
	reply.cmd = cmd.cmd = NF_CMD_DECRYPT;
	exchange(&cmd, &reply);
	reply.cmd = cmd.cmd = NF_CMD_GENERATERANDOM;
	reply.args.data = v;
	exchange(&cmd, &reply);
	memcpy(cmd.args.client, secret, sizeof(secret));
	memcpy(reply.args.client, secret, sizeof(secret));
	reply.cmd = cmd.cmd = NF_CMD_NEWCLIENT;
	exchange(&cmd, &reply);
	reply.cmd = cmd.cmd = NF_CMD_EXISTINGCLIENT;
	exchange(&cmd, &reply);
	nf_acl_free(acl);
	absent(secret, sizeof(secret));
	ck_assert_ptr_null(strstr(traced(), "unreadable"));
	ck_assert_ptr_nonnull(strstr(traced(), "\"keydata\": {\"type\": "
	    "\"RSAPrivate\", \"secret\": 120}"));
	ck_assert_ptr_nonnull(strstr(traced(), "\"pin\": {\"secret\": 20}"));
	ck_assert_ptr_nonnull(strstr(traced(), "\"plain\": {\"type\": "
	    "\"Bytes\", \"secret\": 20}"));
	ck_assert_ptr_nonnull(strstr(traced(), "\"data\": {\"secret\": 20}"));
	ck_assert_ptr_nonnull(strstr(traced(), "\"reply\": {\"flags\": 0, "
	    "\"client\": {\"secret\": 20}}"));
	ck_assert_ptr_nonnull(strstr(traced(), "\"args\": {\"flags\": 0, "
	    "\"client\": {\"secret\": 20}}"));
}
END_TEST

START_TEST(merged_keys)
{
	struct nf_command cmd = { .cmd = NF_CMD_MERGEKEYIDS };
	struct nf_reply reply = { .cmd = NF_CMD_MERGEKEYIDS };

	cmd.args.n_keys = 2;
	cmd.args.keys[0] = 3;
	cmd.args.keys[1] = 4;
	reply.args.key = NF_KEY_MERGED | 1;
	exchange(&cmd, &reply);
	ck_assert_ptr_nonnull(strstr(traced(), "\"args\": {\"keys\": [3, 4]}"
	    ", \"status\": \"OK\", \"reply\": {\"key\": 2147483649}"));
}
END_TEST

START_TEST(public_key_is_shown)
{
	struct nf_command cmd = { .cmd = NF_CMD_EXPORT };
	struct nf_reply reply = { .cmd = NF_CMD_EXPORT };

	reply.args.keydata.type = NF_KEY_RSAPUBLIC;
	reply.args.keydata.v[NF_RSA_E] = nf_view_of("\001\000\001\000", 4);
	reply.args.keydata.v[NF_RSA_N] = nf_view_of(secret, sizeof(secret));
	exchange(&cmd, &reply);
	ck_assert_ptr_nonnull(strstr(traced(), "\"v0\": \"01000100\", "
	    "\"v1\": \"d15c105e"));
}
END_TEST

/* A world is made and used: the hash of no passphrase is in the trace. */
START_TEST(whole_run)
{
	static const char *const pins[] = { "one", "two", "three" };
	uint8_t hash[NF_DIGEST_MAX];

	nf_host_close(fix.host);
	fix.host = NULL;
	ck_assert_int_eq(unsetenv(NF_SEED_ENV), 0);
	ck_assert_int_eq(setenv(NF_TRACE_ENV, path, 1), 0);
	OK(nf_host_open_state(fix.state, fix.state, &fix.host, &fix.diag));
	OK(fix_create("DLf1024s160mRijndael", 2, 3, true));
	ck_assert_ptr_nonnull(strstr(traced(), "\"WriteShare\""));
	ck_assert_ptr_nonnull(strstr(traced(), "\"pin\": {\"secret\": 20}"));
	ck_assert_ptr_null(strstr(traced(), "unreadable"));
	for (size_t i = 0; i < 3; i++) {
		struct nf_view v = nf_view_of(pins[i], strlen(pins[i]));

		OK(nf_digest_of(NF_SHA1, &v, 1, hash));
		absent(hash, NF_HASH_LEN);
	}
}
END_TEST

START_TEST(file_is_private_and_grows)
{
	struct nf_command cmd = { .cmd = NF_CMD_NOOP };
	struct stat st;
	size_t len;

	exchange(&cmd, NULL);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	len = strlen(traced());
	nf_trace_close(trace);
	OK(nf_trace_open(path, &trace, &fix.diag));
	exchange(&cmd, NULL);
	ck_assert_uint_eq(strlen(traced()), 2 * len);
}
END_TEST

START_TEST(wrong_file)
{
	struct nf_trace *t;
	char link[NF_PATH_MAX];

	FAILS(NF_E_IO, nf_trace_open(fix.top, &t, &fix.diag));
	OK(nf_path(link, NULL, "%s/link", fix.top));
	ck_assert_int_eq(symlink(path, link), 0);
	FAILS(NF_E_IO, nf_trace_open(link, &t, &fix.diag));
	ck_assert_int_eq(chmod(path, 0640), 0);
	FAILS(NF_E_IO, nf_trace_open(path, &t, &fix.diag));
	SAYS("nobody else");
	ck_assert_ptr_null(t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("host/trace");
	TCase *tc = tcase_create("trace");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, decoded);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, junk_command);
	tcase_add_test(tc, junk_reply);
	tcase_add_test(tc, secrets);
	tcase_add_test(tc, merged_keys);
	tcase_add_test(tc, public_key_is_shown);
	tcase_add_test(tc, whole_run);
	tcase_add_test(tc, file_is_private_and_grows);
	tcase_add_test(tc, wrong_file);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
