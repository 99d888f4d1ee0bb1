/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seeds of fuzz_command: short sequences of commands that a module
 * carries out.  Object ids count from 3, after the RSA key that the target
 * gives as 1 and 2.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/base/curve.h"
#include "nfast/wire/blob.h"
#include "nfast/wire/command.h"
#include "tests/fuzz/seed_commands.h"

#define FIRST	3u	/* the first id that commands give */

static const uint8_t null_aes[NF_HASH_LEN] = {
	0xc2, 0xbe, 0x99, 0xfe, 0x1c, 0x77, 0xf1, 0xb7, 0x5d, 0x48,
	0xe2, 0xfd, 0x2d, 0xf8, 0xdf, 0xfc, 0x0c, 0x96, 0x9b, 0xcb
};

static struct nf_buf out;

static struct nf_command
command(uint32_t number)
{
	struct nf_command cmd = { .tag = 1, .cmd = number };

	cmd.args.module = 1;
	return cmd;
}

/* Append; the ACLs are freed. */
static void
add(struct nf_command *cmd)
{
	size_t at = nf_buf_len_open(&out);

	nf_wire_command_write(&out, cmd);
	nf_buf_len_close(&out, at);
	nf_acl_free(cmd->args.acl);
	nf_acl_free(cmd->args.acl2);
	memset(&cmd->args, 0, sizeof(cmd->args));
}

static void
add_key(uint32_t number, uint32_t key)
{
	struct nf_command cmd = command(number);

	cmd.args.key = key;
	add(&cmd);
}

static struct nf_acl *
all_rights(void)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_group *g = acl == NULL ? NULL : nf_acl_group_add(acl);

	if (g == NULL)
		abort();
	nf_group_action_add(g, NF_ACT_OPPERMISSIONS)->flags = 0xffff;
	nf_group_action_add(g, NF_ACT_MAKEBLOB)->flags = 0x23;
	(void)nf_group_action_add(g, NF_ACT_MAKEARCHIVEBLOB);
	return acl;
}

static void
generate(uint32_t type, uint32_t len)
{
	bool pair = nf_wire_keykind(type) == NF_KIND_PRIVATE;
	struct nf_command cmd = command(pair ? NF_CMD_GENERATEKEYPAIR :
	    NF_CMD_GENERATEKEY);

	cmd.args.flags = NF_GEN_CERTIFY | NF_GEN_APPDATA;
	cmd.args.genparams.type = type;
	if (nf_wire_key_is_ec(type))
		cmd.args.genparams.curve = len;
	else
		cmd.args.genparams.len = len;
	cmd.args.acl = all_rights();
	cmd.args.acl2 = pair ? all_rights() : NULL;
	add(&cmd);
}

static void
use(uint32_t number, uint32_t key, uint32_t mech)
{
	static const uint8_t bytes[64] = { 1, 2, 3 };
	struct nf_command cmd = command(number);

	cmd.args.key = key;
	cmd.args.mech = mech;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of(bytes, 32);
	cmd.args.replytype = NF_PLAIN_BYTES;
	cmd.args.cipher.mech = mech;
	cmd.args.cipher.v[0] = nf_view_of(bytes, 48);
	cmd.args.cipher.v[1] = nf_view_of(bytes, 16);
	cmd.args.cipher.iv = nf_view_of(bytes,
	    mech == NF_MECH_RIJNDAELMGCM ? 12 : 16);
	add(&cmd);
}

static void
make_blob(uint32_t format, uint32_t key, uint32_t under, uint32_t flags)
{
	struct nf_command cmd = command(NF_CMD_MAKEBLOB);

	cmd.args.flags = flags;
	cmd.args.format = format;
	cmd.args.key = key;
	cmd.args.key2 = under;
	cmd.args.mech = NF_MECH_BLOB_RSA_AES_SHA256;
	memcpy(cmd.args.hash, null_aes, NF_HASH_LEN);
	if ((flags & NF_MAKEBLOB_ACL) != 0)
		cmd.args.acl = all_rights();
	add(&cmd);
}

