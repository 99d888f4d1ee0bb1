/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies to the commands that a host sends, with made-up contents, bare and
 * as frames; and USB devices that send such frames.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/wire/command.h"
#include "tests/fuzz/seed_replies.h"

#define USB_DEFAULTS	20	/* zeros: a device as ours is */

static const uint32_t commands[] = { NF_CMD_NEWENQUIRY, NF_CMD_NOOP,
    NF_CMD_GENERATERANDOM, NF_CMD_GENERATEKEY, NF_CMD_GENERATEKEYPAIR,
    NF_CMD_GETKEYINFO, NF_CMD_GETKEYINFOEX, NF_CMD_SIGN, NF_CMD_VERIFY,
    NF_CMD_ENCRYPT, NF_CMD_DECRYPT, NF_CMD_EXPORT, NF_CMD_GETAPPDATA,
    NF_CMD_MAKEBLOB, NF_CMD_LOADBLOB, NF_CMD_GETSLOTINFO, NF_CMD_GETKMLIST,
    NF_CMD_GETKML, NF_CMD_GETKLF, NF_CMD_GETKLF2, NF_CMD_GETACL,
    NF_CMD_SIGNMODULESTATE, NF_CMD_READSHARE, NF_CMD_DEVTEST };

static void
fill(struct nf_args *a)
{
	static const uint8_t bytes[64] = { 1, 2, 3, 4, 5 };

	a->flags = 0xff;
	a->key = 3;
	a->key2 = 4;
	a->length = 32;
	a->mech = NF_MECH_RSAHSHA256PPKCS1;
	a->keydata.type = NF_KEY_RIJNDAEL;
	a->keydata.v[0] = nf_view_of(bytes, 32);
	a->plain.type = NF_PLAIN_BYTES;
	a->plain.v = nf_view_of(bytes, 20);
	a->cipher.mech = NF_MECH_RSAHSHA256PPKCS1;
	a->cipher.v[0] = nf_view_of(bytes, 64);
	a->cert.sig = a->cert2.sig = a->cipher;
	a->cert.msg = a->cert2.msg = nf_view_of(bytes, 40);
	a->enquiry.mode = NF_MODE_OPERATIONAL;
	a->enquiry.serial = nf_view_of("8938-1075-88BB", 14);
	a->enquiry.software = nf_view_of("a software", 10);
	a->data = nf_view_of(bytes, 24);
	a->string = nf_view_of("a text", 6);
	a->n_hashes = 2;
	a->n_shares = 1;
	a->n_keys = 1;
	a->keys[0] = 7;
	a->acl = nf_acl_new();
	a->acl2 = nf_acl_new();
	if (a->acl == NULL || a->acl2 == NULL)
		abort();
	nf_group_action_add(nf_acl_group_add(a->acl),
	    NF_ACT_OPPERMISSIONS)->flags = 3;
}

/* The reply to a command, or its refusal. */
static void
reply(uint32_t cmd, bool refuse, struct nf_buf *out)
{
	struct nf_reply *rep = calloc(1, sizeof(*rep));

	if (rep == NULL)
		abort();
	rep->tag = 1;
	rep->cmd = refuse ? NF_CMD_ERRORRETURN : cmd;
	rep->status = refuse ? NF_ST_ACCESSDENIED : NF_ST_OK;
	if (refuse)
		rep->reason = nf_view_of("group 1: no", 11);
	else
		fill(&rep->args);
	nf_wire_reply_write(out, rep);
	nf_args_wipe(&rep->args);
	free(rep);
}

static void
frame(struct nf_view message, struct nf_buf *out)
{
	nf_buf_u32(out, (uint32_t)message.len);
	nf_buf_view_put(out, message);
}

/* A device of these first bytes; its endpoint sends n frames. */
static void
usb(size_t zeros, int n, size_t packet, struct nf_buf *out)
{
	struct nf_buf message = NF_BUF_INIT, all = NF_BUF_INIT;

	nf_buf_fill(out, 0, zeros);
	for (int i = 0; i < n; i++) {
		nf_buf_wipe(&message);
		nf_buf_wipe(&all);
		reply(commands[i], false, &message);
		frame(nf_buf_view(&message), &all);
		for (size_t at = 0; at < all.len; at += packet) {
			size_t len = all.len - at < packet ? all.len - at :
			    packet;

			nf_buf_u8(out, (uint8_t)len);
			nf_buf_put(out, all.p + at, len);
		}
	}
	nf_buf_wipe(&message);
	nf_buf_wipe(&all);
}

void
seed_replies(void (*seed)(const char *target, const char *name,
    struct nf_buf *buf))
{
	struct nf_buf buf = NF_BUF_INIT, message = NF_BUF_INIT;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char name[16] = "command-";

		name[8] = (char)('a' + (char)i);
		nf_buf_u32(&buf, commands[i]);
		reply(commands[i], false, &buf);
		seed("reply", name, &buf);
	}
	nf_buf_u32(&buf, NF_CMD_SIGN);
	reply(NF_CMD_SIGN, true, &buf);
	seed("reply", "refused", &buf);
	reply(NF_CMD_NOOP, false, &message);
	nf_buf_u32(&buf, NF_CMD_NOOP);
	frame(nf_buf_view(&message), &buf);
	frame(nf_buf_view(&message), &buf);
	nf_buf_wipe(&message);
	seed("reply", "frames", &buf);

	usb(USB_DEFAULTS, 3, 64, &buf);
	seed("usb", "three", &buf);
	usb(USB_DEFAULTS, 1, 240, &buf);
	seed("usb", "long-packets", &buf);
	usb(USB_DEFAULTS, 1, 1, &buf);
	seed("usb", "bytes", &buf);
	usb(USB_DEFAULTS, 1, 64, &buf);
	nf_buf_u8(&buf, 0xf1);
	nf_buf_u8(&buf, 0xf0);
	usb(0, 2, 64, &buf);
	seed("usb", "stall", &buf);
	usb(16, 0, 64, &buf);
	nf_buf_u8(&buf, 10);
	nf_buf_str(&buf, "other make");
	usb(3, 1, 64, &buf);
	seed("usb", "other", &buf);

	usb(1, 3, 64, &buf);
	seed("gadget", "three", &buf);
	nf_buf_str(&buf, "\4\2\4\3\2");
	usb(0, 2, 64, &buf);
	seed("gadget", "events", &buf);
	usb(1, 1, 1, &buf);
	nf_buf_u8(&buf, 0xff);
	usb(0, 1, 63, &buf);
	seed("gadget", "reset", &buf);
}
