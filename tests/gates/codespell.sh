#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# codespell over text and code; codespell.txt has the words that are right.
. "$(dirname -- "$0")/lib.sh"
need codespell codespell
cd "$src" || exit 1
ignore=$(sed 's/#.*//' tests/gates/codespell.txt | tr -s '[:space:]' ',')
# Seeds and lock files are data.
# shellcheck disable=SC2086 # words
codespell --ignore-words-list "$ignore" \
    --skip '*/seeds/*,*/corpus/*,*/package-lock.json,*.tsv' \
    README SECURITY bootstrap configure.ac Makefile.am .ci man debian \
    tests $code
status=$?
echo "every text and C file"
exit "$status"
