/* SPDX-License-Identifier: Apache-2.0 */
/* A service in the process of a test, and clients of it. */
#ifndef NF_TESTS_HOST_SERVE_H
#define NF_TESTS_HOST_SERVE_H

#include <time.h>

#include "nfast/simd/listen.h"
#include "nfast/simd/server.h"
#include "tests/host/fixture.h"

#define STALL	1	/* second */

/* On sockets below /tmp, whose paths are short. */
static struct {
	char dir[64], plain[96], priv[96];
	struct nf_listener l[2];
	struct nf_rack *rack;
	struct nf_server *server;
} srv;

static inline void
serve(uint32_t modules, uint32_t clients)
{
	struct nf_server_conf conf = { .clients = clients, .stall = STALL };
	char second[NF_PATH_MAX];
	const char *state[2] = { fix.state, second };

	fix_setup();
	nf_host_close(fix.host);
	fix.host = NULL;
	OK(nf_path(second, NULL, "%s/sim2", fix.top));
	(void)strcpy(srv.dir, "/tmp/test_serve.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(srv.dir));
	(void)snprintf(srv.plain, sizeof(srv.plain), "%s/s", srv.dir);
	(void)snprintf(srv.priv, sizeof(srv.priv), "%s/p", srv.dir);
	OK(nf_listen_unix(srv.plain, false, &srv.l[0], &fix.diag));
	OK(nf_listen_unix(srv.priv, true, &srv.l[1], &fix.diag));
	OK(nf_rack_open(state, modules, &srv.rack, &fix.diag));
	conf.rack = srv.rack;
	conf.fd = srv.l[0].fd;
	conf.priv_fd = srv.l[1].fd;
	OK(nf_server_start(&conf, &srv.server, &fix.diag));
	ck_assert_int_eq(setenv("NFAST_SERVER", srv.plain, 1), 0);
	ck_assert_int_eq(setenv("NFAST_PRIVSERVER", srv.priv, 1), 0);
}

static inline void
unserve(void)
{
	nf_server_stop(srv.server);
	nf_rack_close(srv.rack);
	nf_listen_close(&srv.l[0]);
	nf_listen_close(&srv.l[1]);
	ck_assert_int_eq(access(srv.plain, F_OK), -1);
	ck_assert_int_eq(rmdir(srv.dir), 0);
	fix_teardown();
}

static inline struct nf_host *
plain(void)
{
	struct nf_host *host;

	OK(nf_host_open(&host, &fix.diag));
	return host;
}

/* The service does its work. */
static inline void
lives(void)
{
	struct nf_host *host = plain();
	char esn[NF_ESN_MAX + 1];
	uint32_t mode;

	OK(nf_host_enquiry(host, &mode, esn, &fix.diag));
	nf_host_close(host);
}

/* Wait until that many clients are left, ticking meanwhile. */
static inline void
wait_clients(uint32_t n)
{
	const struct timespec t = { 0, 20000000 };

	for (int i = 0; i < 3000 && nf_server_clients(srv.server) != n; i++) {
		nf_server_tick(srv.server);
		(void)nanosleep(&t, NULL);
	}
	ck_assert_uint_eq(nf_server_clients(srv.server), n);
}

#endif
