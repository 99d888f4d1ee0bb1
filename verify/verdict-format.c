/* SPDX-License-Identifier: Apache-2.0 */
/* The formats by name.  Ours. */
#include "config.h"

#include <string.h>

#include "verify/verdict-format.h"

const struct nf_vfy_format *
nf_vfy_format_find(const char *name)
{
	static const struct nf_vfy_format *const formats[] = {
		&nf_vfy_text_format,
		&nf_vfy_json_format,
		&nf_vfy_jsonl_format,
		&nf_vfy_junit_format,
		&nf_vfy_sarif_format,
		&nf_vfy_html_format
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(name, formats[i]->name) == 0)
			return formats[i];
	}
	return NULL;
}
