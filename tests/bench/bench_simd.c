/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service beside the module in process and beside SoftHSM2: RSA-2048
 * signatures a second by processes that sign in turn, the median of the
 * rounds' ratios; how soon it is ready; its memory with 1,000 clients.
 *   bench_simd NFSIMD STATE [PKCS#11-MODULE]
 * STATE has a world; SoftHSM2's configuration is in the environment.
 */
#include "config.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#include "nfast/host/host.h"
#include "nfast/host/hostcmd.h"
#include "nfast/host/transport.h"
#include "nfast/wire/names.h"

#define ROUNDS		11
#define SIGNATURES	400
#define STARTS		15
#define CLIENTS		1000
#define SOCKET		"bench-socket"

static const uint8_t message[200];

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "bench_simd: %s\n", what);
	exit(4);
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), ascending);
	return v[n / 2];
}

/* ---- what signs --------------------------------------------------------- */

struct signer {
	struct nf_host *host;
	uint32_t key;
	CK_FUNCTION_LIST *p11;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE object;
};

static void
host_key(struct signer *s)
{
	struct nf_command cmd = { .cmd = NF_CMD_GENERATEKEYPAIR };
	struct nf_acl *acl = nf_acl_new();
	struct nf_diag diag = { 0 };
	struct nf_reply reply;

	nf_group_action_add(nf_acl_group_add(acl),
	    NF_ACT_OPPERMISSIONS)->flags = NF_PERM_SIGN;
	cmd.args.module = NF_HOST_MODULE;
	cmd.args.genparams.type = NF_KEY_RSAPRIVATE;
	cmd.args.genparams.len = 2048;
	cmd.args.acl = acl;
	cmd.args.acl2 = acl;
	if (nf_host_call(s->host, &cmd, &reply, &diag) != 0)
		die(diag.text);
	s->key = reply.args.key;
	nf_args_wipe(&reply.args);
	nf_acl_free(acl);
}

static void
host_sign(struct signer *s)
{
	struct nf_command cmd = { .cmd = NF_CMD_SIGN };
	struct nf_diag diag = { 0 };
	struct nf_reply reply;

	cmd.args.key = s->key;
	cmd.args.mech = NF_MECH_RSAHSHA256PPKCS1;
	cmd.args.plain.type = NF_PLAIN_BYTES;
	cmd.args.plain.v = nf_view_of(message, sizeof(message));
	if (nf_host_call(s->host, &cmd, &reply, &diag) != 0)
		die(diag.text);
	nf_args_wipe(&reply.args);
}

static void
module_setup(struct signer *s, const char *dir)
{
	struct nf_diag diag = { 0 };

	if (nf_host_open_state(dir, dir, &s->host, &diag) != 0)
		die(diag.text);
	host_key(s);
}

static void
client_setup(struct signer *s, const char *path)
{
	struct nf_diag diag = { 0 };

	(void)setenv("NFAST_SERVER", path, 1);
	if (nf_host_open(&s->host, &diag) != 0)
		die(diag.text);
	host_key(s);
}

static void
p11_setup(struct signer *s, const char *path)
{
	CK_MECHANISM gen = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ULONG bits = 2048, n = 1;
	CK_BBOOL yes = CK_TRUE;
	CK_BYTE e[] = { 1, 0, 1 }, pin[] = "1234";
	CK_ATTRIBUTE pub[] = { { CKA_MODULUS_BITS, &bits, sizeof(bits) },
		{ CKA_PUBLIC_EXPONENT, e, sizeof(e) } };
	CK_ATTRIBUTE priv[] = { { CKA_SIGN, &yes, sizeof(yes) } };
	CK_OBJECT_HANDLE public;
	CK_C_GetFunctionList list;
	CK_SLOT_ID slot[8];
	void *lib = dlopen(path, RTLD_NOW);
	void *sym = lib == NULL ? NULL : dlsym(lib, "C_GetFunctionList");

	if (sym == NULL)
		die("the PKCS#11 module does not load");
	memcpy(&list, &sym, sizeof(list));
	if (list(&s->p11) != CKR_OK || s->p11->C_Initialize(NULL) != CKR_OK ||
	    s->p11->C_GetSlotList(CK_TRUE, NULL, &n) != CKR_OK || n == 0 ||
	    n > 8 || s->p11->C_GetSlotList(CK_TRUE, slot, &n) != CKR_OK)
		die("the PKCS#11 module has no token");
	if (s->p11->C_OpenSession(slot[0], CKF_SERIAL_SESSION | CKF_RW_SESSION,
	    NULL, NULL, &s->session) != CKR_OK ||
	    s->p11->C_Login(s->session, CKU_USER, pin, 4) != CKR_OK ||
	    s->p11->C_GenerateKeyPair(s->session, &gen, pub, 2, priv, 1,
	    &public, &s->object) != CKR_OK)
		die("the PKCS#11 module makes no key");
}

