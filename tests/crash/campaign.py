#!/usr/bin/python3
"""What a node does when its disk fails it: see scripts/disk.

    record    a node alone and a network of four run under tests/preload; the list of the calls of a
              block, of an idle block and of the start
    power     power lost after each call, with any part of what was not synced gone (disk.py)
    kill      kill -9 before, within and after each call of a block and of a start
    fault     each call of a block and of a start fails with EIO, ENOSPC, or writes half
    rot       one bit flipped in each sector of each file
    network   power lost for one of four, and for all four at once

A node must start and go on, or refuse with a stable code and a sentence. It never has less than what
somebody was told, never another block at a height, never signs what contradicts what it sent, and
never syncs a file again whose sync failed."""
import argparse
import collections
import contextlib
import ctypes
import fcntl
import itertools
import json
import multiprocessing
import os
import pathlib
import secrets
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
import types
import zlib

import disk
import homes
import journal
import words
from homes import Failed, Refused, lib

PARTS = ("record", "power", "kill", "fault", "rot", "network")
# Alone: a block only for a transaction, so that each call has its place. Four: as in service, fast.
ALONE = ["--param", "idle_block_ms=3600000"]
FOUR = ["--param", "idle_block_ms=300", "--param", "message_delay_ms=200",
        "--param", "precision_ms=100"]


def data_of(folder):
    return (folder / "data").resolve()


class Original:
    """One recorded life of a node: its calls, and what is true of its chain."""

    def __init__(self, folder, member, validators, start=None):
        self.folder = folder
        self.member = member
        self.validators = validators
        self.start = start
        self.entries = journal.read(folder / "journal", data_of(folder))
        self.hashes = {}
        self.told = {}

    def follow(self):
        """The disk and the words after each counted call, from the first on."""
        model = disk.Disk(self.start)
        said = words.Words(self.member, self.validators)
        for entry in self.entries:
            model.follow(entry)
            said.follow(entry)
            if entry.counted:
                yield entry, model, said


def read_hashes(running, height):
    hashes = {}
    for at in range(1, height + 1):
        block = running.get(f"/v1/blocks/{at}")
        if block is None:
            raise Failed(f"block {at} of {height} is not served")
        hashes[at] = block["hash"]
    return hashes


# ---- judging a start ----

def judge_safety(folder_or_image, said):
    raw = folder_or_image if isinstance(folder_or_image, bytes) else \
        (folder_or_image / "data/safety").read_bytes()
    record = words.Safety(raw)
    for sent in said:
        why = record.forgets(sent)
        if why:
            raise Failed(f"it could sign twice: {why}")


def make_block(slot, running, key):
    """The chain goes on: a transaction gets its receipt."""
    answer = running.submit(key.sign("duty.publish", lib.duty("R-" + secrets.token_hex(6))))
    if answer is None:
        time.sleep(0.2)
        running.check_running()
        raise Failed("it does not answer")
    if answer[0] == 200:
        return
    if b'"tx-key-unknown"' in answer[1]:
        slot.publish_by_cli()
        return
    running.check_running()
    raise Failed(f"no block is made after the start: {answer}")


def judge_start(slot, hashes, least, key):
    """Starts what lies in the slot: "went on", or the code of a refusal; Failed otherwise. hashes of
    the blocks that were told to somebody, of which least is the highest."""
    try:
        with slot.run() as running:
            now = running.wait_height(0)
            if now < least:
                raise Failed(f"it stands at height {now}, and {least} was told to others")
            make_block(slot, running, key)
            for height, told in hashes.items():
                block = running.get(f"/v1/blocks/{height}") if height <= least else None
                if block is not None and block["hash"] != told:
                    raise Failed(f"another block at height {height}, which was told to others")
                if height <= least and block is None:
                    raise Failed(f"block {height} is not served")
            running.stop()
        if homes.verify(slot.home) < now + 1:
            raise Failed(f"the ledger on disk ends before height {now + 1}")
        return "went on"
    except Refused as refusal:
        return refusal.code


