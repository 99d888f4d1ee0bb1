#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every shell script of the project, whatever its name is, under shellcheck.
. "$(dirname -- "$0")/lib.sh"
need shellcheck shellcheck
cd "$src" || exit 1
# In source trees, build directories are those of .gitignore.
find . \( -path './build*' -o -path ./.git -o -path ./autom4te.cache \) \
    -prune -o -type f -size -200k ! -name configure ! -name 'config.*' \
    -print | sort | while read -r f; do
	case $f in
	*.sh | *.tap | */completions/*.bash)
		echo "$f"
		;;
	*)
		head -n 1 "$f" | grep -qaE '^#! ?/bin/(ba)?sh' && echo "$f"
		;;
	esac
done >"$gates/shellcheck.files"
xargs -P "$jobs" -n 10 shellcheck -x -P SCRIPTDIR -P . \
    <"$gates/shellcheck.files"
status=$?
echo "$(wc -l <"$gates/shellcheck.files") scripts"
exit "$status"