static void
unit(void)
{
	static const uint32_t plain[] = { NF_CMD_NEWENQUIRY, NF_CMD_NOOP,
	    NF_CMD_GETKMLIST, NF_CMD_GETSLOTINFO, NF_CMD_GETKML,
	    NF_CMD_GETKLF, NF_CMD_GETKLF2, NF_CMD_CLEARUNITEX };
	struct nf_command cmd;

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		cmd = command(plain[i]);
		add(&cmd);
	}
	cmd = command(NF_CMD_GENERATERANDOM);
	cmd.args.length = 32;
	add(&cmd);
	for (uint32_t signer = 1; signer <= 4; signer *= 2) {
		cmd = command(NF_CMD_SIGNMODULESTATE);
		cmd.args.signer = signer;
		cmd.args.flags = NF_STATE_CHALLENGE;
		add(&cmd);
		cmd = command(NF_CMD_DEVTEST);
		cmd.args.word = NF_DEV_ROOTCHAIN;
		cmd.args.index = signer;
		add(&cmd);
	}
}

static void
initialise(void)
{
	struct nf_command cmd = command(NF_CMD_INITIALISEUNITEX);

	add(&cmd);
	cmd = command(NF_CMD_SETNSOPERMS);
	memset(cmd.args.hash, 1, NF_HASH_LEN);
	cmd.args.word = 0x4e4f;
	add(&cmd);
	generate(NF_KEY_RIJNDAEL, 32);
	add_key(NF_CMD_GETKEYINFO, FIRST);
	cmd = command(NF_CMD_SETKM);
	cmd.args.key = FIRST;
	add(&cmd);
	cmd = command(NF_CMD_REMOVEKM);
	add(&cmd);
	cmd = command(NF_CMD_GETKMLIST);
	add(&cmd);
}

static void
symmetric(void)
{
	generate(NF_KEY_RIJNDAEL, 32);
	use(NF_CMD_ENCRYPT, FIRST, NF_MECH_RIJNDAELMCBCI128PPKCS5);
	use(NF_CMD_DECRYPT, FIRST, NF_MECH_RIJNDAELMCBCPNONE);
	use(NF_CMD_DECRYPT, FIRST, NF_MECH_RIJNDAELMECBPNONE);
	use(NF_CMD_DECRYPT, FIRST, NF_MECH_RIJNDAELMGCM);
	add_key(NF_CMD_EXPORT, FIRST);
	add_key(NF_CMD_DUPLICATE, FIRST);
	add_key(NF_CMD_GETAPPDATA, FIRST + 1);
	add_key(NF_CMD_SETAPPDATA, FIRST + 1);
	add_key(NF_CMD_DESTROY, FIRST);
	add_key(NF_CMD_GETKEYINFOEX, FIRST + 1);
}

static void
elliptic(void)
{
	generate(NF_KEY_ECDSAPRIVATE, NF_EC_P521);
	use(NF_CMD_SIGN, FIRST, NF_MECH_ECDSAHSHA512);
	use(NF_CMD_VERIFY, FIRST + 1, NF_MECH_ECDSAHSHA512);
	add_key(NF_CMD_EXPORT, FIRST + 1);
	make_blob(NF_BLOB_MODULE, FIRST, 0, 0);
	make_blob(NF_BLOB_USERKEY, FIRST, 2, 0);
}

static void
rsa(void)
{
	use(NF_CMD_SIGN, 1, NF_MECH_RSAHSHA256PPSS);
	use(NF_CMD_VERIFY, 2, NF_MECH_RSAHSHA256PPKCS1);
	use(NF_CMD_ENCRYPT, 2, NF_MECH_RSAPPKCS1OAEPHSHA256);
	use(NF_CMD_DECRYPT, 1, NF_MECH_RSAPPKCS1);
	use(NF_CMD_DECRYPT, 1, NF_MECH_RSAPPKCS1OAEP);
	make_blob(NF_BLOB_USERKEY, 1, 2, NF_MAKEBLOB_ACL);
	make_blob(NF_BLOB_MODULE, 2, 0, NF_MAKEBLOB_ACL);
}

