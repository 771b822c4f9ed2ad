"""Networks of one, two and three validators: the sizes that bear no fault.

Each decides while all are up, decides nothing as long as one of them is down, and goes on by itself
when it is back; the center observes. Larger ones are in unit.test_sizes, and with real processes in
test_node_network.sh (four) and test_membership.py (five).
"""
import contextlib
import time

import lib
from lib import check, equal, say

SIZES = (1, 2, 3)
FAST = ("--param", "message_delay_ms=200", "--param", "idle_block_ms=300")


def height_of(network):
    return network.nodes[0].api.height()


def test():
    with contextlib.ExitStack() as stack:
        networks = [stack.enter_context(lib.Network(f"size-{n}", 9950 + 310 * n, n, FAST))
                    for n in SIZES]
        for network in networks:
            network.nodes[0].wait_height(height_of(network) + 2)
        for network in networks:
            network.nodes[-1].stop()
        time.sleep(0.5)  # what was decided when it went is on its way
        before = [height_of(network) for network in networks]
        time.sleep(2)  # seven times an idle block
        equal([height_of(network) for network in networks], before,
              f"heights of {SIZES} validators, one of which is down")
        say("with one of them down nothing is decided")
        for network in networks:
            network.nodes[-1].start()
        for network, height in zip(networks, before):
            network.nodes[0].wait_height(height + 2)
            network.level()
        say("with it back they go on")
        for network in networks:
            first = {node.api.get("/v1/blocks/1").json["hash"] for node in network.nodes}
            check(len(first) == 1, f"{network.agencies} validators: {first}")
            network.stop()


if __name__ == "__main__":
    lib.main(test, 120)
