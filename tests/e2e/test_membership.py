"""A newcomer, from its join request to its votes; and what a production chain refuses.

A fifth agency is admitted by the center's transaction and runs a node as an observer. The center
makes it a validator: from then on its votes are in certificates, and with one of the first four
stopped the chain needs it and goes on. A change that would lose the quorum, by its seats or because
a validator is down, is refused with the reason, by the tool and by the ledger. A retired key signs no
more. A production genesis has no clock to advance.
"""
import os
import subprocess

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


def validators(network, newcomer):
    center = network.nodes[0]
    check(not votes_of(center, newcomer.member), "an observer's vote is in a certificate")
    center.cli("admin", "validator", "change", "--add", newcomer.member, "--reason", "扩充")
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
    """Without --test there is no clock to advance, for nobody, and no cheap key file."""
    os.environ.update(GENESIS_KIND="", KEY_COST="")
    try:
        with lib.Network("production", 9900) as network:
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
        del os.environ["GENESIS_KIND"], os.environ["KEY_COST"]


def test():
    with lib.Network("membership", 9500) as network:
        newcomer = admit(network)
        validators(network, newcomer)
        retired_key(network)
        network.level()
        network.stop()
    production()


if __name__ == "__main__":
    lib.main(test, 240)
