/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page: well-formed, self-contained, with the chain as a picture, and
 * whatever a file says is text in it.
 */
#include "config.h"

#include "tests/verify/report.h"
#include "verify/verdict-html.h"

#define DEPTH_MAX	32

/* Every element is closed in its order, but for those that never are. */
static void
well_formed(const char *p)
{
	static const char *const open_ended[] = { "!DOCTYPE", "meta" };
	struct {
		const char *p;
		size_t len;
	} stack[DEPTH_MAX];
	size_t depth = 0, len;
	const char *end;
	bool skip;

	for (; (p = strchr(p, '<')) != NULL; p = end) {
		p++;
		ck_assert_ptr_nonnull(end = strchr(p, '>'));
		len = strcspn(p, " >/");
		if (*p == '/') {
			len = strcspn(p + 1, " >");
			ck_assert_uint_gt(depth, 0);
			depth--;
			ck_assert_uint_eq(stack[depth].len, len);
			ck_assert(strncmp(stack[depth].p, p + 1, len) == 0);
			continue;
		}
		ck_assert_uint_gt(len, 0);
		skip = end[-1] == '/';
		for (size_t i = 0; i < 2; i++)
			skip |= strncmp(p, open_ended[i], len) == 0;
		if (skip)
			continue;
		ck_assert_uint_lt(depth, DEPTH_MAX);
		stack[depth].p = p;
		stack[depth++].len = len;
	}
	ck_assert_uint_eq(depth, 0);
}

static const char *
page(const char *path, const struct nf_diag *diag, int exit, size_t n)
{
	const struct nf_vfy_run run = { .tool = "tool", .many = n != 1 };
	const struct nf_vfy_item item = { path, &v, diag, exit };
	const char *text;

	report_write(&out, &nf_vfy_html_format, &run, &item, n);
	text = nf_buf_text(&out);
	ck_assert_uint_eq(strlen(text), out.len);
	well_formed(text);
	ck_assert(strncmp(text, "<!DOCTYPE html>\n<html lang=\"en\">\n", 33) ==
	    0);
	ck_assert_ptr_nonnull(strstr(text, "<meta charset=\"utf-8\">"));
	ck_assert_ptr_nonnull(strstr(text, "default-src 'none'"));
	ck_assert_ptr_null(strstr(text, "<script"));
	ck_assert_ptr_null(strstr(text, "src=\""));
	ck_assert_ptr_null(strstr(text, "href="));
	ck_assert_ptr_null(strstr(text, "url("));
	return text;
}

static void
has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no \"%s\"", part);
}

static void
print_lines(struct nf_buf *to, struct nf_view bytes)
{
	nf_buf_str(to, "  <one>\n  ");
	nf_buf_view_put(to, bytes);
	nf_buf_u8(to, '\n');
}

START_TEST(verdict)
{
	const char *text;

	v.has_sha256 = v.has_root = v.simulated = true;
	v.sha256[0] = v.root[0] = 0xab;
	nf_vfy_fact(&v, "said", NULL, "%s", "x");
	nf_vfy_fact(&v, "shown", "KML", "%s", "y");
	nf_vfy_fact_bytes(&v, "list", "KML", print_lines, nf_view_of("z", 1));
	nf_vfy_add(&v, "t.a", "first", NF_VFY_FAIL, "bad");
	nf_vfy_place(&v, "KeyToken", 100, 20);
	nf_vfy_add(&v, "t.b", "second", NF_VFY_UNKNOWN, NULL);
	nf_vfy_add(&v, "t.c", "third", NF_VFY_NA, NULL);
	text = page("dir/f", NULL, 1, 1);
	has(text, "<h2>dir/f</h2>");
	has(text, "<p class=\"badge fail\">FAILED</p>");
	has(text, "<p class=\"simulated\">SIMULATED: ");
	has(text, "<dt>Kind</dt><dd>thing</dd>");
	has(text, "<dt>SHA-256</dt><dd><code>ab0000");
	has(text, "<dt>Root</dt><dd><code>ab0000");
	has(text, "<dd>FAILED: first: bad</dd>");
	has(text, "<span>x</span></td><td class=\"claimed\">claimed</td>");
	has(text, "<span>y</span></td><td class=\"unanchored\">signed by "
	    "KML, unanchored</td>");
	has(text, "<pre>  &#60;one&#62;\n  z\n</pre>");
	has(text, "<td class=\"fail\">FAIL</td><td><code>t.a</code></td>"
	    "<td>first</td><td>bad</td><td>KeyToken, bytes 100 to 120</td>");
	has(text, "<td class=\"unknown\">unknown</td>");
	has(text, "<td class=\"not-applicable\">not-applicable</td>");
	has(text, "<th scope=\"row\">thing</th><td class=\"n\">0</td>"
	    "<td class=\"n\">0</td><td class=\"n\">1</td>");
}
END_TEST

