"""Kill -9 at random instants under load: what was acknowledged stays, and nobody signs twice.

Clients submit duties at every node and wait for the block. Each acknowledgement (200) goes to a
file outside the nodes, synced before the client goes on. Meanwhile nodes are killed with SIGKILL:
one, several, all validators at once, or again while they catch up. Afterwards

  - every node has the same block at every height, and no transaction twice;
  - every acknowledged transaction is found on every node, at the height that was acknowledged;
  - no node has seen two signatures of one validator that contradict each other;
  - a pack of the whole chain verifies offline, and a light client follows it on all nodes.

DIRCHAIN_CRASH_CYCLES (6) and DIRCHAIN_CRASH_SEED (random, printed) make and repeat the plan. With
DIRCHAIN_CRASH_BLOCKS the chain has that many blocks before the first crash; of it the light client
follows all, the pack and the comparison hold what came after. Each restart is timed, from before the
process is started until the node has a block that it did not have: the bound is RESTART_S.
"""
import http.client
import json
import os
import random
import re
import secrets
import signal
import subprocess
import threading
import time

import grown
import lib
from lib import BIN, check, equal, say

BLOCKS = int(os.environ.get("DIRCHAIN_CRASH_BLOCKS", "0"))
RESTART_S = 3.0  # p99, where there are a hundred to speak of
RESTART_FEW_S = 10.0  # the slowest of a few, beside which other tests may be running
CYCLES = int(os.environ.get("DIRCHAIN_CRASH_CYCLES", "6"))
SEED = int(os.environ.get("DIRCHAIN_CRASH_SEED") or secrets.randbelow(2**32))
VALIDATORS = range(1, 5)


# ---- load ----

class Load:
    """Clients that submit for as long as the test lasts, whatever happens to the nodes."""

    def __init__(self, network, keys):
        self.nodes = network.nodes
        self.path = network.directory / "acknowledged"
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.lock = threading.Lock()
        self.acknowledged = 0
        self.lost = 0  # broken off by a crash: may be in the ledger or not
        self.refused = {}
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(i, keys[i % len(keys)]))
                        for i in range(2 * len(self.nodes))]
        for thread in self.threads:
            thread.start()

    def run(self, number, key):
        api = self.nodes[number % len(self.nodes)].api
        serial = 0
        while not self.ending.is_set():
            serial += 1
            transaction = key.sign("duty.publish", lib.duty(f"CRASH-{number}-{serial}"))
            try:
                answer = api.submit(transaction)
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.lost += 1
                time.sleep(0.1)
                continue
            if answer.status == 200:
                self.acknowledge(transaction, answer)
            else:
                with self.lock:
                    self.refused[answer.code] = self.refused.get(answer.code, 0) + 1
                time.sleep(0.1)

    def acknowledge(self, transaction, answer):
        """The receipt's header holds the height, big-endian after version and genesis hash."""
        height = int.from_bytes(bytes.fromhex(answer.json["header"])[36:44], "big")
        line = f"{lib.txid_of(transaction)} {height}\n"
        os.write(self.file, line.encode())
        os.fsync(self.file)
        with self.lock:
            self.acknowledged += 1

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(60)
            check(not thread.is_alive(), "a client waits for ever")
        os.close(self.file)

    def read(self):
        lines = self.path.read_text().splitlines()
        return dict((txid, int(height)) for txid, height in map(str.split, lines))


# ---- crashes ----

def plan(dice):
    """What one cycle kills, when, and how soon it comes back."""
    kind = dice.choice(["one", "one", "several", "all", "all", "staggered", "again"])
    if kind in ("one", "again"):
        targets = [dice.choice(VALIDATORS)]
    elif kind == "several":
        targets = dice.sample(range(0, 5), dice.randint(2, 4))  # the center too
    else:
        targets = dice.sample(VALIDATORS, 4)
    return {"kind": kind, "targets": targets, "after_s": dice.uniform(0.2, 1.5),
            "gap_s": dice.uniform(0, 0.05) if kind == "staggered" else 0,
            "down_s": dice.uniform(0, 1.0), "again_s": dice.uniform(0.01, 0.4)}


def kill(nodes, gap_s):
    for node in nodes:
        node.send(signal.SIGKILL)
        time.sleep(gap_s)
    for node in nodes:
        equal(node.reap(), -signal.SIGKILL, f"end of {node.folder.name}, which was killed")


