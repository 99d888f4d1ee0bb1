/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "nfast/wire/command-fields.h"
#include "nfast/wire/modcert.h"
#include "nfast/wire/names.h"

#define STRING_MAX	512

static const struct nf_spec specs[] = {
	{ NF_CMD_NEWENQUIRY, { F_FLAGS, F_VERSION, F_MODULE },
	    { F_FLAGS, F_MODULE, F_VERSION, F_ENQUIRY } },
	{ NF_CMD_NOOP, { F_MODULE }, { F_END } },
	{ NF_CMD_CLEARUNITEX, { F_FLAGS, F_MODULE, F_MODE }, { F_END } },
	{ NF_CMD_INITIALISEUNITEX, { F_FLAGS, F_MODULE, F_WORD }, { F_END } },
	{ NF_CMD_SETNSOPERMS, { F_MODULE, F_FLAGS, F_HASH, F_WORD }, { F_END } },
	{ NF_CMD_SETKM, { F_MODULE, F_FLAGS, F_KEY }, { F_END } },
	{ NF_CMD_REMOVEKM, { F_MODULE, F_FLAGS, F_HASH }, { F_END } },
	{ NF_CMD_GETKMLIST, { F_MODULE, F_FLAGS }, { F_FLAGS, F_HASH, F_HASHES } },
	{ NF_CMD_GENERATEKEY, { F_FLAGS, F_MODULE, F_GENPARAMS, F_ACL,
	    OPT(NF_GEN_APPDATA, F_APPDATA) },
	    { F_FLAGS, F_KEY, OPT(NF_REPLY_CERT, F_CERT) } },
	{ NF_CMD_GENERATEKEYPAIR, { F_FLAGS, F_MODULE, F_GENPARAMS, F_ACL, F_ACL2,
	    OPT(NF_GEN_APPDATA, F_APPDATA),
	    OPT(NF_GENPAIR_APPDATAPUB, F_APPDATA2) },
	    { F_FLAGS, F_KEY, F_KEY2, OPT(NF_REPLY_CERT, F_CERT),
	    OPT(NF_REPLY_CERTPUB, F_CERT2) } },
	{ NF_CMD_IMPORT, { F_MODULE, F_KEYDATA, F_ACL, F_APPDATA }, { F_KEY } },
	{ NF_CMD_EXPORT, { F_KEY }, { F_KEYDATA } },
	{ NF_CMD_DUPLICATE, { F_KEY }, { F_KEY } },
	{ NF_CMD_DESTROY, { F_KEY }, { F_END } },
	{ NF_CMD_GETKEYINFO, { F_KEY }, { F_TYPE, F_HASH } },
	{ NF_CMD_GETKEYINFOEX, { F_FLAGS, F_KEY },
	    { F_VERSION, F_FLAGS, F_TYPE, F_LENGTH, F_HASH, F_HASHEX } },
	{ NF_CMD_NEWCLIENT, { F_FLAGS }, { F_FLAGS, F_CLIENT } },
	{ NF_CMD_EXISTINGCLIENT, { F_FLAGS, F_CLIENT }, { F_FLAGS } },
	{ NF_CMD_MERGEKEYIDS, { F_KEYS }, { F_KEY } },
	{ NF_CMD_ENCRYPT, { F_FLAGS, F_KEY, F_MECH, F_PLAIN,
	    OPT(NF_ENCRYPT_IV, F_IV) }, { F_CIPHER } },
	{ NF_CMD_SIGN, { F_FLAGS, F_KEY, F_MECH, F_PLAIN }, { F_CIPHER } },
	{ NF_CMD_DECRYPT, { F_FLAGS, F_KEY, F_MECH, F_CIPHER, F_REPLYTYPE },
	    { F_PLAIN } },
	{ NF_CMD_VERIFY, { F_FLAGS, F_KEY, F_MECH, F_PLAIN, F_CIPHER }, { F_END } },
	{ NF_CMD_GETACL, { F_FLAGS, F_KEY }, { F_NESTED_ACL } },
	{ NF_CMD_SETACL, { F_FLAGS, F_KEY, F_ACL }, { F_END } },
	{ NF_CMD_GETAPPDATA, { F_KEY }, { F_APPDATA } },
	{ NF_CMD_SETAPPDATA, { F_KEY, F_APPDATA }, { F_END } },
	{ NF_CMD_MAKEBLOB, { F_FLAGS, F_FORMAT, F_KEY, F_BLOBKEY,
	    OPT(NF_MAKEBLOB_ACL, F_ACL) }, { F_DATA } },
	{ NF_CMD_LOADBLOB, { F_FLAGS, F_MODULE, F_DATA,
	    OPT(NF_LOADBLOB_KEY, F_KEY2), OPT(NF_LOADBLOB_IMPORT, F_TYPE),
	    OPT(NF_LOADBLOB_IMPORT, F_ACL), OPT(NF_LOADBLOB_IMPORT, F_ACL2) },
	    { F_FLAGS, F_KEY, OPT(NF_REPLY_PUBLIC, F_KEY2) } },
	{ NF_CMD_GENERATELOGICALTOKEN, { F_MODULE, F_HASH, F_TOKENPARAMS },
	    { F_KEY, F_HASH } },
	{ NF_CMD_LOADLOGICALTOKEN, { F_MODULE, F_HASH, F_HASH2, F_TOKENPARAMS },
	    { F_KEY } },
	{ NF_CMD_WRITESHARE, { F_FLAGS, F_SLOT, F_KEY, F_INDEX,
	    OPT(NF_SHARE_PIN, F_PIN) }, { F_END } },
	{ NF_CMD_READSHARE, { F_FLAGS, F_SLOT, F_KEY, F_INDEX,
	    OPT(NF_SHARE_PIN, F_PIN) }, { F_WORD } },
	{ NF_CMD_INSERTSOFTTOKEN, { F_FLAGS, F_MODULE, F_SLOTNO, F_DATA },
	    { F_IC } },
	{ NF_CMD_REMOVESOFTTOKEN, { F_FLAGS, F_MODULE, F_SLOTNO },
	    { F_DATA } },
	{ NF_CMD_GETSLOTINFO, { F_MODULE, F_SLOTNO }, { F_IC, F_FLAGS, F_SHARES } },
	{ NF_CMD_GETKML, { F_MODULE }, { F_KEY } },
	{ NF_CMD_GETKLF, { F_MODULE }, { F_KEY } },
	{ NF_CMD_GETKLF2, { F_MODULE }, { F_KEY } },
	{ NF_CMD_SIGNMODULESTATE, { F_MODULE, F_FLAGS, F_SIGNER,
	    OPT(NF_STATE_CHALLENGE, F_NONCE) }, { F_CERT } },
	{ NF_CMD_GENERATERANDOM, { F_LENGTH }, { F_DATA } },
	{ NF_CMD_DEVTEST, { F_MODULE, F_WORD, F_INDEX, F_STRING }, { F_DATA } },
};

