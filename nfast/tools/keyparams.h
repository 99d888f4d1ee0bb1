/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name=value parameters of generatekey: names, descriptions and order as
 * the original shows them.  What is missing is asked for on a terminal, else
 * it takes its default or is an error.
 */
#ifndef NF_TOOLS_KEYPARAMS_H
#define NF_TOOLS_KEYPARAMS_H

#include <stdbool.h>

#include "nfast/base/buf.h"
#include "nfast/base/cli.h"
#include "nfast/kmdata/keyfile.h"
#include "nfast/wire/genparams.h"

enum nf_keyparam {
	NF_KP_OPERATION,
	NF_KP_APPLICATION,
	NF_KP_PROTECT,
	NF_KP_SLOT,
	NF_KP_CARDSET,
	NF_KP_SOFTCARD,
	NF_KP_RECOVERY,
	NF_KP_VERIFY,
	NF_KP_TYPE,
	NF_KP_SIZE,
	NF_KP_CURVE,
	NF_KP_PUBEXP,
	NF_KP_PEMREADFILE,
	NF_KP_IDENT,
	NF_KP_PLAINNAME,
	NF_KP_NVRAM,
	NF_KP_COUNT
};

#define NF_KP_VALUE_MAX	4095

/*
 *   value  one per parameter; NULL while unknown or not applicable
 *   own    backs values that were typed or changed
 */
struct nf_keyparams {
	bool import;
	const char *value[NF_KP_COUNT];
	char own[NF_KP_COUNT][NF_KP_VALUE_MAX + 1];
};

/*
 * Take the words of the command line, APP and name=value in any order.
 * Returns -1 or the exit status after a usage error.
 */
int nf_keyparams_parse(const struct nf_cli *cli, char **args, int n,
    struct nf_keyparams *kp);

/*
 * Fill in what is missing, and check all.
 *   ask  prompt on the terminal of standard input
 */
int nf_keyparams_complete(const struct nf_cli *cli, struct nf_keyparams *kp,
    bool ask);

/*
 * What to generate, or the type to import.
 *   e  4 bytes that back a public exponent
 */
void nf_keyparams_gen(const struct nf_keyparams *kp,
    struct nf_genparams *out, uint8_t e[static 4]);

/* The table "key generation parameters:". */
void nf_keyparams_print(struct nf_buf *out, const struct nf_keyparams *kp);

#endif
