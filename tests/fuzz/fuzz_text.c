/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: short texts out of options, environment and documents.  The
 * first byte, a letter, says which reader gets the rest.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "kek-packages/toolsets.h"
#include "nfast/base/keywrap.h"
#include "nfast/base/text.h"
#include "nfast/kmdata/sigtext.h"
#include "nfast/module/faults.h"
#include "tests/fuzz/fuzz.h"
#include "transfer/azcmd.h"
#include "transfer/byok1.h"
#include "transfer/keytype.h"
#include "transfer/kid.h"
#include "transfer/p11.h"
#include "transfer/package1.h"
#include "verify/roots.h"

/* ---- NFSIM_FAULTS -------------------------------------------------------- */

static void
faults(const char *text)
{
	struct nf_buf reply = NF_BUF_INIT;
	struct nf_faults *f = NULL;
	struct nf_diag diag = { 0 };
	struct nf_fault due;
	uint32_t delay;
	int r = nf_faults_open(text, &f, &diag);

	fuzz_diag(r, &diag);
	for (uint32_t i = 0; r == 0 && i < 8; i++) {
		nf_faults_command(f, i, &due);
		nf_buf_fill(&reply, 'r', 16 * i);
		(void)nf_faults_reply(f, &reply, &delay);
		nf_buf_wipe(&reply);
	}
	nf_faults_free(f);
}

/* ---- base64 and hex ------------------------------------------------------ */

static void
base64(const char *text)
{
	static const unsigned int forms[] = { NF_B64_URL | NF_B64_NOPAD,
	    NF_B64_STD | NF_B64_PAD, NF_B64_URL | NF_B64_PAD,
	    NF_B64_URL | NF_B64_STD | NF_B64_PAD | NF_B64_NOPAD };
	struct nf_view v = nf_view_of(text, strlen(text));
	struct nf_buf out = NF_BUF_INIT, again = NF_BUF_INIT;

	for (size_t i = 0; i < 4; i++) {
		struct nf_diag diag = { 0 };
		int r = nf_text_base64_read(&out, v, forms[i], "text", &diag);

		fuzz_diag(r, &diag);
		if (r == 0 && i < 3) {
			nf_text_base64_write(&again, nf_buf_view(&out),
			    forms[i]);
			fuzz_same(&again, v.p, v.len);
		}
		NF_REQUIRE(r == 0 || out.len == 0);
		nf_buf_wipe(&out);
	}
}

static void
json_string(const char *text)
{
	struct nf_buf out = NF_BUF_INIT;

	nf_text_json(&out, nf_view_of(text, strlen(text)));
	fuzz_text(&out);
}

/* ---- names --------------------------------------------------------------- */

static void
kid(const char *text)
{
	struct nf_diag diag = { 0 };
	struct nf_kid out;

	fuzz_diag(nf_kid_read(nf_view_of(text, strlen(text)), &out, &diag),
	    &diag);
}

static void
keytype(const char *text)
{
	char again[NF_XFER_KEYTYPE_MAX];
	struct nf_xfer_keytype type;
	struct nf_diag diag = { 0 };

	if (!nf_xfer_keytype_parse(text, &type))
		return;
	fuzz_diag(nf_xfer_keytype_check(&type, &diag), &diag);
	nf_xfer_keytype_text(&type, again);
	NF_REQUIRE(strcmp(again, text) == 0);
}

static void
guid(const char *text)
{
	uint8_t out[16];
	int r = nf_byok1_guid(text, out);

	NF_REQUIRE(r == 0 || r == NF_E_USAGE);
	NF_REQUIRE(r != 0 || strlen(text) == 36);
}

static void
root_hash(const char *text)
{
	struct nf_vfy_roots roots = { 0 };
	struct nf_diag diag = { 0 };

	fuzz_diag(nf_vfy_roots_name(&roots, text, &diag), &diag);
}

static void
label(const char *text)
{
	struct nf_diag diag = { 0 };

	fuzz_diag(nf_xfer_label_check(text, &diag), &diag);
}

static void
toolset(const char *text)
{
	const struct nf_kek_misprint *misprint;
	const struct nf_kek_toolset *row;
	enum nf_kek_toolset_result r = nf_kek_toolset_check(NULL, text, &row,
	    &misprint);

	NF_REQUIRE(r != NF_KEK_TOOLSET_MATCH || row != NULL);
	NF_REQUIRE(r != NF_KEK_TOOLSET_MISPRINT || misprint != NULL);
	(void)nf_kek_toolset_check(text, text, &row, &misprint);
}

