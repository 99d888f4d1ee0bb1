# SPDX-License-Identifier: Apache-2.0
# fail.list into the C text of the wrappers (-v want=calls), into the linker's
# flags (-v want=flags), or into the names: "wrap NAME" and "never NAME"
# (-v want=names).

function bad(why)
{
	printf "fail.list: line %d: %s\n", NR, why > "/dev/stderr"
	failed = 1
	exit 1
}

# The parameters with names: sets params and args.
function name_params(list,    n, i, part)
{
	params = args = ""
	if (list == "void") {
		params = "void"
		return
	}
	n = split(list, part, /, */)
	for (i = 1; i <= n; i++) {
		if (!sub(/\(\*\)/, "(*a" i ")", part[i]))
			part[i] = part[i] (part[i] ~ /\*$/ ? "" : " ") "a" i
		params = params (i > 1 ? ", " : "") part[i]
		args = args (i > 1 ? ", " : "") "a" i
	}
}

function wrapper(value, errnum, type, name,    after)
{
	after = sub(/\+$/, "", value)
	if (type !~ /\*$/)
		type = type " "
	printf "\n%s__wrap_%s(%s)\n{\n", type, name, params
	if (after)
		printf "\t%sr = __real_%s(%s);\n\n", type, name, args
	printf "\tif (nf_fail_now(\"%s\")) {\n", name
	if (errnum != "-")
		printf "\t\terrno = %s;\n", errnum
	printf "\t\treturn %s;\n\t}\n", value
	if (after)
		printf "\treturn r;\n}\n"
	else
		printf "\treturn __real_%s(%s);\n}\n", name, args
}

BEGIN {
	if (want == "calls")
		print "/* Made by fail.awk from fail.list. */"
}

/^#/ || NF == 0 { next }

$1 == "never" {
	for (i = 2; i <= NF && want == "names"; i++)
		print "never", $i
	next
}

{
	if ($1 == "own") {
		name = $2
	} else {
		proto = $0
		sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+/, "", proto)
		open = match(proto, /[A-Za-z0-9_]+\(/)
		if (NF < 4 || open == 0 || proto !~ /\)$/)
			bad("not VALUE ERRNO TYPE NAME(TYPE, ...)")
		type = substr(proto, 1, open - 1)
		sub(/ $/, "", type)
		name = substr(proto, open, RLENGTH - 1)
		list = substr(proto, open + RLENGTH)
		name_params(substr(list, 1, length(list) - 1))
	}
	if (seen[name]++)
		bad(name " is there twice")
	if (want == "names")
		print "wrap", name
	else if (want == "flags")
		print "-Wl,--wrap=" name
	else {
		printf "\n__typeof__(%s) __wrap_%s;\n", name, name
		printf "__typeof__(%s) __real_%s __attribute__((weak));\n",
		    name, name
		if ($1 != "own")
			wrapper($1, $2, type, name)
	}
}

END { if (failed) exit 1 }
