#!/usr/bin/env bash
# Tidiness that a machine can see: banned calls, line and function length, head comments.
set -euo pipefail
cd "$(dirname "$0")/../.."
bad=0
mapfile -t sources < <(find src bench tests/unit tests/lib tests/sim tests/twins tests/fuzz -name '*.c' -o -name '*.h' -o -name '*.def' | sort)

for file in "${sources[@]}"; do
    head -c 2 "$file" | grep -q '/\*' || { echo "$file:1: needs a head comment: what it owns"; bad=1; }
done

if grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|system|atoi|atol|strtok|alloca)\(' \
    $(printf '%s\n' "${sources[@]}" | grep -E '^(src|bench)/'); then
    echo "banned call (see docs/contributing.md)"; bad=1
fi

# 100 columns, counted in characters; tables of texts (.def) are data.
for file in "${sources[@]}"; do
    [[ $file == *.def ]] && continue
    awk -v file="$file" 'length($0) > 100 && $0 !~ /^[[:space:]]*(X\(|"|\{"|\{\.name|\/\/)/ && $0 !~ /[\200-\377]/ {
        print file ":" NR ": longer than 100 columns"; bad = 1 } END { exit bad }' "$file" || bad=1
done

# Functions of at most 70 lines: from a line that opens a body in column 0 to the closing brace.
for file in $(printf '%s\n' "${sources[@]}" | grep -E '^src/.*\.c$'); do
    awk -v file="$file" '
        /^\{/ { start = NR }
        /^\}/ { if (start && NR - start - 1 > 70) { print file ":" start ": function of " NR - start - 1 " lines (70 at most)"; bad = 1 } start = 0 }
        END { exit bad }' "$file" || bad=1
done

# Files: a ratchet. 600 lines is the most a room may hold.
for file in $(printf '%s\n' "${sources[@]}" | grep -E '^src/.*\.[ch]$'); do
    lines=$(wc -l <"$file")
    if ((lines > 600)); then echo "$file: $lines lines (600 at most; aim for 200-400)"; bad=1; fi
done

if grep -nE '\b(TODO|FIXME|XXX)\b' "${sources[@]}"; then echo "unfinished by its own words"; bad=1; fi
exit $bad
