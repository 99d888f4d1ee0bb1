#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# transcript.sh BLOCKS WORK: run the commands that transcript.awk found, in one
# shell and in WORK; BLOCKS/N.have gets block N as it is now.  A block with a
# file BLOCKS/N.skip is not run.
#
# What differs between two machines is taken out by these rules alone, which
# man/handbook/README.md tells its readers:
#	1. the line with which every program says that a seed is set is left out
#	2. the directory of the transcript is /home/you
#	3. ports of 127.0.0.1 are 8443
#	4. blanks at the ends of lines are left out
# A status other than 0 is shown as [exit N].
#
# The names begin with hb_, as the commands share this shell.
hb_blocks=$1 hb_work=$2
cd "$hb_work" || exit 99
# Services that a page has started and, when it went wrong, not stopped.
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
trap 'exit 99' HUP INT TERM

# hb_step N.M: one command, with what it prints.
hb_step() {
	hb_have=$hb_blocks/${1%.*}.have
	cat "$hb_blocks/$1.shown" >>"$hb_have"
	# shellcheck disable=SC2294 # the text of the page, as it is
	eval "$(cat "$hb_blocks/$1.run")" </dev/null >"$hb_blocks/raw" 2>&1
	hb_status=$?
	! grep -E '^(\$ |> |```)' "$hb_blocks/raw" ||
	    echo "$1: output that would be taken for a command"
	# The last command adds a newline where there is none.
	sed -e '/^[A-Za-z -]*: INSECURE SEED: NFSIM_INSECURE_SEED is set; /d' \
	    -e "s|$hb_work|/home/you|g" \
	    -e 's/\(127\.0\.0\.1:\)[0-9][0-9]*/\18443/g' \
	    -e 's/[[:blank:]]*$//' "$hb_blocks/raw" |
	    awk 1 >>"$hb_have"
	[ "$hb_status" -eq 0 ] || echo "[exit $hb_status]" >>"$hb_have"
}

hb_n=1
while [ -f "$hb_blocks/$hb_n.want" ]; do
	hb_m=1
	[ -f "$hb_blocks/$hb_n.skip" ] || : >"$hb_blocks/$hb_n.have"
	while [ -f "$hb_blocks/$hb_n.have" ] &&
	    [ -f "$hb_blocks/$hb_n.$hb_m.run" ]; do
		hb_step "$hb_n.$hb_m"
		hb_m=$((hb_m + 1))
	done
	hb_n=$((hb_n + 1))
done
exit 0
