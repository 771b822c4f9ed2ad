#!/usr/bin/env bash
# Seven validators in namespaces of their own, most kinds of faults once, always the same: nothing
# acknowledged is lost, nobody honest signs twice, blocks again within seconds (scripts/chaos).
cd "$(dirname "$0")/../.." || exit 3
exec scripts/chaos --seed 1 --schedule tests/chaos/slice.schedule
