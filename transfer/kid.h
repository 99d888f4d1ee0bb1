/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key identifiers of the services, https://HOST/keys/NAME/VERSION (real).
 * The strictness is ours: what two readers could take for two keys is
 * refused.
 */
#ifndef NF_TRANSFER_KID_H
#define NF_TRANSFER_KID_H

#include "nfast/base/cur.h"
#include "nfast/base/err.h"

#define NF_KID_MAX		512	/* characters */
#define NF_KID_NAME_MAX		127
#define NF_KID_VERSION_LEN	32

enum nf_kid_service {
	NF_KID_OTHER,		/* the host is of no cloud that is known here */
	NF_KID_VAULT,
	NF_KID_MANAGED_HSM
};

/*
 * The parts, borrowed from the text.
 *   host     without the port
 *   port     0: none is named
 *   vault    name of vault or managed HSM; empty with NF_KID_OTHER
 *   version  empty when there is none
 *   cloud    its name for "az cloud set"; NULL with NF_KID_OTHER
 */
struct nf_kid {
	enum nf_kid_service service;
	struct nf_view host, vault, name, version;
	unsigned int port;
	const char *cloud;
};

/*
 * Read an identifier: https, a DNS name, perhaps a port, /keys/, a name of
 * 1..127 characters [0-9a-zA-Z-], perhaps / and 32 hex digits.  Nothing else:
 * no user, query, fragment, percent escape or slash at the end.
 * Returns 0 or NF_E_FORMAT (diag.field: "kid scheme", "kid host", ...).
 * Does not look whether the key exists.
 */
int nf_kid_read(struct nf_view text, struct nf_kid *out,
    struct nf_diag *diag);

/* 1..127 characters [0-9a-zA-Z-]. */
bool nf_kid_name_ok(struct nf_view name);

/* Equal but for the case of letters of ASCII, which DNS ignores. */
bool nf_kid_view_same(struct nf_view a, struct nf_view b);

/* "Key Vault", "Managed HSM" or "no known service". */
const char *nf_kid_service_name(enum nf_kid_service service);

#endif