# ---- many starts, two at a time ----

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000


def own_network():
    """A network of its own: a vote key runs once on a host, and here on two disks at a time. False
    where that is not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0 and libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    with socket.socket() as probe:  # loopback up: struct ifreq with SIOCGIFFLAGS, SIOCSIFFLAGS
        request = struct.pack("16sh", b"lo", 0) + bytes(22)
        flags, = struct.unpack_from("h", fcntl.ioctl(probe, 0x8913, request), 16)
        fcntl.ioctl(probe, 0x8914, struct.pack("16sh", b"lo", flags | 1) + bytes(22))
    return True


class Workers:
    """Processes with a slot each, which take tasks (function, arguments…): function(slot, context, …)
    gives an outcome; the context they have since they were forked. Where it failed, the home is kept."""

    def __init__(self, network, folder, directory, base, count, context):
        self.place = network, folder, directory, base, context
        self.failures = []
        self.tasks = multiprocessing.Queue(2 * count)
        self.outcomes = multiprocessing.Queue()
        allowed = multiprocessing.Process(target=lambda: sys.exit(0 if own_network() else 1))
        allowed.start()
        allowed.join()
        self.own_network = allowed.exitcode == 0
        if not self.own_network:
            lib.say("no network of their own is allowed here: one node at a time")
        self.processes = [multiprocessing.Process(target=self._work, args=(i,), daemon=True)
                          for i in range(count if self.own_network else 1)]
        for process in self.processes:
            process.start()

    def run(self, name, tasks):
        """tasks: (label, function, arguments…), made when there is room. Returns {outcome: count}."""
        began, count = time.monotonic(), 0
        outcomes = collections.Counter()
        for task in tasks:
            self.tasks.put(task)
            count += 1
            while not self.outcomes.empty():
                self._take(outcomes)
            if sys.stderr.isatty():
                print(f"\r{name}: {count}", end="", file=sys.stderr, flush=True)
        while sum(outcomes.values()) < count:
            self._take(outcomes)
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr)
        told = ", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items()))
        lib.say(f"{name}: {count} in {time.monotonic() - began:.0f} s: {told or 'none'}")
        return outcomes

    def _take(self, outcomes):
        outcome, failure = self.outcomes.get(timeout=120)
        outcomes[outcome] += 1
        if failure:
            self.failures.append(failure)

    def _work(self, index):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(0)
        homes.die_with_us()
        if self.own_network:
            own_network()
        network, folder, directory, base, context = self.place
        slot = homes.Slot(network, folder, directory / f"slot{index}", base + 10 * index)
        while True:
            label, function, *arguments = self.tasks.get()
            slot.clear()
            try:
                self.outcomes.put((function(slot, context, *arguments), None))
            except Exception as failure:  # of the product or of this program: both must be seen
                kept = directory / f"failed-{index}-{time.monotonic_ns()}"
                shutil.copytree(slot.directory, kept)
                why = str(failure) if isinstance(failure, Failed) else traceback.format_exc()
                lib.say(f"FAILED {label}: {why}")
                self.outcomes.put(("FAILED", f"{label}: {why}"))


# ---- record ----

def publish(running, key, code):
    answer = running.submit(key.sign("duty.publish", lib.duty(code)))
    lib.check(answer and answer[0] == 200, f"duty.publish {code}: {answer}")


def record_alone(network, directory):
    """A node alone: its first start, blocks, a second start, another block. `counts`: the calls of
    each. What comes later starts from a copy of its home, `base`."""
    node = network.nodes[1]
    folder = node.folder
    counts = {}
    with homes.Running(folder, shim=True) as running:
        running.wait_height(0)
        network.chain = running.get("/v1/status")["chain"]
        network.key = node.new_key("test-compile", "compile")
        for i in range(2):
            publish(running, network.key, f"T-{i}")
        running.stop()
    first_life = len(journal.read(folder / "journal", data_of(folder)))
    with homes.Running(folder, shim=True) as running:
        running.wait_height(0)
        publish(running, network.key, "T-9")
        running.stop()
    original = Original(folder, node.member, [node.member])
    explain(original)
    for _, _, said in original.follow():
        pass
    original.hashes, original.height = said.told, said.height
    original.base = directory / "base"
    shutil.copytree(folder / "data", original.base)
    first = original.entries[:first_life]
    second = original.entries[first_life:]
    original.calls = {"the first start": calls_of_start(first), "a start": calls_of_start(second),
                      "a block": calls_of_block(second)}
    return original


def on_ledger(entries):
    return [entry for entry in entries if entry.counted and disk.is_ledger(entry.path)]


def calls_of_start(entries):
    """Up to the first answer."""
    return on_ledger(itertools.takewhile(lambda entry: entry.op != journal.TOLD, entries))


def calls_of_block(entries):
    """Those after the first answer, up to the sync of the index that commits the block."""
    calls = on_ledger(itertools.dropwhile(lambda entry: entry.op != journal.TOLD, entries))
    end = next(i for i, entry in enumerate(calls) if commits(entry))
    return calls[:end + 1]


def commits(entry):
    return entry.op == journal.SYNC and entry.path.startswith("ledger/index/") and \
        entry.path.endswith(".log")


def record_four(network):
    """Four validators; the center's node is not needed. Blocks with transactions and idle ones, then
    kill -9 for all of them at once."""
    nodes = network.nodes[1:]
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(homes.Running(node.folder, shim=True)) for node in nodes]
        for one in running:
            one.wait_height(1)
        network.chain = running[0].get("/v1/status")["chain"]
        network.key = nodes[0].new_key("test-compile", "compile")
        for i, one in enumerate(running + running):
            publish(one, network.key, f"N-{i}")
        running[0].wait_height(running[0].height() + 2)
    validators = [node.member for node in nodes]
    originals = [Original(node.folder, node.member, validators) for node in nodes]
    for original in originals:
        explain(original)
    return originals


def explain(original):
    """The journal explains every byte of the home, and nothing persists by a mapping but SQLite's
    index of its write-ahead log, which it makes anew at each start."""
    final = None
    for _, final, _ in original.follow():
        pass
    image = final.image(final.pending, lambda file: file.pending)
    differ = [path for path in disk.compare(image, data_of(original.folder))
              if not path.endswith("-shm")]
    lib.check(not differ, f"the journal does not explain {differ}")
    mapped = {entry.path for entry in original.entries if entry.op == journal.MAP}
    lib.check(all(path.endswith("explorer.sqlite-shm") for path in mapped),
              f"written through a mapping: {mapped}")
    lib.say(f"{original.folder.name}: {sum(entry.counted for entry in original.entries)} calls explain "
            f"every byte; shared mappings: {', '.join(sorted(mapped)) or 'none'}")


def print_calls(name, calls):
    print(f"\n{len(calls)} calls: {name}")
    for i, entry in enumerate(calls, 1):
        print(f"  {i:>3}  {journal.describe(entry):<70}  {purpose(entry)}")
    sys.stdout.flush()


def purpose(entry):
    """What a call of a node is for."""
    path, sync = entry.path, entry.op == journal.SYNC
    for start, what in (
            ("safety", "the safety record" + ("; only now a signature may leave" if sync else
                                              f", slot {entry.offset // 32768} copy "
                                              f"{entry.offset // 16384 % 2}")),
            ("probe", "whether there is room for what a start writes"),
            ("ledger/history/MANIFEST", "LevelDB: which tables and logs make the history"),
            ("ledger/index/MANIFEST", "LevelDB: which tables and logs make the index"),
            ("ledger/history/0", "the body before its precommit; state and logs before the tip"),
            ("ledger/index/0", "the tip: the block is committed" if sync else
             "header, certificate, places, log and state index, tip"),
            ("gateway", "the gateway's own"), ("lock", "one process on one directory")):
        if path.startswith(start):
            return what
    return "names in the directory" if sync else ""


def calls_of_idle_block(entries):
    """The shortest stretch between two commits."""
    blocks, calls = [], []
    for entry in on_ledger(entries):
        calls.append(entry)
        if commits(entry):
            blocks.append(calls)
            calls = []
    return min(blocks[1:], key=len)


# ---- power ----

def choose(original, explorer=False):
    """{digest: (number, name, least)} of all different disks that a power loss may leave, each at the
    last call after which it may: then most was told."""
    chosen, states = {}, 0
    for entry, model, said in original.follow():
        if disk.is_explorer(entry.path) != explorer or disk.is_diary(entry.path):
            continue
        for name, ordered, image in model.images(explorer):
            states += 1
            chosen[disk.digest(image, explorer)] = entry.number, name, ordered
    return set(chosen.values()), states


def chosen_images(original, chosen, explorer=False):
    for entry, model, said in original.follow():
        wanted = {name: ordered for number, name, ordered in chosen if number == entry.number}
        if not wanted:
            continue
        for name, _, image in model.images(explorer):
            if name in wanted:
                yield (f"{original.folder.name}, power lost after call {entry.number} "
                       f"({journal.describe(entry)}), {name}",
                       image, said.height, dict(said.told), wanted[name])


def power(original, workers, sample, explorer=False):
    chosen, states = choose(original, explorer)
    kept = set(sorted(chosen)[::sample])
    what = "explorer" if explorer else "power"
    lib.say(f"{what}: {states} states after {len(original.entries)} entries of the journal, "
            f"{len(chosen)} different disks, {len(kept)} of them tried")

    return workers.run(what, ((label, try_image, image, told, least, ordered) for
                              label, image, least, told, ordered in
                              chosen_images(original, kept, explorer)))


def try_image(slot, context, image, told, least, ordered):
    disk.write_image(image, slot.home / "data")
    outcome = judge_start(slot, told, least, context.key)
    if ordered and outcome != "went on":
        raise Failed(f"a power loss alone makes it refuse to start: {outcome}")
    return outcome


# ---- kill and faults in a running process ----

def words_of(slot, member):
    said = words.Words(member, [member])
    entries = journal.read(slot.home / "journal", data_of(slot.home))
    for entry in entries:
        said.follow(entry)
    return entries, said


def provoke(slot, base, countdown, fault, key, first):
    """Runs a node until the fault meets one of its calls: of the start or of a block. Returns its exit
    status (None: it went on, and was stopped) and what it said."""
    if base is not None:
        shutil.copytree(base, slot.home / "data")
    control = homes.Control(slot.home / "control")
    if first:
        control.arm(countdown, fault)
    with homes.Running(slot.home, slot.base, True, control) as running:
        with contextlib.suppress(Refused, Failed):
            running.wait_height(0)
            if not first:
                control.arm(countdown, fault)
            running.submit(key.sign("duty.publish", lib.duty("F-" + secrets.token_hex(6))))
        status = running.wait_end(0 if control.fired == 0 else 2)
        if status is None:
            with contextlib.suppress(Refused):
                running.stop()
        return running.process.returncode, status is None, running


def try_kill(slot, context, base, countdown, fault, first):
    original, key = context.original, context.key
    status, _, _ = provoke(slot, base, countdown, fault, key, first)
    if status != -9:
        raise Failed(f"was to be killed at call {countdown}, and ended with {status}")
    _, said = words_of(slot, original.member)
    told = {**(original.hashes if base else {}), **said.told}
    least = max(said.height, original.height if base else 0)
    outcome = judge_start(slot, told, least, key)
    if outcome != "went on":
        raise Failed(f"a process that was killed makes the next one refuse to start: {outcome}")
    return outcome


def provocations(original, faults):
    """(label, base, countdown, fault, first) for each call of a first start, a start and a block."""
    for where, first, base in (("the first start", True, None), ("a start", True, original.base),
                               ("a block", False, original.base)):
        for countdown, entry in enumerate(original.calls[where], 1):
            for fault in faults:
                if fault in ("short", "kill-within") and entry.op != journal.WRITE:
                    continue
                yield f"{fault} at call {countdown} of {where}", base, countdown, fault, first


def kill(original, workers, sample):
    tasks = [(label, try_kill, base, countdown, fault, first)
             for label, base, countdown, fault, first in
             provocations(original, ("kill-before", "kill-within", "kill-after"))]
    workers.run("kill", tasks[::sample])


def is_harmless(hit):
    """What may fail without anything being lost. LevelDB asks again for the removal of its old files at
    its next start. The second log of the index is begun only to wake the thread that compacts; where
    it cannot be made, the first goes on."""
    return hit.op in (journal.UNLINK, journal.RMDIR) or (
        hit.op == journal.CREATE and hit.path.startswith("ledger/index/") and
        hit.path.endswith(".log") and hit.fault in ("eio", "enospc"))


def judge_fault(slot, context, base, hit, went_on, running, entries):
    """After a fault: stopped, with a sentence; no failed file synced again; nothing said after it."""
    status = running.process.returncode
    if went_on:
        if not is_harmless(hit) and hit.fault != "short":
            raise Failed(f"it goes on after {journal.describe(hit)}")
        if status != 0:
            raise running.refusal(status)
        return "went on"
    if hit.fault == "short":
        raise Failed(f"half a write stops it: {running.refusal(status)}")
    outcome = running.refusal(status)
    if not isinstance(outcome, Refused):
        raise outcome
    after = [entry for entry in entries if entry.number > hit.number]
    again = [entry for entry in after if entry.op == journal.SYNC and entry.path == hit.path]
    if hit.op in (journal.SYNC, journal.WRITE) and again and disk.is_ledger(hit.path) and \
            not is_directory(hit):
        raise Failed(f"a failed file is synced again: {journal.describe(again[0])}")
    before = words.Words(context.original.member, context.original.validators)
    before.height = context.original.height if base else 0
    for entry in entries:
        if entry.number < hit.number:
            before.follow(entry)
    told = before.height
    for entry in after:
        before.follow(entry)
    if before.height > told or any(entry.op == journal.SENT for entry in after):
        raise Failed(f"it told of block {before.height} after {journal.describe(hit)}")
    return outcome.code


def is_directory(entry):
    return "." not in os.path.basename(entry.path) and entry.path != "safety"


def try_fault(slot, context, base, countdown, fault, first):
    """The fault in a running process, then a start on the mended disk: with all that was written, and
    with all gone that no sync said was there (what a kernel may do after a sync that failed)."""
    original, key = context.original, context.key
    _, went_on, running = provoke(slot, base, countdown, fault, key, first)
    entries, said = words_of(slot, original.member)
    hit = next((entry for entry in entries if entry.number == running.control.fired), None)
    if hit is None:
        raise Failed(f"no call {countdown} met the fault")
    outcome = judge_fault(slot, context, base, hit, went_on, running, entries)
    told = {**(original.hashes if base else {}), **said.told}
    least = max(said.height, original.height if base else 0)
    model = disk.Disk(base)
    for entry in entries:
        model.follow(entry)
    for state in ("all that was written", "only what was synced"):
        if state != "all that was written":
            slot.clear()
            image = next(image for name, _, image in model.images() if name == "none")
            disk.write_image(image, slot.home / "data")
        again = judge_start(slot, told, least, key)
        if again != "went on":
            raise Failed(f"after {journal.describe(hit)}, with {state}: refuses to start: {again}")
    return outcome


def fault(original, workers, sample):
    tasks = [(label, try_fault, base, countdown, kind, first)
             for label, base, countdown, kind, first in
             provocations(original, ("eio", "enospc", "eio-on", "enospc-on", "short"))]
    workers.run("fault", tasks[::sample])


# ---- rot ----

def questions(running, height):
    """What is asked of a node, and what it answers."""
    paths = [f"/v1/blocks/{at}" for at in range(1, height + 1)]
    paths += ["/v1/blocks", "/v1/genesis", f"/v1/validators?height={height}", "/v1/members",
              "/v1/duties", "/v1/transactions", "/v1/acts",
              f"/v1/proofs/consistency?from={max(1, height - 2)}&to={height}"]
    transactions = (running.get("/v1/transactions") or {}).get("items", [])
    for one in transactions:
        paths += [f"/v1/transactions/{one['txid']}", f"/v1/transactions/{one['txid']}/receipt"]
    members = (running.get("/v1/members") or {}).get("items", [])
    for one in members:
        paths += [f"/v1/members/{one['id']}", f"/v1/members/{one['id']}/keys",
                  f"/v1/state/member/{one['id']}"]
    paths += [f"/v1/packs/blocks/{at}" for at in range(1, height + 1)]
    return paths


def wait_indexed(running, height):
    """Until the lists have what the ledger has: then both answers can be compared."""
    end = time.monotonic() + homes.START_S
    while True:
        running.check_running()
        status = running.get("/v1/status")
        if status and status["api"]["read_model_height"] >= height:
            return
        if time.monotonic() > end:
            raise Failed(f"the lists do not reach height {height}: {status and status['api']}")
        time.sleep(0.01)


def prepare_rot(original, slot_home):
    """The answers of an undamaged home, and where bits can be flipped."""
    with homes.Running(slot_home) as running:
        running.wait_height(original.height)
        wait_indexed(running, original.height)
        paths = questions(running, original.height)
        original.answers = {}
        for path in paths:
            answer = running.ask("GET", path)
            if answer and answer[0] == 200:
                original.answers[path] = answer[1]
        running.stop()
    lib.say(f"{len(original.answers)} of {len(paths)} questions answered by an undamaged node")
    sectors = []
    for root, where in ((original.base, "data"), (slot_home / "keys", "keys")):
        for path in sorted(root.rglob("*")):
            if path.is_file():
                sectors += [(f"{where}/{path.relative_to(root)}", at) for at in
                            range(0, path.stat().st_size, disk.SECTOR)]
    sectors += [(name, 0) for name in ("passphrase", "gateway.token", "dirchaind.yaml")]
    genesis = (slot_home.parent / "genesis.json").stat().st_size
    sectors += [("../genesis.json", at) for at in range(0, genesis, disk.SECTOR)]
    return sectors


def flip(path, at):
    """One bit of a sector, always the same one."""
    raw = bytearray(path.read_bytes())
    size = min(disk.SECTOR, len(raw) - at)
    place = zlib.crc32(f"{path.name} {at}".encode())
    raw[at + place % size] ^= 1 << (place >> 16) % 8
    path.write_bytes(raw)


def try_rot(slot, context, name, at):
    path = slot.home / name
    shutil.copytree(context.original.base, slot.home / "data")
    saved = None if name.startswith("data/") else path.read_bytes()
    try:
        flip(path, at)
        return judge_rot(slot, context, name)
    finally:
        if saved is not None:
            path.write_bytes(saved)


# Redundant, or not read at all; of all others a flipped bit must be noticed.
MAY_PASS = ("data/safety", "data/explorer.sqlite", "data/ledger/history/LOG", "data/ledger/index/LOG",
            "keys/", "dirchaind.yaml", "gateway.token")


def judge_rot(slot, context, name):
    original, noticed = context.original, None
    try:
        with slot.run() as running:
            running.wait_height(0)
            with contextlib.suppress(Failed):
                wait_indexed(running, original.height)
            for path, right in original.answers.items():
                answer = running.ask("GET", path)
                if answer is None:
                    running.wait_end(2)
                    running.check_running()
                    raise Failed(f"no answer to {path}")
                if answer[0] >= 500:
                    noticed = noticed or f"noticed when read ({json.loads(answer[1])['code']})"
                elif answer != (200, right):
                    raise Failed(f"another answer to {path}: {answer[0]} {answer[1][:300]}")
            if not noticed:
                make_block(slot, running, context.key)
            running.stop()
    except Refused as refusal:
        return f"refused ({refusal.code})"
    try:
        homes.verify(slot.home)
    except Refused as refusal:
        noticed = noticed or f"noticed by --verify ({refusal.code})"
    if noticed is None and not name.startswith(MAY_PASS) and not unread(original, name):
        raise Failed(f"nobody notices a flipped bit in {name}")
    return noticed or "unharmed"


def unread(original, name):
    """A file that counts by its name only."""
    return name.startswith("data/") and (original.base / name[5:]).stat().st_size == 0


def rot(original, workers, sectors, sample):
    chosen = sectors[::sample]
    lib.say(f"rot: {len(sectors)} sectors in {len({name for name, _ in sectors})} files, "
            f"{len(chosen)} of them tried")
    workers.run("rot", ((f"{name} at {at}", try_rot, name, at) for name, at in chosen))


# ---- network ----

def check_memory(originals):
    """No disk that a power loss may leave allows to sign something else than what had left: read from
    the bytes of every state, without a start."""
    states, sent = 0, 0
    for original in originals:
        for entry, model, said in original.follow():
            if disk.is_explorer(entry.path) or disk.is_diary(entry.path) or not said.signed:
                continue
            newest = said.signed[-8:]
            for name, _, image in model.images():
                states += 1
                lib.check("safety" in image, f"{original.folder.name} after call {entry.number}, "
                          f"{name}: no safety record, though votes had left")
                record = words.Safety(image["safety"])
                lib.check(record.sequence is not None, f"{original.folder.name} after call "
                          f"{entry.number}, {name}: no copy of the safety record verifies")
                for one in newest:
                    why = record.forgets(one)
                    lib.check(why is None, f"{original.folder.name} after call {entry.number} "
                              f"({journal.describe(entry)}), {name}: {why}")
        sent += len(said.signed)
        lib.check(not words.conflicts(said.signed), "signed twice while recording")
    lib.say(f"safety records: {states} states of {len(originals)} nodes hold what had left of {sent} "
            "signed messages")
    lib.check(sent > 0, "nothing was signed")


def moments(originals, count):
    """(time, number of the call of the node it is about): spread over the last blocks."""
    calls = [entry for entry in originals[0].entries
             if entry.counted and disk.is_ledger(entry.path)]
    calls = calls[len(calls) // 2:]
    return [calls[i * len(calls) // count] for i in range(count)]


def at_moment(original, time_ns):
    model, said = disk.Disk(), words.Words(original.member, original.validators)
    for entry in original.entries:
        if entry.time_ns <= time_ns:
            model.follow(entry)
            said.follow(entry)
    return model, said


def variant(model, number):
    """One of the states that a power loss may leave, by its place in the list."""
    states = [image for _, ordered, image in model.images() if ordered]
    return states[number % len(states)]


def power_of_network(network, originals, directory, count):
    """Power lost for all, or for the first alone while the others are killed; then all start again:
    the chain goes on, nothing told is lost, nothing is signed twice."""
    rounds = 0
    for i, call in enumerate(moments(originals, count)):
        alone = i % 3 == 2
        place = directory / "four"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(network.directory, place,
                        ignore=shutil.ignore_patterns("data", "journal", "control", "log"))
        before, told, least = [], {}, {}
        for n, original in enumerate(originals):
            model, said = at_moment(original, call.time_ns)
            image = variant(model, 0 if alone and n > 0 else 1 + 7 * i + n)
            disk.write_image(image, place / original.folder.name / "data")
            before += said.signed
            told.update(said.told)
            least[n] = said.height
        start_network(network, originals, place, before, told, least, call)
        rounds += 1
    lib.say(f"network: {rounds} losses of power, and the chain went on")


def start_network(network, originals, place, before, told, least, call):
    what = f"after {journal.describe(call)} (call {call.number} of {originals[0].folder.name})"
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(homes.Running(place / one.folder.name, shim=True))
                   for one in originals]
        for n, one in enumerate(running):
            try:
                now = one.wait_height(0)
            except Refused as refusal:
                raise Failed(f"{what}: {originals[n].folder.name} refuses: {refusal}") from refusal
            lib.check(now >= least[n], f"{what}: {originals[n].folder.name} stands at {now}, and "
                      f"{least[n]} was told to others")
        answer = running[0].submit(network.key.sign("duty.publish", lib.duty(
            "R-" + secrets.token_hex(6))))
        lib.check(answer is not None and answer[0] in (200, 403), f"{what}: no block: {answer}")
        top = max(max(least.values()), running[0].height()) + 1
        for one in running:
            one.wait_height(top)
            for height, block_hash in told.items():
                lib.equal(one.get(f"/v1/blocks/{height}")["hash"], block_hash, f"{what}: block {height}")
        for one in running:
            one.stop()
    for original in originals:
        folder = place / original.folder.name
        said = words.Words(original.member, original.validators)
        for entry in journal.read(folder / "journal", data_of(folder)):
            said.follow(entry)
        before += said.signed
        homes.verify(folder)
    twice = words.conflicts(before)
    lib.check(not twice, f"{what}: {'; '.join(twice)}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/disk", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="one or more of them; all by default")
    parser.add_argument("--sample", type=int, default=1, metavar="N",
                        help="only every N-th state, fault and sector")
    parser.add_argument("--base-port", type=int, default=int(os.environ.get("BASE_PORT", 23600)))
    parser.add_argument("--jobs", type=int, default=2, help="nodes at a time")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = options.parts or PARTS
    lib.main(lambda: campaign(options, parts), limit_s=7200)


def campaign_alone(options, parts, directory, stack):
    network = lib.Network("disk", options.base_port, agencies=1, genesis=ALONE)
    stack.callback(shutil.rmtree, network.directory, True)
    network.make()
    original = record_alone(network, directory)
    for name, calls in original.calls.items():
        print_calls(name + " of a node alone", calls)
    sectors = prepare_rot(original, original.folder) if "rot" in parts else []
    workers = Workers(network.directory, original.folder, directory, options.base_port + 400,
                      options.jobs, types.SimpleNamespace(original=original, key=network.key))
    if "power" in parts:
        power(original, workers, options.sample)
        power(original, workers, options.sample, explorer=True)
    if "kill" in parts:
        kill(original, workers, options.sample)
    if "fault" in parts:
        fault(original, workers, options.sample)
    if "rot" in parts:
        rot(original, workers, sectors, options.sample)
    lib.check(not workers.failures, f"{len(workers.failures)} failed; see above")


def campaign_four(options, directory, stack):
    network = lib.Network("disk4", options.base_port + 20, agencies=4, genesis=FOUR)
    stack.callback(shutil.rmtree, network.directory, True)
    network.make()
    originals = record_four(network)
    print_calls("an idle block of one of four", calls_of_idle_block(originals[0].entries))
    check_memory(originals)
    power_of_network(network, originals, directory, max(3, 60 // options.sample))


def campaign(options, parts):
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(
            tempfile.TemporaryDirectory(prefix="dirchain-disk-")))
        if set(parts) - {"network"}:
            campaign_alone(options, parts, directory, stack)
        if "network" in parts:
            campaign_four(options, directory, stack)


if __name__ == "__main__":
    main()
