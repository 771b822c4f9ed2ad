"""A provider's gateway is asked by a consumer that is not the product, and gives what it must only.

The consumer has no node. It signs its own records with a JOSE library, has its own TLS key and asks
the provider's gateway as docs/spec/transfer.md says.

  - Opened on the ledger, the file comes, byte for byte.
  - A receipt that states something else than the provider's, and an open that nobody has a receipt
    of, are listed by the reconciliation of every node.
  - An open whose block has a certificate with one bad signature, in a store that is whole otherwise:
    nothing. Another open from the same gateway: the file.
  - Two of four validators stop. An open that is only submitted: nothing. One that is on the ledger:
    chunks until the newest block is too old, then nothing. The validators return: both.
"""
import signal
import subprocess
import time

import lib
from gateways import FILE, PROVIDER, Direct, Network, publish, request
from lib import BIN, check, equal, say, until

RELEASE_S = 4  # a parameter of the chain: how old the newest block may be when data leaves
NODE, OTHERS = 1, (3, 4)


def whole(direct, open_id, opening):
    """The file under an open; returns its manifest."""
    answer = direct.manifest(open_id, opening)
    equal(answer.code, "ok", "the manifest of an open on the ledger")
    data = direct.fetch(open_id, answer.json)
    check(data == FILE.read_bytes(), "what came is not the provider's file")
    return answer.json


def reconciled(node, open_id):
    """What a node's reconciliation says of an open, None if it lists it not."""
    items = node.api.get("/v1/reconciliation").json["items"]
    found = [item for item in items if item["open"] == open_id]
    check(len(found) <= 1, f"{open_id} is listed {len(found)} times")
    return found[0] if found else None


def receipts(network, direct, granted):
    """Of three opens the first gets receipts that differ, the second none, the third equal ones."""
    provider = network.nodes[PROVIDER]
    lied, opening = direct.opened(granted)
    silent, _ = direct.opened(granted)
    manifest = whole(direct, lied, opening)
    direct.receipt(lied, "ab" * 32, manifest["bytes"], manifest["rows"])
    equal(direct.ask(lied, "complete", method="POST").code, "ok", "the end of a transfer")
    for node in network.nodes:
        until(lambda n=node: (reconciled(n, lied) or {}).get("status") == "differs",
              f"receipts that differ in the reconciliation of {node.folder.name}", 15)
        item = reconciled(node, lied)
        equal(item["consumer_receipt"]["digest"], "ab" * 32, "the consumer's digest")
        check(item["provider_receipt"]["digest"] != "ab" * 32, "the provider's digest")
        equal(reconciled(node, silent)["status"], "lacks-both", "an open without receipts")
    told = provider.ask("review", "transfer", "reconcile")
    check({lied, silent} <= {item["open"] for item in told["items"]},
          f"dirchain transfer reconcile lists {told}")
    equal(direct.ask(lied, "chunks/0").code, "access-closed", "a chunk after the end")
    say("a false receipt and a missing one are listed by every node")


def spoiled(network, direct, granted):
    """The provider's store holds a certificate that does not verify."""
    provider = network.nodes[PROVIDER]
    open_id, opening = direct.opened(granted)
    height = direct.node.api.get(f"/v1/transactions/{open_id}").json["height"]
    provider.wait_height(height + 2)
    equal(provider.stop(), 0, "exit code of the provider's node")
    done = subprocess.run([BIN / "spoil_certificate", provider.folder / "data/ledger",
                           str(height)], capture_output=True, text=True, timeout=30, check=False)
    equal(done.returncode, 0, f"spoil_certificate: {done.stderr}")
    provider.start()
    provider.wait_height(height + 3)
    for what in ("manifest", "chunks/0"):
        equal(direct.ask(open_id, what, opening).code, "access-not-certified",
              f"{what} under a certificate with a bad signature")
    whole(direct, *direct.opened(granted))
    say(f"the certificate of block {height} is bad: access-not-certified; of another block: the file")


def outage(network, direct, granted):
    """Without a quorum nothing new is released, and what was released ends when the ledger is old."""
    old, opening = direct.opened(granted)
    equal(direct.manifest(old, opening).code, "ok", "the manifest")
    for i in OTHERS:
        network.nodes[i].send(signal.SIGSTOP)
    transaction, fresh_opening = direct.open(granted)
    fresh = lib.txid_of(transaction)
    equal(direct.node.api.submit(transaction, wait=False).status, 202, "an open without a quorum")
    equal(direct.ask(old, "chunks/0").code, "ok", "a chunk while the newest block is young")
    time.sleep(RELEASE_S + 1.5)
    for what in ("chunks/0", "chunks/1"):
        equal(direct.ask(old, what).code, "ledger-stale", f"{what}, and the newest block is old")
    for what in ("manifest", "chunks/0"):
        equal(direct.ask(fresh, what, fresh_opening).code, "access-not-certified",
              f"{what} under an open that no block has")
    for i in OTHERS:
        network.nodes[i].send(signal.SIGCONT)
    network.nodes[PROVIDER].wait_height(direct.node.api.height() + 1)
    until(lambda: direct.ask(fresh, "manifest", fresh_opening).status == 200,
          "the manifest when the quorum is back", 20)
    whole(direct, fresh, fresh_opening)
    whole(direct, old, opening)
    say("two of four stopped: access-not-certified, ledger-stale; after their return: the file")


def test():
    with Network("direct", 9700,
                 genesis=("--param", f"release_max_age_ms={RELEASE_S * 1000}")) as network:
        publish(network)
        direct = Direct(network, len(network.nodes), network.nodes[NODE])
        granted = request(network, direct.node)
        network.level()
        whole(direct, *direct.opened(granted))
        say(f"{direct.node.name}, without a node, has the file")
        receipts(network, direct, granted)
        spoiled(network, direct, granted)
        outage(network, direct, granted)
        network.stop()


if __name__ == "__main__":
    lib.main(test, 120)
