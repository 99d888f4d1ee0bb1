/* SPDX-License-Identifier: Apache-2.0 */
/* The limit of open files, and how many clients it lets a service have. */
#ifndef NF_SIMD_FILES_H
#define NF_SIMD_FILES_H

#include <stdint.h>

#include "nfast/base/err.h"

/*
 * Raise the soft limit to what the clients need, and their users if it can be.
 *   clients   at most so many at once; 0: set to standard, or fewer, as the
 *             hard limit allows
 * Errors: NF_E_POLICY (the hard limit does not allow as many), NF_E_IO.
 */
int nf_files_limit(uint32_t *clients, uint32_t standard,
    struct nf_diag *diag);

#endif