bool
nf_dev_is_card(uint32_t op)
{
	return op != NF_DEV_ROOTCHAIN && op != NF_DEV_WARRANT;
}

const struct nf_spec *
nf_wire_spec(uint32_t cmd)
{
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		if (specs[i].cmd == cmd)
			return &specs[i];
	}
	return NULL;
}

void
nf_args_wipe(struct nf_args *args)
{
	nf_acl_free(args->acl);
	nf_acl_free(args->acl2);
	explicit_bzero(args, sizeof(*args));
}

uint32_t *
nf_wire_word(enum field f, struct nf_args *a)
{
	switch (f) {
	case F_FLAGS:
		return &a->flags;
	case F_MODULE:
		return &a->module;
	case F_MODE:
		return &a->mode;
	case F_VERSION:
		return &a->version;
	case F_TYPE:
		return &a->type;
	case F_LENGTH:
		return &a->length;
	case F_INDEX:
		return &a->index;
	case F_WORD:
		return &a->word;
	case F_KEY:
		return &a->key;
	case F_KEY2:
		return &a->key2;
	case F_MECH:
		return &a->mech;
	case F_FORMAT:
		return &a->format;
	case F_SIGNER:
		return &a->signer;
	case F_REPLYTYPE:
		return &a->replytype;
	case F_SLOTNO:
		return &a->slot;
	case F_IC:
		return &a->ic;
	default:
		return NULL;
	}
}

