/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transfer/reduce.h"

#define N_GROUPS	3
#define N_GROUPS2	2
#define BLOB_FLAGS \
	(NF_MAKEBLOB_ALLOWKMONLY | NF_MAKEBLOB_ALLOWNONKM0 | \
	NF_MAKEBLOB_KMHASH)

static struct nf_action *
add(struct nf_acl *acl, uint32_t type)
{
	struct nf_group *g = nf_acl_group_add(acl);

	return g == NULL ? NULL : nf_group_action_add(g, type);
}

int
nf_xfer_reduce(const struct nf_acl *old, const struct nf_xfer_region *region,
    struct nf_acl **out, struct nf_diag *diag)
{
	uint32_t perms = nf_acl_perms(old, true) &
	    ~(uint32_t)NF_XFER_PERMS_TAKEN;
	struct nf_acl *acl;
	struct nf_action *a;
	int r = NF_E_NOMEM;

	*out = NULL;
	if ((perms & NF_PERM_SIGN) == 0)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the key may not sign, and a package is signed by its "
		    "own key");
	if ((perms & NF_PERM_GETACL) == 0)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the key does not show its ACL, so a reduced copy could "
		    "not be checked");
	if ((acl = nf_acl_new()) == NULL ||
	    (a = add(acl, NF_ACT_OPPERMISSIONS)) == NULL)
		goto out;
	a->flags = perms;
	if ((a = add(acl, NF_ACT_MAKEBLOB)) == NULL)
		goto out;
	a->flags = BLOB_FLAGS;
	memcpy(a->kmhash, region->hkm, NF_HASH_LEN);
	if ((a = add(acl, NF_ACT_MAKEARCHIVEBLOB)) == NULL)
		goto out;
	a->flags = NF_ARCHIVE_KAHASH;
	a->mech = NF_MECH_BLOB_RSA_AES_SHA256;
	memcpy(a->kahash, region->kek_hash, NF_HASH_LEN);
	*out = acl;
	acl = NULL;
	r = 0;
out:
	nf_acl_free(acl);
	return r == 0 ? 0 : nf_diag_set(diag, r, NULL, "out of memory");
}

/* The only action of a group that has no condition, or NULL. */
static const struct nf_action *
only_action(const struct nf_acl *acl, uint32_t i, uint32_t type)
{
	const struct nf_group *g = &acl->group[i];

	return g->flags == 0 && g->n_limits == 0 && g->n_actions == 1 &&
	    g->action[0].type == type ? &g->action[0] : NULL;
}

static int
not_reduced(struct nf_diag *diag, const char *why)
{
	return nf_diag_set(diag, NF_E_POLICY, NULL,
	    "the key's permissions were not reduced: %s", why);
}

int
nf_xfer_check_reduced(const struct nf_acl *acl,
    const struct nf_xfer_region *region, struct nf_diag *diag)
{
	const struct nf_action *ops, *blob, *archive;
	char hash[41];

	if (acl->n_groups != N_GROUPS)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the key's permissions were not reduced: its ACL has %u "
		    "groups instead of %d", acl->n_groups, N_GROUPS);
	ops = only_action(acl, 0, NF_ACT_OPPERMISSIONS);
	blob = only_action(acl, 1, NF_ACT_MAKEBLOB);
	archive = only_action(acl, 2, NF_ACT_MAKEARCHIVEBLOB);
	if (ops == NULL || blob == NULL || archive == NULL)
		return not_reduced(diag, "its groups are not those of a "
		    "reduced key");
	if ((ops->flags & NF_XFER_PERMS_TAKEN) != 0)
		return not_reduced(diag, "it still permits what a reduced "
		    "key must not");
	if (blob->flags != BLOB_FLAGS)
		return not_reduced(diag, "its module blobs are not bound to "
		    "one world");
	if (archive->flags != NF_ARCHIVE_KAHASH ||
	    archive->mech != NF_MECH_BLOB_RSA_AES_SHA256)
		return not_reduced(diag, "its archive blobs are not bound to "
		    "one key exchange key");
	if (memcmp(blob->kmhash, region->hkm, NF_HASH_LEN) != 0) {
		nf_text_hash(hash, blob->kmhash);
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "the key was reduced for another region: for the world "
		    "with HKM %s", hash);
	}
	if (memcmp(archive->kahash, region->kek_hash, NF_HASH_LEN) != 0) {
		nf_text_hash(hash, archive->kahash);
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "the key was reduced for another region: for the key "
		    "exchange key %s", hash);
	}
	return 0;
}

