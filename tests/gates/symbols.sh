#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shared symbols: each is declared in a header under a comment, used by
# another file, and has the prefix of its directory; the shared library
# exports what its public headers declare.  symbols.py compares.
. "$(dirname -- "$0")/lib.sh"
need nm binutils
need python3 python3
cd "$build" || exit 1
"$MAKE" -j"$jobs" && "$MAKE" -j"$jobs" gate-programs || exit 1
python3 "$src/tests/gates/symbols.py" "$src" "$PWD"
