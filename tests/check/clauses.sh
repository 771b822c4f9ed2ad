#!/usr/bin/env bash
# Every refusal of a rule names its clause: an article of the documents, a section of CESI's report, or a
# number of docs/requirements.md where the rule is the project's own. Faults without one are those of
# what is no transaction yet (src/chain/tx.c, tx_header.c), of blocks, packs and proofs.
set -euo pipefail
cd "$(dirname "$0")/../.."
# A call up to its first text: the clause itself, or the field's where the clause is none.
unnamed() {
    awk '{ gsub(/\/\*.*\*\//, ""); line[++n] = $0 }
         END { for (i = 1; i <= n; i++) if (line[i] ~ /(rule_fault|faults_add|check_fail|genesis_fault)\(/) {
             call = line[i]
             for (k = i + 1; k <= i + 3 && call !~ /;/; k++) call = call " " line[k]
             sub(/^.*(rule_fault|faults_add|check_fail|genesis_fault)\(/, "", call)
             if (call ~ /^[^";]*[,:] *NULL, *[NULa-z"(]/)
                 print FILENAME ":" i ": " call } }' "$1"
}
probe=$(mktemp)
trap 'rm -f "$probe"' EXIT
printf '    rule_fault(context, e == NULL ? ERR_SUBJECT : ERR_STATUS,\n               NULL, "entry");\n' >"$probe"
[[ -n $(unnamed "$probe") ]] || { echo "tests/check/clauses.sh looks for nothing"; exit 1; }
bad=0
for file in src/chain/rules/*.c; do
    found=$(unnamed "$file")
    [[ -z $found ]] || { echo "$found"; bad=1; }
done
# A number such as A3 is one that docs/requirements.md has.
for id in $(grep -ohE '"[A-G][0-9]+[",]' -r src/chain src/genesis | grep -oE '[A-G][0-9]+' | sort -u); do
    grep -q "^| $id |" docs/requirements.md || { echo "docs/requirements.md knows no $id"; bad=1; }
done
((bad == 0)) || echo "a refusal without its clause: see the head of tests/check/clauses.sh"
exit $bad
