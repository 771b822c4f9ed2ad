#!/usr/bin/env bash
# Seven validators in namespaces of their own, each of these faults once, always the same schedule:
# nothing acknowledged is lost, nobody honest signs twice, blocks again within seconds.
exec "$(dirname "$0")/../../scripts/chaos" --steps 6 --seed 1 \
    --faults poweroff,partition,kill,equivocate,membership,unplug
