/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kekpkg: the regions of method 1, their published toolset hashes and their
 * packages.  The program is ours; no such tool existed.
 */
#include "config.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kek-packages/make.h"
#include "kek-packages/regions.h"
#include "kek-packages/show.h"
#include "kek-packages/toolsets.h"
#include "nfast/base/cli.h"
#include "nfast/base/mem.h"
#include "nfast/base/text.h"

/* One verb; run() gets the verb as argv[0] and returns the exit status. */
struct verb {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

static const struct nf_cli list_cli = {
	.name = "kekpkg list",
	.synopsis = "kekpkg list [--format text|json]",
	.help = "Print the regions with every toolset hash that was ever\n"
	    "published for them, and the dates between which it stood.\n"
	    "KEK idents marked \"ours\" are not known from real packages.\n"
};

static const struct nf_kek_region *
rms_of(const struct nf_kek_region *r)
{
	const struct nf_kek_region *rms;
	size_t n;

	rms = nf_kek_rms(&n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rms[i].code, r->code) == 0)
			return &rms[i];
	}
	return NULL;
}

static void
text_region(struct nf_buf *out, const struct nf_kek_region *r)
{
	const struct nf_kek_region *rms = rms_of(r);
	const struct nf_kek_misprint *m;
	const struct nf_kek_toolset *t;
	size_t n;

	nf_buf_printf(out, "%-18s %-8s %s\n", r->heading[0], r->code, r->zip);
	for (size_t i = 1; i < NF_KEK_HEADINGS_MAX; i++) {
		if (r->heading[i] != NULL)
			nf_buf_printf(out, "    also called %s\n",
			    r->heading[i]);
	}
	nf_buf_printf(out, "    KEK %s,%s (%s)\n", NF_KEK_APPNAME, r->ident,
	    r->real_kek ? "real" : "ours");
	t = nf_kek_toolsets(&n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i].zip, r->zip) != 0)
			continue;
		nf_buf_printf(out, "    %s  %s  %s  ", t[i].generation,
		    t[i].first_published, t[i].last_in_force);
		nf_text_hex(out, nf_view_of(t[i].sha256,
		    sizeof(t[i].sha256)));
		nf_buf_u8(out, '\n');
	}
	m = nf_kek_misprints(&n);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(m[i].zip, r->zip) == 0)
			nf_buf_printf(out, "    misprint %s to %s: %s\n",
			    m[i].first_published, m[i].last_published,
			    m[i].published_value);
	}
	if (rms != NULL)
		nf_buf_printf(out, "    until 2016-07 also %s, no hash was "
		    "published\n", rms->zip);
}

static void
text_list(struct nf_buf *out)
{
	const struct nf_kek_region *r;
	size_t n;

	nf_buf_printf(out, "%-18s %-8s %s\n", "region", "code", "zip");
	nf_buf_printf(out, "    %s  %-10s  %-10s  %s\n", "in", "first",
	    "last", "SHA-256 of the zip");
	r = nf_kek_regions(&n);
	for (size_t i = 0; i < n; i++) {
		nf_buf_u8(out, '\n');
		text_region(out, &r[i]);
	}
}

/* Bytes as a lower-case hex string, or null when they are not known. */
static json_t *
json_hex(const uint8_t *p, size_t len, bool known)
{
	struct nf_buf hex = NF_BUF_INIT;
	json_t *out = NULL;

	if (!known)
		return json_null();
	nf_text_hex(&hex, nf_view_of(p, len));
	if (nf_buf_err(&hex) == 0)
		out = json_string(nf_buf_text(&hex));
	nf_buf_wipe(&hex);
	return out;
}

/* Append what json_pack() made; takes it over. */
static int
append(json_t *array, json_t *value)
{
	return json_array_append_new(array, value) == 0 ? 0 : NF_E_NOMEM;
}

