"""What tests of gateways share: a proxy before the provider's gateway, a grant for its file, and a
consumer that is not the product.

The provider is linye with the trees of samples/files; its gateway is reached through the proxy, at
the endpoint that the ledger names. Direct follows docs/spec/transfer.md and uses nothing of the
node: it has its own TLS key, signs its own opens and receipts, and asks what it likes.
"""
import datetime
import hashlib
import http.client
import json
import os
import secrets
import socket
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

import lib
from lib import check, equal

CENTER, CONSUMER, PROVIDER = 0, 1, 2
SAMPLES = lib.ROOT / "samples"
FILE = SAMPLES / "files/alberi.csv"
SLOW = 400_000  # bytes a second
PURPOSE = "社区绿地认养公益项目"
SYSTEM = "社区服务平台"


class CountingProxy:
    """Forwards TCP from one port of loopback to another and counts what goes either way. While
    `slow` little goes to the consumer; while `silent` connections are taken, and nobody answers."""

    def __init__(self, port, target):
        self.target = target
        self.lock = threading.Lock()
        self.connections = self.to_consumer = self.to_provider = 0
        self.slow = self.silent = False
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
                while self.silent:
                    time.sleep(0.05)
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

    def ports(self):
        """The endpoint's is the proxy's, which listens there already."""
        public, private = self.base_port + 200 + PROVIDER, self.base_port + 300
        return [port for port in super().ports() if port != public] + [private]


# ---- grants ----

def publish(network, provider=PROVIDER):
    """A member's entry for the trees, with its file bound to it; returns the entry's code."""
    center, node = network.nodes[CENTER], network.nodes[provider]
    catalog = json.loads((SAMPLES / "catalog/linye.json").read_text())
    entry = catalog["entries"][0]
    if node.folder.name == "linye":
        node.cli("compile", "duty", "import", SAMPLES / "duties/linye.jsonl", "--skip-faulty",
                 status=None)
    else:
        node.cli("compile", "duty", "publish", "--code", "TREES", "--name", "树木普查", "--category",
                 "公共服务", "--implementer", "信息处", "--basis", "为端到端测试而设",
                 "--information", entry["entry"]["information"])
        entry["entry"].update(duty="TREES", name=f"树木副本 {node.folder.name}")
    mine = node.folder / "entry.json"
    mine.write_text(json.dumps({**catalog, "entries": [entry]}, ensure_ascii=False))
    node.cli("compile", "catalog", "submit", mine)
    network.level()  # the tool reads what it acts on from its own node, which may be a block behind
    center.cli("review", "catalog", "review", node.member, entry["code"], "--decision", "accept")
    network.level()
    node.cli("compile", "catalog", "collect", entry["code"], "--method", "offline", "--system",
             "绿化普查系统", "--content", "树木普查", "--tables", "1", "--rows", "16484")  # PT 22
    node.cli("compile", "catalog", "bind", entry["code"], "--bindings", "file|alberi|")
    network.level()
    return entry["code"]


def request(network, node, provider=PROVIDER):
    """The node's member asks for the whole file, and has it once the center has assessed the way
    of use (PT 21); returns the grant."""
    catalog = json.loads((SAMPLES / "catalog/linye.json").read_text())
    entry = catalog["entries"][0]
    items = [word for item in entry["entry"]["items"] for word in ("--items", item["name"])]
    granted = node.ask(
        "compile", "request", "submit", network.nodes[provider].member, entry["code"], "--need",
        "data", "--purpose", PURPOSE, "--basis", "依法履行职责需要", "--goal", "减少重复提交材料",
        *items, "--frequency.times", "1", "--frequency.per", "week", "--security-level", "3",
        "--safeguards", "专线访问，按岗位授权", "--until", "2027-06-30", "--commitments.genuine",
        "--commitments.reasonable", "--commitments.compliant", "--mode", "file", "--mode-reason",
        "整体数据量大", "--system", SYSTEM)["txid"]
    center = network.nodes[CENTER]
    center.wait_height(node.api.height())
    center.cli("review", "request", "assess", granted, "--mode", "accept", "--opinion", "可行")
    node.wait_height(center.api.height())
    return granted


def grant(network):
    """From the provider's duty to the consumer's grant for the whole file."""
    publish(network)
    return request(network, network.nodes[CONSUMER])


# ---- transfers of a node ----

def begin(node, granted):
    """Asks a node's gateway for a transfer over HTTP, as a system would."""
    token = (node.folder / "gateway.token").read_text().split()[0]
    body = json.dumps({"grant": granted, "system": SYSTEM, "operator": "gateway",
                       "purpose": PURPOSE})
    return node.api._once("POST", "/v1/transfers", body.encode(),
                          {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})


def look(node, transfer):
    token = (node.folder / "gateway.token").read_text().split()[0]
    return node.api._once("GET", f"/v1/transfers/{transfer}", None,
                          {"Authorization": f"Bearer {token}"}).json


