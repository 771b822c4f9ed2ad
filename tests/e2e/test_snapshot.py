"""A newcomer by snapshot, with load running, in a network where nobody but the center keeps it all.

Agencies 1 to 3 keep 32 blocks and offer a snapshot every 20. Agency 4 is missing from the beginning.
When the first blocks are gone, it comes: it takes a snapshot by itself, is killed on the way and at
its next start takes another, follows, and votes: then one of the others can go. What it does not
have it says; the center still has it.
"""
import signal
import threading
import time

import lib
from lib import check, equal, say, until

KEPT, INTERVAL = 32, 20
LATE = 4


def configure(node, *lines):
    with open(node.folder / "dirchaind.yaml", "a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))


class Load:
    """Transactions of one member, one after the other, until it is stopped."""

    def __init__(self, node):
        self.node = node
        self.key = node.new_key("load", "compile")
        self.txids = []
        self.refused = []
        self.stopping = False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        number = 0
        while not self.stopping:
            number += 1
            transaction = self.key.sign("duty.publish", lib.duty(f"load-{number}"))
            answer = self.node.api.submit(transaction)
            if answer.status == 200:
                self.txids.append(lib.txid_of(transaction))
            else:
                self.refused.append(answer.code)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join(30)


def status(node):
    answer = node.api.get("/v1/status")
    return answer.json["node"] if answer.status == 200 else {}


def history(node):
    return status(node)["history"]


def log_of(node):
    return (node.folder / "log").read_text(errors="replace")


def roots_equal(nodes):
    """The same header at a height that all have."""
    height = min(node.api.height() for node in nodes)
    headers = [node.api.get(f"/v1/blocks?limit=200").json["items"] for node in nodes]
    roots = {next(item["state_root"] for item in items if item["height"] == height)
             for items in headers}
    equal(len(roots), 1, f"state roots at height {height}")


def wait_restored(node, beyond):
    def restored():
        node.alive()
        try:
            return history(node)["first_block"] > beyond
        except (OSError, KeyError):
            return False
    until(restored, f"{node.folder.name} has a snapshot", 40)
    check("is whole" in log_of(node), f"{node.folder.name} took blocks")


def kill_while_restoring(node):
    """As soon as it has begun; the directory that is left is worth nothing."""
    until(lambda: "taking the snapshot" in log_of(node), "a snapshot is begun", 30, 0.002)
    node.stop(signal.SIGKILL)
    left = sorted(path.name for path in (node.folder / "data").glob("ledger*"))
    say(f"killed while it restored: {left}")


def test():
    network = lib.Network("snapshot", 9660, genesis=(
        "--param", "idle_block_ms=100", "--param", "message_delay_ms=100", "--param", "precision_ms=100"))
    network.make()
    try:
        for node in network.nodes[1:LATE]:
            configure(node, f"history_blocks: {KEPT}", f"snapshot_blocks: {INTERVAL}")
        configure(network.nodes[0], f"snapshot_blocks: {INTERVAL}")
        late = network.nodes[LATE]
        configure(late, f"history_blocks: {KEPT}", f"snapshot_blocks: {INTERVAL}")
        for node in network.nodes[:LATE]:
            node.start()
        for node in network.nodes[:LATE]:
            node.wait_height(1)
        network.chain = network.nodes[0].api.get("/v1/status").json["chain"]
        keepers = network.nodes[1:LATE]
        with Load(keepers[0]) as load:
            until(lambda: all(history(node)["first_block"] > 8 for node in keepers),
                  "the first blocks are gone", 60)
            equal(history(network.nodes[0])["first_block"], 1, "first block of the center")
            say(f"{len(load.txids)} transactions; agencies keep from "
                f"{[history(node)['first_block'] for node in keepers]} on")
            network.nodes[0].stop()  # or it might give all blocks before the others have said hello
            late.start()
            kill_while_restoring(late)
            late.start()
            wait_restored(late, 1)
            network.nodes[0].start()
            equal(history(late)["first_block"] % INTERVAL, 1, "first block after a snapshot")
            until(lambda: (late.api.height() or 0) >= keepers[0].api.height() - 2,
                  "the newcomer follows", 40)
            say(f"restored: from block {history(late)['first_block']} on, at {late.api.height()}")
            until(lambda: status(late)["consensus"]["validator"]
                  and status(late)["consensus"]["running"], "it takes part", 20)
            keepers[2].stop()  # now its vote is needed
            before = keepers[0].api.height()
            keepers[0].wait_height(before + 10, 30)
            keepers[2].start()
            keepers[2].wait_height(before + 10, 30)
        equal(load.refused, [], "refused transactions")
        network.level()
        roots_equal(network.nodes)
        what_is_gone(network, load.txids)
        check(not list((late.folder / "data").glob("ledger.rest*")), "something half is left")
        network.stop()
    except BaseException:
        for node in network.nodes:
            print(f"---- end of the log of {node.folder.name}\n{node.log_tail(12)}", flush=True)
        raise
    finally:
        network.__exit__(None, None, None)


def what_is_gone(network, txids):
    """Asked of who does not keep it, and of who does."""
    late, center = network.nodes[LATE], network.nodes[0]
    for path in ("/v1/blocks/2", f"/v1/transactions/{txids[0]}",
                 f"/v1/transactions/{txids[0]}/receipt"):
        answer = network.nodes[1].api.get(path)
        equal((answer.status, answer.code), (410, "pruned"), path)
        equal(center.api.get(path).status, 200, f"{path} of the center")
    equal(late.api.get("/v1/blocks/2").code, "pruned", "block 2 of the newcomer")
    newest = late.api.get(f"/v1/transactions/{txids[-1]}/receipt")
    equal(newest.status, 200, "a receipt of what came since")
    equal(late.api.get("/v1/duties?limit=5").status, 200, "lists of the newcomer")


if __name__ == "__main__":
    lib.main(test, 180)
