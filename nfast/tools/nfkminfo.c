/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nfkminfo: the security world, the module and the keys of kmdata/local.
 * Sections, names and order of the properties are those of public
 * transcripts; the bits of the hexadecimal state words are ours, because
 * theirs are not public.
 */
#include "config.h"

#include <string.h>

#include "nfast/base/mem.h"
#include "nfast/base/seed.h"
#include "nfast/host/admin.h"
#include "nfast/host/appkey.h"
#include "nfast/host/hostcmd.h"
#include "nfast/tools/keyfinder.h"
#include "nfast/tools/tokeninfo.h"
#include "nfast/tools/tokensfile.h"
#include "nfast/tools/tool.h"
#include "nfast/wire/blob.h"

#define APPS_MAX	64
#define N_LISTS		4	/* of -l */

static const struct nf_cli cli = {
	.name = "nfkminfo",
	.synopsis =
	    "nfkminfo [-w] [-p] [-m MODULE]\n"
	    "nfkminfo -k [APP [IDENT]]\n"
	    "nfkminfo -k --byok [APP [IDENT]]\n"
	    "nfkminfo -l [APP]...\n"
	    "nfkminfo -c | -s [NAME]",
	.help =
	    "Show the security world and its keys.\n"
	    "  -w, --world-info   the world, the module and its slot "
	    "(default),\n"
	    "                     and under preload the keys it has loaded\n"
	    "  -p, --preload-client-id  with it the id of preload's client: "
	    "who\n"
	    "                     has it has the keys\n"
	    "  -k, --key-list     the keys; of one application; or one key\n"
	    "      --byok         with -k: what each key is, whether method 1\n"
	    "                     could take it or why not, and the options\n"
	    "                     that name it; needs the files only, also\n"
	    "                     those of a real world; 3 when one is "
	    "damaged\n"
	    "  -l, --name-list    keys and their names, by protection\n"
	    "  -c, --cardset-list   operator card sets; or one, by name or\n"
	    "                     hash\n"
	    "  -s, --softcard-list  softcards; or one\n"
	    "  -m, --module=N     only module N\n"
	    "The bits of the hexadecimal state words are the simulator's.\n",
	.args_max = APPS_MAX
};

/* NFKM module states (numbers and names real). */
static const struct nf_name module_states[] = {
	{ 1, "Unknown" }, { 2, "Usable" }, { 3, "MaintMode" },
	{ 4, "Uninitialized" }, { 5, "Factory" }, { 6, "Foreign" },
	{ 10, "InitMode" }, { 11, "PreInitMode" }, { 0, NULL }
};

static const char *const slot_states[] = {
	[2] = "Empty", [3] = "Blank", [4] = "Admin",
	[5] = "Operator", [6] = "Unidentified"
};

static const struct nf_name key_flags[] = {
	{ 0x1, "RecoveryEnabled" }, { 0x2, "RecoveryDisabled" },
	{ 0x4, "HasCertificate" }, { 0x8, "PublicKey" },
	{ 0x10, "ProtectionModule" }, { 0x20, "ProtectionCardSet" },
	{ 0x4000, "ProtectionPassPhrase" },
	{ 0, NULL }
};

/* ---- -w --------------------------------------------------------------- */

static void
flag(struct nf_buf *names, uint32_t *word, uint32_t bit, bool on,
    const char *name)
{
	nf_buf_printf(names, " %s%s", on ? "" : "!", name);
	if (on)
		*word |= bit;
}

static void
world_state(struct nf_buf *out, const struct nf_world *world, bool usable,
    bool client)
{
	struct nf_buf names = NF_BUF_INIT;
	uint32_t word = 0;
	bool on = world != NULL;

	flag(&names, &word, 0x1, on, "Initialised");
	flag(&names, &word, 0x2, usable, "Usable");
	flag(&names, &word, 0x4, on && world->recovery, "Recovery");
	flag(&names, &word, 0x8, false, "PINRecovery");
	flag(&names, &word, 0x10, client, "ExistingClient");
	flag(&names, &word, 0x20, on, "RTC");
	flag(&names, &word, 0x40, on, "NVRAM");
	flag(&names, &word, 0x80, on, "FTO");
	flag(&names, &word, 0x100, false, "SEEDebug");
	nf_buf_printf(out, " state       0x%x%s\n", word,
	    nf_buf_text(&names));
	nf_buf_fail_as(out, &names);
	nf_buf_wipe(&names);
}

