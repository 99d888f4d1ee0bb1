/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "nfast/wire/modcert.h"

#define SERIAL_MAX	64
#define ATTRS_MAX	32

bool
nf_state_has(const struct nf_state_cert *state, uint32_t tag)
{
	return tag < 32 && (state->present & 1u << tag) != 0;
}

bool
nf_state_has_km(const struct nf_state_cert *state,
    const uint8_t hkm[static NF_HASH_LEN])
{
	for (uint32_t i = 0; i < state->n_kms; i++) {
		if (memcmp(state->km[i].hash, hkm, NF_HASH_LEN) == 0)
			return true;
	}
	return false;
}

static int
keygen_read(struct nf_cur *cur, struct nf_keygen_cert *out)
{
	int r;

	nf_wire_genparams_read(cur, &out->params);
	if ((r = nf_wire_acl_read(cur, &out->acl)) != 0)
		return r;
	nf_cur_copy(cur, "keyhash", out->keyhash, NF_HASH_LEN);
	return nf_cur_err(cur);
}

static void
attr_key_read(struct nf_cur *cur, struct nf_attr_key *out)
{
	nf_cur_copy(cur, "attr.hash", out->hash, NF_HASH_LEN);
	nf_wire_keydata_read(cur, &out->key);
	out->mech = nf_cur_u32(cur, "attr.mech");
}

static void
kmlist_read(struct nf_cur *cur, struct nf_state_cert *out)
{
	out->n_kms = nf_cur_count(cur, "kmlist", 28, NF_STATE_KMS_MAX);
	for (uint32_t i = 0; i < out->n_kms; i++) {
		nf_cur_copy(cur, "kmlist.hash", out->km[i].hash, NF_HASH_LEN);
		out->km[i].mech_i = nf_cur_u32(cur, "kmlist.mech_i");
		out->km[i].mech_c = nf_cur_u32(cur, "kmlist.mech_c");
	}
}

static void
attr_read(struct nf_cur *cur, struct nf_state_cert *out)
{
	uint32_t tag = nf_cur_u32(cur, "attr.tag");

	if (nf_cur_err(cur) != 0)
		return;
	if (nf_state_has(out, tag)) {
		(void)nf_cur_fail(cur, NF_E_FORMAT, "attr.tag",
		    "attribute %u is given twice", tag);
		return;
	}
	switch (tag) {
	case NF_ATTR_CHALLENGE:
		nf_cur_copy(cur, "challenge", out->challenge, NF_HASH_LEN);
		break;
	case NF_ATTR_ESN:
		out->esn = nf_wire_string_read(cur, "esn", NF_ESN_MAX);
		break;
	case NF_ATTR_KML:
		attr_key_read(cur, &out->kml);
		break;
	case NF_ATTR_KLF:
		attr_key_read(cur, &out->klf);
		break;
	case NF_ATTR_KLF2:
		attr_key_read(cur, &out->klf2);
		break;
	case NF_ATTR_KNSO:
		nf_cur_copy(cur, "hknso", out->hknso, NF_HASH_LEN);
		out->publicperms = nf_cur_u32(cur, "publicperms");
		break;
	case NF_ATTR_KMLIST:
		kmlist_read(cur, out);
		break;
	case NF_ATTR_PHYSSERIAL:
		out->physserial = nf_wire_string_read(cur, "physserial",
		    SERIAL_MAX);
		break;
	default:
		(void)nf_cur_fail(cur, NF_E_FORMAT, "attr.tag",
		    "attribute %u is not supported", tag);
		return;
	}
	out->present |= 1u << tag;
}

int
nf_wire_modcert_read(struct nf_cur *cur, struct nf_modcert **out)
{
	struct nf_modcert *cert;
	uint32_t n;
	int r;

	*out = NULL;
	if ((cert = calloc(1, sizeof(*cert))) == NULL)
		return nf_cur_fail(cur, NF_E_NOMEM, NULL, "out of memory");
	cert->type = nf_cur_u32(cur, "certtype");
	if (cert->type != NF_MODCERT_KEYGEN && cert->type != NF_MODCERT_STATE)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "certtype",
		    "certificate type %u is not supported", cert->type);
	if (nf_cur_u32(cur, "certflags") != 0)
		(void)nf_cur_fail(cur, NF_E_FORMAT, "certflags",
		    "unknown flags");
	if ((r = nf_cur_err(cur)) != 0)
		goto out;
	if (cert->type == NF_MODCERT_KEYGEN) {
		if ((r = keygen_read(cur, &cert->keygen)) != 0)
			goto out;
	} else {
		n = nf_cur_count(cur, "attributes", 8, ATTRS_MAX);
		for (uint32_t i = 0; i < n && nf_cur_err(cur) == 0; i++)
			attr_read(cur, &cert->state);
	}
	if ((r = nf_cur_end(cur, "certificate")) != 0)
		goto out;

	*out = cert;
	cert = NULL;
out:
	nf_modcert_free(cert);
	return r;
}

void
nf_modcert_free(struct nf_modcert *cert)
{
	if (cert == NULL)
		return;
	nf_acl_free(cert->keygen.acl);
	free(cert);
}

void
nf_wire_keygen_cert_write(struct nf_buf *buf,
    const struct nf_keygen_cert *cert)
{
	nf_buf_u32(buf, NF_MODCERT_KEYGEN);
	nf_buf_u32(buf, 0);
	nf_wire_genparams_write(buf, &cert->params);
	nf_wire_acl_write(buf, cert->acl);
	nf_buf_put(buf, cert->keyhash, NF_HASH_LEN);
}

static void
attr_key_write(struct nf_buf *buf, const struct nf_attr_key *k)
{
	nf_buf_put(buf, k->hash, NF_HASH_LEN);
	nf_wire_keydata_write(buf, &k->key);
	nf_buf_u32(buf, k->mech);
}

