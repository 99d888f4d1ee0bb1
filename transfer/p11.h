/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key inside a PKCS#11 token (real: any module by its path), wrapped there
 * for method 2.  The key leaves the token only under an AES key that leaves
 * it only under the KEK.  What a mechanism really computes is proven by bytes
 * before it is used on a key; the choice of mechanisms and the words for
 * refusals are ours.
 *
 * A module runs inside this process: its answers are bounded and checked, but
 * the memory is shared with it.  Load only modules that you trust.
 */
#ifndef NF_TRANSFER_P11_H
#define NF_TRANSFER_P11_H

#include "nfast/base/buf.h"
#include "nfast/wire/keydata.h"
#include "transfer/keytype.h"

#define NF_P11_URI_MAX		4096
#define NF_P11_LABEL_MAX	255	/* bytes of a key's label or id */
#define NF_P11_PIN_MAX		255
#define NF_P11_SLOTS_MAX	1024
#define NF_P11_MECHS_MAX	4096
#define NF_P11_OBJECTS_MAX	64	/* that match one selection */
#define NF_P11_WRAP_MAX		16384	/* bytes of one wrapped key */

/* What to use: module, token and key. */
struct nf_p11_select;

/*
 * The same in words, as options give it; NULL for what was not given.
 *   module  path of the library
 *   token   label, 1..32 bytes
 *   slot    slot number (the PKCS#11 slot ID), decimal or 0x hex
 *   label   CKA_LABEL of the key, 1..255 bytes
 *   id      CKA_ID of the key in hex, 1..255 bytes
 */
struct nf_p11_options {
	const char *module;
	const char *token;
	const char *slot;
	const char *label;
	const char *id;
};

/*
 * Put a selection together from an RFC 7512 URI and options.
 *   uri  NULL for none; module-path and pin-source are honoured
 *   out  new; free with nf_p11_select_free(); NULL unless 0 is returned
 * Returns 0, NF_E_NOMEM or NF_E_USAGE: no module, malformed, given by both,
 * or what is not taken: pin-value (a secret in an argument), module-name,
 * a pin-source that is a command, a type that is no private or secret key,
 * attributes that RFC 7512 does not know.
 */
int nf_p11_select_new(const char *uri, const struct nf_p11_options *opt,
    struct nf_p11_select **out, struct nf_diag *diag);
void nf_p11_select_free(struct nf_p11_select *select);

/*
 * Where the PIN comes from.
 *   NF_P11_PIN_ASK   the URI's pin-source, else the terminal
 *   NF_P11_PIN_FILE  path: a regular file of one line
 *   NF_P11_PIN_FD    fd: the next line of a descriptor, which stays open
 * A token with a keypad of its own (protected authentication path) is asked
 * there unless a file or a descriptor is named.
 */
enum nf_p11_pin_kind {
	NF_P11_PIN_ASK,
	NF_P11_PIN_FILE,
	NF_P11_PIN_FD
};

struct nf_p11_pin {
	enum nf_p11_pin_kind kind;
	const char *path;
	int fd;
};

/* A module with a session to one token. */
struct nf_p11;

/*
 * Load the module, find the one token, and log in as its user.  The PIN is
 * tried once, and never when the token says that one try is left, unless it
 * is typed on the terminal.
 *   out  new; close with nf_p11_close(); NULL unless 0 is returned
 * Two sessions to tokens of one module are closed in the reverse order.
 * Errors: NF_E_NOTFOUND (no such module or token), NF_E_USAGE (several tokens
 * match: the diag lists them; no terminal), NF_E_FORMAT (no PKCS#11 module,
 * or one that breaks the protocol), NF_E_REFUSED, NF_E_IO, NF_E_NOMEM.
 */
int nf_p11_open(const struct nf_p11_select *select,
    const struct nf_p11_pin *pin, struct nf_p11 **out, struct nf_diag *diag);

/* Log out, end the session, unload.  NULL is allowed. */
void nf_p11_close(struct nf_p11 *p11);

/* The session serves another selection as well: same module and token. */
bool nf_p11_serves(const struct nf_p11 *p11,
    const struct nf_p11_select *select);

/* Append maker, model and firmware of the token, printable. */
void nf_p11_source(const struct nf_p11 *p11, struct nf_buf *buf);

