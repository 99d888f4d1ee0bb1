/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "kek-packages/pkgname.h"

/* The only name of a directory that equals this one but for case. */
static bool
find(const char *dir, const char *name, char *found, size_t size)
{
	struct dirent *e;
	unsigned int n = 0;
	DIR *d;

	if ((d = opendir(dir)) == NULL)
		return false;
	while ((e = readdir(d)) != NULL) {
		if (strcasecmp(e->d_name, name) == 0 && n++ == 0)
			(void)snprintf(found, size, "%s", e->d_name);
	}
	(void)closedir(d);
	return n == 1;
}

void
nf_kek_pkg_name(const char *path, char out[static NF_PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char dir[NF_PATH_MAX], found[256];
	size_t lead = (size_t)(name - path);

	if (nf_path(out, NULL, "%s", path) != 0) {
		out[0] = '\0';
		return;
	}
	if (nf_file_exists(path) || *name == '\0' ||
	    nf_path(dir, NULL, "%.*s", (int)lead, path) != 0)
		return;
	if (find(lead == 0 ? "." : dir, name, found, sizeof(found)))
		(void)snprintf(out + lead, NF_PATH_MAX - lead, "%s", found);
}
