#!/usr/bin/env bash
# The scripts that build: when cmake fails, they end with an error and show what it said. A wrong
# command line is told in a sentence that has the wrong word, with 2; --help fits 80 columns.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# A copy, so that no build of ours is touched, and a cmake that fails.
cp -r --parents scripts tests/chaos tests/crash tests/e2e "$WORK"
mkdir "$WORK/bin"
printf '#!/bin/sh\necho "CMake Error: no such library"\nexit 1\n' >"$WORK/bin/cmake"
chmod +x "$WORK/bin/cmake"
failed=0
for script in bench chaos crash disk fuzz mutants sim trace twins; do
    got=0
    PATH="$WORK/bin:$PATH" timeout 60 "$WORK/scripts/$script" >"$WORK/said" 2>&1 </dev/null || got=$?
    if [[ $got == 0 ]] || ! grep -q "no such library" "$WORK/said"; then
        printf 'scripts/%s: exit %s, and says: %s\n' "$script" "$got" "$(tail -n 2 "$WORK/said")"
        failed=1
    fi
    grep -q 'install_missing \$PACKAGES_BUILD' "scripts/$script" ||
        { echo "scripts/$script does not install what is missing"; failed=1; }
done
# Where nothing can be written, that is said, and what to do.
rm -rf "$WORK/build"
mkdir -p "$WORK/build/release.lock"
got=0
"$WORK/scripts/sim" >"$WORK/said" 2>&1 </dev/null || got=$?
if [[ $got != 3 ]] || ! grep -q "^sim: 无法写入 $WORK/build.* run this as the owner" "$WORK/said" ||
    [[ $(wc -l <"$WORK/said") != 1 ]]; then
    printf 'scripts/sim without a build directory: exit %s, and says: %s\n' "$got" "$(cat "$WORK/said")"
    failed=1
fi

# refused WORD SCRIPT ARGUMENT...: with 2 and a sentence that has the word, before anything is built.
refused() {
    local word=$1 got=0
    shift
    timeout 60 "scripts/$@" >"$WORK/said" 2>&1 </dev/null || got=$?
    if [[ $got != 2 ]] || ! grep -q -- "scripts/$1: .*$word" "$WORK/said" ||
        grep -qE '^(Traceback|sed:|[^ ]*bash:)|: line [0-9]+: ' "$WORK/said"; then
        printf 'scripts/%s: exit %s, and says: %s\n' "$*" "$got" "$(tail -n 2 "$WORK/said")"
        failed=1
    fi
}
for script in bench chaos crash devnet disk fuzz model mutants test; do
    refused --bogus $script --bogus
    got=0
    "scripts/$script" --help >"$WORK/said" 2>&1 || got=$?
    if [[ $got != 0 ]] || ! grep -q "^scripts/$script" "$WORK/said" || grep -qE '^.{81}' "$WORK/said"; then
        printf 'scripts/%s --help: exit %s; lines above 80 columns:\n' "$script" "$got"
        grep -E '^.{81}' "$WORK/said" || true
        failed=1
    fi
done
refused "CYCLES.*'x'" crash x
refused "CYCLES.*'0'" crash 0
refused "CYCLES.*'-5'" crash -5
refused "SEED.*'y'" crash 5 y
refused --blocks crash --blocks
refused "nofile" chaos --schedule nofile
refused "line 1 is no step" chaos --schedule README.md
refused "no such fault: nosuch" chaos --faults kill,nosuch
refused "nosuch" chaos --prove nosuch
refused "'nosuch'" bench nosuch
refused "no such part: nosuch" disk nosuch
refused "--sample.*'0'" disk --sample 0
refused "nosuch" disk --mutants nosuch
refused "nosuch" mutants nosuch
refused "--every" mutants --every 0
refused "nosuch" model --mutants nosuch
refused "'0'" fuzz 0
refused "nosuch" fuzz 60 nosuch
refused "--agencies" devnet --agencies 3
exit $failed
