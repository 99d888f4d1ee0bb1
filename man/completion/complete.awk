# SPDX-License-Identifier: Apache-2.0
# options.txt to the tables of bash (-v shell=bash) or to the functions of zsh
# (-v shell=zsh; zsh-head for the first line).  -v names: pairs PROGRAM=NAME,
# where NAME is what the program is installed as.
BEGIN {
	FS = " *[|] *"
	n = split(names, pair, " ")
	for (i = 1; i <= n; i++) {
		split(pair[i], half, "=")
		name[half[1]] = half[2]
	}
}
/^#/ || /^$/ { next }
NF != 4 { bad("four fields are due") }
{
	if (!($1 in rows)) {
		order[++n_tables] = $1
		program = $1
		sub(/\/.*/, "", program)
		if (!(program in is_program)) {
			is_program[program] = 1
			programs[++n_programs] = program
		}
	}
	row = ++rows[$1]
	option[$1, row] = $2
	value[$1, row] = $3
	help[$1, row] = $4
}

function bad(why) {
	print FILENAME ":" FNR ": " why >"/dev/stderr"
	failed = 1
	exit 1
}

function installed(p) {
	return p in name ? name[p] : p
}

# A name that a function may have.
function plain(p) {
	gsub(/[^A-Za-z0-9]/, "_", p)
	return p
}

# ---- bash ----
function bash_tables(  i, k, j, n, o, t) {
	print "# _secworld_rows PROGRAM[/VERB]: set rows; fails for others."
	print "_secworld_rows() {\n\tcase $1 in"
	for (i = 1; i <= n_tables; i++) {
		t = order[i]
		print "\t" t ")\n\t\trows=("
		for (k = 1; k <= rows[t]; k++) {
			n = split(option[t, k], o, ",")
			for (j = 1; j <= n; j++)
				print "\t\t\t'" o[j] "|" value[t, k] "'"
		}
		print "\t\t)\n\t\t;;"
	}
	print "\t*)\n\t\treturn 1\n\t\t;;\n\tesac\n}"
	for (i = 1; i <= n_programs; i++) {
		t = programs[i]
		print "\n_secworld_" plain(t) "() {"
		print "\t_secworld " t " \"$1\"\n}"
		print "complete -F _secworld_" plain(t) " " installed(t)
	}
}

# ---- zsh ----
function zsh_head(  i, p) {
	printf "#compdef"
	for (i = 1; i <= n_programs; i++) {
		p = programs[i]
		printf " %s", installed(p) == p ? p : installed(p) "=" p
	}
	print ""
}

# In single quotes, inside a specification.
function quoted(s) {
	gsub(/'/, "'\\''", s)
	gsub(/:/, "\\:", s)
	return s
}

function action(kind) {
	if (kind ~ /^:/)
		return "(" substr(kind, 2) ")"
	if (kind == "file")
		return "_files"
	if (kind == "dir")
		return "_files -/"
	if (kind == "text")
		return " "
	if (kind == "command")
		return "_secworld_command"
	return "_secworld_" kind
}

function spec(t, k,  j, n, o, out, arg, all, what) {
	what = quoted(help[t, k])
	if (option[t, k] == "*" && value[t, k] == "command")
		return "'*::" what ":" action(value[t, k]) "'"
	if (option[t, k] ~ /^[0-9*]$/)
		return "'" option[t, k] ":" what ":" action(value[t, k]) "'"
	n = split(option[t, k], o, ",")
	arg = value[t, k] == "-" ? "" : ":" what ":" action(value[t, k])
	for (j = 1; j <= n; j++)
		all = all (j > 1 ? " " : "") o[j]
	for (j = 1; j <= n; j++) {
		out = out (j > 1 ? " \\\n\t    " : "") "'(" all ")" o[j]
		if (arg != "")
			out = out (o[j] ~ /^-.$/ ? "+" : "=")
		out = out "[" what "]" arg "'"
	}
	return out
}

function zsh_arguments(t, more,  k, stack, parameters) {
	stack = t == "KeyTransferRemote" ? "" : " -s"
	printf "\t_arguments%s -S%s", stack, more
	for (k = 1; k <= rows[t]; k++) {
		if (option[t, k] ~ /=$/)
			parameters = parameters " \\\n\t\t    '" \
			    option[t, k] ":" action(value[t, k]) "'"
		else
			printf " \\\n\t    %s", spec(t, k)
	}
	if (parameters != "")
		printf " \\\n\t    '*:parameter: _secworld_parameters %s'", t
	print " \\\n\t    --help'[how it is used, with its options]' \\"
	print "\t    --usage'[its forms]' --version'[its version]'"
}

function zsh_functions(  i, k, t, verbs, p) {
	for (i = 1; i <= n_programs; i++) {
		t = programs[i]
		verbs = ""
		for (k = 1; k <= n_tables; k++) {
			p = order[k]
			if (p != t && index(p, t "/") == 1) {
				sub(/.*\//, "", p)
				verbs = verbs (verbs == "" ? "" : " ") p
			}
		}
		print "\n_secworld_run_" plain(t) "() {"
		if (verbs == "")
			zsh_arguments(t, "")
		else
			zsh_verbs(t, verbs)
		print "}"
	}
}

function zsh_verbs(t, verbs,  n, v, i) {
	n = split(verbs, v, " ")
	print "\tif (( CURRENT > 2 )); then"
	print "\t\tlocal verb=$words[2]"
	print "\t\tshift words"
	print "\t\t(( CURRENT-- ))"
	print "\t\tcase $verb in"
	for (i = 1; i <= n; i++) {
		print "\t\t" v[i] ")"
		zsh_arguments(t "/" v[i], "")
		print "\t\t\t;;"
	}
	print "\t\tesac\n\t\treturn\n\tfi"
	zsh_arguments(t, "")
}

function zsh_parameters(  i, k, t, p) {
	print "\n# The parameters of a program, NAME=VALUE."
	print "_secworld_parameters() {\n\tcase $1 in"
	for (i = 1; i <= n_tables; i++) {
		t = order[i]
		for (k = 1; k <= rows[t] && option[t, k] !~ /=$/; k++)
			;
		if (k > rows[t])
			continue
		print "\t" t ")\n\t\t_values -S = parameter \\"
		for (; k <= rows[t]; k++) {
			if (option[t, k] !~ /=$/)
				continue
			p = option[t, k]
			sub(/=$/, "", p)
			printf "\t\t    '%s[%s]:%s:%s'%s\n", p, \
			    quoted(help[t, k]), quoted(help[t, k]), \
			    action(value[t, k]), \
			    k < rows[t] ? " \\" : ""
		}
		print "\t\t;;"
	}
	print "\tesac\n}"
}

END {
	if (failed)
		exit 1
	if (n_tables == 0) {
		print "no options were read" >"/dev/stderr"
		exit 1
	}
	if (shell == "bash") {
		bash_tables()
		exit
	}
	if (shell == "zsh-head") {
		zsh_head()
		exit
	}
	zsh_functions()
	zsh_parameters()
	print "\ncase $service in"
	for (i = 1; i <= n_programs; i++)
		print programs[i] ")\n\t_secworld_run_" \
		    plain(programs[i]) " \"$@\"\n\t;;"
	print "esac"
}
