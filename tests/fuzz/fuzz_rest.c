/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: requests to the vault stand-in, over a vault without keys.
 * Lines "method managed token", path, query and host; the rest is the body.
 */
#include "config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/transfer/fakevault.h"
#include "transfer/vault-rest.h"

#define LINES	4

/* The lines as texts of their own; what follows them. */
static struct nf_view
split(char *text, size_t len, const char *line[static LINES])
{
	char *p = text;

	for (size_t i = 0; i < LINES; i++) {
		char *nl = memchr(p, '\n', len - (size_t)(p - text));

		line[i] = p;
		if (nl == NULL) {
			p = text + len;
			continue;
		}
		*nl = '\0';
		p = nl + 1;
	}
	return nf_view_of(p, len - (size_t)(p - text));
}

static void
check(const struct nf_http_request *req, const struct nf_http_response *res)
{
	static const int known[] = { 200, 204, 400, 401, 404, 501 };
	json_t *body = NULL;
	size_t i = 0;

	nf_fail_off();
	if (nf_fail_hit())
		return;
	while (i < 6 && known[i] != res->status)
		i++;
	NF_REQUIRE(i < 6);
	NF_REQUIRE((res->status == 401) == (req->authorization == NULL));
	NF_REQUIRE(nf_buf_err(&res->body) == 0);
	if (res->body.len > 0) {
		body = json_loadb((char *)res->body.p, res->body.len,
		    JSON_REJECT_DUPLICATES, NULL);
		NF_REQUIRE(body != NULL);
	}
	NF_REQUIRE(res->status < 400 || res->status == 401 ||
	    json_is_string(json_object_get(json_object_get(body, "error"),
	    "message")));
	json_decref(body);
}

void
target_rest(const uint8_t *data, size_t size)
{
	static const struct nf_vault_key key = { .name = "k",
		.type = { NF_XFER_OCT, 256, 0 } };
	struct nf_vaults vaults = { .key = key, .n_keys = 30, .value = "v",
		.iv = "", .tag = "" };
	struct nf_vault_rest rest = { .vaults = &vaults, .region = "eu" };
	struct nf_http_request req = { .method = NF_HTTP_GET };
	struct nf_http_response res = { .status = 200 };
	const char *line[LINES];
	char *text = malloc(size + 1);

	if (!FUZZ_OK(text != NULL))
		return;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	req.body = split(text, size, line);
	if (line[0][0] >= '0' && line[0][0] <= '5')
		req.method = (enum nf_http_method)(line[0][0] - '0');
	rest.managed = strchr(line[0], 'm') != NULL;
	req.authorization = strchr(line[0], 't') == NULL ? NULL : "Bearer t";
	req.request_id = line[0];
	req.path = line[1];
	req.query = line[2];
	req.host = line[3];
	nf_vault_rest_handle(&rest, &req, &res);
	check(&req, &res);
	nf_buf_wipe(&res.body);
	nf_buf_wipe(&vaults.asked);
	free(text);
}
