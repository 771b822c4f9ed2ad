"""What the end-to-end tests share: a network of real processes, an HTTP client, foreign signatures.

The network is made by scripts/lib/network.sh, as for users; this process starts the nodes, sees how
each of them ended, and takes them with it when it ends itself. Everything here ends in bounded
time: each wait has its deadline, and a test as a whole has one (`limit_s`).
"""
import argparse
import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwcrypto import jwk, jws

import columns

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("BIN", ROOT / "build/release/bin"))
STARTED = time.monotonic()
SKIPPED = 77
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1


class Failed(Exception):
    """The product did not do what the test demands."""


def say(text):
    print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


def check(condition, text):
    if not condition:
        raise Failed(text)


def equal(got, wanted, what):
    if got != wanted:
        raise Failed(f"{what}: got {got!r}, wanted {wanted!r}")


def until(condition, what, seconds=30, pause=0.05):
    """Polls until condition() is true; returns what it gave."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(pause)


def main(test, limit_s=300):
    """Runs a test: prints its verdict, exits 0, 1 or 77."""
    def on_alarm(*_):
        raise Failed(f"the test as a whole takes more than {limit_s} s")

    def on_signal(number, _):
        sys.exit(128 + number)

    signal.signal(signal.SIGALRM, on_alarm)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    signal.alarm(limit_s)
    if not (BIN / "dirchaind").exists():
        sys.exit(f"{BIN}/dirchaind is not built: cmake --preset release && "
                 "cmake --build --preset release")
    try:
        test()
    except Failed as failure:
        say(f"FAILED: {failure}")
        sys.exit(1)
    say("ok")


def ports_free(*ports):
    """Ends with 3 and a sentence where somebody listens on one of them already."""
    script = ('source "$1/scripts/lib/common.sh"; source "$1/scripts/lib/network.sh"; '
              'ports_free "${@:2}"')
    done = subprocess.run(["bash", "-c", script, "e2e", str(ROOT), *map(str, ports)], text=True,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60, check=False)
    if done.returncode != 0:
        print(done.stderr.strip(), file=sys.stderr)
        sys.exit(done.returncode)


def within(kind, least, most):
    """A type of argparse: a number within these bounds."""
    def number(text):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from {least} to {most}, not '{text}'")
        return value
    return number


def skip(reason):
    print(f"skipped: {reason}", flush=True)
    sys.exit(SKIPPED)


# ---- HTTP ----

class Answer:
    def __init__(self, status, raw):
        self.status = status
        self.raw = raw

    @property
    def json(self):
        return json.loads(self.raw)

    @property
    def code(self):
        """The stable code of a problem document; "ok" for success."""
        if self.status < 400:
            return "ok"
        try:
            return self.json["code"]
        except (ValueError, KeyError, TypeError):
            return f"status {self.status} without a problem document: {self.raw[:80]!r}"


class Api:
    """One node's HTTP interface; each thread has its own connection and keeps it."""

    def __init__(self, port, timeout_s=20, host="127.0.0.1"):
        self.host = host
        self.port = port
        self.timeout_s = timeout_s
        self.local = threading.local()

    def close(self):
        connection = getattr(self.local, "connection", None)
        if connection is not None:
            connection.close()
            self.local.connection = None

    def _once(self, method, path, body, headers):
        connection = getattr(self.local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_s)
            self.local.connection = connection
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if response.will_close:
            self.close()
        return answer

    def get(self, path):
        """Asks again once: a kept connection may have been closed, or its node restarted."""
        try:
            return self._once("GET", path, None, {})
        except (OSError, http.client.HTTPException):
            return self._once("GET", path, None, {})

    def post(self, path, body, content_type):
        return self._once("POST", path, body, {"Content-Type": content_type})

    def submit(self, transaction, wait=True):
        path = "/v1/transactions" + ("?wait=committed" if wait else "")
        return self.post(path, transaction, "application/jose")

    def state(self, key):
        answer = self.get("/v1/state/" + key)
        return answer.json["value"] if answer.status == 200 else None

    def height(self):
        """Of the newest block; None while the node does not answer."""
        try:
            answer = self.get("/healthz")
            return answer.json["height"] if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None


# ---- signing without the product ----

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def txid_of(transaction):
    return hashlib.sha256(transaction.rsplit(".", 1)[0].encode()).hexdigest()


