# SPDX-License-Identifier: Apache-2.0
# Completion for the programs of secworld, in zsh.  Made from lib.zsh and
# options.txt.

local context state line
typeset -A opt_args

# The files of keys, cards and softcards, by the programs' own rule.
_secworld_store() {
	if [[ -n $NFAST_KMLOCAL ]]; then
		REPLY=$NFAST_KMLOCAL
	elif [[ -n $NFAST_KMDATA ]]; then
		REPLY=$NFAST_KMDATA/local
	elif [[ -n $NFAST_HOME ]]; then
		REPLY=$NFAST_HOME/kmdata/local
	else
		REPLY=/opt/nfast/kmdata/local
	fi
}

# _secworld_files PREFIX: the rest of the names that start so, in reply.
_secworld_files() {
	local REPLY

	_secworld_store
	reply=($REPLY/$1*(N.:t))
	reply=(${reply#$1})
}

_secworld_app() {
	local -a reply

	_secworld_files key_
	reply=(simple pkcs11 custom xferacld ${reply%%_*})
	_wanted applications expl application compadd -- ${(u)reply}
}

# Idents of the application that was named, or of all.
_secworld_ident() {
	local -a reply
	local app=${opt_args[-A]:-$opt_args[--appname]}

	app=${app:-${opt_args[--app]:-$opt_args[-KeyAppName]}}

	case $service in
	nfkminfo | nfkmattest)
		app=$line[1]
		;;
	esac
	_secworld_files key_
	[[ -n $app ]] && reply=(${(M)reply:#${app}_*})
	reply=(${reply#*_})
	_wanted identifiers expl identifier compadd -- ${(u)reply}
}

_secworld_cardset() {
	local -a reply

	_secworld_files cards_
	_wanted cardsets expl 'card set' compadd -- $reply
}

_secworld_softcard() {
	local -a reply

	_secworld_files softcard_
	_wanted softcards expl softcard compadd -- $reply
}

# The slugs, from the program that knows them.
_secworld_region() {
	local -a reply

	reply=(${(f)"$(_call_program regions @kekpkg@ list --format json |
	    sed -n 's/^ *"slug": "\([a-z0-9-]*\)".*/\1/p')"})
	_wanted regions expl region compadd -- $reply
}

# What preload runs.
_secworld_command() {
	if (( CURRENT > 1 )); then
		_normal
		return
	fi
	_alternative 'words:word:(pause exit)' \
	    'commands:command:_command_names -e'
}
