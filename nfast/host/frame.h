/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on a stream: a u32 length (little-endian) and as many bytes, both
 * ways.  The framing between a program and the vendor's server is not public;
 * this one is ours.
 */
#ifndef NF_HOST_FRAME_H
#define NF_HOST_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "nfast/base/buf.h"
#include "nfast/base/cur.h"

#define NF_FRAME_HEAD	4

/*
 * The length of the message that a head announces, 1..NF_MESSAGE_MAX.
 * Returns 0 or NF_E_FORMAT.
 */
int nf_frame_length(const uint8_t head[static NF_FRAME_HEAD], uint32_t *len,
    struct nf_diag *diag);

/*
 * Send what the socket takes of one message.
 *   done  bytes of head and message that went before; 0 at first, and
 *         NF_FRAME_HEAD + message.len when all are sent
 * Returns 0 (also when the socket would block) or NF_E_IO.
 */
int nf_frame_send_part(int fd, struct nf_view message, size_t *done,
    struct nf_diag *diag);

/*
 * When to give up: that many seconds from now, as a time for the two below.
 * NF_FRAME_FOREVER waits.
 */
#define NF_FRAME_FOREVER	INT64_MAX
int64_t nf_frame_until(uint32_t seconds);

/* Send one message.  NF_E_IO, also when the time is over. */
int nf_frame_send(int fd, struct nf_view message, int64_t until,
    struct nf_diag *diag);

/*
 * Receive one message into a buffer, whose old content is wiped.
 *   eof  when not NULL, the peer may close instead of sending: *eof is set
 * Returns 0, NF_E_IO, NF_E_FORMAT (junk length) or NF_E_NOMEM.
 */
int nf_frame_recv(int fd, struct nf_buf *message, bool *eof, int64_t until,
    struct nf_diag *diag);

#endif
