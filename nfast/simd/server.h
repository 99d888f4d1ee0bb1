/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serves modules to many clients on listening sockets.  A few threads wait on
 * one epoll; the one that a client's bytes wake reads the command, carries it
 * out and sends the reply, so that a command costs no change of thread.
 *
 * A client has one command outstanding: nothing more is read from it before
 * its reply is sent.  One that sends a malformed frame, takes longer than
 * the stall time for one message or for taking one reply, or closes in the
 * middle, is dropped; commands that are malformed get a reply with a status.
 *
 * Users (the uid at the other end) are served in turns, however many clients
 * each has.  One user has at most half of the places that the others leave,
 * and slow commands (nf_rack_slow()) have all threads but one.
 */
#ifndef NF_SIMD_SERVER_H
#define NF_SIMD_SERVER_H

#include "nfast/module/rack.h"

#define NF_SERVER_CLIENTS	4096	/* at once, by default */
#define NF_SERVER_PRIV_KEPT	16	/* of these, for privileged ones */
#define NF_SERVER_THREADS_MAX	64
#define NF_SERVER_STALL		10	/* seconds */

/*
 * Sees every command and its reply, which is empty when the client is dropped
 * instead.  Called from several threads at once; NULL: nobody looks.
 */
typedef void nf_server_trace(void *arg, const struct nf_rack_client *client,
    struct nf_view command, struct nf_view reply);

/*
 *   fd, priv_fd  listening sockets that do not block, -1: none; the caller
 *                closes them after nf_server_stop()
 *   clients      0: NF_SERVER_CLIENTS, or as many as the limit of open files
 *                allows
 *   threads      0: one a processor, and one
 */
struct nf_server_conf {
	struct nf_rack *rack;
	int fd, priv_fd;
	uint32_t clients;
	uint32_t threads;
	uint32_t stall;
	nf_server_trace *trace;
	void *trace_arg;
};

struct nf_server;

/*
 * Start the threads; all signals are blocked in them.
 * Errors: NF_E_NOMEM, NF_E_IO, NF_E_POLICY (the limit of open files does not
 * allow as many clients).
 */
int nf_server_start(const struct nf_server_conf *conf,
    struct nf_server **out, struct nf_diag *diag);

/* To be called once a second: drops clients that stall. */
void nf_server_tick(struct nf_server *server);

/* Clients that are connected. */
uint32_t nf_server_clients(struct nf_server *server);

/* Finish the commands under way, drop all clients and free the server. */
void nf_server_stop(struct nf_server *server);

#endif
