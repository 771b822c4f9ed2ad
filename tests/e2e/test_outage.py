"""No quorum, no data: what a provider's gateway sends is counted on the wire.

A consumer has a grant for a file. The provider's gateway is reached through a proxy that counts
bytes, at the endpoint that the ledger names. Two of four validators stop, neither of them a party:
an access is asked for and cannot be decided. For ten seconds not one byte comes from the provider's
side. The validators return; the file flows through the same proxy, which lets little through at a
time, and in the middle of it two validators stop again: when the newest block has grown too old for
a release, nothing more leaves. They return once more, and what arrives is the provider's file.
"""
import json
import os
import pathlib
import signal
import socket
import threading
import time

import lib
from lib import check, equal, say, until

OUTAGE_S = 10
RELEASE_S = 4  # a parameter of the chain: how old the newest block may be when data leaves
SLACK = 30_000  # TLS handshakes and refusals of ten seconds; a chunk is larger
SLOW = 400_000  # bytes a second
CENTER, CONSUMER, PROVIDER = 0, 1, 2
OTHERS = (3, 4)
SAMPLES = lib.ROOT / "samples"
FILE = SAMPLES / "files/alberi.csv"


class CountingProxy:
    """Forwards TCP from one port of loopback to another and counts what goes either way."""

    def __init__(self, port, target):
        self.target = target
        self.lock = threading.Lock()
        self.connections = self.to_consumer = self.to_provider = 0
        self.slow = False
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            with self.lock:
                self.connections += 1
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                near.close()
                continue
            for source, sink, name in ((near, far, "to_provider"), (far, near, "to_consumer")):
                threading.Thread(target=self.pump, args=(source, sink, name), daemon=True).start()

    def pump(self, source, sink, name):
        try:
            while data := source.recv(16384):
                with self.lock:
                    setattr(self, name, getattr(self, name) + len(data))
                sink.sendall(data)
                if self.slow and name == "to_consumer":
                    time.sleep(len(data) / SLOW)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Network(lib.Network):
    """The provider's gateway listens beside the endpoint that its join request names."""

    def make(self):
        super().make()
        config = self.nodes[PROVIDER].folder / "dirchaind.yaml"
        public, private = self.base_port + 200 + PROVIDER, self.base_port + 300
        text = config.read_text()
        old, new = (f"gateway_listen: 127.0.0.1:{port}\n" for port in (public, private))
        check(old in text, "the configuration names no gateway_listen")
        config.write_text(text.replace(old, new))
        self.proxy = CountingProxy(public, private)
        return self


def grant(network):
    """From the provider's duty to a grant for the whole file."""
    center, consumer, provider = (network.nodes[i] for i in (CENTER, CONSUMER, PROVIDER))
    catalog = SAMPLES / "catalog/linye.json"
    entry = json.loads(catalog.read_text())["entries"][0]
    provider.cli("compile", "duty", "import", SAMPLES / "duties/linye.jsonl", "--skip-faulty",
                 status=None)
    provider.cli("compile", "catalog", "submit", catalog)
    center.cli("review", "catalog", "review", provider.member, entry["code"], "--decision",
               "accept")
    provider.cli("compile", "catalog", "bind", entry["code"], "--bindings", "file|alberi|")
    items = [word for item in entry["entry"]["items"] for word in ("--items", item["name"])]
    request = consumer.ask(
        "compile", "request", "submit", provider.member, entry["code"], "--need", "data",
        "--purpose", "社区绿地认养公益项目", "--basis", "依法履行职责需要", "--goal", "减少重复提交材料",
        *items, "--frequency.times", "1", "--frequency.per", "week", "--security-level", "3",
        "--safeguards", "专线访问，按岗位授权", "--until", "2027-06-30", "--commitments.genuine",
        "--commitments.reasonable", "--commitments.compliant", "--mode", "file", "--mode-reason",
        "整体数据量大", "--system", "社区服务平台")
    return request["txid"]


def received(network):
    """Bytes in the consumer's inbox, whole files and parts."""
    inbox = network.nodes[CONSUMER].folder / "inbox"
    return sum(path.stat().st_size for path in inbox.rglob("*") if path.is_file())


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
            equal(received(network), 0, "bytes in the consumer's inbox without a quorum")
            time.sleep(0.05)
        state = consumer.ask("gateway", "transfer", "status", transfer)
        check(state["state"] != "complete", f"complete without a quorum: {state}")
        equal(state.get("bytes_done", 0), 0, "bytes done without a quorum")
        check((network.nodes[CENTER].api.height() or 0) <= height + 1, "blocks without a quorum")
        say(f"{OUTAGE_S} s: 0 bytes on the wire from the provider, 0 in the inbox, "
            f"{proxy.connections} connections")

        proxy.slow = True
        restart(network)
        until(lambda: received(network) > 200_000, "the transfer after the return", 60)
        for i in OTHERS:
            network.nodes[i].stop(signal.SIGKILL)
        time.sleep(RELEASE_S + 2)
        sent, there = proxy.to_consumer, received(network)
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
        files = [path for path in pathlib.Path(consumer.folder / "inbox").rglob("*.csv")]
        equal(len(files), 1, "files in the inbox")
        check(files[0].read_bytes() == FILE.read_bytes(), "what arrived is not what was sent")
        say(f"after their return {proxy.to_consumer} bytes passed; the file is the provider's")
        network.level()
        network.stop()


if __name__ == "__main__":
    lib.main(test, 180)
