/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every field of a real package, of the key file in it and of the real
 * bundle: cut, missing, given twice, in the place of the next, or taken from
 * another file.  All are refused, and the message names the field.
 *
 * Two orders have no meaning: that of a bundle's JSON members (test_attcheck)
 * and that of the entries of a KM datafile, which in a package is under its
 * signature all the same.  Fields that are the same in both files are no
 * change.
 */
#include "config.h"

#include "nfast/kmdata/attbundle.h"
#include "tests/verify/byok1audit.h"
#include "verify/attcheck.h"

#define ATT	"key_simple_test1.att"
#define N_OUTER	NF_BYOK1_KEY_TOKEN_TYPE
#define N_INNER	(NF_BYOK1_FIELDS - N_OUTER)

/* What is done to one field. */
enum change {
	NONE,
	MISSING,
	TWICE,
	REORDERED,		/* changes places with the next */
	SWAPPED			/* bytes of the other package's */
};

static struct nf_buf na, bvt;
static struct nf_byok1 *pkg, *other;

static void
setup(void)
{
	audit_setup();
	nf_tap_sample(NA, &na);
	nf_tap_sample(BVT, &bvt);
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&na), &pkg, NULL), 0);
	ck_assert_int_eq(nf_byok1_read(nf_buf_view(&bvt), &other, NULL), 0);
}

static void
teardown(void)
{
	nf_byok1_free(pkg);
	nf_byok1_free(other);
	nf_buf_wipe(&na);
	nf_buf_wipe(&bvt);
	audit_teardown();
}

static void
check_refused(const char *field)
{
	ck_assert_int_eq(diag.code, NF_E_FORMAT);
	ck_assert_msg(strcmp(diag.field, field) == 0, "%s, not %s: %s",
	    field, diag.field, diag.text);
}

/* The check failed, and its detail names the field, unless that is NULL. */
static void
check_failed(const char *id, const char *field)
{
	check_is(id, NF_VFY_FAIL, field == NULL ? "" : field);
	ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_CHECK);
}

/* ---- elements of the package ---- */

static bool
is_outer(size_t f)
{
	return f < N_OUTER;
}

static struct nf_view
document(const struct nf_byok1 *p, const struct nf_buf *file, size_t f)
{
	return is_outer(f) ? nf_buf_view(file) : p->key_blob;
}

static struct nf_view
element(const struct nf_byok1 *p, const struct nf_buf *file, size_t f)
{
	return nf_view_of(document(p, file, f).p + p->span[f].off,
	    p->span[f].len);
}

/* The document that element f is in, with f changed. */
static void
document_make(size_t f, enum change how, struct nf_buf *out)
{
	size_t first = is_outer(f) ? 0 : N_OUTER;
	size_t last = is_outer(f) ? N_OUTER - 1 : NF_BYOK1_FIELDS - 1;
	struct nf_view doc = document(pkg, &na, f);
	size_t end = pkg->span[last].off + pkg->span[last].len;

	nf_buf_put(out, doc.p, pkg->span[first].off);
	for (size_t i = first; i <= last; i++) {
		struct nf_view own = element(pkg, &na, i);

		if (i != f || how == NONE || how == TWICE)
			nf_buf_view_put(out, own);
		if (i == f && how == TWICE)
			nf_buf_view_put(out, own);
		if (i == f && how == SWAPPED)
			nf_buf_view_put(out, element(other, &bvt, i));
		if (how == REORDERED && i == f + 1)
			nf_buf_view_put(out, element(pkg, &na, f));
	}
	nf_buf_put(out, doc.p + end, doc.len - end);
}

/* The package with another document in KeyBlob, as one record. */
static void
key_blob_put(struct nf_buf *file, struct nf_view inner)
{
	const struct nf_byok1_span *s = &pkg->span[NF_BYOK1_KEY_BLOB];
	static const char head[] = "\x40\x07KeyBlob\xa1";

	nf_buf_put(file, na.p, s->off);
	nf_buf_put(file, head, sizeof(head) - 1);
	nf_buf_u8(file, (uint8_t)inner.len);
	nf_buf_u8(file, (uint8_t)(inner.len >> 8));
	nf_buf_view_put(file, inner);
	nf_buf_put(file, na.p + s->off + s->len, na.len - s->off - s->len);
}

