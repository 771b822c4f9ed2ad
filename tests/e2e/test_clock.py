"""A validator whose clock is an hour ahead proposes, and is not believed.

Terms end by the time of blocks, so that no single validator may set it. The other three refuse its
proposals round for round and go on; no block bears a time that has not come, and none of those that
were proposed after the jump is the validator's own.
"""
import time

import lib
from lib import check, equal, say

AHEAD, HOUR_MS = 3, 3_600_000
PRECISION_MS, ERROR_MS = 200, 2000  # what validators allow; what this test does for a slow machine
BLOCKS = 12  # three turns of each of four


def block(node, height):
    return node.api.get(f"/v1/blocks/{height}").json


def test():
    with lib.Network("clock", 9780,
                     genesis=("--param", "message_delay_ms=500", "--param",
                              f"precision_ms={PRECISION_MS}")) as network:
        ahead, judge = network.nodes[AHEAD], network.nodes[1]
        judge.wait_height(len(network.nodes))
        first = network.level() + 1
        check(any(block(judge, h)["proposer"] == ahead.member for h in range(1, first)),
              f"{ahead.name} proposed nothing before its clock was advanced")
        answer = ahead.api.post("/v1/test/clock", f'{{"advance_ms":{HOUR_MS}}}',
                                "application/json")
        equal(answer.status, 200, "the clock of one node is advanced")
        begun = network.level()
        judge.wait_height(begun + BLOCKS, 60)
        now_ms = time.time_ns() // 1_000_000
        for node in network.nodes:
            node.wait_height(begun + BLOCKS)
        for height in range(first, begun + BLOCKS + 1):
            at = block(judge, height)
            check(at["time_ms"] <= now_ms + ERROR_MS,
                  f"block {height} of {at['proposer']} has a time that is "
                  f"{at['time_ms'] - now_ms} ms ahead")
            check(height <= begun + 1 or at["proposer"] != ahead.member,
                  f"block {height} was proposed by the validator whose clock is wrong")
        say(f"{BLOCKS} blocks beside a validator whose clock is an hour ahead: none is its own, none "
            "bears its time")
        network.level()
        network.stop()


if __name__ == "__main__":
    lib.main(test, 120)
