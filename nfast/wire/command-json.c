/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/wire/command-fields.h"
#include "nfast/wire/command-json.h"

static const char *const names[] = {
	[F_FLAGS] = "flags", [F_MODULE] = "module", [F_MODE] = "mode",
	[F_VERSION] = "version", [F_TYPE] = "type", [F_LENGTH] = "length",
	[F_INDEX] = "index", [F_WORD] = "word", [F_KEY] = "key",
	[F_KEY2] = "key2", [F_MECH] = "mech", [F_FORMAT] = "format",
	[F_SIGNER] = "signer", [F_REPLYTYPE] = "replytype",
	[F_SLOT] = "slot", [F_SLOTNO] = "slot", [F_IC] = "ic",
	[F_GENPARAMS] = "params", [F_ACL] = "acl", [F_ACL2] = "acl2",
	[F_NESTED_ACL] = "acl", [F_KEYDATA] = "keydata",
	[F_PLAIN] = "plain", [F_CIPHER] = "cipher",
	[F_TOKENPARAMS] = "params", [F_CERT] = "cert", [F_CERT2] = "cert2",
	[F_ENQUIRY] = "enquiry", [F_HASHEX] = "hashex", [F_HASH] = "hash",
	[F_HASH2] = "hash2", [F_NONCE] = "nonce", [F_PIN] = "pin",
	[F_APPDATA] = "appdata", [F_APPDATA2] = "appdata2",
	[F_DATA] = "data", [F_STRING] = "string", [F_HASHES] = "hashes",
	[F_SHARES] = "shares", [F_BLOBKEY] = "blobkey", [F_IV] = "iv",
	[F_CLIENT] = "client", [F_KEYS] = "keys"
};

void
nf_wire_name_json(struct nf_buf *buf, const struct nf_name *table,
    uint32_t number)
{
	nf_buf_u8(buf, '"');
	nf_name_print(buf, table, number);
	nf_buf_u8(buf, '"');
}

static void
hex(struct nf_buf *buf, struct nf_view v)
{
	nf_buf_u8(buf, '"');
	nf_text_hex(buf, v);
	nf_buf_u8(buf, '"');
}

static void
member_hex(struct nf_buf *buf, const char *name, struct nf_view v)
{
	if (v.p != NULL) {
		nf_buf_printf(buf, ", \"%s\": ", name);
		hex(buf, v);
	}
}

static void
secret(struct nf_buf *buf, size_t len)
{
	nf_buf_printf(buf, "{\"secret\": %zu}", len);
}

static void
word(struct nf_buf *buf, enum field f, uint32_t v)
{
	switch (f) {
	case F_MODE:
		nf_wire_name_json(buf, nf_wire_modes, v);
		break;
	case F_TYPE:
		nf_wire_name_json(buf, nf_wire_keytypes, v);
		break;
	case F_MECH:
		nf_wire_name_json(buf, nf_wire_mechs, v);
		break;
	case F_FORMAT:
		nf_wire_name_json(buf, nf_wire_blobformats, v);
		break;
	case F_REPLYTYPE:
		nf_wire_name_json(buf, nf_wire_plaintypes, v);
		break;
	default:
		nf_buf_printf(buf, "%u", v);
		break;
	}
}

/* The text that people read, one string with its lines. */
static void
acl(struct nf_buf *buf, const struct nf_acl *a)
{
	struct nf_buf text = NF_BUF_INIT;

	if (a != NULL)
		nf_wire_acl_print(&text, a, "");
	nf_text_json(buf, nf_buf_view(&text));
	if (nf_buf_err(&text) != 0)
		nf_buf_fail(buf, nf_buf_err(&text));
	nf_buf_wipe(&text);
}