static int
audit_element(size_t f, enum change how)
{
	struct nf_buf doc = NF_BUF_INIT, file = NF_BUF_INIT;
	int r;

	document_make(f, how, &doc);
	if (is_outer(f))
		nf_buf_view_put(&file, nf_buf_view(&doc));
	else
		key_blob_put(&file, nf_buf_view(&doc));
	ck_assert_int_eq(nf_buf_err(&doc), 0);
	ck_assert_int_eq(nf_buf_err(&file), 0);
	r = audit(nf_buf_view(&file));
	nf_buf_wipe(&doc);
	nf_buf_wipe(&file);
	return r;
}

static const char *
name_of(size_t f)
{
	return nf_byok1_field_name((enum nf_byok1_field)f);
}

/* The element that is due after f: the next, or the end of the document. */
static const char *
next_of(size_t f)
{
	if (f == N_OUTER - 1)
		return "TenantGeneratedKeyDetails";
	return f == NF_BYOK1_FIELDS - 1 ? "BYOKKeyBlob" : name_of(f + 1);
}

/* Taking the package apart and putting it together changes nothing. */
START_TEST(no_change)
{
	ck_assert_int_eq(audit_element(NF_BYOK1_TENANT, NONE), 0);
	ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_UNKNOWN);
	/* in one record KeyBlob is readable, but not what was signed */
	ck_assert_int_eq(audit_element(NF_BYOK1_KEK_HASH, NONE), 0);
	check_failed("byok1.signature", NULL);
}
END_TEST

START_TEST(no_element)
{
	ck_assert_int_ne(audit_element((size_t)_i, MISSING), 0);
	check_refused(name_of((size_t)_i));
}
END_TEST

START_TEST(duplicate_element)
{
	ck_assert_int_ne(audit_element((size_t)_i, TWICE), 0);
	check_refused(next_of((size_t)_i));
	ck_assert_msg(strstr(diag.text, name_of((size_t)_i)) != NULL, "%s",
	    diag.text);
}
END_TEST

START_TEST(reordered_elements)
{
	size_t f = (size_t)_i;

	if (f == N_OUTER - 1 || f == NF_BYOK1_FIELDS - 1)
		return;			/* the last has no next */
	ck_assert_int_ne(audit_element(f, REORDERED), 0);
	check_refused(name_of(f));
	ck_assert_msg(strstr(diag.text, name_of(f + 1)) != NULL, "%s",
	    diag.text);
}
END_TEST

/*
 * Which check finds that an element is another package's.  That the outer
 * signature fails is true of each; for those of NULL nothing else can tell.
 */
static const struct {
	const char *id, *names;
} element_checks[NF_BYOK1_FIELDS] = {
	[NF_BYOK1_TENANT] = { "byok1.global-id", NULL },
	[NF_BYOK1_KEY_BLOB] = { "byok1.keyhash", "HashKA" },
	[NF_BYOK1_GLOBAL_KEY_ID] = { "byok1.global-id", NULL },
	[NF_BYOK1_PUBLIC_KEY] = { "byok1.pubblob", "PublicKey" },
	[NF_BYOK1_SIGNATURE] = { "byok1.signature", "Signature" },
	[NF_BYOK1_WORLD_VERSION] = { "byok1.region", "world" },
	[NF_BYOK1_KEY_TOKEN] = { "byok1.keyhash", "HashKA" },
	[NF_BYOK1_FILE_NAME] = { "byok1.filename", "KeyTokenFileName" },
	[NF_BYOK1_KEK_IDENTIFIER] = { "byok1.region", "ident" },
	[NF_BYOK1_KEK_HASH] = { "byok1.blob-frame", "KeyExchangeKeyHash" }
};

