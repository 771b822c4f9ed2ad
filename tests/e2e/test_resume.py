"""A transfer is broken off in every way, and what arrives is the provider's file.

It goes through a proxy that lets little through at a time. In the middle of it

  - the provider's node is killed and starts again: what had come is not sent again;
  - another member's gateway answers at the provider's address: it is not asked, and the transfer
    waits;
  - the consumer's node is killed, and a byte of the chunks that had come is altered on its disk: what
    is on disk counts only as far as it is what the manifest says, the rest is fetched again.
"""
import signal
import time

import lib
from gateways import (CONSUMER, FILE, PROVIDER, Network, begin, check_file, grant, inbox, look,
                      received)
from lib import check, equal, say, until

OTHER = 3
SLACK = 200_000  # TLS, manifests, a chunk that was on its way when its provider was killed
CHUNK = 256 * 1024


def provider_dies(network, transfer):
    consumer, provider = network.nodes[CONSUMER], network.nodes[PROVIDER]
    until(lambda: received(consumer) > 4 * CHUNK, "four chunks", 20)
    provider.stop(signal.SIGKILL)
    there = received(consumer)
    sent = network.proxy.to_consumer
    provider.start()
    until(lambda: received(consumer) >= there + CHUNK, "a chunk after the provider's return", 20)
    more = received(consumer) - there
    check(network.proxy.to_consumer - sent < more + CHUNK + SLACK,
          f"{network.proxy.to_consumer - sent} bytes were sent for {more} that were missing")
    equal(look(consumer, transfer)["over"], False, "over")
    say(f"the provider was killed after {there} bytes and went on with the next")


def consumer_dies(network, transfer):
    consumer, proxy = network.nodes[CONSUMER], network.proxy
    consumer.stop(signal.SIGKILL)
    parts = [path for path in inbox(consumer) if path.suffix == ".part"]
    equal(len(parts), 1, "parts in the inbox")
    there = parts[0].stat().st_size
    check(CHUNK < there < FILE.stat().st_size, f"{there} bytes are there")
    with parts[0].open("r+b") as part:
        part.seek(1000)
        byte = part.read(1)
        part.seek(1000)
        part.write(bytes([byte[0] ^ 1]))
    # Another gateway at the provider's address: a member's, with the same ledger, and another key.
    target, proxy.target = proxy.target, network.base_port + 200 + OTHER
    met, sent = proxy.connections, proxy.to_consumer
    consumer.start()
    until(lambda: proxy.connections >= met + 3, "attempts to reach the provider", 30)
    time.sleep(0.3)
    state = look(consumer, transfer)
    equal((state["state"], state.get("error")), ("moving", "network"),
          "a transfer whose provider's address is another's")
    say(f"another member's gateway at the provider's address: {proxy.connections - met} attempts, "
        f"{proxy.to_consumer - sent} bytes, nothing asked")
    proxy.slow, proxy.target = False, target
    sent = proxy.to_consumer
    until(lambda: look(consumer, transfer)["over"], "the end of the transfer", 30)
    state = look(consumer, transfer)
    equal((state["state"], state["reconciled"]), ("complete", "agreed"), f"the end: {state}")
    check_file(consumer, transfer)
    check(proxy.to_consumer - sent >= FILE.stat().st_size,
          f"only {proxy.to_consumer - sent} bytes came, though the first chunk was bad")
    say(f"the consumer was killed with {there} bytes, one of them altered: the file is right")


def test():
    with Network("resume", 9740) as network:
        granted = grant(network)
        network.proxy.slow = True
        answer = begin(network.nodes[CONSUMER], granted)
        equal(answer.status, 202, "a transfer is asked for")
        transfer = answer.json["id"]
        provider_dies(network, transfer)
        consumer_dies(network, transfer)
        equal(network.nodes[0].api.get("/v1/reconciliation").json["items"], [], "reconciliation")
        network.level()
        network.stop()


if __name__ == "__main__":
    lib.main(test, 120)
