#!/usr/bin/env bash
# scripts/chaos --prove [NAME-PART]   Shows that a run notices: each patch in tests/chaos/mutants
# becomes a dirchaind of its own, which runs the schedule beside the patch. The run must fail, and say
# what the patch's second line expects.
source "$(dirname "$0")/../../scripts/lib/common.sh"
BUILD=build/release
WORK=build/chaos/mutants
TREE=$WORK/tree

# objects_of PATCH: compiles the files it changes, in a copy of them; prints the objects.
objects_of() {
    local file object command
    rm -rf "$TREE"
    while read -r file; do
        mkdir -p "$TREE/$(dirname "$file")"
        cp "$file" "$TREE/$file"
    done < <(sed -n 's|^+++ b/||p' "$1")
    git apply --directory="$TREE" "$1"
    while read -r file; do
        object=${file#src/}
        object=src/CMakeFiles/dirchain_${object%%/*}.dir/$object.o
        command=$(ninja -C "$BUILD" -t commands -s "$object")
        command=${command//"$object"/"$(basename "$file").mutant.o"}
        command=${command/"$ROOT/$file"/"$ROOT/$TREE/$file"}
        (cd "$BUILD" && eval "$command -w") >&2
        printf '%s ' "$(basename "$file").mutant.o"
    done < <(sed -n 's|^+++ b/||p' "$1")
}

# program_of PATCH: the node with the mistake, linked before the library that has the right objects.
program_of() {
    local objects command
    objects=$(objects_of "$1")
    command=$(ninja -C "$BUILD" -t commands -s bin/dirchaind)
    command=${command/"-o bin/dirchaind"/"$objects -o $ROOT/$WORK/dirchaind"}
    # shellcheck disable=SC2086
    (cd "$BUILD" && eval "$command" && rm -f $objects)
}

mkdir -p "$WORK"
bad=0
for patch in tests/chaos/mutants/*"${1:-}"*.patch; do
    name=$(basename "$patch" .patch)
    expected=$(sed -n '2s/^found as: //p' "$patch")
    if ! program_of "$patch" >"$WORK/$name.log" 2>&1; then
        say "failed: $name does not build, see $WORK/$name.log"
        bad=1
        continue
    fi
    status=0
    scripts/chaos --program "$ROOT/$WORK/dirchaind" --seed 1 --schedule "${patch%.patch}.schedule" \
        >"$WORK/$name.log" 2>&1 </dev/null || status=$?
    if ((status == 77)); then
        tail -n 1 "$WORK/$name.log"
        exit 77
    elif ((status == 1)) && said=$(grep -m 1 -E "^(FAILED|and): .*($expected)" "$WORK/$name.log"); then
        say "found   $name: ${said:0:150}"
    else
        say "failed: $name: exit $status, not found as $expected; see $WORK/$name.log"
        bad=1
    fi
done
exit $bad
