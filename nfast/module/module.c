/* SPDX-License-Identifier: Apache-2.0 */
/* Power-up, and the road of a command from bytes to its handler and back. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/base/cli.h"
#include "nfast/base/seedrand.h"
#include "nfast/module/faults.h"
#include "nfast/module/internal.h"

#define LOCK_FILE	"lock"
#define LOCK_WAIT	10	/* seconds */

const uint8_t nf_mod_null_aes[NF_MOD_KM_LEN] = { 0 };

const uint8_t nf_mod_null_aes_hash[NF_HASH_LEN] = {
	0xc2, 0xbe, 0x99, 0xfe, 0x1c, 0x77, 0xf1, 0xb7, 0x5d, 0x48,
	0xe2, 0xfd, 0x2d, 0xf8, 0xdf, 0xfc, 0x0c, 0x96, 0x9b, 0xcb
};

/* Where a command goes: 0 is "any module", where a key may go anywhere. */
enum where { NOWHERE, MODULE, ANY };

static const struct {
	uint32_t cmd;
	enum where where;
	uint32_t flags;		/* known ones; others are refused */
	nf_mod_handler *run;
} handlers[] = {
	{ NF_CMD_NEWENQUIRY, ANY, 0, nf_cmd_new_enquiry },
	{ NF_CMD_NOOP, MODULE, 0, nf_cmd_no_op },
	{ NF_CMD_CLEARUNITEX, MODULE, 0, nf_cmd_clear_unit_ex },
	{ NF_CMD_INITIALISEUNITEX, MODULE, 0, nf_cmd_initialise_unit_ex },
	{ NF_CMD_SETNSOPERMS, MODULE, 0, nf_cmd_set_nso_perms },
	{ NF_CMD_SETKM, MODULE, 0, nf_cmd_set_km },
	{ NF_CMD_REMOVEKM, MODULE, 0, nf_cmd_remove_km },
	{ NF_CMD_GETKMLIST, MODULE, 0, nf_cmd_get_km_list },
	{ NF_CMD_GENERATERANDOM, NOWHERE, 0, nf_cmd_generate_random },
	{ NF_CMD_DEVTEST, ANY, 0, nf_cmd_dev_test },
	{ NF_CMD_GETSLOTINFO, MODULE, 0, nf_cmd_get_slot_info },
	{ NF_CMD_GENERATEKEY, ANY, NF_GEN_CERTIFY | NF_GEN_APPDATA,
	    nf_cmd_generate_key },
	{ NF_CMD_GENERATEKEYPAIR, ANY, NF_GEN_CERTIFY | NF_GEN_APPDATA |
	    NF_GENPAIR_APPDATAPUB,
	    nf_cmd_generate_key_pair },
	{ NF_CMD_IMPORT, ANY, 0, nf_cmd_import },
	{ NF_CMD_EXPORT, NOWHERE, 0, nf_cmd_export },
	{ NF_CMD_DUPLICATE, NOWHERE, 0, nf_cmd_duplicate },
	{ NF_CMD_DESTROY, NOWHERE, 0, nf_cmd_destroy },
	{ NF_CMD_GETKEYINFO, NOWHERE, 0, nf_cmd_get_key_info },
	{ NF_CMD_GETKEYINFOEX, NOWHERE, 0, nf_cmd_get_key_info_ex },
	{ NF_CMD_GETACL, NOWHERE, 0, nf_cmd_get_acl },
	{ NF_CMD_SETACL, NOWHERE, NF_SETACL_REDUCE, nf_cmd_set_acl },
	{ NF_CMD_GETAPPDATA, NOWHERE, 0, nf_cmd_get_app_data },
	{ NF_CMD_SETAPPDATA, NOWHERE, 0, nf_cmd_set_app_data },
	{ NF_CMD_NEWCLIENT, NOWHERE, 0, nf_cmd_new_client },
	{ NF_CMD_EXISTINGCLIENT, NOWHERE, 0, nf_cmd_existing_client },
	{ NF_CMD_MERGEKEYIDS, NOWHERE, 0, nf_cmd_merge_key_ids },
	{ NF_CMD_ENCRYPT, NOWHERE, NF_ENCRYPT_IV, nf_cmd_encrypt },
	{ NF_CMD_DECRYPT, NOWHERE, 0, nf_cmd_decrypt },
	{ NF_CMD_SIGN, NOWHERE, 0, nf_cmd_sign },
	{ NF_CMD_VERIFY, NOWHERE, 0, nf_cmd_verify },
	{ NF_CMD_MAKEBLOB, NOWHERE, NF_MAKEBLOB_ACL, nf_cmd_make_blob },
	{ NF_CMD_LOADBLOB, ANY, NF_LOADBLOB_KEY | NF_LOADBLOB_IMPORT,
	    nf_cmd_load_blob },
	{ NF_CMD_GENERATELOGICALTOKEN, ANY, 0, nf_cmd_generate_logical_token },
	{ NF_CMD_LOADLOGICALTOKEN, ANY, 0, nf_cmd_load_logical_token },
	{ NF_CMD_WRITESHARE, NOWHERE, NF_SHARE_PIN, nf_cmd_write_share },
	{ NF_CMD_READSHARE, NOWHERE, NF_SHARE_PIN, nf_cmd_read_share },
	{ NF_CMD_INSERTSOFTTOKEN, MODULE, 0, nf_cmd_insert_soft_token },
	{ NF_CMD_REMOVESOFTTOKEN, MODULE, 0, nf_cmd_remove_soft_token },
	{ NF_CMD_GETKML, ANY, 0, nf_cmd_get_kml },
	{ NF_CMD_GETKLF, ANY, 0, nf_cmd_get_klf },
	{ NF_CMD_GETKLF2, ANY, 0, nf_cmd_get_klf2 },
	{ NF_CMD_SIGNMODULESTATE, ANY, NF_STATE_CHALLENGE,
	    nf_cmd_sign_module_state },
};

