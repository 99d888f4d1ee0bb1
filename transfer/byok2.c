/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of method 2; members, values and their order are real. */
#include "config.h"

#include <jansson.h>
#include <string.h>

#include "nfast/base/jsonerr.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "transfer/byok2.h"
#include "transfer/kid.h"

#define PSEUDO	"single quotes: this is not JSON, although a vendor's " \
    "plugin writes it"

/* Where a text of the file lies in buf while that may still move. */
struct span {
	size_t at, len;
	bool set;
};

enum { SCHEMA, KID, ALG, ENC, BASE64, GENERATOR, SPANS, HEADER = SPANS };

struct reader {
	struct nf_byok2 *out;
	struct nf_diag *parts;
	struct span span[SPANS];
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The first byte that is not white space, from i on; NUL: none. */
static uint8_t
first(struct nf_view v, size_t *i)
{
	while (*i < v.len && is_blank(v.p[*i]))
		(*i)++;
	return *i < v.len ? v.p[*i] : 0;
}

static bool
is_bom8(struct nf_view v)
{
	return v.len >= 3 && memcmp(v.p, "\xef\xbb\xbf", 3) == 0;
}

/* UTF-16, with or without its byte order mark. */
static bool
is_utf16(struct nf_view v)
{
	static const char le[] = "c\0i\0p\0h\0e\0r\0t\0e\0x\0t";
	static const char be[] = "\0c\0i\0p\0h\0e\0r\0t\0e\0x\0t";
	size_t i = v.len >= 2 && (memcmp(v.p, "\xff\xfe", 2) == 0 ||
	    memcmp(v.p, "\xfe\xff", 2) == 0) ? 2 : 0;

	return v.len >= i + 2 &&
	    ((v.p[i] == '{' && v.p[i + 1] == 0 &&
	    memmem(v.p, v.len, le, sizeof(le) - 1) != NULL) ||
	    (v.p[i] == 0 && v.p[i + 1] == '{' &&
	    memmem(v.p, v.len, be, sizeof(be) - 1) != NULL));
}

bool
nf_byok2_is(struct nf_view file)
{
	size_t i = is_bom8(file) ? 3 : 0;

	if (is_utf16(file))
		return true;
	if (first(file, &i) != '{' || nf_view_has(file, "\"modstatemsg\""))
		return false;
	return nf_view_has(file, "\"ciphertext\"") ||
	    nf_view_has(file, "'ciphertext'") ||
	    (nf_view_has(file, "\"schema_version\"") &&
	    nf_view_has(file, "\"header\"")) ||
	    (nf_view_has(file, "'schema_version'") &&
	    nf_view_has(file, "'header'"));
}

/* What would not even be JSON, named before jansson only says where. */
static int
bytes_check(struct nf_view file, struct nf_diag *diag)
{
	size_t i = 0;

	if (file.len == 0)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "the file is empty");
	if (file.len > NF_BYOK2_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "more than %zu bytes", NF_BYOK2_MAX);
	if (is_bom8(file))
		return nf_diag_at(diag, NF_E_FORMAT, NULL, 0,
		    "a byte order mark, which JSON does not have: save the "
		    "file as UTF-8 without it");
	if (is_utf16(file))
		return nf_diag_at(diag, NF_E_FORMAT, NULL, 0,
		    "the text is UTF-16, and JSON is UTF-8: it may come from "
		    "a redirection in PowerShell");
	if (first(file, &i) == '{') {
		i++;
		if (first(file, &i) == '\'')
			return nf_diag_at(diag, NF_E_FORMAT, NULL, i, PSEUDO);
	}
	if (!nf_byok2_is(file))
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not a method-2 file: an object with schema_version, "
		    "header and ciphertext is due");
	return 0;
}