class Restart(threading.Thread):
    """Starts a node and waits for its first commit: a block above the height that it came up at."""

    def __init__(self, node):
        super().__init__()
        self.node = node
        self.offset = (node.folder / "log").stat().st_size
        self.begun = time.monotonic()
        self.seconds = None
        node.start()
        self.start()

    def height_at_start(self):
        with open(self.node.folder / "log", encoding="utf-8", errors="replace") as log:
            log.seek(self.offset)
            found = re.search(r"at height (\d+), peers on port", log.read())
        return int(found[1]) if found else None

    def run(self):
        began_at = None
        while time.monotonic() < self.begun + 60:
            time.sleep(0.01)
            began_at = began_at if began_at is not None else self.height_at_start()
            if began_at is not None and (self.node.api.height() or 0) > began_at:
                self.seconds = time.monotonic() - self.begun
                return

    def ended(self):
        self.join()
        check(self.seconds is not None, f"{self.node.folder.name}: no block since its restart")
        return self.seconds


def tell_restarts(seconds):
    seconds = sorted(seconds)
    p50, p99 = (seconds[min(len(seconds) - 1, int(len(seconds) * part))] for part in (0.5, 0.99))
    say(f"{len(seconds)} restarts on {BLOCKS} blocks and more, until the first commit: "
        f"p50 {p50:.2f} s, p99 {p99:.2f} s, longest {seconds[-1]:.2f} s")
    bound = RESTART_S if len(seconds) >= 100 else RESTART_FEW_S
    check(p99 <= bound, f"p99 of the restarts is above {bound} s")
    return {"p50_s": round(p50, 3), "p99_s": round(p99, 3), "max_s": round(seconds[-1], 3)}


def equivocations_seen(nodes):
    """Asked before each crash and at the end: the counter starts anew with the process."""
    for node in nodes:
        if node.alive():
            try:
                status = node.api.get("/v1/status").json["node"]
            except (OSError, http.client.HTTPException):
                continue
            equal(status["counters"]["evidence_seen"], 0,
                  f"contradicting signatures seen by {node.folder.name}")


def cycle(network, load, number, step):
    nodes = [network.nodes[i] for i in step["targets"]]
    names = " ".join(node.folder.name for node in nodes)
    time.sleep(step["after_s"])
    equivocations_seen(network.nodes)
    before = load.acknowledged
    kill(nodes, step["gap_s"])
    time.sleep(step["down_s"])
    if step["kind"] == "again":
        for node in nodes:
            node.start()
        time.sleep(step["again_s"])
        kill(nodes, 0)
    restarts = [Restart(node) for node in nodes]
    restarted = load.acknowledged
    start = time.monotonic()
    lib.until(lambda: all(node.alive() for node in network.nodes) and
              load.acknowledged >= restarted + 10,
              f"acknowledgements after killing {names}", 60)
    network.level()
    seconds = [restart.ended() for restart in restarts]
    say(f"cycle {number:2d}: {step['kind']:9s} {names}: {load.acknowledged - before} acknowledged "
        f"since, level after {time.monotonic() - start:.1f} s, first commit after "
        f"{max(seconds):.2f} s")
    return seconds


# ---- what is left ----

def read_chain(node, height):
    """All but what was there before the test."""
    return [node.api.get(f"/v1/blocks/{h}").json for h in range(BLOCKS + 1, height + 1)]


