/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module of ours for the tests: one token with the private key of
 * the PEM file P11_HOSTILE_KEY, and the mechanisms that no packaged token has,
 * done by libcrypto.  P11_HOSTILE names the one thing that it does wrong.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "tests/transfer/p11_hostile.h"

#define PUBLIC		2UL
#define FIRST		16UL
#define OBJECTS		64
#define HUGE_LEN	((CK_ULONG)1 << 40)

static struct object objects[OBJECTS];
static bool searching;
static CK_OBJECT_HANDLE found[2];
static size_t n_found, n_given;
static unsigned int calls;

struct object *
object_at(CK_OBJECT_HANDLE h)
{
	return h >= FIRST && h < FIRST + OBJECTS && objects[h - FIRST].used ?
	    &objects[h - FIRST] : NULL;
}

static struct object *
object_new(CK_OBJECT_HANDLE *h)
{
	for (size_t i = 0; i < OBJECTS; i++) {
		if (!objects[i].used) {
			memset(&objects[i], 0, sizeof(objects[i]));
			objects[i].used = true;
			*h = FIRST + i;
			return &objects[i];
		}
	}
	return NULL;
}

static void
padded(unsigned char *out, size_t len, const char *text)
{
	memset(out, ' ', len);
	memcpy(out, text, strlen(text));
}

static CK_RV
initialize(void *args)
{
	return mode("cannot-lock") && args != NULL ? CKR_CANT_LOCK :
	    mode("no-library") ? CKR_LIBRARY_LOAD_FAILED : CKR_OK;
}

static CK_RV
finalize(void *reserved)
{
	(void)reserved;
	memset(objects, 0, sizeof(objects));
	return CKR_OK;
}

static CK_RV
get_info(CK_INFO *info)
{
	memset(info, 0, sizeof(*info));
	info->cryptokiVersion.major = 2;
	info->cryptokiVersion.minor = 40;
	padded(info->manufacturerID, 32, "hostile");
	padded(info->libraryDescription, 32, "hostile");
	return CKR_OK;
}

/* The count and the values of a list, with what goes wrong with lists. */
static CK_RV
list(const char *what, const CK_ULONG *v, CK_ULONG n, CK_ULONG *out,
    CK_ULONG *count)
{
	char name[64];
	CK_ULONG room = *count;

	(void)snprintf(name, sizeof(name), "huge-%s", what);
	if (mode(name)) {
		*count = HUGE_LEN;
		return CKR_OK;
	}
	*count = n;
	if (out == NULL)
		return CKR_OK;
	(void)snprintf(name, sizeof(name), "lying-%s", what);
	if (mode(name)) {
		*count = room + 5;
		return CKR_OK;
	}
	(void)snprintf(name, sizeof(name), "growing-%s", what);
	if (mode(name))
		return CKR_BUFFER_TOO_SMALL;
	(void)snprintf(name, sizeof(name), "growing-once-%s", what);
	if ((mode(name) && calls++ == 0) || room < n)
		return CKR_BUFFER_TOO_SMALL;
	for (CK_ULONG i = 0; i < n; i++)
		out[i] = v[i];
	return CKR_OK;
}

static CK_RV
get_slot_list(unsigned char present, CK_SLOT_ID *slots, CK_ULONG *count)
{
	static const CK_ULONG ids[] = { 7, 8 };

	(void)present;
	return list("slots", ids, mode("two-tokens") ? 2 :
	    mode("no-tokens") ? 0 : 1, slots, count);
}

static CK_RV
get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	(void)slot;
	memset(info, 0, sizeof(*info));
	padded(info->slotDescription, 64, "hostile");
	padded(info->manufacturerID, 32, "hostile");
	info->flags = CKF_TOKEN_PRESENT;
	return CKR_OK;
}

static CK_RV
get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	(void)slot;
	memset(info, 0, sizeof(*info));
	padded(info->label, 32, mode("junk-text") ? "\033[31mbad\n" :
	    "hostile");
	padded(info->manufacturerID, 32, "secworld tests");
	padded(info->model, 16, "hostile");
	padded(info->serialNumber, 16, "1");
	info->flags = CKF_LOGIN_REQUIRED | CKF_TOKEN_INITIALIZED |
	    CKF_USER_PIN_INITIALIZED;
	if (mode("keypad"))
		info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	if (mode("final-try"))
		info->flags |= CKF_USER_PIN_FINAL_TRY;
	if (mode("locked-flag"))
		info->flags |= CKF_USER_PIN_LOCKED;
	return CKR_OK;
}

