/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/base/file.h"
#include "nfast/kmdata/attbundle.h"
#include "tests/fuzz/seed_artefacts.h"
#include "verify/nchex.h"

#define FILE_MAX	65536
#define DIGEST_LEN	32	/* at the end of what a module keeps */

/*
 * One use of an artefact.
 *   letter  put before it, for targets that have several readers; 0: none
 *   cut     bytes left out at its end
 */
static const struct {
	const char *target, *name;
	char letter;
	size_t cut;
} uses[] = {
	{ "audit", "key-rsa", 0, 0 },
	{ "audit", "key-ec", 0, 0 },
	{ "audit", "key-aes", 0, 0 },
	{ "audit", "cards", 0, 0 },
	{ "audit", "module", 0, 0 },
	{ "audit", "softcard", 0, 0 },
	{ "audit", "kekpkg", 0, 0 },
	{ "audit", "worldpkg", 0, 0 },
	{ "audit", "zip", 0, 0 },
	{ "audit", "byok1", 0, 0 },
	{ "audit", "byok2", 0, 0 },
	{ "audit", "att-rsa", 0, 0 },
	{ "audit", "att-ec", 0, 0 },
	{ "attest", "att-rsa", 0, 0 },
	{ "attest", "att-ec", 0, 0 },
	{ "attest", "key-ec", 0, 0 },
	{ "attest", "byok1", 0, 0 },
	{ "eligible", "key-rsa", 0, 0 },
	{ "eligible", "key-ec", 0, 0 },
	{ "eligible", "key-aes", 0, 0 },
	{ "eligible", "key-soft", 0, 0 },
	{ "eligible", "key-card", 0, 0 },
	{ "eligible", "key-reduced", 0, 0 },
	{ "lib", "key-aes", 0, 0 },
	{ "lib", "key-ec", 0, 0 },
	{ "lib", "cards", 0, 0 },
	{ "lib", "kekpkg", 0, 0 },
	{ "lib", "byok2", 0, 0 },
	{ "lib", "att-ec", 0, 0 },
	{ "file", "world", 'w', 0 },
	{ "file", "module", 'm', 0 },
	{ "file", "cards", 'c', 0 },
	{ "file", "softcard", 's', 0 },
	{ "file", "key-aes", 'k', 0 },
	{ "file", "key-soft", 'k', 0 },
	{ "file", "key-card", 'k', 0 },
	{ "file", "kek", 'e', 0 },
	{ "file", "root", 'r', 0 },
	{ "file", "kwarn", 'a', 0 },
	{ "state", "state", 'm', DIGEST_LEN },
	{ "state", "state-new", 'm', DIGEST_LEN },
	{ "state", "card", 'c', DIGEST_LEN },
	{ "state", "card-set", 'c', DIGEST_LEN }
};

static void
require(int r, const char *what)
{
	if (r != 0) {
		(void)fprintf(stderr, "make_seeds: %s\n", what);
		exit(1);
	}
}

static void
artefact(const char *dir, const char *name, struct nf_buf *buf)
{
	char path[NF_PATH_MAX];

	nf_buf_init(buf);
	require(nf_path(path, NULL, "%s/%s", dir, name), name);
	require(nf_file_load(path, FILE_MAX, buf, NULL), name);
}

/* The warrant of a bundle, raw and as file. */
static void
warrants(const char *dir,
    void (*seed)(const char *target, const char *name, struct nf_buf *buf))
{
	struct nf_buf file, buf = NF_BUF_INIT;
	struct nf_att att;

	artefact(dir, "att-rsa", &file);
	require(nf_att_read(nf_buf_view(&file), &att, NULL), "bundle");
	for (int i = 0; i < 2; i++) {
		const char *target = i == 0 ? "warrant" : "audit";

		nf_buf_view_put(&buf, att.field[NF_ATT_WARRANT]);
		seed(target, "warrant", &buf);
		nf_nchex_write(&buf, "a warrant", NF_NCHEX_WARRANT,
		    att.field[NF_ATT_WARRANT]);
		seed(target, "warrant-nchex", &buf);
	}
	nf_nchex_write(&buf, "certificates", NF_NCHEX_CERTIFICATE,
	    att.field[NF_ATT_KCMSG]);
	seed("audit", "certificate", &buf);
	nf_att_wipe(&att);
	nf_buf_wipe(&file);
}

void
seed_artefacts(const char *dir,
    void (*seed)(const char *target, const char *name, struct nf_buf *buf))
{
	struct nf_buf file, buf = NF_BUF_INIT;

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		artefact(dir, uses[i].name, &file);
		if (uses[i].letter != 0)
			nf_buf_u8(&buf, (uint8_t)uses[i].letter);
		require(file.len > uses[i].cut ? 0 : 1, uses[i].name);
		nf_buf_put(&buf, file.p, file.len - uses[i].cut);
		nf_buf_wipe(&file);
		seed(uses[i].target, uses[i].name, &buf);
	}
	warrants(dir, seed);
}
