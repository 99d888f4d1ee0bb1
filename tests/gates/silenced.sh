#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nothing that a gate finds is silenced without a word: each directive to a
# checker has its reason on the same line or on the comment line above, and
# the lists of exceptions have a comment before each group.
. "$(dirname -- "$0")/lib.sh"
cd "$src" || exit 1
find . \( -path './build*' -o -path ./.git -o -path ./autom4te.cache -o \
    -path ./build-aux -o -path '*/seeds' \) -prune -o -type f \
    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.tap' -o -name '*.py' -o \
    -name bootstrap -o -name run \) -print | sort >"$gates/silenced.files"
# shellcheck disable=SC2016 # awk's own $
xargs awk '
    # Directives are written apart here, so as not to be found themselves.
    /NO[L]INT|cppcheck-supp[r]ess|LCOV_E[X]CL|GCOVR_E[X]CL/ ||
    /diagnostic igno[r]ed|no_sani[t]ize|__clang_analy[z]er__/ {
	n++
	c = $0
	sub(/.*NO[L]INT[A-Z]*(\([^)]*\))?/, "", c)
	sub(/.*cppcheck-supp[r]ess *[][A-Za-z]+/, "", c)
	sub(/.*(LCOV|GCOVR)_E[X]CL_[A-Z]*/, "", c)
	if (c !~ /[A-Za-z][A-Za-z]+.*[A-Za-z][A-Za-z]+/ &&
	    last !~ /^[ \t]*(\/?\*|\/\/|#)/) {
		print FILENAME ":" FNR ": no reason: " $0
		bad = 1
	}
    }
    /shellche[c]k disable=/ {
	n++
	if ($0 !~ /shellche[c]k disable=[A-Z0-9,]+[ \t]+# *[A-Za-z]/) {
		print FILENAME ":" FNR ": no reason: " $0
		bad = 1
	}
    }
    { last = $0 }
    END { print n + 0, "directives"; exit bad }' <"$gates/silenced.files" \
    >"$gates/silenced.out"
status=$?
for f in tests/gates/cppcheck.txt tests/gates/valgrind.supp; do
	# After a line that is no entry, a comment comes first.
	awk '/^#/ { said = 1; next } /^$/ { said = 0; next }
	    !said { print FILENAME ":" FNR ": no reason: " $0; bad = 1 }
	    END { exit bad }' "$f" || status=1
done
cat "$gates/silenced.out"
exit "$status"