uint8_t *
nf_wire_raw(enum field f, struct nf_args *a, size_t *len)
{
	*len = NF_HASH_LEN;
	switch (f) {
	case F_HASH:
		return a->hash;
	case F_HASH2:
		return a->hash2;
	case F_NONCE:
		return a->nonce;
	case F_PIN:
		return a->pin;
	case F_CLIENT:
		return a->client;
	case F_APPDATA:
		*len = NF_APPDATA_LEN;
		return a->appdata;
	case F_APPDATA2:
		*len = NF_APPDATA_LEN;
		return a->appdata2;
	default:
		return NULL;
	}
}

static void
signed_read(struct nf_cur *cur, struct nf_signed *out)
{
	nf_wire_cipher_read(cur, &out->sig);
	out->msg = nf_wire_block_read(cur, "cert.msg", NF_CERT_MAX);
}

static void
enquiry_read(struct nf_cur *cur, struct nf_enquiry *e)
{
	for (size_t i = 0; i < 3; i++)
		e->release[i] = nf_cur_u32(cur, "enquiry.release");
	e->speed = nf_cur_u32(cur, "enquiry.speed");
	e->queue_min = nf_cur_u32(cur, "enquiry.queue");
	e->queue_max = nf_cur_u32(cur, "enquiry.queue");
	e->mode = nf_cur_u32(cur, "enquiry.mode");
	e->serial = nf_wire_string_read(cur, "enquiry.serial", STRING_MAX);
	e->software = nf_wire_string_read(cur, "enquiry.software",
	    STRING_MAX);
}

static void
hashes_read(struct nf_cur *cur, struct nf_args *a)
{
	uint32_t n = nf_cur_count(cur, "hashes", NF_HASH_LEN, NF_VECTOR_MAX);

	for (a->n_hashes = 0; a->n_hashes < n; a->n_hashes++)
		nf_cur_copy(cur, "hash", a->hashes[a->n_hashes], NF_HASH_LEN);
}

static void
keys_read(struct nf_cur *cur, struct nf_args *a)
{
	uint32_t n = nf_cur_count(cur, "keys", 4, NF_VECTOR_MAX);

	for (a->n_keys = 0; a->n_keys < n; a->n_keys++)
		a->keys[a->n_keys] = nf_cur_u32(cur, "key");
}

static void
shares_read(struct nf_cur *cur, struct nf_args *a)
{
	uint32_t n = nf_cur_count(cur, "shares", 16, NF_VECTOR_MAX);

	for (a->n_shares = 0; a->n_shares < n; a->n_shares++) {
		nf_cur_copy(cur, "share.hkt", a->share[a->n_shares].hkt,
		    NF_SHORTHASH_LEN);
		nf_cur_zeros(cur, "share.padding", 2);
		a->share[a->n_shares].index = nf_cur_u32(cur, "share.index");
	}
}

static int
acl_read(struct nf_cur *cur, struct nf_acl **acl, bool nested)
{
	struct nf_cur in;
	int r;

	if (!nested)
		return nf_wire_acl_read(cur, acl);
	nf_cur_sub(&in, cur, nf_cur_bytes(cur, "acl",
	    nf_cur_count(cur, "acl.len", 1, NF_MESSAGE_MAX)));
	if ((r = nf_wire_acl_read(&in, acl)) == 0)
		r = nf_cur_end(&in, "acl");
	return r;
}