class Key:
    """An ES256K key made and used by jwcrypto, known to the ledger as member/name."""

    def __init__(self, member, name, chain):
        self.member = member
        self.name = name
        self.chain = chain
        self.jwk = jwk.JWK.generate(kty="EC", crv="secp256k1")

    def public(self):
        """Compressed, hexadecimal, as the ledger registers it."""
        fields = self.jwk.export_public(as_dict=True)
        x, y = (base64.urlsafe_b64decode(fields[name] + "==") for name in "xy")
        return (bytes([2 + (y[-1] & 1)]) + x.rjust(32, b"\0")).hex()

    def header(self, **changes):
        fields = {"alg": "ES256K", "kid": f"{self.member}/{self.name}",
                  "typ": "dirchain-tx+json", **changes}
        return {name: value for name, value in fields.items() if value is not None}

    def payload(self, kind, body, expires_s=600, **changes):
        fields = {"chain": self.chain, "type": kind, "nonce": secrets.token_urlsafe(16),
                  "expires": time.time_ns() // 1_000_000 + int(expires_s * 1000), "body": body,
                  **changes}
        return {name: value for name, value in fields.items() if value is not None}

    def sign(self, kind, body, **options):
        """A transaction as any JOSE library makes it."""
        return self.sign_parts(self.header(), self.payload(kind, body, **options))

    def sign_parts(self, header, payload):
        """The same from header and payload: documents, or the very bytes."""
        if not isinstance(payload, bytes):
            payload = json.dumps(payload, ensure_ascii=False).encode()
        if not isinstance(header, str):
            header = json.dumps(header)
        token = jws.JWS(payload)
        token.allowed_algs = ["ES256K"]  # registered by RFC 8812, not among jwcrypto's defaults
        token.add_signature(self.jwk, "ES256K", header)
        return token.serialize(compact=True)

    def sign_input(self, signing_input):
        """Signs any text, also such as no JOSE library would make."""
        secret = self.jwk.get_op_key("sign")
        r, s = decode_dss_signature(secret.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signing_input}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def flip_s(transaction):
    """The other valid signature over the same bytes: (r, -s)."""
    signing_input, signature = transaction.rsplit(".", 1)
    raw = base64.urlsafe_b64decode(signature + "==")
    s = ORDER - int.from_bytes(raw[32:], "big")
    return f"{signing_input}.{b64(raw[:32] + s.to_bytes(32, 'big'))}"


def duty(code, text="端到端测试"):
    """The body of a duty.publish that is in order."""
    return {"code": code, "name": f"{text} {code}", "category": "公共服务", "implementer": "示例单位",
            "basis": "《示例条例》第一条：为端到端测试而设，无其他用途。", "information": ["示例信息"]}


# ---- the network ----

class Node:
    def __init__(self, network, index, member, name, folder):
        self.network = network
        self.index = index
        self.member = member
        self.name = name
        self.folder = network.directory / folder
        self.api = Api(network.base_port + 100 + index)
        self.program = BIN / "dirchaind"
        self.process = self.pid = None

    def start(self):
        """It dies with the thread that starts it, however that ends: the test's first one."""
        check(self.pid is None, f"{self.folder.name} is started twice by the test")
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", self.program, "--config", "dirchaind.yaml"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        self.pid = self.process.pid
        (self.folder / "pid").write_text(f"{self.pid}\n")

    def ended(self):
        """Exit status (negative: signal), None while it runs."""
        status = self.process.poll()
        if status is not None:
            self.pid = None
            (self.folder / "pid").unlink(missing_ok=True)
        return status

    def send(self, number):
        os.kill(self.pid, number)

    def reap(self, seconds=30):
        end = time.monotonic() + seconds
        while (status := self.ended()) is None:
            if time.monotonic() > end:
                raise Failed(f"{self.folder.name} does not stop within {seconds} s")
            time.sleep(0.01)
        self.api.close()
        return status

    def stop(self, number=signal.SIGTERM, seconds=30):
        self.send(number)
        return self.reap(seconds)

    def alive(self):
        """Fails if the process ended by itself."""
        if self.pid is None:
            return False
        status = self.ended()
        if status is not None:
            raise Failed(f"{self.folder.name} ended by itself with {status}:\n{self.log_tail()}")
        return True

    def log_tail(self, lines=8):
        with contextlib.suppress(OSError):
            return "\n".join((self.folder / "log").read_text(errors="replace")
                             .splitlines()[-lines:])
        return "(no log)"

    def wait_height(self, height, seconds=60):
        def reached():
            self.alive()
            now = self.api.height()
            return now is not None and now >= height
        until(reached, f"{self.folder.name} at height {height}", seconds)

    @property
    def url(self):
        return f"http://{self.api.host}:{self.api.port}"

    def cli(self, key, *arguments, status=0, timeout_s=90):
        """dirchain, signing with a key of this member (None: with none) and talking to this node."""
        environment = {**os.environ,
                       "DIRCHAIN_PASSPHRASE_FILE": str(self.folder / "passphrase"),
                       "DIRCHAIN_GENESIS": str(self.network.directory / "genesis.json"),
                       "DIRCHAIN_NODE": self.url}
        if key is not None:
            environment["DIRCHAIN_KEY"] = str(self.folder / f"keys/{key}.key")
        done = subprocess.run([BIN / "dirchain", *arguments], env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout_s, check=False)
        wide = columns.too_wide(done.stdout)
        check(wide is None, f"dirchain {' '.join(map(str, arguments))}: {wide}")
        if status is not None and done.returncode != status:
            raise Failed(f"dirchain {' '.join(map(str, arguments))} ended with {done.returncode}, "
                         f"wanted {status}:\n{done.stdout.strip()}")
        return done.stdout

    def ask(self, key, *arguments):
        return json.loads(self.cli(key, *arguments, "--json"))

    def new_key(self, name, role):
        """A key of this member that the product has never seen the secret of."""
        key = Key(self.member, name, self.network.chain)
        self.cli("admin" if role == "admin" else "chief", "member", "key", "add", "--name", name,
                 "--role", role, "--public", key.public())
        return key


