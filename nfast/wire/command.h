/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands to a module and their replies.  Real: command, status and flag
 * numbers, the names and order of the fields.  Ours: the envelope's framing,
 * the optional-argument flags that are not public, the reason text of a
 * refusal, GetSlotInfo's share list, what DevTest does, and the top bit of
 * merged key ids.
 *
 * One table (command.c) lists the fields of each command in wire order; the
 * host writes what the module reads and the other way round.
 */
#ifndef NF_WIRE_COMMAND_H
#define NF_WIRE_COMMAND_H

#include "nfast/wire/acl.h"
#include "nfast/wire/certlist.h"
#include "nfast/wire/cipher.h"
#include "nfast/wire/genparams.h"
#include "nfast/wire/keydata.h"

#define NF_MESSAGE_MAX	65536	/* bytes of a command or reply */
#define NF_VECTOR_MAX	64
#define NF_SHORTHASH_LEN	10
#define NF_REASON_MAX	256

/* Command flags. */
#define NF_CF_CERTS	0x4u

/* Optional arguments and options, in args.flags. */
enum {
	NF_GEN_CERTIFY = 1,		/* GenerateKey, GenerateKeyPair */
	NF_GEN_APPDATA = 2,
	NF_GENPAIR_APPDATAPUB = 4,
	NF_REPLY_CERT = 1,
	NF_REPLY_CERTPUB = 2,
	NF_SETACL_REDUCE = 1,		/* ours; without it: expand */
	NF_MAKEBLOB_ACL = 1,		/* ours */
	NF_LOADBLOB_KEY = 1,		/* ours */
	NF_LOADBLOB_IMPORT = 2,		/* ours, see below */
	NF_REPLY_PUBLIC = 1,		/* LoadBlob; ours */
	NF_ENCRYPT_IV = 1,		/* ours, see below */
	NF_SHARE_PIN = 1,		/* ours */
	NF_STATE_CHALLENGE = 1		/* ours */
};

/*
 * A user-key blob of mechanism NF_MECH_RSA_AES_KEY_WRAP (ours) carries a key
 * without ACL and application data: rsa is RSA-OAEP (SHA-1) of an ephemeral
 * AES key, body is RFC 5649 of PKCS#8 or of a symmetric key's bytes.  Only an
 * ACL that names the mechanism allows it.  LoadBlob of one needs _IMPORT:
 *   type  RSAPrivate, ECDSAPrivate, Rijndael, or 0 for any of these
 *   acl   of the new key; acl2 of its public half, which is loaded as well
 * and answers with key and, with NF_REPLY_PUBLIC, key2.
 */

/*
 * Encrypt with NF_ENCRYPT_IV (the number of the flag and the form of its two
 * blocks are ours): cipher.iv is the IV to use, empty for one of the module's
 * choice, and cipher.header what RijndaelmGCM authenticates as well.
 */

/*
 * The slot of soft tokens, beside the card slot 0 (number ours).  A softcard
 * is a share in a file: InsertSoftToken puts the file's bytes there, empty
 * for a blank one, WriteShare and ReadShare work on it as on a card, and
 * RemoveSoftToken gives the bytes back.
 */
#define NF_SLOT_SOFT	1u

/* TokenParams' flags: a softcard's value and its bit 4 are real, names are
 * not public.  _UNLOAD is ours: the token, and the keys under it, go when a
 * card of the set leaves the slot (a set that is not persistent). */
#define NF_TOKEN_SOFTCARD	7u
#define NF_TOKEN_SOFTCARD_BIT	4u
#define NF_TOKEN_UNLOAD		8u

/*
 * MergeKeyIDs answers with an id of this bit, which no other object's id has
 * (ours).  Merged are ids of one key, loaded in several modules; a command on
 * the merged id goes to one that still has it.  Destroy ends the merged id
 * alone.
 */
#define NF_KEY_MERGED	0x80000000u

