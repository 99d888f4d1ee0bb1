/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nfsim-gadget: makes a Linux gadget a simulated module on USB, by passing
 * the messages of a FunctionFS instance to the socket of nfsimd.  Ours.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/file.h"
#include "nfast/base/mem.h"
#include "nfast/host/gadget.h"
#include "nfast/host/usb.h"

static const struct nf_cli cli = {
	.name = "nfsim-gadget",
	.synopsis = "nfsim-gadget FFS_DIR SOCKET",
	.help =
	    "Serve the module behind SOCKET (of nfsimd) to the USB host that\n"
	    "this gadget is plugged into.  FFS_DIR is where a functionfs\n"
	    "instance is mounted.  For example:\n"
	    "  cd /sys/kernel/config/usb_gadget && mkdir sim && cd sim\n"
	    "  echo 0x1209 >idVendor; echo 0x0001 >idProduct\n"
	    "  mkdir strings/0x409 configs/c.1 functions/ffs.sim\n"
	    "  echo secworld >strings/0x409/manufacturer\n"
	    "  echo secworld simulated module >strings/0x409/product\n"
	    "  echo SIM-1 >strings/0x409/serialnumber\n"
	    "  ln -s functions/ffs.sim configs/c.1/\n"
	    "  mkdir /run/sim && mount -t functionfs sim /run/sim\n"
	    "  nfsim-gadget /run/sim /run/nfsimd/nserver &\n"
	    "  ls /sys/class/udc >UDC\n"
	    "and on the host: NFAST_SERVER=usb:SIM-1 enquiry\n",
	.args_min = 2,
	.args_max = 2,
};

static int
server_connect(void *arg, struct nf_link *link, struct nf_diag *diag)
{
	return nf_link_unix(arg, link, diag);
}

static void
note(void *arg, const struct nf_diag *diag)
{
	char line[1024];

	(void)arg;
	nf_diag_line(diag, line, sizeof(line));
	(void)fprintf(stderr, "nfsim-gadget: %s\n", line);
}

static int
file_open(const char *dir, const char *name, int flags, int *fd,
    struct nf_diag *diag)
{
	char path[NF_PATH_MAX];
	int r;

	if ((r = nf_path(path, diag, "%s/%s", dir, name)) != 0)
		return r;
	if ((*fd = open(path, flags | O_CLOEXEC | O_NOCTTY)) < 0) {
		r = nf_diag_set(diag, errno == ENOENT ? NF_E_NOTFOUND :
		    NF_E_IO, NULL, "%s", strerror(errno));
		nf_diag_where(diag, "%s", path);
	}
	return r;
}

int
main(int argc, char **argv)
{
	const struct nf_opt opts[] = { { NULL, 0, NULL, NULL } };
	struct nf_gadget gadget = { .ep0 = -1, .out = -1, .in = -1,
	    .read = read, .packet = nf_gadget_packet,
	    .connect = server_connect, .note = note };
	struct nf_diag diag = { 0 };
	char **args;
	int n, r, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0)
		return status;
	gadget.arg = args[1];
	(void)signal(SIGPIPE, SIG_IGN);
	if ((r = file_open(args[0], "ep0", O_RDWR, &gadget.ep0,
	    &diag)) == 0 &&
	    (r = nf_gadget_describe(gadget.ep0, &diag)) == 0 &&
	    (r = file_open(args[0], "ep1", O_RDONLY, &gadget.out,
	    &diag)) == 0 &&
	    (r = file_open(args[0], "ep2", O_WRONLY, &gadget.in,
	    &diag)) == 0)
		r = nf_gadget_run(&gadget, &diag);
	return r == 0 ? NF_EXIT_OK : nf_cli_fail(&cli, &diag);
}
