# SPDX-License-Identifier: Apache-2.0
# Ask the completion of zsh on a terminal of its own: for each line of
# standard input the line, a tab and what the tabulator makes of it.
#	zsh -f completion.zsh DIRECTORY-OF-COMPLETIONS
zmodload zsh/zpty || exit 77
zpty z zsh -f -i
# said TEXT: read up to it; what was read is in REPLY.
said() {
	local got all=
	local -i i

	for ((i = 0; i < 2400; i++)); do
		if zpty -rt z got; then
			all+=$got
			[[ $all == *$1* ]] && { REPLY=$all; return 0; }
		else
			sleep 0.05
		fi
	done
	print -u2 -r -- "no $1 in: $all"
	exit 99
}
zpty -w z "PROMPT= RPROMPT= ; unsetopt zle_bracketed_paste 2>/dev/null
fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D
zstyle ':completion:*' list-prompt ''; LISTMAX=-1; COLUMNS=400
unsetopt auto_list list_beep auto_menu prompt_cr prompt_sp
show() { print; print -r -- \"buffer=\$BUFFER=end\"; BUFFER= }
zle -N show; bindkey '^G' show; bindkey '^I' complete-word
print rea''dy"
said ready
while IFS= read -r line; do
	zpty -w -n z "$line"$'\t\C-g'
	said '=end'
	REPLY=${REPLY##*buffer=}
	print -r -- "$line"$'\t'"${REPLY%%=end*}"
done
zpty -d z