/* Keep the text of a member; positions, as the buffer may move. */
static void
keep(struct reader *rd, const char *name, const json_t *value, size_t which)
{
	struct span *span = &rd->span[which];
	struct nf_diag *d = &rd->parts[NF_BYOK2_BAD_MEMBERS];
	struct nf_buf *buf = &rd->out->buf;

	if (!json_is_string(value)) {
		(void)nf_diag_set(d, NF_E_FORMAT, name, "not a text");
		return;
	}
	span->len = json_string_length(value);
	if (which != BASE64 && span->len > NF_BYOK2_TEXT_MAX) {
		(void)nf_diag_set(d, NF_E_FORMAT, name,
		    "more than %d bytes", NF_BYOK2_TEXT_MAX);
		return;
	}
	span->at = buf->len;
	span->set = true;
	nf_buf_put(buf, json_string_value(value), span->len);
	nf_buf_u8(buf, 0);
}

struct member {
	const char *name;
	size_t what;
};

static const struct member top[] = {
	{ "schema_version", SCHEMA }, { "header", HEADER },
	{ "ciphertext", BASE64 }, { "generator", GENERATOR }, { NULL, 0 }
};

static const struct member header[] = {
	{ "kid", KID }, { "alg", ALG }, { "enc", ENC }, { NULL, 0 }
};

static void
members(struct reader *rd, json_t *object, const struct member *list)
{
	struct nf_diag *d = &rd->parts[NF_BYOK2_BAD_MEMBERS];
	const struct member *m;
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		for (m = list; m->name != NULL; m++) {
			if (strcmp(m->name, key) == 0)
				break;
		}
		if (m->name == NULL)
			(void)nf_diag_set(d, NF_E_FORMAT, key,
			    "no member of %s is called that",
			    list == top ? "a method-2 file" : "its header");
		else if (m->what != HEADER)
			keep(rd, key, value, m->what);
		else if (json_is_object(value))
			members(rd, value, header);
		else
			(void)nf_diag_set(d, NF_E_FORMAT, key,
			    "not an object");
	}
	for (m = list; m->name != NULL; m++) {
		if (json_object_get(object, m->name) == NULL &&
		    m->what != GENERATOR)
			(void)nf_diag_set(d, NF_E_FORMAT, m->name,
			    "missing");
	}
}

/* base64url whose padding is right, or not there. */
static void
decode(struct reader *rd, struct span *ciphertext)
{
	struct nf_buf *buf = &rd->out->buf;
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_view text;
	size_t pad = 0, due;

	if (!rd->span[BASE64].set || nf_buf_err(buf) != 0)
		return;
	text = nf_view_of(buf->p + rd->span[BASE64].at, rd->span[BASE64].len);
	while (pad < text.len && text.p[text.len - 1 - pad] == '=')
		pad++;
	text.len -= pad;
	rd->out->padded = pad != 0;
	if (text.len == 0)
		(void)nf_diag_set(&rd->parts[NF_BYOK2_BAD_BASE64], NF_E_FORMAT,
		    "ciphertext", "empty");
	else if (nf_text_base64_read(&bytes, text, NF_B64_URL | NF_B64_NOPAD,
	    "ciphertext", &rd->parts[NF_BYOK2_BAD_BASE64]) == 0) {
		due = (4 - text.len % 4) % 4;
		if (pad != 0 && pad != due)
			(void)nf_diag_set(&rd->parts[NF_BYOK2_BAD_PADDING],
			    NF_E_FORMAT, "ciphertext", "wrong padding: after "
			    "%zu characters %zu of '=' are due, or none",
			    text.len, due);
		ciphertext->at = buf->len;
		ciphertext->len = bytes.len;
		ciphertext->set = true;
		nf_buf_view_put(buf, nf_buf_view(&bytes));
	}
	if (nf_buf_err(&bytes) != 0)
		nf_buf_fail(buf, nf_buf_err(&bytes));
	nf_buf_wipe(&bytes);
}

static struct nf_view
view(const struct reader *rd, const struct span *span)
{
	return span->set ? nf_view_of(rd->out->buf.p + span->at, span->len) :
	    nf_view_of(NULL, 0);
}