uint32_t
nf_mod_refuse(struct nf_mod_txn *txn, uint32_t status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(txn->reason, sizeof(txn->reason), fmt, ap);
	va_end(ap);
	return status;
}

uint32_t
nf_mod_status(struct nf_mod_txn *txn, int r, const struct nf_diag *diag)
{
	char line[NF_REASON_MAX];

	nf_diag_line(diag, line, sizeof(line));
	switch (r) {
	case NF_E_NOMEM:
		return nf_mod_refuse(txn, NF_ST_NOMEMORY, "out of memory");
	case NF_E_FORMAT:
		return nf_mod_refuse(txn, NF_ST_INVALIDDATA, "%s", line);
	case NF_E_POLICY:
		return nf_mod_refuse(txn, NF_ST_INVALIDACL,
		    "the ACL is longer than %d bytes", NF_MOD_ACL_MAX);
	case NF_E_VERIFY:
		return nf_mod_refuse(txn, NF_ST_DECRYPTFAILED, "%s", line);
	case NF_E_IO:
	case NF_E_NOTFOUND:
	case NF_E_EXISTS:
		return nf_mod_refuse(txn, NF_ST_HARDWAREFAILED, "%s", line);
	default:
		return nf_mod_refuse(txn, NF_ST_FAILED, "%s", line);
	}
}

static int
km_hash(const uint8_t km[static NF_MOD_KM_LEN],
    uint8_t out[static NF_HASH_LEN])
{
	struct nf_keydata kd = { .type = NF_KEY_RIJNDAEL };

	kd.v[NF_SYM_K] = nf_view_of(km, NF_MOD_KM_LEN);
	return nf_wire_keyhash(&kd, out, NULL);
}