static CK_RV
get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE *out, CK_ULONG *count)
{
	static const CK_ULONG one[] = { CKM_RSA_AES_KEY_WRAP };
	static const CK_ULONG two[] = { KWP, CKM_RSA_PKCS_OAEP,
	    CKM_AES_KEY_GEN };
	static const CK_ULONG pad[] = { CKM_AES_KEY_WRAP_PAD,
	    CKM_RSA_PKCS_OAEP, CKM_AES_KEY_GEN };
	static const CK_ULONG all[] = { CKM_AES_KEY_WRAP_PAD, KWP,
	    CKM_RSA_PKCS_OAEP, CKM_AES_KEY_GEN, CKM_RSA_AES_KEY_WRAP };

	(void)slot;
	if (mode("two-step") || mode("no-create") ||
	    mode("no-generic") || mode("not-aes"))
		return list("mechanisms", two, 3, out, count);
	if (mode("pkcs7") || mode("filled"))
		return list("mechanisms", pad, 3, out, count);
	if (mode("lying-offer") || mode("nothing-works"))
		return list("mechanisms", all, 5, out, count);
	return list("mechanisms", one, mode("nothing") ? 0 : 1, out, count);
}

static CK_RV
open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify,
    CK_SESSION_HANDLE *out)
{
	(void)slot;
	(void)flags;
	(void)app;
	(void)notify;
	*out = 1;
	return mode("no-session") ? CKR_SESSION_COUNT : CKR_OK;
}

static CK_RV
close_session(CK_SESSION_HANDLE s)
{
	(void)s;
	return CKR_OK;
}

static CK_RV
login(CK_SESSION_HANDLE s, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG len)
{
	const char *log = getenv("P11_HOSTILE_LOG");
	FILE *f = log == NULL ? NULL : fopen(log, "a");

	(void)s;
	(void)user;
	if (f != NULL) {
		(void)fputs("login\n", f);
		(void)fclose(f);
	}
	if (mode("pin-locked"))
		return CKR_PIN_LOCKED;
	if (mode("keypad"))
		return pin == NULL && len == 0 ? CKR_OK : CKR_ARGUMENTS_BAD;
	return pin != NULL && len == 4 && memcmp(pin, "1234", 4) == 0 ?
	    CKR_OK : CKR_PIN_INCORRECT;
}

static CK_RV
logout(CK_SESSION_HANDLE s)
{
	(void)s;
	return CKR_OK;
}

static void
keep(uint8_t *to, size_t max, size_t *len, const CK_ATTRIBUTE *a)
{
	if (a->ulValueLen <= max) {
		memcpy(to, a->pValue, a->ulValueLen);
		*len = a->ulValueLen;
	}
}

static CK_RV
create_object(CK_SESSION_HANDLE s, CK_ATTRIBUTE *t, CK_ULONG n,
    CK_OBJECT_HANDLE *out)
{
	struct object *o = object_new(out);

	(void)s;
	if (o == NULL)
		return CKR_DEVICE_MEMORY;
	for (CK_ULONG i = 0; i < n; i++) {
		if (t[i].type == CKA_VALUE)
			keep(o->value, sizeof(o->value), &o->len, &t[i]);
		else if (t[i].type == CKA_MODULUS)
			keep(o->n, sizeof(o->n), &o->n_len, &t[i]);
		else if (t[i].type == CKA_PUBLIC_EXPONENT)
			keep(o->e, sizeof(o->e), &o->e_len, &t[i]);
	}
	if (((mode("no-create") || mode("no-generic")) && o->len > 0) ||
	    (mode("no-kek") && o->n_len > 0)) {
		o->used = false;
		return CKR_TEMPLATE_INCONSISTENT;
	}
	return CKR_OK;
}

static CK_RV
generate_key(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_ATTRIBUTE *t,
    CK_ULONG n, CK_OBJECT_HANDLE *out)
{
	struct object *o;
	CK_ULONG len = 0;

	(void)s;
	if (m->mechanism != CKM_AES_KEY_GEN && (mode("no-generic") ||
	    m->mechanism != CKM_GENERIC_SECRET_KEY_GEN))
		return CKR_MECHANISM_INVALID;
	if ((o = object_new(out)) == NULL)
		return CKR_DEVICE_MEMORY;
	for (CK_ULONG i = 0; i < n; i++) {
		if (t[i].type == CKA_VALUE_LEN)
			memcpy(&len, t[i].pValue, sizeof(len));
	}
	if (len > sizeof(o->value) || RAND_bytes(o->value, (int)len) != 1)
		return CKR_TEMPLATE_INCONSISTENT;
	o->len = mode("not-aes") ? 16 : len;
	return CKR_OK;
}