/* Limits, and ACLs set with a certificate. */
static void
acls(void)
{
	struct nf_command cmd = command(NF_CMD_SETACL);
	struct nf_limit *l;

	for (uint32_t i = 0; i < 2; i++) {
		cmd = command(NF_CMD_SETACL);
		cmd.args.key = 2;
		cmd.args.flags = i == 0 ? 0 : NF_SETACL_REDUCE;
		cmd.args.acl = all_rights();
		l = nf_group_limit_add(&cmd.args.acl->group[0],
		    NF_LIMIT_GLOBAL);
		l->max = 5;
		l = nf_group_limit_add(&cmd.args.acl->group[0],
		    i == 0 ? NF_LIMIT_TIME : NF_LIMIT_AUTH);
		l->max = 100;
		cmd.args.acl->group[0].flags = NF_GROUP_FRESHCERTS |
		    NF_GROUP_CERTIFIER;
		cmd.certs.n = 1;
		cmd.certs.cert[0].type = NF_CERT_SIGNINGKEY;
		cmd.certs.cert[0].keyid = 1;
		add(&cmd);
	}
	add_key(NF_CMD_GETACL, 2);
	make_blob(NF_BLOB_MODULE, 2, 0, 0);
	add_key(NF_CMD_DUPLICATE, 2);
	add_key(NF_CMD_GETACL, FIRST);
}

static void
share(uint32_t number, uint32_t token)
{
	struct nf_command cmd = command(number);

	cmd.args.flags = NF_SHARE_PIN;
	cmd.args.ic = 1;
	cmd.args.key = token;
	cmd.args.index = 1;
	add(&cmd);
}

static void
tokens(void)
{
	struct nf_command cmd = command(NF_CMD_GENERATELOGICALTOKEN);

	memcpy(cmd.args.hash, null_aes, NF_HASH_LEN);
	cmd.args.tokenparams.needed = 1;
	cmd.args.tokenparams.total = 2;
	cmd.args.tokenparams.timelimit = 60;
	add(&cmd);
	cmd = command(NF_CMD_DEVTEST);
	cmd.args.word = NF_DEV_CARD_NEW;
	add(&cmd);
	share(NF_CMD_WRITESHARE, FIRST);
	cmd = command(NF_CMD_GETSLOTINFO);
	add(&cmd);
	make_blob(NF_BLOB_TOKEN, 1, FIRST, 0);
	cmd = command(NF_CMD_LOADLOGICALTOKEN);
	memcpy(cmd.args.hash2, null_aes, NF_HASH_LEN);
	cmd.args.tokenparams.needed = 1;
	cmd.args.tokenparams.total = 2;
	add(&cmd);
	share(NF_CMD_READSHARE, FIRST + 1);
	cmd = command(NF_CMD_DEVTEST);
	cmd.args.word = NF_DEV_CARD_INSERT;
	cmd.args.string = nf_view_of("card-1", 6);
	add(&cmd);
	cmd = command(NF_CMD_DEVTEST);
	cmd.args.word = NF_DEV_CARD_LIST;
	add(&cmd);
}

static void
soft_share(uint32_t number, uint32_t ic, uint32_t token)
{
	struct nf_command cmd = command(number);

	cmd.args.flags = NF_SHARE_PIN;
	cmd.args.slot = NF_SLOT_SOFT;
	cmd.args.ic = ic;
	cmd.args.key = token;
	cmd.args.index = 1;
	add(&cmd);
}

static void
softcards(void)
{
	static const uint8_t junk[64] = "secworld simulated card 1\n";
	struct nf_command cmd = command(NF_CMD_GENERATELOGICALTOKEN);

	memcpy(cmd.args.hash, null_aes, NF_HASH_LEN);
	cmd.args.tokenparams.flags = NF_TOKEN_SOFTCARD;
	cmd.args.tokenparams.needed = 1;
	cmd.args.tokenparams.total = 1;
	add(&cmd);
	cmd = command(NF_CMD_INSERTSOFTTOKEN);
	cmd.args.slot = NF_SLOT_SOFT;
	add(&cmd);
	soft_share(NF_CMD_WRITESHARE, 1, FIRST);
	cmd = command(NF_CMD_LOADLOGICALTOKEN);
	memcpy(cmd.args.hash2, null_aes, NF_HASH_LEN);
	cmd.args.tokenparams.flags = NF_TOKEN_SOFTCARD;
	cmd.args.tokenparams.needed = 1;
	cmd.args.tokenparams.total = 1;
	add(&cmd);
	soft_share(NF_CMD_READSHARE, 1, FIRST + 1);
	cmd = command(NF_CMD_REMOVESOFTTOKEN);
	cmd.args.slot = NF_SLOT_SOFT;
	add(&cmd);
	cmd = command(NF_CMD_INSERTSOFTTOKEN);
	cmd.args.slot = NF_SLOT_SOFT;
	cmd.args.data = nf_view_of(junk, sizeof(junk));
	add(&cmd);
}

