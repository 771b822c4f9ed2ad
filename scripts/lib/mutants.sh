# One changed object of a mutant, for scripts that build mistakes on purpose. Sourced after common.sh.
# shellcheck shell=bash
#
# Nothing in the tree is touched: the one file that a patch changes is copied below $TREE, compiled, and
# linked before the library that has the right one. $MADE, below $BUILD, is where the object goes; two
# jobs have two of both.

TREE=build/mutants/tree MADE=.

# mutate PATCH: the changed object to $BUILD/$MADE/mutant.o; else sets `problem`.
mutate() {
    local file object command
    file=$(sed -n 's|^+++ b/||p' "$1")
    rm -rf "$TREE"
    mkdir -p "$TREE/$(dirname "$file")" "$BUILD/$MADE"
    cp "$file" "$TREE/$file"
    git apply --directory="$TREE" "$1" || { problem="does not apply"; return 1; }
    object=${file#src/}
    object=src/CMakeFiles/dirchain_${object%%/*}.dir/$object.o
    command=$(ninja -C "$BUILD" -t commands -s "$object")
    # A build made for another tree would compile the file without the mistake.
    [[ $command == *" $ROOT/$file"* ]] || { problem="$BUILD builds another tree"; return 1; }
    command=${command//"$object"/"$MADE/mutant.o"}
    command=${command/" $ROOT/$file"/" $ROOT/$TREE/$file"}
    (cd "$BUILD" && eval "$command -w") || { problem="does not compile"; return 1; }
}
