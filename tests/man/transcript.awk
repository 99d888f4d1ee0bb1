# SPDX-License-Identifier: Apache-2.0
# The console blocks of a page of the handbook.
#
#	split	awk -v mode=split -v dir=DIR -f transcript.awk PAGE
#		writes DIR/N.M.shown, the Mth command of block N as it stands
#		on the page; DIR/N.M.run, the same for the shell; DIR/N.want,
#		the whole block; and a line "N LINE NEEDS..." for each block
#		on standard output.
#	join	awk -v mode=join -v dir=DIR -f transcript.awk PAGE
#		prints the page with DIR/N.have in place of block N, where
#		there is one.
#
# A block is what is between ```console and ``` at the start of a line; a line
# "<!-- needs WORD... -->" right above it names what it needs.  In a block "$ "
# begins a command, and "> " right below goes on with it.

function command(line, file) {
	print line >file ".shown"
	print substr(line, 3) >file ".run"
}

{
	if (!inside && mode == "join")
		print
}

/^<!-- needs .* -->$/ && !inside {
	needs = $0
	sub(/^<!-- needs /, "", needs)
	sub(/ -->$/, "", needs)
	next
}

/^```console$/ && !inside {
	inside = 1
	n++
	m = 0
	open = 0
	have = dir "/" n ".have"
	kept = 0
	if (mode == "split") {
		printf "" >(dir "/" n ".want")
		print n, NR, needs
	} else if ((getline line <have) >= 0) {
		close(have)
		kept = 1
		while ((getline line <have) > 0)
			print line
		close(have)
	}
	next
}

/^```$/ && inside {
	inside = 0
	if (mode == "split")
		close(dir "/" n ".want")
	else
		print
	needs = ""
	next
}

!inside {
	needs = ""
	next
}

mode == "join" {
	if (!kept)
		print
	next
}

{
	print >(dir "/" n ".want")
	if (open && /^> /) {
		command($0, dir "/" n "." m)
	} else if (/^\$ /) {
		if (m > 0) {
			close(dir "/" n "." m ".shown")
			close(dir "/" n "." m ".run")
		}
		m++
		command($0, dir "/" n "." m)
		open = 1
	} else {
		open = 0
	}
}

END {
	if (inside) {
		print FILENAME ": a block does not end" >"/dev/stderr"
		exit 1
	}
}
