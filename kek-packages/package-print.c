/* SPDX-License-Identifier: Apache-2.0 */
/* A region package for people: what it claims, with nothing verified. */
#include "config.h"

#include "kek-packages/package.h"
#include "nfast/base/text.h"
#include "nfast/wire/certlist.h"
#include "nfast/wire/modcert.h"

#define INDENT	"    "

static void
put_text(struct nf_buf *buf, const char *name, struct nf_view v)
{
	nf_buf_printf(buf, "  %s: %.*s\n", name, (int)v.len,
	    (const char *)v.p);
}

static void
put_hash(struct nf_buf *buf, const char *name, const uint8_t hash[static 20])
{
	nf_buf_printf(buf, "  %s: ", name);
	nf_text_hex(buf, nf_view_of(hash, 20));
	nf_buf_u8(buf, '\n');
}

static void
put_time(struct nf_buf *buf, uint64_t time)
{
	nf_buf_str(buf, "  time: ");
	nf_text_time(buf, time);
	nf_buf_u8(buf, '\n');
}

static int
put_cert(struct nf_buf *buf, const char *name, struct nf_view msg,
    struct nf_diag *diag)
{
	struct nf_modcert *cert;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, msg.p, msg.len, diag);
	if ((r = nf_wire_modcert_read(&cur, &cert)) != 0)
		return r;
	nf_buf_printf(buf, "  %s:\n", name);
	nf_wire_modcert_print(buf, cert, INDENT);
	nf_modcert_free(cert);
	return 0;
}

static int
put_chain(struct nf_buf *buf, struct nf_view chain, struct nf_diag *diag)
{
	struct nf_certlist list;
	struct nf_cur cur;
	int r;

	nf_cur_init(&cur, chain.p, chain.len, diag);
	nf_wire_certlist_read(&cur, &list);
	if ((r = nf_cur_end(&cur, "certificates")) != 0)
		return r;
	for (uint32_t i = 0; i < list.n; i++)
		put_hash(buf, i + 1 == list.n ? "root" : "certified by",
		    list.cert[i].keyhash);
	return 0;
}

static int
kek_print(struct nf_buf *buf, const struct nf_km_file *file,
    struct nf_diag *diag)
{
	struct nf_kek_kekpkg p;
	int r;

	if ((r = nf_kek_kekpkg_read(file, &p, diag)) != 0)
		return r;
	nf_buf_str(buf, "KEK package (nothing is verified)\n");
	put_text(buf, "region", p.region);
	nf_buf_printf(buf, "  key: %.*s,%.*s\n", (int)p.appname.len,
	    (const char *)p.appname.p, (int)p.ident.len,
	    (const char *)p.ident.p);
	put_text(buf, "name", p.name);
	put_hash(buf, "hash", p.hash);
	put_text(buf, "ESN", p.esn);
	put_time(buf, p.time);
	put_text(buf, "mark", p.mark);
	if ((r = put_chain(buf, p.rootchain, diag)) != 0 ||
	    (r = put_cert(buf, "key generation", p.mesg_gen, diag)) != 0)
		return r;
	return put_cert(buf, "module state", p.mesg_state, diag);
}

static int
world_print(struct nf_buf *buf, const struct nf_km_file *file,
    struct nf_diag *diag)
{
	struct nf_kek_worldpkg p;
	int r;

	if ((r = nf_kek_worldpkg_read(file, &p, diag)) != 0)
		return r;
	nf_buf_str(buf, "SecurityWorld package (nothing is verified)\n");
	put_text(buf, "region", p.region);
	put_text(buf, "cipher suite", p.suite);
	put_hash(buf, "HKNSO", p.hknso);
	put_hash(buf, "HKM", p.hkm);
	put_hash(buf, "HKMC", p.hkmc);
	put_text(buf, "ESN", p.esn);
	put_time(buf, p.time);
	put_text(buf, "mark", p.mark);
	if ((r = put_chain(buf, p.rootchain, diag)) != 0 ||
	    (r = put_cert(buf, "module key generation", p.mesg_gen_km,
	    diag)) != 0)
		return r;
	return put_cert(buf, "module state", p.mesg_state, diag);
}

int
nf_kek_pkg_print(struct nf_buf *buf, const struct nf_km_file *file,
    struct nf_diag *diag)
{
	int r = NF_E_FORMAT;

	switch (nf_kek_pkg_kind(file)) {
	case NF_KEK_PKG_KEK:
		r = kek_print(buf, file, diag);
		break;
	case NF_KEK_PKG_WORLD:
		r = world_print(buf, file, diag);
		break;
	case NF_KEK_PKG_NONE:
		return nf_diag_set(diag, NF_E_FORMAT, NULL,
		    "neither a KEK package nor a SecurityWorld package");
	}
	if (r == 0 && (r = nf_buf_err(buf)) != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	return r;
}
