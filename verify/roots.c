/* SPDX-License-Identifier: Apache-2.0 */
/* Which roots are accepted.  The pinned one is real, the file is ours. */
#include "config.h"

#include <string.h>

#include "nfast/base/file.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "verify/roots.h"

#define FILE_LEN	41	/* 40 digits and a newline */

const uint8_t nf_vfy_legacy_root[20] = {
	0x59, 0x17, 0x8a, 0x47, 0xde, 0x50, 0x8c, 0x3f, 0x29, 0x12,
	0x77, 0xee, 0x18, 0x4f, 0x46, 0xc4, 0xf1, 0xd9, 0xc6, 0x39
};

/* A second root that is the pinned one adds nothing. */
static void
extra_set(struct nf_vfy_roots *out, const uint8_t hash[static 20])
{
	out->has_extra = memcmp(hash, nf_vfy_legacy_root, 20) != 0;
	if (out->has_extra)
		memcpy(out->extra, hash, 20);
}

/* Forty digits; the vendor prints them in groups. */
int
nf_vfy_roots_name(struct nf_vfy_roots *out, const char *text,
    struct nf_diag *diag)
{
	struct nf_view v = nf_view_of(text, strlen(text));
	char digits[40];
	uint8_t hash[20];
	size_t n = 0;

	/* All of the simulator's file. */
	(void)nf_seed_line_skip(&v);
	for (text = (const char *)v.p; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		if (n == sizeof(digits)) {
			n++;
			break;
		}
		digits[n++] = *text;
	}
	if (n != sizeof(digits) || !nf_text_unhex(digits, n, hash, 20))
		return nf_diag_set(diag, NF_E_USAGE, "root-hash",
		    "not 40 hexadecimal digits");
	extra_set(out, hash);
	return 0;
}

int
nf_vfy_roots_load(struct nf_vfy_roots *out, const char *dir,
    struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	struct nf_view v;
	uint8_t hash[20];
	int r;

	if ((r = nf_path(path, diag, "%s/" NF_VFY_ROOT_FILE, dir)) != 0 ||
	    (r = nf_file_load(path, 4096, &file, diag)) != 0)
		goto out;
	v = nf_buf_view(&file);
	(void)nf_seed_line_skip(&v);
	if (v.len != FILE_LEN || v.p[FILE_LEN - 1] != '\n' ||
	    !nf_text_unhex((const char *)v.p, FILE_LEN - 1, hash, 20)) {
		r = nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not the hash of a factory root");
		nf_diag_where(diag, "%s", path);
		goto out;
	}
	extra_set(out, hash);
out:
	nf_buf_wipe(&file);
	return r;
}

enum nf_vfy_rootkind
nf_vfy_roots_find(const struct nf_vfy_roots *roots,
    const uint8_t hash[static 20])
{
	if (memcmp(hash, nf_vfy_legacy_root, 20) == 0)
		return NF_VFY_ROOT_PINNED;
	if (roots->has_extra && memcmp(hash, roots->extra, 20) == 0)
		return NF_VFY_ROOT_SIMULATED;
	return NF_VFY_ROOT_UNKNOWN;
}
