/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/seed.h"
#include "nfast/base/text.h"
#include "transfer/azcmd.h"
#include "transfer/plan-left.h"

#define CHUNK	((size_t)64 * 1024)

/* A file under a temporary name, which takes any number of lines. */
struct stream {
	const char *name, *temp;
	int dir_fd, fd;
	struct nf_buf buf;
};

static int
stream_fail(const struct stream *s, struct nf_diag *diag)
{
	(void)nf_diag_set(diag, NF_E_IO, NULL, "cannot write: %s",
	    strerror(errno));
	nf_diag_where(diag, "%s", s->name);
	return NF_E_IO;
}

static int
stream_open(struct stream *s, const char *name, const char *temp, int dir_fd,
    struct nf_diag *diag)
{
	s->name = name;
	s->temp = temp;
	s->dir_fd = dir_fd;
	nf_buf_init(&s->buf);
	(void)unlinkat(dir_fd, temp, 0);
	s->fd = openat(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0644);
	return s->fd >= 0 ? 0 : stream_fail(s, diag);
}

/* Hand on what is in the buffer when it is at least min bytes. */
static int
stream_flush(struct stream *s, size_t min, struct nf_diag *diag)
{
	int r = nf_buf_err(&s->buf);

	if (r != 0)
		return nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	if (s->buf.len < min)
		return 0;
	for (size_t off = 0; off < s->buf.len;) {
		ssize_t n = write(s->fd, s->buf.p + off, s->buf.len - off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return stream_fail(s, diag);
		off += (size_t)n;
	}
	s->buf.len = 0;
	return 0;
}

static int
stream_finish(struct stream *s, struct nf_diag *diag)
{
	int r;

	if ((r = stream_flush(s, 0, diag)) != 0)
		return r;
	if (fsync(s->fd) != 0 || renameat(s->dir_fd, s->temp, s->dir_fd,
	    s->name) != 0)
		return stream_fail(s, diag);
	s->temp = NULL;
	return 0;
}

static void
stream_close(struct stream *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	if (s->fd >= 0 && s->temp != NULL)
		(void)unlinkat(s->dir_fd, s->temp, 0);
	nf_buf_wipe(&s->buf);
}

static void
sums_line(struct nf_buf *out, const struct nf_plan_line *l,
    const struct nf_plan_done *d, const char *why)
{
	static const uint8_t none[sizeof(d->hash)];
	char file[256];

	if (d == NULL) {
		nf_buf_printf(out, "# %s: not wrapped, from %s: %s\n", l->name,
		    l->source, why == NULL ? "no package is there" : why);
		return;
	}
	nf_buf_printf(out, "# %s: wrapped, %s", l->name, d->type);
	if (memcmp(d->hash, none, sizeof(none)) != 0) {
		nf_buf_str(out, ", key hash ");
		nf_text_hex(out, nf_view_of(d->hash, sizeof(d->hash)));
	}
	nf_buf_printf(out, ", kid %s, from %s\n", d->kid, d->source);
	nf_text_hex(out, nf_view_of(d->sha256, sizeof(d->sha256)));
	nf_plan_dir_file(l->name, file);
	nf_buf_printf(out, "  %s\n", file);
}

static void
commented(struct nf_buf *out, const char *what, const char *lines)
{
	const char *nl;

	for (; (nl = strchr(lines, '\n')) != NULL; lines = nl + 1)
		nf_buf_printf(out, "# %s%.*s\n", what, (int)(nl - lines),
		    lines);
}

/* What sh runs is that of the Azure CLI; the rest is in comments. */
static void
commands_lines(const struct nf_plan_left *left, struct nf_buf *out,
    const struct nf_plan_done *d)
{
	struct nf_azcmd cmd = { .service = left->managed ?
	    NF_KID_MANAGED_HSM : NF_KID_VAULT, .vault = left->vault,
	    .name = d->name, .kid = d->kid };
	struct nf_buf text = NF_BUF_INIT;
	const char *nl;
	char file[256];

	nf_buf_printf(out, "\n# %s\n", d->name);
	if (!nf_xfer_keytype_parse(d->type, &cmd.type)) {
		nf_buf_printf(out, "# the journal has an unknown type: %s\n",
		    d->type);
		return;
	}
	nf_plan_dir_file(d->name, file);
	cmd.file = file;
	if (nf_azcmd_warn(&text, &cmd) > 0)
		commented(out, "warning: ", nf_buf_text(&text));
	nf_buf_fail_as(out, &text);
	nf_buf_wipe(&text);
	if (nf_azcmd_write(&text, &cmd) > 0 &&
	    (nl = strchr(nf_buf_text(&text), '\n')) != NULL) {
		nf_buf_put(out, text.p, (size_t)(nl + 1 - (char *)text.p));
		commented(out, "PowerShell: ", nl + 1);
	}
	nf_buf_fail_as(out, &text);
	nf_buf_wipe(&text);
}

int
nf_plan_left_write(const struct nf_plan_left *left, struct nf_diag *diag)
{
	struct stream sums = { .fd = -1 }, commands = { .fd = -1 };
	int fd = nf_plan_dir_fd(left->dir), r;

	if ((r = stream_open(&sums, NF_PLAN_SUMS, NF_FILE_TEMP_PREFIX "sums",
	    fd, diag)) != 0 ||
	    (r = stream_open(&commands, NF_PLAN_COMMANDS, NF_FILE_TEMP_PREFIX
	    "commands", fd, diag)) != 0)
		goto out;
	nf_buf_str(&sums.buf, NF_PLAN_SUMS_HEAD);
	nf_buf_str(&commands.buf, NF_PLAN_COMMANDS_HEAD);
	if (nf_seed_text() != NULL || nf_plan_dir_insecure(left->dir)) {
		nf_buf_str(&sums.buf, NF_SEED_LINE);
		nf_buf_str(&commands.buf, NF_SEED_LINE);
	}
	for (size_t i = 0; r == 0 && i < left->plan->n; i++) {
		const struct nf_plan_line *l = &left->plan->key[i];
		const struct nf_plan_done *d = left->why[i] != NULL ? NULL :
		    nf_plan_dir_find(left->dir, l->name);

		sums_line(&sums.buf, l, d, left->why[i]);
		if (d != NULL)
			commands_lines(left, &commands.buf, d);
		if ((r = stream_flush(&sums, CHUNK, diag)) == 0)
			r = stream_flush(&commands, CHUNK, diag);
	}
	if (r == 0 && (r = stream_finish(&sums, diag)) == 0 &&
	    (r = stream_finish(&commands, diag)) == 0 && fsync(fd) != 0)
		r = stream_fail(&commands, diag);
out:
	stream_close(&sums);
	stream_close(&commands);
	return r;
}
