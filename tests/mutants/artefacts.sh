#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# artefacts.sh DIR: what the corpus is made from, by the programs of the
# build (which are on PATH), into a new directory.  All keys follow from a
# seed, so that every run makes the same bytes; none of them is secret.
set -eu
[ $# -eq 1 ] || { echo 'usage: artefacts.sh DIR' >&2; exit 2; }
mkdir "$1"
cd "$1"
NFAST_KMDATA=$PWD/kmdata NFSIM_STATE=$PWD/sim NFSIM_PINS=$PWD/pins
SECWORLD_SIMULATED_ROOT=1 NFSIM_INSECURE_SEED='mutants of secworld'
SOURCE_DATE_EPOCH=1767225600
export NFAST_KMDATA NFSIM_STATE NFSIM_PINS SECWORLD_SIMULATED_ROOT \
    NFSIM_INSECURE_SEED SOURCE_DATE_EPOCH
unset NFAST_HOME NFAST_KMLOCAL NFAST_SERVER NFAST_PRIVSERVER NFSIM_FAULTS \
    NFSIM_TRACE NFSIM_CARDS
# Of administrator and operator cards.
(umask 077; yes 'a passphrase' 2>/dev/null | head -n 8 >pins)

quiet() {
	"$@" >out 2>err </dev/null || {
		echo "artefacts.sh: $* failed:" >&2
		cat out err >&2
		exit 1
	}
}

# region CODE: its two packages and its toolset.
region() {
	quiet kekpkg make --region "$1" --out . --zip
}

# world QUORUM SUITE: a module and its world.
world() {
	quiet nopclearfail --initialization --all
	quiet new-world --initialize --cipher-suite="$2" --module=1 \
	    --acs-quorum="$1"
	quiet nopclearfail --operational --all
}

key() {
	ident=$1
	shift
	quiet generatekey --generate simple protect=module nvram=no \
	    ident="$ident" plainname="$ident" "$@"
}

# package IDENT CODE: by method 1.
package() {
	set -- "$1" "BYOK-KEK-pkg-$2-1" "BYOK-SecurityWorld-pkg-$2-1"
	quiet KeyTransferRemote -ModifyAcls -KeyAppName simple \
	    -KeyIdentifier "$1" -ExchangeKeyPackage "$2" \
	    -NewSecurityWorldPackage "$3"
	quiet KeyTransferRemote -Package -KeyIdentifier "$1" \
	    -ExchangeKeyPackage "$2" -NewSecurityWorldPackage "$3" \
	    -SubscriptionId 11111111-2222-3333-4444-555555555555 \
	    -KeyFriendlyName "$1"
}

world 1/1 DLf3072s256mAEScSP800131Ar1
region EU
region NA
key one type=RSA size=2048 pubexp=
key two type=RSA size=2048 pubexp=
key three type=ECDSA curve=NISTP256
key four type=AES size=256
key five type=AES size=256
package one EU
package two NA
quiet nfkmattest bundle --output one.att simple one
quiet nfkmattest bundle --output two.att simple two
quiet createocs --name operators --ocs-quorum 1/1
quiet ppmk --new softcard
quiet byok-import --new-kek hsm --bits 2048
quiet byok-wrap --kek hsm/KEK.pem --app simple --ident three \
    --out three.byok
quiet byok-audit --accept-unanchored --transcript audit.log \
    BYOK-KEK-pkg-EU-1 KeyTransferPackage-one.byok one.att three.byok
# Their names end in hashes.
cp kmdata/local/cards_* cards
cp kmdata/local/card_* card
cp kmdata/local/softcard_* softcard
rm -f out err
