/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: zip archives.  What is accepted keeps its promises: the
 * entries, with their headers, lie before the directory and do not overlap,
 * and every entry that verifies reads the same.
 */
#include "config.h"

#include <string.h>

#include "kek-packages/zip.h"
#include "tests/fuzz/fuzz.h"

#define ENTRY_MAX	((size_t)1 << 20)

static void
check_entry(struct nf_zip *zip, size_t i, size_t size)
{
	const struct nf_zip_entry *e = nf_zip_entry(zip, i);
	struct nf_buf buf = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	size_t len = strlen(e->name);
	int r;

	NF_REQUIRE(len > 0 && len <= NF_ZIP_NAME_MAX);
	NF_REQUIRE(nf_view_printable(nf_view_of(e->name, len)));
	NF_REQUIRE(e->name[0] != '/' && strchr(e->name, '\\') == NULL &&
	    strcmp(e->name, "..") != 0 && strncmp(e->name, "../", 3) != 0 &&
	    strstr(e->name, "/../") == NULL);
	NF_REQUIRE(e->data > e->offset && e->data <= size &&
	    e->packed <= size - e->data);
	r = nf_zip_stream(zip, i, NULL, NULL, &diag);
	fuzz_diag(r, &diag);
	NF_REQUIRE(e->verified == (r == 0));
	if (r == 0 && e->size <= ENTRY_MAX &&
	    FUZZ_OK(nf_zip_read(zip, i, ENTRY_MAX, &buf, &diag) == 0))
		NF_REQUIRE(buf.len == e->size);
	nf_buf_wipe(&buf);
}

void
target_zip(const uint8_t *data, size_t size)
{
	const struct nf_zip_limits limits = { .entry = 4 * ENTRY_MAX,
	    .total = 8 * ENTRY_MAX, .count = 1000 };
	uint64_t sum = 0;
	struct nf_diag diag = { 0 };
	struct nf_zip *zip;
	int r;

	(void)nf_zip_is(nf_view_of(data, size));
	r = nf_zip_open_mem(nf_view_of(data, size), &limits, &zip, &diag);
	fuzz_diag(r, &diag);
	NF_REQUIRE((r == 0) == (zip != NULL));
	if (r != 0)
		return;
	for (size_t i = 0; i < nf_zip_count(zip); i++) {
		const struct nf_zip_entry *e = nf_zip_entry(zip, i);

		sum += e->data - e->offset + e->packed;
		check_entry(zip, i, size);
	}
	NF_REQUIRE(sum <= size);
	nf_zip_free(zip);
}
