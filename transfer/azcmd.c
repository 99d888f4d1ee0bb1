/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands and warnings.  Options and refusals are real, from the public
 * clients and articles; the selection is ours.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "nfast/base/err.h"
#include "transfer/azcmd.h"

#define EXTENSION	".byok"

/* What the command is for, after the kid has filled in what is not said. */
struct target {
	enum nf_kid_service service;
	struct nf_view vault;
	struct nf_kid kid;
	bool has_kid;
	struct nf_diag diag;		/* why there is no kid */
};

static void
target_of(const struct nf_azcmd *c, struct target *t)
{
	memset(t, 0, sizeof(*t));
	t->has_kid = c->kid != NULL && nf_kid_read(nf_view_of(c->kid,
	    strlen(c->kid)), &t->kid, &t->diag) == 0;
	if (c->vault != NULL) {
		t->service = c->service;
		t->vault = nf_view_of(c->vault, strlen(c->vault));
	} else {
		t->service = t->kid.service;
		t->vault = t->kid.vault;
	}
	if (t->vault.len == 0)
		t->service = NF_KID_OTHER;
}

/* Characters that neither sh nor PowerShell look at, also not at the start. */
static bool
is_plain(struct nf_view v)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";

	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '\0' || strchr(plain, v.p[i]) == NULL)
			return false;
	}
	return v.len > 0 && v.p[0] != '-';
}

/* For sh: bare, in single quotes, or as $'' where bytes cannot be shown. */
static void
put_sh(struct nf_buf *buf, struct nf_view v)
{
	bool shown = nf_view_printable(v);

	if (is_plain(v)) {
		nf_buf_view_put(buf, v);
		return;
	}
	nf_buf_str(buf, shown ? "'" : "$'");
	for (size_t i = 0; i < v.len; i++) {
		if (shown && v.p[i] == '\'')
			nf_buf_str(buf, "'\\''");
		else if (!shown && (v.p[i] == '\'' || v.p[i] == '\\'))
			nf_buf_printf(buf, "\\%c", v.p[i]);
		else if (v.p[i] < 0x20 || v.p[i] > 0x7e)
			nf_buf_printf(buf, "\\%03o", v.p[i]);
		else
			nf_buf_u8(buf, v.p[i]);
	}
	nf_buf_u8(buf, '\'');
}

/* For PowerShell: always in single quotes, which are doubled inside. */
static void
put_ps(struct nf_buf *buf, struct nf_view v)
{
	nf_buf_u8(buf, '\'');
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '\'')
			nf_buf_u8(buf, '\'');
		nf_buf_u8(buf, v.p[i]);
	}
	nf_buf_u8(buf, '\'');
}

/* A path that no option is taken for. */
static void
put_file(struct nf_buf *buf, const char *file,
    void (*put)(struct nf_buf *, struct nf_view))
{
	struct nf_buf path = NF_BUF_INIT;

	if (file[0] == '-')
		nf_buf_str(&path, "./");
	nf_buf_str(&path, file);
	put(buf, nf_buf_view(&path));
	if (nf_buf_err(&path) != 0)
		nf_buf_fail(buf, nf_buf_err(&path));
	nf_buf_wipe(&path);
}

static struct nf_view
view(const char *s)
{
	return nf_view_of(s, strlen(s));
}

static const char *
curve_of(const struct nf_azcmd *c)
{
	const char *name = nf_xfer_curve_name(c->type.curve);

	return name == NULL ? "" : name;
}

static void
write_az(struct nf_buf *buf, const struct nf_azcmd *c,
    const struct target *t)
{
	nf_buf_str(buf, "az keyvault key import ");
	nf_buf_str(buf, t->service == NF_KID_MANAGED_HSM ? "--hsm-name " :
	    "--vault-name ");
	put_sh(buf, t->vault);
	nf_buf_str(buf, " --name ");
	put_sh(buf, view(c->name));
	switch (c->type.kty) {
	case NF_XFER_RSA:
		nf_buf_str(buf, " --kty RSA");
		break;
	case NF_XFER_EC:
		nf_buf_str(buf, " --kty EC --curve ");
		put_sh(buf, view(curve_of(c)));
		break;
	case NF_XFER_OCT:
		nf_buf_str(buf, " --kty oct");
		break;
	}
	nf_buf_str(buf, " --byok-file ");
	put_file(buf, c->file, put_sh);
	/* without, the service may set operations that the type has not */
	if (c->type.kty == NF_XFER_EC)
		nf_buf_str(buf, " --ops sign verify");
	else if (c->type.kty == NF_XFER_OCT)
		nf_buf_str(buf, " --ops wrapKey unwrapKey");
	nf_buf_u8(buf, '\n');
}

/* PowerShell can do it as it is documented. */
static bool
ps_can(const struct nf_azcmd *c, const struct target *t)
{
	return c->type.kty == NF_XFER_RSA ||
	    (c->type.kty == NF_XFER_EC && t->service == NF_KID_VAULT);
}

