/* SPDX-License-Identifier: Apache-2.0 */
/*
 * example-audit FILE [STATE]: read a file, audit it, print the checks that
 * failed and end with byok-audit's exit status.  With the state directory of
 * a simulator its roots are accepted.  Build it with
 *
 *	cc example-audit.c $(pkg-config --cflags --libs secworld)
 */
#include <inttypes.h>
#include <stdio.h>

#include <secworld/error.h>
#include <secworld/read.h>
#include <secworld/verify.h>

static int
complain(const struct sw_diag *diag)
{
	char line[768];

	(void)sw_diag_line(diag, line, sizeof(line));
	(void)fprintf(stderr, "example-audit: %s\n", line);
	return sw_code_exit(sw_diag_code(diag));
}

/* What the file says, of which nothing is verified. */
static int
show_key(const char *path, struct sw_diag *diag)
{
	struct sw_file *file;
	const char *ident;
	uint8_t hash[20];

	if (sw_file_load(path, &file, diag) != 0)
		return -1;
	(void)printf("kind: %s\n", sw_file_kind(file));
	if ((ident = sw_file_key_text(file, SW_KEY_IDENT)) != NULL)
		(void)printf("key: %s\n", ident);
	if (sw_file_key_hash(file, hash) == 0) {
		(void)printf("hash: ");
		for (size_t i = 0; i < sizeof(hash); i++)
			(void)printf("%02" PRIx8, hash[i]);
		(void)printf("\n");
	}
	sw_file_free(file);
	return 0;
}

static void
show_failures(const struct sw_result *result)
{
	static const char *const verdicts[] = { "pass", "fail", "unanchored",
	    "no verdict" };

	for (size_t i = 0; i < sw_result_checks(result); i++) {
		if (sw_result_check_status(result, i) == SW_STATUS_FAIL)
			(void)printf("failed: %s: %s: %s\n",
			    sw_result_check_id(result, i),
			    sw_result_check_title(result, i),
			    sw_result_check_detail(result, i));
	}
	(void)printf("verdict: %s%s\n", verdicts[sw_result_verdict(result)],
	    sw_result_simulated(result) ? ", of a simulator" : "");
}

int
main(int argc, char **argv)
{
	struct sw_options *options = sw_options_new();
	struct sw_diag *diag = sw_diag_new();
	struct sw_result *result = NULL;
	int status;

	if (argc < 2 || argc > 3) {
		(void)fprintf(stderr, "usage: example-audit FILE [STATE]\n");
		status = SW_EXIT_USAGE;
	} else if (options == NULL || diag == NULL)
		status = SW_EXIT_UNKNOWN;
	else if ((argc == 3 && sw_options_simulated_root(options, argv[2],
	    diag) != 0) || show_key(argv[1], diag) != 0 ||
	    sw_audit_file(options, argv[1], &result, diag) != 0)
		status = complain(diag);
	else if (sw_result_verdict(result) == SW_VERDICT_ERROR)
		status = complain(sw_result_diag(result));
	else {
		show_failures(result);
		status = sw_result_exit(result);
	}
	sw_result_free(result);
	sw_diag_free(diag);
	sw_options_free(options);
	return status;
}