int
nf_xfer_reduce2(const uint8_t kek_hash[static NF_HASH_LEN],
    struct nf_acl **out, struct nf_diag *diag)
{
	struct nf_acl *acl = nf_acl_new();
	struct nf_action *a;

	*out = NULL;
	if (acl == NULL || (a = add(acl, NF_ACT_OPPERMISSIONS)) == NULL)
		goto fail;
	a->flags = NF_PERM_GETACL;
	if ((a = add(acl, NF_ACT_MAKEARCHIVEBLOB)) == NULL)
		goto fail;
	a->flags = NF_ARCHIVE_KAHASH;
	a->mech = NF_MECH_RSA_AES_KEY_WRAP;
	memcpy(a->kahash, kek_hash, NF_HASH_LEN);
	*out = acl;
	return 0;
fail:
	nf_acl_free(acl);
	return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
}

int
nf_xfer_check_reduced2(const struct nf_acl *acl,
    const uint8_t kek_hash[static NF_HASH_LEN], struct nf_diag *diag)
{
	const struct nf_action *ops, *archive;

	if (acl->n_groups != N_GROUPS2)
		return nf_diag_set(diag, NF_E_POLICY, NULL,
		    "the key's permissions were not reduced: its ACL has %u "
		    "groups instead of %d", acl->n_groups, N_GROUPS2);
	ops = only_action(acl, 0, NF_ACT_OPPERMISSIONS);
	archive = only_action(acl, 1, NF_ACT_MAKEARCHIVEBLOB);
	if (ops == NULL || archive == NULL || ops->flags != NF_PERM_GETACL)
		return not_reduced(diag, "its groups are not those of a "
		    "reduced key");
	if (archive->flags != NF_ARCHIVE_KAHASH ||
	    archive->mech != NF_MECH_RSA_AES_KEY_WRAP)
		return not_reduced(diag, "its archive blobs are not bound to "
		    "one key exchange key");
	if (memcmp(archive->kahash, kek_hash, NF_HASH_LEN) != 0)
		return nf_diag_set(diag, NF_E_MISMATCH, NULL,
		    "the key was reduced for another key exchange key");
	return 0;
}

/* The rights of an ACL as sorted lines; text backs them. */
struct rights {
	struct nf_buf text;
	struct nf_view *line;
	size_t n;
};

static int
line_cmp(const void *pa, const void *pb)
{
	const struct nf_view *a = pa, *b = pb;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->p, b->p, n);

	if (c != 0)
		return c;
	return a->len == b->len ? 0 : a->len < b->len ? -1 : 1;
}

static int
rights_of(struct rights *r, const struct nf_acl *acl)
{
	const uint8_t *p, *nl;
	size_t left, max = 0;

	nf_wire_acl_rights(&r->text, acl);
	if (nf_buf_err(&r->text) != 0)
		return nf_buf_err(&r->text);
	for (size_t i = 0; i < r->text.len; i++)
		max += r->text.p[i] == '\n';
	if ((r->line = calloc(max + 1, sizeof(*r->line))) == NULL)
		return NF_E_NOMEM;
	p = r->text.p;
	left = r->text.len;
	while (left > 0 && (nl = memchr(p, '\n', left)) != NULL) {
		r->line[r->n++] = nf_view_of(p, (size_t)(nl - p));
		left -= (size_t)(nl - p) + 1;
		p = nl + 1;
	}
	if (r->n > 0)
		qsort(r->line, r->n, sizeof(*r->line), line_cmp);
	return 0;
}

static void
line_put(struct nf_buf *out, const char *sign, struct nf_view line)
{
	nf_buf_str(out, sign);
	nf_buf_view_put(out, line);
	nf_buf_u8(out, '\n');
}

void
nf_xfer_acl_diff(struct nf_buf *out, const struct nf_acl *old,
    const struct nf_acl *new)
{
	struct rights a = { NF_BUF_INIT, NULL, 0 };
	struct rights b = { NF_BUF_INIT, NULL, 0 };
	size_t i = 0, j = 0;
	int c, r;

	if ((r = rights_of(&a, old)) != 0 || (r = rights_of(&b, new)) != 0)
		nf_buf_fail(out, r);
	while (r == 0 && (i < a.n || j < b.n)) {
		if (i == a.n)
			c = 1;
		else if (j == b.n)
			c = -1;
		else
			c = line_cmp(&a.line[i], &b.line[j]);
		if (c < 0)
			line_put(out, "- ", a.line[i]);
		else if (c > 0)
			line_put(out, "+ ", b.line[j]);
		i += c <= 0;
		j += c >= 0;
	}
	free(a.line);
	free(b.line);
	nf_buf_wipe(&a.text);
	nf_buf_wipe(&b.text);
}