static void
hash_line(struct nf_buf *out, const char *name, const uint8_t *hash)
{
	char hex[41];

	nf_text_hash(hex, hash);
	nf_buf_printf(out, " %-11s %s\n", name, hex);
}

static void
world_hashes(struct nf_buf *out, const struct nf_world *world)
{
	static const uint8_t none[NF_HASH_LEN];
	/* How the vendor shows the AES null key (real). */
	static const uint8_t null_km[NF_HASH_LEN] = { 1 };

	hash_line(out, "hknso", world->hash[NF_ADMIN_NSO]);
	hash_line(out, "hkm", world->hash[NF_ADMIN_M]);
	hash_line(out, "hkmwk", nf_null_des3_hash);
	hash_line(out, "hkre", world->hash[NF_ADMIN_RE]);
	hash_line(out, "hkra", world->hash[NF_ADMIN_RA]);
	hash_line(out, "hkmc", world->hash[NF_ADMIN_MC]);
	hash_line(out, "hkp", world->hash[NF_ADMIN_P]);
	hash_line(out, "hkrtc", world->hash[NF_ADMIN_RTC]);
	hash_line(out, "hknv", world->hash[NF_ADMIN_NV]);
	hash_line(out, "hkdsee", none);
	hash_line(out, "hkfto", world->hash[NF_ADMIN_FTO]);
	hash_line(out, "hkmnull", null_km);
}

static int
world_print(struct nf_buf *out, const struct nf_world *world, uint32_t n,
    bool usable, const struct nf_tokensfile *loaded, bool show,
    struct nf_diag *diag)
{
	static const struct { enum nf_admin admin; const char *name; } q[] = {
		{ NF_ADMIN_M, "m" }, { NF_ADMIN_RA, "r" },
		{ NF_ADMIN_P, "p" }, { NF_ADMIN_NV, "nv" },
		{ NF_ADMIN_RTC, "rtc" }, { NF_ADMIN_FTO, "fto" }
	};
	struct nf_acs_token token;
	int r;

	nf_buf_str(out, "World\n generation  2\n");
	world_state(out, world, usable, loaded->joins);
	nf_buf_printf(out, " n_modules   %u\n", n);
	if (world == NULL)
		return 0;
	world_hashes(out, world);
	if (loaded->joins && show)
		hash_line(out, "ex.client", loaded->client);
	else
		nf_buf_printf(out, " ex.client   %s\n", loaded->joins ?
		    "preloaded" : "none");
	nf_buf_printf(out, " k-out-of-n  %u/%u\n other quora", world->acs_k,
	    world->acs_n);
	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		if (q[i].admin == NF_ADMIN_RA && !world->recovery)
			continue;
		if ((r = nf_world_token(world, q[i].admin, &token,
		    diag)) != 0)
			return r;
		nf_buf_printf(out, " %s=%u", q[i].name, token.params.needed);
	}
	nf_buf_str(out, "\n createtime  ");
	nf_text_time(out, world->time);
	if (world->nso_timeout == 0)
		nf_buf_str(out, "\n nso timeout none");
	else
		nf_buf_printf(out, "\n nso timeout %u s",
		    world->nso_timeout);
	nf_buf_printf(out, "\n ciphersuite %s\n mode        unrestricted, "
	    "simulated%s\n", world->suite->name,
	    nf_seed_suffix(world->insecure));
	return 0;
}