static int
json_hashes(const struct nf_kek_region *r, json_t *toolsets,
    json_t *misprints)
{
	const struct nf_kek_misprint *m;
	const struct nf_kek_toolset *t;
	size_t n;
	int rc = 0;

	t = nf_kek_toolsets(&n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (strcmp(t[i].zip, r->zip) == 0)
			rc = append(toolsets, json_pack(
			    "{s:s, s:o, s:s, s:s, s:s}",
			    "generation", t[i].generation,
			    "sha256", json_hex(t[i].sha256,
			    sizeof(t[i].sha256), true),
			    "first_published", t[i].first_published,
			    "last_in_force", t[i].last_in_force,
			    "source", t[i].source));
	}
	m = nf_kek_misprints(&n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (strcmp(m[i].zip, r->zip) == 0)
			rc = append(misprints, json_pack(
			    "{s:s, s:s, s:s, s:s, s:s}",
			    "published_value", m[i].published_value,
			    "first_published", m[i].first_published,
			    "last_published", m[i].last_published,
			    "source", m[i].source,
			    "reason", m[i].reason));
	}
	return rc;
}

static int
json_region(json_t *list, const struct nf_kek_region *r)
{
	const struct nf_kek_region *rms = rms_of(r);
	json_t *o;

	o = json_pack("{s:s, s:s?, s:s, s:s?, s:s, s:s, "
	    "s:{s:s, s:s, s:b, s:o, s:o}, s:[], s:[]}",
	    "region", r->heading[0],
	    "also", r->heading[1],
	    "zip", r->zip,
	    "rms_zip", rms == NULL ? NULL : rms->zip,
	    "code", r->code,
	    "slug", r->slug,
	    "kek",
	    "appname", NF_KEK_APPNAME,
	    "ident", r->ident,
	    "real", r->real_kek,
	    "hash", json_hex(r->kek_hash, sizeof(r->kek_hash), r->real_kek),
	    "hkm", json_hex(r->hkm, sizeof(r->hkm), r->real_kek),
	    "toolsets",
	    "misprints");
	if (append(list, o) != 0)
		return NF_E_NOMEM;
	return json_hashes(r, json_object_get(o, "toolsets"),
	    json_object_get(o, "misprints"));
}

static void
json_list(struct nf_buf *out)
{
	const struct nf_kek_region *r;
	json_t *list = json_array();
	char *text = NULL;
	size_t n;
	int rc = list == NULL ? NF_E_NOMEM : 0;

	r = nf_kek_regions(&n);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = json_region(list, &r[i]);
	if (rc == 0)
		text = json_dumps(list, JSON_INDENT(2));
	if (text != NULL)
		nf_buf_printf(out, "%s\n", text);
	else
		nf_buf_fail(out, NF_E_NOMEM);
	free(text);
	json_decref(list);
}

static int
list_run(int argc, char **argv)
{
	const char *format = "text";
	const struct nf_opt opts[] = {
		{ "format", 'f', NULL, &format },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	char **args;
	int n, status;

	status = nf_cli_parse(&list_cli, opts, argc, argv, &args, &n);
	if (status != -1)
		return status;
	if (strcmp(format, "text") == 0)
		text_list(&out);
	else if (strcmp(format, "json") == 0)
		json_list(&out);
	else
		return nf_cli_usage(&list_cli,
		    "--format is text or json, not '%.64s'", format);
	return nf_cli_output(&list_cli, &out, NF_EXIT_OK);
}

static const struct verb verbs[] = {
	{ "list", "the regions and every published toolset hash", list_run },
	{ "make", "play a region's authority and write its packages",
	    nf_kek_make_run },
	{ "show", "what a package claims", nf_kek_show_run }
};

static int
dispatch(const struct nf_cli *cli, int argc, char **argv)
{
	static const struct nf_opt opts[] = { { NULL, 0, NULL, NULL } };
	char **args;
	int n, status;

	status = nf_cli_parse(cli, opts, argc, argv, &args, &n);
	if (status != -1)
		return status;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, args[0]) == 0)
			return verbs[i].run(n, args);
	}
	return nf_cli_usage(cli, "unknown verb '%.64s'", args[0]);
}

int
main(int argc, char **argv)
{
	struct nf_buf help = NF_BUF_INIT;
	struct nf_cli cli = {
		.name = "kekpkg",
		.synopsis = "kekpkg VERB [OPTION]... [FILE]...",
		.subprocess = true,
		.args_min = 1,
		.args_max = INT_MAX
	};
	int status;

	nf_process_harden();
	nf_buf_str(&help, "Verbs (kekpkg VERB --help says more):\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		nf_buf_printf(&help, "  %-8s %s\n", verbs[i].name,
		    verbs[i].summary);
	cli.help = nf_buf_text(&help);
	status = dispatch(&cli, argc, argv);
	nf_buf_wipe(&help);
	return status;
}