START_TEST(badges)
{
	struct nf_diag d = { 0 };
	const char *text;

	nf_vfy_fact(&v, "shown", "KML", "%s", "y");
	has(page("f", NULL, 4, 1), "<p class=\"badge unanchored\">UNANCHORED<");
	nf_vfy_add(&v, NF_VFY_ROOT_CHECK, "root", NF_VFY_PASS, NULL);
	text = page("f", NULL, 0, 1);
	has(text, "<p class=\"badge pass\">PASS<");
	has(text, "<td class=\"pass\">signed by KML</td>");
	ck_assert_ptr_null(strstr(text, "SIMULATED"));
	(void)nf_diag_set(&d, NF_E_FORMAT, NULL, "<junk>");
	text = page("f", &d, 3, 1);
	has(text, "<p class=\"badge fail\">NO VERDICT<");
	has(text, "<dd>&#60;junk&#62;</dd>");
	ck_assert_ptr_null(strstr(text, "<caption>"));
}
END_TEST

START_TEST(several_and_none)
{
	const char *text = page("f", NULL, 4, 3);
	size_t n = 0;

	while ((text = strstr(text, "<article>")) != NULL) {
		n++;
		text++;
	}
	ck_assert_uint_eq(n, 3);
	text = page("f", NULL, 4, 0);
	ck_assert_ptr_null(strstr(text, "<article>"));
	has(text, "<th scope=\"row\">total</th><td class=\"n\">0</td>");
}
END_TEST