static void
blobkey_read(struct nf_cur *cur, struct nf_args *a)
{
	switch (a->format) {
	case NF_BLOB_MODULE:
		nf_cur_copy(cur, "hkm", a->hash, NF_HASH_LEN);
		break;
	case NF_BLOB_TOKEN:
		a->key2 = nf_cur_u32(cur, "idkt");
		break;
	case NF_BLOB_USERKEY:
		a->key2 = nf_cur_u32(cur, "idkr");
		a->mech = nf_cur_u32(cur, "mech");
		break;
	default:
		(void)nf_cur_fail(cur, NF_E_FORMAT, "format",
		    "blob format %u is not supported", a->format);
		break;
	}
}

static int
field_read(struct nf_cur *cur, enum field f, struct nf_args *a)
{
	uint32_t *word = nf_wire_word(f, a);
	size_t len;
	uint8_t *raw = nf_wire_raw(f, a, &len);

	if (word != NULL)
		*word = nf_cur_u32(cur, "word");
	else if (raw != NULL)
		nf_cur_copy(cur, "hash", raw, len);
	else switch (f) {
	case F_SLOT:
		a->module = nf_cur_u32(cur, "slot.module");
		a->slot = nf_cur_u32(cur, "slot.number");
		a->ic = nf_cur_u32(cur, "slot.ic");
		break;
	case F_GENPARAMS:
		nf_wire_genparams_read(cur, &a->genparams);
		break;
	case F_ACL:
	case F_NESTED_ACL:
		return acl_read(cur, &a->acl, f == F_NESTED_ACL);
	case F_ACL2:
		return acl_read(cur, &a->acl2, false);
	case F_KEYDATA:
		nf_wire_keydata_read(cur, &a->keydata);
		break;
	case F_PLAIN:
		nf_wire_plain_read(cur, &a->plain);
		break;
	case F_CIPHER:
		nf_wire_cipher_read(cur, &a->cipher);
		break;
	case F_TOKENPARAMS:
		nf_wire_tokenparams_read(cur, &a->tokenparams);
		break;
	case F_CERT:
		signed_read(cur, &a->cert);
		break;
	case F_CERT2:
		signed_read(cur, &a->cert2);
		break;
	case F_ENQUIRY:
		enquiry_read(cur, &a->enquiry);
		break;
	case F_HASHEX:
		nf_wire_hashex_read(cur, "hashex", &a->hashex);
		break;
	case F_DATA:
		a->data = nf_wire_block_read(cur, "data", NF_MESSAGE_MAX);
		break;
	case F_STRING:
		a->string = nf_wire_string_read(cur, "string", STRING_MAX);
		break;
	case F_HASHES:
		hashes_read(cur, a);
		break;
	case F_SHARES:
		shares_read(cur, a);
		break;
	case F_BLOBKEY:
		blobkey_read(cur, a);
		break;
	case F_KEYS:
		keys_read(cur, a);
		break;
	case F_IV:
		a->cipher.iv = nf_wire_block_read(cur, "iv", 16);
		a->cipher.header = nf_wire_block_read(cur, "header",
		    NF_PLAIN_MAX);
		break;
	default:
		nf_abort("field without a reader", __FILE__, __LINE__);
	}
	return nf_cur_err(cur);
}

static void
signed_write(struct nf_buf *buf, const struct nf_signed *s)
{
	nf_wire_cipher_write(buf, &s->sig);
	nf_wire_block_write(buf, s->msg);
}

static void
enquiry_write(struct nf_buf *buf, const struct nf_enquiry *e)
{
	for (size_t i = 0; i < 3; i++)
		nf_buf_u32(buf, e->release[i]);
	nf_buf_u32(buf, e->speed);
	nf_buf_u32(buf, e->queue_min);
	nf_buf_u32(buf, e->queue_max);
	nf_buf_u32(buf, e->mode);
	nf_wire_string_write(buf, e->serial);
	nf_wire_string_write(buf, e->software);
}

static void
shares_write(struct nf_buf *buf, const struct nf_args *a)
{
	nf_buf_u32(buf, a->n_shares);
	for (uint32_t i = 0; i < a->n_shares; i++) {
		nf_buf_put(buf, a->share[i].hkt, NF_SHORTHASH_LEN);
		nf_buf_fill(buf, 0, 2);
		nf_buf_u32(buf, a->share[i].index);
	}
}

