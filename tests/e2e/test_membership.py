"""A newcomer, from its join request to its votes; and what a production chain refuses.

A fifth agency is admitted by the center's transaction and runs a node as an observer. The center
makes it a validator: from then on its votes are in certificates, and with one of the first four
stopped the chain needs it and goes on. A change that would lose the quorum, by its seats or because
a validator is down, is refused with the reason, by the tool and by the ledger. A retired key signs no
more. A production genesis has no clock to advance.

All of it under load: clients submit at every node, and what was acknowledged is on every node in the
end. A validator changes its vote key; from the height of the change on its old one counts for
nothing, not even as evidence. It votes twice with the new one: that is recorded, the center is told
by an event, in the log, by metrics and by the tool, and the profile takes the seat. The node goes on
as an observer and says why.
"""
import http.client
import json
import os
import subprocess
import threading
import time

import lib
from lib import BIN, check, equal, say, until

NEWCOMER = 5


def admit(network):
    """Keys, configuration and join request as for the others; then the center's word."""
    network.shell("keys_make", str(NEWCOMER), members=NEWCOMER)
    network.shell("config_write", str(NEWCOMER), members=NEWCOMER)
    network.shell("join_make", str(NEWCOMER), members=NEWCOMER)
    lines = (lib.ROOT / "samples/agencies.tsv").read_text().splitlines()
    members = [line.split("\t") for line in lines if line and not line.startswith("#")]
    node = lib.Node(network, NEWCOMER, *members[NEWCOMER])
    network.agencies = NEWCOMER
    join = node.folder / "join.json"
    network.nodes[0].cli("admin", "member", "admit", join, "--reason", "新增成员单位")
    network.nodes.append(node)
    node.start()
    node.wait_height(network.nodes[0].api.height())
    say(f"{node.name} is admitted, and its node has caught up as an observer")
    return node


def signers(node, height):
    certificate = node.api.get(f"/v1/blocks/{height}").json["certificate"]
    return certificate["signers"]


def votes_of(node, member):
    """Whether any of the last ten certificates holds a vote of the member."""
    top = node.api.height()
    return any(member in signers(node, h) for h in range(max(1, top - 10), top + 1))


def refuse(node, key, code, *arguments):
    """The ledger must refuse, with the code and a sentence."""
    output = node.cli(key, *arguments, status=1)
    check(f"[{code}]" in output, f"{' '.join(arguments)}: no [{code}] in {output.strip()!r}")
    say(f"refused: {' '.join(output.split())[:150]}")


def is_up(node, member):
    peers = node.api.get("/v1/status").json["node"]["peers"]
    return any(peer["up"] for peer in peers if peer["member"] == member)


def validators(network, newcomer):
    center = network.nodes[0]
    check(not votes_of(center, newcomer.member), "an observer's vote is in a certificate")
    asked = ("--node", network.nodes[1].url)
    # The center's node has no vote key: its own says so, and it tells the validators.
    refuse(center, "admin", "vote-key-absent", "validator", "change", "--add", center.member,
           "--reason", "扩充")
    refuse(center, "admin", "vote-key-absent", "validator", "change", "--add", center.member,
           *asked, "--reason", "扩充")
    # And of a newcomer the center's node, an observer, can say nothing.
    refuse(center, "admin", "quorum-lost", "validator", "change", "--add", newcomer.member,
           "--reason", "扩充")
    center.cli("admin", "validator", "change", "--add", newcomer.member, *asked, "--reason", "扩充")
    until(lambda: votes_of(center, newcomer.member), "a vote of the newcomer in a certificate", 60)
    say("added to the validators, it votes")
    refuse(center, "admin", "validator-seats", "validator", "change", "--remove",
           network.nodes[1].member, "--remove", network.nodes[2].member, "--reason", "误操作")
    network.nodes[4].stop()
    height = center.api.height()
    center.wait_height(height + 3)
    for h in range(height + 1, height + 4):
        check(newcomer.member in signers(center, h),
              f"block {h}: decided by four of five, and the newcomer is not among them")
    say("one of the first four stopped: every certificate needs the newcomer, and has it")
    until(lambda: not is_up(center, network.nodes[4].member), "the node sees that it is down")
    # Four of six would be left where five are needed; the ledger does not know yet, the node does.
    refuse(center, "admin", "quorum-lost", "validator", "change", "--add", center.member,
           "--reason", "扩充")
    network.nodes[4].start()
    network.level()
    center.cli("admin", "validator", "change", "--remove", newcomer.member, "--reason", "退出")
    height = center.api.height()
    center.wait_height(height + 4)
    check(newcomer.member not in signers(center, height + 4), "it votes after its removal")
    newcomer.wait_height(height + 4)
    say("removed, it observes again")
    ledger_refuses(center, newcomer)


