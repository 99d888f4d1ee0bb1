#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two release tarballs, made from two copies of the source that differ in
# place, times, owner's umask and order of creation, have one hash; and make
# distclean takes away what other targets left: make gate-dist.
set -eu

src=$SW_SRCDIR
work=$SW_BUILDDIR/dist-twice
rm -rf "$work"
mkdir -p "$work"

# copy NAME: the files that git knows, or all of an unpacked tarball.
copy() {
	mkdir "$work/$1"
	(
		cd "$src"
		if [ -e .git ]; then
			git ls-files -z
		else
			find . -type f -print0
		fi | tar --null -T - -cf -
	) | tar -C "$work/$1" -xf -
}

# dist NAME UMASK: its tarball's hash.
dist() {
	(
		umask "$2"
		cd "$work/$1"
		autoreconf -fi >autoreconf.out 2>&1
		mkdir out
		cd out
		../configure >configure.out
		make dist >dist.out 2>&1
		sha256sum secworld-*.tar.xz
	) || {
		tail -n 20 "$work/$1"/*.out "$work/$1"/out/*.out >&2
		exit 1
	}
}

SOURCE_DATE_EPOCH=$(git -C "$src" log -1 --format=%ct 2>/dev/null ||
    stat -c %Y "$src/configure.ac")
export SOURCE_DATE_EPOCH
copy one
copy another-place
find "$work/another-place" -type f -exec touch -d 2001-02-03 {} +
a=$(dist one 022)
b=$(dist another-place 077)
if [ "$a" != "$b" ]; then
	echo "two releases differ: $a, $b" >&2
	exit 1
fi

# What targets leave in the build directory, by the names in their scripts,
# make distclean takes away.
cd "$work/one/out"
make sbom >sbom.out 2>&1 || {
	tail -n 20 sbom.out >&2
	exit 1
}
# shellcheck disable=SC2016 # the scripts' own variables
grep -hoE '(SW_BUILDDIR|abs_top_builddir\)|\$build|=\$2)/[a-z][a-z0-9.-]*' \
    "$src"/tests/*/*.sh "$src"/tests/*/*.am | sed 's/.*\///' | sort -u |
    while read -r name; do
	if [ -e "$src/$name" ] || [ -e "$name" ]; then
		continue
	fi
	case $name in
	*-)
		;;
	*.)	# of mktemp
		mkdir "${name}aB1234" && : >"${name}aB1234/left"
		;;
	*.*)
		: >"$name"
		;;
	*)
		mkdir "$name" && : >"$name/left"
		;;
	esac
done
ls -d gates deb fuzz-tree coverage >distclean.out
make distclean >>distclean.out 2>&1
left=$(find . -type f ! -name '*.out')
if [ -n "$left" ]; then
	echo "make distclean leaves: $left" >&2
	exit 1
fi
echo "$a, twice, and distclean leaves nothing"
rm -rf "$work"
