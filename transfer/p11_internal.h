/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the PKCS#11 side share; not for others. */
#ifndef NF_TRANSFER_P11_INTERNAL_H
#define NF_TRANSFER_P11_INTERNAL_H

#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include "nfast/base/tty.h"
#include "transfer/p11.h"

/* Of PKCS#11 3.0; headers of 2.40 lack it. */
#define NF_P11_CKM_AES_KEY_WRAP_KWP	0x210bUL

#define NF_P11_AES_BYTES	32	/* of the ephemeral key */

/* A URI is p11-kit's form of a selection; options are put into it. */
struct nf_p11_select {
	char *module;
	char *pin_file;
	P11KitUri *uri;
};

/* One way to wrap; the table is in order of preference. */
struct nf_p11_way {
	CK_MECHANISM_TYPE mechanism;
	const char *name;
	bool one_step;
};

#define NF_P11_WAYS	3

/* All ways, the best first. */
extern const struct nf_p11_way nf_p11_ways[NF_P11_WAYS];

struct nf_p11 {
	void *library;
	char *module;
	CK_FUNCTION_LIST *f;
	bool initialized;
	bool has_session;
	bool logged_in;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE session;
	CK_INFO info;
	CK_SLOT_INFO slot_info;
	CK_TOKEN_INFO token;
	char name[33];		/* the token's label, printable */
	const struct nf_p11_way *way;
	bool filled;		/* see nf_p11_is_filled() */
	CK_RV rv;		/* of the last call that failed */
};

/*
 * Say that a function failed: remembers rv, fills the diag with the sentence
 * for it.  Returns NF_E_REFUSED, or NF_E_NOMEM for CKR_HOST_MEMORY.
 */
int nf_p11_failed(struct nf_p11 *p11, const char *function, CK_RV rv,
    struct nf_diag *diag);

/* "CKR_..."; NULL for a value that is not in the table. */
const char *nf_p11_rv_name(CK_RV rv);

/* A module that breaks the protocol: NF_E_FORMAT. */
int nf_p11_junk(const char *function, const char *what, struct nf_diag *diag);

/* After such an error no other mechanism need be tried. */
bool nf_p11_is_gone(CK_RV rv);

/* A fixed-size text without its padding, printable, into out[len + 1]. */
void nf_p11_text(char *out, const void *text, size_t len);

/* A slot, its token and the module's info are what a selection means. */
bool nf_p11_matches(const struct nf_p11_select *select, CK_SLOT_ID slot,
    const CK_INFO *info, const CK_SLOT_INFO *slot_info,
    const CK_TOKEN_INFO *token);

/*
 * Get the PIN of the token.  Wipe the line.
 *   select  has the pin-source of the URI
 */
int nf_p11_pin_read(const struct nf_p11_select *select,
    const struct nf_p11_pin *pin, const CK_TOKEN_INFO *token,
    const char *name, struct nf_tty_line *line, struct nf_diag *diag);

/* The PIN will come from a person at the terminal. */
bool nf_p11_pin_is_typed(const struct nf_p11_select *select,
    const struct nf_p11_pin *pin);

/* Find and open the session; login.  See nf_p11_open(). */
int nf_p11_slot_find(struct nf_p11 *p11, const struct nf_p11_select *select,
    struct nf_diag *diag);

/*
 * A list of numbers that a call of the module gives: slots, mechanisms.
 *   call        its name
 *   many, more  what is wrong with more than max, and with more than it said
 *   get         as the call: list is NULL to ask for n alone
 */
struct nf_p11_numbers {
	const char *call, *many, *more;
	CK_ULONG max;
	CK_RV (*get)(struct nf_p11 *p11, CK_ULONG *list, CK_ULONG *n);
};

/*
 * Get it.
 *   out  new, to free(); NULL unless 0 is returned
 * Returns 0, NF_E_FORMAT (it lies), NF_E_NOMEM or what the call's failure is.
 */
int nf_p11_numbers(struct nf_p11 *p11, const struct nf_p11_numbers *what,
    CK_ULONG **out, CK_ULONG *n, struct nf_diag *diag);

/*
 * Read an attribute.
 *   max    bytes that it may have
 *   out    empty; unchanged when there is none
 *   has    false when the object has none, or does not tell
 * Returns 0, NF_E_FORMAT (lengths that lie, more than max), NF_E_REFUSED or
 * NF_E_NOMEM.
 */
int nf_p11_attr(struct nf_p11 *p11, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, size_t max, struct nf_buf *out, bool *has,
    struct nf_diag *diag);

/*
 * Handles of at most max objects that match a template.
 *   n  how many there are, max + 1 for more than max
 */
int nf_p11_objects(struct nf_p11 *p11, CK_ATTRIBUTE *template, CK_ULONG n_attr,
    CK_OBJECT_HANDLE *out, size_t max, size_t *n, struct nf_diag *diag);

/* Destroy a session object; CK_INVALID_HANDLE is allowed. */
void nf_p11_destroy(struct nf_p11 *p11, CK_OBJECT_HANDLE object);

/* Make a KEK a session object.  n, e little-endian. */
int nf_p11_kek_new(struct nf_p11 *p11, struct nf_view n, struct nf_view e,
    CK_OBJECT_HANDLE *out, struct nf_diag *diag);

/*
 * Wrap a key one way.
 *   kek_len  bytes of the modulus
 *   out      empty; receives C1 and C2: C1 is kek_len bytes, C2 at least 16
 *            and a multiple of 8
 */
int nf_p11_wrap_with(struct nf_p11 *p11, const struct nf_p11_way *way,
    CK_OBJECT_HANDLE kek, size_t kek_len, CK_OBJECT_HANDLE key,
    struct nf_buf *out, struct nf_diag *diag);

/* Choose p11->way by its bytes, once a session.  See nf_p11_check(). */
int nf_p11_prove(struct nf_p11 *p11, struct nf_diag *diag);

#endif