def ledger_refuses(center, newcomer):
    """What the tool sees is not what the ledger rests on: four of five have proposed, and five of
    six would be needed."""
    newcomer.stop()
    center.cli("admin", "validator", "change", "--add", newcomer.member, "--force", "--reason",
               "扩充")
    center.wait_height(center.api.height() + 3)
    refuse(center, "admin", "quorum-lost", "validator", "change", "--add", center.member,
           "--force", "--reason", "扩充")
    center.cli("admin", "validator", "change", "--remove", newcomer.member, "--force", "--reason",
               "退出")
    newcomer.start()
    newcomer.wait_height(center.api.height())


# ---- load ----

class Load:
    """A client at each node, which notes what was acknowledged."""

    def __init__(self, network):
        self.nodes = [node for node in network.nodes if node.index > 0]
        self.keys = {node.index: node.new_key("load", "compile") for node in self.nodes}
        self.acknowledged = {}
        self.refused = []
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(node,), daemon=True) for node in self.nodes]
        for thread in self.threads:
            thread.start()

    def run(self, node):
        key, serial = self.keys[node.index], 0
        while not self.ending.is_set():
            serial += 1
            transaction = key.sign("duty.publish", lib.duty(f"LOAD-{node.index}-{serial}"))
            try:
                answer = node.api.submit(transaction)
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)  # its node is down: acknowledged is what has an answer
                continue
            with self.lock:
                if answer.status == 200:
                    self.acknowledged[lib.txid_of(transaction)] = node.index
                elif answer.status not in (429, 503, 504):
                    self.refused.append(answer.code)
            time.sleep(0.02)

    def end(self, network):
        """No acknowledgement is lost, on no node."""
        self.ending.set()
        for thread in self.threads:
            thread.join(60)
        equal(self.refused, [], "refused by a node under load")
        network.level()
        for node in network.nodes:
            missing = [txid for txid in self.acknowledged
                       if node.api.get(f"/v1/transactions/{txid}").status != 200]
            equal(missing, [], f"acknowledged, and not on {node.folder.name}")
        check(len(self.acknowledged) > 50, f"{len(self.acknowledged)} acknowledged is no load")
        say(f"{len(self.acknowledged)} acknowledged transactions are on all {len(network.nodes)} "
            "nodes")


# ---- another vote key ----

def hostile(node, vote, seconds=0):
    """A misbehaving program in the node's place, which votes twice with this key."""
    text = (node.folder / "dirchaind.yaml").read_text().splitlines()
    text = ["keys: {vote: keys/%s.key, peer: keys/peer.key, passphrase_file: passphrase}" % vote
            if line.startswith("keys:") else line for line in text]
    (node.folder / "hostile.yaml").write_text("\n".join(text) + "\n")
    done = subprocess.run([BIN / "hostile_peer", "hostile.yaml", "equivocate", str(seconds)],
                          cwd=node.folder, capture_output=True, text=True, timeout=60, check=False)
    equal(done.returncode, 0, f"hostile_peer: {done.stdout}{done.stderr}")


def set_keys(node, keys):
    config = node.folder / "dirchaind.yaml"
    lines = [f"keys: {{{keys}, peer: keys/peer.key, passphrase_file: passphrase}}"
             if line.startswith("keys:") else line for line in config.read_text().splitlines()]
    config.write_text("\n".join(lines) + "\n")


def seat_key(node, member):
    sets = node.api.state("validators")["sets"]
    return {seat["member"]: seat["key"] for seat in sets[-1]["set"]}.get(member)


