# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the gates share.  A gate runs with SW_SRCDIR, SW_BUILDDIR,
# GATE_CFLAGS and MAKE, prints what it finds and a summary as its last line,
# and ends with status 1 when it found something.
set -u
src=$SW_SRCDIR
build=$SW_BUILDDIR
gates=$build/gates
jobs=$(nproc 2>/dev/null || echo 2)
# shellcheck disable=SC2034 # for those that source this
code='nfast kek-packages verify transfer'

# need TOOL PACKAGE: a gate without its tool fails.
need() {
	command -v "$1" >/dev/null && return 0
	echo "$1 is missing: install the Debian package $2"
	exit 1
}

# newest NAME PACKAGE: the newest of the clang tool NAME and NAME-14, NAME-15
# and so on, as $tool.
newest() {
	tool=$(for c in "$1" $(seq -f "$1-%g" 14 30); do
		command -v "$c" >/dev/null || continue
		echo "$("$c" --version | grep -oE 'version [0-9]+' |
		    head -n 1) $c"
	done | sort -k 2,2nr -s | awk '{ print $NF; exit }')
	[ -n "$tool" ] || need "$1" "$2"
}

# tree NAME OPTION...: configure a tree of the gates' own and go there.
tree() {
	dir=$gates/$1
	shift
	if [ -f "$src/config.status" ]; then
		echo "the source tree is configured: make distclean in $src"
		exit 1
	fi
	mkdir -p "$dir" && cd "$dir" || exit 1
	[ -f Makefile ] || "$src/configure" "$@" || exit 1
}

# results: count the cases of the tests that ran here, as the summary; fails
# when one failed or none passed.
results() {
	find . -name '*.trs' -exec cat {} + | awk '
	    /^:test-result:/ { c[$2]++ }
	    END {
		bad = c["FAIL"] + c["XPASS"] + c["XFAIL"] + c["ERROR"]
		printf "%d passed, %d failed, %d skipped\n", c["PASS"],
		    bad, c["SKIP"]
		exit bad > 0 || c["PASS"] == 0
	    }'
}

# tests TEST...: run these tests of this tree and count their cases; Check
# programs run under LOG_COMPILER, where that is set.
tests() {
	"$MAKE" -j"$jobs" && "$MAKE" -j"$jobs" check TESTS= || exit 1
	find . -name '*.trs' -exec rm -f {} +
	status=0
	"$MAKE" -k -j"$jobs" check TESTS="$*" \
	    LOG_COMPILER="${LOG_COMPILER:-}" || {
		status=1
		grep -hE '^(not ok|Bail out|==[0-9]+==|.*ERROR: )' \
		    test-suite.log
	}
	results || status=1
	exit "$status"
}

# c_files DIRECTORY...: our C files, with what find takes before them.
c_files() {
	(cd "$src" && find "$@" -name '*.c' | sort)
}
