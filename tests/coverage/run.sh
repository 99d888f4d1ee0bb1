#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make coverage: build everything with gcc --coverage in a tree of its own,
# run "make check" there and print what part of the code the tests ran:
#   run.sh SRCDIR BUILDDIR
# The tree is BUILDDIR/coverage and is used again the next time.  MAKE, AWK
# and CHECK_FLAGS (more arguments for "make check") come from the
# environment.  The sweeps over failing calls, of which a bare "make check"
# takes samples, run in full (SW_SWEEP=full).
#
# A process writes its counts when it ends by exit() or _exit() (the latter
# through flush.c); one that a signal ends, the kill -9 of the crash tests
# above all, leaves none, so the true figures are no lower than these.
#
# Exit status 1: a test failed, or a floor of the table is missed.
set -eu
src=$1 tree=$2/coverage
: "${MAKE:=make}" "${AWK:=awk}"

# "make -n coverage" runs this, as it names a make.
flags=${MAKEFLAGS-}
case ${flags%% *} in
-*) ;;
*n*)	exit 0 ;;
esac
if [ -f "$src/config.status" ]; then
	echo "coverage: the source tree itself is configured; build in" \
	    "another directory (make distclean, mkdir build)" >&2
	exit 1
fi
for pair in gcc:gcc gcov:gcc gcovr:gcovr; do
	command -v "${pair%%:*}" >/dev/null || {
		echo "coverage: ${pair%%:*} is missing: install the Debian" \
		    "package ${pair#*:}" >&2
		exit 1
	}
done

mkdir -p "$tree"
cd "$tree"
# Every program has it, and make knows of none.
flush=$src/tests/coverage/flush.c
if [ ! -f flush.o ] || [ -n "$(find "$flush" -newer flush.o)" ]; then
	rm -rf ./*
	gcc -g -O0 -c -o flush.o "$flush"
fi
if [ ! -f config.status ]; then
	"$src/configure" --disable-hardening CC=gcc LIBS="$tree/flush.o" \
	    CFLAGS='-g -O0 --coverage -fprofile-update=prefer-atomic' \
	    >configure.log || {
		tail -n 5 configure.log >&2
		exit 1
	}
fi
$MAKE all >make.log 2>&1 || { tail -n 30 make.log >&2; exit 1; }

find . -name '*.gcda' -delete
find . -name '*.trs' -delete
rm -f gcov.log
status=0
# Slower by a factor: -O0, counters, and the sweeps in full.
export CK_TIMEOUT_MULTIPLIER="${CK_TIMEOUT_MULTIPLIER:-10}" SW_SWEEP=full
export GCOV_ERROR_FILE="$tree/gcov.log"
# shellcheck disable=SC2086 # words
$MAKE -k check ${CHECK_FLAGS:-} >check.log 2>&1 || status=1
# shellcheck disable=SC2016 # words
find . -name '*.trs' -exec cat {} + | $AWK '
	/^:test-result:/ { c[$2]++ }
	END {
		printf "tests: %d passed, %d failed, %d skipped\n",
		    c["PASS"], c["FAIL"] + c["XPASS"] + c["ERROR"], c["SKIP"]
	}'
[ "$status" -eq 0 ] || {
	echo "coverage: tests failed, see check.log in $tree" >&2
	grep -E '^(ERROR|FAIL): ' check.log >&2 || :
}
if [ -s gcov.log ]; then
	echo "processes that could not add their counts to those of others:" \
	    "$(grep -c . gcov.log) messages in gcov.log in $tree"
fi

# Tests, fuzz targets and benchmarks are not code: their objects are left out.
# Where a process was stopped in the middle of adding its counts, a line has a
# count that makes no sense, and is left out.
gcovr -r "$src" --object-directory . --gcov-ignore-parse-errors \
    --exclude "$src/tests/" --exclude '.*/toolsets-data\.c$' \
    --csv -o coverage.csv nfast kek-packages verify transfer \
    2>gcovr.log || {
	tail -n 5 gcovr.log >&2
	exit 1
}
$AWK -f "$src/tests/coverage/table.awk" coverage.csv || status=1
exit $status
