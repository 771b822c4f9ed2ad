#!/usr/bin/env bash
# The table of pitfalls in docs/spec/consensus.md: no row is missing, each names what shows it, and all
# that it names exists: scenarios, unit tests, e2e files, faults and counters of the simulator, faults
# of scripts/chaos, rules of the trace.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
PAGE=docs/spec/consensus.md
IMPLEMENTATIONS=18 SIMULATOR=15 DESIGN=37 # so many rows 1…, S1…, T1… there are at least
bad=0
wrong() { echo "$PAGE: $*" >&2; bad=1; }
has() { grep -qxF -- "$1" <<<"$2"; }

functions=$(grep -rohE '^(static )?void [a-z0-9_]+\(void \*\*state\)' tests/unit/*.c | sed 's/(.*//; s/.* //')
chaos=$(sed -n 's/^class \([A-Za-z]*\)(.*/\1/p' tests/chaos/faults.py | tr '[:upper:]' '[:lower:]')
sim=$(sed -n 's/^X(\([A-Za-z_]*\),.*/\1/p' tests/sim/counters.def tests/sim/faults.def | tr '[:upper:]' '[:lower:]')
rules=$(grep -oE -h '"R[0-9]+"' tests/model/*trace*.py | tr -d '"' | sort -u)

# exists NAME: a path, a file of tests/e2e, a program or scenario, or a test function that is run.
exists() {
    [[ $1 == */* ]] && { [[ -e $1 ]]; return; }
    [[ $1 == *.* ]] && { [[ -e tests/e2e/$1 ]]; return; }
    [[ -e tests/unit/$1.c || -e tests/golden/consensus/$1.txt ]] && return
    has "$1" "$functions" && grep -qE "(cmocka_unit_test[a-z_]*|WITH_[A-Z_]+)\($1[,)]" tests/unit/*.c
}

# known WHAT LIST ROW SHOWN: what stands in parentheses behind WHAT is on the list.
known() {
    local name
    for name in $(grep -oE "(^|; )$1 \([^)]*\)" <<<"$4" | sed 's/^[^(]*(//; s/[),]//g'); do
        has "$name" "$2" || wrong "row $3: $1 has no $name"
    done
}

table=$(sed -n '/^## Pitfalls/,$p' "$PAGE" | grep '^|' | grep -Ev '^\| no |^\|-')
rows=$(grep -E '^\| [^|]+ \| [^|]+ \| [^|]+ \|$' <<<"$table")
while read -r row; do
    has "$row" "$rows" || wrong "no number, trap and test: $row"
done <<<"$table"
numbers=$(cut -d'|' -f2 <<<"$rows" | tr -d ' ')
for series in ":$IMPLEMENTATIONS" "S:$SIMULATOR" "T:$DESIGN"; do
    most=$(sed -n "s/^${series%%:*}\([0-9]*\)$/\1/p" <<<"$numbers" | sort -n | tail -n 1)
    for ((i = 1; i <= (${most:-0} > ${series#*:} ? most : ${series#*:}); i++)); do
        has "${series%%:*}$i" "$numbers" || wrong "there is no row ${series%%:*}$i"
    done
    listed=$(sed -n "s/^${series%%:*}\([0-9]*\)$/\1/p" <<<"$numbers")
    once=u
    [[ $series == :* ]] && once= # what others went through may be several traps
    [[ $listed == "$(sort -n$once <<<"$listed")" ]] ||
        wrong "rows ${series%%:*}… are out of order, or one is there twice"
done
while IFS='|' read -r _ row _ shown _; do
    row=${row// /} shown=${shown# } named=0
    [[ $row =~ ^[ST]?[1-9][0-9]*$ ]] || wrong "\"$row\" is no number of a row"
    while read -r name; do
        [[ -z $name || $name == *' '* ]] && continue # words of a scenario
        named=1
        exists "$name" || wrong "row $row: there is no $name"
    done < <(grep -o '`[^`]*`' <<<"$shown" | tr -d '`' || true)
    # "NAME of PROGRAM": it is that program's.
    while read -r name _ program; do
        [[ -z $name ]] || grep -qE "\b$name\(void" "tests/unit/$program.c" ||
            wrong "row $row: $program has no $name"
    done < <(grep -oE '`[a-z0-9_]+` of `[a-z0-9_]+`' <<<"$shown" | tr -d '`' || true)
    ((named)) || grep -q 'sim (' <<<"$shown" || wrong "row $row names no test"
    known sim "$sim" "$row" "$shown"
    known chaos "$chaos" "$row" "$shown"
    for rule in $(grep -oE '\bR[0-9]+\b' <<<"$shown" || true); do
        has "$rule" "$rules" || wrong "row $row: the trace has no rule $rule"
    done
    sed 's/`[^`]*`//g; s/([^)]*)//g' <<<"$shown" | grep -q '_' &&
        wrong "row $row: names of tests stand in backticks"
done <<<"$rows"
[[ $bad == 0 ]] && echo "$(wc -l <<<"$rows") rows, and what they name exists"
exit $bad