def rotate(network):
    """As docs/operators.md has it. The chain goes on all the while."""
    node, center = network.nodes[1], network.nodes[0]
    old = seat_key(center, node.member)
    subprocess.run([BIN / "dirchain", "key", "create", "--member", node.member, "--dir",
                    node.folder / "keys", "--light", "--passphrase-file",
                    node.folder / "passphrase", "vote-2"], check=True, capture_output=True)
    proof = node.folder / "rotation.json"
    node.cli("chief", "validator", "prove", node.folder / "keys/vote-2.key", "--out", proof)
    new = json.loads(proof.read_text())["vote_key"]
    act = ["validator", "rotate", "--from", str(proof), "--reason", "定期轮换"]
    refuse(node, "chief", "vote-key-absent", *act)  # not before the node holds it
    node.stop()
    set_keys(node, "vote: keys/vote.key, vote_next: keys/vote-2.key")
    node.start()
    network.level()
    until(lambda: new in node.api.get("/v1/status").json["node"]["consensus"]["vote_keys"],
          "the node holds both keys")
    until(lambda: node.cli("chief", *act, status=None).startswith("已上链"), "the rotation", 40, 1)
    until(lambda: seat_key(center, node.member) == new, "the seat's key at an observer")
    start = center.api.state("validators")["sets"][-1]["from"]
    center.wait_height(start + 4)
    until(lambda: any(node.member in signers(center, h)
                      for h in range(start, center.api.height() + 1)),
          "a vote with the new key in a certificate", 30)
    refuse(node, "chief", "vote-key-recent", "validator", "rotate", "--from", str(proof), "--reason",
           "再换", "--force")
    say(f"its vote key is {new[:12]}… instead of {old[:12]}… from height {start} on, and in "
        "certificates")
    node.stop()
    set_keys(node, "vote: keys/vote-2.key, vote_next: keys/vote-2.key")
    start_refused(node, "key-duplicate")
    set_keys(node, "vote: keys/vote-2.key")  # what the manual says to do in the end
    record = node.folder / f"data/safety-{new[:16]}"
    record.rename(node.folder / "kept")
    start_refused(node, "safety-lost")  # a set names the key: a new record would forget
    record.symlink_to(node.folder / "kept")
    start_refused(node, "safety-link")
    record.unlink()
    (node.folder / "kept").rename(record)
    return node


def start_refused(node, code):
    done = subprocess.run([BIN / "dirchaind", "--config", "dirchaind.yaml"], cwd=node.folder,
                          capture_output=True, text=True, timeout=60, check=False)
    equal(done.returncode, 3, f"exit code where {code} is to be said")
    check(f"[{code}]" in done.stderr, f"no [{code}] in {done.stderr}")


def old_key_refused(network, node):
    """Two votes of the old key at heights of the new one are not even evidence."""
    center = network.nodes[0]
    before = center.api.height()
    hostile(node, "vote")
    center.wait_height(before + 2)
    equal(center.api.get("/v1/evidence").json["items"], [], "evidence by a key of the past")
    say("votes of the old key are refused, and prove nothing")


def events_of(node, since):
    """The evidence events from a height on, as a listener of the center gets them."""
    connection = http.client.HTTPConnection("127.0.0.1", node.api.port, timeout=10)
    connection.request("GET", f"/v1/events?only=evidence&from={since}", None,
                       {"Accept": "text/event-stream"})
    response = connection.getresponse()
    equal(response.status, 200, "the stream of events")
    end = time.monotonic() + 10
    while time.monotonic() < end:
        line = response.fp.readline().decode()
        if line.startswith("data: "):
            connection.close()
            return json.loads(line[6:])
    raise lib.Failed("no event of evidence")


def equivocation(network, node):
    """The new key votes twice: recorded once for each vote, told, and the seat is taken by rule."""
    center = network.nodes[0]
    center.cli("admin", "profile", "publish", lib.ROOT / "samples/profiles/changning.json",
               "--reason", "采用收回席位规则")
    before = center.api.height()

    def votes_twice():
        hostile(node, "vote-2")  # again, where the chain was faster than the votes
        end = time.monotonic() + 4
        while seat_key(center, node.member) is not None and time.monotonic() < end:
            time.sleep(0.2)
        return seat_key(center, node.member) is None

    until(votes_twice, "the seat is taken", 40)
    items = center.api.get("/v1/evidence").json["items"]
    check(items and all(item["validator"] == node.member for item in items), f"evidence: {items}")
    equal(len({item["hash"] for item in items}), len(items), "each once")
    event = events_of(center, before)
    equal(event["evidence"]["validator"], node.member, "the event's validator")
    check("运维" in event["advice"]["chinese"], f"no advice: {event}")
    log = (center.folder / "log").read_text()
    check("signed two different prevotes" in log and "The profile says: remove" in log,
          "the center's log does not tell")
    counted = f"dirchain_evidence_recorded_total {len(items)}\n"
    until(lambda: counted in center.api.get("/metrics").raw.decode(), f"metrics: {counted}", 10)
    check(all(0 < item["vote_height"] <= item["height"] for item in items), f"heights: {items}")
    until(lambda: center.ask("admin", "validator", "status")["outcomes"][0]["seat"] == "gone",
          "the set without it acts", 10)
    said = center.cli("admin", "validator", "status")
    check(node.member in said and "已不在 gone" in said and "规则 the rule" in said and
          "--remove" not in said, f"the tool says {said}")
    node.start()
    node.wait_height(center.api.height())
    until(lambda: "its key signed two different votes" in (node.folder / "log").read_text(),
          "the node says why it votes no more")
    until(lambda: not node.api.get("/v1/status").json["node"]["consensus"]["validator"],
          "it votes no more")
    say("two votes at one height: on record, told to the center, and the seat is taken")