static void
blobkey_write(struct nf_buf *buf, const struct nf_args *a)
{
	if (a->format == NF_BLOB_MODULE)
		nf_buf_put(buf, a->hash, NF_HASH_LEN);
	else
		nf_buf_u32(buf, a->key2);
	if (a->format == NF_BLOB_USERKEY)
		nf_buf_u32(buf, a->mech);
}

static void
field_write(struct nf_buf *buf, enum field f, const struct nf_args *args)
{
	struct nf_args *a = (struct nf_args *)(uintptr_t)args;
	const uint32_t *word = nf_wire_word(f, a);
	size_t len, at;
	const uint8_t *raw = nf_wire_raw(f, a, &len);

	if (word != NULL)
		nf_buf_u32(buf, *word);
	else if (raw != NULL)
		nf_buf_put(buf, raw, len);
	else switch (f) {
	case F_SLOT:
		nf_buf_u32(buf, a->module);
		nf_buf_u32(buf, a->slot);
		nf_buf_u32(buf, a->ic);
		break;
	case F_GENPARAMS:
		nf_wire_genparams_write(buf, &a->genparams);
		break;
	case F_ACL:
		nf_wire_acl_write(buf, a->acl);
		break;
	case F_NESTED_ACL:
		at = nf_buf_len_open(buf);
		nf_wire_acl_write(buf, a->acl);
		nf_buf_len_close(buf, at);
		break;
	case F_ACL2:
		nf_wire_acl_write(buf, a->acl2);
		break;
	case F_KEYDATA:
		nf_wire_keydata_write(buf, &a->keydata);
		break;
	case F_PLAIN:
		nf_wire_plain_write(buf, &a->plain);
		break;
	case F_CIPHER:
		nf_wire_cipher_write(buf, &a->cipher);
		break;
	case F_TOKENPARAMS:
		nf_wire_tokenparams_write(buf, &a->tokenparams);
		break;
	case F_CERT:
		signed_write(buf, &a->cert);
		break;
	case F_CERT2:
		signed_write(buf, &a->cert2);
		break;
	case F_ENQUIRY:
		enquiry_write(buf, &a->enquiry);
		break;
	case F_HASHEX:
		nf_wire_hashex_write(buf, &a->hashex);
		break;
	case F_DATA:
		nf_wire_block_write(buf, a->data);
		break;
	case F_STRING:
		nf_wire_string_write(buf, a->string);
		break;
	case F_HASHES:
		nf_buf_u32(buf, a->n_hashes);
		nf_buf_put(buf, a->hashes, (size_t)a->n_hashes * NF_HASH_LEN);
		break;
	case F_SHARES:
		shares_write(buf, a);
		break;
	case F_BLOBKEY:
		blobkey_write(buf, a);
		break;
	case F_KEYS:
		nf_buf_u32(buf, a->n_keys);
		for (uint32_t i = 0; i < a->n_keys; i++)
			nf_buf_u32(buf, a->keys[i]);
		break;
	case F_IV:
		nf_wire_block_write(buf, a->cipher.iv);
		nf_wire_block_write(buf, a->cipher.header);
		break;
	default:
		nf_abort("field without a writer", __FILE__, __LINE__);
	}
}

static int
fields_read(struct nf_cur *cur, const int *fields, struct nf_args *a)
{
	int r = nf_cur_err(cur);

	for (size_t i = 0; r == 0 && i < FIELDS_MAX && fields[i] != F_END; i++) {
		if (PRESENT(fields[i], a))
			r = field_read(cur, FIELD(fields[i]), a);
	}
	return r;
}

static void
fields_write(struct nf_buf *buf, const int *fields, const struct nf_args *a)
{
	for (size_t i = 0; i < FIELDS_MAX && fields[i] != F_END; i++) {
		if (PRESENT(fields[i], a))
			field_write(buf, FIELD(fields[i]), a);
	}
}

