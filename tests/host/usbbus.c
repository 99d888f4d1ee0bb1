/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usbbus DEVICE... -- COMMAND...: run a program beside scripted USB devices.
 * DEVICE is edge:SERIAL, driver:SERIAL (an Edge that a kernel driver holds),
 * module:SERIAL (served by the module of USBBUS_STATE), other:SERIAL (our
 * numbers, strings of others) or closed:SERIAL (cannot be opened).  The exit
 * status is the program's; 98 when something here failed.
 */
#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/module/module.h"
#include "tests/host/usbmock.h"

#define DEVICES_MAX	8

static void
module_reply(void *arg, struct nf_view message, struct nf_buf *in)
{
	struct nf_buf reply = NF_BUF_INIT;

	if (nf_module_transact(arg, message, &reply) == 0)
		usbmock_frame(in, nf_buf_view(&reply));
	nf_buf_wipe(&reply);
	/* umockdev's thread may not end before the process does. */
	OPENSSL_thread_stop();
}

static bool
device(const char *spec, unsigned int number, struct usbmock_dev *dev,
    struct nf_module **module)
{
	const char *serial = strchr(spec, ':'), *state;
	size_t n = serial == NULL ? 0 : (size_t)(serial - spec);
	struct nf_diag diag = { 0 };

	if (serial == NULL)
		return false;
	serial++;
	usbmock_module(dev, number, serial);
	if (n == 4 && memcmp(spec, "edge", n) == 0) {
		usbmock_edge(dev, number, serial);
	} else if (n == 6 && memcmp(spec, "driver", n) == 0) {
		usbmock_edge(dev, number, serial);
		dev->driver = "ftdi_sio";
	} else if (n == 5 && memcmp(spec, "other", n) == 0) {
		dev->text[1] = "a coffee machine";
	} else if (n == 6 && memcmp(spec, "closed", n) == 0) {
		dev->no_node = true;
	} else if (n == 6 && memcmp(spec, "module", n) == 0) {
		dev->reply = module_reply;
		state = getenv("USBBUS_STATE");
		if (*module == NULL && (state == NULL ||
		    nf_module_open(state, state, module, &diag) != 0)) {
			(void)fprintf(stderr, "usbbus: %s\n", diag.text);
			return false;
		}
		dev->arg = *module;
	} else {
		return false;
	}
	return true;
}

static int
run(char **argv)
{
	const char *preload = getenv("USBBUS_PRELOAD");
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)setenv("LD_PRELOAD", preload != NULL ? preload :
		    "libumockdev-preload.so.0", 1);
		(void)execvp(argv[0], argv);
		_exit(98);
	}
	if (pid < 0)
		return 98;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return 98;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

int
main(int argc, char **argv)
{
	static struct usbmock_dev dev[DEVICES_MAX];
	struct nf_module *module = NULL;
	struct usbmock *mock = usbmock_new();
	int i, status = 98;

	if (mock == NULL)
		return 98;
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (i > DEVICES_MAX ||
		    !device(argv[i], (unsigned int)i, &dev[i - 1], &module) ||
		    !usbmock_add(mock, &dev[i - 1])) {
			(void)fprintf(stderr, "usbbus: cannot add '%s'\n",
			    argv[i]);
			goto out;
		}
	}
	if (i + 1 < argc)
		status = run(argv + i + 1);
out:
	usbmock_free(mock);
	nf_module_close(module);
	return status;
}
