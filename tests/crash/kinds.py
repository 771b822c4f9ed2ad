"""What a slice of the campaign touches: of each family of files, and of each kind of call on them, at
least one. A slice that left one out would look as good as one that did not."""
import collections
import posixpath

import disk
import journal
from homes import lib

# What a slice cannot do without. Names: what says which files count (CURRENT, made, directories).
FILES = ("safety record", "history table", "history log", "history manifest", "index table",
         "index log", "index manifest", "ledger names", "explorer", "gateway", "key", "passphrase",
         "gateway.token", "dirchaind.yaml", "genesis.json")
CALLS = {"safety record": (journal.WRITE, journal.SYNC),
         "table": (journal.CREATE, journal.WRITE, journal.SYNC),
         "log": (journal.CREATE, journal.WRITE, journal.SYNC, journal.UNLINK),
         "manifest": (journal.CREATE, journal.WRITE, journal.SYNC, journal.UNLINK),
         "ledger names": (journal.CREATE, journal.WRITE, journal.SYNC, journal.RENAME,
                          journal.MKDIR)}
SAFETY_COPY = 16384  # each of its slots is there twice


def family(path):
    """Of a file below data."""
    name = posixpath.basename(path)
    part = next((part for part in ("history", "index") if path.startswith(f"ledger/{part}/")), None)
    if path == "safety":
        return "safety record"
    if disk.is_explorer(path):
        return "explorer"
    if disk.is_diary(path):
        return "diary"
    if part:
        for is_so, what in ((name.endswith(".ldb"), "table"), (name.endswith(".log"), "log"),
                            (name.startswith("MANIFEST"), "manifest")):
            if is_so:
                return f"{part} {what}"
    return "ledger names" if path.startswith("ledger") else "gateway" \
        if path.startswith("gateway") else "other"


def call_kind(entry):
    """The two databases make the same calls."""
    return entry.op, family(entry.path).removeprefix("history ").removeprefix("index ")


def file_kind(name):
    """Of a file in a node's folder."""
    where, _, path = name.partition("/")
    return family(path) if where == "data" else "key" if where == "keys" else posixpath.basename(name)


def sector_kind(sector):
    """Each copy of the safety record counts by itself."""
    name, at = sector
    return file_kind(name), at // SAFETY_COPY if name == "data/safety" else 0


def of_each(tasks, *features):
    """In their order those that bring something new: a value that one of the features had not yet."""
    seen = [set() for _ in features]
    chosen = []
    for task in tasks:
        values = [feature(task) for feature in features]
        if any(value not in had for value, had in zip(values, seen)):
            chosen.append(task)
            for value, had in zip(values, seen):
                had.add(value)
    return chosen


def _told(kind):
    return kind if isinstance(kind, str) else f"{journal.NAMES[kind[0]]} of {kind[1]}"


def check_covered(name, kinds, needed):
    """Prints what was chosen of each kind; fails where it was none."""
    counts = collections.Counter(kinds)
    missing = sorted(_told(kind) for kind in needed if not counts[kind])
    told = sorted(f"{_told(kind)} {count}" for kind, count in counts.items())
    lib.say(f"{name} covers: {', '.join(told)}")
    lib.check(not missing, f"{name}: nothing chosen of {', '.join(missing)}")


CALLS_NEEDED = [(op, what) for what, ops in CALLS.items() for op in ops]
