# One changed object of a mutant, for scripts that build mistakes on purpose. Sourced after common.sh.
# shellcheck shell=bash
#
# Nothing in the tree is touched: the one file that a patch changes is copied to $TREE, compiled, and
# linked before the library that has the right one.

TREE=build/mutants/tree

# mutate PATCH: the changed object to $BUILD/mutant.o; else sets `problem`.
mutate() {
    local file object command
    file=$(sed -n 's|^+++ b/||p' "$1")
    rm -rf "$TREE"
    mkdir -p "$TREE/$(dirname "$file")"
    cp "$file" "$TREE/$file"
    git apply --directory="$TREE" "$1" || { problem="does not apply"; return 1; }
    object=${file#src/}
    object=src/CMakeFiles/dirchain_${object%%/*}.dir/$object.o
    command=$(ninja -C "$BUILD" -t commands -s "$object")
    command=${command//"$object"/mutant.o}
    command=${command/"$ROOT/$file"/"$ROOT/$TREE/$file"}
    (cd "$BUILD" && eval "$command -w") || { problem="does not compile"; return 1; }
}
