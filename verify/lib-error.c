/* SPDX-License-Identifier: Apache-2.0 */
/* libsecworld: codes, diagnostics, and how its functions begin and end. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "nfast/base/crypto.h"
#include "verify/lib.h"

/* The numbers of the interface are those of the project. */
_Static_assert(SW_E_USAGE == (int)NF_E_USAGE &&
    SW_E_FORMAT == (int)NF_E_FORMAT && SW_E_IO == (int)NF_E_IO &&
    SW_E_NOTFOUND == (int)NF_E_NOTFOUND &&
    SW_E_EXISTS == (int)NF_E_EXISTS && SW_E_BUSY == (int)NF_E_BUSY &&
    SW_E_MISMATCH == (int)NF_E_MISMATCH &&
    SW_E_VERIFY == (int)NF_E_VERIFY && SW_E_POLICY == (int)NF_E_POLICY &&
    SW_E_UNANCHORED == (int)NF_E_UNANCHORED &&
    SW_E_REFUSED == (int)NF_E_REFUSED && SW_E_NOMEM == (int)NF_E_NOMEM &&
    SW_E_CRYPTO == (int)NF_E_CRYPTO && SW_E_INTERNAL == (int)NF_E_INTERNAL,
    "a code has changed its number");
_Static_assert(SW_EXIT_OK == (int)NF_EXIT_OK &&
    SW_EXIT_CHECK == (int)NF_EXIT_CHECK &&
    SW_EXIT_USAGE == (int)NF_EXIT_USAGE &&
    SW_EXIT_INPUT == (int)NF_EXIT_INPUT &&
    SW_EXIT_UNKNOWN == (int)NF_EXIT_UNKNOWN &&
    SW_EXIT_REFUSED == (int)NF_EXIT_REFUSED,
    "an exit status has changed its number");

int
nf_lib_begin(struct sw_diag *diag, struct nf_diag *d)
{
	memset(d, 0, sizeof(*d));
	if (diag != NULL)
		nf_diag_clear(&diag->d);
	if (nf_crypto_isolate())
		return 0;
	return nf_diag_set(d, NF_E_CRYPTO, NULL,
	    "libcrypto makes no context");
}

int
nf_lib_end(struct sw_diag *diag, const struct nf_diag *d, int r)
{
	ERR_clear_error();
	if (diag == NULL)
		return r;
	nf_diag_clear(&diag->d);
	if (r == 0)
		return 0;
	diag->d = *d;
	if (d->code == 0)
		(void)nf_diag_set(&diag->d, r, NULL, "%s", nf_err_text(r));
	diag->d.code = r;
	return r;
}

int
nf_lib_usage(struct sw_diag *diag, const char *field, const char *text)
{
	if (diag == NULL)
		return NF_E_USAGE;
	nf_diag_clear(&diag->d);
	return nf_diag_set(&diag->d, NF_E_USAGE, field, "%s", text);
}

int
nf_lib_give(struct nf_buf *buf, char **out, size_t *len, struct nf_diag *d)
{
	int r;

	nf_buf_u8(buf, 0);
	if ((r = nf_buf_err(buf)) != 0) {
		nf_buf_wipe(buf);
		return nf_diag_set(d, r, NULL, "%s", nf_err_text(r));
	}
	*out = (char *)buf->p;
	if (len != NULL)
		*len = buf->len - 1;
	nf_buf_init(buf);
	return 0;
}

int
nf_lib_flush(struct nf_buf *buf, sw_write_fn *write, void *arg,
    struct nf_diag *d)
{
	int r;

	if ((r = nf_buf_err(buf)) != 0)
		return nf_diag_set(d, r, NULL, "%s", nf_err_text(r));
	if (buf->len > 0 && write(arg, buf->p, buf->len) != 0)
		r = nf_diag_set(d, NF_E_IO, NULL,
		    "the caller's function stopped the writer");
	buf->len = 0;
	return r;
}

struct sw_diag *
sw_diag_new(void)
{
	return calloc(1, sizeof(struct sw_diag));
}

void
sw_diag_free(struct sw_diag *diag)
{
	free(diag);
}

int
sw_diag_code(const struct sw_diag *diag)
{
	return diag == NULL ? 0 : diag->d.code;
}

const char *
sw_diag_where(const struct sw_diag *diag)
{
	return diag == NULL ? "" : diag->d.where;
}

const char *
sw_diag_field(const struct sw_diag *diag)
{
	return diag == NULL ? "" : diag->d.field;
}

const char *
sw_diag_text(const struct sw_diag *diag)
{
	if (diag == NULL || diag->d.code == 0)
		return "";
	return diag->d.text[0] == '\0' ? nf_err_text(diag->d.code) :
	    diag->d.text;
}

int
sw_diag_offset(const struct sw_diag *diag, size_t *offset)
{
	if (diag == NULL || offset == NULL)
		return NF_E_USAGE;
	if (!diag->d.has_offset)
		return NF_E_NOTFOUND;
	*offset = diag->d.offset;
	return 0;
}

int
sw_diag_line(const struct sw_diag *diag, char *out, size_t size)
{
	if (out == NULL || size == 0)
		return NF_E_USAGE;
	out[0] = '\0';
	if (diag == NULL)
		return NF_E_USAGE;
	if (diag->d.code != 0)
		nf_diag_line(&diag->d, out, size);
	return 0;
}

const char *
sw_code_text(int code)
{
	return code == 0 ? "success" : nf_err_text(code);
}

int
sw_code_exit(int code)
{
	return nf_err_exit(code);
}

const char *
sw_version(void)
{
	return PACKAGE_VERSION;
}

void
sw_free(char *text)
{
	free(text);
}
