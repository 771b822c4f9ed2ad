"""A light client in front of real nodes, forked ones and liars.

  real network    `dirchain audit follow` goes with the chain through the removal and the return of a
                  validator, resumes, begins at a checkpoint, warns when the newest block is old
  forked network  two ledgers of one genesis, certified by the same keys, each served by a node: the
                  fork is found from two nodes, and from one node at two times; the evidence verifies
                  offline and proves who signed both; no byte of it can be changed
  liars           a server that answers with what a node does, but for one lie at a time: each is
                  refused with its code, and an honest node beside it brings the client to the tip
"""
import http.server
import json
import re
import shutil
import signal
import subprocess
import threading
import time

import columns
import grown
import lib
from lib import BIN, Failed, check, equal, say, until

HEIGHT = 620  # of the grown chains: more than one answer holds
FORKS_AT = 520


class Client:
    """dirchain audit follow with a state file of its own."""

    def __init__(self, network, name):
        self.genesis = network.directory / "genesis.json"
        self.folder = network.directory / f"audit-{name}"
        self.folder.mkdir()
        self.state = self.folder / "follow.state"

    def command(self, *nodes, more=()):
        witnesses = [part for url in nodes[1:] for part in ("--witness", url)]
        return [BIN / "dirchain", "audit", "follow", "--genesis", self.genesis, "--state", self.state,
                "--node", nodes[0], *witnesses, "--json", "--timeout-s", "2", *map(str, more)]

    def once(self, *nodes, status=0, more=()):
        """Its events, by name; each name's last."""
        done = subprocess.run(self.command(*nodes, more=("--once", *more)), capture_output=True,
                              text=True, timeout=60, check=False)
        equal(done.returncode, status, f"audit follow {nodes}: {done.stdout}{done.stderr}")
        return events(done.stdout)