static void
sigtext(const char *text)
{
	struct nf_view v = nf_view_of(text, strlen(text));
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_km_sig sig;
	int r = nf_km_sig_read(v, &sig, &diag);

	fuzz_diag(r, &diag);
	if (r == 0) {
		nf_km_sig_write(&out, &sig);
		fuzz_same(&out, v.p, v.len);
	}
}

/* ---- PKCS#11 ------------------------------------------------------------- */

/* The rest of the lines, or NULL. */
static char *
line_cut(char *text)
{
	char *nl = text == NULL ? NULL : strchr(text, '\n');

	if (nl != NULL)
		*nl++ = '\0';
	return nl;
}

/* A URI and, a line each, the options. */
static void
pkcs11(const char *text)
{
	struct nf_p11_options opt = { 0 };
	struct nf_p11_select *select = NULL;
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	char *own = strdup(text), *p;
	int r;

	if (!FUZZ_OK(own != NULL))
		return;
	opt.module = p = line_cut(own);
	opt.token = p = line_cut(p);
	opt.slot = p = line_cut(p);
	opt.label = p = line_cut(p);
	opt.id = line_cut(p);
	r = nf_p11_select_new(own[0] == '\0' ? NULL : own, &opt, &select,
	    &diag);
	fuzz_diag(r, &diag);
	NF_REQUIRE((r == 0) == (select != NULL));
	if (r == 0) {
		NF_REQUIRE(nf_p11_select_module(select) != NULL);
		nf_p11_select_token(select, &out);
		nf_buf_wipe(&out);
	}
	nf_p11_select_free(select);
	free(own);
}

/* ---- commands for the vault ---------------------------------------------- */

/* The first line is for sh: nothing of a name is outside its quotes. */
static void
check_quotes(const char *line)
{
	char quote = '\0';	/* ' or, for $', $ */

	for (const char *p = line; *p != '\0' && *p != '\n'; p++) {
		if (*p == '\\' && ((quote == '$' && p[1] != '\0') ||
		    (quote == '\0' && p[1] == '\'')))
			p++;
		else if (*p == '\'')
			quote = quote == '\0' ? '\'' : '\0';
		else if (quote == '\0' && *p == '$' && p[1] == '\'')
			quote = *p++;
		else if (quote == '\0')
			NF_REQUIRE(strchr("`$;&|<>(){}\"*?!#\t", *p) == NULL);
	}
	NF_REQUIRE(quote == '\0');
}

/* Lines: vault, name, file, kid. */
static void
azcmd(const char *text)
{
	struct nf_azcmd cmd = { .type = { NF_XFER_RSA, 2048, 0 } };
	struct nf_buf out = NF_BUF_INIT;
	char *own = strdup(text), *p;

	if (!FUZZ_OK(own != NULL))
		return;
	cmd.name = p = line_cut(own);
	cmd.file = p = line_cut(p);
	cmd.kid = p = line_cut(p);
	cmd.vault = own[0] == '\0' ? NULL : own;
	if (p != NULL) {
		if (nf_azcmd_write(&out, &cmd) > 0 &&
		    FUZZ_OK(nf_buf_err(&out) == 0))
			check_quotes(nf_buf_text(&out));
		nf_buf_wipe(&out);
		(void)nf_azcmd_warn(&out, &cmd);
		nf_buf_wipe(&out);
	}
	free(own);
}

/* ---- key wrap ------------------------------------------------------------ */

static void
unwrap(const char *text)
{
	static const uint8_t key[32] = { 1 };
	struct nf_view v = nf_view_of(text, strlen(text));
	uint8_t *out = malloc(v.len + 16);
	size_t len = 0;
	int r;

	if (!FUZZ_OK(out != NULL))
		return;
	r = nf_keywrap_kwp(false, nf_view_of(key, 32), v, out, &len);
	NF_REQUIRE(r == NF_E_VERIFY || r == NF_E_CRYPTO);
	free(out);
}

static const struct {
	char letter;
	void (*read)(const char *text);
} readers[] = {
	{ 'f', faults },
	{ 'b', base64 },
	{ 'j', json_string },
	{ 'k', kid },
	{ 't', keytype },
	{ 'g', guid },
	{ 'r', root_hash },
	{ 'l', label },
	{ 'z', toolset },
	{ 's', sigtext },
	{ 'p', pkcs11 },
	{ 'a', azcmd },
	{ 'w', unwrap }
};

void
target_text(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 1 || (text = malloc(size)) == NULL)
		return;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (readers[i].letter == (char)data[0])
			readers[i].read(text);
	}
	free(text);
}