static int
slot_print(struct nf_buf *out, struct nf_host *host,
    const struct nf_world *world, struct nf_diag *diag)
{
	struct nf_command cmd = { .cmd = NF_CMD_GETSLOTINFO };
	struct nf_acs_token token;
	struct nf_reply reply;
	uint32_t index = 0;
	size_t state;
	int r;

	cmd.args.module = NF_HOST_MODULE;
	cmd.args.slot = NF_HOST_SLOT;
	if ((r = nf_host_call(host, &cmd, &reply, diag)) != 0)
		goto out;
	if (world != NULL && nf_world_token(world, NF_ADMIN_NSO, &token,
	    NULL) == 0) {
		for (uint32_t i = 0; i < reply.args.n_shares; i++) {
			if (memcmp(reply.args.share[i].hkt, token.hkt,
			    NF_SHORTHASH_LEN) == 0)
				index = reply.args.share[i].index;
		}
	}
	state = reply.args.ic == 0 ? 2 : reply.args.n_shares == 0 ? 3 :
	    index != 0 ? 4 : 6;
	for (uint32_t i = 0; state == 6 && world != NULL &&
	    i < reply.args.n_shares; i++) {
		if (nf_tokeninfo_known(world->dir, reply.args.share[i].hkt)) {
			state = 5;
			index = reply.args.share[i].index;
		}
	}
	nf_buf_printf(out, "\nModule #%u Slot #0 IC %u\n generation    1\n"
	    " phystype      SmartCard\n slotlistflags 0x0\n"
	    " state         0x%zx %s\n flags         0x0\n"
	    " shareno       %u\n shares       ", nf_host_module(host),
	    reply.args.ic, state,
	    slot_states[state], index);
	for (uint32_t i = 0; i < reply.args.n_shares; i++)
		nf_buf_printf(out, " %u", reply.args.share[i].index);
	nf_buf_str(out, "\n error         OK\n");
out:
	nf_args_wipe(&reply.args);
	return r;
}

static int
module_print(struct nf_buf *out, struct nf_host *host, const char *state,
    struct nf_diag *diag)
{
	char esn[NF_ESN_MAX + 1], hex[41] = "";
	uint8_t hkml[NF_HASH_LEN];
	uint32_t mode, number = 1, kml = 0;
	int r;

	if ((r = nf_host_enquiry(host, &mode, esn, diag)) != 0)
		return r;
	/* A module that was never initialised has no KML. */
	if (nf_host_kml(host, &kml, NULL) == 0 &&
	    nf_host_keyhash(host, kml, hkml, NULL) == 0)
		nf_text_hash(hex, hkml);
	if (kml != 0)
		(void)nf_host_destroy(host, kml, NULL);
	(void)nf_name_number(module_states, state, &number);
	nf_buf_printf(out, "\nModule #%u\n generation 2\n"
	    " state      0x%x %s\n flags      0x0\n n_slots    1\n"
	    " esn        %s\n hkml       %s\n", nf_host_module(host), number,
	    state, esn, hex);
	return 0;
}

/* The modules first to last with their slots; *usable when one is. */
static int
modules_print(struct nf_buf *out, const struct nf_tool *tool, uint32_t first,
    uint32_t last, bool *usable, struct nf_diag *diag)
{
	const char *state;
	int r = 0;

	*usable = false;
	for (uint32_t i = first; r == 0 && i <= last; i++) {
		if ((i != 1 && (r = nf_host_use(tool->host, i, diag)) != 0) ||
		    (r = nf_world_module_state(tool->host, tool->world,
		    &state, diag)) != 0 ||
		    (r = module_print(out, tool->host, state, diag)) != 0)
			break;
		*usable |= strcmp(state, "Usable") == 0;
		r = slot_print(out, tool->host, tool->world, diag);
	}
	return r;
}

/*
 * The file of a preload that this program is under, and this connection as
 * one of its client.  A preload that is over has left nothing in the module.
 * A file that is not there, or not such a list, is said and *bad is set: the
 * world is there without it.
 */
static int
loaded_open(struct nf_host *host, struct nf_tokensfile *loaded, bool *bad,
    struct nf_diag *diag)
{
	const char *path = nf_cli_env(NF_TOKENSFILE_ENV);
	struct nf_diag own = { 0 };
	int r;

	if (path == NULL)
		return 0;
	if ((r = nf_tokensfile_load(path, loaded, &own)) == 0 &&
	    nf_tokensfile_join(loaded, host, NULL) == 0)
		return 0;
	nf_tokensfile_wipe(loaded);
	if (r == NF_E_NOMEM) {
		*diag = own;
		return r;
	}
	if (r != 0) {
		(void)nf_cli_fail(&cli, &own);
		*bad = true;
	}
	return 0;
}

/* Those that are still there.  That they come last is real, their form is
 * ours. */
