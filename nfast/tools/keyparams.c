/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nfast/base/curve.h"
#include "nfast/tools/keyparams.h"
#include "nfast/wire/names.h"

#define TRIES		3
#define RSA_MIN		1024u
#define RSA_MAX		4096u
#define RSA_STEP	64u

/*
 *   dflt    NULL: there is none, the user must say
 *   ask     asked for on a terminal; the others take their default
 *   choice  shown in the question
 */
static const struct param {
	const char *name;
	const char *text;
	const char *dflt;
	bool ask;
	const char *choice;
} params[NF_KP_COUNT] = {
	[NF_KP_OPERATION] = { "operation", "Operation to perform", "generate",
	    false, "generate, import" },
	[NF_KP_APPLICATION] = { "application", "Application", NULL, true,
	    "simple, pkcs11, custom, ..." },
	[NF_KP_PROTECT] = { "protect", "Protected by", "module", true,
	    "module, token, softcard" },
	[NF_KP_SLOT] = { "slot", "Slot to read cards from", "0", false,
	    "number" },
	[NF_KP_CARDSET] = { "cardset", "Card set", "", true,
	    "name or hash, empty: the only one" },
	[NF_KP_SOFTCARD] = { "softcard", "Softcard", "", true,
	    "name or hash, empty: the only one" },
	[NF_KP_RECOVERY] = { "recovery", "Key recovery", "", false,
	    "yes/no" },
	[NF_KP_VERIFY] = { "verify", "Verify security of key", "yes", false,
	    "yes/no" },
	[NF_KP_TYPE] = { "type", "Key type", NULL, true,
	    "RSA, EC, ECDSA, AES" },
	[NF_KP_SIZE] = { "size", "Key size", NULL, true, "bits" },
	[NF_KP_CURVE] = { "curve", "Elliptic curve", NULL, true,
	    "NISTP256, NISTP384, NISTP521, SECP256k1" },
	[NF_KP_PUBEXP] = { "pubexp", "Public exponent for RSA key (hex)", "",
	    true, "empty: 10001" },
	[NF_KP_PEMREADFILE] = { "pemreadfile", "PEM file containing key",
	    NULL, true, "file" },
	[NF_KP_IDENT] = { "ident", "Key identifier", NULL, true,
	    "digits, lower-case letters, hyphens" },
	[NF_KP_PLAINNAME] = { "plainname", "Key name", "", true, "text" },
	[NF_KP_NVRAM] = { "nvram", "Blob in NVRAM (needs ACS)", "no", false,
	    "no" },
};

/* Parameters of the original that the simulator has no use for. */
static const struct nf_name elsewhere[] = {
	{ 1, "seeintegname" }, { 1, "blobsavefile" }, { 1, "x509country" },
	{ 1, "embedsavefile" }, { 0, NULL }
};

/* ---- values -------------------------------------------------------------- */

static uint32_t
type_of(const struct nf_keyparams *kp)
{
	const char *s = kp->value[NF_KP_TYPE];

	if (s == NULL)
		return 0;
	if (strcasecmp(s, "RSA") == 0)
		return NF_KEY_RSAPRIVATE;
	if (strcasecmp(s, "ECDSA") == 0)
		return NF_KEY_ECDSAPRIVATE;
	if (strcasecmp(s, "EC") == 0)
		return NF_KEY_ECPRIVATE;
	if (strcasecmp(s, "AES") == 0 || strcasecmp(s, "Rijndael") == 0)
		return NF_KEY_RIJNDAEL;
	return 0;
}

static bool
protected_by(const struct nf_keyparams *kp, const char *what)
{
	return kp->value[NF_KP_PROTECT] != NULL &&
	    strcmp(kp->value[NF_KP_PROTECT], what) == 0;
}

