#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cppcheck over all C.  Its remarks of style are for the programs and
# libraries alone: in tests a value is often set to be seen through a view,
# which it does not follow.
. "$(dirname -- "$0")/lib.sh"
need cppcheck cppcheck
cd "$src" || exit 1

# look CATEGORIES DIRECTORY...
look() {
	enable=$1
	shift
	cppcheck -q -j"$jobs" --error-exitcode=1 --enable="$enable" \
	    --inline-suppr --std=c11 --platform=unix64 --library=posix \
	    --library=gnu --suppressions-list=tests/gates/cppcheck.txt \
	    --template=gcc -I . -I "$build" -DHAVE_CONFIG_H \
	    --include=tests/gates/cppcheck.h "$@"
}

status=0
# shellcheck disable=SC2086 # words
look warning,performance,portability,style $code || status=1
look warning,performance,portability tests || status=1
# shellcheck disable=SC2086 # words
echo "$(c_files $code tests | wc -l) files"
exit "$status"
