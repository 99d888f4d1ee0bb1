#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit tests under valgrind: an error in one, or a block that is lost, and
# the test fails.  It says what it leaves out, and what took longest.
. "$(dirname -- "$0")/lib.sh"
need valgrind valgrind
need openssl openssl
tree plain

# RSA keys in stock; see rsa_stock.c.
SW_RSA_STOCK=$gates/rsa-stock
stock() {
	bits=$1 n=$2
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		[ -f "$SW_RSA_STOCK/$bits-$n" ] && continue
		openssl genpkey -algorithm RSA -outform DER \
		    -pkeyopt "rsa_keygen_bits:$bits" \
		    -out "$SW_RSA_STOCK/$bits-$n" 2>/dev/null || exit 1
	done
}
mkdir -p "$SW_RSA_STOCK" || exit 1
stock 1024 16
stock 2048 8
stock 3072 4
stock 4096 2
stock 4160 1
"$MAKE" tests/gates/rsa_stock.so || exit 1

# Of loops over every bit of a file, a part; see tests/tap.h.
SW_SPARSE=17
CK_TIMEOUT_MULTIPLIER=60
VALGRIND_SECONDS=1200
VALGRIND_PRELOAD=$PWD/tests/gates/rsa_stock.so
VALGRIND_SUPPRESSIONS=$src/tests/gates/valgrind.supp
VALGRIND_TIMES=$gates/valgrind.times
LOG_COMPILER="sh $src/tests/gates/valgrind-one.sh"
export SW_RSA_STOCK SW_SPARSE CK_TIMEOUT_MULTIPLIER VALGRIND_SECONDS \
	VALGRIND_PRELOAD VALGRIND_SUPPRESSIONS VALGRIND_TIMES
: >"$VALGRIND_TIMES"

# without PROGRAM REASON
left=
without() {
	left="$left $1"
	echo "left out: $1: $2"
}
without tests/module/test_dsa_domain \
    "libcrypto generates and validates a table; nothing of ours but the table"
without tests/transfer/test_memory \
    "looks for keys in all memory, valgrind's too; test_wrap2 runs that code"
echo "left out: cases with the tag limits: valgrind refuses a hard limit"
CK_EXCLUDE_TAGS=limits
export CK_EXCLUDE_TAGS

# The longest first, so that they do not run alone at the end.
first="tests/host/test_fail_host tests/transfer/test_vault \
	tests/host/test_world tests/transfer/test_fail_vault \
	tests/host/test_appkey tests/module/test_fail_commands \
	tests/verify/test_kekcheck tests/transfer/test_wrap2 \
	tests/module/test_busy tests/verify/test_attcheck \
	tests/verify/test_flips tests/transfer/test_vault_import"
(tests "\$(foreach p,$first,\$(filter \$p,\$(check_PROGRAMS)))" \
    "\$(filter-out $first$left,\$(check_PROGRAMS))")
status=$?
echo "The longest:"
sort -rn "$VALGRIND_TIMES" | head -n 10
results || status=1
exit "$status"
