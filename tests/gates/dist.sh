#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A release made twice is one release.
. "$(dirname -- "$0")/lib.sh"
sh "$src/tests/release/dist.sh"