const uint8_t *
nf_mod_km_find(const struct nf_module *m,
    const uint8_t hkm[static NF_HASH_LEN])
{
	if (memcmp(hkm, m->hash.km0, NF_HASH_LEN) == 0)
		return m->nv.km0;
	if (memcmp(hkm, nf_mod_null_aes_hash, NF_HASH_LEN) == 0)
		return nf_mod_null_aes;
	for (uint32_t i = 0; i < m->nv.n_kms; i++) {
		if (memcmp(hkm, m->hash.km[i], NF_HASH_LEN) == 0)
			return m->nv.km[i];
	}
	return NULL;
}

int
nf_mod_km_hashes(const struct nf_mod_nv *nv, struct nf_mod_hashes *out)
{
	int r = km_hash(nv->km0, out->km0);

	for (uint32_t i = 0; r == 0 && i < nv->n_kms; i++)
		r = km_hash(nv->km[i], out->km[i]);
	return r;
}

/* What is derived from the NV state, at power-up. */
static int
derive_all(struct nf_module *m, struct nf_diag *diag)
{
	int r;

	if ((r = nf_mod_km_hashes(&m->nv, &m->hash)) != 0 ||
	    (r = nf_mod_key_own(&m->nv.klf, &m->klf, diag)) != 0 ||
	    (r = nf_mod_key_own(&m->nv.klf2, &m->klf2, diag)) != 0)
		return r;
	return nf_mod_key_own(&m->nv.kml, &m->kml, diag);
}

/* A power cut leaves temporary files, with secrets in them. */
static int
sweep(const struct nf_module *m, struct nf_diag *diag)
{
	char cards[NF_PATH_MAX];
	int r;

	if ((r = nf_path(cards, diag, "%s/cards", m->dir)) != 0)
		return r;
	nf_mod_dir_sweep(m->dir);
	nf_mod_dir_sweep(cards);
	return 0;
}

int
nf_module_open(const char *state_dir, const char *root_dir,
    struct nf_module **out, struct nf_diag *diag)
{
	char lock[NF_PATH_MAX];
	struct nf_module *m = NULL;
	int r;

	*out = NULL;
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return nf_diag_set(diag, NF_E_NOMEM, NULL, "out of memory");
	m->lock_fd = -1;
	m->number = 1;
	m->cards_of = m;
	m->common = &m->own;
	m->alone = (struct nf_rack_client){ .id = 1, .privileged = true };
	if ((r = nf_faults_open(nf_cli_env(NF_FAULTS_ENV), &m->faults,
	    diag)) != 0 || (r = nf_seed_start(diag)) != 0 ||
	    (r = nf_path(m->dir, diag, "%s", state_dir)) != 0 ||
	    (r = nf_mod_dir_claim(root_dir, diag)) != 0 ||
	    (r = nf_mod_dir_claim(state_dir, diag)) != 0 ||
	    (r = nf_path(lock, diag, "%s/%s", state_dir, LOCK_FILE)) != 0 ||
	    (r = nf_file_lock(lock, LOCK_WAIT, &m->lock_fd, diag)) != 0 ||
	    (r = sweep(m, diag)) != 0)
		goto out;
	if (!nf_mod_nv_exists(m)) {
		if ((r = nf_mod_seed_factory(m, root_dir, diag)) == 0)
			r = nf_mod_factory(m, root_dir, diag);
	} else if ((r = nf_mod_nv_load(m, diag)) == 0 &&
	    (r = nf_mod_seed_resume(m, diag)) == 0)
		r = nf_mod_factory_update(m, root_dir, diag);
	if (r != 0 || (r = derive_all(m, diag)) != 0)
		goto out;

	*out = m;
	m = NULL;
out:
	nf_module_close(m);
	if (r != 0)
		(void)nf_diag_set(diag, r, NULL, "%s", nf_err_text(r));
	return r;
}

void
nf_module_close(struct nf_module *m)
{
	if (m == NULL)
		return;
	nf_mod_objects_clear(m);
	while (m->soft != NULL)
		nf_mod_soft_forget(m, m->soft->owner);
	nf_mod_common_clear(&m->own);
	nf_mod_key_free(m->klf);
	nf_mod_key_free(m->klf2);
	nf_mod_key_free(m->kml);
	nf_mod_nv_wipe(&m->nv);
	nf_faults_free(m->faults);
	if (m->lock_fd >= 0)
		(void)close(m->lock_fd);
	nf_freezero(m, sizeof(*m));
}

