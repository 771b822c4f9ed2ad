"""The nodes of a run, each in its namespace, and the proxy between them."""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

import lib
import space
from lib import check

BASE_PORT = 7600
CLOCK_MS = 900_000  # how far all clocks are ahead, so that one of them can be behind the others


class Node(lib.Node):
    def __init__(self, network, index, member, name, folder):
        super().__init__(network, index, member, name, folder)
        self.api = lib.Api(self.api.port, 5, space.NODE % index)
        self.honest_program = self.program = lib.BIN / "dirchaind"
        self.process = None
        self.vote_keys = ["vote"]

    def start(self):
        check(self.pid is None, f"{self.folder.name} is started twice by the test")
        with open(self.folder / "log", "ab") as log:
            self.process = self.network.space.within(self.index, lambda: subprocess.Popen(
                [self.program, "--config", "dirchaind.yaml"], cwd=self.folder, stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, start_new_session=True))
        self.pid = self.process.pid

    def ended(self):
        status = self.process.poll()
        if status is not None:
            self.pid = None
        return status

    def kill(self):
        """With SIGKILL, whatever state it is in."""
        if self.pid is not None:
            status = self.stop(signal.SIGKILL)
            check(status == -signal.SIGKILL, f"{self.folder.name} had ended with {status} before "
                  f"it was killed:\n{self.log_tail()}")

    def set_clock(self, ahead_ms):
        """How far its clock is from that of the machine, from its next start on."""
        data = self.folder / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        (data / "clock_offset").write_text(f"{ahead_ms}\n")

    def advance_clock(self, by_ms):
        """At once; only from the node's own machine."""
        def post():
            api = lib.Api(self.api.port)
            answer = api.post("/v1/test/clock", f'{{"advance_ms":{by_ms}}}', "application/json")
            api.close()
            return answer
        answer = self.network.space.within(self.index, post)
        lib.equal(answer.status, 200, f"advancing the clock of {self.folder.name}")

    def add_vote_key(self):
        """A new one beside that in use, for a change: in the configuration, from the next start."""
        used, new = self.vote_keys[-1], f"vote-{len(self.vote_keys) + 1}"
        self.cli("chief", "key", "create", "--member", self.member, "--dir", self.folder / "keys",
                 "--light", "--passphrase-file", self.folder / "passphrase", new)
        config = self.folder / "dirchaind.yaml"
        lines = [f"keys: {{vote: keys/{used}.key, vote_next: keys/{new}.key, peer: keys/peer.key, "
                 "passphrase_file: passphrase}" if line.startswith("keys:") else line
                 for line in config.read_text().splitlines()]
        config.write_text("\n".join(lines) + "\n")
        self.vote_keys.append(new)

    def change_vote_key(self):
        self.cli("chief", "validator", "rotate", "--new-key",
                 self.folder / "keys" / f"{self.vote_keys[-1]}.key", "--reason", "定期轮换")

    def signs(self, height):
        """Whether its vote is in one of the certificates from that height on."""
        top = self.api.height() or 0
        return any(self.member in self.api.get(f"/v1/blocks/{h}").json["certificate"]["signers"]
                   for h in range(height, top + 1))

    def age_s(self):
        """Of its newest block; None while it does not answer."""
        try:
            answer = self.api.get("/healthz")
            return answer.json["age_ms"] / 1000 if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None

    def resources(self):
        """Resident KiB and open files."""
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as status:
            kib = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        return kib, len(os.listdir(f"/proc/{self.pid}/fd"))


class Proxy:
    """The process between the nodes; what is asked of it is done when the call returns."""

    def __init__(self, directory, count, seed):
        config = {"control": str(directory / "proxy.socket"), "seed": seed,
                  "nodes": [{"source": space.NODE % i,
                             "listen": [space.PROXY % i, BASE_PORT + i],
                             "target": [space.NODE % i, BASE_PORT + i]}
                            for i in range(count)]}
        (directory / "proxy.json").write_text(json.dumps(config))
        with open(directory / "proxy.log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, lib.ROOT / "tests/chaos/proxy.py", directory / "proxy.json"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        check(self.process.stdout.readline() == b"ready\n", "the proxy does not start")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(config["control"])
        self.answers = self.socket.makefile("r", encoding="utf-8")

    def ask(self, command):
        self.socket.sendall(json.dumps(command).encode() + b"\n")
        answer = self.answers.readline()
        check(answer, "the proxy has ended")
        return json.loads(answer)


class Network(lib.Network):
    """Validators 1…n and the center (node 0, an observer), their files under `directory`."""

    def __init__(self, directory, validators, seed):
        self.base_port, self.agencies = BASE_PORT, validators
        self.genesis_options = ["--param", "precision_ms=200", "--param", "message_delay_ms=500"]
        self.directory, self.seed = directory, seed
        self.nodes, self.chain, self.space, self.proxy = [], None, None, None
        # What follows from evidence: a report, or the seat is taken away.
        self.removes_liars = seed % 2 == 1
        os.environ.update(PEER_HOST=space.PROXY, LISTEN_HOST="0.0.0.0",
                          PROFILE="changning" if self.removes_liars else "putuo")

    def make(self):
        self.space = space.Space(self.agencies + 1)
        self.shell("network_make", str(self.agencies), *self.genesis_options)
        lines = (lib.ROOT / "samples/agencies.tsv").read_text().splitlines()
        members = [line.split("\t") for line in lines if line and not line.startswith("#")]
        self.nodes = [Node(self, i, *members[i]) for i in range(self.agencies + 1)]
        self.proxy = Proxy(self.directory, self.agencies + 1, self.seed)
        for node in self.nodes:
            node.set_clock(CLOCK_MS)
        return self

    @property
    def center(self):
        return self.nodes[0]

    @property
    def validators(self):
        return self.nodes[1:]

    def is_validator(self, member):
        """As the center sees it."""
        return any(peer["member"] == member and peer["validator"]
                   for peer in self.center.api.get("/v1/status").json["node"]["peers"])

    def running(self):
        """Those that should run; fails if one of them has ended."""
        return [node for node in self.nodes if node.alive()]

    def wait_new_block(self, since, seconds):
        """Until some node has a block that was dated later than `since` (monotonic); how long
        that took, or None. What was decided before and is only told now does not count."""
        while time.monotonic() - since < seconds:
            for node in self.running():
                age_s = node.age_s()
                if age_s is not None and time.monotonic() - age_s > since:
                    return time.monotonic() - since
            time.sleep(0.02)
        return None

    def close(self):
        for node in self.nodes:
            if node.pid is not None and node.ended() is None:
                node.process.kill()
                node.process.wait()
        if self.proxy is not None:
            self.proxy.process.kill()
            self.proxy.process.wait()
