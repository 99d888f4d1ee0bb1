/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "nfast/host/frame.h"
#include "nfast/wire/command.h"

static int
io_fail(struct nf_diag *diag, const char *what)
{
	return nf_diag_set(diag, NF_E_IO, NULL, "connection to the module: %s",
	    what);
}

int
nf_frame_length(const uint8_t head[static NF_FRAME_HEAD], uint32_t *len,
    struct nf_diag *diag)
{
	struct nf_cur cur;

	nf_cur_init(&cur, head, NF_FRAME_HEAD, diag);
	*len = nf_cur_u32(&cur, "frame.length");
	if (*len == 0 || *len > NF_MESSAGE_MAX)
		return nf_diag_set(diag, NF_E_FORMAT, "frame.length",
		    "%u is not in 1..%d", *len, NF_MESSAGE_MAX);
	return 0;
}

int
nf_frame_send_part(int fd, struct nf_view message, size_t *done,
    struct nf_diag *diag)
{
	uint32_t len = (uint32_t)message.len;
	uint8_t head[NF_FRAME_HEAD] = { (uint8_t)len, (uint8_t)(len >> 8),
		(uint8_t)(len >> 16), (uint8_t)(len >> 24) };
	ssize_t n;

	while (*done < sizeof(head) + message.len) {
		size_t h = *done < sizeof(head) ? *done : sizeof(head);
		size_t b = *done - h;
		struct iovec iov[2] = {
			{ head + h, sizeof(head) - h },
			{ (void *)(uintptr_t)(message.p + b), message.len - b }
		};
		struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

		if ((n = sendmsg(fd, &msg, MSG_NOSIGNAL |
		    MSG_DONTWAIT)) >= 0)
			*done += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 0;
		else if (errno != EINTR)
			return io_fail(diag, strerror(errno));
	}
	return 0;
}

static int64_t
now(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
nf_frame_until(uint32_t seconds)
{
	return now() + (int64_t)seconds * 1000;
}

/* Wait for what is to come.  An end of the connection comes, too.  A recv()
 * that waits would also wake up when the peer takes the message. */
static int
wait_for(int fd, short events, int64_t until, struct nf_diag *diag)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = -1;
	int n;

	do {
		if (until != NF_FRAME_FOREVER) {
			left = until - now();
			left = left < 0 ? 0 : left > INT32_MAX ? INT32_MAX :
			    left;
		}
		n = poll(&p, 1, (int)left);
	} while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : io_fail(diag, n == 0 ? "nothing came in time" :
	    strerror(errno));
}

int
nf_frame_send(int fd, struct nf_view message, int64_t until,
    struct nf_diag *diag)
{
	size_t done = 0;
	int r;

	while ((r = nf_frame_send_part(fd, message, &done, diag)) == 0 &&
	    done < NF_FRAME_HEAD + message.len) {
		if ((r = wait_for(fd, POLLOUT, until, diag)) != 0)
			break;
	}
	return r;
}

/* eof, when not NULL, allows the peer to have closed before the first byte. */
static int
recv_all(int fd, uint8_t *p, size_t len, bool *eof, int64_t until,
    struct nf_diag *diag)
{
	size_t done = 0;
	ssize_t n;
	int r;

	while (done < len) {
		n = recv(fd, p + done, len - done, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if ((r = wait_for(fd, POLLIN, until, diag)) != 0)
				return r;
			continue;
		}
		if (n < 0)
			return io_fail(diag, strerror(errno));
		if (n == 0 && done == 0 && eof != NULL) {
			*eof = true;
			return 0;
		}
		if (n == 0)
			return io_fail(diag, done == 0 ? "closed" :
			    "closed in a message");
		done += (size_t)n;
	}
	return 0;
}

int
nf_frame_recv(int fd, struct nf_buf *message, bool *eof, int64_t until,
    struct nf_diag *diag)
{
	uint8_t head[NF_FRAME_HEAD];
	uint32_t len;
	int r;

	nf_buf_wipe(message);
	if ((r = recv_all(fd, head, sizeof(head), eof, until, diag)) != 0 ||
	    (eof != NULL && *eof) ||
	    (r = nf_frame_length(head, &len, diag)) != 0)
		return r;
	nf_buf_fill(message, 0, len);
	if ((r = nf_buf_err(message)) != 0)
		return nf_diag_set(diag, r, NULL, "out of memory");
	return recv_all(fd, message->p, len, NULL, until, diag);
}