static void
loaded_print(struct nf_buf *out, struct nf_host *host,
    const struct nf_tokensfile *loaded)
{
	struct nf_buf rows = NF_BUF_INIT;
	uint8_t hash[NF_HASH_LEN];
	char hex[41];
	size_t n = 0;

	for (size_t i = 0; i < loaded->n; i++) {
		const struct nf_loaded *k = &loaded->list[i];

		if (nf_host_keyhash(host, k->id, hash, NULL) != 0)
			continue;
		nf_text_hash(hex, hash);
		nf_buf_printf(&rows, " %s %10u 0x%08x\n", hex, k->module,
		    k->id);
		n++;
	}
	if (n > 0)
		nf_buf_printf(out, "\nPre-Loaded Objects (%2zu): %-28s module "
		    "objid\n", n, "objecthash");
	nf_buf_fail_as(out, &rows);
	nf_buf_view_put(out, nf_buf_view(&rows));
	nf_buf_wipe(&rows);
}

/* module 0: all */
static int
world_info(struct nf_buf *out, uint32_t module, bool show, bool *bad,
    struct nf_diag *diag)
{
	struct nf_tokensfile loaded = { .list = NULL };
	struct nf_tool tool = { NULL, NULL };
	struct nf_buf modules = NF_BUF_INIT;
	char dir[NF_PATH_MAX], shown[NF_PATH_MAX];
	uint32_t n;
	bool usable;
	int r;

	if ((r = nf_km_store_dir(dir, diag)) != 0)
		goto out;
	if (nf_km_store_check_mark(dir, NULL) != NF_E_NOTFOUND &&
	    (r = nf_world_load(dir, &tool.world, diag)) != 0)
		goto out;
	if ((r = nf_host_open(&tool.host, diag)) != 0 ||
	    (r = loaded_open(tool.host, &loaded, bad, diag)) != 0 ||
	    (r = nf_host_modules(tool.host, &n, diag)) != 0 ||
	    (r = modules_print(&modules, &tool, module == 0 ? 1 : module,
	    module == 0 ? n : module, &usable, diag)) != 0)
		goto out;
	r = world_print(out, tool.world, n, usable, &loaded, show, diag);
	if (tool.world == NULL) {
		nf_err_format(shown, sizeof(shown), "%s", dir);
		nf_buf_printf(out, " directory   %s%s\n", shown,
		    nf_file_exists(dir) ? "" : " (not there)");
	}
	if (nf_buf_err(&modules) != 0)
		nf_buf_fail(out, nf_buf_err(&modules));
	nf_buf_view_put(out, nf_buf_view(&modules));
	loaded_print(out, tool.host, &loaded);
out:
	nf_tokensfile_wipe(&loaded);
	nf_buf_wipe(&modules);
	nf_tool_close(&tool);
	return r;
}

/* ---- -k and -l ---------------------------------------------------------- */

static bool
app_listed(char **apps, int n, const char *app)
{
	for (int i = 0; i < n; i++) {
		if (nf_tool_app_equal(apps[i], app))
			return true;
	}
	return n == 0;
}

static void
view_quoted(struct nf_buf *out, struct nf_view v)
{
	if (v.p == NULL || !nf_view_printable(v))
		return;
	nf_buf_view_put(out, v);
}

static void
blob_line(struct nf_buf *out, const char *name, struct nf_view blob)
{
	if (blob.p != NULL)
		nf_buf_printf(out, " %-19s length %zu\n", name, blob.len);
}

static void
key_print(struct nf_buf *out, const char *dir, const struct nf_km_key *key)
{
	const char *protection = nf_tokeninfo_protection(key);
	char hex[41];
	uint32_t flags;

	flags = (nf_km_key_recoverable(key) ? 0x1u : 0x2u) |
	    (nf_km_key_certified(key) ? 0x4u : 0) |
	    (key->pubblob.p != NULL ? 0x8u : 0) | (*protection == 'M' ? 0x10u :
	    *protection == 'C' ? 0x20u : 0x4000u);
	nf_text_hash(hex, key->hash);
	nf_buf_str(out, "Key AppName ");
	nf_buf_view_put(out, key->appname);
	nf_buf_str(out, " Ident ");
	nf_buf_view_put(out, key->ident);
	nf_buf_str(out, "\n");
	blob_line(out, "BlobKA", key->privblob);
	blob_line(out, "BlobPubKA", key->pubblob);
	blob_line(out, "BlobRecoveryKA", key->recovblob);
	nf_buf_str(out, " name                \"");
	view_quoted(out, key->name);
	nf_buf_printf(out, "\"\n hash                %s\n recovery"
	    "            %s\n protection          %s\n flags"
	    "               0x%x ", hex,
	    nf_km_key_recoverable(key) ? "Enabled" : "Disabled",
	    protection, flags);
	nf_flags_print(out, key_flags, flags);
	nf_buf_str(out, "\n");
	nf_tokeninfo_key(out, dir, key);
	nf_buf_str(out, " gentime             ");
	nf_text_time(out, key->time);
	if (key->esn.p != NULL) {
		nf_buf_str(out, "\n generating module   ");
		view_quoted(out, key->esn);
	}
	nf_buf_str(out, "\n");
}

