/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated modules that many clients share: numbers 1 to n, one space of
 * object ids, and the cards of the first module for all.  An object belongs
 * to the client that made it; for all others its id means nothing.  Several
 * connections are one client when they know its id (NewClient,
 * ExistingClient).  Threads may transact at the same time: long private-key
 * operations run side by side, everything else in turn.
 */
#ifndef NF_MODULE_RACK_H
#define NF_MODULE_RACK_H

#include <stdbool.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_RACK_MAX	8

/*
 * Who sends a command: a connection.
 *   id          never 0, never used twice
 *   privileged  may change the unit and move cards; others get
 *               PrivilegedCommand (a real status)
 *   user        the uid at its other end: a user has at most half of what
 *               others leave of the objects, however many clients they are
 *   joined      the rack's: at first 0, then the connection whose client this
 *               one is, perhaps its own
 */
struct nf_rack_client {
	uint64_t id;
	bool privileged;
	uint32_t user;
	uint64_t joined;
};

struct nf_rack;

/*
 * Power up the modules of n state directories, 1..NF_RACK_MAX; the first
 * one's factory root certifies all.  See nf_module_open() for the errors.
 */
int nf_rack_open(const char *const *state, uint32_t n, struct nf_rack **out,
    struct nf_diag *diag);

/* No transaction may be under way. */
void nf_rack_close(struct nf_rack *rack);

/* As nf_module_transact(), for a connection, which has one command at a
 * time. */
int nf_rack_transact(struct nf_rack *rack, struct nf_rack_client *client,
    struct nf_view command, struct nf_buf *reply);

/*
 * This command takes as long as a thousand others, if it is carried out: it
 * makes the primes of a key, or checks them.
 */
bool nf_rack_slow(struct nf_view command);

/* The connection went away: destroy what its client had when it was the last
 * of it. */
void nf_rack_forget(struct nf_rack *rack,
    const struct nf_rack_client *client);

#endif
