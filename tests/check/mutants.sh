#!/usr/bin/env bash
# The mistakes made on purpose: each patch in tests/mutants applies to the tree, changes one file of
# the product, and names unit tests that exist. That the tests notice is for scripts/mutants to see.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# A copy without git may lie within another repository, whose git would skip what is not its own.
GIT_CEILING_DIRECTORIES=$(dirname "$PWD")
export GIT_CEILING_DIRECTORIES
HEAD_FORM='^breaks: .+; killed by: (test|rows)_[a-z0-9_]+(, (test|rows)_[a-z0-9_]+)*$'
failed=0
fail() { printf '%s: %s\n' "$1" "$2"; failed=1; }

# applies PATCH: to the files as they are; git names those that it looked at, and passes over others.
applies() { [[ $(git apply --check --verbose "$1" 2>&1) == "Checking patch "* ]] && git apply --check "$1"; }

count=0
for patch in tests/mutants/*.patch; do
    count=$((count + 1))
    head=$(sed -n 1p "$patch")
    [[ $head =~ $HEAD_FORM ]] || fail "$patch" "its first line is not \"breaks: RULE; killed by: TEST\""
    for test in $(sed -n '1s/.*; killed by: //p' "$patch" | tr -d ','); do
        [[ -f tests/unit/$test.c || -f tests/rules/$test.c ]] || fail "$patch" "there is no test $test"
    done
    [[ $(grep -c '^+++ b/src/.*\.c$' "$patch") == 1 && $(grep -c '^+++ ' "$patch") == 1 ]] ||
        fail "$patch" "it does not change one .c file of src"
    applies "$patch" 2>/dev/null || fail "$patch" "does not apply any more"
done
((count > 0)) || fail tests/mutants "no patches"

# Those of scripts/chaos --prove run in whole nodes: they may change several files, and say by what
# sentence the run must find them.
for patch in tests/chaos/mutants/*.patch; do
    [[ $(sed -n 2p "$patch") == "found as: "?* && -f ${patch%.patch}.schedule ]] ||
        fail "$patch" "it has no schedule, or does not say as what it is found"
    git apply --check "$patch" || fail "$patch" "does not apply any more"
done

# Were nothing looked at, this one would apply too.
spoiled=$(mktemp)
trap 'rm -f "$spoiled"' EXIT
sed '/^-[^-]/s/^-/-nowhere in this file /' "$patch" >"$spoiled"
applies "$spoiled" 2>/dev/null && fail "$patch" "it applies even when it is spoiled"
exit $failed
