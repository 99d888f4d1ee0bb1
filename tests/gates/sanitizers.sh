#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit tests, and the end-to-end tests of what takes requests from anyone,
# under the address and undefined behaviour sanitizers.
. "$(dirname -- "$0")/lib.sh"
tree asan --enable-sanitizers
CK_TIMEOUT_MULTIPLIER=10
# The vault's memory is bounded in http.tap; the sanitizer's own is more.
RSS_KIB=262144
export CK_TIMEOUT_MULTIPLIER RSS_KIB
# shellcheck disable=SC2016 # make's variable
tests '$(check_PROGRAMS)' tests/host/nfsimd.tap tests/transfer/http.tap \
    tests/transfer/kill.tap tests/azure-sdk/sdk.tap
