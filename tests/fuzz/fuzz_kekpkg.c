/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: region packages, of both kinds. */
#include "config.h"

#include "kek-packages/package.h"
#include "tests/fuzz/fuzz.h"

static struct nf_km_file *
read_again(const struct nf_buf *buf)
{
	struct nf_km_file *file;
	struct nf_cur cur;

	nf_cur_init(&cur, buf->p, buf->len, NULL);
	(void)FUZZ_OK(nf_km_file_read(&cur, &file) == 0);
	return file;
}

static void
check_kek(const struct nf_km_file *file)
{
	struct nf_buf once = NF_BUF_INIT, twice = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_kek_kekpkg pkg;
	struct nf_km_file *again = NULL;
	int r = nf_kek_kekpkg_read(file, &pkg, &diag);

	fuzz_diag(r, &diag);
	if (r != 0)
		return;
	if (FUZZ_OK(nf_kek_kekpkg_write(&pkg, &once) == 0) &&
	    (again = read_again(&once)) != NULL &&
	    FUZZ_OK(nf_kek_kekpkg_read(again, &pkg, NULL) == 0) &&
	    FUZZ_OK(nf_kek_kekpkg_write(&pkg, &twice) == 0))
		fuzz_same(&twice, once.p, once.len);
	nf_km_file_free(again);
	nf_buf_wipe(&once);
	nf_buf_wipe(&twice);
}

static void
check_world(const struct nf_km_file *file)
{
	struct nf_buf once = NF_BUF_INIT, twice = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_kek_worldpkg pkg;
	struct nf_km_file *again = NULL;
	int r = nf_kek_worldpkg_read(file, &pkg, &diag);

	fuzz_diag(r, &diag);
	if (r != 0)
		return;
	if (FUZZ_OK(nf_kek_worldpkg_write(&pkg, &once) == 0) &&
	    (again = read_again(&once)) != NULL &&
	    FUZZ_OK(nf_kek_worldpkg_read(again, &pkg, NULL) == 0) &&
	    FUZZ_OK(nf_kek_worldpkg_write(&pkg, &twice) == 0))
		fuzz_same(&twice, once.p, once.len);
	nf_km_file_free(again);
	nf_buf_wipe(&once);
	nf_buf_wipe(&twice);
}

void
target_kekpkg(const uint8_t *data, size_t size)
{
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	struct nf_km_file *file;
	struct nf_cur cur;

	(void)nf_kek_pkg_is_datafile(nf_view_of(data, size));
	nf_cur_init(&cur, data, size, NULL);
	if (nf_km_file_read(&cur, &file) != 0)
		return;
	(void)nf_kek_pkg_kind(file);
	check_kek(file);
	check_world(file);
	if (nf_kek_pkg_print(&out, file, &diag) == 0)
		fuzz_text(&out);
	nf_buf_wipe(&out);
	nf_km_file_free(file);
}