def in_words(command):
    """The same for people; it fits the screen."""
    command = [part for part in command if part != "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    for text in (done.stdout, done.stderr):
        wide = columns.too_wide(text)
        check(wide is None, f"{command[1:3]}: {wide}")
    return done.stdout + done.stderr


def events(text):
    if text.startswith("{\n"):  # a problem document
        return {"problem": json.loads(text)}
    return {event["event"]: event for event in map(json.loads, text.splitlines())}


def url_of(node):
    return f"http://127.0.0.1:{node.api.port}"


# ---- a real network ----

def change(network, how, index):
    """Among validators that all take part: one that has signed none of the first blocks does not."""
    def taken():
        try:
            network.nodes[0].cli("admin", "validator", "change", how, network.nodes[index].member,
                                 "--node", network.nodes[1].url, "--reason", "轮换")
        except Failed as failed:
            if "takes no part" not in str(failed):
                raise
            return False
        return True
    until(taken, "the change is taken", pause=0.5)


def follow_through_changes(network):
    client = Client(network, "changes")
    center, first = network.nodes[0], network.nodes[1]
    process = subprocess.Popen(client.command(url_of(center), url_of(first),
                                              more=("--interval-s", 1)),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        change(network, "--remove", 4)
        center.wait_height(center.api.height() + 3)
        change(network, "--add", 4)
        center.wait_height(center.api.height() + 3)
        network.level()
        height = center.api.height()
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
    equal(process.returncode, 0, f"exit code after SIGTERM: {out}{err}")
    end = events(out)["end"]
    check(end["height"] >= height, f"followed up to {end['height']} of {height}")
    equal(end["validator_changes"], 2, "validator changes seen")
    equal(end["hash"], center.api.get(f"/v1/blocks/{end['height']}").json["hash"], "newest block")
    again = client.once(url_of(center))["end"]
    check(again["height"] >= end["height"] and again["headers"] <= again["height"] - end["height"],
          f"resumed anew: {again}")
    say(f"followed to {again['height']} through {end['validator_changes']} changes, and resumed")
    return again


def begin_at_checkpoint(network, newest):
    center = url_of(network.nodes[0])
    where = f"{newest['height']}:{newest['hash']}"
    client = Client(network, "checkpoint")
    equal(client.once(center, more=("--checkpoint", where))["end"]["validator_changes"], 2,
          "validator changes before the checkpoint")
    client.once(center, more=("--checkpoint", where))
    wrong = f"{newest['height']}:{'0' * 64}"
    equal(client.once(center, more=("--checkpoint", wrong), status=1)["problem"]["code"],
          "checkpoint", "another checkpoint than the book's")
    equal(Client(network, "wrong").once(center, more=("--checkpoint", wrong), status=1)
          ["node"]["code"], "node-checkpoint", "another checkpoint than the node's block")
    said = in_words(client.command(center, more=("--once",)))
    check(re.search("[0-9a-f]{64}", said) and "followed up to" in said.lower(), f"in words: {said}")
    say("begun at a checkpoint; another one is refused")


def own_files(network):
    """What is damaged on our own disk is said to be so, and no node is blamed."""
    center = url_of(network.nodes[0])
    client = Client(network, "damaged")
    client.once(center)
    headers = client.folder / "follow.state.headers"
    whole = headers.read_bytes()
    headers.write_bytes(whole + b"\0\0\1\0half a record")
    client.once(center)
    headers.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    equal(client.once(center, status=3)["problem"]["code"], "follow-state",
          "a flipped bit")
    client.state.unlink()
    equal(client.once(center, status=3)["problem"]["code"], "follow-state",
          "headers without their state")
    wrong = Client(network, "wrong-file")
    wrong.state.write_bytes(wrong.genesis.read_bytes())
    equal(wrong.once(center, status=3)["problem"]["code"], "follow-state-form",
          "the genesis as state file")
    equal([path.name for path in wrong.folder.iterdir()], [wrong.state.name],
          "files beside what is refused")


def stale(network):
    for node in network.nodes[1:3]:
        node.stop()
    time.sleep(2.5)
    seen = Client(network, "stale").once(url_of(network.nodes[0]), more=("--max-age-s", 1))
    equal(seen["tip-old"]["code"], "tip-old", "the warning that the newest block is old")
    say("an old newest block is warned of")


# ---- a forked network ----

class Branches:
    """One genesis, and ledgers that part at FORKS_AT; nodes that serve them."""

    def __init__(self):
        self.network = lib.Network("fork", 9750, genesis=("--time", grown.genesis_time(HEIGHT)))
        self.network.make()
        self.center = self.network.nodes[0]
        self.ledgers = {}
        for name, round_number in (("a", 0), ("b", 0), ("c", 2)):
            self.ledgers[name] = self.network.directory / f"ledger-{name}"
            grown.grow(self.network, self.ledgers[name], HEIGHT, "--fork-at", FORKS_AT,
                       "--salt", name, "--round", round_number)
        self.nodes = [self.center, self.second()]

    def second(self):
        """The center's home again, at other ports."""
        home = self.network.directory / "center-2"
        shutil.copytree(self.center.folder, home)
        config = (home / "dirchaind.yaml").read_text()
        config = re.sub(r"127\.0\.0\.1:(\d+)", lambda m: f"127.0.0.1:{int(m[1]) + 20}", config)
        (home / "dirchaind.yaml").write_text(config)
        node = lib.Node(self.network, 0, self.center.member, self.center.name, "center-2")
        node.api = lib.Api(self.center.api.port + 20)
        return node

    def serve(self, index, name):
        """Has a node serve a ledger; its address."""
        node = self.nodes[index]
        data = node.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        shutil.copytree(self.ledgers[name], data / "ledger")
        node.start()
        until(lambda: node.api.height() == HEIGHT, f"branch {name} is served")
        return url_of(node)

    def headers(self, name):
        """All certified headers of a branch, as a node serves them."""
        self.serve(0, name)
        items = []
        while len(items) < HEIGHT:
            answer = self.center.api.get(f"/v1/headers?from={len(items) + 1}").json
            items += answer["headers"]
        self.center.stop()
        return answer["genesis"], items

    def end(self):
        for node in self.nodes:
            if node.pid is not None:
                node.stop(signal.SIGKILL)
        shutil.rmtree(self.network.directory, ignore_errors=True)


def audit_fork(branches, path, status=0):
    done = subprocess.run([BIN / "dirchain", "audit", "fork", path, "--genesis",
                           branches.network.directory / "genesis.json", "--json"],
                          capture_output=True, text=True, timeout=30, check=False)
    equal(done.returncode, status, f"audit fork: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def judge_evidence(branches, path, equivocation):
    proved = audit_fork(branches, path)
    equal(proved["height"], FORKS_AT, "height of the fork")
    equal(proved["equivocation"], equivocation, "two blocks of one round")
    equal(proved["faulty_at_least"], 2, "faulty of four")
    signers = [set(block["signers"]) for block in certified(path)]
    equal(set(proved["signed_both"]), signers[0] & signers[1], "who signed both")
    check(len(proved["signed_both"]) >= proved["faulty_at_least"], "too few signed both")
    tampered = path.parent / "tampered.json"
    whole = path.read_bytes()
    for place in range(7, len(whole), len(whole) // 12):
        tampered.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
        audit_fork(branches, tampered, status=1)
    return proved


def certified(path):
    """Who signed which block, read from the file without the product."""
    for block in json.loads(path.read_text())["blocks"]:
        raw = bytes.fromhex(block["certificate"])
        count = int.from_bytes(raw[44:46], "big")
        yield {"signers": [raw[46 + 82 * i:64 + 82 * i].decode() for i in range(count)]}


def find_forks(branches):
    network = branches.network
    a, b = branches.serve(0, "a"), branches.serve(1, "b")
    two = Client(network, "two")
    fork = two.once(a, b, status=1)["fork"]
    equal((fork["height"], fork["code"], fork["url"]), (FORKS_AT, "fork", b), "the fork")
    evidence = two.folder / f"fork-{FORKS_AT}.json"
    judge_evidence(branches, evidence, True)
    for command in (two.command(a, b, more=("--once",)),
                    [BIN / "dirchain", "audit", "fork", evidence, "--genesis", two.genesis]):
        check("signed both" in in_words(command), "the evidence in words")
    say(f"two nodes: the fork at {FORKS_AT} is proved, and no byte of the proof can be changed")
    alone = Client(network, "alone")
    equal(alone.once(b)["end"]["height"], HEIGHT, "one branch alone is followed")
    branches.center.stop()
    later = Client(network, "later")
    branches.serve(0, "a")
    later.once(a)
    branches.center.stop()
    branches.serve(0, "c")
    later.once(a, status=1)
    judge_evidence(branches, later.folder / f"fork-{FORKS_AT}.json", False)
    say("one node at two times: proved, with blocks of two rounds")
    for node in branches.nodes:
        node.stop()


# ---- liars ----

class Liar(http.server.ThreadingHTTPServer):
    """Serves the headers of a branch, and the lie that is set."""
    daemon_threads = True

    def __init__(self, genesis, items):
        super().__init__(("127.0.0.1", 0), Answer)
        self.genesis, self.items, self.lie, self.height = genesis, items, None, len(items)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def document(self, first, count):
        items = [dict(item) for item in self.items[first - 1:min(self.height, first + count - 1)]]
        return {"genesis": self.genesis, "headers": items, "tip": self.height}


class Answer(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        found = re.fullmatch(r"/v1/headers\?from=(\d+)&count=(\d+)", self.path)
        document = self.server.document(*map(int, found.groups()))
        lie = LIES.get(self.server.lie, (None, lambda *_: False))[1]
        if lie(self, document):
            return
        self.reply(json.dumps(document).encode())

    def reply(self, body, status=200, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def at(document, height):
    first = int.from_bytes(bytes.fromhex(document["headers"][0]["header"])[36:44], "big")
    place = height - first
    return document["headers"][place] if 0 <= place < len(document["headers"]) else None


def flip(field, place, height=510):
    """A lie: one changed byte in the header or certificate of a height in the second answer."""
    def lie(_, document):
        item = at(document, height) if document["headers"] else None
        if item:
            raw = bytearray.fromhex(item[field])
            raw[place] ^= 1
            item[field] = raw.hex()
    return lie


def put(**members):
    def lie(_, document):
        document.update(members)
    return lie


def endless(handler, _):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"[" * 65536)
    except OSError:
        return True


def slow(handler, _):
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        for _ in range(50):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass
    return True


def answer(body, status=200, headers=()):
    def lie(handler, _):
        handler.reply(body, status, headers)
        return True
    return lie


def swap(_, document):
    headers = document["headers"]
    if len(headers) > 3:
        headers[1], headers[2] = headers[2], headers[1]


def leave_out(_, document):
    if len(document["headers"]) > 3:
        del document["headers"][2]


def thin(_, document):
    """A certificate with its last signature cut off."""
    for item in document["headers"][5:6]:
        raw = bytes.fromhex(item["certificate"])
        item["certificate"] = (raw[:44] + b"\0\2" + raw[46:-82]).hex()


def twice(_, document):
    """The first signer counted twice."""
    for item in document["headers"][5:6]:
        raw = bytes.fromhex(item["certificate"])
        item["certificate"] = (raw[:-82] + raw[46:128]).hex()


def deny_tip(_, document):
    document["headers"] = document["headers"][:1]


LIES = {
    # name: (code, what it does to the answer, exit code)
    "garbage": ("node-answer", answer(b"<html>hello</html>"), 1),
    "an array": ("node-answer", answer(b"[]"), 1),
    "nested": ("node-answer", answer(b"[" * 100000), 1),
    "endless": ("node-answer", endless, 1),
    "redirect": ("node-answer", answer(b"", 302, [("Location", "http://127.0.0.1:9/")]), 1),
    "busy": ("unavailable", answer(b"", 503), 3),
    "slow": ("timeout", slow, 3),
    "another genesis": ("node-other-chain", put(genesis="0" * 64), 1),
    "a tip below zero": ("node-answer", put(tip=-1), 1),
    "headers beyond the tip": ("node-answer", put(tip=3), 1),
    "no headers": ("node-answer", put(headers=[]), 1),
    "a text": ("node-answer", put(headers="x"), 1),
    "a number": ("field-missing", put(headers=[7]), 1),
    "a high tip": ("node-answer", deny_tip, 1),
    "swapped": ("node-answer", swap, 1),
    "left out": ("node-answer", leave_out, 1),
    "other state root": ("certificate-other-block", flip("header", 150, HEIGHT), 1),
    "other previous": ("block-link", flip("header", 60), 1),
    "other signature": ("bad-signature", flip("certificate", 100), 1),
    "other signer": ("certificate-signer", flip("certificate", 50), 1),
    "too few": ("certificate-quorum", thin, 1),
    "twice": ("certificate-signer", twice, 1),
}


def refuse_liars(branches):
    genesis, items = branches.headers("a")
    liar, honest = Liar(genesis, items), Liar(genesis, items)
    for name, (code, _, status) in LIES.items():
        client = Client(branches.network, name.replace(" ", "-"))
        liar.lie = name
        seen = client.once(liar.url, honest.url, status=status)
        equal((seen["node"]["code"], seen["node"]["url"]), (code, liar.url), f"lie \"{name}\"")
        equal(seen["end"]["height"], HEIGHT, f"height by the honest node beside \"{name}\"")
    liar.lie = None
    say(f"{len(LIES)} lies are refused by name, and an honest node suffices")
    return liar, honest


def lower_and_behind(branches, liar, honest):
    client = Client(branches.network, "lower")
    client.once(liar.url)
    liar.height -= 20
    equal(client.once(liar.url, honest.url, status=1)["node"]["code"], "node-height-lower",
          "a node that is lower than it was")
    liar.height += 20
    client.once(liar.url)
    honest.height -= 20
    behind = Client(branches.network, "behind")
    equal(behind.once(liar.url, honest.url)["end"]["nodes"][1]["height"], HEIGHT - 20,
          "a node that is behind is no liar")
    # A branch of its own making: changed from FORKS_AT on, and not certified.
    items = [dict(item) for item in liar.items]
    for item in items[FORKS_AT - 1:]:
        raw = bytearray.fromhex(item["header"])
        raw[150] ^= 1
        item["header"] = raw.hex()
    invented = Liar(liar.genesis, items)
    equal(behind.once(liar.url, invented.url, status=1)["node"]["code"], "node-branch",
          "a branch without certificates")
    check(not list(behind.folder.glob("fork-*")), "evidence against nobody")
    say("lower than before, behind, and an invented branch are told apart")


def test():
    with lib.Network("follow", 9720) as network:
        newest = follow_through_changes(network)
        begin_at_checkpoint(network, newest)
        own_files(network)
        stale(network)
    branches = Branches()
    try:
        find_forks(branches)
        lower_and_behind(branches, *refuse_liars(branches))
    finally:
        branches.end()


if __name__ == "__main__":
    lib.main(test, 180)