int
nf_wire_command_read(struct nf_cur *cur, struct nf_command *out)
{
	const struct nf_spec *spec;
	uint32_t flags;
	int r;

	memset(out, 0, sizeof(*out));
	out->tag = nf_cur_u32(cur, "tag");
	out->cmd = nf_cur_u32(cur, "cmd");
	nf_cur_zeros(cur, "status", 4);
	flags = nf_cur_u32(cur, "flags");
	if (nf_cur_err(cur) != 0)
		return nf_cur_err(cur);
	if ((spec = nf_wire_spec(out->cmd)) == NULL)
		return nf_cur_fail(cur, NF_E_FORMAT, "cmd",
		    "command %u is not known", out->cmd);
	if ((flags & ~NF_CF_CERTS) != 0)
		return nf_cur_fail(cur, NF_E_FORMAT, "flags",
		    "unknown command flags 0x%x", flags);
	if ((r = fields_read(cur, spec->args, &out->args)) != 0)
		return r;
	if ((flags & NF_CF_CERTS) != 0) {
		nf_wire_certlist_read(cur, &out->certs);
		if (nf_cur_err(cur) == 0 && out->certs.n == 0)
			return nf_cur_fail(cur, NF_E_FORMAT, "certs",
			    "an empty list of certificates");
	}
	return nf_cur_end(cur, "command");
}

void
nf_wire_command_write(struct nf_buf *buf, const struct nf_command *cmd)
{
	const struct nf_spec *spec = nf_wire_spec(cmd->cmd);

	NF_REQUIRE(spec != NULL);
	nf_buf_u32(buf, cmd->tag);
	nf_buf_u32(buf, cmd->cmd);
	nf_buf_u32(buf, NF_ST_OK);
	nf_buf_u32(buf, cmd->certs.n > 0 ? NF_CF_CERTS : 0);
	fields_write(buf, spec->args, &cmd->args);
	if (cmd->certs.n > 0)
		nf_wire_certlist_write(buf, &cmd->certs);
}

int
nf_wire_reply_read(struct nf_cur *cur, uint32_t cmd, struct nf_reply *out)
{
	const struct nf_spec *spec = nf_wire_spec(cmd);
	int r;

	NF_REQUIRE(spec != NULL);
	memset(out, 0, sizeof(*out));
	out->tag = nf_cur_u32(cur, "tag");
	out->cmd = nf_cur_u32(cur, "cmd");
	out->status = nf_cur_u32(cur, "status");
	nf_cur_zeros(cur, "flags", 4);
	if ((r = nf_cur_err(cur)) != 0)
		return r;
	if (out->status != NF_ST_OK) {
		if (out->cmd != NF_CMD_ERRORRETURN)
			return nf_cur_fail(cur, NF_E_FORMAT, "cmd",
			    "status without ErrorReturn");
		out->reason = nf_wire_string_read(cur, "reason",
		    NF_REASON_MAX);
		if (!nf_view_printable(out->reason))
			return nf_cur_fail(cur, NF_E_FORMAT, "reason",
			    "is not printable");
	} else if (out->cmd != cmd)
		return nf_cur_fail(cur, NF_E_FORMAT, "cmd",
		    "reply to another command");
	else if ((r = fields_read(cur, spec->reply, &out->args)) != 0)
		return r;
	return nf_cur_end(cur, "reply");
}

void
nf_wire_reply_write(struct nf_buf *buf, const struct nf_reply *reply)
{
	const struct nf_spec *spec = nf_wire_spec(reply->cmd);

	nf_buf_u32(buf, reply->tag);
	nf_buf_u32(buf, reply->status == NF_ST_OK ? reply->cmd :
	    (uint32_t)NF_CMD_ERRORRETURN);
	nf_buf_u32(buf, reply->status);
	nf_buf_u32(buf, 0);
	if (reply->status != NF_ST_OK)
		nf_wire_string_write(buf, reply->reason);
	else {
		NF_REQUIRE(spec != NULL);
		fields_write(buf, spec->reply, &reply->args);
	}
}
