/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of fields that the reader, the writer and the printer of commands
 * share.  Nothing else includes this.
 */
#ifndef NF_WIRE_COMMAND_FIELDS_H
#define NF_WIRE_COMMAND_FIELDS_H

#include "nfast/wire/command.h"

#define FIELDS_MAX	8

/* A field; OPT(bit, F) makes it depend on a bit of args.flags. */
enum field {
	F_END, F_FLAGS, F_MODULE, F_MODE, F_VERSION, F_TYPE, F_LENGTH,
	F_INDEX, F_WORD, F_KEY, F_KEY2, F_MECH, F_FORMAT, F_SIGNER,
	F_REPLYTYPE, F_SLOT, F_SLOTNO, F_IC, F_GENPARAMS, F_ACL, F_ACL2,
	F_NESTED_ACL, F_KEYDATA, F_PLAIN, F_CIPHER, F_TOKENPARAMS, F_CERT,
	F_CERT2, F_ENQUIRY, F_HASHEX, F_HASH, F_HASH2, F_NONCE, F_PIN,
	F_APPDATA, F_APPDATA2, F_DATA, F_STRING, F_HASHES, F_SHARES,
	F_BLOBKEY, F_IV, F_CLIENT, F_KEYS
};

#define OPT(bit, f)	((bit) << 8 | (f))
#define FIELD(x)	((enum field)((x) & 0xff))
#define PRESENT(x, args) \
	((x) >> 8 == 0 || ((args)->flags & ((uint32_t)(x) >> 8)) != 0)

/* The fields of one command in wire order, F_END after the last. */
struct nf_spec {
	uint32_t cmd;
	int args[FIELDS_MAX];
	int reply[FIELDS_MAX];
};

/* The entry of a command, or NULL. */
const struct nf_spec *nf_wire_spec(uint32_t cmd);

/* The plain words, by field; NULL for the others. */
uint32_t *nf_wire_word(enum field f, struct nf_args *a);

/* The raw hashes and the like, by field, with their length. */
uint8_t *nf_wire_raw(enum field f, struct nf_args *a, size_t *len);

#endif
