#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A bill of materials, SPDX 2.3 as JSON: every file below a directory with its
# hashes and declared licence, and the libraries that this machine builds
# with.  The same files, versions and SOURCE_DATE_EPOCH give the same bytes.
set -eu

usage() {
	echo "usage: sbom.sh --name NAME --version VERSION DIR" >&2
	exit 2
}

name=''
version=''
while [ $# -gt 1 ]; do
	case $1 in
	--name) name=$2 ;;
	--version) version=$2 ;;
	*) usage ;;
	esac
	shift 2
done
if [ $# -ne 1 ] || [ -z "$name" ] || [ -z "$version" ]; then
	usage
fi
cd "$1"

list=$(mktemp)
trap 'rm -f "$list" "$list.sums"' EXIT
find . -type f ! -name '*[!A-Za-z0-9._/+-]*' | LC_ALL=C sort >"$list"
odd=$(find . -type f -name '*[!A-Za-z0-9._/+-]*' | head -n 1)
if [ -n "$odd" ]; then
	echo "sbom.sh: $odd: a name that would need escapes" >&2
	exit 1
fi
while read -r file; do
	# The marker is in the first lines of a file that has one.
	licence=$(head -n 3 "$file" | tr -d '\0' | LC_ALL=C sed -n \
	    's/.*SPDX-License-Identifier: \([A-Za-z0-9.-]*\).*/\1/p' |
	    head -n 1)
	sha1=$(sha1sum <"$file")
	sha256=$(sha256sum <"$file")
	echo "$file ${sha1%% *} ${sha256%% *} ${licence:-NOASSERTION}"
done <"$list" >"$list.sums"

# Of all SHA-1 values in order, as section 7.9 of the specification says.
code=$(awk '{ print $2 }' "$list.sums" | LC_ALL=C sort | tr -d '\n' |
    sha1sum)
whole=$(sha256sum <"$list.sums")
created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)

# module, Debian source package, licence
libraries() {
	while read -r module source licence; do
		found=$(pkg-config --modversion "$module") || exit 1
		echo "$module $source $licence $found"
	done <<-TABLE
	libcrypto openssl Apache-2.0
	libssl openssl Apache-2.0
	jansson jansson MIT
	zlib zlib Zlib
	p11-kit-1 p11-kit BSD-3-Clause
	libevent libevent BSD-3-Clause
	libusb-1.0 libusb-1.0 LGPL-2.1-or-later
	TABLE
}

{
	echo "$name $version ${code%% *} ${whole%% *} $created"
	libraries | sed 's/^/library /'
	sed 's/^/file /' "$list.sums"
} | awk '
function open_list(key) { printf ",\n  \"%s\": [", key; sep = "\n    " }
function item(text) { printf "%s%s", sep, text; sep = ",\n    " }
NR == 1 {
	name = $1; version = $2; code = $3
	printf "{\n  \"spdxVersion\": \"SPDX-2.3\",\n"
	printf "  \"dataLicense\": \"CC0-1.0\",\n"
	printf "  \"SPDXID\": \"SPDXRef-DOCUMENT\",\n"
	printf "  \"name\": \"%s-%s\",\n", name, version
	printf "  \"documentNamespace\": \"https://secworld.invalid/spdx/" \
	    "%s-%s-%s\",\n", name, version, $4
	printf "  \"creationInfo\": {\"created\": \"%s\", " \
	    "\"creators\": [\"Tool: sbom.sh\"]}", $5
	open_list("packages")
	item(sprintf("{\"SPDXID\": \"SPDXRef-Package\", \"name\": \"%s\", " \
	    "\"versionInfo\": \"%s\", \"downloadLocation\": \"NOASSERTION\", " \
	    "\"filesAnalyzed\": true, \"packageVerificationCode\": " \
	    "{\"packageVerificationCodeValue\": \"%s\"}, " \
	    "\"licenseConcluded\": \"NOASSERTION\", " \
	    "\"licenseDeclared\": \"Apache-2.0\", " \
	    "\"licenseInfoFromFiles\": [\"NOASSERTION\"], " \
	    "\"copyrightText\": \"NOASSERTION\"}", name, version, code))
	next
}
$1 == "library" {
	lib[++libs] = $2
	item(sprintf("{\"SPDXID\": \"SPDXRef-Library-%s\", " \
	    "\"name\": \"%s\", \"versionInfo\": \"%s\", " \
	    "\"sourceInfo\": \"Debian source package %s\", " \
	    "\"downloadLocation\": \"NOASSERTION\", " \
	    "\"filesAnalyzed\": false, " \
	    "\"licenseConcluded\": \"NOASSERTION\", " \
	    "\"licenseDeclared\": \"%s\", " \
	    "\"copyrightText\": \"NOASSERTION\"}", $2, $2, $5, $3, $4))
	next
}
$1 == "file" {
	if (++files == 1) {
		printf "\n  ]"
		open_list("files")
	}
	item(sprintf("{\"SPDXID\": \"SPDXRef-File-%d\", " \
	    "\"fileName\": \"%s\", \"checksums\": [" \
	    "{\"algorithm\": \"SHA1\", \"checksumValue\": \"%s\"}, " \
	    "{\"algorithm\": \"SHA256\", \"checksumValue\": \"%s\"}], " \
	    "\"licenseConcluded\": \"NOASSERTION\", " \
	    "\"licenseInfoInFiles\": [\"%s\"], " \
	    "\"copyrightText\": \"NOASSERTION\"}", files, $2, $3, $4, $5))
}
function relation(a, type, b) {
	item(sprintf("{\"spdxElementId\": \"%s\", \"relationshipType\": " \
	    "\"%s\", \"relatedSpdxElement\": \"%s\"}", a, type, b))
}
END {
	printf "\n  ]"
	open_list("relationships")
	relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Package")
	for (i = 1; i <= libs; i++)
		relation("SPDXRef-Package", "DEPENDS_ON",
		    "SPDXRef-Library-" lib[i])
	for (i = 1; i <= files; i++)
		relation("SPDXRef-Package", "CONTAINS", "SPDXRef-File-" i)
	printf "\n  ]\n}\n"
}'
