#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# README's two commands in a Debian root that has nothing but its base: what
# a new user on a new machine does.  Needs root, and a Debian mirror.
#
#   CLEAN_SUITE    the Debian release, bookworm
#   CLEAN_MIRROR   the mirror, the one that this machine uses
set -eu

suite=${CLEAN_SUITE-bookworm}
src=$SW_SRCDIR
root=$SW_BUILDDIR/clean-machine

die() {
	echo "clean-machine: $*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "must be run as root, for chroot"
command -v debootstrap >/dev/null ||
    die "needs the Debian package debootstrap"

# The first source of this machine's apt that has the release.
first_mirror() {
	# shellcheck disable=SC2016 # apt's own names
	apt-get indextargets --format '$(SITE) $(RELEASE)' 2>/dev/null |
	    awk -v s="$suite" '$2 == s { print $1; exit }'
}
mirror=${CLEAN_MIRROR-$(first_mirror)}
[ -n "$mirror" ] || mirror=http://deb.debian.org/debian

unmount() {
	for m in proc dev/pts dev; do
		if mountpoint -q "$root/$m"; then
			umount "$root/$m" || die "$root/$m stays mounted"
		fi
	done
}
trap unmount EXIT

unmount
rm -rf --one-file-system "$root"
echo "clean-machine: Debian $suite"
debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" \
    "$mirror" >"$root.log" 2>&1 || {
	tail -n 20 "$root.log" >&2
	die "debootstrap failed"
}
# The way to the mirror is the machine's, not the project's.
cp /etc/resolv.conf "$root/etc/resolv.conf"
for f in /etc/apt/apt.conf.d/*proxy*; do
	[ ! -f "$f" ] || cp "$f" "$root/etc/apt/apt.conf.d/"
done
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind /dev/pts "$root/dev/pts"

# The checkout as a fresh clone gives it, and the samples where there are any.
mkdir -p "$root/home/user/secworld"
if [ -e "$src/.git" ]; then
	(cd "$src" && git ls-files -z | tar --null -T - -cf -)
else
	tar -C "$src" -cf - .
fi | tar -C "$root/home/user/secworld" -xf -
if [ -d "$src/../shared/samples" ]; then
	mkdir -p "$root/home/user/shared"
	cp -r "$src/../shared/samples" "$root/home/user/shared/"
fi

in_root() {
	env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    ${http_proxy:+http_proxy="$http_proxy"} \
	    chroot "$root" sh -c "cd /home/user/secworld && $1" </dev/null
}
for command in './bootstrap demo' './bootstrap check'; do
	echo "clean-machine: $command"
	in_root "$command" >"$root.log" 2>&1 || {
		tail -n 60 "$root.log" >&2
		die "$command failed"
	}
	tail -n 1 "$root.log"
done
unmount
rm -rf --one-file-system "$root"
