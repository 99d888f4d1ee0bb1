#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pages: every option of every program is on its page and back, and the
# examples on the pages run.  The test does both; here nothing may be missing
# that would make it skip.
. "$(dirname -- "$0")/lib.sh"
need mandoc mandoc
need openssl openssl
cd "$build" || exit 1
"$MAKE" -j"$jobs" check TESTS='tests/man/pages.tap' || {
	grep -h '^not ok' tests/man/pages.log
	exit 1
}
awk '/^:test-result:/ { c[$2]++ }
    END { printf "%d passed, %d skipped\n", c["PASS"], c["SKIP"]
	exit c["SKIP"] > 0 || c["PASS"] == 0 }' tests/man/pages.trs