/* SignModuleState signers (real). */
enum { NF_SIGNER_KLF = 1, NF_SIGNER_KML = 2, NF_SIGNER_KLF2 = 4 };

/* KML types (real). */
enum { NF_KML_DSA1024 = 0, NF_KML_DSA3072 = 1 };

/* DevTest operations: the hands that a real module's owner has (ours). */
enum {
	NF_DEV_CARD_INSERT = 1,	/* string: card name; "" ejects */
	NF_DEV_CARD_NEW = 2,	/* insert a new blank card; its name back */
	NF_DEV_CARD_LIST = 3,	/* names, one a line */
	NF_DEV_ROOTCHAIN = 4,	/* index: NF_SIGNER_KLF or _KLF2 */
	NF_DEV_WARRANT = 5	/* raw DDDS, a real form */
};

/* It moves cards; the others only read what is public. */
bool nf_dev_is_card(uint32_t op);

/* A ModuleCert in a reply: signature, then the signed message. */
struct nf_signed {
	struct nf_cipher sig;
	struct nf_view msg;
};

struct nf_shareinfo {
	uint8_t hkt[NF_SHORTHASH_LEN];
	uint32_t index;
};

struct nf_enquiry {
	uint32_t release[3];
	uint32_t speed;
	uint32_t queue_min, queue_max;
	uint32_t mode;
	struct nf_view serial;
	struct nf_view software;
};

/*
 * The fields of every command and reply, flat.  Views borrow from the
 * message; the ACLs are owned: nf_args_wipe().
 */
struct nf_args {
	uint32_t flags, module, mode, version, type, length, index, word;
	uint32_t key, key2, mech, format, signer, replytype;
	uint32_t slot, ic;
	struct nf_genparams genparams;
	struct nf_acl *acl, *acl2;
	struct nf_keydata keydata;
	struct nf_plain plain;
	struct nf_cipher cipher;
	struct nf_tokenparams tokenparams;
	struct nf_signed cert, cert2;
	struct nf_enquiry enquiry;
	struct nf_hashex hashex;
	uint8_t hash[NF_HASH_LEN], hash2[NF_HASH_LEN], nonce[NF_HASH_LEN];
	uint8_t pin[NF_HASH_LEN];
	uint8_t client[NF_HASH_LEN];	/* who has it is that client */
	uint8_t appdata[NF_APPDATA_LEN], appdata2[NF_APPDATA_LEN];
	struct nf_view data, string;
	uint32_t n_hashes;
	uint8_t hashes[NF_VECTOR_MAX][NF_HASH_LEN];
	uint32_t n_shares;
	struct nf_shareinfo share[NF_VECTOR_MAX];
	uint32_t n_keys;
	uint32_t keys[NF_VECTOR_MAX];
};

/* Free the ACLs and make all of it zero. */
void nf_args_wipe(struct nf_args *args);

struct nf_command {
	uint32_t tag;
	uint32_t cmd;
	struct nf_args args;
	struct nf_certlist certs;	/* n = 0: none */
};

struct nf_reply {
	uint32_t tag;
	uint32_t cmd;		/* ErrorReturn when status is not OK */
	uint32_t status;	/* NF_ST_* */
	struct nf_args args;
	struct nf_view reason;	/* of a refusal, printable, may be empty */
};

/*
 * Read a command to the cursor's end.  Returns 0, NF_E_FORMAT (field "cmd"
 * for unknown commands) or NF_E_NOMEM.  Wipe args in every case.
 */
int nf_wire_command_read(struct nf_cur *cur, struct nf_command *out);
void nf_wire_command_write(struct nf_buf *buf, const struct nf_command *cmd);

/* The reply to a command of this number. */
int nf_wire_reply_read(struct nf_cur *cur, uint32_t cmd,
    struct nf_reply *out);
void nf_wire_reply_write(struct nf_buf *buf, const struct nf_reply *reply);

#endif
