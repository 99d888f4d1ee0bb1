#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over all C, with the checks of .clang-tidy, which has the
# reasons for those left out; analyzer.h says what is not in one file alone.
. "$(dirname -- "$0")/lib.sh"
newest clang-tidy clang-tidy
echo "$tool"
"$MAKE" -C "$build" tests/fuzz/fail-calls.h || exit 1
cd "$src" || exit 1
# shellcheck disable=SC2086 # words
c_files $code tests >"$gates/clang-tidy.files"
facts=tests/gates/analyzer.h
known=$(sed -n 's/^#define \(nf_[a-z0-9_]*\)(.*/\1/p' $facts | paste -sd '|')
export facts known tool
# One file a process: the analyzer of 14 forgets what va_start() is.
# shellcheck disable=SC2016 # the inner shell's variables
if xargs -P "$jobs" -n 1 sh -c '
    case $1 in
    tests/*) facts=config.h ;;	# some have stand-ins for what it names
    esac
    grep -qE "^($known)\(" "$1" && facts=config.h
    # A group at once, so that files do not mix.
    out=$("$tool" --quiet "$1" -- $GATE_CFLAGS -include "$facts" 2>&1)
    status=$?
    printf "%s\n" "$out" | grep -vE \
	"^[0-9]+ warnings? (generated|treated)|^Suppressed |^\$"
    exit "$status"' sh <"$gates/clang-tidy.files" >"$gates/clang-tidy.out"; then
	status=0
else
	status=1
fi
# The findings last, each in a line, behind how they come about.
cat "$gates/clang-tidy.out"
grep -hE ': (warning|error): ' "$gates/clang-tidy.out" | sort -u
echo "$(wc -l <"$gates/clang-tidy.files") files"
exit "$status"
