/* SPDX-License-Identifier: Apache-2.0 */
/* Power-up, and the road of a command from bytes to its handler and back. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfast/module/internal.h"

#define MARK_FILE	".secworld-simulated"
#define MARK_TEXT	"State of a simulated module; not a real module.\n"
#define LOCK_FILE	"lock"
#define LOCK_WAIT	10	/* seconds */

const uint8_t nf_mod_null_aes[NF_MOD_KM_LEN] = { 0 };

const uint8_t nf_mod_null_aes_hash[NF_HASH_LEN] = {
	0xc2, 0xbe, 0x99, 0xfe, 0x1c, 0x77, 0xf1, 0xb7, 0x5d, 0x48,
	0xe2, 0xfd, 0x2d, 0xf8, 0xdf, 0xfc, 0x0c, 0x96, 0x9b, 0xcb
};

static const struct {
	uint32_t cmd;
	nf_mod_handler *run;
} handlers[] = {
	{ NF_CMD_NEWENQUIRY, nf_cmd_new_enquiry },
	{ NF_CMD_NOOP, nf_cmd_no_op },
	{ NF_CMD_CLEARUNITEX, nf_cmd_clear_unit_ex },
	{ NF_CMD_INITIALISEUNITEX, nf_cmd_initialise_unit_ex },
	{ NF_CMD_SETNSOPERMS, nf_cmd_set_nso_perms },
	{ NF_CMD_SETKM, nf_cmd_set_km },
	{ NF_CMD_REMOVEKM, nf_cmd_remove_km },
	{ NF_CMD_GETKMLIST, nf_cmd_get_km_list },
	{ NF_CMD_GENERATERANDOM, nf_cmd_generate_random },
	{ NF_CMD_DEVTEST, nf_cmd_dev_test },
	{ NF_CMD_GETSLOTINFO, nf_cmd_get_slot_info },
	{ NF_CMD_GENERATEKEY, nf_cmd_generate_key },
	{ NF_CMD_GENERATEKEYPAIR, nf_cmd_generate_key_pair },
	{ NF_CMD_IMPORT, nf_cmd_import },
	{ NF_CMD_EXPORT, nf_cmd_export },
	{ NF_CMD_DUPLICATE, nf_cmd_duplicate },
	{ NF_CMD_DESTROY, nf_cmd_destroy },
	{ NF_CMD_GETKEYINFO, nf_cmd_get_key_info },
	{ NF_CMD_GETKEYINFOEX, nf_cmd_get_key_info_ex },
	{ NF_CMD_GETACL, nf_cmd_get_acl },
	{ NF_CMD_SETACL, nf_cmd_set_acl },
	{ NF_CMD_GETAPPDATA, nf_cmd_get_app_data },
	{ NF_CMD_SETAPPDATA, nf_cmd_set_app_data },
	{ NF_CMD_ENCRYPT, nf_cmd_encrypt },
	{ NF_CMD_DECRYPT, nf_cmd_decrypt },
	{ NF_CMD_SIGN, nf_cmd_sign },
	{ NF_CMD_VERIFY, nf_cmd_verify },
	{ NF_CMD_MAKEBLOB, nf_cmd_make_blob },
	{ NF_CMD_LOADBLOB, nf_cmd_load_blob },
	{ NF_CMD_GENERATELOGICALTOKEN, nf_cmd_generate_logical_token },
	{ NF_CMD_LOADLOGICALTOKEN, nf_cmd_load_logical_token },
	{ NF_CMD_WRITESHARE, nf_cmd_write_share },
	{ NF_CMD_READSHARE, nf_cmd_read_share },
	{ NF_CMD_GETKML, nf_cmd_get_kml },
	{ NF_CMD_GETKLF, nf_cmd_get_klf },
	{ NF_CMD_GETKLF2, nf_cmd_get_klf2 },
	{ NF_CMD_SIGNMODULESTATE, nf_cmd_sign_module_state },
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

int
nf_mod_km_hash(const uint8_t km[static NF_MOD_KM_LEN],
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
	if (memcmp(hkm, m->hkm0, NF_HASH_LEN) == 0)
		return m->nv.km0;
	if (memcmp(hkm, nf_mod_null_aes_hash, NF_HASH_LEN) == 0)
		return nf_mod_null_aes;
	for (uint32_t i = 0; i < m->nv.n_kms; i++) {
		if (memcmp(hkm, m->hkm[i], NF_HASH_LEN) == 0)
			return m->nv.km[i];
	}
	return NULL;
}

static int
own_key(const struct nf_secret *data, struct nf_mod_key **out,
    struct nf_diag *diag)
{
	struct nf_keydata kd;
	struct nf_cur cur;
	int r;

	nf_mod_key_free(*out);
	*out = NULL;
	nf_cur_init(&cur, data->p, data->len, diag);
	nf_wire_keydata_read(&cur, &kd);
	if ((r = nf_cur_end(&cur, "keydata")) != 0)
		return r;
	return nf_mod_key_new(&kd, NULL, out, diag);
}

int
nf_mod_reload(struct nf_module *m, struct nf_diag *diag)
{
	int r;

	if ((r = nf_mod_km_hash(m->nv.km0, m->hkm0)) != 0)
		return r;
	for (uint32_t i = 0; i < m->nv.n_kms; i++) {
		if ((r = nf_mod_km_hash(m->nv.km[i], m->hkm[i])) != 0)
			return r;
	}
	if ((r = own_key(&m->nv.klf, &m->klf, diag)) != 0 ||
	    (r = own_key(&m->nv.klf2, &m->klf2, diag)) != 0)
		return r;
	return own_key(&m->nv.kml, &m->kml, diag);
}

/* Make the directory ours, or see that it is. */
static int
claim(const char *dir, struct nf_diag *diag)
{
	char mark[NF_PATH_MAX];
	int r;

	if ((r = nf_path(mark, diag, "%s/%s", dir, MARK_FILE)) != 0)
		return r;
	if (nf_file_exists(mark))
		return 0;
	if (!nf_dir_empty(dir)) {
		r = nf_diag_set(diag, NF_E_POLICY, NULL, "holds files that "
		    "the simulator did not make: name an empty directory");
		nf_diag_where(diag, "%s", dir);
		return r;
	}
	if ((r = nf_dir_make(dir, diag)) != 0)
		return r;
	return nf_file_write_atomic(mark, 0600, nf_view_of(MARK_TEXT,
	    strlen(MARK_TEXT)), diag);
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
		return NF_E_NOMEM;
	m->lock_fd = -1;
	if ((r = nf_path(m->dir, diag, "%s", state_dir)) != 0 ||
	    (r = claim(root_dir, diag)) != 0 ||
	    (r = claim(state_dir, diag)) != 0 ||
	    (r = nf_path(lock, diag, "%s/%s", state_dir, LOCK_FILE)) != 0 ||
	    (r = nf_file_lock(lock, LOCK_WAIT, &m->lock_fd, diag)) != 0)
		goto out;
	if (nf_mod_nv_exists(m))
		r = nf_mod_nv_load(m, diag);
	else
		r = nf_mod_factory(m, root_dir, diag);
	if (r != 0 || (r = nf_mod_reload(m, diag)) != 0)
		goto out;

	*out = m;
	m = NULL;
out:
	nf_module_close(m);
	return r;
}

void
nf_module_close(struct nf_module *m)
{
	if (m == NULL)
		return;
	nf_mod_objects_clear(m);
	nf_mod_key_free(m->klf);
	nf_mod_key_free(m->klf2);
	nf_mod_key_free(m->kml);
	nf_mod_nv_wipe(&m->nv);
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

static uint32_t
run(struct nf_mod_txn *txn)
{
	uint32_t status;

	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].cmd != txn->cmd->cmd)
			continue;
		if ((status = nf_mod_certify(txn)) != NF_ST_OK)
			return status;
		return handlers[i].run(txn);
	}
	return nf_mod_refuse(txn, NF_ST_UNKNOWNCOMMAND, "command %u",
	    txn->cmd->cmd);
}

int
nf_module_transact(struct nf_module *module, struct nf_view command,
    struct nf_buf *reply)
{
	struct nf_mod_txn *txn = calloc(1, sizeof(*txn));
	struct nf_command *cmd = calloc(1, sizeof(*cmd));
	struct nf_reply *rep = calloc(1, sizeof(*rep));
	struct nf_diag diag = { 0 };
	struct nf_cur cur;
	int r = NF_E_NOMEM;

	if (txn == NULL || cmd == NULL || rep == NULL)
		goto out;
	txn->module = module;
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
	else
		rep->status = run(txn);
	rep->tag = cmd->tag;
	rep->cmd = cmd->cmd;
	clean(txn->reason);
	rep->reason = nf_view_of(txn->reason, strlen(txn->reason));
	nf_wire_reply_write(reply, rep);
	r = nf_buf_err(reply);
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