static bool
applies(const struct nf_keyparams *kp, enum nf_keyparam p)
{
	uint32_t type = type_of(kp);

	switch (p) {
	case NF_KP_SIZE:
		return !kp->import && (type == NF_KEY_RSAPRIVATE ||
		    type == NF_KEY_RIJNDAEL);
	case NF_KP_CURVE:
		return !kp->import && (type == NF_KEY_ECPRIVATE ||
		    type == NF_KEY_ECDSAPRIVATE);
	case NF_KP_PUBEXP:
		return !kp->import && type == NF_KEY_RSAPRIVATE;
	case NF_KP_PEMREADFILE:
		return kp->import;
	case NF_KP_SLOT:
	case NF_KP_CARDSET:
		return protected_by(kp, "token");
	case NF_KP_SOFTCARD:
		return protected_by(kp, "softcard");
	default:
		return true;
	}
}

static const char *
default_of(const struct nf_keyparams *kp, enum nf_keyparam p)
{
	if (p == NF_KP_SIZE)
		return type_of(kp) == NF_KEY_RIJNDAEL ? "256" : "2048";
	if (p == NF_KP_TYPE && kp->import)
		return "RSA";
	if (p == NF_KP_PLAINNAME)
		return kp->value[NF_KP_IDENT];
	return params[p].dflt;
}

/* Decimal, at most max; 0 when it is not that. */
static uint32_t
decimal(const char *s, uint32_t max)
{
	uint64_t v = 0;

	for (; *s >= '0' && *s <= '9'; s++) {
		if ((v = v * 10 + (uint64_t)(*s - '0')) > max)
			return 0;
	}
	return *s == '\0' ? (uint32_t)v : 0;
}

/* A hexadecimal word without prefix; false when it is not that. */
static bool
hex_word(const char *s, uint32_t *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *d;

	if (strlen(s) < 1 || strlen(s) > 8)
		return false;
	for (*out = 0; *s != '\0'; s++) {
		d = strchr(digits, *s >= 'A' && *s <= 'F' ? *s + 32 : *s);
		if (d == NULL)
			return false;
		*out = *out << 4 | (uint32_t)(d - digits);
	}
	return true;
}

static bool
yes_no(const char *s)
{
	return strcmp(s, "yes") == 0 || strcmp(s, "no") == 0;
}

static const char *
type_check(const struct nf_keyparams *kp)
{
	uint32_t type = type_of(kp);

	if (strcasecmp(kp->value[NF_KP_TYPE], "DSA") == 0)
		return "DSA keys are the world's own; use RSA, EC, ECDSA or "
		    "AES";
	if (type == 0)
		return "not RSA, EC, ECDSA or AES";
	return kp->import && type == NF_KEY_RIJNDAEL ?
	    "only RSA and EC keys are imported" : NULL;
}

static const char *
size_check(const struct nf_keyparams *kp)
{
	uint32_t n = decimal(kp->value[NF_KP_SIZE], RSA_MAX);

	if (type_of(kp) == NF_KEY_RIJNDAEL)
		return n == 128 || n == 192 || n == 256 ? NULL :
		    "not 128, 192 or 256";
	return n >= RSA_MIN && n % RSA_STEP == 0 ? NULL :
	    "not a multiple of 64 from 1024 to 4096";
}

static const char *
pubexp_check(const char *s)
{
	uint32_t e;

	if (*s == '\0')
		return NULL;
	return hex_word(s, &e) && (e & 1) == 1 && e >= 0x10001 ? NULL :
	    "not an odd hexadecimal number from 10001 to ffffffff";
}

