"""A newcomer among three honest validators and one that lies in sync: it offers the snapshots that the
others offer and some that nobody has, and gives parts and blocks that do not hold. First the newcomer
is to take a snapshot, then, its data gone, blocks: both times it comes to the tip, names the liar and
cuts it off.
"""
import shutil
import subprocess

import lib
from lib import check, equal, say, until
from test_snapshot import configure, history, log_of, status

LIAR = 4


def liar_named(newcomer, member):
    def named():
        peers = [peer for peer in status(newcomer).get("peers", []) if peer["member"] == member]
        return peers and peers[0]["blamed"] > 0 and peers[0]["blamed_for"]
    return until(named, "the liar is named", 30)


def level_with(newcomer, others, seconds=40):
    until(lambda: (newcomer.api.height() or 0) >= others[0].api.height() - 2,
          "the newcomer is at the tip", seconds)


def honest_are_not_named(newcomer, member):
    for peer in status(newcomer)["peers"]:
        check(peer["member"] == member or peer["blamed"] == 0,
              f"{peer['member']} is blamed for: {peer.get('blamed_for')}")


def test():
    network = lib.Network("liars", 9680, genesis=(
        "--param", "idle_block_ms=100", "--param", "message_delay_ms=100", "--param", "precision_ms=100"))
    network.make()
    newcomer, liar = network.nodes[0], network.nodes[LIAR]
    honest = network.nodes[1:LIAR]
    hostile = None
    try:
        for node in honest:
            configure(node, "snapshot_blocks: 10")
            node.start()
        configure(newcomer, "snapshot_blocks: 10", "snapshot_gap_blocks: 10")
        honest[0].wait_height(25, 60)
        hostile = subprocess.Popen(
            [lib.BIN / "hostile_peer", "dirchaind.yaml", "snapshots", "120"], cwd=liar.folder,
            stdout=subprocess.DEVNULL)
        newcomer.start()
        until(lambda: "is whole" in log_of(newcomer), "a snapshot is whole", 40)
        level_with(newcomer, honest)
        say(f"by snapshot: from block {history(newcomer)['first_block']} on")
        newcomer.stop()
        shutil.rmtree(newcomer.folder / "data")
        text = (newcomer.folder / "dirchaind.yaml").read_text()
        (newcomer.folder / "dirchaind.yaml").write_text(text.replace("gap_blocks: 10", "gap_blocks: 0"))
        newcomer.start()
        level_with(newcomer, honest)
        equal(history(newcomer)["first_block"], 1, "first block of who took blocks")
        why = liar_named(newcomer, liar.member)
        honest_are_not_named(newcomer, liar.member)
        until(lambda: "is cut off" in log_of(newcomer), "the liar is cut off", 30)
        say(f"by blocks: the liar is named for {why!r}")
        page = newcomer.cli("chief", "status")
        check(liar.member in page and "异常节点" in page, f"dirchain status names the liar:\n{page}")
        headers = [{item["height"]: item["hash"] for item in
                    node.api.get("/v1/blocks?limit=50").json["items"]}
                   for node in (newcomer, honest[1])]
        common = max(set(headers[0]) & set(headers[1]))
        equal(headers[0][common], headers[1][common], f"block {common}")
    except BaseException:
        for node in network.nodes[:LIAR]:
            print(f"---- end of the log of {node.folder.name}\n{node.log_tail(12)}", flush=True)
        raise
    finally:
        if hostile is not None:
            hostile.kill()
            hostile.wait()
        network.__exit__(None, None, None)


if __name__ == "__main__":
    lib.main(test, 150)