START_TEST(swapped_element)
{
	size_t f = (size_t)_i;
	bool same = nf_view_equal(element(pkg, &na, f),
	    element(other, &bvt, f));

	ck_assert_int_eq(audit_element(f, SWAPPED), 0);
	if (same && is_outer(f)) {
		ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_UNKNOWN);
		return;
	}
	check_failed("byok1.signature", "Signature");
	if (!same && element_checks[f].id != NULL)
		check_failed(element_checks[f].id, element_checks[f].names);
}
END_TEST

/* Cut at every byte: the element in which, or before which, the file ends. */
START_TEST(short_package)
{
	const char *due;

	for (size_t n = 0; n < na.len; n++) {
		due = NULL;
		for (size_t f = 0; f < N_OUTER; f++) {
			if (n >= pkg->span[f].off &&
			    n < pkg->span[f].off + pkg->span[f].len)
				due = name_of(f);
		}
		ck_assert_int_eq(audit(nf_view_of(na.p, n)), NF_E_FORMAT);
		ck_assert_msg(diag.field[0] != '\0' && (due == NULL ||
		    strcmp(diag.field, due) == 0), "%zu: %s, not %s", n,
		    due == NULL ? "a field" : due, diag.field);
	}
}
END_TEST

/* The same for the document in KeyBlob. */
START_TEST(short_key_blob)
{
	struct nf_buf file = NF_BUF_INIT;
	const char *due;

	for (size_t n = 1; n < pkg->key_blob.len; n++) {
		due = NULL;
		for (size_t f = N_OUTER; f < NF_BYOK1_FIELDS; f++) {
			if (n >= pkg->span[f].off &&
			    n < pkg->span[f].off + pkg->span[f].len)
				due = name_of(f);
		}
		key_blob_put(&file, nf_view_of(pkg->key_blob.p, n));
		ck_assert_int_eq(audit(nf_buf_view(&file)), NF_E_FORMAT);
		ck_assert_msg(diag.field[0] != '\0' && (due == NULL ||
		    strcmp(diag.field, due) == 0), "%zu: %s, not %s", n,
		    due == NULL ? "a field" : due, diag.field);
		nf_buf_wipe(&file);
	}
}
END_TEST

/* ---- entries of the key file ---- */

static struct nf_km_file *
token_read(const struct nf_byok1 *p)
{
	struct nf_km_file *file;
	struct nf_cur cur;

	nf_cur_init(&cur, p->key_token.p, p->key_token.len, NULL);
	ck_assert_int_eq(nf_km_file_read(&cur, &file), 0);
	return file;
}

/* Audit the package with this key file, under the old signature. */
static int
audit_token(struct nf_view token)
{
	struct nf_buf tbs = NF_BUF_INIT, file = NF_BUF_INIT;
	struct nf_byok1_parts parts;
	int r;

	nf_byok1_parts_of(pkg, &parts);
	parts.key_token = token;
	ck_assert_int_eq(nf_byok1_write_unsigned(&parts, &tbs, NULL), 0);
	ck_assert_int_eq(nf_byok1_write_signed(nf_buf_view(&tbs),
	    pkg->signature, &file, NULL), 0);
	r = audit(nf_buf_view(&file));
	nf_buf_wipe(&tbs);
	nf_buf_wipe(&file);
	return r;
}

/* The key file with entry k changed; from is the other package's. */
static int
audit_entry(const struct nf_km_file *km, uint32_t k, enum change how,
    struct nf_view from)
{
	struct nf_buf token = NF_BUF_INIT;
	struct nf_km_writer w;
	int r;

	nf_km_begin(&w, &token, km->time);
	for (uint32_t i = 0; i < km->n; i++) {
		const struct nf_km_entry *e = &km->entry[i];

		if (how == REORDERED && i == k)
			continue;
		if (i != k || how != MISSING)
			nf_km_put(&w, e->type, i == k && how == SWAPPED ?
			    from : e->data);
		if ((i == k && how == TWICE) ||
		    (i == k + 1 && how == REORDERED))
			nf_km_put(&w, km->entry[k].type, km->entry[k].data);
	}
	nf_km_end(&w);
	ck_assert_int_eq(nf_buf_err(&token), 0);
	r = audit_token(nf_buf_view(&token));
	nf_buf_wipe(&token);
	return r;
}

