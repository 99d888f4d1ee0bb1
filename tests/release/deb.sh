#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Debian packages from the release tarball, as a packager would build them,
# and lintian's opinion.  The results are in deb/ of the build directory.
set -eu

for p in debhelper lintian fakeroot; do
	dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null |
	    grep -q '^ii' || {
		echo "make deb needs the Debian package $p" >&2
		exit 1
	}
done

version=$1
work=$SW_BUILDDIR/deb
rm -rf "$work"
mkdir -p "$work"
cp "$SW_BUILDDIR/secworld-$version.tar.xz" \
    "$work/secworld_$version.orig.tar.xz"
cd "$work"
tar -xf "secworld_$version.orig.tar.xz"
cd "secworld-$version"
dpkg-buildpackage -us -uc >../build.log 2>&1 || {
	tail -n 60 ../build.log >&2
	exit 1
}
cd ..
lintian --fail-on error ./*.changes
ls ./*.deb