void
nf_wire_state_cert_write(struct nf_buf *buf, const struct nf_state_cert *cert)
{
	static const uint32_t order[] = { NF_ATTR_CHALLENGE, NF_ATTR_ESN,
	    NF_ATTR_KML, NF_ATTR_KLF, NF_ATTR_KLF2, NF_ATTR_KNSO,
	    NF_ATTR_KMLIST, NF_ATTR_PHYSSERIAL };
	uint32_t i, n = 0;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		n += nf_state_has(cert, order[i]);
	nf_buf_u32(buf, NF_MODCERT_STATE);
	nf_buf_u32(buf, 0);
	nf_buf_u32(buf, n);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!nf_state_has(cert, order[i]))
			continue;
		nf_buf_u32(buf, order[i]);
		switch (order[i]) {
		case NF_ATTR_CHALLENGE:
			nf_buf_put(buf, cert->challenge, NF_HASH_LEN);
			break;
		case NF_ATTR_ESN:
			nf_wire_string_write(buf, cert->esn);
			break;
		case NF_ATTR_KML:
			attr_key_write(buf, &cert->kml);
			break;
		case NF_ATTR_KLF:
			attr_key_write(buf, &cert->klf);
			break;
		case NF_ATTR_KLF2:
			attr_key_write(buf, &cert->klf2);
			break;
		case NF_ATTR_KNSO:
			nf_buf_put(buf, cert->hknso, NF_HASH_LEN);
			nf_buf_u32(buf, cert->publicperms);
			break;
		case NF_ATTR_PHYSSERIAL:
			nf_wire_string_write(buf, cert->physserial);
			break;
		default:
			nf_buf_u32(buf, cert->n_kms);
			for (uint32_t k = 0; k < cert->n_kms; k++) {
				nf_buf_put(buf, cert->km[k].hash,
				    NF_HASH_LEN);
				nf_buf_u32(buf, cert->km[k].mech_i);
				nf_buf_u32(buf, cert->km[k].mech_c);
			}
			break;
		}
	}
}

static void
print_hash(struct nf_buf *buf, const uint8_t *hash)
{
	nf_text_hex_groups(buf, nf_view_of(hash, NF_HASH_LEN));
}

static void
print_attr_key(struct nf_buf *buf, const struct nf_attr_key *k,
    const char *name, const char *indent)
{
	nf_buf_printf(buf, "%s%s= ", indent, name);
	print_hash(buf, k->hash);
	nf_buf_str(buf, " ");
	nf_name_print(buf, nf_wire_keytypes, k->key.type);
	nf_buf_printf(buf, " %zu bits, signs with ",
	    nf_wire_keydata_bits(&k->key));
	nf_name_print(buf, nf_wire_mechs, k->mech);
	nf_buf_str(buf, "\n");
}

static void
print_text(struct nf_buf *buf, const char *indent, const char *name,
    struct nf_view v)
{
	nf_buf_printf(buf, "%s%s= ", indent, name);
	if (nf_view_printable(v))
		nf_buf_view_put(buf, v);
	else
		nf_text_hex(buf, v);
	nf_buf_str(buf, "\n");
}

static void
print_state(struct nf_buf *buf, const struct nf_state_cert *s,
    const char *indent)
{
	if (nf_state_has(s, NF_ATTR_CHALLENGE)) {
		nf_buf_printf(buf, "%schallenge= ", indent);
		print_hash(buf, s->challenge);
		nf_buf_str(buf, "\n");
	}
	if (nf_state_has(s, NF_ATTR_ESN))
		print_text(buf, indent, "ESN", s->esn);
	if (nf_state_has(s, NF_ATTR_KML))
		print_attr_key(buf, &s->kml, "KML", indent);
	if (nf_state_has(s, NF_ATTR_KLF))
		print_attr_key(buf, &s->klf, "KLF", indent);
	if (nf_state_has(s, NF_ATTR_KLF2))
		print_attr_key(buf, &s->klf2, "KLF2", indent);
	if (nf_state_has(s, NF_ATTR_KNSO)) {
		nf_buf_printf(buf, "%sKNSO= ", indent);
		print_hash(buf, s->hknso);
		nf_buf_printf(buf, " publicperms 0x%x\n", s->publicperms);
	}
	for (uint32_t i = 0; i < s->n_kms; i++) {
		nf_buf_printf(buf, "%sKMList[%u]= ", indent, i);
		print_hash(buf, s->km[i].hash);
		nf_buf_str(buf, " ");
		nf_name_print(buf, nf_wire_mechs, s->km[i].mech_i);
		nf_buf_str(buf, " ");
		nf_name_print(buf, nf_wire_mechs, s->km[i].mech_c);
		nf_buf_str(buf, "\n");
	}
	if (nf_state_has(s, NF_ATTR_PHYSSERIAL))
		print_text(buf, indent, "PhysSerial", s->physserial);
}

void
nf_wire_modcert_print(struct nf_buf *buf, const struct nf_modcert *cert,
    const char *indent)
{
	if (cert->type == NF_MODCERT_STATE) {
		nf_buf_printf(buf, "%stype= StateCert\n", indent);
		print_state(buf, &cert->state, indent);
		return;
	}
	nf_buf_printf(buf, "%stype= KeyGen\n%sparams= ", indent, indent);
	nf_wire_genparams_print(buf, &cert->keygen.params);
	nf_buf_printf(buf, "\n%skeyhash= ", indent);
	print_hash(buf, cert->keygen.keyhash);
	nf_buf_str(buf, "\n");
	nf_wire_acl_print(buf, cert->keygen.acl, indent);
}
