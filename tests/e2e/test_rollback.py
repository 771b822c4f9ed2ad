"""A home put back from a copy: ledger and safety record both older than what the key has signed.

1. The chain went on meanwhile: the node catches up, signs nothing on the way, and then takes part.
2. The node had voted at the very height that is still open, and the others are away: it waits for
   them, is told what it had said, lets that height pass, and signs the next.
3. All four are killed at once: their memories are there, and nobody waits.
4. Two of four are put back within a height, and a third is down. The chain stands; the chiefs of the
   two let them sign again, and that is on the ledger.
Throughout: no node has evidence of two votes of one key.
"""
import contextlib
import shutil
import signal
import time

import lib
from lib import check, equal, say, until

RESTART_S = 3.0
STANDS_S = 1.2  # more than two idle blocks


def consensus(node):
    return node.api.get("/v1/status").json["node"]["consensus"]


def hold(node):
    return consensus(node).get("hold", {"reason": "none", "until": 0})


def counters(node):
    return node.api.get("/v1/status").json["node"]["counters"]


def held(node, reason, seconds=20):
    until(lambda: (node.alive() and hold(node)["reason"] == reason), f"{node.folder.name} held: "
          f"{reason}", seconds)
    return hold(node)["until"]


def start(node):
    node.start()
    until(lambda: node.alive() and node.api.height() is not None, f"{node.folder.name} answers")


def put_back(node, copy):
    shutil.rmtree(node.folder / "data")
    shutil.copytree(copy, node.folder / "data", symlinks=True)


def copy_homes(*nodes):
    for node in nodes:
        equal(node.stop(), 0, "exit code")
        shutil.copytree(node.folder / "data", node.folder / "copy", symlinks=True)
        node.start()
    for node in nodes:
        until(lambda node=node: node.api.height() is not None, f"{node.folder.name} answers")
    return {node: node.folder / "copy" for node in nodes}


def has_signed(node, at, height):
    return node.member in at.api.get(f"/v1/blocks/{height}").json["certificate"]["signers"]


def first_signed(network, node, after, at=any):
    """The first height after `after` whose certificate has the node's vote at any of the others, or
    at all of them: each keeps the precommits that it had when it decided."""
    others = [other for other in network.nodes if other is not node and other.pid]
    height = after

    def found():
        nonlocal height
        while height < min(other.api.height() or 0 for other in others):
            height += 1
            if at(has_signed(node, other, height) for other in others):
                return height
        return None
    return until(found, f"a vote of {node.folder.name} after height {after}", 30)


def stop_after_a_block(network, nodes, proposer):
    """Stopped while nothing is being decided: they say nothing at the next height, which begins with
    a block of `proposer`, so that a vote for it and one of who has not heard of it differ."""
    members = sorted(node.member for node in network.nodes[1:])
    tip = network.nodes[1].api.height()

    def is_next():
        now = network.nodes[1].api.height()
        return now > tip and members[(now + 1) % len(members)] == proposer.member
    until(is_next, "a block before one of this proposer", 30, 0.01)
    for node in nodes:
        node.send(signal.SIGSTOP)


def votes_alone(node, other):
    """Node and other vote at the open height while the rest is stopped: it stays open."""
    def have_voted():
        states = [consensus(one) for one in (node, other)]
        heights = {state["height"] for state in states}
        voted = all(state["step"] in ("prevote", "precommit") for state in states)
        return heights.pop() if voted and len(heights) == 1 else None
    height = until(have_voted, "a height with votes of two", 30)
    time.sleep(0.5)
    return height


def nobody_voted_twice(network):
    for node in network.nodes:
        equal(node.api.get("/v1/evidence").json["items"], [], f"evidence at {node.folder.name}")
        equal(counters(node)["evidence_seen"], 0, f"evidence seen by {node.folder.name}")


def the_chain_went_on(network, node, copy):
    # The copy may know of one more. Whoever gives the block is to give the vote with it.
    signed = first_signed(network, node, network.level() + 1, at=all)
    node.stop(signal.SIGKILL)
    put_back(node, copy)
    tip = network.nodes[1].api.height()
    check(tip >= signed, "the others lost a block")
    start(node)
    node.wait_height(tip)
    again = first_signed(network, node, tip)
    held(node, "none")
    forgotten = consensus(node).get("forgotten_until", 0)
    check(signed <= forgotten < again, f"votes up to {signed} at least, it says {forgotten}")
    log = (node.folder / "log").read_text(errors="replace")
    check("that its safety record does not know" in log, "nothing in the log of what was forgotten")
    check("安全记录曾落后" in node.cli("compile", "status"), "nothing in the status")
    say(f"put back from height {tip} on: caught up, and signed again at {again}")


def the_height_is_open(network, node, copy):
    rest, other = network.nodes[1:3], network.nodes[4]
    stop_after_a_block(network, rest, other)
    height = votes_alone(node, other)
    node.stop(signal.SIGKILL)
    put_back(node, copy)
    other.send(signal.SIGSTOP)  # who remembers is away as well
    start(node)
    equal(held(node, "roll-call"), 0, "until")
    time.sleep(1.5)
    equal(hold(node)["reason"], "roll-call", "hold while nobody answers")
    say(f"put back with votes at the open height {height}: waits for the others")
    for one in (*rest, other):
        one.send(signal.SIGCONT)
    until(lambda: counters(node)["rollbacks_found"] > 0, "its own words", 20)
    again = first_signed(network, node, height - 1)
    check(again > height, f"signed at {again}, held until {height}")
    say(f"told by the others, let height {height} pass, signed at {again}")
    log = (node.folder / "log").read_text(errors="replace")
    check("put back from an older copy" in log, "nothing in the log")
    network.level()