/*
 * What is wrong with an entry that is missing (without: a refusal) or of the
 * other package (swapped; NULL: the signature alone can tell, as KMC, which
 * signed CertKMLaESNbKMC, is not in the file).
 */
static const struct {
	uint32_t type;
	const char *missing, *swapped;
} entry_checks[] = {
	{ NF_ENT_APPNAME, NULL, NULL },
	{ NF_ENT_IDENT, NULL, "byok1.filename" },
	{ NF_ENT_NAME, "byok1.filename", "byok1.filename" },
	{ NF_ENT_HASH_KA, NULL, "byok1.keyhash" },
	{ NF_ENT_BLOB_KA, "byok1.keyfile", "byok1.blob-frame" },
	{ NF_ENT_BLOBPUB_KA, "byok1.keyfile", "byok1.pubblob" },
	{ NF_ENT_CERT_GEN_KA, NULL, "byok1.keygen" },
	{ NF_ENT_MESG_GEN_KA, NULL, "byok1.keygen" },
	{ NF_ENT_ESN_GEN, NULL, "byok1.esn" },
	{ NF_ENT_BLOBPUB_KML, NULL, "byok1.kml" },
	{ NF_ENT_CERT_KML_ESN, NULL, NULL },
	{ NF_ENT_CERT_MODULE_STATE, NULL, "byok1.state" },
	{ NF_ENT_MESG_MODULE_STATE, NULL, "byok1.state" }
};

#define N_ENTRIES	(sizeof(entry_checks) / sizeof(entry_checks[0]))

/* Run one change on every entry; each must be in the table above. */
static void
entries(enum change how, void (*judge)(size_t row, const char *name,
    bool same))
{
	struct nf_km_file *km = token_read(pkg), *from = token_read(other);
	struct nf_view data;
	const char *name;
	size_t row;
	bool same;

	ck_assert_uint_eq(km->n, N_ENTRIES);
	for (uint32_t k = 0; k < km->n; k++) {
		for (row = 0; row < N_ENTRIES; row++) {
			if (entry_checks[row].type == km->entry[k].type)
				break;
		}
		name = nf_name_find(nf_km_types, km->entry[k].type);
		ck_assert_msg(row < N_ENTRIES, "%s", name);
		if (how == REORDERED && k + 1 == km->n)
			continue;
		ck_assert_int_eq(nf_km_file_one(from, km->entry[k].type,
		    &data, NULL), 0);
		same = how == SWAPPED && nf_view_equal(data,
		    km->entry[k].data);
		(void)audit_entry(km, k, how, data);
		judge(row, name, same);
	}
	nf_km_file_free(km);
	nf_km_file_free(from);
}

static void
judge_missing(size_t row, const char *name, bool same)
{
	(void)same;
	if (entry_checks[row].missing == NULL)
		check_refused(name);
	else
		check_failed(entry_checks[row].missing, name);
}

START_TEST(no_entry)
{
	entries(MISSING, judge_missing);
}
END_TEST

static void
judge_twice(size_t row, const char *name, bool same)
{
	(void)row;
	(void)same;
	check_refused(name);
	ck_assert_str_eq(diag.text, "given twice");
}

START_TEST(duplicate_entry)
{
	entries(TWICE, judge_twice);
}
END_TEST

/* Their order has no meaning, but it is signed. */
static void
judge_order(size_t row, const char *name, bool same)
{
	(void)row;
	(void)name;
	(void)same;
	ck_assert_int_eq(diag.code, 0);
	check_failed("byok1.signature", "Signature");
	for (size_t i = 0; i < v.n_checks; i++)
		ck_assert_msg(v.check[i].status != NF_VFY_FAIL ||
		    strcmp(v.check[i].id, "byok1.signature") == 0, "%s",
		    v.check[i].id);
}

START_TEST(reordered_entries)
{
	entries(REORDERED, judge_order);
}
END_TEST

