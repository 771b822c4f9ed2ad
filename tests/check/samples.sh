#!/usr/bin/env bash
# Sample files that come from elsewhere are the bytes that were taken: each folder with SHA256SUMS
# lists all its data, and the data are so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
failed=0 folders=0
fail() { printf '%s\n' "$1"; failed=1; }

for sums in samples/*/SHA256SUMS; do
    folder=$(dirname "$sums")
    folders=$((folders + 1))
    (cd "$folder" && sha256sum --quiet --strict -c SHA256SUMS) || fail "$folder: not what SHA256SUMS says"
    for file in "$folder"/*; do
        name=${file##*/}
        [[ $name == SHA256SUMS || $name == SOURCE.md ]] || grep -q " $name\$" "$sums" ||
            fail "$file: not in SHA256SUMS"
    done
done
((folders > 0)) || fail "samples: nobody lists what was taken"
exit $failed