/* The key of the command line, in either spelling of its application. */
static int
key_info(struct nf_buf *out, const char *dir, const char *app,
    const char *ident, struct nf_diag *diag)
{
	static const char *const twins[] = { "xferacld", "xferacId" };
	struct nf_buf bytes = NF_BUF_INIT;
	struct nf_km_file *file = NULL;
	char path[NF_PATH_MAX];
	struct nf_km_key key;
	int r;

	if ((r = nf_km_store_key_path(dir, app, ident, path, diag)) != 0)
		return r;
	for (size_t i = 0; i < 2 && !nf_file_exists(path) &&
	    nf_tool_app_equal(app, twins[0]); i++)
		(void)nf_km_store_key_path(dir, twins[i], ident, path, NULL);
	if ((r = nf_km_key_load(path, &bytes, &file, &key, diag)) == 0)
		key_print(out, dir, &key);
	nf_km_file_free(file);
	nf_buf_wipe(&bytes);
	return r;
}

static int
key_list(struct nf_buf *out, char **args, int n, struct nf_diag *diag)
{
	char dir[NF_PATH_MAX], ident[NF_KM_IDENT_SIZE];
	struct nf_km_store_list list;
	size_t shown = 0;
	int r;

	if ((r = nf_km_store_dir(dir, diag)) != 0)
		return r;
	if (n == 2)
		return key_info(out, dir, args[0], nf_km_ident_fold(args[1],
		    ident), diag);
	if ((r = nf_km_store_list(dir, &list, diag)) != 0)
		return r;
	for (size_t i = 0; i < list.n; i++)
		shown += app_listed(args, n, list.key[i].appname);
	nf_buf_printf(out, "Key list - %zu keys\n", shown);
	for (size_t i = 0; i < list.n; i++) {
		if (app_listed(args, n, list.key[i].appname))
			nf_buf_printf(out, " AppName %-20s Ident %s\n",
			    list.key[i].appname, list.key[i].ident);
	}
	nf_km_store_list_free(&list);
	return 0;
}

static int
byok_list(struct nf_buf *out, char **args, int n, bool *bad,
    struct nf_diag *diag)
{
	char dir[NF_PATH_MAX], ident[NF_KM_IDENT_SIZE];
	int r;

	if ((r = nf_km_store_dir(dir, diag)) != 0)
		return r;
	return nf_keyfinder(out, dir, n > 0 ? args[0] : NULL,
	    n > 1 ? nf_km_ident_fold(args[1], ident) : NULL, bad, diag);
}

/* One line of -l in the list that the key belongs to; the last is for files
 * that cannot be read. */
static int
name_line(struct nf_buf lists[static N_LISTS], const char *dir,
    const struct nf_km_store_key *name)
{
	struct nf_buf bytes = NF_BUF_INIT, *out;
	struct nf_km_file *file = NULL;
	char path[NF_PATH_MAX];
	struct nf_diag diag = { 0 };
	struct nf_km_key key;
	int r;

	if ((r = nf_km_store_key_path(dir, name->appname, name->ident, path,
	    &diag)) == 0)
		r = nf_km_key_load(path, &bytes, &file, &key, &diag);
	out = &lists[r != 0 ? N_LISTS - 1 :
	    *nf_tokeninfo_protection(&key) == 'M' ? 0 :
	    *nf_tokeninfo_protection(&key) == 'C' ? 1 : 2];
	nf_buf_printf(out, " key_%s_%s ", name->appname, name->ident);
	if (r == 0) {
		nf_buf_str(out, "`");
		view_quoted(out, key.name);
		nf_buf_str(out, "'\n");
	} else
		nf_buf_printf(out, "(%s)\n", diag.text);
	nf_km_file_free(file);
	nf_buf_wipe(&bytes);
	return r;
}

