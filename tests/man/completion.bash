# SPDX-License-Identifier: Apache-2.0
# Ask the completion of bash without a terminal: for each line of standard
# input the line, a tab and the replies, sorted, with spaces between them.
#	bash completion.bash FILE-OF-COMPLETIONS
# shellcheck shell=bash
# shellcheck source=/dev/null
. "$1" || exit 99

# Cut a line as readline does: at blanks, and at "=" and ":".
cut_words() {
	local word piece rest

	COMP_WORDS=()
	rest=$1
	while [[ -n $rest ]]; do
		rest=${rest#"${rest%%[! ]*}"}
		word=${rest%%[ ]*}
		rest=${rest#"$word"}
		while [[ -n $word ]]; do
			piece=${word%%[=:]*}
			[[ -n $piece ]] || piece=${word:0:1}
			COMP_WORDS+=("$piece")
			word=${word#"$piece"}
		done
	done
	[[ $1 == *' ' ]] && COMP_WORDS+=('')
	return 0
}

while IFS= read -r line; do
	cut_words "$line"
	COMP_LINE=$line COMP_POINT=${#line}
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	spec=$(complete -p "${COMP_WORDS[0]##*/}") || exit 99
	spec=${spec#*-F }
	"${spec%% *}" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" \
	    "${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\t%s\n' "$line" "$(printf '%s\n' "${COMPREPLY[@]}" |
	    LC_ALL=C sort -u | paste -sd ' ' -)"
done
