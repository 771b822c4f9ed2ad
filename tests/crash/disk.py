"""A disk that forgets what was not synced.

The model follows a journal call by call. Every file has what the last sync made durable, and the
writes since; the directory tree likewise. A power loss after any call leaves what was synced and any
part of the rest. `images` lists such parts systematically:

    all          everything reached the disk (the process was killed, the machine was not)
    none         nothing that was not synced did
    names        the names did, the data did not: empty or old files under their new names
    data         the data did, the names did not
    lost I       each write alone is lost
    torn I J     each write alone reached the disk in part: its first J sectors of 512 bytes, or all
                 but these, everything before it whole and everything after it lost or whole
    name I       each change of a name alone is lost
    names I      changes of names up to the I-th reached the disk, in order

A change of a name is durable when its directory was synced: neither syncing the file nor the order
in which journaling file systems write names is relied on, except that "name I" alone, where later
changes of names survive an earlier one, is marked `unordered`: no file system in use does that, and
refusing to start is enough there."""
import hashlib
import os
import posixpath

from journal import ALLOCATE, CREATE, LINK, MKDIR, RENAME, RMDIR, SYNC, TRUNCATE, UNLINK, WRITE

SECTOR = 512
WRITES_MAX = 12  # looked at one by one; the ledger never has that many unsynced, the explorer has


def is_explorer(path):
    return posixpath.basename(path).startswith("explorer.sqlite")


def is_diary(path):
    """LevelDB's own log of what it did, for people to read; never read by a program."""
    return posixpath.basename(path) in ("LOG", "LOG.old")


def is_ledger(path):
    return not is_explorer(path) and not is_diary(path)


class File:
    """What a sync made durable, and the changes since: (number, offset, bytes) or a new length."""

    def __init__(self, path, data=b""):
        self.path = path  # of its making
        self.durable = data
        self.pending = []
        self.made, self.made_of = data, 0  # the whole file, and of how many changes

    def with_changes(self, changes):
        """Those of the whole and the durable file are kept, since most images hold these."""
        if not changes:
            return self.durable
        if changes is not self.pending:
            return self._make(changes)
        if self.made_of != len(changes):
            self.made, self.made_of = self._make(changes), len(changes)
        return self.made

    def _make(self, changes):
        data = bytearray(self.durable)
        for _, offset, change in changes:
            if isinstance(change, int):  # a length
                del data[change:]
                data.extend(bytes(change - len(data)))
                continue
            if len(data) < offset:
                data.extend(bytes(offset - len(data)))
            data[offset:offset + len(change)] = change
        return bytes(data)

    def whole(self):
        return self.with_changes(self.pending)

    def sync(self):
        self.durable = self.whole()
        self.pending = []
        self.made, self.made_of = self.durable, 0


DIRECTORY = File("")  # stands for any


class Name:
    """A change of the directory tree that its directory's next sync makes durable."""

    def __init__(self, entry, file):
        self.number, self.op, self.path, self.to, self.file = (
            entry.number, entry.op, entry.path, entry.to, file)
        self.directories = {posixpath.dirname(entry.path)}
        if entry.op in (RENAME, LINK):
            self.directories.add(posixpath.dirname(entry.to))

    def apply(self, names):
        if self.op in (CREATE, MKDIR):
            names[self.path] = self.file
        elif self.op == LINK:
            names[self.to] = self.file
        elif self.op == RENAME:
            if names.get(self.path) is self.file:
                del names[self.path]
            names[self.to] = self.file
        elif names.get(self.path) is self.file:  # unlink, rmdir
            del names[self.path]


