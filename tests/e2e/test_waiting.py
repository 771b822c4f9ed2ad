"""What waits for a quorum: each transaction once, and every client gets its answer.

Two of four validators stand still, so that whatever is submitted waits. The same transaction comes
again and again, from several clients, with either S, at two nodes: each node holds it once. A node
that is told to stop answers those who wait at it, and exits with 0. When the quorum is back the
others learn the one block that has the transaction, once.
"""
import signal
import threading
import time

import lib
from lib import check, duty, equal, say, until

NODE, STOPPED, OTHERS = 1, 2, (3, 4)
STATUS_S = 2  # the numbers in /metrics are renewed once a second


class Waiter(threading.Thread):
    """A client that submits and waits for the block, however long it takes."""

    def __init__(self, node, transaction):
        super().__init__(daemon=True)
        self.api = lib.Api(node.api.port, 60)
        self.transaction = transaction
        self.answer = None
        self.start()

    def run(self):
        try:
            self.answer = self.api.submit(self.transaction)
        except OSError as error:
            self.answer = error


def pooled(node):
    """Transactions that a node holds for blocks to come."""
    lines = node.api.get("/metrics").raw.decode().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("dirchain_mempool_txs "))


def submit(network, transaction):
    """From many clients at two nodes; returns those who wait at either."""
    node, stopped = network.nodes[NODE], network.nodes[STOPPED]
    waiters = [Waiter(node, text) for text in (transaction, lib.flip_s(transaction)) * 2]
    at_stopped = [Waiter(stopped, transaction), Waiter(stopped, lib.flip_s(transaction))]
    for text in (transaction, lib.flip_s(transaction)):
        until(lambda t=text: node.api.submit(t, wait=False).status == 202,
              "a transaction that waits already, submitted again", 5)
    time.sleep(STATUS_S)
    return waiters, at_stopped


def times_on_ledger(node, txid):
    """In how many places of the newest blocks a transaction is."""
    top = node.api.height()
    blocks = [node.api.get(f"/v1/blocks/{h}").json for h in range(max(1, top - 20), top + 1)]
    return sum(line["txid"] == txid for block in blocks for line in block["transactions"])


def test():
    with lib.Network("waiting", 9640) as network:
        node, stopped = network.nodes[NODE], network.nodes[STOPPED]
        key = node.new_key("waiting", "compile")
        network.level()
        for i in OTHERS:
            network.nodes[i].send(signal.SIGSTOP)
        transaction = key.sign("duty.publish", duty("W-1"))
        txid = lib.txid_of(transaction)
        waiters, at_stopped = submit(network, transaction)
        for at in (node, stopped):
            equal(pooled(at), 1, f"transactions that wait at {at.folder.name}")
        say("one transaction, submitted eight times: each node holds it once")

        equal(stopped.stop(), 0, "exit code of a node that is told to stop")
        for waiter in at_stopped:
            waiter.join(5)
            answer = waiter.answer
            check(isinstance(answer, lib.Answer), f"a client at the stopped node got {answer!r}")
            equal((answer.status, answer.code), (503, "unavailable"), "its answer")
        say("a node that stops answers those who wait at it, and exits with 0")

        check(all(waiter.answer is None for waiter in waiters), "an answer without a quorum")
        for i in OTHERS:
            network.nodes[i].send(signal.SIGCONT)
        stopped.start()
        for waiter in waiters:
            waiter.join(30)
            check(isinstance(waiter.answer, lib.Answer), f"a client got {waiter.answer!r}")
            equal(waiter.answer.code, "ok", "the answer when the quorum is back")
        network.level()
        for at in network.nodes:
            equal(times_on_ledger(at, txid), 1, f"times on the ledger of {at.folder.name}")
        until(lambda: pooled(node) == 0, "no transaction waits when it is on the ledger", 5)
        equal(node.api.submit(transaction).code, "tx-replay", "the same once more")
        say("the quorum is back: every client has the one block that has it")
        network.stop()


if __name__ == "__main__":
    lib.main(test, 120)
