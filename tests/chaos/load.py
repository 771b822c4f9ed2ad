"""Clients that submit signed transactions through every node and write down what they were told.

One line of the file for each transaction:

    ack TXID HEIGHT NODE      said to be in the block of that height; synced before all else
    unknown TXID - NODE       the connection ended before an answer: in the ledger or not
    refused TXID CODE NODE    an answer, and not this one
"""
import http.client
import os
import threading
import time

import lib

PACE_S = 0.25  # of one client, from one submission to the next: the machine is for the faults
ANSWER_S = 8
EXPIRES_S = 1800  # by this machine's clock; those of the nodes are ahead


def height_of(receipt):
    """The receipt's header holds the height, big-endian after version and genesis hash."""
    return int.from_bytes(bytes.fromhex(receipt["header"])[36:44], "big")


class Load:
    def __init__(self, nodes, keys, path):
        self.path = path
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self.lock = threading.Lock()
        self.counts = {"ack": 0, "unknown": 0, "refused": 0}
        self.refusals = {}
        self.last_ack = 0.0
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(node, keys[i % len(keys)]))
                        for i, node in enumerate(nodes)]
        for thread in self.threads:
            thread.start()

    def run(self, node, key):
        api = lib.Api(node.api.port, ANSWER_S, node.api.host)
        serial = 0
        while not self.ending.is_set():
            serial += 1
            due = time.monotonic() + PACE_S
            self.submit(api, node, key.sign("duty.publish",
                                            lib.duty(f"CHAOS-{node.index}-{serial}"),
                                            expires_s=EXPIRES_S))
            self.ending.wait(max(0.0, due - time.monotonic()))
        api.close()

    def submit(self, api, node, transaction):
        txid = lib.txid_of(transaction)
        try:
            answer = api.submit(transaction)
        except ConnectionRefusedError:
            return  # nobody was there: nothing was said
        except (OSError, http.client.HTTPException):
            self.note("unknown", txid, "-", node)
            return
        if answer.status == 200:
            self.note("ack", txid, height_of(answer.json), node)
        else:
            self.note("refused", txid, answer.code, node)

    def note(self, kind, txid, detail, node):
        os.write(self.file, f"{kind} {txid} {detail} {node.index}\n".encode())
        if kind == "ack":
            os.fsync(self.file)
        with self.lock:
            self.counts[kind] += 1
            if kind == "ack":
                self.last_ack = time.monotonic()
            elif kind == "refused":
                self.refusals[detail] = self.refusals.get(detail, 0) + 1

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(4 * ANSWER_S)
            lib.check(not thread.is_alive(), "a client waits for ever")
        os.close(self.file)

    def read(self):
        """What was acknowledged, {txid: height}, and the txids whose outcome is unknown."""
        acknowledged, unknown = {}, set()
        for line in self.path.read_text().splitlines():
            kind, txid, detail, _ = line.split()
            if kind == "ack":
                lib.check(acknowledged.setdefault(txid, int(detail)) == int(detail),
                          f"{txid} was acknowledged at two heights")
            elif kind == "unknown":
                unknown.add(txid)
        return acknowledged, unknown
