# SPDX-License-Identifier: Apache-2.0
# Shared by the tests of vaultsim, which source it after tests/e2e/lib.sh: a
# server on a free port, stopped by its process id.
# shellcheck shell=sh disable=SC2034,SC2154
# The clients heed proxies, which know nothing of this machine's loopback.
NO_PROXY=${NO_PROXY:+$NO_PROXY,}localhost,127.0.0.1,::1,.test,vault.example
no_proxy=$NO_PROXY
export NO_PROXY no_proxy
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null
    chmod -R u+rwx "$top" 2>/dev/null; rm -rf "$top"' EXIT

# vault_run OPTION...: start it (on $listen) and wait for its line; sets
# $server and $port.
vault_run() {
	: >"$top/vault.out"
	"${VAULTSIM:-vaultsim}" --state "$state" --listen "${listen:-127.0.0.1:0}" \
	    "$@" \
	    >"$top/vault.out" 2>"$top/vault.err" </dev/null &
	server=$!
	started "$server" "$top/vault.out" 'https://' || {
		cp "$top/vault.err" "$err"
		return 1
	}
	port=$(sed -n 's/.*https:\/\/[^ ]*:\([0-9]*\),.*/\1/p' \
	    "$top/vault.out")
}

# vault_start OPTION..., vault_stop: the same as a case each.
vault_start() {
	vault_run "$@"
	ok $? "vaultsim $* listens"
}
vault_stop() {
	status=0
	kill -TERM "$server"
	wait "$server" || status=$?
	server=
	cp "$top/vault.err" "$err"
	[ "$status" -eq 0 ]
	ok $? 'vaultsim stops on SIGTERM with status 0'
}