static void
judge_swapped(size_t row, const char *name, bool same)
{
	ck_assert_int_eq(diag.code, 0);
	if (same) {
		ck_assert_int_eq(nf_vfy_exit(&v), NF_EXIT_UNKNOWN);
		return;
	}
	check_failed("byok1.signature", "Signature");
	if (entry_checks[row].swapped == NULL)
		ck_assert_str_eq(name, nf_name_find(nf_km_types,
		    NF_ENT_CERT_KML_ESN));
	else
		check_failed(entry_checks[row].swapped, NULL);
}

START_TEST(swapped_entry)
{
	entries(SWAPPED, judge_swapped);
}
END_TEST

/* Cut at every byte: the entry in which the file ends is named. */
START_TEST(short_key_file)
{
	struct nf_view token = pkg->key_token;
	struct nf_km_file *km = token_read(pkg);
	size_t at;
	const char *due;

	for (size_t n = 1; n < token.len; n++) {
		due = n < 20 ? "magic" : n < 28 ? "time" :
		    n < 32 ? "entry count" : NULL;
		for (uint32_t i = 0; i < km->n && due == NULL; i++) {
			at = (size_t)(km->entry[i].data.p - token.p);
			if (n < at - 4)
				due = "entry type";
			else if (n < at + (km->entry[i].data.len + 3) / 4 * 4)
				due = nf_name_find(nf_km_types,
				    km->entry[i].type);
		}
		ck_assert_int_ne(audit_token(nf_view_of(token.p, n)), 0);
		ck_assert_ptr_nonnull(due);
		/* a count that cannot fit is seen first */
		if (strcmp(diag.field, "entry count") != 0)
			check_refused(due);
		ck_assert_ptr_nonnull(strstr(diag.where, "(KeyToken)"));
	}
	nf_km_file_free(km);
}
END_TEST

/* ---- the bundle; its members one by one are in test_attcheck ---- */

/* The last member whose name is complete in the first n bytes. */
static const char *
member_before(const struct nf_buf *file, size_t n)
{
	const char *name = "bundle";
	size_t best = 0, end;
	char quoted[64];
	const char *at;

	for (size_t f = 0; f < NF_ATT_FIELDS; f++) {
		(void)snprintf(quoted, sizeof(quoted), "\"%s\"",
		    nf_att_name((enum nf_att_field)f));
		if ((at = strstr((const char *)file->p, quoted)) == NULL)
			continue;
		end = (size_t)(at - (const char *)file->p) + strlen(quoted);
		if (end <= n && end > best) {
			best = end;
			name = nf_att_name((enum nf_att_field)f);
		}
	}
	return name;
}

START_TEST(short_bundle)
{
	struct nf_vfy_options opt;
	struct nf_buf file;

	memset(&opt, 0, sizeof(opt));
	nf_tap_sample(ATT, &file);
	nf_buf_u8(&file, 0);
	for (size_t n = 0; n + 2 < file.len; n++) {
		nf_vfy_verdict_reset(&v, "attestation bundle", "test");
		nf_diag_clear(&diag);
		ck_assert_int_eq(nf_vfy_att_check(ctx, nf_view_of(file.p, n),
		    &opt, &v, &diag), NF_E_FORMAT);
		check_refused(member_before(&file, n));
	}
	nf_buf_wipe(&file);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/fields");
	TCase *t = tcase_create("real files");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, no_change);
	tcase_add_loop_test(t, no_element, 0, NF_BYOK1_FIELDS);
	tcase_add_loop_test(t, duplicate_element, 0, NF_BYOK1_FIELDS);
	tcase_add_loop_test(t, reordered_elements, 0, NF_BYOK1_FIELDS);
	tcase_add_loop_test(t, swapped_element, 0, NF_BYOK1_FIELDS);
	tcase_add_test(t, short_package);
	tcase_add_test(t, short_key_blob);
	tcase_add_test(t, no_entry);
	tcase_add_test(t, duplicate_entry);
	tcase_add_test(t, reordered_entries);
	tcase_add_test(t, swapped_entry);
	tcase_add_test(t, short_key_file);
	tcase_add_test(t, short_bundle);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run_with_samples(suite);
}