static const char *
app_check(const char *s)
{
	if (strncmp(s, "xfer", 4) == 0)
		return "names that start with xfer belong to key transfer";
	if (!nf_km_appname_ok(nf_view_of(s, strlen(s))) ||
	    strpbrk(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL)
		return "an application name has lower-case letters, digits "
		    "and hyphens";
	return NULL;
}

/* What is wrong with a value, or NULL. */
static const char *
check(const struct nf_keyparams *kp, enum nf_keyparam p)
{
	const char *s = kp->value[p];
	struct nf_view v = nf_view_of(s, strlen(s));

	switch (p) {
	case NF_KP_APPLICATION:
		return app_check(s);
	case NF_KP_PROTECT:
		return strcmp(s, "module") == 0 || strcmp(s, "token") == 0 ||
		    strcmp(s, "softcard") == 0 ? NULL :
		    "not module, token or softcard";
	case NF_KP_SLOT:
		return strcmp(s, "0") == 0 ? NULL :
		    "the module has slot 0 only";
	case NF_KP_CARDSET:
	case NF_KP_SOFTCARD:
		return *s == '\0' || nf_view_printable(v) ? NULL :
		    "not a printable name";
	case NF_KP_RECOVERY:
		return *s == '\0' || yes_no(s) ? NULL : "not yes or no";
	case NF_KP_VERIFY:
		return yes_no(s) ? NULL : "not yes or no";
	case NF_KP_TYPE:
		return type_check(kp);
	case NF_KP_SIZE:
		return size_check(kp);
	case NF_KP_CURVE:
		return nf_curve_named(s) != NULL ? NULL :
		    "not NISTP256, NISTP384, NISTP521 or SECP256k1";
	case NF_KP_PUBEXP:
		return pubexp_check(s);
	case NF_KP_PEMREADFILE:
		return *s != '\0' ? NULL : "a file name is wanted";
	case NF_KP_IDENT:
		return nf_km_ident_ok(v) ? NULL : "an identifier has 1 to "
		    "200 digits, lower-case letters and hyphens";
	case NF_KP_PLAINNAME:
		return v.len <= NF_KM_NAME_MAX && nf_view_printable(v) ?
		    NULL : "not up to 255 printable ASCII characters";
	case NF_KP_NVRAM:
		return strcmp(s, "no") == 0 ? NULL :
		    "blobs in NVRAM are not supported";
	default:
		return NULL;
	}
}

/* ---- the command line -------------------------------------------------- */

static int
word_take(const struct nf_cli *cli, const char *word, size_t name_len,
    struct nf_keyparams *kp)
{
	for (const struct nf_name *e = elsewhere; e->name != NULL; e++) {
		if (strlen(e->name) == name_len &&
		    strncmp(e->name, word, name_len) == 0)
			return nf_cli_usage(cli, "parameter %s is not "
			    "supported", e->name);
	}
	for (int p = 0; p < NF_KP_COUNT; p++) {
		if (p == NF_KP_OPERATION || p == NF_KP_APPLICATION ||
		    strlen(params[p].name) != name_len ||
		    strncmp(params[p].name, word, name_len) != 0)
			continue;
		if (kp->value[p] != NULL)
			return nf_cli_usage(cli, "parameter %s given twice",
			    params[p].name);
		if (strlen(word) - name_len - 1 > NF_KP_VALUE_MAX)
			return nf_cli_usage(cli, "parameter %s is too long",
			    params[p].name);
		kp->value[p] = word + name_len + 1;
		return -1;
	}
	return nf_cli_usage(cli, "unknown parameter '%.*s'", (int)name_len,
	    word);
}

int
nf_keyparams_parse(const struct nf_cli *cli, char **args, int n,
    struct nf_keyparams *kp)
{
	int status = -1;

	kp->value[NF_KP_OPERATION] = kp->import ? "import" : "generate";
	for (int i = 0; status < 0 && i < n; i++) {
		const char *eq = strchr(args[i], '=');

		if (eq != NULL)
			status = word_take(cli, args[i],
			    (size_t)(eq - args[i]), kp);
		else if (kp->value[NF_KP_APPLICATION] != NULL)
			status = nf_cli_usage(cli, "two applications, '%s' "
			    "and '%s'", kp->value[NF_KP_APPLICATION],
			    args[i]);
		else
			kp->value[NF_KP_APPLICATION] = args[i];
	}
	return status;
}

/* ---- what is missing ----------------------------------------------------- */

/* One question, one line; false at the end of input. */
static bool
question(struct nf_keyparams *kp, enum nf_keyparam p, const char *dflt)
{
	char *s = kp->own[p];
	size_t len;

	(void)fprintf(stderr, "%s: %s? (%s) [%s] > ", params[p].name,
	    params[p].text, params[p].choice, dflt == NULL ? "" : dflt);
	(void)fflush(stderr);
	if (fgets(s, sizeof(kp->own[p]), stdin) == NULL) {
		(void)fputc('\n', stderr);
		return false;
	}
	len = strcspn(s, "\r\n");
	s[len] = '\0';
	kp->value[p] = len == 0 && dflt != NULL ? dflt : s;
	return true;
}

static int
complete_one(const struct nf_cli *cli, struct nf_keyparams *kp,
    enum nf_keyparam p, bool ask)
{
	const char *dflt, *wrong = NULL;
	bool given = kp->value[p] != NULL;

	if (!applies(kp, p))
		return given ? nf_cli_usage(cli, "parameter %s does not go "
		    "with %s", params[p].name, p == NF_KP_SLOT ||
		    p == NF_KP_CARDSET || p == NF_KP_SOFTCARD ?
		    "this protection" : kp->import ? "import" :
		    "this key type") : -1;
	dflt = default_of(kp, p);
	for (int i = 0; i < TRIES; i++) {
		if (!given && ask && params[p].ask) {
			if (!question(kp, p, dflt))
				return nf_cli_usage(cli, "cancelled");
		} else if (!given && (kp->value[p] = dflt) == NULL)
			return nf_cli_usage(cli, "parameter %s is missing",
			    params[p].name);
		if (p == NF_KP_IDENT)
			kp->value[p] = nf_km_ident_fold(kp->value[p],
			    kp->own[p]);
		if ((wrong = check(kp, p)) == NULL)
			return -1;
		if (given || !ask || !params[p].ask)
			break;
		(void)fprintf(stderr, "%s: %s\n", params[p].name, wrong);
	}
	return nf_cli_usage(cli, "%s=%s: %s", params[p].name, kp->value[p],
	    wrong);
}

int
nf_keyparams_complete(const struct nf_cli *cli, struct nf_keyparams *kp,
    bool ask)
{
	int status = -1;

	for (int p = 0; status < 0 && p < NF_KP_COUNT; p++)
		status = complete_one(cli, kp, (enum nf_keyparam)p, ask);
	return status;
}

void
nf_keyparams_gen(const struct nf_keyparams *kp, struct nf_genparams *out,
    uint8_t e[static 4])
{
	uint32_t word;

	memset(out, 0, sizeof(*out));
	out->type = type_of(kp);
	if (kp->value[NF_KP_SIZE] != NULL)
		out->len = decimal(kp->value[NF_KP_SIZE], RSA_MAX) /
		    (out->type == NF_KEY_RIJNDAEL ? 8 : 1);
	if (kp->value[NF_KP_CURVE] != NULL)
		out->curve = nf_curve_named(kp->value[NF_KP_CURVE])->number;
	if (kp->value[NF_KP_PUBEXP] != NULL &&
	    hex_word(kp->value[NF_KP_PUBEXP], &word)) {
		for (int i = 0; i < 4; i++)
			e[i] = (uint8_t)(word >> 8 * i);
		out->flags |= NF_GEN_RSA_GIVEN_E;
		out->given_e = nf_view_of(e, 4);
	}
}

/* What a parameter is, as the original says it for this operation. */
static const char *
text_of(const struct nf_keyparams *kp, int p)
{
	if (p == NF_KP_VERIFY && kp->import)
		return "Verify security of configuration key";
	if (p == NF_KP_PEMREADFILE && type_of(kp) == NF_KEY_RSAPRIVATE)
		return "PEM file containing RSA key";
	return params[p].text;
}

void
nf_keyparams_print(struct nf_buf *out, const struct nf_keyparams *kp)
{
	nf_buf_str(out, "key generation parameters:\n");
	for (int p = 0; p < NF_KP_COUNT; p++) {
		if (kp->value[p] != NULL)
			nf_buf_printf(out, " %-13s%-34s %s\n", params[p].name,
			    text_of(kp, p), kp->value[p]);
	}
}