class Disk:
    """The files below a home: as the process sees them, and as a power loss might leave them."""

    def __init__(self, start=None):
        """start: a directory whose contents are durable from the beginning."""
        self.names = {"": DIRECTORY}
        for root, directories, files in os.walk(start) if start else ():
            base = "" if root == str(start) else os.path.relpath(root, start)
            for name in directories:
                self.names[posixpath.join(base, name)] = DIRECTORY
            for name in files:
                path = posixpath.join(base, name)
                with open(os.path.join(root, name), "rb") as file:
                    self.names[path] = File(path, file.read())
        self.durable = dict(self.names)
        self.pending = []

    def follow(self, entry):
        """One call of the journal that went well."""
        if not entry.counted or entry.result < 0:
            return
        change = getattr(self, "_" + {CREATE: "create", WRITE: "write", TRUNCATE: "truncate",
                                      ALLOCATE: "allocate", SYNC: "sync", RENAME: "name",
                                      LINK: "name", UNLINK: "name", MKDIR: "name",
                                      RMDIR: "name"}[entry.op])
        change(entry)

    def _create(self, entry):
        if entry.length == 2:  # was there, and is cut to nothing
            self.names[entry.path].pending.append((entry.number, 0, 0))
            return
        self._change(Name(entry, File(entry.path)))

    def _write(self, entry):
        self._file(entry).pending.append((entry.number, entry.offset, entry.data))

    def _truncate(self, entry):
        self._file(entry).pending.append((entry.number, 0, entry.length))

    def _allocate(self, entry):
        file = self._file(entry)
        end = entry.offset + entry.length
        if entry.flags == 0 and end > len(file.whole()):
            file.pending.append((entry.number, 0, end))

    def _file(self, entry):
        """A file that was removed while it is open is nobody's any more."""
        return self.names.get(entry.path) or File(entry.path)

    def _sync(self, entry):
        file = self.names.get(entry.path)
        if file is DIRECTORY:
            kept = [name for name in self.pending if entry.path not in name.directories]
            for name in self.pending:
                if entry.path in name.directories:
                    name.apply(self.durable)
            self.pending = kept
        elif file is not None:
            file.sync()

    def _name(self, entry):
        file = DIRECTORY if entry.op in (MKDIR, RMDIR) else self.names[entry.path]
        self._change(Name(entry, file))

    def _change(self, name):
        name.apply(self.names)
        self.pending.append(name)

    # ---- after the loss ----

    def writes(self, wanted):
        """Changes of files that are not durable: (file, index in its pending)."""
        seen = {id(file): file for names in (self.durable, self.names) for file in names.values()}
        found = [(file, i) for file in seen.values() if wanted(file.path)
                 for i in range(len(file.pending))]
        return sorted(found, key=lambda item: item[0].pending[item[1]][0])

    def image(self, kept_names, kept_data):
        """{path: bytes, or None for a directory}. kept_data(file) gives the changes that survive."""
        names = dict(self.durable)
        for name in kept_names:
            name.apply(names)
        out = {}
        for path in sorted(names):
            parent = posixpath.dirname(path)
            if path and parent and parent not in out:
                continue  # its directory is lost
            file = names[path]
            out[path] = None if file is DIRECTORY else file.with_changes(kept_data(file))
        del out[""]
        return out

    def images(self, explorer=False):
        """(name, ordered, image) for a power loss now, of the ledger's files or the explorer's; the
        others go with "all" and "none"."""
        wanted = is_explorer if explorer else is_ledger

        def everything(file):
            return file.pending

        def nothing(file):
            return [] if not is_diary(file.path) else file.pending

        yield "all", True, self.image(self.pending, everything)
        yield "none", True, self.image([], nothing)
        yield "names", True, self.image(self.pending, nothing)
        yield "data", True, self.image([], everything)
        writes = self.writes(wanted)
        step = len(writes) // WRITES_MAX + 1
        for file, i in writes[::step]:
            number = file.pending[i][0]

            def without(other, file=file, i=i):
                return other.pending if other is not file else file.pending[:i] + file.pending[i + 1:]
            yield f"lost {number}", True, self.image(self.pending, without)
            for part, torn in tear(file.pending[i]):
                for rest in ("lost", "kept"):
                    def with_torn(other, file=file, i=i, torn=torn, rest=rest):
                        if other is file:
                            after = file.pending[i + 1:] if rest == "kept" else []
                            return file.pending[:i] + torn + after
                        if rest == "kept":
                            return other.pending
                        number = file.pending[i][0]
                        return [change for change in other.pending if change[0] < number]
                    yield f"torn {number} {part} rest {rest}", True, self.image(self.pending,
                                                                                 with_torn)
        changes = [name for name in self.pending if wanted(name.path)]
        for name in changes:
            rest = [other for other in self.pending if other is not name]
            last = all(other.number < name.number for other in rest)
            yield f"name {name.number}", last, self.image(rest, everything)
            before = [other for other in self.pending if other.number < name.number]
            yield f"names {name.number}", True, self.image(before, everything)


def tear(change):
    """Ways in which a write of several sectors may reach the disk in part."""
    number, offset, data = change
    if isinstance(data, int):
        return
    first = SECTOR - offset % SECTOR
    cuts = list(range(first, len(data), SECTOR))
    for cut in sorted({*cuts[:1], *cuts[len(cuts) // 2:len(cuts) // 2 + 1], *cuts[-1:]}):
        sectors = cuts.index(cut) + 1
        yield f"first {sectors}", [(number, offset, data[:cut])]
        yield f"but first {sectors}", [(number, offset + cut, data[cut:])]


def digest(image, explorer=False):
    """Of what matters to the ledger; or of the explorer's files."""
    parts = [(path, data if data is None else sum_of(data)) for path, data in image.items()
             if data is None or (is_explorer(path) if explorer else is_ledger(path))]
    return hashlib.sha256(repr(parts).encode()).digest()


SUMS_KEPT = 64
sums = {}  # by the identity of the bytes, which are kept with their sum


def sum_of(data):
    if id(data) not in sums:
        while len(sums) >= SUMS_KEPT:
            del sums[next(iter(sums))]
        sums[id(data)] = data, hashlib.sha256(data).digest()
    return sums[id(data)][1]


def write_image(image, directory):
    os.makedirs(directory, mode=0o700)
    for path, data in image.items():
        where = os.path.join(directory, path)
        if data is None:
            os.makedirs(where, mode=0o700, exist_ok=True)
            continue
        with open(os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)


def compare(image, directory):
    """Paths in which a directory differs from an image: what the journal did not explain."""
    here = Disk(directory).image([], lambda file: [])
    return sorted(path for path in {*image, *here} if image.get(path, 0) != here.get(path, 0))