def inbox(node):
    return [path for path in (node.folder / "inbox").rglob("*") if path.is_file()]


def received(node):
    """Bytes in a node's inbox, whole files and parts."""
    return sum(path.stat().st_size for path in inbox(node))


def check_file(node, transfer):
    """What a complete transfer left is the provider's file, byte for byte."""
    path = node.folder / "inbox" / look(node, transfer)["path"]
    check(path.read_bytes() == FILE.read_bytes(), f"{path} is not what the provider has")


# ---- a consumer that is not the product ----

class Direct:
    """A member without a node: keys of its own, its transactions through a node of others."""

    def __init__(self, network, index, through):
        for step in ("keys_make", "join_make"):
            network.shell(step, str(index), members=index)
        lines = (lib.ROOT / "samples/agencies.tsv").read_text().splitlines()
        members = [line.split("\t") for line in lines if line and not line.startswith("#")]
        self.node = lib.Node(network, index, *members[index])
        self.node.api = through.api
        network.nodes[CENTER].cli("admin", "member", "admit", self.node.folder / "join.json",
                                  "--reason", "新增成员单位")
        network.level()
        self.network = network
        self.peer = ed25519.Ed25519PrivateKey.generate()
        public = self.peer.public_key().public_bytes(serialization.Encoding.Raw,
                                                     serialization.PublicFormat.Raw)
        self.node.cli("chief", "member", "update", "--peer-key", public.hex())
        self.key = self.node.new_key("direct", "gateway")
        self.connection = None
        self.write_certificate()

    def write_certificate(self):
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "direct")])
        begins = datetime.datetime(2020, 1, 1)
        made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
                .public_key(self.peer.public_key()).serial_number(1).not_valid_before(begins)
                .not_valid_after(begins + datetime.timedelta(days=36500)).sign(self.peer, None))
        pem = serialization.Encoding.PEM
        path = self.node.folder / "direct.pem"
        path.write_bytes(self.peer.private_bytes(pem, serialization.PrivateFormat.PKCS8,
                                                 serialization.NoEncryption())
                         + made.public_bytes(pem))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE
        self.context.load_cert_chain(path)

    def open(self, granted):
        """An access.open and what opens its commitment; nothing is sent yet."""
        salt = secrets.token_bytes(32)
        commitment = hashlib.sha256(b"dirchain/commitment/1\0" + salt + b"{}").hexdigest()
        version = self.node.api.state(f"grant/{granted}")["version"]
        transaction = self.key.sign("access.open", {
            "grant": granted, "acts_on": version, "system": SYSTEM, "operator": "direct",
            "method": "file", "purpose": PURPOSE, "parameters": commitment})
        opening = lib.b64(json.dumps({"salt": salt.hex(), "value": {}},
                                     separators=(",", ":")).encode())
        return transaction, opening

    def opened(self, granted):
        """The same, committed, and the provider knows it: its id and opening."""
        transaction, opening = self.open(granted)
        equal(self.node.api.submit(transaction).code, "ok", "an open of the direct consumer")
        self.network.nodes[PROVIDER].wait_height(self.node.api.height())
        return lib.txid_of(transaction), opening

    def ask(self, open_id, what, opening=None, method="GET"):
        """One question to the provider's gateway."""
        headers = {"Dirchain-Opening": opening} if opening else {}
        port = self.network.base_port + 200 + PROVIDER
        for attempt in range(2):  # a kept connection may be gone
            if self.connection is None:
                self.connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20,
                                                              context=self.context)
            try:
                self.connection.request(method, f"/gateway/v1/transfers/{open_id}/{what}", None,
                                        headers)
                response = self.connection.getresponse()
                return lib.Answer(response.status, response.read())
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
                if attempt == 1:
                    raise
        return None

    def manifest(self, open_id, opening):
        """Asks until it is prepared; the answer, whatever it is."""
        def answered():
            answer = self.ask(open_id, "manifest", opening)
            return answer if answer.status != 202 else None
        return lib.until(answered, "the manifest", 20)

    def fetch(self, open_id, manifest):
        """All chunks, each held against its leaf."""
        data = b""
        for index in range(len(manifest["leaves"]) // 64):
            answer = self.ask(open_id, f"chunks/{index}")
            equal(answer.code, "ok", f"chunk {index}")
            leaf = hashlib.sha256(b"\0" + answer.raw).hexdigest()
            equal(leaf, manifest["leaves"][64 * index:64 * index + 64], f"leaf {index}")
            data += answer.raw
        return data

    def receipt(self, open_id, digest, size, rows):
        body = {"open": open_id, "side": "consumer", "digest": digest, "bytes": size,
                "rows": rows, "result": "complete"}
        equal(self.node.api.submit(self.key.sign("access.receipt", body)).code, "ok", "a receipt")
