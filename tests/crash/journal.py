"""The journal that tests/preload writes: what a process did to its files, and what it said."""
import collections
import struct

# struct entry of tests/preload/disk.c
HEAD = struct.Struct("<IIQQIBBBBqqQIIQ")
MAGIC = 0x4B534944

CREATE, WRITE, TRUNCATE, ALLOCATE, SYNC = "O", "W", "T", "A", "F"
RENAME, LINK, UNLINK, MKDIR, RMDIR = "R", "L", "U", "M", "X"
MAP, SENT, TOLD = "P", "S", "H"
NAMES = {CREATE: "create", WRITE: "write", TRUNCATE: "truncate", ALLOCATE: "allocate", SYNC: "sync",
         RENAME: "rename", LINK: "link", UNLINK: "unlink", MKDIR: "mkdir", RMDIR: "rmdir",
         MAP: "map", SENT: "send (TLS)", TOLD: "send"}

# enum disk_fault
FAULTS = ["none", "kill-before", "kill-after", "kill-within", "eio", "enospc", "eio-on",
          "enospc-on", "short"]
SCOPES = ["all", "ledger", "explorer"]

Entry = collections.namedtuple(
    "Entry", "number time_ns thread op fault counted flags result offset length path to data")


def read(path, home):
    """All entries in order, with paths relative to home ("" is the home itself). A last one that the
    end of the process cut off is left out."""
    entries = []
    raw = path.read_bytes()
    at = 0
    prefix = str(home)
    while at + HEAD.size <= len(raw):
        (magic, flags, number, time_ns, thread, op, fault, counted, _, result, offset, length,
         path_bytes, to_bytes, data_bytes) = HEAD.unpack_from(raw, at)
        assert magic == MAGIC, f"the journal is damaged at {at}"
        at += HEAD.size
        if at + path_bytes + to_bytes + data_bytes > len(raw):
            break
        names = []
        for size in (path_bytes, to_bytes):
            name = raw[at:at + size].decode()
            names.append(name[len(prefix):].lstrip("/") if name.startswith(prefix) else name)
            at += size
        data = raw[at:at + data_bytes]
        at += data_bytes
        entries.append(Entry(number, time_ns, thread, chr(op), FAULTS[fault], bool(counted), flags,
                             result, offset, length, names[0], names[1], data))
    return entries


def describe(entry):
    """One line: call, file, offset, bytes."""
    where = entry.path or "."
    if entry.op in (RENAME, LINK):
        where += " -> " + entry.to
    size = ""
    if entry.op == WRITE:
        size = f"{entry.offset:>8} {len(entry.data):>7}"
    elif entry.op in (TRUNCATE, ALLOCATE):
        size = f"{'':>8} {entry.length:>7}"
    end = "" if entry.result >= 0 else f" error {-entry.result}"
    if entry.fault != "none":
        end += f" ({entry.fault})"
    return f"{NAMES[entry.op]:<9}{where:<44}{size:<17}{end}".rstrip()