def each_node(nodes, function):
    """Runs function(node) for all nodes at once; their results, or the first failure."""
    results, failures = {}, []

    def run(node):
        try:
            results[node.index] = function(node)
        except Exception as failure:  # pylint: disable=broad-except
            failures.append((node, failure))
    threads = [threading.Thread(target=run, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for node, failure in failures:
        raise lib.Failed(f"{node.folder.name}: {failure!r}")
    return results


def check_chains(chains, names):
    """The same blocks everywhere, certified without contradiction. Returns txid → height."""
    reference = chains[0]
    signed = {}
    for index, chain in chains.items():
        for mine, block in zip(reference, chain):
            where = f"block {mine['height']} on {names[index]}"
            equal(block["hash"], mine["hash"], where)
            equal(block["evidence"], [], f"evidence in {where}")
            for signer in block["certificate"]["signers"]:
                place = (block["height"], block["certificate"]["round"], signer)
                equal(signed.setdefault(place, block["hash"]), block["hash"], f"precommit {place}")
    heights = {}
    for block in reference:
        for line in block["transactions"]:
            check(line["txid"] not in heights, f"{line['txid']} is in the ledger twice")
            heights[line["txid"]] = block["height"]
    rounds = sum(block["certificate"]["round"] > 0 for block in reference)
    say(f"{len(reference)} blocks agree on {len(chains)} nodes ({rounds} needed a second round); "
        f"{len(heights)} transactions, none twice; {len(signed)} precommits, none contradicts")
    return heights


def check_lookups(node, acknowledged):
    for txid, height in acknowledged.items():
        answer = node.api.get("/v1/transactions/" + txid)
        equal(answer.status, 200, f"lookup of acknowledged {txid}")
        equal(answer.json["height"], height, f"height of acknowledged {txid}")


def check_ledger(network, load):
    height = network.level()
    equivocations_seen(network.nodes)
    acknowledged = load.read()
    equal(len(acknowledged), load.acknowledged, "acknowledgements in the file")
    check(load.acknowledged >= 20 * CYCLES, f"hardly any load: {load.acknowledged} acknowledged")
    chains = each_node(network.nodes, lambda node: read_chain(node, height))
    heights = check_chains(chains, [node.folder.name for node in network.nodes])
    for txid, wanted in acknowledged.items():
        equal(heights.get(txid), wanted, f"height of acknowledged {txid}")
    each_node(network.nodes, lambda node: check_lookups(node, acknowledged))
    say(f"{len(acknowledged)} acknowledged transactions are on every node where they were said "
        f"to be; {load.lost} were broken off; refused: {load.refused or 'none'}")


def check_offline(network):
    center, pack = network.nodes[0], network.directory / "audit.pack"
    genesis = network.directory / "genesis.json"
    center.cli("audit", "audit", "pack", "--genesis", genesis, "--out", pack, "--from",
               str(BLOCKS + 1))
    done = subprocess.run([BIN / "dirchain", "audit", "verify", pack, "--genesis", genesis],
                          capture_output=True, text=True, timeout=120, check=False)
    equal(done.returncode, 0, f"audit verify: {done.stdout}{done.stderr}")
    say(f"all blocks since verify offline ({pack.stat().st_size >> 10} KiB)")


def check_followed(network):
    """By headers and certificates from genesis, compared on all nodes."""
    center = network.nodes[0]
    witnesses = [part for node in network.nodes[1:]
                 for part in ("--witness", f"http://127.0.0.1:{node.api.port}")]
    lines = center.cli("audit", "audit", "follow", "--once", "--json", "--genesis",
                       network.directory / "genesis.json", "--state",
                       network.directory / "follow.state", *witnesses, timeout_s=600)
    end = json.loads(lines.splitlines()[-1])
    check(end["height"] > BLOCKS, f"followed up to {end['height']} only")
    equal([node["code"] for node in end["nodes"]], ["ok"] * len(network.nodes), "nodes followed")
    say(f"a light client follows {end['headers']} headers on all nodes in "
        f"{end['elapsed_ms'] / 1000:.1f} s: {end['headers_a_second']} a second")


def test():
    dice = random.Random(SEED)
    steps = [plan(dice) for _ in range(CYCLES)]
    if CYCLES >= 2:  # whatever the dice say, one and all at once are among them
        steps[0].update(kind="all", targets=list(VALIDATORS), gap_s=0)
        steps[1].update(kind="one", targets=steps[1]["targets"][:1], gap_s=0)
    say(f"{CYCLES} cycles; again with DIRCHAIN_CRASH_SEED={SEED}")
    restarts = []
    with grown.Network("crash", 9600, BLOCKS) if BLOCKS else lib.Network("crash", 9600) as network:
        keys = [network.nodes[i].new_key("load", "compile") for i in VALIDATORS]
        load = Load(network, keys)
        try:
            for number, step in enumerate(steps, 1):
                restarts += cycle(network, load, number, step)
        finally:
            load.end()
        check_ledger(network, load)
        check_offline(network)
        check_followed(network)
        network.stop()
        say(json.dumps({"cycles": CYCLES, "seed": SEED, "blocks": BLOCKS,
                        "acknowledged": load.acknowledged, **tell_restarts(restarts)}))


if __name__ == "__main__":
    lib.main(test, 120 + 40 * CYCLES + BLOCKS // 50)