def retired_key(network):
    node = network.nodes[1]
    key = node.new_key("leaving", "compile")
    equal(node.api.submit(key.sign("duty.publish", lib.duty("K-1"))).status, 200, "a valid key")
    node.cli("chief", "member", "key", "retire", "leaving", "--reason", "离岗")
    equal(node.api.submit(key.sign("duty.publish", lib.duty("K-2"))).code, "tx-key-unknown",
          "a key that was retired")
    say("a retired key signs no more")


def tool_refuses(node, weak):
    """The tool signs nothing for this chain with a cheap key file, whether the genesis or only the
    node says that it is no test chain."""
    act = ["duty", "publish", "--code", "W-1", "--name", "测试职责", "--category", "公共服务",
           "--implementer", "测试处室", "--basis", "章程", "--key", weak]
    for more in ([], ["--chain", node.network.chain, "--genesis", ""]):
        said = node.cli("compile", *act, *more, status=3)
        check("[keyfile-light]" in said, f"no word of it: {said}")
    rows = node.folder / "weak.jsonl"
    rows.write_text((lib.ROOT / "samples/duties" / f"{node.folder.name}.jsonl").read_text())
    said = node.cli("compile", "duty", "import", rows, "--key", weak, status=3)
    equal(said.count("[keyfile-light]"), 1, "an import with a cheap key file is refused once")
    equal(node.ask("compile", "duty", "list")["items"], [], "duties on the ledger")


def production():
    """Without --test there is no clock to advance, for nobody, and no cheap key file. The others are
    so dear that there are no more of them than the nodes need."""
    os.environ.update(GENESIS_KIND="", KEY_COST="", KEY_NAMES="chief gateway vote peer")
    try:
        with lib.Network("production", 9900, agencies=1) as network:
            node = network.nodes[1]
            answer = node.api.post("/v1/test/clock", '{"advance_ms":60000}', "application/json")
            check(answer.status in (403, 404, 409) and answer.json["code"] != "ok",
                  f"a production chain's clock: {answer.status} {answer.raw!r}")
            say(f"production: {answer.status} {answer.json['code']}: {answer.json['detail']}")
            weak = node.folder / "weak"
            done = subprocess.run(
                [BIN / "dirchain", "key", "create", "--member", node.member, "--dir", weak,
                 "--light", "--passphrase-file", node.folder / "passphrase", "peer", "compile"],
                capture_output=True, text=True, timeout=60, check=False)
            equal(done.returncode, 0, f"key create --light: {done.stderr}")
            tool_refuses(node, weak / "compile.key")
            node.stop()
            config = node.folder / "dirchaind.yaml"
            config.write_text(config.read_text().replace("peer: keys/peer.key",
                                                         "peer: weak/peer.key"))
            done = subprocess.run([BIN / "dirchaind", "--config", config.name], cwd=node.folder,
                                  capture_output=True, text=True, timeout=60, check=False)
            equal(done.returncode, 3, "exit code with a cheap key file")
            check("--light" in done.stderr, f"no word of it: {done.stderr}")
            say(f"production: {done.stderr.strip()}")
            network.stop()
    finally:
        for name in ("GENESIS_KIND", "KEY_COST", "KEY_NAMES"):
            del os.environ[name]


def test():
    with lib.Network("membership", 9500) as network:
        newcomer = admit(network)
        load = Load(network)
        validators(network, newcomer)
        node = rotate(network)
        old_key_refused(network, node)
        equivocation(network, node)
        load.end(network)
        retired_key(network)
        network.stop()
    production()


if __name__ == "__main__":
    lib.main(test, 240)
