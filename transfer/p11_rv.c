/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Return values of PKCS#11 (real numbers and names) as sentences that say
 * what to change (ours).
 */
#include "config.h"

#include <string.h>

#include "transfer/p11_internal.h"

struct rv {
	CK_RV rv;
	const char *name;
	const char *text;
};

#define LOST	"the token was lost during the operation; connect it again " \
	"and repeat"
#define HANDLE	"the token no longer knows the key: was it removed during " \
	"the operation?"

static const struct rv table[] = {
	{ CKR_CANCEL, "CKR_CANCEL", "cancelled at the token" },
	{ CKR_HOST_MEMORY, "CKR_HOST_MEMORY", "out of memory" },
	{ CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID",
	    "there is no such slot" },
	{ CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR",
	    "the module failed without saying why; see its own log" },
	{ CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED",
	    "the module could not do it; see its own log" },
	{ CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD",
	    "the module does not take the arguments" },
	{ CKR_NEED_TO_CREATE_THREADS, "CKR_NEED_TO_CREATE_THREADS",
	    "the module needs threads that it may not make" },
	{ CKR_CANT_LOCK, "CKR_CANT_LOCK", "the module cannot lock" },
	{ CKR_ATTRIBUTE_READ_ONLY, "CKR_ATTRIBUTE_READ_ONLY",
	    "the token does not let an attribute of the session object be "
	    "set" },
	{ CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE",
	    "the token does not tell this attribute" },
	{ CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID",
	    "the token does not know an attribute of the session object" },
	{ CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID",
	    "the token does not take the session object: its policy or the "
	    "size of the key forbids it" },
	{ CKR_ACTION_PROHIBITED, "CKR_ACTION_PROHIBITED",
	    "the token's policy forbids it" },
	{ CKR_DATA_INVALID, "CKR_DATA_INVALID",
	    "the token does not take the data" },
	{ CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE",
	    "the token does not take data of this length" },
	{ CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR",
	    "the token had an error; see the module's own log" },
	{ CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY",
	    "the token has no memory left for a session object" },
	{ CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", LOST },
	{ CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED",
	    "cancelled at the token" },
	{ CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED",
	    "the token cannot do this" },
	{ CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", HANDLE },
	{ CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE",
	    "the token does not take keys of this size here" },
	{ CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT",
	    "the token does not take keys of this type here" },
	{ CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED",
	    "the token does not let this key wrap others" },
	{ CKR_KEY_NOT_WRAPPABLE, "CKR_KEY_NOT_WRAPPABLE",
	    "the token does not wrap this key under a KEK that it does not "
	    "trust: the security officer puts the KEK on the token with "
	    "CKA_WRAP and CKA_TRUSTED, or the key is copied without "
	    "CKA_WRAP_WITH_TRUSTED" },
	{ CKR_KEY_UNEXTRACTABLE, "CKR_KEY_UNEXTRACTABLE",
	    "the key may not leave the token: its CKA_EXTRACTABLE is false, "
	    "and only a key that was made or copied with it true can be "
	    "wrapped" },
	{ CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID",
	    "the token does not do this mechanism: a newer firmware or a "
	    "policy of the token may offer it" },
	{ CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID",
	    "the token does not take the mechanism with OAEP of SHA-1 and "
	    "AES of 256 bits" },
	{ CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", HANDLE },
	{ CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE",
	    "the session is busy with another operation" },
	{ CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED",
	    "the session lost its operation" },
	{ CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT",
	    "the PIN is wrong; it was tried once" },
	{ CKR_PIN_INVALID, "CKR_PIN_INVALID",
	    "the PIN has characters that the token does not take" },
	{ CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE",
	    "the PIN is too short or too long for the token" },
	{ CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED",
	    "the PIN has expired: set a new one with the token's own tool" },
	{ CKR_PIN_LOCKED, "CKR_PIN_LOCKED",
	    "the PIN is locked after too many wrong tries: the security "
	    "officer can set a new one" },
	{ CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", LOST },
	{ CKR_SESSION_COUNT, "CKR_SESSION_COUNT",
	    "the token has no session left: end another program that uses "
	    "it" },
	{ CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", LOST },
	{ CKR_SESSION_READ_ONLY, "CKR_SESSION_READ_ONLY",
	    "the token does not take session objects in a read-only "
	    "session" },
	{ CKR_SESSION_READ_WRITE_SO_EXISTS,
	    "CKR_SESSION_READ_WRITE_SO_EXISTS",
	    "the security officer is logged in: log out first" },
	{ CKR_TEMPLATE_INCOMPLETE, "CKR_TEMPLATE_INCOMPLETE",
	    "the token wants more attributes for the session object" },
	{ CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT",
	    "the token does not take the session object's attributes "
	    "together; its policy may forbid keys that wrap" },
	{ CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT",
	    "the token is not in its slot" },
	{ CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED",
	    "the module does not know this kind of token" },
	{ CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED",
	    "the token is write-protected" },
	{ CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
	    "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
	    "another user is logged in: log out first" },
	{ CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN",
	    "the token wants a login first" },
	{ CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED",
	    "the token's user has no PIN yet: the security officer sets "
	    "one" },
	{ CKR_USER_TOO_MANY_TYPES, "CKR_USER_TOO_MANY_TYPES",
	    "too many users are logged in: log out first" },
	{ CKR_WRAPPING_KEY_HANDLE_INVALID, "CKR_WRAPPING_KEY_HANDLE_INVALID",
	    HANDLE },
	{ CKR_WRAPPING_KEY_SIZE_RANGE, "CKR_WRAPPING_KEY_SIZE_RANGE",
	    "the token does not wrap under a KEK of this size: make one of "
	    "another size" },
	{ CKR_WRAPPING_KEY_TYPE_INCONSISTENT,
	    "CKR_WRAPPING_KEY_TYPE_INCONSISTENT",
	    "the token does not wrap under keys of this type with this "
	    "mechanism" },
	{ CKR_CURVE_NOT_SUPPORTED, "CKR_CURVE_NOT_SUPPORTED",
	    "the token does not do this curve" },
	{ CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL",
	    "the module asks for ever more room" },
	{ CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED",
	    "the module has ended" },
	{ CKR_FIPS_SELF_TEST_FAILED, "CKR_FIPS_SELF_TEST_FAILED",
	    "the token's self-test failed" },
	{ CKR_LIBRARY_LOAD_FAILED, "CKR_LIBRARY_LOAD_FAILED",
	    "the module lacks a library that it needs" },
	{ CKR_PUBLIC_KEY_INVALID, "CKR_PUBLIC_KEY_INVALID",
	    "the token does not take the KEK's numbers" },
	{ CKR_FUNCTION_REJECTED, "CKR_FUNCTION_REJECTED",
	    "the token's policy or a person at it rejected this" },
};

static const struct rv *
find(CK_RV rv)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].rv == rv)
			return &table[i];
	}
	return NULL;
}

const char *
nf_p11_rv_name(CK_RV rv)
{
	const struct rv *known = find(rv);

	return known == NULL ? NULL : known->name;
}

int
nf_p11_failed(struct nf_p11 *p11, const char *function, CK_RV rv,
    struct nf_diag *diag)
{
	const struct rv *known = find(rv);

	p11->rv = rv;
	if (known != NULL)
		return nf_diag_set(diag, rv == CKR_HOST_MEMORY ?
		    NF_E_NOMEM : NF_E_REFUSED, function, "%s (%s)",
		    known->text, known->name);
	return nf_diag_set(diag, NF_E_REFUSED, function,
	    "the module failed with 0x%lx%s", rv, rv >= CKR_VENDOR_DEFINED ?
	    ", an error of its vendor: see the module's manual" : "");
}

int
nf_p11_junk(const char *function, const char *what, struct nf_diag *diag)
{
	return nf_diag_set(diag, NF_E_FORMAT, function,
	    "the module breaks the protocol: %s", what);
}

bool
nf_p11_is_gone(CK_RV rv)
{
	switch (rv) {
	case CKR_HOST_MEMORY:
	case CKR_DEVICE_REMOVED:
	case CKR_TOKEN_NOT_PRESENT:
	case CKR_SESSION_CLOSED:
	case CKR_SESSION_HANDLE_INVALID:
	case CKR_CRYPTOKI_NOT_INITIALIZED:
	case CKR_USER_NOT_LOGGED_IN:
		return true;
	default:
		return false;
	}
}

void
nf_p11_text(char *out, const void *text, size_t len)
{
	const char *p = text;

	while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\0'))
		len--;
	memcpy(out, p, len);
	out[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (out[i] < 0x20 || out[i] >= 0x7f)
			out[i] = '?';
	}
}
