/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfast/host/optoken.h"
#include "nfast/kmdata/store.h"
#include "nfast/tools/tool.h"

void
nf_tool_progress(const char *line)
{
	(void)fprintf(stderr, "%s\n", line);
}

int
nf_tool_module(const struct nf_cli *cli, const char *value, bool none_ok,
    uint32_t *number)
{
	size_t n = value == NULL ? 0 : strspn(value, "0123456789");

	*number = 1;
	if (value == NULL)
		return -1;
	if (n == 0 || n > 3 || value[n] != '\0')
		return nf_cli_usage(cli, "'%.32s' is no module's number",
		    value);
	*number = (uint32_t)strtoul(value, NULL, 10);
	if (*number == 0 && !none_ok)
		return nf_cli_usage(cli, "there is no module 0");
	return -1;
}

int
nf_tool_token_name(const struct nf_cli *cli, const char *name)
{
	return nf_optoken_name_ok(name) ? -1 : nf_cli_usage(cli,
	    "a name has 1 to %d printable characters without quotes, and is "
	    "no hash", NF_OPTOKEN_NAME_MAX);
}

int
nf_tool_open(struct nf_tool *tool, bool check, struct nf_diag *diag)
{
	return nf_tool_open_module(tool, 1, check, diag);
}

int
nf_tool_open_module(struct nf_tool *tool, uint32_t module, bool check,
    struct nf_diag *diag)
{
	char dir[NF_PATH_MAX];
	int r;

	memset(tool, 0, sizeof(*tool));
	if ((r = nf_km_store_dir(dir, diag)) != 0 ||
	    (r = nf_world_load(dir, &tool->world, diag)) != 0 ||
	    (r = nf_host_open(&tool->host, diag)) != 0 ||
	    (module != 1 && (r = nf_host_use(tool->host, module,
	    diag)) != 0))
		return r;
	return check ? nf_world_check_module(tool->host, tool->world, diag) :
	    0;
}

void
nf_tool_close(struct nf_tool *tool)
{
	nf_host_close(tool->host);
	nf_world_free(tool->world);
	memset(tool, 0, sizeof(*tool));
}

bool
nf_tool_app_equal(const char *a, const char *b)
{
	static const char *const twins[] = { "xferacld", "xferacId" };
	bool ta = strcmp(a, twins[0]) == 0 || strcmp(a, twins[1]) == 0;
	bool tb = strcmp(b, twins[0]) == 0 || strcmp(b, twins[1]) == 0;

	return (ta && tb) || strcmp(a, b) == 0;
}
