# SPDX-License-Identifier: Apache-2.0
"""The symbols of a built tree against its headers: symbols.py SOURCE BUILD.

A symbol that other files see must be declared in a header, with a comment
above it or above the block of declarations it is in; another object must
use it; its name starts with nf_.  (Most libraries add a word of their own,
but an object of base or wire has many users: that word is not checked.)  What
libsecworld.so exports starts with sw_ and is what its public headers declare.
"""
import os
import re
import subprocess
import sys

PUBLIC = "verify/secworld"
LIBRARY = "verify/libsecworld.so."


def files(top, dirs, ends):
    for d in dirs:
        for at, subs, names in os.walk(os.path.join(top, d)):
            subs.sort()
            for name in sorted(names):
                if name.endswith(ends):
                    yield os.path.join(at, name)


def nm(*args):
    out = subprocess.run(("nm",) + args, check=True, capture_output=True,
                         text=True).stdout
    return [line.split()[-1] for line in out.splitlines() if line.strip()]


def code_of(text):
    """The text without comments, strings and directives, same lines."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|^#(?:[^\n]*\\\n)*[^\n]*',
                  blank, text, flags=re.S | re.M)


def declared(path):
    """{name: has a comment above} for what a header declares."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    lines = text.split("\n")
    # Without the braces of extern "C", which hold declarations.
    code = re.sub(r"extern\s+\{|^\}\s*$(?=\s*\Z)", lambda m: " " * len(
        m.group(0)), code_of(text), flags=re.M)
    found = {}
    depth = 0
    start = 0
    for i, c in enumerate(code):
        if c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
        if depth or c not in ";}":
            continue
        head = code[start:i]
        at = start + len(head) - len(head.lstrip())
        start = i + 1
        if c == "}" or "{" in head or re.match(r"\s*typedef\b", head):
            continue
        while "(" in head:
            less = re.sub(r"\([^()]*\)", " ", head)
            if less == head:
                break
            head = less
        head = re.sub(r"\b(struct|enum|union)\s+\w+", " ", head)
        row = code[:at].count("\n")
        while row > 0 and lines[row - 1].strip() and \
                not lines[row - 1].rstrip().endswith("*/"):
            row -= 1
        said = row > 0 and lines[row - 1].rstrip().endswith("*/")
        for name in re.findall(r"\b[a-z]\w*", head):
            found[name] = found.get(name, False) or said
    return found


def exported(build):
    """What the shared library shows, None when it was not built."""
    for path in sorted(files(build, ["verify"], tuple("0123456789"))):
        if LIBRARY in path and not os.path.islink(path):
            return {name for name in nm("-D", "--defined-only", path)
                    if "@" not in name or not name.isupper()}
    return None


def main(source, build):
    dirs = ["nfast", "kek-packages", "verify", "transfer"]
    defined, used, said, bad = {}, {}, {}, []
    for path in files(build, dirs + ["tests"], (".o", ".so")):
        for name in nm("-u", path):
            used.setdefault(name, set()).add(path)
    for path in files(build, dirs, ".o"):
        for name in nm("-g", "--defined-only", path):
            if name != "main":
                defined.setdefault(name, set()).add(path)
    for path in files(source, dirs, ".h"):
        for name, comment in declared(path).items():
            said[name] = said.get(name, False) or comment

    shown = {re.sub("@.*", "", name) for name in exported(build) or ()
             if not re.match("SECWORLD_", name)}
    public = {name for path in files(source, [PUBLIC], ".h")
              for name in declared(path) if name.startswith("sw_")}
    for name in sorted(shown ^ public):
        bad.append(f"libsecworld: {name} is " + (
            "in no public header" if name in shown else "not exported"))

    for name, at in sorted(defined.items()):
        where = os.path.relpath(min(at), build)
        if name not in said:
            bad.append(f"{where}: {name} is in no header")
        elif not said[name]:
            bad.append(f"{where}: {name} has no comment in its header")
        if not used.get(name, set()) - at and name not in shown:
            bad.append(f"{where}: {name} is used by no other file")
        prefix = "sw_" if name in shown else "nf_"
        if not name.startswith(prefix):
            bad.append(f"{where}: {name} does not start with {prefix}")

    for line in bad:
        print(line)
    print(f"{len(defined)} shared symbols, {len(shown)} exported")
    return 1 if bad else 0


sys.exit(main(sys.argv[1], sys.argv[2]))
