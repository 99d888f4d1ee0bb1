#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The whole transfer of one key, as a user types it: ./bootstrap demo runs
# this in a fresh directory.  Each command is printed before it runs.
set -eu
[ $# -eq 1 ] || { echo 'usage: demo.sh BUILDDIR' >&2; exit 2; }
build=$(CDPATH='' cd -- "$1" && pwd)
PATH=$build/nfast/tools:$build/kek-packages:$build/verify:$build/transfer:$PATH
export PATH

# note TEXT...: what happens next, for the reader.
note() {
	printf '\n# %s\n' "$*"
}

# typed STATUS COMMAND: print the command, run it, expect that exit status.
typed() {
	printf '$ %s\n' "$2"
	status=0
	eval "$2" || status=$?
	if [ "$status" -ne "$1" ]; then
		echo "demo: exit status $status instead of $1" >&2
		exit 1
	fi
}

export SECWORLD_SIMULATED_ROOT=1
packages='-ExchangeKeyPackage BYOK-KEK-pkg-EU-1'
packages="$packages -NewSecurityWorldPackage BYOK-SecurityWorld-pkg-EU-1"
# shellcheck disable=SC2016 # typed as it is
environment='export NFAST_KMDATA=$PWD/d/kmdata NFSIM_STATE=$PWD/d/sim'
environment="$environment NFSIM_PINS=\$PWD/pins SECWORLD_SIMULATED_ROOT=1"

note 'A file with one passphrase a line stands for the keyboard.'
typed 0 "printf 'card one\\ncard two\\ncard three\\n' >pins && chmod 600 pins"
typed 0 "$environment"

note 'A security world with three administrator cards, two of which suffice.'
typed 0 'nopclearfail --initialization --all'
typed 0 'new-world --initialize --cipher-suite=DLf1024s160mRijndael --module=1 --acs-quorum=2/3'
typed 0 'nopclearfail --operational --all'
typed 0 'nfkminfo -w'

note 'The region, played by the simulator, and its two packages.'
typed 0 'kekpkg make --region EU --out .'
typed 0 'verifykeypackage -k BYOK-KEK-pkg-EU-1 -w BYOK-SecurityWorld-pkg-EU-1'

note 'The key that is to be transferred.'
typed 0 'generatekey --generate simple type=RSA size=2048 protect=module ident=contosokey plainname=contosokey nvram=no pubexp='
note 'Its permissions before.'
typed 0 'preload -m 1 -A simple -K contosokey aclprint'

note 'Step 1: a copy that only the region can use; asks for two cards.'
typed 0 "KeyTransferRemote -ModifyAcls -KeyAppName simple -KeyIdentifier contosokey $packages"
note 'The permissions of the copy.'
typed 0 'preload -m 1 -A xferacld -K contosokey aclprint'
# shellcheck disable=SC2016 # typed as it is
typed 0 'kmfile-dump $NFAST_KMDATA/local/key_xferacld_contosokey'

note 'Step 2: the package for the region; asks for no card.'
typed 0 "KeyTransferRemote -Package -KeyIdentifier contosokey $packages -SubscriptionId 11111111-2222-3333-4444-555555555555 -KeyFriendlyName ContosoFirstHSMkey"
note 'An audit of the package.  No package holds a link to a root: exit 4.'
typed 4 'byok-audit KeyTransferPackage-ContosoFirstHSMkey.byok'

note 'The region receives it.'
typed 0 'byok-import --region EU --name ContosoFirstHSMkey KeyTransferPackage-ContosoFirstHSMkey.byok'

printf '\nThe package is %s\n' "$PWD/KeyTransferPackage-ContosoFirstHSMkey.byok"
