"""One bit flipped in each sector of each file."""
import contextlib
import json
import shutil
import zlib

import disk
import homes
import kinds
from homes import Failed, Refused, lib
from judge import make_block, wait_indexed


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
    """One bit of a sector, always the same one. Returns its place."""
    raw = bytearray(path.read_bytes())
    size = min(disk.SECTOR, len(raw) - at)
    place = zlib.crc32(f"{path.name} {at}".encode())
    raw[at + place % size] ^= 1 << (place >> 16) % 8
    path.write_bytes(raw)
    return at + place % size


def try_rot(slot, context, name, at):
    path = slot.home / name
    shutil.copytree(context.original.base, slot.home / "data")
    saved = None if name.startswith("data/") else path.read_bytes()
    try:
        whole = path.read_bytes()
        place = flip(path, at)
        may_pass = name.startswith(MAY_PASS) or (path.suffix == ".ldb" and is_filter(whole, place))
        return judge_rot(slot, context, name, may_pass)
    finally:
        if saved is not None:
            path.write_bytes(saved)


# Twofold, made anew, not read, or what people write: of all others a flipped bit must be noticed.
MAY_PASS = ("data/safety", "data/explorer.sqlite", "data/ledger/history/LOG", "data/ledger/index/LOG",
            "keys/", "dirchaind.yaml", "gateway.token")


def is_filter(raw, at):
    """Whether a place in a table of LevelDB is in its filter or in what leads there: where these do not
    verify, LevelDB looks into the blocks instead."""
    _, number = read_number(raw, len(raw) - 48)
    _, number = read_number(raw, number)  # of what leads to the filter: offset, size
    index, _ = read_number(raw, number)
    name = raw.find(b"filter.leveldb.BuiltinBloomFilter2")
    start = read_number(raw, name + 34)[0] if name >= 0 else index
    return start <= at < index


def read_number(raw, at):
    """A varint: (value, where the next begins)."""
    value = shift = 0
    while True:
        value |= (raw[at] & 127) << shift
        shift += 7
        at += 1
        if raw[at - 1] < 128:
            return value, at


def judge_rot(slot, context, name, may_pass):
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
    if noticed is None and not may_pass:
        raise Failed(f"nobody notices a flipped bit in {name}")
    return noticed or "unharmed"


def rot(original, workers, sectors, sample, by_kind):
    chosen = kinds.of_each(sectors, kinds.sector_kind) if by_kind else sectors[::sample]
    if by_kind:
        kinds.check_covered("rot", [kinds.file_kind(name) for name, _ in chosen], kinds.FILES)
    lib.say(f"rot: {len(sectors)} sectors in {len({name for name, _ in sectors})} files, "
            f"{len(chosen)} of them tried")
    workers.run("rot", ((f"{name} at {at}", try_rot, name, at) for name, at in chosen))
