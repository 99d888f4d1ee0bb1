/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an estate: order, links, lists, trouble. */
#include "config.h"

#include <sys/stat.h>

#include "tests/files.h"
#include "verify/walk.h"

static char dir[] = "walk.XXXXXX";

static void
touch(const char *path)
{
	nf_tap_put(path, "", 0);
}

static void
set_up(void)
{
	memcpy(dir, "walk.XXXXXX", sizeof(dir));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(mkdir("d/sub", 0700), 0);
	ck_assert_int_eq(mkdir("d/empty", 0700), 0);
	touch("d/b");
	touch("d/B");
	touch("d/a");
	touch("d/sub/x");
	touch("d/\xff");
	ck_assert_int_eq(symlink("../d", "d/sub/loop"), 0);
	ck_assert_int_eq(symlink("b", "d/c"), 0);
	ck_assert_int_eq(symlink("d", "link"), 0);
}

static void
tear_down(void)
{
	ck_assert_int_eq(chdir(".."), 0);
	nf_tap_remove(dir);
}

/* All that a walk gives, one a line; trouble as "! path". */
static void
walk_is(char **words, size_t n, const char *from, size_t links,
    const char *expected)
{
	struct nf_buf all = NF_BUF_INIT;
	struct nf_walk *walk;
	const char *path;
	struct nf_diag diag = { 0 };
	int r;

	ck_assert_int_eq(nf_walk_new(words, n, from, &walk, &diag), 0);
	while ((r = nf_walk_next(walk, &path, &diag)) != 0) {
		nf_buf_printf(&all, "%s%s\n", r < 0 ? "! " : "", path);
		if (r < 0)
			nf_buf_printf(&all, "  %s\n", diag.text);
		nf_diag_clear(&diag);
	}
	ck_assert_str_eq(nf_buf_text(&all), expected);
	ck_assert_uint_eq(nf_walk_links(walk), links);
	/* the end stays the end */
	ck_assert_int_eq(nf_walk_next(walk, &path, &diag), 0);
	nf_walk_free(walk);
	nf_buf_wipe(&all);
}

#define ALL(root) root "/B\n" root "/a\n" root "/b\n" root "/sub/x\n" \
	root "/\xff\n"

START_TEST(directories_sorted)
{
	char *words[] = { (char[]){ "d" } };

	walk_is(words, 1, NULL, 2, ALL("d"));
}
END_TEST

START_TEST(trailing_slash)
{
	char *words[] = { (char[]){ "d/" } };

	walk_is(words, 1, NULL, 2, ALL("d"));
}
END_TEST

START_TEST(words_in_order)
{
	char *words[] = { (char[]){ "d/b" }, (char[]){ "d/sub" },
	    (char[]){ "missing" }, (char[]){ "d/a" } };

	walk_is(words, 4, NULL, 1, "d/b\nd/sub/x\nmissing\nd/a\n");
}
END_TEST

START_TEST(named_link_is_followed)
{
	char *words[] = { (char[]){ "link" } };

	walk_is(words, 1, NULL, 2, ALL("link"));
}
END_TEST

static void
list(const char *text, size_t len)
{
	nf_tap_put("list", text, len);
}

START_TEST(list_after_words)
{
	static const char text[] = "d/a\n\nd/sub\nno newline";
	char *words[] = { (char[]){ "d/b" } };

	list(text, sizeof(text) - 1);
	walk_is(words, 1, "list", 1, "d/b\nd/a\nd/sub/x\nno newline\n");
}
END_TEST

START_TEST(nul_in_list)
{
	list("d/a\nd/\0b\nd/b\n", 13);
	walk_is(NULL, 0, "list", 0,
	    "d/a\n! --from\n  line 2 of the list has a NUL byte\nd/b\n");
}
END_TEST

START_TEST(long_line_in_list)
{
	char text[NF_PATH_MAX + 8];

	memset(text, 'x', sizeof(text));
	memcpy(text + NF_PATH_MAX, "\nd/a\n", 5);
	list(text, NF_PATH_MAX + 5);
	walk_is(NULL, 0, "list", 0, "! --from\n  line 1 of the list is "
	    "longer than a path can be\nd/a\n");
}
END_TEST

START_TEST(endless_line_in_list)
{
	walk_is(NULL, 0, "/dev/zero", 0,
	    "! --from\n  line 1 of the list does not end: this is no list\n");
}
END_TEST

START_TEST(no_list)
{
	struct nf_diag diag = { 0 };
	struct nf_walk *walk;

	ck_assert_int_eq(nf_walk_new(NULL, 0, "missing", &walk, &diag),
	    NF_E_NOTFOUND);
	ck_assert_str_eq(diag.where, "missing");
	ck_assert_ptr_null(walk);
}
END_TEST

START_TEST(nested_too_deep)
{
	char *words[] = { (char[]){ "deep" } };
	struct nf_diag diag = { 0 };
	struct nf_walk *walk;
	const char *path;
	int r, trouble = 0, n = 0;

	ck_assert_int_eq(mkdir("deep", 0700), 0);
	ck_assert_int_eq(chdir("deep"), 0);
	for (int i = 0; i < NF_WALK_DEPTH_MAX + 1; i++) {
		ck_assert_int_eq(mkdir("d", 0700), 0);
		touch("f");
		ck_assert_int_eq(chdir("d"), 0);
	}
	for (int i = 0; i < NF_WALK_DEPTH_MAX + 2; i++)
		ck_assert_int_eq(chdir(".."), 0);
	ck_assert_int_eq(nf_walk_new(words, 1, NULL, &walk, &diag), 0);
	while ((r = nf_walk_next(walk, &path, &diag)) != 0) {
		n += r > 0;
		trouble += r < 0;
	}
	ck_assert_int_eq(trouble, 1);
	ck_assert_int_eq(n, NF_WALK_DEPTH_MAX);
	nf_walk_free(walk);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/walk");
	TCase *tc = tcase_create("walk");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, directories_sorted);
	tcase_add_test(tc, trailing_slash);
	tcase_add_test(tc, words_in_order);
	tcase_add_test(tc, named_link_is_followed);
	tcase_add_test(tc, list_after_words);
	tcase_add_test(tc, nul_in_list);
	tcase_add_test(tc, long_line_in_list);
	tcase_add_test(tc, endless_line_in_list);
	tcase_add_test(tc, no_list);
	tcase_add_test(tc, nested_too_deep);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
