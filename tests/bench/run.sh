#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The project's figures, as ratios measured in one run:
#   run.sh SRCDIR BUILDDIR
set -eu
src=$1 build=$2
dir=$(mktemp -d "$build/bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT INT TERM
PATH=$build/nfast/tools:$build/kek-packages:$build/verify:$build/transfer:$PATH
bench=$build/tests/bench/bench_process
cd "$dir"

"$build/tests/bench/bench_sign"
mkdir vault
"$build/tests/bench/bench_vault" "$dir/vault"
"$build/tests/bench/bench_wrap"
if [ -d "$src/../shared/samples" ]; then
	"$build/tests/bench/bench_audit" "$src/../shared/samples"
else
	echo "audit of a package: the real samples are not here"
fi

# A small world, so that the programs have something to work on.
export NFAST_KMDATA="$dir/kmdata" NFSIM_STATE="$dir/sim"
export NFSIM_PINS="$dir/pins" SECWORLD_SIMULATED_ROOT=1
echo bench >pins
{
	nopclearfail --initialization --all
	new-world --initialize --cipher-suite=DLf1024s160mRijndael \
	    --module=1 --acs-quorum=1/1
	nopclearfail --operational --all
	kekpkg make --region EU --out .
	generatekey --generate simple type=RSA size=2048 protect=module \
	    ident=bench plainname=bench nvram=no pubexp=
	KeyTransferRemote -ModifyAcls -KeyAppName simple -KeyIdentifier bench \
	    -ExchangeKeyPackage BYOK-KEK-pkg-EU-1 \
	    -NewSecurityWorldPackage BYOK-SecurityWorld-pkg-EU-1
	KeyTransferRemote -Package -KeyIdentifier bench \
	    -ExchangeKeyPackage BYOK-KEK-pkg-EU-1 \
	    -NewSecurityWorldPackage BYOK-SecurityWorld-pkg-EU-1 \
	    -SubscriptionId 11111111-2222-3333-4444-555555555555 \
	    -KeyFriendlyName Bench
} >setup.log 2>&1 || { cat setup.log; exit 1; }

# Worlds, in a module of their own.
NFSIM_STATE="$dir/world-sim" nopclearfail --initialization --all >setup.log \
    2>&1 || { cat setup.log; exit 1; }
NFSIM_STATE="$dir/world-sim" NFAST_KMDATA="$dir/world-kmdata" \
    "$build/tests/bench/bench_world" "$build/tests/bench/keygen_clock.so" 41

# SoftHSM2 beside the service, when it is here.
softhsm=
for f in /usr/lib/softhsm /usr/lib/*/softhsm /usr/local/lib/softhsm; do
	[ ! -f "$f/libsofthsm2.so" ] || softhsm=$f/libsofthsm2.so
done
if [ -n "$softhsm" ] && command -v softhsm2-util >/dev/null; then
	mkdir tokens
	echo "directories.tokendir = $dir/tokens" >softhsm2.conf
	export SOFTHSM2_CONF="$dir/softhsm2.conf"
	softhsm2-util --init-token --free --label bench --pin 1234 \
	    --so-pin 1234 >setup.log 2>&1 || { cat setup.log; exit 1; }
else
	softhsm=
fi
"$build/tests/bench/bench_simd" "$build/nfast/tools/nfsimd" "$NFSIM_STATE" \
    ${softhsm:+"$softhsm"}

# The peer: one RSA-2048 verification by the openssl program.
openssl genrsa -out key.pem 2048 2>/dev/null
openssl rsa -in key.pem -pubout -out pub.pem 2>/dev/null
openssl dgst -sha256 -sign key.pem -out sig setup.log
ratio=$("$bench" ratio 101 verifykeypackage -k BYOK-KEK-pkg-EU-1 \
    -w BYOK-SecurityWorld-pkg-EU-1 -- \
    openssl dgst -sha256 -verify pub.pem -signature sig setup.log)
echo "verifykeypackage as a process, time / openssl dgst -verify's:" \
    "$ratio (target 1.5; 101 runs in turn)"

if [ -d "$src/../shared/samples" ]; then
	ratio=$("$bench" ratio 101 byok-audit --accept-unanchored \
	    "$src/../shared/samples/azcli_TestBYOK-NA.byok" -- \
	    openssl dgst -sha256 -verify pub.pem -signature sig setup.log)
	echo "byok-audit of one package as a process, time /" \
	    "openssl dgst -verify's: $ratio (target 1.5; 101 runs in turn)"
else
	echo "byok-audit as a process: the real samples are not here"
fi

# A toolset zip of 1 GiB, stored, in the page cache for both.
if [ "$(df -Pk . | awk 'NR == 2 { print $4 }')" -lt 3145728 ]; then
	echo "toolset zip of 1 GiB: there are no 3 GiB free"
elif ! command -v zip >/dev/null; then
	echo "toolset zip of 1 GiB: there is no zip to make it"
else
	openssl rand -out large 1073741000
	zip -0 -q large.zip large
	rm large
	sha256=$(openssl dgst -sha256 large.zip)
	[ "$("$build/tests/bench/bench_hash" large.zip)" = "$sha256" ]
	ratio=$("$bench" ratio 9 "$build/tests/bench/bench_hash" large.zip -- \
	    openssl dgst -sha256 large.zip)
	echo "SHA-256 of a toolset zip of 1 GiB, time /" \
	    "openssl dgst -sha256's: $ratio (target 1.0; 9 runs in turn)"
	ratio=$("$bench" ratio 5 byok-audit --accept-unanchored large.zip -- \
	    openssl dgst -sha256 large.zip)
	echo "  the whole audit, with every entry's CRC: $ratio"
	rm large.zip
fi

# Estates of 10,000 and 100,000 key files: links to one file.
estate() {
	"$bench" memory sh -c "byok-audit --format jsonl $1 >$1.jsonl;
	    test \$? = 4"
}
mkdir -p estate/0
i=0
while [ "$i" -lt 1000 ]; do
	ln "$NFAST_KMDATA/local/key_simple_bench" "estate/0/key_$i"
	i=$((i + 1))
done
for i in 1 2 3 4 5 6 7 8 9; do cp -al estate/0 "estate/$i"; done
mkdir large
# A file takes some 65,000 links: half of them are to another one.
cp -r estate other
for i in 0 1 2 3 4; do cp -al estate "large/$i"; done
for i in 5 6 7 8 9; do cp -al other "large/$i"; done
start=$(date +%s%N)
small=$(estate estate)
middle=$(date +%s%N)
large=$(estate large)
end=$(date +%s%N)
[ "$(wc -l <large.jsonl)" -eq 100000 ]
echo "audit of 100,000 key files, time / that of 10,000:" \
    "$(echo "$start $middle $end" |
    awk '{ printf "%.2f", ($3 - $2) / ($2 - $1) }') (linear: 10);" \
    "peak memory $large KiB, of 10,000 $small KiB (target 65536)"
rm -r estate estate.jsonl large large.jsonl other

echo "peak memory in KiB (target 32768):"
peak() {
	printf '  %-18s %s\n' "$1" "$("$bench" memory "$@")"
}
peak enquiry
peak nfkminfo
peak nfkminfo -k simple bench
peak nopclearfail --operational --all
peak generatekey --generate simple type=RSA size=4096 protect=module \
    ident=big plainname=big nvram=no pubexp=
peak preload -m 1 -A xferacld -K bench aclprint
peak kmfile-dump "$NFAST_KMDATA/local/key_simple_bench"
peak kekpkg list --format json
peak kekpkg make --region NA --out .
peak verifykeypackage -k BYOK-KEK-pkg-EU-1 -w BYOK-SecurityWorld-pkg-EU-1
peak sh -c 'byok-audit KeyTransferPackage-Bench.byok; test $? = 4'
peak byok-import --region EU --name bench KeyTransferPackage-Bench.byok
openssl genrsa -out kek.key 4096 2>/dev/null
openssl rsa -in kek.key -pubout -out kek.pem 2>/dev/null
peak byok-wrap --kek kek.pem --kid https://contoso.vault.azure.net/keys/KEK \
    --app simple --ident bench --out bench.byok
rm "$NFAST_KMDATA/local/key_xferacld_bench"
peak KeyTransferRemote -ModifyAcls -KeyAppName simple -KeyIdentifier bench \
    -ExchangeKeyPackage BYOK-KEK-pkg-EU-1 \
    -NewSecurityWorldPackage BYOK-SecurityWorld-pkg-EU-1
nopclearfail --initialization --all >/dev/null
peak new-world --initialize --cipher-suite=DLf3072s256mAEScSP800131Ar1 \
    --module=1 --acs-quorum=1/1