class Network:
    """`agencies` validators and the center (node 0, an observer), in a directory of its own."""

    def __init__(self, name, base_port, agencies=4, genesis=()):
        self.base_port = int(os.environ.get("BASE_PORT", base_port))
        self.agencies = agencies
        self.genesis_options = list(genesis)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"dirchain-{name}-"))
        self.nodes = []
        self.chain = None

    def shell(self, *command, members=None):
        """Runs functions of scripts/lib/network.sh."""
        script = ('source "$1/scripts/lib/common.sh"; source "$1/scripts/lib/network.sh"; '
                  'read_members "$2"; shift 2; "$@"')
        done = subprocess.run(
            ["bash", "-c", script, "e2e", str(ROOT), str(members or self.agencies), *command],
            env={**os.environ, "NET": str(self.directory), "BASE_PORT": str(self.base_port),
                 "BIN": str(BIN)}, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=120, check=False)
        check(done.returncode == 0, f"{' '.join(command)}: {done.stdout.strip()}")
        return done.stdout

    def make(self):
        self.shell("network_make", str(self.agencies), *self.genesis_options)
        return self.adopt()

    def adopt(self):
        """The nodes of a network whose directory is made already."""
        lines = (ROOT / "samples/agencies.tsv").read_text().splitlines()
        members = [line.split("\t") for line in lines if line and not line.startswith("#")]
        self.nodes = [Node(self, i, *members[i]) for i in range(self.agencies + 1)]
        return self

    def ports(self):
        return [self.base_port + kind + i for kind in (0, 100, 200) for i in range(self.agencies + 1)]

    def start(self):
        ports_free(*self.ports())
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_height(1)
        self.chain = self.nodes[0].api.get("/v1/status").json["chain"]
        say(f"{self.agencies} validators and the center run; chain {self.chain[:16]}…")
        return self

    def level(self, seconds=60):
        """Until every running node has the newest block that any of them has now."""
        running = [node for node in self.nodes if node.alive()]
        height = max(node.api.height() or 0 for node in running)
        for node in running:
            node.wait_height(height, seconds)
        return height

    def stop(self):
        """SIGTERM to all; each must exit with 0."""
        running = [node for node in self.nodes if node.alive()]
        for node in running:
            node.send(signal.SIGTERM)
        for node in running:
            equal(node.reap(), 0, f"exit code of {node.folder.name} after SIGTERM")

    def __enter__(self):
        try:
            return self.make().start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def __exit__(self, kind, failure, _):
        signal.alarm(0)
        for node in self.nodes:
            if node.pid is not None:
                with contextlib.suppress(OSError):
                    node.stop(signal.SIGKILL)
        if kind is not None and kind is not SystemExit:
            for node in self.nodes:
                print(f"---- end of the log of {node.folder.name}\n{node.log_tail()}", flush=True)
        if kind is None or not os.environ.get("DIRCHAIN_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print(f"kept: {self.directory}", flush=True)
