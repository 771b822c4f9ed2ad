#!/usr/bin/env bash
# The dates that a rule's row expects are literals, worked out by hand from the calendar (tests/rules/row.h):
# a row that asks the product when a term ends would agree with it whatever it says.
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=(tests/rules/rows_*.c tests/rules/rows_*.h tests/rules/matters.h)
computed='\b(civil_[a-z_]+|term_(start|length|working|due)[a-z_]*)\(|\b(DAY|HOUR|MINUTE)_MS\b'
grep -qE "$computed" tests/rules/term_faults.c || { echo "tests/check/rows.sh looks for nothing"; exit 1; }
if grep -nE "$computed" "${rows[@]}"; then
    echo "a row computes a date: write the day that you counted by hand, the counting beside it"
    exit 1
fi