static void
write_ps(struct nf_buf *buf, const struct nf_azcmd *c,
    const struct target *t)
{
	nf_buf_str(buf, "Add-AzKeyVaultKey ");
	nf_buf_str(buf, t->service == NF_KID_MANAGED_HSM ? "-HsmName " :
	    "-VaultName ");
	put_ps(buf, t->vault);
	nf_buf_str(buf, " -Name ");
	put_ps(buf, view(c->name));
	if (c->type.kty == NF_XFER_EC) {
		nf_buf_str(buf, " -KeyType EC -CurveName ");
		put_ps(buf, view(curve_of(c)));
	}
	nf_buf_str(buf, " -KeyFilePath ");
	put_file(buf, c->file, put_ps);
	nf_buf_u8(buf, '\n');
}

/* No text of the command needs bytes that PowerShell cannot be given. */
static bool
ps_shows(const struct nf_azcmd *c, const struct target *t)
{
	return nf_view_printable(view(c->file)) &&
	    nf_view_printable(view(c->name)) && nf_view_printable(t->vault);
}

size_t
nf_azcmd_write(struct nf_buf *buf, const struct nf_azcmd *cmd)
{
	struct target t;
	size_t n = 0;

	target_of(cmd, &t);
	if (t.service == NF_KID_OTHER)
		return 0;
	write_az(buf, cmd, &t);
	n++;
	if (ps_can(cmd, &t) && ps_shows(cmd, &t)) {
		write_ps(buf, cmd, &t);
		n++;
	}
	return n;
}

struct warnings {
	struct nf_buf *buf;
	size_t n;
};

static void warn(struct warnings *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* One line, whatever the names in it hold. */
static void
warn(struct warnings *w, const char *fmt, ...)
{
	char line[NF_DIAG_TEXT_MAX + NF_KID_MAX];
	va_list ap;

	va_start(ap, fmt);
	nf_err_vformat(line, sizeof(line), fmt, ap);
	va_end(ap);
	nf_buf_printf(w->buf, "%s\n", line);
	w->n++;
}

static void
warn_kid(struct warnings *w, const struct nf_azcmd *c,
    const struct target *t)
{
	char line[NF_DIAG_TEXT_MAX + NF_DIAG_FIELD_MAX + 64];

	if (c->kid == NULL) {
		warn(w, "No kid is named: the service needs that of its KEK.");
	} else if (!t->has_kid) {
		nf_diag_line(&t->diag, line, sizeof(line));
		warn(w, "The kid names no key of a service: %s.", line);
	}
	if (!t->has_kid)
		return;
	if (t->kid.version.len == 0)
		warn(w, "The kid has no version: the service wants the full "
		    "identifier of the KEK.");
	if (t->kid.service == NF_KID_OTHER)
		warn(w, "The kid's host %.*s is of no cloud that is known "
		    "here.", (int)t->kid.host.len,
		    (const char *)t->kid.host.p);
	else if (c->vault != NULL && (t->kid.service != c->service ||
	    !nf_kid_view_same(t->kid.vault, t->vault)))
		warn(w, "The kid is of %s %.*s, but the import is to %s %s: "
		    "KEK and key must be in the same one.",
		    nf_kid_service_name(t->kid.service),
		    (int)t->kid.vault.len, (const char *)t->kid.vault.p,
		    nf_kid_service_name(c->service), c->vault);
	if (t->kid.cloud != NULL && strcmp(t->kid.cloud, "AzureCloud") != 0)
		warn(w, "The kid is of another cloud: run \"az cloud set "
		    "--name %s\" first.", t->kid.cloud);
}

static void
warn_type(struct warnings *w, const struct nf_azcmd *c,
    const struct target *t)
{
	struct nf_diag diag = { 0 };

	if (c->type.kty == NF_XFER_OCT && t->service == NF_KID_VAULT)
		warn(w, "Key Vault takes no symmetric keys by this method: "
		    "only a managed HSM does.");
	if (nf_xfer_keytype_check(&c->type, &diag) != 0)
		warn(w, "The services take no such key: %s.", diag.text);
}

static void
warn_powershell(struct warnings *w, const struct nf_azcmd *c,
    const struct target *t)
{
	size_t n = strlen(c->file), k = sizeof(EXTENSION) - 1;

	if (t->service == NF_KID_OTHER)
		return;
	if (c->type.kty == NF_XFER_OCT)
		warn(w, "PowerShell has no import of oct keys: use the Azure "
		    "CLI.");
	else if (!ps_can(c, t))
		warn(w, "PowerShell with -HsmName cannot import EC keys as "
		    "documented: -KeyType and -CurveName are not taken "
		    "there. Use the Azure CLI.");
	else if (!ps_shows(c, t))
		warn(w, "A name holds bytes that are not printable ASCII: no "
		    "command for PowerShell is given.");
	else if (n < k || strcasecmp(c->file + n - k, EXTENSION) != 0)
		warn(w, "The file's name does not end in " EXTENSION ": "
		    "PowerShell takes it for a PFX file.");
}

size_t
nf_azcmd_warn(struct nf_buf *buf, const struct nf_azcmd *cmd)
{
	struct warnings w = { buf, 0 };
	struct target t;

	target_of(cmd, &t);
	warn_kid(&w, cmd, &t);
	if (t.service == NF_KID_OTHER)
		warn(&w, "No vault or managed HSM is named: no command can "
		    "be given.");
	if (!nf_kid_name_ok(view(cmd->name)))
		warn(&w, "The key name is not 1 to %d characters "
		    "[0-9a-zA-Z-]: the service refuses it.",
		    NF_KID_NAME_MAX);
	warn_type(&w, cmd, &t);
	warn_powershell(&w, cmd, &t);
	return w.n;
}
