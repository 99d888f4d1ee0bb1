# SPDX-License-Identifier: Apache-2.0
# Shared by the end-to-end tests, which source it: the programs of the build
# on PATH, one temporary directory in the build, and TAP.
# shellcheck shell=sh
set -u
build=$(CDPATH='' cd -- "${SW_BUILDDIR:-.}" && pwd) || exit 99
PATH=$build/nfast/tools:$build/kek-packages:$build/verify:$build/transfer:$PATH
export PATH
unset NFAST_HOME NFAST_KMLOCAL NFAST_KMDATA NFAST_SERVER NFAST_PRIVSERVER
unset NFSIM_STATE NFSIM_PINS SECWORLD_SIMULATED_ROOT
unset NFSIM_INSECURE_SEED NFSIM_FAULTS NFSIM_TRACE SOURCE_DATE_EPOCH NO_COLOR
top=$(mktemp -d "$build/e2e.XXXXXX") || exit 99
trap 'unserve; chmod -R u+rwx "$top" 2>/dev/null; rm -rf "$top"' EXIT
trap 'exit 99' HUP INT TERM
out=$top/out
err=$top/err
n=0

# The guard of every command, in seconds: no test may hang for ever.
limit=600

# ok STATUS NAME: one TAP line, with the last command's output on a failure.
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
		return 0
	fi
	echo "not ok $n - $2"
	[ ! -f "$out" ] || tail -n 30 "$out" | sed 's/^/# out: /'
	[ ! -f "$err" ] || tail -n 10 "$err" | sed 's/^/# err: /'
	return 0
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

plan() {
	echo "1..$n"
}

# run COMMAND...: results in $out, $err and $status.
run() {
	status=0
	case $1 in
	new_key | modify | package)
		"$@" >"$out" 2>"$err" </dev/null || status=$?
		;;
	*)
		timeout "$limit" "$@" >"$out" 2>"$err" </dev/null || status=$?
		;;
	esac
}

# is STATUS NAME COMMAND...: the command exits with that status.
is() {
	want=$1 name=$2
	shift 2
	run "$@"
	[ "$status" -eq "$want" ] || echo "# exit status $status, not $want"
	[ "$status" -eq "$want" ]
	ok $? "$name"
}

# shows NAME TEXT, says NAME TEXT: TEXT is on standard output, on stderr.
shows() {
	grep -qF -e "$2" "$out"
	ok $? "$1"
}
says() {
	grep -qF -e "$2" "$err"
	ok $? "$1"
}

# last_line NAME TEXT: the last line of standard output.
last_line() {
	[ "$(tail -n 1 "$out")" = "$2" ]
	ok $? "$1"
}

# rsa_key NAME FILE: a copy of a private key of tests/keys, where making one is
# not what the test is about.
rsa_key() {
	cp "$SW_SRCDIR/tests/keys/$1.pem" "$2" && chmod 600 "$2" || exit 99
}

# until_true SECONDS COMMAND...: wait until the command succeeds.  A machine
# under load needs many times what another one does: ask for a minute.
until_true() {
	tries=$(($1 * 20))
	shift
	until "$@" 2>/dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || {
			echo "# waited in vain: $*"
			return 1
		}
		sleep 0.05
	done
}

# started PID FILE TEXT: wait until that process has written TEXT to FILE; it
# fails when it ends without.
started() {
	until_true 60 said_or_ended "$@" && grep -qF -e "$3" "$2"
}
said_or_ended() {
	grep -qF -e "$3" "$2" || ! kill -0 "$1"
}

# pins FILE COUNT: that many passphrases.
pins() {
	i=0
	: >"$1"
	while [ "$i" -lt "$2" ]; do
		i=$((i + 1))
		echo "passphrase of card $i" >>"$1"
	done
	chmod 600 "$1"
}

# serve STATE...: start nfsimd on sockets of its own, and let the programs
# use it; its process is $server.  unserve: end it.
server=
serve() {
	unserve
	sockets=$(mktemp -d "${TMPDIR:-/tmp}/nfsimd.XXXXXX") || exit 99
	nfsimd --socket "$sockets/s" --priv-socket "$sockets/p" "$@" \
	    >"$sockets/out" 2>"$sockets/err" </dev/null &
	server=$!
	started "$server" "$sockets/out" ready || {
		cat "$sockets/err"
		exit 99
	}
	NFAST_SERVER=$sockets/s NFAST_PRIVSERVER=$sockets/p
	export NFAST_SERVER NFAST_PRIVSERVER
}
unserve() {
	[ -n "$server" ] || return 0
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null || :
	server=
	rm -rf "$sockets"
	unset NFAST_SERVER NFAST_PRIVSERVER
}

# enter DIR CARDS: work in a new directory as a user would; with SW_SERVED,
# the module is served by nfsimd.
enter() {
	mkdir -p "$top/$1" && cd "$top/$1" || exit 99
	NFAST_KMDATA=$PWD/d/kmdata
	NFSIM_STATE=$PWD/d/sim
	NFSIM_PINS=$PWD/pins
	SECWORLD_SIMULATED_ROOT=1
	export NFAST_KMDATA NFSIM_STATE NFSIM_PINS SECWORLD_SIMULATED_ROOT
	pins pins "$2"
	[ -z "${SW_SERVED:-}" ] || serve "$NFSIM_STATE"
}

# new_world SUITE QUORUM: the three commands, each checked.
new_world() {
	is 0 "$2 $1: mode I" nopclearfail --initialization --all
	is 0 "$2 $1: new-world" new-world --initialize --cipher-suite="$1" \
	    --module=1 --acs-quorum="$2"
	is 0 "$2 $1: mode O" nopclearfail --operational --all
}

# new_key IDENT [PARAMETER...]: an RSA-2048 key of the documented command.
new_key() {
	ident=$1
	shift
	timeout "$limit" generatekey --generate simple type=RSA size=2048 protect=module \
	    ident="$ident" plainname="$ident" nvram=no pubexp= "$@"
}

# modify APP IDENT CODE, package IDENT CODE NAME: the two steps.
modify() {
	timeout "$limit" KeyTransferRemote -ModifyAcls -KeyAppName "$1" -KeyIdentifier "$2" \
	    -ExchangeKeyPackage "BYOK-KEK-pkg-$3-1" \
	    -NewSecurityWorldPackage "BYOK-SecurityWorld-pkg-$3-1"
}
package() {
	timeout "$limit" KeyTransferRemote -Package -KeyIdentifier "$1" \
	    -ExchangeKeyPackage "BYOK-KEK-pkg-$2-1" \
	    -NewSecurityWorldPackage "BYOK-SecurityWorld-pkg-$2-1" \
	    -SubscriptionId 11111111-2222-3333-4444-555555555555 \
	    -KeyFriendlyName "$3"
}

# snapshot: every file of the user (not the module's own state, not locks)
# with its hash, on standard output.
snapshot() {
	find . \( -path ./d/sim -o -name .lock \) -prune -o \
	    \( -type f -exec sha256sum {} + \) | sort -k 2
	find . -path ./d/sim -prune -o -type d -print | sort
}