/* What a text becomes.  Bytes that are no text are shown as such. */
static const struct {
	const char *text, *shown;
} texts[] = {
	{ "<script>alert(1)</script>",
	    "&#60;script&#62;alert(1)&#60;/script&#62;" },
	{ "\"' onload='x", "&#34;&#39; onload=&#39;x" },
	{ "&lt;", "&#38;lt;" },
	{ "]]>--></pre></table>",
	    "]]&#62;--&#62;&#60;/pre&#62;&#60;/table&#62;" },
	{ "a\x01\x1b[31m\x7f", "a\\x01\\x1b[31m\\x7f" },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91" },
	{ "\xff", "\\xff" },
	{ "\xc0\xbc", "\\xc0\\xbc" },
	{ "\xe0\x80\xbc", "\\xe0\\x80\\xbc" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	{ "\xe2\x82", "\\xe2\\x82" },
	{ "\xe2<b>", "\\xe2&#60;b&#62;" },
	{ "a\xe2\x80\xae" "b\xc2\x85", "a\\xe2\\x80\\xaeb\\xc2\\x85" },
	{ "\xef\xbb\xbf\xef\xbf\xbe", "\\xef\\xbb\\xbf\\xef\\xbf\\xbe" }
};

START_TEST(hostile_text)
{
	const char *t = texts[_i].text;
	char part[256];

	nf_vfy_html_str(&out, t);
	ck_assert_str_eq(nf_buf_text(&out), texts[_i].shown);
	nf_vfy_fact(&v, "name", NULL, "%s", t);
	nf_vfy_add(&v, "t.a", "first", NF_VFY_PASS, t);
	(void)page(t, NULL, 4, 1);
	(void)snprintf(part, sizeof(part), "<h2>%s</h2>", texts[_i].shown);
	has(nf_buf_text(&out), part);
	(void)snprintf(part, sizeof(part), "<td>first</td><td>%s</td>",
	    texts[_i].shown);
	has(nf_buf_text(&out), part);
	(void)snprintf(part, sizeof(part), "<span>%s</span>",
	    texts[_i].shown);
	has(nf_buf_text(&out), part);
}
END_TEST

/* The head of a rectangle of that node, by its name. */
static void
node_is(const char *svg, const char *name, bool dashed)
{
	char part[64];
	const char *at, *rect = NULL;

	(void)snprintf(part, sizeof(part), ">%s</text>", name);
	ck_assert_ptr_nonnull(at = strstr(svg, part));
	for (const char *p = svg; (p = strstr(p, "<rect")) != NULL && p < at;
	    p++)
		rect = p;
	ck_assert_ptr_nonnull(rect);
	at = strstr(rect, "/>");
	rect = strstr(rect, "dashed");
	ck_assert((rect != NULL && rect < at) == dashed);
}

START_TEST(chain)
{
	const char *text;

	ck_assert_ptr_null(strstr(page("f", NULL, 4, 1), "<svg"));
	nf_vfy_link(&v, "root", "KLF", NF_VFY_ROOT_CHECK);
	nf_vfy_link(&v, "KLF", "KML", "t.state");
	nf_vfy_link(&v, "KML", "key", "t.keygen");
	nf_vfy_link(&v, "KML", "other", "t.never");
	nf_vfy_fact_hex(&v, "KML hash", "KLF", nf_view_of("\x01\x02\x03\x04"
	    "\x05\x06\x07\x08\x09", 9));
	nf_vfy_fact_hex(&v, "KLF hash", NULL, nf_view_of("\x09\x08\x07\x06"
	    "\x05\x04\x03\x02\x01", 9));
	nf_vfy_add(&v, NF_VFY_ROOT_CHECK, "root", NF_VFY_UNKNOWN, NULL);
	nf_vfy_add(&v, "t.state", "state", NF_VFY_PASS, NULL);
	nf_vfy_add(&v, "t.keygen", "keygen", NF_VFY_FAIL, NULL);
	text = page("f", NULL, 1, 1);
	has(text, ">claimed 0908070605040302...</text>");
	has(text, "<svg role=\"img\"");
	has(text, "aria-label=\"Chain: root to KLF: unknown; KLF to KML: "
	    "pass; KML to key: fail; KML to other: unknown\"");
	has(text, ">not in this file</text>");
	has(text, ">0102030405060708...</text>");
	has(text, ">unknown: root</text>");
	has(text, "<g class=\"pass\">");
	has(text, ">pass: t.state</text>");
	has(text, "<g class=\"fail\">");
	has(text, ">fail: t.keygen</text>");
	has(text, ">unknown: t.never</text>");
	node_is(text, "root", true);
	node_is(text, "KLF", false);
	node_is(text, "KML", false);
	node_is(text, "key", false);
}
END_TEST

START_TEST(known_root)
{
	const char *text;

	nf_vfy_link(&v, "root", "KLF", NF_VFY_ROOT_CHECK);
	nf_vfy_add(&v, NF_VFY_ROOT_CHECK, "root", NF_VFY_PASS, NULL);
	v.has_root = true;
	v.root[0] = 0xcd;
	text = page("f", NULL, 0, 1);
	has(text, ">cd00000000000000...</text>");
	node_is(text, "root", false);
	ck_assert_ptr_null(strstr(text, "class=\"dashed\""));
}
END_TEST

/* A line past a row runs beside the node in it. */
START_TEST(line_past_a_row)
{
	const char *text;

	nf_vfy_link(&v, "a", "b", "t.a");
	nf_vfy_link(&v, "b", "c", "t.b");
	nf_vfy_link(&v, "a", "c", "t.c");
	text = page("f", NULL, 4, 1);
	has(text, "\"M112 56V68H112V110\"");
	has(text, "\"M112 160V172H112V214\"");
	has(text, "\"M112 56V68H6V172H112V214\"");
	has(text, "y=\"208\">unknown: t.b<");
	has(text, "y=\"193\">unknown: t.c<");
}
END_TEST

/* A ring, as many nodes as there can be, and names that are markup. */
START_TEST(nested_links)
{
	static char name[2 * NF_VFY_LINKS_MAX][8];

	nf_vfy_link(&v, "a", "b", "t.a");
	nf_vfy_link(&v, "b", "a", "t.b");
	nf_vfy_link(&v, "a", "a", "t.c");
	(void)page("f", NULL, 4, 1);
	nf_vfy_verdict_reset(&v, "thing", "f");
	ck_assert_uint_eq(v.n_links, 0);
	for (size_t i = 0; i < NF_VFY_LINKS_MAX; i++) {
		(void)snprintf(name[2 * i], 8, "<%zu>\"", 2 * i);
		(void)snprintf(name[2 * i + 1], 8, "<%zu>\"", 2 * i + 1);
		nf_vfy_link(&v, name[2 * i], name[2 * i + 1], "t.a");
	}
	has(page("f", NULL, 4, 1), ">&#60;31&#62;&#34;</text>");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("verify/verdict-html");
	TCase *t = tcase_create("html");

	tcase_add_checked_fixture(t, report_setup, report_teardown);
	tcase_add_test(t, verdict);
	tcase_add_test(t, badges);
	tcase_add_test(t, several_and_none);
	tcase_add_loop_test(t, hostile_text, 0,
	    sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(t, chain);
	tcase_add_test(t, known_root);
	tcase_add_test(t, line_past_a_row);
	tcase_add_test(t, nested_links);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return nf_tap_run(suite());
}
