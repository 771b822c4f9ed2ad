"""Neither a consumer that takes all it can nor a provider that says nothing stops the others.

  - A consumer opens 260 accesses under one grant and asks the provider's gateway for all of them: it
    has the share of a grant, is told why there is no more, and another consumer gets the file.
  - At a consumer's own gateway: of many transfers from a provider that takes connections and never
    answers, a share is taken on and the next is refused with the reason; a transfer from another
    provider is complete while those wait. When the provider answers again they are, too.
"""
import shutil
import time

import lib
from gateways import (FILE, PROVIDER, Direct, Network, begin, check_file, look, publish, request)
from lib import check, equal, say, until

CONSUMER, OTHER_PROVIDER = 4, 3
OPENS = 260          # more than a provider serves at a time (DELIVERIES_MAX)
GRANT_SHARE = 16     # of these for one grant (DELIVERIES_GRANT_MAX)
BESIDE = 3
PATIENCE_S = 10      # a thread that waits for a silent provider is gone for four to twenty


class TwoProviders(Network):
    """A second member has the file, too."""

    def make(self):
        super().make()
        shutil.copy(FILE, self.nodes[OTHER_PROVIDER].folder / "files")
        self.shell("config_write", str(OTHER_PROVIDER))
        return self


def complete(node, granted, what):
    """A transfer that nothing may hold up."""
    answer = begin(node, granted)
    equal(answer.status, 202, what)
    transfer = answer.json["id"]
    until(lambda: look(node, transfer)["over"], f"{what}, complete", PATIENCE_S)
    equal(look(node, transfer)["state"], "complete", what)
    check_file(node, transfer)


def greedy_consumer(network, granted):
    direct = Direct(network, len(network.nodes), network.nodes[1])
    taking = request(network, direct.node)
    opens = [direct.open(taking) for _ in range(OPENS)]
    for transaction, _ in opens:
        equal(direct.node.api.submit(transaction, wait=False).status, 202, "an open")
    until(lambda: all(direct.node.api.get("/v1/transactions/" + lib.txid_of(t)).status == 200
                      for t, _ in opens[-1:]), "the opens in a block", 20)
    network.level()
    codes = [direct.ask(lib.txid_of(t), "manifest", opening).code for t, opening in opens]
    equal({code: codes.count(code) for code in codes},
          {"ok": GRANT_SHARE, "delivery-share": OPENS - GRANT_SHARE}, "answers to the greedy one")
    complete(network.nodes[CONSUMER], granted, "a transfer beside a greedy consumer's")
    say(f"{OPENS} opens of one consumer: {GRANT_SHARE} served, the others told why; another one's "
        "transfer is complete")


def silent_provider(network, granted, other):
    node, proxy = network.nodes[CONSUMER], network.proxy
    proxy.silent = True
    waiting = []
    while (answer := begin(node, granted)).status == 202:
        waiting.append(answer.json["id"])
        check(len(waiting) < OPENS, "there is no end of transfers under one grant")
    equal((answer.status, answer.code), (429, "transfer-share"), "one transfer too many")
    check(len(waiting) >= 8, f"only {len(waiting)} transfers under one grant")
    time.sleep(1)  # every thread that may ask the silent provider does
    begun = time.monotonic()
    for _ in range(BESIDE):
        complete(node, other, "a transfer beside those from a silent provider")
    took = time.monotonic() - begun
    check(took < PATIENCE_S, f"{BESIDE} transfers beside them took {took:.0f} s")
    check(not any(look(node, transfer)["over"] for transfer in waiting), "one of them is over")
    say(f"{len(waiting)} transfers wait for a provider that says nothing; another's file is here")
    proxy.silent = False
    until(lambda: all(look(node, transfer)["over"] for transfer in waiting),
          "the transfers from the provider that was silent", 60, 0.3)
    for transfer in waiting:
        equal(look(node, transfer)["state"], "complete", "a transfer that had waited")
    say("it answers again: all of them are complete")


def test():
    with TwoProviders("fairness", 9760) as network:
        for provider in (PROVIDER, OTHER_PROVIDER):
            publish(network, provider)
        granted = request(network, network.nodes[CONSUMER])
        other = request(network, network.nodes[CONSUMER], OTHER_PROVIDER)
        network.level()
        greedy_consumer(network, granted)
        silent_provider(network, granted, other)
        network.level()
        network.stop()


if __name__ == "__main__":
    lib.main(test, 150)
