/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what USB has: nShield Edges and simulated modules. */
#include "config.h"

#include "nfast/host/usb.h"
#include "nfast/tools/usblist.h"

static void
device_print(struct nf_buf *out, const struct nf_usb_entry *e, size_t number)
{
	nf_buf_printf(out, "USB device #%zu:\n", number);
	nf_buf_printf(out, " %-20s %s\n", "product name", e->edge ?
	    "nShield Edge" : NF_USB_NAME);
	nf_buf_printf(out, " %-20s %s\n", "interface string", e->edge ?
	    NF_USB_EDGE : NF_USB_INTERFACE);
	nf_buf_printf(out, " %-20s %04x:%04x\n", "vendor and product",
	    e->vendor, e->product);
	nf_buf_printf(out, " %-20s %u\n", "bus", e->bus);
	nf_buf_printf(out, " %-20s %s\n", "port",
	    e->port[0] == '\0' ? "unknown" : e->port);
	nf_buf_printf(out, " %-20s %s\n", "serial number",
	    e->serial[0] == '\0' ? "none" : e->serial);
	nf_buf_printf(out, " %-20s %s\n", "kernel driver", !e->driver ?
	    "none" : e->edge ?
	    "WARNING: one holds it; a server may be using this Edge" :
	    "WARNING: one holds it; it cannot be used");
	if (e->edge)
		nf_buf_printf(out, " %-20s %s\n", "use",
		    "detected only: an Edge cannot be driven from here");
	else
		nf_buf_printf(out, " %-20s NFAST_SERVER=usb:%s\n", "use",
		    e->serial);
}

int
nf_tool_usb_print(struct nf_buf *out, struct nf_diag *diag)
{
	struct nf_usb_list list;
	int r;

	if ((r = nf_usb_list(&list, diag)) != 0)
		return r;
	if (list.bus_missing) {
		nf_buf_str(out, "USB: no USB here\n");
		return 0;
	}
	for (size_t i = 0; i < list.n; i++)
		device_print(out, &list.entry[i], i + 1);
	if (list.n == 0)
		nf_buf_str(out, "USB: no nShield Edge and no simulated "
		    "module\n");
	if (list.more)
		nf_buf_str(out, "USB: there are more\n");
	if (list.unreadable > 0)
		nf_buf_printf(out, "USB: %zu device%s could not be opened "
		    "to read the interface string\n", list.unreadable,
		    list.unreadable == 1 ? "" : "s");
	return 0;
}