static void
judge_schema(const struct nf_byok2 *f, struct nf_diag *diag)
{
	if (f->schema.p != NULL && !f->release &&
	    !nf_view_is(f->schema, NF_BYOK2_SCHEMA))
		(void)nf_diag_set(diag, NF_E_FORMAT, "schema_version",
		    "'%.32s' is neither " NF_BYOK2_SCHEMA " nor "
		    NF_BYOK2_SCHEMA_RELEASE " (Secure Key Release)",
		    (const char *)f->schema.p);
	else if (f->schema.p != NULL && !f->release &&
	    f->generator.p == NULL)
		(void)nf_diag_set(diag, NF_E_FORMAT, "generator", "missing");
}

static void
judge_enc(const struct nf_byok2 *f, struct nf_diag *diag)
{
	static const char *const releases[] = { "RSA_AES_KEY_WRAP_256",
	    "RSA_AES_KEY_WRAP_384" };
	bool of_release = false;

	if (f->enc.p == NULL || nf_view_is(f->enc, NF_BYOK2_ENC))
		return;
	for (size_t i = 0; i < 2; i++)
		of_release = of_release || nf_view_is(f->enc, releases[i]);
	if (of_release && f->release)
		return;
	if (nf_view_is(f->enc, NF_BYOK2_ENC "_PAD"))
		(void)nf_diag_set(diag, NF_E_FORMAT, "enc",
		    "so says the specification's prose once, but the value "
		    "is " NF_BYOK2_ENC);
	else
		(void)nf_diag_set(diag, NF_E_FORMAT, "enc", "'%.40s' is not "
		    NF_BYOK2_ENC "%s", (const char *)f->enc.p, of_release ?
		    ": it is of Secure Key Release" : "");
}

static void
judge(const struct nf_byok2 *f, struct nf_diag *parts)
{
	struct nf_byok2_shape shape;
	struct nf_kid kid;

	judge_schema(f, &parts[NF_BYOK2_BAD_MEMBERS]);
	if (f->kid.p != NULL && !f->release)
		(void)nf_kid_read(f->kid, &kid, &parts[NF_BYOK2_BAD_KID]);
	if (f->alg.p != NULL && !nf_view_is(f->alg, NF_BYOK2_ALG))
		(void)nf_diag_set(&parts[NF_BYOK2_BAD_ALG], NF_E_FORMAT,
		    "alg", "'%.40s' is not " NF_BYOK2_ALG,
		    (const char *)f->alg.p);
	judge_enc(f, &parts[NF_BYOK2_BAD_ENC]);
	if (f->ciphertext.p != NULL)
		(void)nf_byok2_shape(f->ciphertext.len,
		    nf_byok2_kek_bytes[0], &shape, &parts[NF_BYOK2_BAD_LENGTH]);
}

static int
load(struct nf_view file, json_t **out, struct nf_diag *diag)
{
	json_error_t error;
	int r;

	*out = NULL;
	if ((r = bytes_check(file, diag)) != 0)
		return r;
	*out = json_loadb((const char *)file.p, file.len,
	    JSON_REJECT_DUPLICATES, &error);
	if (*out == NULL && nf_json_nomem(&error))
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "%s",
		    nf_err_text(NF_E_NOMEM));
	if (*out == NULL)
		return nf_diag_at(diag, NF_E_FORMAT, NULL,
		    error.position < 0 ? 0 : (size_t)error.position,
		    "not JSON: %s", error.text);
	return 0;
}

int
nf_byok2_lint(struct nf_view file, struct nf_byok2 *out,
    struct nf_diag parts[static NF_BYOK2_PARTS])
{
	struct reader rd = { .out = out, .parts = parts };
	struct span ciphertext = { 0, 0, false };
	json_t *object = NULL;
	int r;

	memset(out, 0, sizeof(*out));
	memset(parts, 0, NF_BYOK2_PARTS * sizeof(parts[0]));
	if ((r = load(file, &object, &parts[NF_BYOK2_BAD_JSON])) != 0)
		return r;
	members(&rd, object, top);
	json_decref(object);
	decode(&rd, &ciphertext);
	if ((r = nf_buf_err(&out->buf)) != 0)
		return nf_diag_set(&parts[NF_BYOK2_BAD_JSON], r, NULL, "%s",
		    nf_err_text(r));
	out->schema = view(&rd, &rd.span[SCHEMA]);
	out->kid = view(&rd, &rd.span[KID]);
	out->alg = view(&rd, &rd.span[ALG]);
	out->enc = view(&rd, &rd.span[ENC]);
	out->generator = view(&rd, &rd.span[GENERATOR]);
	out->ciphertext = view(&rd, &ciphertext);
	out->release = nf_view_is(out->schema, NF_BYOK2_SCHEMA_RELEASE);
	judge(out, parts);
	return 0;
}

