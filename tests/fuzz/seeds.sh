#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the seeds of the fuzz targets anew: seeds.sh BUILDDIR OUT.  The
# artefacts among them come from our own programs with NFSIM_INSECURE_SEED, so
# that every run makes the same; make_seeds does the rest.  What is not made
# here (past crashes, pkcs8) stays in OUT.
set -eu
[ $# -eq 2 ] || { echo 'usage: seeds.sh BUILDDIR OUT' >&2; exit 2; }
build=$(CDPATH='' cd -- "$1" && pwd)
mkdir -p "$2"
out=$(CDPATH='' cd -- "$2" && pwd)
PATH=$build/nfast/tools:$build/kek-packages:$build/verify:$build/transfer:$PATH
export PATH
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
cd "$top"
mkdir d a
export NFAST_KMDATA="$top/d/kmdata" NFSIM_STATE="$top/d/sim"
export NFSIM_PINS="$top/pins" SECWORLD_SIMULATED_ROOT=1
export NFSIM_INSECURE_SEED='fuzz seeds'
unset NFAST_SERVER NFAST_PRIVSERVER NFAST_KMLOCAL NFSIM_FAULTS NFSIM_TRACE
printf 'one\none\none\none\n' >pins
chmod 600 pins
{
	nopclearfail --initialization --all
	cp d/sim/module-1 a/state-new
	new-world --initialize --cipher-suite=DLf3072s256mRijndael \
	    --module=1 --acs-quorum=1/2
	nopclearfail --operational --all
	createocs -m 1 -Q 1/2 -N cards --persist
	ppmk --new soft
	new_key() {
		ident=$1
		shift
		generatekey --generate simple ident="$ident" \
		    plainname="$ident" nvram=no "$@"
	}
	new_key rsa protect=module type=RSA size=2048 pubexp=
	new_key ec protect=module type=ECDSA curve=NISTP256
	new_key aes protect=module type=AES size=256
	new_key soft protect=softcard softcard=soft type=AES size=128
	new_key card protect=token type=AES size=128
	kekpkg make --region EU --out . --zip
	pair='-ExchangeKeyPackage BYOK-KEK-pkg-EU-1'
	pair="$pair -NewSecurityWorldPackage BYOK-SecurityWorld-pkg-EU-1"
	# shellcheck disable=SC2086	# options are words
	KeyTransferRemote -ModifyAcls -KeyAppName simple \
	    -KeyIdentifier rsa $pair
	# shellcheck disable=SC2086 # words
	KeyTransferRemote -Package -KeyIdentifier rsa $pair \
	    -SubscriptionId 11111111-2222-3333-4444-555555555555 \
	    -KeyFriendlyName seed
	nfkmattest bundle simple rsa
	nfkmattest bundle simple ec
	byok-import --new-kek hsm --bits 2048
	byok-wrap --kek hsm/KEK.pem --app simple --ident ec --out ec.byok
} >log 2>&1 || { cat log >&2; exit 1; }

# Names that do not depend on hashes.
cp d/kmdata/local/world a/world
cp d/kmdata/local/module_* a/module
cp d/kmdata/local/cards_* a/cards
cp d/kmdata/local/softcard_* a/softcard
for k in rsa ec aes; do
	cp "d/kmdata/local/key_simple_$k" "a/key-$k"
done
cp d/kmdata/local/key_simple_soft-* a/key-soft 2>/dev/null ||
    cp d/kmdata/local/key_simple_soft a/key-soft
cp d/kmdata/local/key_simple_card a/key-card
cp d/kmdata/local/key_xfer* a/key-reduced
cp BYOK-KEK-pkg-EU-1 a/kekpkg
cp BYOK-SecurityWorld-pkg-EU-1 a/worldpkg
cp ./*.zip a/zip
cp KeyTransferPackage-seed.byok a/byok1
cp ec.byok a/byok2
for k in rsa ec; do
	cp ./*"$k"*.att a/att-"$k"
done
cp hsm/KEK.pem a/kek
cp d/sim/module-1 a/state
cp d/sim/cards/card-1 a/card
cp d/sim/cards/card-3 a/card-set
cp d/sim/factory-root a/root
cp d/sim/factory-kwarn a/kwarn
"$build/tests/fuzz/make_seeds" "$out" "$top/a"