static void
p11_sign(struct signer *s)
{
	CK_MECHANISM mech = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_BYTE data[sizeof(message)], sig[256];
	CK_ULONG len = sizeof(sig);

	memcpy(data, message, sizeof(data));
	if (s->p11->C_SignInit(s->session, &mech, s->object) != CKR_OK ||
	    s->p11->C_Sign(s->session, data, sizeof(data), sig,
	    &len) != CKR_OK)
		die("the PKCS#11 module does not sign");
}

/* ---- processes that sign when they are told to -------------------------- */

struct worker {
	pid_t pid;
	int to, from;
};

static void
worker_start(struct worker *w, void (*setup)(struct signer *, const char *),
    void (*sign)(struct signer *), const char *arg)
{
	struct signer s = { NULL, 0, NULL, 0, 0 };
	int to[2], from[2];
	char c = 0;

	if (pipe(to) != 0 || pipe(from) != 0 || (w->pid = fork()) < 0)
		die("fork");
	if (w->pid == 0) {
		(void)close(to[1]);
		(void)close(from[0]);
		setup(&s, arg);
		sign(&s);
		while (write(from[1], &c, 1) == 1 && read(to[0], &c, 1) == 1)
			for (int i = 0; i < SIGNATURES; i++)
				sign(&s);
		_exit(0);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	w->to = to[1];
	w->from = from[0];
	if (read(w->from, &c, 1) != 1)
		die("a process ended");
}

static void
worker_end(struct worker *w)
{
	(void)close(w->to);
	(void)close(w->from);
	/* Those that were started later have its pipe open as well. */
	(void)kill(w->pid, SIGTERM);
	(void)waitpid(w->pid, NULL, 0);
}

/* Signatures a second of n workers at once. */
static double
rate(const struct worker *w, size_t n)
{
	double t = seconds();
	char c = 0;

	for (size_t i = 0; i < n; i++)
		if (write(w[i].to, &c, 1) != 1)
			die("a process ended");
	for (size_t i = 0; i < n; i++)
		if (read(w[i].from, &c, 1) != 1)
			die("a process ended");
	return (double)n * SIGNATURES / (seconds() - t);
}

/* ---- the service -------------------------------------------------------- */

static pid_t
serve(const char *program, const char *state)
{
	char line[512];
	int out[2];
	pid_t pid;

	if (pipe(out) != 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		(void)dup2(out[1], STDOUT_FILENO);
		(void)close(out[0]);
		(void)execl(program, program, "--socket", "./" SOCKET, state,
		    (char *)NULL);
		_exit(127);
	}
	(void)close(out[1]);
	if (read(out[0], line, sizeof(line)) <= 0)
		die("the service does not start");
	(void)close(out[0]);
	return pid;
}

static void
serve_end(pid_t pid)
{
	(void)kill(pid, SIGTERM);
	(void)waitpid(pid, NULL, 0);
}

static long
resident(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		die(path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	(void)fclose(f);
	return kib;
}

/* Connect all, let each ask once, and close them when leave is set. */
static void
crowd(struct nf_link *link, bool leave)
{
	struct nf_command cmd = { .cmd = NF_CMD_NEWENQUIRY };
	struct nf_buf bytes = NF_BUF_INIT, reply = NF_BUF_INIT;
	struct nf_diag diag = { 0 };

	nf_wire_command_write(&bytes, &cmd);
	for (int i = 0; i < CLIENTS; i++)
		if (nf_link_unix("./" SOCKET, &link[i], &diag) != 0)
			die(diag.text);
	for (int i = 0; i < CLIENTS; i++) {
		if (link[i].ops->transact(link[i].self, nf_buf_view(&bytes),
		    &reply, &diag) != 0)
			die(diag.text);
		nf_buf_wipe(&reply);
	}
	for (int i = 0; leave && i < CLIENTS; i++)
		link[i].ops->close(link[i].self);
	nf_buf_wipe(&bytes);
}

static void
bench_ready(const char *program, const char *state)
{
	double t[STARTS];

	for (int i = 0; i < STARTS; i++) {
		double t0 = seconds();
		pid_t pid = serve(program, state);

		t[i] = seconds() - t0;
		serve_end(pid);
	}
	(void)printf("nfsimd ready after its start: %.1f ms (target 20; "
	    "median of %d)\n", 1e3 * median(t, STARTS), STARTS);
}

static void
bench_crowd(pid_t pid)
{
	struct rlimit files = { CLIENTS + 64, CLIENTS + 64 };
	struct nf_link *link = calloc(CLIENTS, sizeof(*link));
	long before = resident(pid), with, later;

	if (link == NULL || (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_max < CLIENTS + 64))
		die("1,000 clients need more descriptors");
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	crowd(link, false);
	with = resident(pid);
	for (int i = 0; i < CLIENTS; i++)
		link[i].ops->close(link[i].self);
	for (int i = 0; i < 10; i++)
		crowd(link, true);
	later = resident(pid);
	free(link);
	(void)printf("nfsimd's memory in KiB: %ld, with %d clients at once "
	    "%ld, after ten times as many %ld (target: flat)\n", before,
	    CLIENTS, with, later);
}

static void
bench_rates(const char *p11)
{
	double one[ROUNDS], two[ROUNDS], soft[ROUNDS], soft2[ROUNDS], in;
	double both[ROUNDS];
	struct worker module[2], client[2], token[2];
	char dir[] = "bench-module.XXXXXX", sub[64], rm[64];

	if (mkdtemp(dir) == NULL)
		die("mkdtemp");
	for (int i = 0; i < 2; i++) {
		(void)snprintf(sub, sizeof(sub), "%s/%d", dir, i);
		worker_start(&module[i], module_setup, host_sign, sub);
		worker_start(&client[i], client_setup, host_sign,
		    "./" SOCKET);
		if (p11 != NULL)
			worker_start(&token[i], p11_setup, p11_sign, p11);
	}
	for (int i = 0; i < ROUNDS; i++) {
		in = rate(module, 1);
		both[i] = rate(module, 2) / in;
		one[i] = rate(client, 1);
		two[i] = rate(client, 2);
		soft[i] = p11 == NULL ? 0 : one[i] / rate(token, 1);
		soft2[i] = p11 == NULL ? 0 : two[i] / rate(token, 2);
		one[i] /= in;
		two[i] /= in;
	}
	(void)printf("RSA-2048 signatures over the socket, rate / in "
	    "process: %.2f (target 0.85), two clients %.2f (target 1.70; "
	    "%d rounds of %d)\n", median(one, ROUNDS), median(two, ROUNDS),
	    ROUNDS, SIGNATURES);
	(void)printf("  what this machine gives two processes with a module "
	    "each: %.2f\n", median(both, ROUNDS));
	if (p11 != NULL)
		(void)printf("  rate / SoftHSM2's: %.2f (target 1.80), two "
		    "processes each: %.2f\n", median(soft, ROUNDS),
		    median(soft2, ROUNDS));
	else
		(void)printf("  beside SoftHSM2: it is not here\n");
	for (int i = 0; i < 2; i++) {
		worker_end(&module[i]);
		worker_end(&client[i]);
		if (p11 != NULL)
			worker_end(&token[i]);
	}
	(void)snprintf(rm, sizeof(rm), "rm -rf %s", dir);
	if (system(rm) != 0)
		die(rm);
}

int
main(int argc, char **argv)
{
	pid_t pid;

	if (argc < 3)
		return 2;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	bench_ready(argv[1], argv[2]);
	pid = serve(argv[1], argv[2]);
	bench_rates(argc > 3 ? argv[3] : NULL);
	bench_crowd(pid);
	serve_end(pid);
	return 0;
}