/* Unprintable characters must not travel in a reason. */
static void
clean(char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e)
			*s = '?';
	}
}

static size_t
handler_find(uint32_t cmd)
{
	size_t i = 0;

	while (i < sizeof(handlers) / sizeof(handlers[0]) &&
	    handlers[i].cmd != cmd)
		i++;
	return i;
}

/*
 * The module of a rack that a command is for: the one it names, else the one
 * that has the key, which the key's id tells, else the first.  What is wrong
 * with a number or an id is found later, but for merged ids, which are
 * replaced here by those of the module.
 */
static uint32_t
route(struct nf_mod_txn *txn)
{
	const struct nf_rack *rack = txn->module->rack;
	const struct nf_args *in = txn->in;
	size_t i = handler_find(txn->cmd->cmd);
	uint32_t key;

	if (i == sizeof(handlers) / sizeof(handlers[0]))
		return NF_ST_OK;
	if (handlers[i].where != NOWHERE && in->module != 0) {
		if (rack != NULL && in->module <= rack->n)
			txn->module = rack->module[in->module - 1];
	} else if ((key = nf_mod_leading_key(txn)) != 0 && rack != NULL)
		txn->module = rack->module[key % rack->n];
	return nf_mod_unmerge(txn);
}

/* What changes the unit, for all its clients. */
static bool
needs_privilege(const struct nf_mod_txn *txn)
{
	switch (txn->cmd->cmd) {
	case NF_CMD_CLEARUNITEX:
	case NF_CMD_INITIALISEUNITEX:
	case NF_CMD_SETNSOPERMS:
	case NF_CMD_SETKM:
	case NF_CMD_REMOVEKM:
		return true;
	case NF_CMD_DEVTEST:
		return nf_dev_is_card(txn->in->word);
	default:
		return false;
	}
}

static uint32_t
run(struct nf_mod_txn *txn)
{
	const struct nf_args *in = txn->in;
	size_t i = handler_find(txn->cmd->cmd);
	uint32_t status;

	if (i == sizeof(handlers) / sizeof(handlers[0]))
		return nf_mod_refuse(txn, NF_ST_UNKNOWNCOMMAND, "command %u",
		    txn->cmd->cmd);
	if (!txn->client.privileged && needs_privilege(txn))
		return nf_mod_refuse(txn, NF_ST_PRIVILEGEDCOMMAND,
		    "this connection is not privileged");
	if (handlers[i].where != NOWHERE && in->module != txn->module->number &&
	    !(handlers[i].where == ANY && in->module == 0))
		return nf_mod_refuse(txn, NF_ST_INVALIDMODULE,
		    "there is no module %u", in->module);
	if ((in->flags & ~handlers[i].flags) != 0)
		return nf_mod_refuse(txn, NF_ST_UNKNOWNFLAG,
		    "unknown flags 0x%x", in->flags & ~handlers[i].flags);
	if ((status = nf_mod_certify(txn)) != NF_ST_OK)
		return status;
	return handlers[i].run(txn);
}

/* Who waits lets others go on. */
static void
fault_wait(const struct nf_mod_txn *txn, uint32_t milliseconds)
{
	if (milliseconds == 0)
		return;
	nf_mod_busy_begin(txn);
	nf_faults_wait(milliseconds);
	nf_mod_busy_end(txn);
}

/*
 * The command, or what a fault makes of it: NF_E_IO drops the connection, 0
 * goes on with *status.
 */
