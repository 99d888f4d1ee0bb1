/* SPDX-License-Identifier: Apache-2.0 */
/* Modules, sessions and logins. */
#include "config.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "transfer/p11_internal.h"

/* What is called must be there: a table of a lying module may have holes. */
static bool
is_complete(const CK_FUNCTION_LIST *f)
{
	return f->C_Initialize != NULL && f->C_Finalize != NULL &&
	    f->C_GetInfo != NULL && f->C_GetSlotList != NULL &&
	    f->C_GetSlotInfo != NULL && f->C_GetTokenInfo != NULL &&
	    f->C_GetMechanismList != NULL && f->C_OpenSession != NULL &&
	    f->C_CloseSession != NULL && f->C_Login != NULL &&
	    f->C_Logout != NULL && f->C_CreateObject != NULL &&
	    f->C_DestroyObject != NULL && f->C_GetAttributeValue != NULL &&
	    f->C_FindObjectsInit != NULL && f->C_FindObjects != NULL &&
	    f->C_FindObjectsFinal != NULL && f->C_GenerateKey != NULL &&
	    f->C_WrapKey != NULL;
}

static int
library_load(struct nf_p11 *p11, struct nf_diag *diag)
{
	CK_C_GetFunctionList get;
	CK_RV rv;
	void *symbol;
	const char *why;

	if ((p11->library = dlopen(p11->module, RTLD_NOW | RTLD_LOCAL)) ==
	    NULL) {
		why = dlerror();
		return nf_diag_set(diag, NF_E_NOTFOUND, "module",
		    "cannot be loaded: %s", why == NULL ? "?" : why);
	}
	symbol = dlsym(p11->library, "C_GetFunctionList");
	if (symbol == NULL)
		return nf_diag_set(diag, NF_E_FORMAT, "module",
		    "is no PKCS#11 module: it has no C_GetFunctionList");
	/* Through memcpy, as C has no cast from void * to a function. */
	memcpy(&get, &symbol, sizeof(get));
	if ((rv = get(&p11->f)) != CKR_OK)
		return nf_p11_failed(p11, "C_GetFunctionList", rv, diag);
	if (p11->f == NULL || p11->f->version.major < 2 ||
	    p11->f->version.major > 3)
		return nf_diag_set(diag, NF_E_FORMAT, "module",
		    "has no functions of PKCS#11 2 or 3");
	if (!is_complete(p11->f))
		return nf_diag_set(diag, NF_E_FORMAT, "module",
		    "lacks functions of PKCS#11");
	return 0;
}

static int
initialize(struct nf_p11 *p11, struct nf_diag *diag)
{
	CK_C_INITIALIZE_ARGS args;
	CK_RV rv;

	memset(&args, 0, sizeof(args));
	args.flags = CKF_OS_LOCKING_OK;
	rv = p11->f->C_Initialize(&args);
	if (rv == CKR_CANT_LOCK || rv == CKR_ARGUMENTS_BAD)
		rv = p11->f->C_Initialize(NULL);
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return nf_p11_failed(p11, "C_Initialize", rv, diag);
	p11->initialized = rv == CKR_OK;
	if ((rv = p11->f->C_GetInfo(&p11->info)) != CKR_OK)
		return nf_p11_failed(p11, "C_GetInfo", rv, diag);
	return 0;
}

static int
session_open(struct nf_p11 *p11, struct nf_diag *diag)
{
	CK_RV rv;

	/* Session objects need no read-write session. */
	rv = p11->f->C_OpenSession(p11->slot, CKF_SERIAL_SESSION, NULL, NULL,
	    &p11->session);
	if (rv != CKR_OK)
		return nf_p11_failed(p11, "C_OpenSession", rv, diag);
	p11->has_session = true;
	return 0;
}

static int
login(struct nf_p11 *p11, const struct nf_p11_select *select,
    const struct nf_p11_pin *pin, struct nf_diag *diag)
{
	struct nf_tty_line line = { .len = 0 };
	CK_FLAGS flags = p11->token.flags;
	bool typed = nf_p11_pin_is_typed(select, pin);
	bool keypad = typed && (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
	CK_RV rv;
	int r = 0;

	if (typed && (flags & CKF_LOGIN_REQUIRED) == 0)
		return 0;
	if ((flags & CKF_USER_PIN_LOCKED) != 0)
		return nf_p11_failed(p11, "C_Login", CKR_PIN_LOCKED, diag);
	if (!typed && (flags & CKF_USER_PIN_FINAL_TRY) != 0)
		return nf_diag_set(diag, NF_E_REFUSED, "C_Login",
		    "one try is left before the PIN is locked: type it at "
		    "the terminal, or log in with the token's own tool "
		    "first");
	if (!keypad && (r = nf_p11_pin_read(select, pin, &p11->token, p11->name,
	    &line, diag)) != 0)
		goto out;
	rv = p11->f->C_Login(p11->session, CKU_USER,
	    keypad ? NULL : (CK_UTF8CHAR *)line.p, line.len);
	if (rv == CKR_OK)
		p11->logged_in = true;
	else if (rv != CKR_USER_ALREADY_LOGGED_IN)
		r = nf_p11_failed(p11, "C_Login", rv, diag);
out:
	explicit_bzero(&line, sizeof(line));
	return r;
}

int
nf_p11_open(const struct nf_p11_select *select, const struct nf_p11_pin *pin,
    struct nf_p11 **out, struct nf_diag *diag)
{
	struct nf_p11 *p11;
	int r;

	*out = NULL;
	if ((p11 = calloc(1, sizeof(*p11))) == NULL ||
	    (p11->module = strdup(select->module)) == NULL) {
		r = nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
		goto out;
	}
	if ((r = library_load(p11, diag)) != 0 ||
	    (r = initialize(p11, diag)) != 0 ||
	    (r = nf_p11_slot_find(p11, select, diag)) != 0) {
		nf_diag_where(diag, "%s", p11->module);
		goto out;
	}
	if ((r = session_open(p11, diag)) != 0 ||
	    (r = login(p11, select, pin, diag)) != 0) {
		nf_diag_where(diag, "token %s", p11->name);
		goto out;
	}
	*out = p11;
	p11 = NULL;
out:
	nf_p11_close(p11);
	return r;
}

void
nf_p11_close(struct nf_p11 *p11)
{
	if (p11 == NULL)
		return;
	/* Nothing can be done about a failure here. */
	if (p11->logged_in)
		(void)p11->f->C_Logout(p11->session);
	if (p11->has_session)
		(void)p11->f->C_CloseSession(p11->session);
	if (p11->initialized)
		(void)p11->f->C_Finalize(NULL);
	if (p11->library != NULL)
		(void)dlclose(p11->library);
	free(p11->module);
	free(p11);
}

bool
nf_p11_serves(const struct nf_p11 *p11, const struct nf_p11_select *select)
{
	return strcmp(p11->module, select->module) == 0 &&
	    nf_p11_matches(select, p11->slot, &p11->info, &p11->slot_info,
	    &p11->token);
}

void
nf_p11_source(const struct nf_p11 *p11, struct nf_buf *buf)
{
	char maker[sizeof(p11->token.manufacturerID) + 1];
	char model[sizeof(p11->token.model) + 1];

	nf_p11_text(maker, p11->token.manufacturerID,
	    sizeof(p11->token.manufacturerID));
	nf_p11_text(model, p11->token.model, sizeof(p11->token.model));
	nf_buf_printf(buf, "%s%s%s firmware %u.%u", maker,
	    maker[0] == '\0' ? "" : " ", model,
	    p11->token.firmwareVersion.major,
	    p11->token.firmwareVersion.minor);
}
