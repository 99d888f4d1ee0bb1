#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run gates: run.sh NAME..., in the build directory, with the environment of
# gates.am.  Each is named as it starts.  All run even when one fails; the end
# of a failed one's log is shown.  Exit status 1 when one failed.  What a gate
# prints last is its summary.
set -u
dir=$(dirname -- "$0")
logs=$SW_BUILDDIR/gates
mkdir -p "$logs" || exit 1
# A gate has a make of its own, with as many jobs as there are processors.
unset MAKEFLAGS MFLAGS MAKELEVEL
LC_ALL=C
export LC_ALL SW_SRCDIR SW_BUILDDIR GATE_CFLAGS MAKE
# Said once, as every gate with a tree of its own would.
for gate; do
	if [ -f "$SW_SRCDIR/config.status" ] &&
	    grep -q '^tree ' "$dir/$gate.sh"; then
		echo "gates: the source tree itself is configured:" \
		    "make distclean in $SW_SRCDIR, and build elsewhere" >&2
		exit 1
	fi
done
ok=0 failed=0
for gate; do
	log=$logs/$gate.log
	echo "gate: $gate: running"
	start=$(date +%s)
	if sh "$dir/$gate.sh" >"$log" 2>&1 </dev/null; then
		ok=$((ok + 1))
		echo "gate: $gate: ok, $(($(date +%s) - start)) s:" \
		    "$(tail -n 1 "$log")"
	else
		failed=$((failed + 1))
		tail -n 40 "$log"
		echo "gate: $gate: FAILED, $(($(date +%s) - start)) s: $log"
	fi
done
echo "gates: $ok ok, $failed failed"
[ "$failed" -eq 0 ]
