"""Three of four validators suffice, also when one of them was away for a moment.

All four have signed blocks since genesis. One is stopped for some seconds while another is killed;
the first goes on, fetches what it missed, and its vote is then needed for every further block.
"""
import signal
import time

import lib
from lib import check, say

AWAY, DEAD = 3, 4
PAUSE_S = 4


def test():
    with lib.Network("pause", 9620) as network:
        away, dead = network.nodes[AWAY], network.nodes[DEAD]
        network.nodes[0].wait_height(4)
        for attempt in range(2):
            away.send(signal.SIGSTOP)
            before = network.nodes[1].api.height()
            network.nodes[1].wait_height(before + 3)
            dead.stop(signal.SIGKILL)
            time.sleep(PAUSE_S)
            away.send(signal.SIGCONT)
            height = network.nodes[1].api.height()
            for node in network.nodes[:DEAD]:
                node.wait_height(height + 4, 30)
            say(f"round {attempt + 1}: three validators went on from {height}")
            dead.start()
            network.level()
        check(all(node.alive() for node in network.nodes), "a node ended")
        network.stop()


if __name__ == "__main__":
    lib.main(test, 180)
