#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# corpus.sh SRCDIR BUILDDIR: the corpus of mutants as a product, in
# BUILDDIR/mutants and as BUILDDIR/mutants.tar.gz.  "make mutants" calls it.
set -eu
[ $# -eq 2 ] || { echo 'usage: corpus.sh SRCDIR BUILDDIR' >&2; exit 2; }
src=$1 build=$2
PATH=$build/nfast/tools:$build/kek-packages:$build/verify:$build/transfer:$PATH
export PATH
tmp=$(mktemp -d "$build/mutants.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
sh "$src/tests/mutants/artefacts.sh" "$tmp/from"
NFSIM_INSECURE_SEED='mutants of secworld' SOURCE_DATE_EPOCH=1767225600 \
    "$build/tests/mutants/make_mutants" "$tmp/from" "$tmp/mutants"
cp "$src/tests/mutants/README.corpus" "$tmp/mutants/README"
cp "$src/COPYING" "$tmp/mutants/COPYING"
chmod -R u=rwX,go=rX "$tmp/mutants"
rm -rf "$build/mutants"
mv "$tmp/mutants" "$build/mutants"
# The same bytes each time.
tar -C "$build" --sort=name --owner=0 --group=0 --numeric-owner \
    --mode='u=rwX,go=rX' --mtime=@1767225600 --format=ustar \
    -cf "$tmp/tar" mutants
gzip -n -9 <"$tmp/tar" >"$build/mutants.tar.gz"
echo "the corpus is in $build/mutants and in $build/mutants.tar.gz"
