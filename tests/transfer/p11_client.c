/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PKCS#11 side of method 2 as a program, for the tests: wraps one key and
 * prints what the library says about it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/base/text.h"
#include "transfer/kekpem.h"
#include "transfer/p11.h"

static const char help[] =
    "  --out FILE receives C1 and C2, --pub FILE the public half.\n";

static const struct nf_cli cli = {
	.name = "p11_client",
	.synopsis = "p11_client [--uri URI] [options] --kek FILE\n",
	.help = help,
};

struct args {
	const char *uri, *pin_file, *pin_fd, *kek, *out, *pub, *times;
	const char *second;
	bool check;
	struct nf_p11_options opt;
};

static int
pub_save(const char *path, const struct nf_p11_key *key,
    struct nf_diag *diag)
{
	EVP_PKEY *pkey = NULL;
	unsigned char *der = NULL;
	int len, r;

	if (!key->has_pub)
		return 0;
	if ((r = nf_wire_keydata_pkey(&key->pub, &pkey, diag)) != 0)
		return r;
	if ((len = i2d_PUBKEY(pkey, &der)) <= 0)
		r = nf_diag_set(diag, NF_E_CRYPTO, NULL, "i2d_PUBKEY");
	else
		r = nf_file_write_atomic(path, 0600,
		    nf_view_of(der, (size_t)len), diag);
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	return r;
}

static void
show(const struct nf_p11 *p11, const struct nf_p11_key *key,
    struct nf_buf *out)
{
	char type[NF_XFER_KEYTYPE_MAX], hex[41];
	uint8_t hash[NF_HASH_LEN];
	const char *mechanism = nf_p11_mechanism(p11);

	nf_xfer_keytype_text(&key->type, type);
	nf_buf_printf(out, "type %s\nlabel %s\nsource ", type, key->label);
	nf_p11_source(p11, out);
	nf_buf_printf(out, "\nmechanism %s\n",
	    mechanism == NULL ? "-" : mechanism);
	if (nf_p11_is_filled(p11, key))
		nf_buf_str(out, "filled\n");
	if (key->has_pub && nf_wire_keyhash(&key->pub, hash, NULL) == 0) {
		nf_text_hash(hex, hash);
		nf_buf_printf(out, "hash %s\n", hex);
	}
}

static int
one_key(const struct args *a, struct nf_p11 *p11,
    const struct nf_p11_select *select, const struct nf_kekpem *kek,
    struct nf_buf *text, struct nf_diag *diag)
{
	struct nf_p11_key key;
	struct nf_buf c = NF_BUF_INIT;
	unsigned long times = a->times == NULL ? 1 :
	    strtoul(a->times, NULL, 10);
	int r;

	if ((r = nf_p11_find(p11, select, &key, diag)) != 0)
		goto out;
	if (a->pub != NULL && (r = pub_save(a->pub, &key, diag)) != 0)
		goto out;
	r = a->check ? nf_p11_check(p11, &key, diag) : 0;
	for (unsigned long i = 0; !a->check && r == 0 && i < times; i++) {
		nf_buf_wipe(&c);
		r = nf_p11_wrap(p11, &key, nf_kekpem_n(kek),
		    nf_kekpem_e(kek), &c, diag);
	}
	if (r == 0 && a->out != NULL && !a->check)
		r = nf_file_write_atomic(a->out, 0600, nf_buf_view(&c), diag);
	if (r == 0)
		show(p11, &key, text);
out:
	nf_p11_key_wipe(&key);
	nf_buf_wipe(&c);
	return r;
}

static int
run(const struct args *a, struct nf_buf *text, struct nf_diag *diag)
{
	struct nf_p11_pin pin = { NF_P11_PIN_ASK, NULL, -1 };
	struct nf_p11_options second = { .label = a->second };
	struct nf_p11_select *select = NULL, *other = NULL;
	struct nf_p11 *p11 = NULL;
	struct nf_kekpem kek;
	int r;

	if (a->pin_file != NULL) {
		pin.kind = NF_P11_PIN_FILE;
		pin.path = a->pin_file;
	} else if (a->pin_fd != NULL) {
		pin.kind = NF_P11_PIN_FD;
		pin.fd = (int)strtol(a->pin_fd, NULL, 10);
	}
	memset(&kek, 0, sizeof(kek));
	if ((a->kek != NULL && (r = nf_kekpem_load(a->kek, &kek,
	    diag)) != 0) ||
	    (r = nf_p11_select_new(a->uri, &a->opt, &select, diag)) != 0 ||
	    (r = nf_p11_open(select, &pin, &p11, diag)) != 0 ||
	    (r = one_key(a, p11, select, &kek, text, diag)) != 0)
		goto out;
	if (a->second == NULL)
		goto out;
	second.module = a->opt.module;
	second.token = a->opt.token;
	if ((r = nf_p11_select_new(NULL, &second, &other, diag)) != 0)
		goto out;
	if (!nf_p11_serves(p11, other))
		r = nf_diag_set(diag, NF_E_MISMATCH, NULL, "another token");
	else
		r = one_key(a, p11, other, &kek, text, diag);
out:
	nf_p11_close(p11);
	nf_p11_select_free(select);
	nf_p11_select_free(other);
	return r;
}

int
main(int argc, char **argv)
{
	struct args a;
	struct nf_buf text = NF_BUF_INIT;
	struct nf_diag diag = { .code = 0 };
	char **words;
	int n, status;
	const struct nf_opt opts[] = {
		{ "uri", 0, NULL, &a.uri },
		{ "module", 0, NULL, &a.opt.module },
		{ "token", 0, NULL, &a.opt.token },
		{ "slot", 0, NULL, &a.opt.slot },
		{ "label", 0, NULL, &a.opt.label },
		{ "id", 0, NULL, &a.opt.id },
		{ "second", 0, NULL, &a.second },
		{ "pin-file", 0, NULL, &a.pin_file },
		{ "pin-fd", 0, NULL, &a.pin_fd },
		{ "kek", 0, NULL, &a.kek },
		{ "out", 0, NULL, &a.out },
		{ "pub", 0, NULL, &a.pub },
		{ "times", 0, NULL, &a.times },
		{ "check", 0, &a.check, NULL },
		{ NULL, 0, NULL, NULL }
	};

	nf_process_harden();
	memset(&a, 0, sizeof(a));
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &words, &n)) >= 0)
		return status;
	if (run(&a, &text, &diag) != 0) {
		nf_buf_wipe(&text);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &text, NF_EXIT_OK);
}