static void
keydata(struct nf_buf *buf, const struct nf_keydata *k)
{
	static const char *const v[NF_KEYDATA_NUMS] = { "v0", "v1", "v2",
	    "v3", "v4", "v5" };
	size_t len = 0;

	nf_buf_str(buf, "{\"type\": ");
	nf_wire_name_json(buf, nf_wire_keytypes, k->type);
	for (size_t i = 0; i < NF_KEYDATA_NUMS; i++) {
		if (nf_wire_keykind(k->type) == NF_KIND_PUBLIC)
			member_hex(buf, v[i], k->v[i]);
		len += k->v[i].len;
	}
	if (nf_wire_keykind(k->type) != NF_KIND_PUBLIC)
		nf_buf_printf(buf, ", \"secret\": %zu", len);
	nf_buf_u8(buf, '}');
}

static void
cipher(struct nf_buf *buf, const struct nf_cipher *c)
{
	nf_buf_str(buf, "{\"mech\": ");
	nf_wire_name_json(buf, nf_wire_mechs, c->mech);
	member_hex(buf, "v0", c->v[0]);
	member_hex(buf, "v1", c->v[1]);
	member_hex(buf, "iv", c->iv);
	member_hex(buf, "header", c->header);
	nf_buf_u8(buf, '}');
}

static void
cert(struct nf_buf *buf, const struct nf_signed *s)
{
	nf_buf_str(buf, "{\"signature\": ");
	cipher(buf, &s->sig);
	member_hex(buf, "message", s->msg);
	nf_buf_u8(buf, '}');
}

static void
genparams(struct nf_buf *buf, const struct nf_genparams *p)
{
	struct nf_buf text = NF_BUF_INIT;

	nf_wire_genparams_print(&text, p);
	nf_text_json(buf, nf_buf_view(&text));
	if (nf_buf_err(&text) != 0)
		nf_buf_fail(buf, nf_buf_err(&text));
	nf_buf_wipe(&text);
}

static void
enquiry(struct nf_buf *buf, const struct nf_enquiry *e)
{
	nf_buf_str(buf, "{\"mode\": ");
	nf_wire_name_json(buf, nf_wire_modes, e->mode);
	nf_buf_str(buf, ", \"serial\": ");
	nf_text_json(buf, e->serial);
	nf_buf_str(buf, ", \"software\": ");
	nf_text_json(buf, e->software);
	nf_buf_u8(buf, '}');
}

static void
hashes(struct nf_buf *buf, const struct nf_args *a)
{
	nf_buf_u8(buf, '[');
	for (uint32_t i = 0; i < a->n_hashes; i++) {
		nf_buf_str(buf, i == 0 ? "" : ", ");
		hex(buf, nf_view_of(a->hashes[i], NF_HASH_LEN));
	}
	nf_buf_u8(buf, ']');
}

static void
shares(struct nf_buf *buf, const struct nf_args *a)
{
	nf_buf_u8(buf, '[');
	for (uint32_t i = 0; i < a->n_shares; i++) {
		nf_buf_printf(buf, "%s{\"index\": %u", i == 0 ? "" : ", ",
		    a->share[i].index);
		member_hex(buf, "hkt", nf_view_of(a->share[i].hkt,
		    NF_SHORTHASH_LEN));
		nf_buf_u8(buf, '}');
	}
	nf_buf_u8(buf, ']');
}

static void
keys(struct nf_buf *buf, const struct nf_args *a)
{
	nf_buf_u8(buf, '[');
	for (uint32_t i = 0; i < a->n_keys; i++)
		nf_buf_printf(buf, "%s%u", i == 0 ? "" : ", ", a->keys[i]);
	nf_buf_u8(buf, ']');
}

static void
blobkey(struct nf_buf *buf, const struct nf_args *a)
{
	if (a->format == NF_BLOB_MODULE) {
		hex(buf, nf_view_of(a->hash, NF_HASH_LEN));
		return;
	}
	nf_buf_printf(buf, "{\"key\": %u", a->key2);
	if (a->format == NF_BLOB_USERKEY) {
		nf_buf_str(buf, ", \"mech\": ");
		nf_wire_name_json(buf, nf_wire_mechs, a->mech);
	}
	nf_buf_u8(buf, '}');
}

