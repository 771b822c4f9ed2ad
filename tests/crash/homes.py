"""Homes of real nodes, and running dirchaind on them, with the preload library or without.

A home is a node's folder as scripts/lib/network.sh makes it: configuration, keys, data. Networks are
made once; what is started is a copy on ports of its own."""
import contextlib
import ctypes
import http.client
import json
import mmap
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import lib  # noqa: E402  (the network, and signing without the product)

import journal  # noqa: E402
from lib import Failed  # noqa: E402

SHIM = lib.BIN / "dirchain_disk.so"
DAEMON = lib.BIN / "dirchaind"
START_S = 20  # until the first answer, or the refusal
CONTROL = struct.Struct("<QQIIQ")  # struct disk_control
PROBLEM = re.compile(r"[\u4e00-\u9fff]+.*[。”] [A-Za-z].* \[([a-z0-9-]+)\]$")


class Refused(Exception):
    """The node did not start or stopped by itself, and said why: the code of its sentence."""

    def __init__(self, code, sentence):
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Control:
    """The mapped file by which a running process is told which of its calls fails."""

    def __init__(self, path):
        path.write_bytes(bytes(mmap.PAGESIZE))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), mmap.PAGESIZE)

    def arm(self, countdown, fault, scope="ledger"):
        """The countdown-th call from now in scope meets the fault; 0: only count."""
        self.map[16:24] = struct.pack("<II", journal.FAULTS.index(fault), journal.SCOPES.index(scope))
        self.map[8:16] = struct.pack("<Q", countdown)

    @property
    def calls(self):
        return struct.unpack_from("<Q", self.map, 0)[0]

    @property
    def fired(self):
        """Number in the journal of the call that met the fault, 0 if none did."""
        return struct.unpack_from("<Q", self.map, 24)[0]


def die_with_us():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


class Running:
    """One dirchaind on a home. Ports: base for peers, base + 1 for the API, base + 2 for the gateway,
    unless the configuration of the network is kept (base None)."""

    def __init__(self, folder, base=None, shim=False, control=None):
        self.folder = folder
        self.shim = shim
        config = (folder / "dirchaind.yaml").read_text(errors="surrogateescape")  # it may be rotten
        if base is not None:
            for i, name in enumerate(("peer_listen", "api_listen", "gateway_listen")):
                config = re.sub(rf"(?m)^{name}: .*", f"{name}: 127.0.0.1:{base + i}", config)
        (folder / "run.yaml").write_text(config, errors="surrogateescape")
        self.port = base + 1 if base is not None else \
            int(re.search(r"(?m)^api_listen: .*:(\d+)", config).group(1))
        self.control = control
        environment = dict(os.environ)
        if shim:
            self.control = self.control or Control(folder / "control")
            environment.update(LD_PRELOAD=str(SHIM), DISK_HOME=str((folder / "data").resolve()),
                               DISK_JOURNAL=str(folder / "journal"),
                               DISK_CONTROL=str(folder / "control"))
        self.log = folder / "log"
        with open(self.log, "ab") as log:
            self.log_from = log.tell()
            self.process = subprocess.Popen([DAEMON, "--config", "run.yaml"], cwd=folder,
                                            env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, preexec_fn=die_with_us)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    # ---- how it ends ----

    def said(self):
        """What it wrote since the start, without the log of JSON lines."""
        with open(self.log, "rb") as log:
            log.seek(self.log_from)
            lines = log.read().decode(errors="replace").splitlines()
        return [line for line in lines if line and not line.startswith('{"time"')]

    def check_running(self):
        """Refused if it ended with a sentence; Failed if it ended otherwise."""
        status = self.process.poll()
        if status is not None:
            raise self.refusal(status)

    def refusal(self, status):
        said = self.said()
        found = PROBLEM.search(said[-1]) if said else None
        if status == 3 and found:
            return Refused(found.group(1), said[-1])
        tail = self.log.read_text(errors="replace").splitlines()[-6:]
        return Failed(f"ended with {status} and no sentence of what to do: " + " | ".join(tail))

    def wait_end(self, seconds):
        """Exit status; None if it goes on."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        self.check_running()
        self.process.send_signal(signal.SIGTERM)
        status = self.wait_end(30)
        if status is None:
            raise Failed("does not stop on SIGTERM")
        if status != 0:
            raise self.refusal(status)

    # ---- talking to it ----

    def ask(self, method, path, body=None, kind="application/jose"):
        """(status, bytes); None when it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Content-Type": kind} if body else {}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def get(self, path):
        answer = self.ask("GET", path)
        return json.loads(answer[1]) if answer and answer[0] == 200 else None

    def submit(self, transaction, wait=True):
        return self.ask("POST", "/v1/transactions" + ("?wait=committed" if wait else ""), transaction)

    def height(self):
        health = self.get("/healthz")
        return None if health is None else health["height"]

    def wait_height(self, height, seconds=START_S):
        end = time.monotonic() + seconds
        while True:
            self.check_running()
            now = self.height()
            if now is not None and now >= height:
                return now
            if time.monotonic() > end:
                raise Failed(f"not at height {height} within {seconds} s, but at {now}")
            time.sleep(0.01)


def verify(folder):
    """The whole ledger, offline. Refused with what it says when it does not verify."""
    done = subprocess.run([DAEMON, "--config", "run.yaml", "--verify"], cwd=folder, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60, check=False)
    if done.returncode == 0:
        return int(re.search(r"height (\d+)", done.stdout).group(1))
    lines = [line for line in done.stderr.splitlines() if not line.startswith('{"time"')]
    found = PROBLEM.search(lines[-1]) if lines else None
    if done.returncode == 3 and found:
        raise Refused(found.group(1), lines[-1])
    raise Failed(f"--verify ended with {done.returncode} and no sentence: {done.stderr[-400:]}")


class Slot:
    """A place where copies of one home run, one after the other, on ports of its own."""

    def __init__(self, network, folder, directory, base):
        self.directory = directory
        self.base = base
        self.home = directory / folder.name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        shutil.copy(network / "genesis.json", directory)
        shutil.copytree(folder, self.home, ignore=shutil.ignore_patterns(
            "data", "journal", "control", "log", "run.yaml", "pid"))

    def publish_by_cli(self):
        """A transaction by the product's own client, with a key of the genesis document."""
        environment = {**os.environ, "DIRCHAIN_KEY": "keys/compile.key",
                       "DIRCHAIN_PASSPHRASE_FILE": "passphrase",
                       "DIRCHAIN_GENESIS": "../genesis.json",
                       "DIRCHAIN_NODE": f"http://127.0.0.1:{self.base + 1}"}
        done = subprocess.run(
            [lib.BIN / "dirchain", "duty", "publish", "--code", "C-1", "--name", "职权", "--category",
             "其他", "--implementer", "单位", "--basis", "依据"], cwd=self.home, env=environment,
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=60, check=False)
        if done.returncode != 0:
            raise Failed(f"no block is made after the start: {done.stdout.strip()}")

    def clear(self):
        shutil.rmtree(self.home / "data", ignore_errors=True)
        for name in ("journal", "log"):
            with contextlib.suppress(FileNotFoundError):
                (self.home / name).unlink()

    def run(self, shim=False):
        return Running(self.home, self.base, shim)
