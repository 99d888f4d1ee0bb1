# SPDX-License-Identifier: Apache-2.0
# gcovr's CSV (a file a line) as the table of "make coverage".  Exit status 1
# when a floor is missed.

function percent(part, all)
{
	return all == 0 ? 100 : 100 * part / all
}

function count(row)
{
	lines[row] += $2
	hit[row] += $3
	branches[row] += $5
	taken[row] += $6
}

function head(text)
{
	printf "\n%-24s %7s %7s %9s %7s\n", text, "lines", "%", "branches",
	    "%"
}

function print_row(row, floor,	p)
{
	p = percent(hit[row], lines[row])
	printf "%-24s %7d %7.1f %9d %7.1f", row, lines[row], p,
	    branches[row], percent(taken[row], branches[row])
	if (floor == "")
		printf "\n"
	else if (p >= floor)
		printf "  met (floor %d)\n", floor
	else {
		printf "  below (floor %d)\n", floor
		missed = 1
	}
}

# The files that most lines were not run of.
function print_worst(max,	k, i, best)
{
	for (k = 1; k <= max; k++) {
		best = 0
		for (i = 1; i <= n; i++)
			if (left[i] > 0 && (!best || left[i] > left[best]))
				best = i
		if (!best)
			return
		printf "%-40s %5d lines %7.1f %%\n", name[best], left[best],
		    share[best]
		left[best] = 0
	}
}

BEGIN { FS = "," }

FNR == 1 {
	if ($1 != "filename" || $3 != "line_covered" ||
	    $6 != "branch_covered") {
		print "coverage: gcovr's table has other columns"
		exit bad = 1
	}
	next
}

{
	dir = $1
	sub("/[^/]*$", "", dir)
	if (!(dir in lines))
		order[++dirs] = dir
	count(dir)
	count("everything")
	n++
	name[n] = $1
	left[n] = $2 - $3
	share[n] = percent($3, $2)
}

# What reads the bytes of strangers has a floor of its own.
$1 ~ "^nfast/(wire|kmdata)/" || $1 ~ "^verify/" {
	floor[dir] = 95
}
$1 ~ "^kek-packages/zip(-[a-z]*)?[.]c$" {
	count("zip reader")
}
$1 ~ "^kek-packages/(package|pkgname|regions|toolsets)" ||
    $1 ~ "^transfer/(byok1|byok2|nbfx)[a-z0-9_]*[.]c$" {
	count("package readers")
}

END {
	if (bad || n == 0)
		exit 1
	head("directory")
	for (i = 1; i <= dirs; i++)
		print_row(order[i], floor[order[i]])
	head("part")
	print_row("zip reader", 95)
	print_row("package readers", 95)
	print_row("everything", 88)
	print "\nmost lines not run"
	print_worst(12)
	exit missed
}
