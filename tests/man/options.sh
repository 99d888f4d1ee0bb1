# SPDX-License-Identifier: Apache-2.0
# Which programs there are and which options they say they have, for the tests
# of pages and of completion, which source it after lib.sh.
# shellcheck shell=sh
# shellcheck disable=SC2154 # lib.sh sets top and err

# joined FILE...: lines that end in a backslash with those that follow.
joined() {
	cat "$@" | sed -e :a -e '/\\$/{N;s/\\\n//;ba' -e '}'
}

# programs: all that are installed for users.
programs() {
	for am in nfast/tools/tools.am kek-packages/kek.am verify/verify.am \
	    transfer/transfer.am; do
		joined "${SW_SRCDIR:-.}/$am"
	done | sed -n 's/^bin_PROGRAMS += *//p' | tr -s '[:blank:]' '\n' |
	    sed 's/.*\///'
}

# foreign PROGRAM: options in its --help that are not its own: of other
# programs, or named as not offered.
foreign() {
	case $1 in
	aclprint) echo '-m -A -K' ;;
	audit-sign) echo '--transcript' ;;
	byok-wrap) echo '--byok-file' ;;
	createocs) echo '-p -R' ;;
	nfkmattest) echo '--format' ;;
	nfsim-gadget) echo '-s -t' ;;
	ppmk) echo '--recoverable' ;;
	esac
}

# help PROGRAM: what --help prints, of all verbs of kekpkg.
help() {
	"$1" --help || return 1
	case $1 in
	kekpkg)
		for verb in list make show; do
			"$1" "$verb" --help || return 1
		done
		;;
	esac
}

# told PROGRAM: the options in its --help.
told() {
	help "$1" >"$top/help" 2>"$err" || echo 'no --help'
	set -- " --help --usage --version $(foreign "$1") "
	tr -c 'A-Za-z0-9-' '\n' <"$top/help" |
	    grep -E '^--?[A-Za-z][A-Za-z0-9-]*$' | sort -u |
	    while read -r o; do
		case $1 in
		*" $o "*) ;;
		*) echo "$o" ;;
		esac
	done
}