def all_at_once(network):
    height = network.level()
    for node in network.nodes:
        node.stop(signal.SIGKILL)
    for node in network.nodes:
        node.start()
    started = time.monotonic()
    network.nodes[1].wait_height(height + 1, 20)
    took = time.monotonic() - started
    check(took <= RESTART_S, f"first block {took:.1f} s after the restart of all")
    say(f"killed all at once: first block after {took:.1f} s")
    network.level()


OVERRIDE = ("validator", "resume", "--home")
REASON = ("--reason", "磁盘还原，链停")


def what_is_refused_before_it_is_signed(network, node, height):
    other = network.nodes[0].folder / "data"
    for key, arguments, says in (
            ("chief", (*OVERRIDE, other, *REASON), ("home-of-another-node", "不是所问节点的数据目录")),
            ("chief", (*OVERRIDE, node.folder / "keys", *REASON), ("home-of-another-node",)),
            ("chief", (*OVERRIDE, node.folder / "data", "--reason", "x"), ("field-length", "2至1000字")),
            ("chief", (*OVERRIDE, node.folder / "data", *REASON, "--height", "9999"),
             ("field-range", str(height))),
            ("compile", (*OVERRIDE, node.folder / "data", *REASON), ("tx-role",))):
        told = "".join(node.cli(key, *arguments, status=1).split())  # however it is wrapped
        check(all(word in told for word in says), f"{arguments}: {told}")
    told = node.cli("chief", *OVERRIDE, node.folder / "nowhere", *REASON, status=3)
    check("[not-found]" in told and "nowhere" in told, f"a home that is not there: {told}")
    told = node.cli("chief", *OVERRIDE, node.folder / "keys/chief.key", *REASON, status=3)
    check("[not-a-directory]" in told, f"a file as home: {told}")
    check(not (other / "resume.jws").exists(), "a file in another node's home")
    equal(hold(node)["until"], height, "hold after refused overrides")
    told = node.cli("compile", "status")
    check("数据目录被还原 rolled-back" in told and f"until   {height}" in told, f"status: {told}")


def resume(node):
    """The chief's word; returns its transaction."""
    return node.ask("chief", *OVERRIDE, node.folder / "data", *REASON)["txid"]


def by_the_chiefs_word(network, first, second):
    witness, down = network.nodes[1:3]
    copies = copy_homes(first, second)
    network.nodes[0].wait_height(network.level() + 2)
    stop_after_a_block(network, (down, second), witness)
    height = votes_alone(witness, first)
    first.stop(signal.SIGKILL)
    second.send(signal.SIGCONT)
    equal(votes_alone(witness, second), height, "the open height")
    second.stop(signal.SIGKILL)
    for node, copy in copies.items():
        put_back(node, copy)
        node.start()
    for node in copies:
        until(lambda node=node: node.api.height() is not None, f"{node.folder.name} answers")
    for node in copies:
        equal(held(node, "rolled-back"), height, f"hold of {node.folder.name}")
    time.sleep(STANDS_S)
    equal(network.nodes[0].api.height(), height - 1, "height of a chain without a quorum")
    for node in copies:
        equal(node.api.get("/healthz").json["hold"]["until"], height, "hold told by /healthz")
    say(f"one down, two put back within height {height}: the chain stands")

    what_is_refused_before_it_is_signed(network, first, height)
    overrides = {first: resume(first)}
    time.sleep(0.5)
    if network.nodes[0].api.height() < height:  # the other's precommit was not heard before
        overrides[second] = resume(second)
    network.nodes[0].wait_height(height, 20)
    say(f"the word of {len(overrides)} chiefs is taken: height {height} is decided")
    for node, txid in overrides.items():
        record = until(lambda node=node: network.nodes[0].api.state(f"resume/{node.member}"),
                       "the override on the ledger", 20)
        equal((record["version"], record["held_until"]), (txid, height), "record")
        until(lambda node=node: not list((node.folder / "data").glob("resume.lifted.jws"))
              and not (node.folder / "data/resume.jws").exists(), "the file's end")
    down.send(signal.SIGCONT)
    network.level()


def test():
    with lib.Network("rollback", 9440, genesis=("--param", "idle_block_ms=500", "--param", "message_delay_ms=500",
                                              "--param", "precision_ms=200")) as network:
        node, second = network.nodes[3], network.nodes[4]
        network.nodes[0].wait_height(2)
        copy = copy_homes(node)[node]
        the_chain_went_on(network, node, copy)
        the_height_is_open(network, node, copy)
        nobody_voted_twice(network)
        all_at_once(network)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(copy)
        by_the_chiefs_word(network, node, second)
        nobody_voted_twice(network)
        network.stop()


if __name__ == "__main__":
    lib.main(test, 180)
