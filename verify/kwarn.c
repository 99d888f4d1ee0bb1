/* SPDX-License-Identifier: Apache-2.0 */
/* Which warrant roots are accepted.  KWARN-1 is real, the file is ours. */
#include "config.h"

#include <string.h>

#include "nfast/base/curve.h"
#include "nfast/base/file.h"
#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "nfast/wire/names.h"
#include "verify/kwarn.h"

#define DIGITS		((size_t)2 * NF_VFY_P521_LEN)
#define FILE_LEN	(2 * (DIGITS + 1))

/* As published by the vendor; least significant byte first. */
static const struct nf_vfy_point kwarn1 = {
	.x = {
		0x96, 0x1d, 0xe6, 0xca, 0x0f, 0xf4, 0xa2, 0x6a, 0x85,
		0x71, 0x73, 0x52, 0x08, 0x02, 0x9e, 0xc2, 0x98, 0xf3,
		0xef, 0x9f, 0x8b, 0x7c, 0x76, 0x36, 0x27, 0xf3, 0x1a,
		0xf0, 0x02, 0xce, 0x56, 0x09, 0xce, 0x0d, 0xf2, 0x52,
		0xba, 0xa3, 0x06, 0xb2, 0x88, 0xda, 0xd0, 0x73, 0xd6,
		0x60, 0x9c, 0xf7, 0xca, 0xe0, 0x99, 0xf7, 0xd2, 0xe8,
		0x8a, 0xf7, 0xa4, 0xc5, 0x01, 0xe0, 0xd7, 0xe6, 0xfd,
		0x1d, 0xd2, 0x01
	},
	.y = {
		0x77, 0x1b, 0x1a, 0x30, 0xd5, 0xde, 0x8b, 0x20, 0x60,
		0xdd, 0x3d, 0xc3, 0x13, 0x69, 0x38, 0xfc, 0xa7, 0x54,
		0xe7, 0x61, 0x86, 0x38, 0xd4, 0xb4, 0xe9, 0x75, 0x10,
		0x7d, 0x2f, 0xcc, 0x49, 0x76, 0x24, 0x7b, 0x5e, 0x23,
		0x3d, 0x4d, 0x01, 0x38, 0x17, 0xc9, 0xb7, 0x5f, 0xf5,
		0x45, 0x96, 0x14, 0x8c, 0x86, 0x1b, 0x3e, 0xb3, 0x06,
		0xae, 0x15, 0xe8, 0x7d, 0x25, 0x06, 0x2f, 0x47, 0xa5,
		0x1c, 0x64, 0x01
	}
};

/* A line of digits, most significant first. */
static bool
line_read(const uint8_t *p, uint8_t out[static NF_VFY_P521_LEN])
{
	uint8_t be[NF_VFY_P521_LEN];

	if (p[DIGITS] != '\n' || !nf_text_unhex((const char *)p, DIGITS, be,
	    sizeof(be)))
		return false;
	for (size_t i = 0; i < sizeof(be); i++)
		out[i] = be[sizeof(be) - 1 - i];
	return true;
}

int
nf_vfy_kwarn_load(struct nf_vfy_kwarn *out, const char *dir,
    struct nf_diag *diag)
{
	struct nf_buf file = NF_BUF_INIT;
	char path[NF_PATH_MAX];
	struct nf_view v;
	int r;

	if ((r = nf_path(path, diag, "%s/" NF_VFY_KWARN_FILE, dir)) != 0 ||
	    !nf_file_exists(path) ||
	    (r = nf_file_load(path, 4096, &file, diag)) != 0)
		goto out;
	v = nf_buf_view(&file);
	(void)nf_seed_line_skip(&v);
	if (v.len != FILE_LEN || !line_read(v.p, out->simulated.x) ||
	    !line_read(v.p + DIGITS + 1, out->simulated.y)) {
		r = nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "not the point of a warrant root");
		nf_diag_where(diag, "%s", path);
		goto out;
	}
	out->has_simulated = true;
out:
	nf_buf_wipe(&file);
	return r;
}

void
nf_vfy_point_key(const struct nf_vfy_point *point, struct nf_keydata *out)
{
	memset(out, 0, sizeof(*out));
	out->type = NF_KEY_ECDSAPUBLIC;
	out->curve = NF_EC_P521;
	out->v[NF_ECPUB_X] = nf_view_of(point->x, sizeof(point->x));
	out->v[NF_ECPUB_Y] = nf_view_of(point->y, sizeof(point->y));
}

bool
nf_vfy_kwarn_find(const struct nf_vfy_kwarn *roots, struct nf_view name,
    struct nf_keydata *out, bool *simulated)
{
	*simulated = false;
	if (nf_view_is(name, NF_VFY_KWARN_PINNED)) {
		nf_vfy_point_key(&kwarn1, out);
		return true;
	}
	if (roots == NULL || !roots->has_simulated ||
	    !nf_view_is(name, NF_VFY_KWARN_SIMULATED))
		return false;
	nf_vfy_point_key(&roots->simulated, out);
	*simulated = true;
	return true;
}