static CK_RV
destroy_object(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE h)
{
	struct object *o = object_at(h);

	(void)s;
	if (o == NULL)
		return CKR_OBJECT_HANDLE_INVALID;
	memset(o, 0, sizeof(*o));
	return CKR_OK;
}

static size_t
number(const char *name, uint8_t out[static BYTES_MAX])
{
	EVP_PKEY *key = target();
	BIGNUM *bn = NULL;
	size_t len = 0;

	if (key != NULL && EVP_PKEY_get_bn_param(key, name, &bn) == 1)
		len = (size_t)BN_bn2bin(bn, out);
	BN_free(bn);
	EVP_PKEY_free(key);
	return len;
}

/* The bytes of an attribute; CK_UNAVAILABLE_INFORMATION for none. */
static CK_ULONG
attribute(CK_OBJECT_HANDLE h, CK_ATTRIBUTE_TYPE type,
    uint8_t out[static BYTES_MAX])
{
	const struct object *o = object_at(h);
	CK_ULONG v = CKK_RSA;
	CK_BBOOL b = 1;

	switch (type) {
	case CKA_VALUE:
		if (o == NULL)
			break;
		memcpy(out, o->value, o->len);
		return o->len;
	case CKA_LABEL:
		memcpy(out, "key", 3);
		return 3;
	case CKA_ID:
		out[0] = 1;
		return 1;
	case CKA_KEY_TYPE:
		if (mode("dsa"))
			v = CKK_DSA;
		memcpy(out, &v, sizeof(v));
		return mode("short-attr") ? 3 : sizeof(v);
	case CKA_EXTRACTABLE:
		b = !mode("unextractable");
		out[0] = b;
		return 1;
	case CKA_WRAP_WITH_TRUSTED:
		b = mode("trusted") || mode("untrusted");
		out[0] = b;
		return 1;
	case CKA_MODULUS:
		if (mode("even-modulus")) {
			memset(out, 0xee, 256);
			return 256;
		}
		return number(OSSL_PKEY_PARAM_RSA_N, out);
	case CKA_PUBLIC_EXPONENT:
		return number(OSSL_PKEY_PARAM_RSA_E, out);
	default:
		break;
	}
	return CK_UNAVAILABLE_INFORMATION;
}

