"""Recorded lives of nodes: a node alone, what it fills and lets go of later, and a network of four."""
import contextlib
import itertools
import shutil
import sys
import time

import disk
import homes
import journal
import words
from homes import lib

KEPT, LET_GO = 32, 16  # the fewest blocks that a node may keep, and what it lets go of at a time


def data_of(folder):
    return (folder / "data").resolve()


class Original:
    """One recorded life of a node: its calls, and what is true of its chain."""

    def __init__(self, folder, member, validators, start=None):
        self.folder = folder
        self.member = member
        self.validators = validators
        self.start = start
        self.kept = 0  # blocks before it are not asked for
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


def publish(running, key, code):
    answer = running.submit(key.sign("duty.publish", lib.duty(code)))
    lib.check(answer and answer[0] == 200, f"duty.publish {code}: {answer}")


def record_alone(network, directory):
    """A node alone: its first start, blocks, a second start, another block. `counts`: the calls of
    each. The first one starts from a copy of the home as it was made, `made` (its safety record), what
    comes later from one of its home after that, `base`."""
    node = network.nodes[1]
    folder = node.folder
    counts = {}
    made = directory / "made"
    shutil.copytree(folder / "data", made)
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
    original = Original(folder, node.member, [node.member], made)
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


def record_tables(net, original, directory, base_port):
    """A later life of the node alone, whose blocks fill LevelDB's memory table: a new log is begun in the
    middle of a write, the table is written out, and the old log is removed."""
    slot = homes.Slot(net.directory, original.folder, directory / "tables", base_port)
    shutil.copytree(original.base, slot.home / "data")
    with slot.run(shim=True) as running:
        running.wait_height(original.height)
        for i in range(150):  # 16 MB of history
            body = lib.duty(f"L-{i}")
            body["information"] = [f"{n:03d}" + "信" * 290 for n in range(80)]
            answer = running.submit(net.key.sign("duty.publish", body))
            lib.check(answer and answer[0] == 200, f"a large duty: {answer}")
        running.stop()
    later = Original(slot.home, original.member, original.validators, original.base)
    explain(later)
    spoken = next(entry.number for entry in later.entries if entry.op == journal.TOLD)
    later.window = [entry for entry in on_ledger(later.entries) if entry.number > spoken and
                    entry.op == journal.CREATE and entry.path.endswith(".log")]
    lib.check(later.window, "no new log was begun: the memory table was not filled")
    return later


def record_pruned(net, original, directory, base_port):
    """A later life of the node alone, which lets go of old blocks: what leaves is written to the log of
    the history, and the next body behind it. `kept`: the first block that is there at the end."""
    slot = homes.Slot(net.directory, original.folder, directory / "pruned", base_port)
    shutil.copytree(original.base, slot.home / "data")
    with open(slot.home / "dirchaind.yaml", "a", encoding="utf-8") as config:
        config.write(f"history_blocks: {KEPT}\n")
    with slot.run(shim=True) as running:
        running.wait_height(original.height)
        for i in range(KEPT + LET_GO - original.height):
            publish(running, net.key, f"P-{i}")
        end = time.monotonic() + homes.START_S
        while running.ask("GET", "/v1/blocks/1")[0] != 410:
            lib.check(time.monotonic() < end, "no block was let go")
            time.sleep(0.05)
        pruned = journal.read(slot.home / "journal", data_of(slot.home))[-1].number
        publish(running, net.key, "P-last")
        kept = LET_GO + 1
        lib.check(running.get(f"/v1/blocks/{kept - 1}") is None and running.get(f"/v1/blocks/{kept}"),
                  f"block {kept} is not the first one kept")
        running.stop()
    later = Original(slot.home, original.member, original.validators, original.base)
    explain(later)
    later.kept = kept
    later.around = next(entry.number for entry in on_ledger(later.entries) if entry.number > pruned)
    return later


def on_ledger(entries):
    return [entry for entry in entries if entry.counted and disk.is_ledger(entry.path)]


def calls_of_start(entries):
    """Up to the first answer."""
    return on_ledger(itertools.takewhile(lambda entry: entry.op != journal.TOLD, entries))


def calls_of_block(entries):
    """Those after the first answer, up to the sync of the index that commits the block."""
    calls = on_ledger(itertools.dropwhile(lambda entry: entry.op != journal.TOLD, entries))
    end = next((i + 1 for i, entry in enumerate(calls) if commits(entry)), len(calls))
    return calls[:end]


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
    return min(blocks[1:], key=len, default=calls)