static int
run_or_fault(struct nf_mod_txn *txn, uint32_t *status)
{
	struct nf_fault fault = { NF_FAULT_NONE, 0, 0 };

	if (txn->module->faults != NULL)
		nf_faults_command(txn->module->faults, txn->cmd->cmd, &fault);
	fault_wait(txn, fault.delay);
	switch (fault.kind) {
	case NF_FAULT_DROP:
		return NF_E_IO;
	case NF_FAULT_STATUS:
		*status = nf_mod_refuse(txn, fault.value, "a fault of "
		    NF_FAULTS_ENV);
		return 0;
	case NF_FAULT_EJECT:
		(void)nf_mod_card_load(txn->module, "", NULL);
		break;
	default:
		break;
	}
	*status = run(txn);
	return 0;
}

/* The reply's bytes; one that is too long becomes a refusal. */
static int
write_reply(struct nf_mod_txn *txn, struct nf_reply *rep,
    struct nf_buf *reply)
{
	clean(txn->reason);
	rep->reason = nf_view_of(txn->reason, strlen(txn->reason));
	nf_wire_reply_write(reply, rep);
	if (nf_buf_err(reply) == 0 && reply->len > NF_MESSAGE_MAX) {
		nf_buf_wipe(reply);
		rep->status = nf_mod_refuse(txn, NF_ST_FAILED,
		    "the reply is longer than %d bytes", NF_MESSAGE_MAX);
		rep->reason = nf_view_of(txn->reason, strlen(txn->reason));
		nf_wire_reply_write(reply, rep);
	}
	return nf_buf_err(reply);
}

int
nf_mod_transact(struct nf_module *module, struct nf_rack_client *client,
    struct nf_view command, struct nf_buf *reply)
{
	struct nf_mod_txn *txn = calloc(1, sizeof(*txn));
	struct nf_command *cmd = calloc(1, sizeof(*cmd));
	struct nf_reply *rep = calloc(1, sizeof(*rep));
	struct nf_diag diag = { 0 };
	struct nf_cur cur;
	uint32_t delay = 0;
	int r = NF_E_NOMEM;

	if (txn == NULL || cmd == NULL || rep == NULL)
		goto out;
	txn->module = module;
	txn->client = *client;
	if (client->joined != 0)
		txn->client.id = client->joined;
	txn->peer = client;
	txn->cmd = cmd;
	txn->in = &cmd->args;
	txn->out = &rep->args;
	nf_cur_init(&cur, command.p, command.len, &diag);
	if (command.len > NF_MESSAGE_MAX)
		rep->status = nf_mod_refuse(txn, NF_ST_MALFORMED,
		    "longer than %d bytes", NF_MESSAGE_MAX);
	else if ((r = nf_wire_command_read(&cur, cmd)) == NF_E_FORMAT) {
		rep->status = strcmp(diag.field, "cmd") == 0 ?
		    NF_ST_UNKNOWNCOMMAND : NF_ST_MALFORMED;
		nf_diag_line(&diag, txn->reason, sizeof(txn->reason));
	} else if (r != 0)
		goto out;
	else if ((rep->status = route(txn)) == NF_ST_OK) {
		if ((r = nf_mod_seed_command(txn->module, command)) != 0 ||
		    (r = run_or_fault(txn, &rep->status)) != 0)
			goto out;
	}
	rep->tag = cmd->tag;
	rep->cmd = cmd->cmd;
	r = write_reply(txn, rep, reply);
	if (r == 0 && txn->module->faults != NULL) {
		r = nf_faults_reply(txn->module->faults, reply, &delay);
		fault_wait(txn, delay);
	}
out:
	if (cmd != NULL)
		nf_args_wipe(&cmd->args);
	if (rep != NULL)
		nf_args_wipe(&rep->args);
	for (size_t i = 0; txn != NULL && i < 4; i++)
		nf_buf_wipe(&txn->buf[i]);
	nf_freezero(txn, sizeof(*txn));
	free(cmd);
	free(rep);
	return r;
}

int
nf_module_transact(struct nf_module *module, struct nf_view command,
    struct nf_buf *reply)
{
	return nf_mod_transact(module, &module->alone, command, reply);
}
