/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "nfast/base/file.h"
#include "nfast/base/seed.h"
#include "transfer/plan-kek.h"

#define KID_FILE_MAX	4096

/* The first line of KEK.kid beside KEK.pem; "" when there is none. */
static int
kid_beside(const char *path, char out[static NF_KID_MAX + 1],
    struct nf_diag *diag)
{
	size_t len = strlen(path), n = 0;
	struct nf_buf file = NF_BUF_INIT;
	char kid_path[NF_PATH_MAX];
	int r;

	out[0] = '\0';
	if (len < 4 || strcmp(path + len - 4, ".pem") != 0)
		return 0;
	if ((r = nf_path(kid_path, diag, "%.*s.kid", (int)(len - 4),
	    path)) != 0 || !nf_file_exists(kid_path))
		return r;
	if ((r = nf_file_load(kid_path, KID_FILE_MAX, &file, diag)) != 0)
		goto out;
	while (n < file.len && file.p[n] != '\n')
		n++;
	if (n > NF_KID_MAX) {
		r = nf_diag_set(diag, NF_E_FORMAT, "kid",
		    "is longer than %d characters", NF_KID_MAX);
		nf_diag_where(diag, "%s", kid_path);
		goto out;
	}
	if (n > 0)
		memcpy(out, file.p, n);
	out[n] = '\0';
out:
	nf_buf_wipe(&file);
	return r;
}

int
nf_plan_kek_load(const char *path, const char *kid, struct nf_plan_kek *out,
    struct nf_diag *diag)
{
	bool option = kid != NULL;
	struct nf_diag own = { 0 };
	struct nf_kid parsed;
	struct nf_view text;
	int r;

	if ((r = nf_kekpem_load(path, &out->pem, diag)) != 0)
		return r;
	if (kid != NULL && out->pem.kid[0] != '\0' &&
	    strcmp(kid, out->pem.kid) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, "--kid",
		    "%s says that it is %s", path, out->pem.kid);
	if (kid == NULL && out->pem.kid[0] != '\0')
		kid = out->pem.kid;
	if (kid == NULL) {
		if ((r = kid_beside(path, out->kid, diag)) != 0)
			return r;
		if (out->kid[0] == '\0')
			return nf_diag_set(diag, NF_E_USAGE, "--kid",
			    "is missing, and %s does not tell it", path);
	} else if (strlen(kid) > NF_KID_MAX)
		return nf_diag_set(diag, option ? NF_E_USAGE : NF_E_FORMAT,
		    "--kid", "is longer than %d characters", NF_KID_MAX);
	else
		(void)snprintf(out->kid, sizeof(out->kid), "%s", kid);
	text = nf_view_of(out->kid, strlen(out->kid));
	out->pem.insecure |= nf_seed_kid(text);
	r = nf_kid_read(text, &parsed, option ? &own : diag);
	if (r != 0 && option)
		return nf_diag_set(diag, r == NF_E_FORMAT ? NF_E_USAGE : r,
		    "--kid", "%s: %s", own.field, own.text);
	return r;
}

void
nf_plan_kek_warn(const char *path, void (*tell)(const char *line))
{
	char line[NF_PATH_MAX + 128];

	if (nf_seed_text() != NULL)
		return;
	nf_err_format(line, sizeof(line), NF_SEED_WORDS ": %s: this KEK was "
	    "made from a seed; what is wrapped under it is not secret", path);
	tell(line);
}
