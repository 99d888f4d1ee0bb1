#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, with both compilers and the flags of the
# project; the public ones also as C++ and without anything of ours before
# them.
. "$(dirname -- "$0")/lib.sh"
need gcc gcc
need clang clang
warn=$(sed -n 's/^SW_CFLAGS = //p' "$build/Makefile" | tr ' ' '\n' |
    grep '^-W' | grep -v '^-Werror')
status=0 n=0
cd "$src" || exit 1

# alone HEADER INCLUDES COMPILER...
alone() {
	header=$1 text=$2
	shift 2
	printf '%s\ntypedef int nf_gate_unit;\n' "$text" |
	    "$@" -fsyntax-only -Werror - && return
	echo "$header: does not compile alone with $1 $2"
	status=1
}

# shellcheck disable=SC2086 # words
find $code tests -name '*.h' ! -path tests/gates/cppcheck.h | sort \
    >"$gates/headers.files"
# shellcheck disable=SC2086 # words
while read -r h; do
	n=$((n + 1))
	case $h in
	verify/secworld/*)
		alone "$h" "#include <${h#verify/}>" gcc -xc $warn \
		    -Iverify -std=c11
		alone "$h" "#include <${h#verify/}>" clang -xc $warn \
		    -Iverify -std=c11
		alone "$h" "#include <${h#verify/}>" clang -xc++ -Wall \
		    -Wextra -Wpedantic -Iverify -std=c++11
		;;
	*)
		for cc in gcc clang; do
			alone "$h" "#include \"config.h\"
#include \"$h\"" $cc -xc $warn $GATE_CFLAGS
		done
		;;
	esac
done <"$gates/headers.files"
echo "$n headers"
exit "$status"