int
nf_byok2_read(struct nf_view file, struct nf_byok2 *out,
    struct nf_diag *diag)
{
	struct nf_diag parts[NF_BYOK2_PARTS];

	(void)nf_byok2_lint(file, out, parts);
	for (size_t i = 0; i < NF_BYOK2_PARTS; i++) {
		if (parts[i].code == 0)
			continue;
		nf_byok2_wipe(out);
		if (diag != NULL && diag->code == 0)
			*diag = parts[i];
		return parts[i].code;
	}
	return 0;
}

void
nf_byok2_wipe(struct nf_byok2 *file)
{
	nf_buf_wipe(&file->buf);
	memset(file, 0, sizeof(*file));
}

bool
nf_byok2_insecure(const char *source, bool insecure_kek)
{
	return nf_seed_text() != NULL || insecure_kek ||
	    strstr(source, " " NF_SEED_ESN) != NULL;
}

void
nf_byok2_generator(struct nf_buf *buf, const char *source,
    bool insecure_kek)
{
	nf_buf_printf(buf, "secworld %s; %s%s", PACKAGE_VERSION, source,
	    nf_seed_suffix(nf_byok2_insecure(source, insecure_kek)));
}

bool
nf_byok2_simulated(const struct nf_byok2 *file)
{
	return file->generator.len > 9 &&
	    memcmp(file->generator.p, "secworld ", 9) == 0 &&
	    nf_view_has(file->generator, "; " NF_BYOK2_SIMULATED);
}

static int
write_check(const char *kid, struct nf_view ciphertext,
    const char *generator, struct nf_diag *diag)
{
	struct nf_view text = nf_view_of(generator, strlen(generator));
	struct nf_byok2_shape shape;
	struct nf_kid parsed;
	int r;

	if ((r = nf_kid_read(nf_view_of(kid, strlen(kid)), &parsed,
	    diag)) != 0)
		return r;
	if (text.len > NF_BYOK2_TEXT_MAX || !nf_view_printable(text))
		return nf_diag_set(diag, NF_E_FORMAT, "generator",
		    "at most %d printable characters of ASCII are due",
		    NF_BYOK2_TEXT_MAX);
	/* with its base64, kid and generator it has to stay below the bound */
	if (ciphertext.len > NF_BYOK2_MAX / 2)
		return nf_diag_set(diag, NF_E_FORMAT, "ciphertext",
		    "more than %zu bytes", NF_BYOK2_MAX / 2);
	return nf_byok2_shape(ciphertext.len, nf_byok2_kek_bytes[0], &shape,
	    diag);
}

int
nf_byok2_write(struct nf_buf *buf, const char *kid,
    struct nf_view ciphertext, const char *generator, struct nf_diag *diag)
{
	int r = write_check(kid, ciphertext, generator, diag);

	if (r != 0)
		return r;
	nf_buf_printf(buf, "{\n  \"schema_version\": \"%s\",\n"
	    "  \"header\": {\n    \"kid\": \"%s\",\n    \"alg\": \"%s\",\n"
	    "    \"enc\": \"%s\"\n  },\n  \"ciphertext\": \"",
	    NF_BYOK2_SCHEMA, kid, NF_BYOK2_ALG, NF_BYOK2_ENC);
	nf_text_base64_write(buf, ciphertext, NF_B64_URL | NF_B64_NOPAD);
	nf_buf_str(buf, "\",\n  \"generator\": \"");
	for (const char *p = generator; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			nf_buf_u8(buf, '\\');
		nf_buf_u8(buf, (uint8_t)*p);
	}
	nf_buf_str(buf, "\"\n}\n");
	if ((r = nf_buf_err(buf)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	return r;
}
