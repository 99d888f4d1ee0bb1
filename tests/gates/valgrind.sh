#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit tests under valgrind.  Check runs each case in a process of its
# own, so a case with an error in it ends with status 80 and fails.
. "$(dirname -- "$0")/lib.sh"
need valgrind valgrind
tree plain
CK_TIMEOUT_MULTIPLIER=60
LOG_COMPILER="valgrind -q --error-exitcode=80 --leak-check=full"
LOG_COMPILER="$LOG_COMPILER --suppressions=$src/tests/gates/valgrind.supp"
export CK_TIMEOUT_MULTIPLIER
# shellcheck disable=SC2016 # make's variable
tests '$(check_PROGRAMS)'
