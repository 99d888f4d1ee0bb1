/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What enquiry says of USB; the layout is that of its modules, the properties
 * are ours.
 */
#ifndef NF_TOOLS_USBLIST_H
#define NF_TOOLS_USBLIST_H

#include "nfast/base/buf.h"

/*
 * Append a section "USB device #N:" for each nShield Edge and each simulated
 * module, or "no USB", or that there is none of them.
 * Returns 0, or an error of nf_usb_list().
 */
int nf_tool_usb_print(struct nf_buf *out, struct nf_diag *diag);

#endif
