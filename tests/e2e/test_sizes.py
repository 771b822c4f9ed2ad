"""Networks of one, two and three validators: the sizes that bear no fault.

Each decides while all are up, decides nothing as long as one of them is down, and goes on by itself
when it is back; the center observes. Larger ones are in unit.test_sizes, and with real processes in
test_node_network.sh (four) and test_membership.py (five).
"""
import contextlib
import subprocess
import time

import lib
from lib import check, equal, say, until

SIZES = (1, 2, 3)
FAST = ("--param", "message_delay_ms=200", "--param", "idle_block_ms=300")


def height_of(network):
    return network.nodes[0].api.height()


def hold_of(node):
    return node.api.get("/v1/status").json["node"]["consensus"].get("hold", {"reason": "none"})


def the_only_one_loses_its_data(network):
    """Its data directory is gone, as when a volume is not mounted; its vote key is there. Nobody can tell
    it from a first start, so it signs nothing: neither alone nor with the center's blocks fetched. The
    chief decides, and the chain goes on where it was."""
    center, node = network.nodes
    network.level()
    center.stop()
    node.stop()
    (node.folder / "data").rename(node.folder / "moved")
    node.start()
    until(lambda: node.alive() and node.api.height() is not None, "the node answers")
    until(lambda: hold_of(node)["reason"] == "alone", "hold of the only validator")
    equal(hold_of(node)["until"], 1, "hold until")
    time.sleep(0.7)
    equal(node.api.height(), 0, "height of a validator without its data")
    center.start()
    until(lambda: center.alive() and center.api.height() is not None, "the center answers")
    tip = center.api.height()  # a block more than when it was level, perhaps
    node.wait_height(tip)
    until(lambda: hold_of(node).get("until") == tip + 1, "hold after the blocks")
    time.sleep(0.7)
    equal((node.api.height(), hold_of(node)["reason"]), (tip, "alone"), "with the center's blocks")
    init = subprocess.run([lib.BIN / "dirchaind", "--config", "dirchaind.yaml", "--init"], check=False,
                          cwd=node.folder, capture_output=True, text=True)
    check(init.returncode == 3 and "busy" in init.stderr, f"--init of a running node: {init}")
    node.ask("chief", "validator", "resume", "--home", node.folder / "data", "--reason", "磁盘丢失，区块已取回")
    center.wait_height(tip + 2)
    equal(center.api.state(f"resume/{node.member}")["held_until"], tip + 1, "the decision on the ledger")
    equal(hold_of(node)["reason"], "none", "hold after the decision")
    node.stop()
    init = subprocess.run([lib.BIN / "dirchaind", "--config", "dirchaind.yaml", "--init"], check=False,
                          cwd=node.folder, capture_output=True, text=True)
    check(init.returncode == 3 and "exists" in init.stderr, f"--init over a ledger: {init}")
    node.start()
    center.wait_height(center.api.height() + 2)
    say(f"the only validator lost its data at height {tip}: silent until the chief's word, no other chain")


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
        the_only_one_loses_its_data(networks[0])
        for network in networks:
            first = {node.api.get("/v1/blocks/1").json["hash"] for node in network.nodes}
            check(len(first) == 1, f"{network.agencies} validators: {first}")
            network.stop()


if __name__ == "__main__":
    lib.main(test, 120)
