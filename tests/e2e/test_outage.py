"""No quorum, no data: what a provider's gateway sends is counted on the wire.

A consumer has a grant for a file. The provider's gateway is reached through a proxy that counts
bytes, at the endpoint that the ledger names. Two of four validators stop, neither of them a party:
an access is asked for and cannot be decided. For ten seconds not one byte comes from the provider's
side. The validators return; the file flows through the same proxy, which lets little through at a
time, and in the middle of it two validators stop again: when the newest block has grown too old for
a release, nothing more leaves. They return once more, and what arrives is the provider's file.
"""
import os
import signal
import time

import lib
from gateways import CENTER, CONSUMER, FILE, Network, grant, inbox, received
from lib import check, equal, say, until

OUTAGE_S = 10
RELEASE_S = 4  # a parameter of the chain: how old the newest block may be when data leaves
SLACK = 30_000  # TLS handshakes and refusals of ten seconds; a chunk is larger
OTHERS = (3, 4)


def restart(network):
    for i in OTHERS:
        network.nodes[i].start()


def test():
    with Network("outage", 9400,
                 genesis=("--param", f"release_max_age_ms={RELEASE_S * 1000}")) as network:
        proxy, consumer = network.proxy, network.nodes[CONSUMER]
        os.environ["DIRCHAIN_TOKEN_FILE"] = str(consumer.folder / "gateway.token")
        txid = grant(network)
        say(f"granted: {txid[:16]}…")
        for i in OTHERS:
            network.nodes[i].stop(signal.SIGKILL)
        height = network.nodes[CENTER].api.height()
        transfer = consumer.ask("gateway", "transfer", "open", txid, "--operator", "gateway",
                                "--no-wait")["id"]
        say(f"2 of 4 validators stopped at height {height}; transfer {transfer[:16]}… is asked for")
        end = time.monotonic() + OUTAGE_S
        while time.monotonic() < end:
            equal(proxy.to_consumer, 0, "bytes from the provider's gateway without a quorum")
            equal(received(consumer), 0, "bytes in the consumer's inbox without a quorum")
            time.sleep(0.05)
        state = consumer.ask("gateway", "transfer", "status", transfer)
        check(state["state"] != "complete", f"complete without a quorum: {state}")
        equal(state.get("bytes_done", 0), 0, "bytes done without a quorum")
        check((network.nodes[CENTER].api.height() or 0) <= height + 1, "blocks without a quorum")
        say(f"{OUTAGE_S} s: 0 bytes on the wire from the provider, 0 in the inbox, "
            f"{proxy.connections} connections")

        proxy.slow = True
        restart(network)
        until(lambda: received(consumer) > 200_000, "the transfer after the return", 60)
        for i in OTHERS:
            network.nodes[i].stop(signal.SIGKILL)
        time.sleep(RELEASE_S + 2)
        sent, there = proxy.to_consumer, received(consumer)
        check(there < FILE.stat().st_size, "the file arrived before the second outage")
        time.sleep(OUTAGE_S)
        check(proxy.to_consumer - sent < SLACK, f"{proxy.to_consumer - sent} bytes left the "
              f"provider {RELEASE_S + 2} s and more after the last block")
        say(f"stopped again after {there} bytes of {FILE.stat().st_size}: {OUTAGE_S} s, "
            f"{proxy.to_consumer - sent} bytes from the provider, refusals")

        proxy.slow = False
        restart(network)
        until(lambda: consumer.ask("gateway", "transfer", "status", transfer)["state"] ==
              "complete", "the transfer after the second return", 60, 0.5)
        check(proxy.to_consumer >= FILE.stat().st_size,
              f"only {proxy.to_consumer} bytes passed the proxy")
        files = inbox(consumer)
        equal(len(files), 1, "files in the inbox")
        check(files[0].read_bytes() == FILE.read_bytes(), "what arrived is not what was sent")
        say(f"after their return {proxy.to_consumer} bytes passed; the file is the provider's")
        network.level()
        network.stop()


if __name__ == "__main__":
    lib.main(test, 180)
