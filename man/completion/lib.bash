# SPDX-License-Identifier: Apache-2.0
# Completion for the programs of secworld, in bash.  Made from lib.bash and
# options.txt; needs neither the package bash-completion nor its functions.
# shellcheck shell=bash

# The files of keys, cards and softcards, by the programs' own rule.
_secworld_store() {
	if [[ -n ${NFAST_KMLOCAL-} ]]; then
		REPLY=$NFAST_KMLOCAL
	elif [[ -n ${NFAST_KMDATA-} ]]; then
		REPLY=$NFAST_KMDATA/local
	elif [[ -n ${NFAST_HOME-} ]]; then
		REPLY=$NFAST_HOME/kmdata/local
	else
		REPLY=/opt/nfast/kmdata/local
	fi
}

# _secworld_files PREFIX: the rest of the names that start so, to stdout.
_secworld_files() {
	local REPLY file

	_secworld_store
	for file in "$REPLY/$1"*; do
		[[ -f $file ]] && printf '%s\n' "${file#"$REPLY/$1"}"
	done
}

# Idents of all keys, or of one application.
_secworld_idents() {
	local name

	_secworld_files key_ | while IFS= read -r name; do
		[[ -z $1 || ${name%%_*} == "$1" ]] &&
		    printf '%s\n' "${name#*_}"
	done
}

_secworld_apps() {
	local name

	printf '%s\n' simple pkcs11 custom xferacld
	_secworld_files key_ | while IFS= read -r name; do
		printf '%s\n' "${name%%_*}"
	done
}

# The slugs, from the program that knows them.
_secworld_regions() {
	local kekpkg=${1%/*}/@kekpkg@

	[[ $1 == */* && -x $kekpkg ]] || kekpkg=@kekpkg@
	command "$kekpkg" list --format json 2>/dev/null |
	    sed -n 's/^ *"slug": "\([a-z0-9-]*\)".*/\1/p'
}

# Replies that start with the word; one reply a line on stdin.
_secworld_offer() {
	local line

	while IFS= read -r line; do
		[[ $line == "$1"* ]] && COMPREPLY+=("$line")
	done
}

# _secworld_value KIND WORD APP PROGRAM: offer values.
_secworld_value() {
	case $1 in
	:*)
		_secworld_offer "$2" < <(tr ' ' '\n' <<<"${1#:}")
		;;
	app)
		_secworld_offer "$2" < <(_secworld_apps | sort -u)
		;;
	ident)
		_secworld_offer "$2" < <(_secworld_idents "$3" | sort -u)
		;;
	cardset)
		_secworld_offer "$2" < <(_secworld_files cards_)
		;;
	softcard)
		_secworld_offer "$2" < <(_secworld_files softcard_)
		;;
	region)
		_secworld_offer "$2" < <(_secworld_regions "$4")
		;;
	dir)
		compopt -o filenames 2>/dev/null
		_secworld_offer '' < <(compgen -d -- "$2")
		;;
	file)
		compopt -o filenames 2>/dev/null
		_secworld_offer '' < <(compgen -f -- "$2")
		;;
	command)
		_secworld_offer "$2" < <(printf '%s\n' pause exit)
		_secworld_offer '' < <(compgen -c -- "$2" | sort -u)
		;;
	esac
}

# The words up to the cursor, with what bash has cut at "=" and ":" put
# together again, in the array words.
_secworld_words() {
	local i line=$COMP_LINE rest

	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		rest=${line#"${line%%[![:space:]]*}"}
		if ((i == 0)) || [[ $rest != "$line" ]]; then
			words+=("${COMP_WORDS[i]}")
		else
			words[-1]+=${COMP_WORDS[i]}
		fi
		line=${rest#"${COMP_WORDS[i]}"}
	done
}

# The kind of value of an option, a parameter or a place in the table of
# "rows"; fails when it is not there.
_secworld_kind() {
	local row

	for row in "${rows[@]}"; do
		if [[ ${row%%|*} == "$1" ]]; then
			REPLY=${row#*|}
			return 0
		fi
	done
	return 1
}

# What is before the cursor: sets place, the number of the plain word under
# it; app, the application that was named; kind, of the value under it; and
# rows, the table of the verb.
_secworld_scan() {
	local i word REPLY last=$((${#words[@]} - 1)) done=

	place=1 app='' kind=''
	for ((i = 1; i < last; i++)); do
		word=${words[i]}
		kind=
		if [[ -z $done && $word == -- ]]; then
			done=1
		elif [[ -z $done && $word == -?* ]]; then
			_secworld_kind "${word%%=*}" || continue
			if [[ $word == *=* ]]; then
				[[ $REPLY == app ]] && app=${word#*=}
			elif [[ $REPLY != - ]]; then
				kind=$REPLY
				[[ $kind == app ]] && app=${words[i + 1]}
				((i++))
				((i < last)) && kind=
			fi
		elif [[ $word == *=* ]] && _secworld_kind "${word%%=*}="; then
			:
		else
			_secworld_kind "$place" && [[ $REPLY == app ]] &&
			    app=$word
			if ((place == 1)) &&
			    _secworld_rows "$program/$word"; then
				place=0
			fi
			((place++))
		fi
	done
}

# _secworld PROGRAM COMMAND: COMPREPLY, from COMP_WORDS and COMP_CWORD.
_secworld() {
	local program=$1 place app kind cur prefix row REPLY
	local -a words rows

	COMPREPLY=()
	_secworld_words
	_secworld_rows "$program" || return 0
	_secworld_scan
	cur=${words[${#words[@]} - 1]}
	if [[ -z $kind && $cur == *=* ]]; then
		prefix=${cur%%=*}
		_secworld_kind "$prefix" || _secworld_kind "$prefix=" ||
		    return 0
		_secworld_value "$REPLY" "${cur#*=}" "$app" "$2"
		# readline replaces what is after "=" when it cuts there
		if [[ $COMP_WORDBREAKS != *=* ]]; then
			COMPREPLY=("${COMPREPLY[@]/#/$prefix=}")
		fi
	elif [[ -n $kind ]]; then
		_secworld_value "$kind" "$cur" "$app" "$2"
	elif [[ $cur == -* ]]; then
		for row in "${rows[@]}" '--help|-' '--usage|-' '--version|-'
		do
			[[ $row == "$cur"* ]] && COMPREPLY+=("${row%%|*}")
		done
	else
		if _secworld_kind "$place" || _secworld_kind '*'; then
			# the arguments of a program are its own business
			[[ $REPLY == command && $place -gt 1 ]] && REPLY='file'
			_secworld_value "$REPLY" "$cur" "$app" "$2"
		fi
		((place > 1)) || return 0
		for row in "${rows[@]}"; do
			[[ $row == *=\|* && $row == "$cur"* ]] &&
			    COMPREPLY+=("${row%%|*}")
		done
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	fi
	return 0
}

