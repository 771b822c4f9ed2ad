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
applies() {
    local said
    said=$(git apply --check --verbose "$1" 2>&1) && [[ $said == "Checking patch "* ]]
}

# heads_of PATCH…: of each its name, how many files it changes, how many of those are .c files of src,
# and its first line, between tabs.
heads_of() {
    awk 'FNR == 1 { if (NR > 1) print name, files, ours, head; name = FILENAME; head = $0; files = ours = 0 }
        /^\+\+\+ / { files++ }
        /^\+\+\+ b\/src\/.*\.c$/ { ours++ }
        END { print name, files, ours, head }' OFS='\t' "$@"
}

count=0
while IFS=$'\t' read -r patch files ours head; do
    count=$((count + 1))
    [[ $head =~ $HEAD_FORM ]] || fail "$patch" "its first line is not \"breaks: RULE; killed by: TEST\""
    IFS=', ' read -ra tests <<<"${head##*; killed by: }"
    for test in "${tests[@]}"; do
        [[ -f tests/unit/$test.c || -f tests/rules/$test.c ]] || fail "$patch" "there is no test $test"
    done
    [[ $files == 1 && $ours == 1 ]] || fail "$patch" "it does not change one .c file of src"
    applies "$patch" || fail "$patch" "does not apply any more"
done < <(heads_of tests/mutants/*.patch)
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
applies "$spoiled" && fail "$patch" "it applies even when it is spoiled"
exit $failed