/* *bad is set when a key file could not be read. */
static int
name_list(struct nf_buf *out, char **apps, int n, bool *bad,
    struct nf_diag *diag)
{
	static const char *const heads[N_LISTS] = {
		"Keys with module protection:\n",
		"Keys protected by cardsets:\n",
		"Keys protected by softcards:\n",
		"Keys that cannot be read:\n"
	};
	struct nf_buf lists[N_LISTS] = { NF_BUF_INIT, NF_BUF_INIT,
	    NF_BUF_INIT, NF_BUF_INIT };
	struct nf_km_store_list list;
	char dir[NF_PATH_MAX];
	int r;

	if ((r = nf_km_store_dir(dir, diag)) != 0 ||
	    (r = nf_km_store_list(dir, &list, diag)) != 0)
		return r;
	for (size_t i = 0; i < list.n; i++) {
		if (app_listed(apps, n, list.key[i].appname) &&
		    name_line(lists, dir, &list.key[i]) != 0)
			*bad = true;
	}
	for (size_t i = 0; i < N_LISTS; i++) {
		if (i == 0 || lists[i].len > 0)
			nf_buf_str(out, heads[i]);
		nf_buf_view_put(out, nf_buf_view(&lists[i]));
		nf_buf_wipe(&lists[i]);
	}
	nf_km_store_list_free(&list);
	return 0;
}

static int
token_list(struct nf_buf *out, bool soft, const char *word, bool *bad,
    struct nf_diag *diag)
{
	char dir[NF_PATH_MAX];
	int r;

	if ((r = nf_km_store_dir(dir, diag)) != 0)
		return r;
	return nf_tokeninfo(out, dir, soft, word, bad, diag);
}

int
main(int argc, char **argv)
{
	bool world = false, keys = false, names = false, bad = false;
	bool byok = false, sets = false, softs = false, client = false;
	const char *module = NULL;
	const struct nf_opt opts[] = {
		{ "world-info", 'w', &world, NULL },
		{ "preload-client-id", 'p', &client, NULL },
		{ "key-list", 'k', &keys, NULL },
		{ "byok", 0, &byok, NULL },
		{ "name-list", 'l', &names, NULL },
		{ "cardset-list", 'c', &sets, NULL },
		{ "softcard-list", 's', &softs, NULL },
		{ "module", 'm', NULL, &module },
		{ NULL, 0, NULL, NULL }
	};
	struct nf_buf out = NF_BUF_INIT;
	struct nf_diag diag = { 0 };
	uint32_t number;
	char **args;
	int most, n, r, status;

	nf_process_harden();
	if ((status = nf_cli_parse(&cli, opts, argc, argv, &args, &n)) >= 0 ||
	    (status = nf_tool_module(&cli, module, false, &number)) >= 0)
		return status;
	if (world + keys + names + sets + softs > 1)
		return nf_cli_usage(&cli, "give one of -w, -k, -l, -c and -s");
	if (client && keys + names + sets + softs > 0)
		return nf_cli_usage(&cli, "-p goes with -w");
	if (byok && !keys)
		return nf_cli_usage(&cli, "--byok goes with -k");
	most = keys ? 2 : names ? n : sets || softs ? 1 : 0;
	if (n > most)
		return nf_cli_usage(&cli, "unexpected argument '%s'",
		    args[most]);
	r = sets || softs ? token_list(&out, softs, n == 1 ? args[0] : NULL,
	    &bad, &diag) : byok ? byok_list(&out, args, n, &bad, &diag) :
	    keys ? key_list(&out, args, n, &diag) : names ?
	    name_list(&out, args, n, &bad, &diag) : world_info(&out,
	    module == NULL ? 0 : number, client, &bad, &diag);
	if (r != 0) {
		nf_buf_wipe(&out);
		return nf_cli_fail(&cli, &diag);
	}
	return nf_cli_output(&cli, &out, bad ? NF_EXIT_INPUT : NF_EXIT_OK);
}
