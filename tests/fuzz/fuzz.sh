#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# "make fuzz": builds the fuzz targets with clang in a tree of their own and
# runs them in turn.  fuzz.sh SRCDIR TREE SECONDS [TARGET...]: the seconds are
# for all targets together.  The corpus grows in TREE/corpus, findings are
# kept in TREE/findings.  Exits 1 when there is one.
set -u
die() {
	echo "fuzz: $*" >&2
	exit 2
}
[ $# -ge 3 ] || die 'usage: fuzz.sh SRCDIR TREE SECONDS [TARGET...]'
src=$1 tree=$2 seconds=$3
shift 3
case $seconds in
'' | *[!0-9]*) die "SECONDS=$seconds is no number" ;;
esac
cc=${FUZZ_CC:-}
for c in clang $(seq -f clang-%g 30 -1 14); do
	[ -n "$cc" ] || ! command -v "$c" >/dev/null || cc=$c
done
command -v "${cc:=clang}" >/dev/null ||
    die "$cc is missing: install the Debian package clang"
[ ! -f "$src/config.status" ] ||
    die 'the source tree itself is configured: build out of tree'

mkdir -p "$tree" || exit 2
cd "$tree" || exit 2
echo 'int LLVMFuzzerTestOneInput(const char *, unsigned long);
int LLVMFuzzerTestOneInput(const char *p, unsigned long n)
{ return p == 0 && n > 0; }' >probe.c
"$cc" -fsanitize=fuzzer,address,undefined -o probe probe.c 2>/dev/null ||
    die "$cc has no libFuzzer: install the Debian package" \
	"libclang-rt-$("$cc" -dumpversion | sed 's/[.].*//')-dev"
rm -f probe probe.c
if [ ! -f config.status ]; then
	echo "fuzz: configuring $tree"
	"$src/configure" CC="$cc" CFLAGS='-g -O1' --enable-fuzzing \
	    --enable-sanitizers >configure.log || die "see $tree/configure.log"
fi
echo 'fuzz: building'
make tests/fuzz/fuzz >make.log 2>&1 || {
	grep -E 'error|\*\*\*' make.log >&2
	die "see $tree/make.log"
}
fuzz=$tree/tests/fuzz/fuzz
all=$("$fuzz") || die 'the program does not start'
# shellcheck disable=SC2086	# names are words
[ $# -gt 0 ] || set -- $all
each=$((seconds / $#))
[ "$each" -ge 1 ] || each=1

# The targets that write files get them in memory where there is such a place.
TMPDIR=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d) || exit 2
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=print_stacktrace=1

# stat LOG NAME: a number of -print_final_stats, 0 when it is not there.
stat() {
	awk -v name="stat::$2:" '$1 == name {n = $2} END {print n + 0}' "$1"
}

# The findings of this target, sorted.
found() {
	find "$findings" -type f | LC_ALL=C sort
}

echo "fuzz: $# targets, $each s each"
printf '%-12s %10s %8s %6s %8s %9s\n' target executions 'per s' new \
    coverage findings
bad=0
for t in "$@"; do
	corpus=$tree/corpus/$t log=$tree/logs/$t findings=$tree/findings/$t
	mkdir -p "$corpus" "$findings" "$tree/logs"
	cp -n "$src/tests/fuzz/seeds/$t"/* "$corpus"/ || exit 2
	found >"$log.before"
	before=$(find "$corpus" -type f | wc -l)
	status=0
	"$fuzz" "$t" -max_total_time="$each" -timeout=10 -rss_limit_mb=1024 \
	    -malloc_limit_mb=256 -max_len=65536 -print_final_stats=1 \
	    -report_slow_units=60 -artifact_prefix="$findings/" "$corpus" \
	    >"$log" 2>&1 || status=$?
	found | LC_ALL=C comm -13 "$log.before" - >"$log.found"
	n=$(wc -l <"$log.found")
	[ $status -eq 0 ] || [ "$n" -gt 0 ] || n=1
	printf '%-12s %10s %8s %6s %8s %9s\n' "$t" \
	    "$(stat "$log" number_of_executed_units)" \
	    "$(stat "$log" average_exec_per_sec)" \
	    "$(($(find "$corpus" -type f | wc -l) - before))" \
	    "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)" \
	    "$n"
	if [ "$n" -gt 0 ]; then
		bad=1
		sed 's/^/  finding: /' "$log.found"
		echo "  what it says: $log"
		grep -E -m 3 'ERROR|SUMMARY|broken contract|runtime error' \
		    "$log" | sed 's/^/  /'
	fi
	rm -f "$log.before" "$log.found"
done
exit $bad