static CK_RV
get_attribute_value(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE h, CK_ATTRIBUTE *a,
    CK_ULONG n)
{
	static uint8_t bytes[BYTES_MAX];
	CK_ULONG len;

	(void)s;
	if (n != 1)
		return CKR_ARGUMENTS_BAD;
	len = attribute(h, a->type, bytes);
	if (len == CK_UNAVAILABLE_INFORMATION) {
		a->ulValueLen = len;
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
	if (a->pValue == NULL) {
		a->ulValueLen = mode("huge-attr") ? HUGE_LEN : len;
		return CKR_OK;
	}
	if (mode("growing-attr") || (mode("growing-once-attr") &&
	    calls++ == 0))
		return CKR_BUFFER_TOO_SMALL;
	if (a->ulValueLen < len)
		return CKR_BUFFER_TOO_SMALL;
	memcpy(a->pValue, bytes, len);
	a->ulValueLen = mode("lying-attr") ? len + 100 : len;
	return CKR_OK;
}

static CK_RV
find_objects_init(CK_SESSION_HANDLE s, CK_ATTRIBUTE *t, CK_ULONG n)
{
	CK_OBJECT_CLASS class = CKO_DATA;
	bool trusted = false;

	(void)s;
	if (searching)
		return CKR_OPERATION_ACTIVE;
	searching = true;
	n_found = n_given = 0;
	for (CK_ULONG i = 0; i < n; i++) {
		if (t[i].type == CKA_CLASS)
			memcpy(&class, t[i].pValue, sizeof(class));
		else if (t[i].type == CKA_TRUSTED)
			trusted = true;
		else if (t[i].type == CKA_LABEL &&
		    (t[i].ulValueLen != 3 ||
		    memcmp(t[i].pValue, "key", 3) != 0))
			return CKR_OK;
	}
	if (class == CKO_PRIVATE_KEY)
		found[n_found++] = TARGET;
	if (class == CKO_PRIVATE_KEY && mode("two-keys"))
		found[n_found++] = TARGET;
	if (class == CKO_PUBLIC_KEY && (!trusted || mode("trusted"))) {
		found[n_found] = PUBLIC;
		if (trusted)
			(void)create_object(s, t, n, &found[n_found]);
		n_found++;
	}
	return CKR_OK;
}

static CK_RV
find_objects(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE *out, CK_ULONG max,
    CK_ULONG *n)
{
	(void)s;
	*n = 0;
	if (!searching)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (mode("endless-objects")) {
		for (*n = 0; *n < max; (*n)++)
			out[*n] = TARGET;
	} else if (mode("lying-objects"))
		*n = max + 1000;
	else {
		while (n_given < n_found && *n < max)
			out[(*n)++] = found[n_given++];
	}
	return CKR_OK;
}

static CK_RV
find_objects_final(CK_SESSION_HANDLE s)
{
	(void)s;
	searching = false;
	return CKR_OK;
}

/* What goes wrong with the target alone, after all went well in the proof. */
static CK_RV
target_fault(void)
{
	if (mode("removed"))
		return CKR_DEVICE_REMOVED;
	if (mode("session-lost"))
		return CKR_SESSION_HANDLE_INVALID;
	if (mode("late-unextractable"))
		return CKR_KEY_UNEXTRACTABLE;
	if (mode("not-wrappable"))
		return CKR_KEY_NOT_WRAPPABLE;
	if (mode("kek-size"))
		return CKR_WRAPPING_KEY_SIZE_RANGE;
	if (mode("vendor"))
		return CKR_VENDOR_DEFINED + 0x123;
	if (mode("dies"))
		(void)raise(SIGKILL);
	return CKR_OK;
}

static CK_RV
wrap_key(CK_SESSION_HANDLE s, CK_MECHANISM *m, CK_OBJECT_HANDLE by,
    CK_OBJECT_HANDLE h, unsigned char *out, CK_ULONG *len)
{
	static uint8_t bytes[2 * BYTES_MAX];
	const struct object *o = object_at(by);
	CK_ULONG n, room = *len;
	CK_RV rv = h == TARGET ? target_fault() : CKR_OK;

	(void)s;
	if (rv != CKR_OK)
		return rv;
	if (mode("removed-early"))
		return CKR_DEVICE_REMOVED;
	if (mode("nothing-works") || (mode("lying-offer") &&
	    m->mechanism == CKM_RSA_AES_KEY_WRAP))
		return CKR_MECHANISM_INVALID;
	if (o == NULL || (n = wrap(m->mechanism, o, h, bytes)) == 0)
		return CKR_FUNCTION_FAILED;
	if (mode("junk"))
		(void)RAND_bytes(bytes, (int)n);
	if (h == TARGET && mode("short-target"))
		n = 256 + 40;
	if (h == TARGET && mode("long-target"))
		n += 800;
	if (h == TARGET && mode("odd-target"))
		n += 3;
	if (h == TARGET && mode("big-c1"))
		memset(bytes, 0xff, 256);
	*len = mode("huge-wrap") ? HUGE_LEN : n;
	if (out == NULL)
		return CKR_OK;
	if (mode("growing-wrap"))
		return CKR_BUFFER_TOO_SMALL;
	if (mode("growing-once-wrap") && calls++ == 0) {
		*len = 4096;
		return CKR_BUFFER_TOO_SMALL;
	}
	if (room < n)
		return CKR_BUFFER_TOO_SMALL;
	memcpy(out, bytes, n);
	*len = mode("lying-wrap") ? room + 1 : mode("empty-wrap") ? 0 : n;
	return CKR_OK;
}

static CK_FUNCTION_LIST functions = {
	.version = { 2, 40 },
	.C_Initialize = initialize,
	.C_Finalize = finalize,
	.C_GetInfo = get_info,
	.C_GetSlotList = get_slot_list,
	.C_GetSlotInfo = get_slot_info,
	.C_GetTokenInfo = get_token_info,
	.C_GetMechanismList = get_mechanism_list,
	.C_OpenSession = open_session,
	.C_CloseSession = close_session,
	.C_Login = login,
	.C_Logout = logout,
	.C_CreateObject = create_object,
	.C_DestroyObject = destroy_object,
	.C_GetAttributeValue = get_attribute_value,
	.C_FindObjectsInit = find_objects_init,
	.C_FindObjects = find_objects,
	.C_FindObjectsFinal = find_objects_final,
	.C_GenerateKey = generate_key,
	.C_WrapKey = wrap_key,
};

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **out)
{
	if (mode("no-functions")) {
		*out = NULL;
		return CKR_OK;
	}
	if (mode("hole"))
		functions.C_WrapKey = NULL;
	if (mode("version"))
		functions.version.major = 9;
	*out = &functions;
	return CKR_OK;
}