static void
import(void)
{
	static const uint8_t d[4] = { 5, 6, 7, 8 }, k[32] = { 9 };
	static const uint8_t iv[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	static uint8_t n[128];
	struct nf_command cmd = command(NF_CMD_IMPORT);
	struct nf_blobkey key = { .acl = all_rights() };
	struct nf_buf blob = NF_BUF_INIT;

	memset(n, 0xa5, sizeof(n));
	cmd.args.keydata.type = NF_KEY_ECDSAPRIVATE;
	cmd.args.keydata.curve = NF_EC_P256;
	cmd.args.keydata.v[0] = nf_view_of(d, sizeof(d));
	cmd.args.acl = all_rights();
	add(&cmd);
	cmd = command(NF_CMD_IMPORT);
	cmd.args.keydata.type = NF_KEY_RIJNDAEL;
	cmd.args.keydata.v[0] = nf_view_of(k, sizeof(k));
	cmd.args.acl = all_rights();
	add(&cmd);
	key.key.type = NF_KEY_RSAPUBLIC;
	key.key.v[NF_RSA_E] = nf_view_of(d, 1);
	key.key.v[NF_RSA_N] = nf_view_of(n, sizeof(n));
	if (nf_wire_nullblob_write(&blob, &key, iv) != 0)
		abort();
	nf_blobkey_wipe(&key);
	cmd = command(NF_CMD_LOADBLOB);
	cmd.args.data = nf_buf_view(&blob);
	add(&cmd);
	nf_buf_wipe(&blob);
	add_key(NF_CMD_GETKEYINFO, FIRST + 2);
	use(NF_CMD_SIGN, FIRST, NF_MECH_ECDSAHSHA256);
}

static void
clients(void)
{
	struct nf_command cmd = command(NF_CMD_EXISTINGCLIENT);

	memset(cmd.args.client, 1, NF_HASH_LEN);
	add(&cmd);
	cmd = command(NF_CMD_NEWCLIENT);
	add(&cmd);
	cmd = command(NF_CMD_NEWCLIENT);
	add(&cmd);
	add_key(NF_CMD_GETKEYINFO, 1);
}

static void
merge(uint32_t n, uint32_t first, uint32_t second)
{
	struct nf_command cmd = command(NF_CMD_MERGEKEYIDS);

	cmd.args.n_keys = n;
	cmd.args.keys[0] = first;
	cmd.args.keys[1] = second;
	add(&cmd);
}

/* Merged ids count from 1, with a bit of their own. */
static void
merged(void)
{
	merge(1, 1, 0);
	merge(1, 2, 0);
	use(NF_CMD_SIGN, NF_KEY_MERGED | 1, NF_MECH_RSAHSHA256PPKCS1);
	add_key(NF_CMD_GETACL, NF_KEY_MERGED | 1);
	make_blob(NF_BLOB_USERKEY, NF_KEY_MERGED | 1, NF_KEY_MERGED | 2, 0);
	make_blob(NF_BLOB_USERKEY, 1, NF_KEY_MERGED | 2, 0);
	add_key(NF_CMD_DUPLICATE, NF_KEY_MERGED | 2);
	merge(2, 1, 2);
	merge(2, 1, 1);
	merge(2, 1, NF_KEY_MERGED | 1);
	merge(0, 0, 0);
	add_key(NF_CMD_SETAPPDATA, NF_KEY_MERGED | 1);
	add_key(NF_CMD_DESTROY, NF_KEY_MERGED | 1);
	add_key(NF_CMD_GETKEYINFO, NF_KEY_MERGED | 1);
	add_key(NF_CMD_DESTROY, 2);
	add_key(NF_CMD_EXPORT, NF_KEY_MERGED | 2);
}

void
seed_commands(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf))
{
	static const struct {
		const char *name;
		void (*make)(void);
	} seeds[] = {
		{ "unit", unit },
		{ "initialise", initialise },
		{ "symmetric", symmetric },
		{ "elliptic", elliptic },
		{ "rsa", rsa },
		{ "acls", acls },
		{ "tokens", tokens },
		{ "softcards", softcards },
		{ "import", import },
		{ "clients", clients },
		{ "merged", merged },
	};

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		nf_buf_init(&out);
		seeds[i].make();
		seed("command", seeds[i].name, &out);
	}
}