/* The fields that are neither a word nor raw bytes of a fixed length. */
static void
composed(struct nf_buf *buf, uint32_t cmd, enum field f,
    const struct nf_args *a)
{
	switch (f) {
	case F_SLOT:
		nf_buf_printf(buf, "{\"module\": %u, \"number\": %u, "
		    "\"ic\": %u}", a->module, a->slot, a->ic);
		break;
	case F_GENPARAMS:
		genparams(buf, &a->genparams);
		break;
	case F_ACL:
	case F_NESTED_ACL:
		acl(buf, a->acl);
		break;
	case F_ACL2:
		acl(buf, a->acl2);
		break;
	case F_KEYDATA:
		keydata(buf, &a->keydata);
		break;
	case F_PLAIN:
		nf_buf_str(buf, "{\"type\": ");
		nf_wire_name_json(buf, nf_wire_plaintypes, a->plain.type);
		nf_buf_printf(buf, ", \"secret\": %zu}", a->plain.v.len);
		break;
	case F_CIPHER:
		cipher(buf, &a->cipher);
		break;
	case F_TOKENPARAMS:
		nf_buf_printf(buf, "{\"flags\": %u, \"needed\": %u, "
		    "\"total\": %u, \"timelimit\": %u}",
		    a->tokenparams.flags, a->tokenparams.needed,
		    a->tokenparams.total, a->tokenparams.timelimit);
		break;
	case F_CERT:
		cert(buf, &a->cert);
		break;
	case F_CERT2:
		cert(buf, &a->cert2);
		break;
	case F_ENQUIRY:
		enquiry(buf, &a->enquiry);
		break;
	case F_HASHEX:
		hex(buf, nf_view_of(a->hashex.hash,
		    nf_wire_hashex_len(a->hashex.mech)));
		break;
	case F_DATA:
		if (cmd == NF_CMD_GENERATERANDOM)
			secret(buf, a->data.len);
		else
			hex(buf, a->data);
		break;
	case F_STRING:
		nf_text_json(buf, a->string);
		break;
	case F_HASHES:
		hashes(buf, a);
		break;
	case F_SHARES:
		shares(buf, a);
		break;
	case F_BLOBKEY:
		blobkey(buf, a);
		break;
	case F_KEYS:
		keys(buf, a);
		break;
	case F_IV:
		hex(buf, a->cipher.iv);
		break;
	default:
		nf_abort("field without a printer", __FILE__, __LINE__);
	}
}

void
nf_wire_args_json(struct nf_buf *buf, uint32_t cmd, bool reply,
    const struct nf_args *args)
{
	const struct nf_spec *spec = nf_wire_spec(cmd);
	struct nf_args *a = (struct nf_args *)(uintptr_t)args;
	const int *fields = spec == NULL ? NULL :
	    reply ? spec->reply : spec->args;
	const char *between = "";

	nf_buf_u8(buf, '{');
	for (size_t i = 0; fields != NULL && i < FIELDS_MAX &&
	    fields[i] != F_END; i++) {
		enum field f = FIELD(fields[i]);
		const uint32_t *w = nf_wire_word(f, a);
		const uint8_t *raw;
		size_t len;

		if (!PRESENT(fields[i], a))
			continue;
		nf_buf_printf(buf, "%s\"%s\": ", between, names[f]);
		between = ", ";
		raw = nf_wire_raw(f, a, &len);
		if (w != NULL)
			word(buf, f, *w);
		else if (f == F_PIN || f == F_CLIENT)
			secret(buf, len);
		else if (raw != NULL)
			hex(buf, nf_view_of(raw, len));
		else
			composed(buf, cmd, f, a);
	}
	nf_buf_u8(buf, '}');
}
