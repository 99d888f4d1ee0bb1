/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clang-tidy must know of functions in other files, as it reads one
 * file at a time: a function that records an error returns that error, so
 * its caller does not go on as if nothing failed.  The gate includes this
 * before each file but those that define such functions.
 */
#ifndef NF_TESTS_GATES_ANALYZER_H
#define NF_TESTS_GATES_ANALYZER_H

#include "config.h"

#include "nfast/base/cur.h"
#include "nfast/base/err.h"
#include "nfast/module/internal.h"
#include "transfer/p11_internal.h"
#include "transfer/vault-internal.h"
#include "transfer/vault-json.h"

#define nf_diag_set(diag, code, ...) \
	((void)(nf_diag_set)(diag, code, __VA_ARGS__), (code))
#define nf_diag_at(diag, code, ...) \
	((void)(nf_diag_at)(diag, code, __VA_ARGS__), (code))
#define nf_cur_fail(cur, code, ...) \
	((void)(nf_cur_fail)(cur, code, __VA_ARGS__), (code))
#define nf_mod_refuse(txn, status, ...) \
	((void)(nf_mod_refuse)(txn, status, __VA_ARGS__), (status))
#define nf_mod_status(txn, r, diag) \
	((void)(nf_mod_status)(txn, r, diag), NF_ST_INVALIDDATA)
#define nf_p11_failed(p11, function, rv, diag) \
	((void)(nf_p11_failed)(p11, function, rv, diag), NF_E_REFUSED)
#define nf_p11_junk(function, what, diag) \
	((void)(nf_p11_junk)(function, what, diag), NF_E_FORMAT)
#define nf_vault_fail(err, ...) \
	((void)(nf_vault_fail)(err, __VA_ARGS__), false)
#define nf_vault_not_found(err, name, version) \
	((void)(nf_vault_not_found)(err, name, version), false)

#endif
