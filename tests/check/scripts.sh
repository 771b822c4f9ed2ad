#!/usr/bin/env bash
# The scripts that build: when cmake fails, they end with an error and show what it said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# A copy, so that no build of ours is touched, and a cmake that fails.
cp -r --parents scripts "$WORK"
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
exit $failed
