#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# valgrind-one.sh PROGRAM: a Check program under valgrind, for valgrind.sh.
#
# At first all its cases are in one process, as valgrind translates libcrypto
# anew for each process that Check makes.  That counts when they all pass, and
# with status 80 when valgrind has found something.  But there are cases that
# want a process to themselves: where one does not pass, the program runs once
# more, each case in its own process, and this run counts.  It is the only one
# of programs that are known to need it and take long.
set -u
out=$1.valgrind
start=$(date +%s)
# These make keys to see that it takes time, or that a seed decides on them.
case $1 in
*/test_busy | */test_seed | */test_seeded) ;;
*)
	LD_PRELOAD=$VALGRIND_PRELOAD
	export LD_PRELOAD
	;;
esac

under_valgrind() {
	# A process that hangs is not waited for.
	timeout -k 30 "$VALGRIND_SECONDS" valgrind -q --error-exitcode=80 \
	    --leak-check=full --suppressions="$VALGRIND_SUPPRESSIONS" "$@"
}

status=1
: >"$out"
case $1 in
*/test_client | */test_fail_commands | */test_fail_vault | */test_pkcs8 | \
    */test_seed | */test_transport_usb | */test_usb) ;;
*)
	CK_FORK=no under_valgrind "$1" >"$out" 2>"$out.err"
	status=$?
	how='one process'
	;;
esac
if grep -q '^not ok' "$out" || ! grep -q '^1\.\.' "$out" ||
    { [ "$status" -ne 0 ] && [ "$status" -ne 80 ]; }; then
	under_valgrind "$1" >"$out" 2>"$out.err"
	status=$?
	how='a process a case'
fi
cat "$out.err" "$out"
rm -f "$out.err" "$out"
echo "$(($(date +%s) - start)) s $1, $how" >>"$VALGRIND_TIMES"
exit "$status"