/*
 * A key of the token.
 *   label         printable
 *   extractable   false when the token says that it may not leave
 *   need_trusted  may leave only under a KEK with CKA_TRUSTED
 *   pub           its public half when has_pub is set: RSAPublic or
 *                 ECDSAPublic, borrowed from bytes.  Of an EC key it is the
 *                 token's public object of the same CKA_ID or label: a claim.
 */
struct nf_p11_key {
	unsigned long handle;
	struct nf_xfer_keytype type;
	char label[NF_P11_LABEL_MAX + 1];
	bool extractable;
	bool need_trusted;
	bool has_pub;
	struct nf_keydata pub;
	struct nf_buf bytes;
};

/*
 * Find the one private or secret key of a selection.
 *   out  wipe with nf_p11_key_wipe(), also after a failure
 * Errors: NF_E_NOTFOUND, NF_E_USAGE (several match: the diag lists them),
 * NF_E_POLICY (neither RSA, EC on a known curve, nor AES), NF_E_FORMAT,
 * NF_E_REFUSED, NF_E_NOMEM.  Sizes are not judged: nf_xfer_keytype_check().
 */
int nf_p11_find(struct nf_p11 *p11, const struct nf_p11_select *select,
    struct nf_p11_key *out, struct nf_diag *diag);
void nf_p11_key_wipe(struct nf_p11_key *key);

/*
 * Go through all private and secret keys of the token.
 *   each  receives a pkcs11: URI without module-path, and the label,
 *         printable, perhaps ""; what it returns stops the run
 * The URIs are as good as the keys' labels and ids: those of several keys may
 * be equal.
 * Errors: NF_E_POLICY (more than NF_P11_LIST_MAX of a kind), those of
 * nf_p11_find().
 */
#define NF_P11_LIST_MAX	16384
struct nf_p11_list {
	int (*each)(void *arg, const char *uri, const char *label);
	void *arg;
};
int nf_p11_list(struct nf_p11 *p11, const struct nf_p11_select *select,
    const struct nf_p11_list *list, struct nf_diag *diag);

/* The path of its module, borrowed. */
const char *nf_p11_select_module(const struct nf_p11_select *select);

/*
 * Append a text that selections have in common which name module, token and
 * PIN in the same way.  Errors stick in out.
 */
void nf_p11_select_token(const struct nf_p11_select *select,
    struct nf_buf *out);

/*
 * Say whether nf_p11_wrap() will work, without touching the key: its
 * attributes, and once a session the proof that a mechanism of the token
 * computes what method 2 needs, with a test key under a test KEK of which
 * libcrypto knows both halves.
 * Errors: NF_E_REFUSED (the diag says what to change), NF_E_FORMAT,
 * NF_E_CRYPTO, NF_E_NOMEM.
 */
int nf_p11_check(struct nf_p11 *p11, const struct nf_p11_key *key,
    struct nf_diag *diag);

/* The proven mechanism's name, NULL before nf_p11_check(). */
const char *nf_p11_mechanism(const struct nf_p11 *p11);

/*
 * The token fills a key with zero bytes up to a multiple of 8 before it
 * applies RFC 5649, whose own padding then finds nothing to do (SoftHSM
 * 2.6.1 does).  The PKCS#8 of RSA and EC keys is then followed by up to seven
 * zero bytes, which strict readers refuse: warn.  False before
 * nf_p11_check(), for AES keys, and for a token that took no test key of a
 * length that would show it.
 */
bool nf_p11_is_filled(const struct nf_p11 *p11, const struct nf_p11_key *key);

/*
 * Wrap a key: C1, the AES key by RSA-OAEP (SHA-1, MGF1 SHA-1) under the KEK,
 * and C2, the key by RFC 5649 under that AES key of 256 bits; in one step by
 * CKM_RSA_AES_KEY_WRAP or in two.  Only wrapped bytes leave the token, and
 * its ephemeral objects are destroyed.
 *   n, e  the KEK's numbers, little-endian: 2048, 3072 or 4096 bits
 *   out   receives C1 and C2; unchanged unless 0 is returned
 * Checks the lengths for the type of the key; only the owner of the KEK can
 * check more.  Errors: as nf_p11_check(), NF_E_POLICY (KEK).
 */
int nf_p11_wrap(struct nf_p11 *p11, const struct nf_p11_key *key,
    struct nf_view n, struct nf_view e, struct nf_buf *out,
    struct nf_diag *diag);

#endif
