/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trace of the commands that a simulated module gets and of its replies:
 * one JSON object a line, decoded, without secrets (see command-json.h).
 * Ours.
 *
 *	{"time": "2026-01-01T00:00:00Z", "client": 0, "command": "Sign",
 *	 "tag": 1, "args": {...}, "status": "OK", "reply": {...}}
 *
 * "certs" counts the certificates on the command, "reason" explains a status.
 * A message that cannot be decoded is {"unreadable": LENGTH}: nobody knows
 * what is secret in it.  No reply: the status is null.
 */
#ifndef NF_HOST_TRACE_H
#define NF_HOST_TRACE_H

#include <stdint.h>

#include "nfast/base/cur.h"
#include "nfast/base/err.h"

#define NF_TRACE_ENV	"NFSIM_TRACE"

struct nf_trace;

/*
 * Append to a file, which is made with mode 0600 when it is missing.
 *   path  may be NULL: no trace, and *out is NULL
 *   out   close with nf_trace_close()
 * Returns 0, NF_E_IO (also: not a regular file, a link, not ours, or others
 * can read it) or NF_E_NOMEM.
 */
int nf_trace_open(const char *path, struct nf_trace **out,
    struct nf_diag *diag);
void nf_trace_close(struct nf_trace *t);

/*
 * Write the line of one exchange, with one write, so that several processes
 * may have one trace.
 *   t       may be NULL: nothing is done
 *   client  whose command it was; 0: the module's own process
 *   reply   p NULL: there was none
 * Returns 0, NF_E_IO or NF_E_NOMEM.
 */
int nf_trace_message(const struct nf_trace *t, uint64_t client,
    struct nf_view command, struct nf_view reply, struct nf_diag *diag);

#endif
