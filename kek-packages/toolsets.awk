# SPDX-License-Identifier: Apache-2.0
# toolsets.tsv and toolsets-wrong.tsv to the C tables of toolsets-data.h.
# Any row that is not as expected ends the build.

function die(text)
{
	printf "%s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"
	failed = 1
	exit 1
}

# A C string literal.
function quote(s,	i, c, out)
{
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == "\"" || c == "\\")
			out = out "\\"
		out = out c
	}
	return "\"" out "\""
}

# 64 lower-case hex digits as bytes.
function bytes(s,	i, out)
{
	for (i = 1; i < length(s); i += 2)
		out = out (i == 1 ? "" : i % 16 == 1 ? ",\n\t\t    " : ", ") \
		    "0x" substr(s, i, 2)
	return "{ " out " }"
}

function hex64(s)
{
	return length(s) == 64 && s ~ /^[0-9a-f]+$/
}

function date(s)
{
	return s ~ /^20[0-9][0-9]-[01][0-9]-[0-3][0-9]$/
}

function common()
{
	return "\t{\n\t\t.region = " quote($1) ",\n\t\t.zip = " quote($2) \
	    ",\n\t\t.code = " quote($3)
}

BEGIN {
	FS = "\t"
	right = "region\tzip\tcode\tsha256\tfirst_published" \
	    "\tlast_in_force\tgeneration\tsource"
	wrong = "region\tzip\tcode\tpublished_value\tfirst_published" \
	    "\tlast_published\tsource\treason"
	print "/* Made from the TSV files beside toolsets.awk. */"
	print "#include \"config.h\"\n"
	print "#include \"kek-packages/toolsets-data.h\"\n"
	print "const struct nf_kek_toolset nf_kek_toolset_rows[] = {"
}

/^#/ { next }
$0 == right && table == 0 { table = 1; next }
$0 == wrong && table == 1 {
	table = 2
	print "};\n"
	print "const struct nf_kek_misprint nf_kek_misprint_rows[] = {"
	next
}

table == 0 { die("unknown header line") }
NF != 8 { die("not 8 columns") }
!date($5) || !date($6) || $6 < $5 { die("bad date") }

table == 1 {
	if (!hex64($4))
		die("not a SHA-256 in lower-case hex")
	if ($7 !~ /^G[1-4]$/)
		die("unknown generation")
	print common() ",\n\t\t.sha256 = " bytes($4) ","
	print "\t\t.first_published = " quote($5) ","
	print "\t\t.last_in_force = " quote($6) ","
	print "\t\t.generation = " quote($7) ","
	print "\t\t.source = " quote($8) "\n\t},"
	rights++
}

table == 2 {
	print common() ",\n\t\t.published_value = " quote($4) ","
	print "\t\t.first_published = " quote($5) ","
	print "\t\t.last_published = " quote($6) ","
	print "\t\t.source = " quote($7) ","
	print "\t\t.reason = " quote($8) "\n\t},"
	wrongs++
}

END {
	if (failed)
		exit 1
	if (rights == 0 || wrongs == 0) {
		print "toolsets.awk: a table is empty" >"/dev/stderr"
		exit 1
	}
	print "};\n"
	print "const size_t nf_kek_toolset_rows_n = " rights ";"
	print "const size_t nf_kek_misprint_rows_n = " wrongs ";"
}
