#!/usr/bin/env python3
"""Computes log_proofs.json and state_proofs.json from docs/spec/proofs.md alone, and
snapshot_parts.json from docs/spec/snapshot.md.

Nothing here shares code or method with the node: trees are built by the recursive definitions, on
the standard library only. Run without arguments it rewrites the three files beside itself; with
--check it only compares.
"""
import hashlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- log: RFC 6962, section 2.1 -----------------------------------------------------------------

def split(n):
    """The largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def log_root(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01", log_root(leaves[:k]), log_root(leaves[k:]))


def log_path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return log_path(m, leaves[:k]) + [log_root(leaves[k:])]
    return log_path(m - k, leaves[k:]) + [log_root(leaves[:k])]


def log_subproof(m, leaves, whole):
    if m == len(leaves):
        return [] if whole else [log_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return log_subproof(m, leaves[:k], whole) + [log_root(leaves[k:])]
    return log_subproof(m - k, leaves[k:], False) + [log_root(leaves[:k])]


def log_consistency(m, leaves):
    return log_subproof(m, leaves, True) if 0 < m else []


def log_proof(nodes):
    return (bytes([len(nodes)]) + b"".join(nodes)).hex()


def inclusion(leaves, index, size):
    return {"index": index, "size": size, "leaf": leaves[index].hex(),
            "root": log_root(leaves[:size]).hex(),
            "proof": log_proof(log_path(index, leaves[:size]))}


def consistency(leaves, old, new):
    return {"old": old, "new": new, "old_root": log_root(leaves[:old]).hex(),
            "new_root": log_root(leaves[:new]).hex(),
            "proof": log_proof(log_consistency(old, leaves[:new]))}


# The inputs and roots published with the Certificate Transparency implementations.
CT_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
             "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def log_vectors():
    ct = [sha256(b"\x00", bytes.fromhex(text)) for text in CT_INPUTS]
    for size, root in enumerate(CT_ROOTS):
        assert log_root(ct[:size]).hex() == root, size
    ledger = []
    for i in range(1000):
        kind, digest = 1 + i % 3, sha256(b"leaf %d" % i)
        ledger.append({"kind": kind, "digest": digest.hex(),
                       "hash": sha256(b"\x00", bytes([kind]), digest).hex()})
    hashes = [bytes.fromhex(leaf["hash"]) for leaf in ledger]
    places = [(0, 1), (0, 1000), (1, 2), (511, 512), (512, 513), (512, 1000), (767, 768),
              (998, 999), (999, 1000), (640, 777)]
    growths = [(0, 1000), (1, 1000), (511, 1000), (512, 1000), (513, 1000), (640, 768),
               (999, 1000), (1000, 1000)]
    return {
        "format": "dirchain-log-vectors/1",
        "certificate_transparency": {
            "inputs": CT_INPUTS,
            "roots": CT_ROOTS,
            "inclusion": [inclusion(ct, m, n) for n in range(1, 9) for m in range(n)],
            "consistency": [consistency(ct, m, n) for n in range(9) for m in range(n + 1)],
        },
        "ledger": {
            "leaf_rule": "leaf i has kind 1 + i mod 3 and digest SHA-256('leaf <i>')",
            "leaves": ledger[:4],
            "inclusion": [inclusion(hashes, m, n) for m, n in places],
            "consistency": [consistency(hashes, m, n) for m, n in growths],
        },
    }


# ---- state: sparse Merkle tree, leaves as high as they are alone ---------------------------------

EMPTY = bytes(32)


def bit(path, depth):
    return path[depth // 8] >> (7 - depth % 8) & 1


def state_hash(leaves, depth=0):
    """leaves: list of (path, value hash)."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return sha256(b"\x00", leaves[0][0], leaves[0][1])
    sides = [[leaf for leaf in leaves if bit(leaf[0], depth) == side] for side in (0, 1)]
    return sha256(b"\x01", state_hash(sides[0], depth + 1), state_hash(sides[1], depth + 1))


def state_proof(leaves, path):
    siblings, depth = [], 0
    while len(leaves) > 1:
        sides = [[leaf for leaf in leaves if bit(leaf[0], depth) == side] for side in (0, 1)]
        depth += 1
        siblings.append(state_hash(sides[1 - bit(path, depth - 1)], depth))
        leaves = sides[bit(path, depth - 1)]
    other = bool(leaves) and leaves[0][0] != path
    encoded = bytes([other]) + depth.to_bytes(2, "big") + b"".join(siblings)
    return (encoded + (leaves[0][0] + leaves[0][1] if other else b"")).hex()


def state_case(name, entries, asked):
    leaves = [(sha256(key.encode()), sha256(value.encode())) for key, value in entries.items()]
    proofs = []
    for key in asked:
        proofs.append({"key": key, "value": entries.get(key),
                       "proof": state_proof(leaves, sha256(key.encode()))})
    return {"name": name,
            "entries": [{"key": key, "value": value} for key, value in entries.items()],
            "root": state_hash(leaves).hex(), "proofs": proofs}


def common_bits(a, b):
    x = int.from_bytes(a, "big") ^ int.from_bytes(b, "big")
    return 256 - x.bit_length()


def deep_keys():
    """Among 60000 keys the three neighbours that share the most leading bits of their paths."""
    keys = sorted(("deep/%d" % i for i in range(60000)), key=lambda key: sha256(key.encode()))
    paths = [sha256(key.encode()) for key in keys]
    best = max(range(len(keys) - 2), key=lambda i: common_bits(paths[i], paths[i + 1]))
    return keys[best:best + 3]


def state_vectors():
    few = {"member/12440100MB2C00071X": '{"name":"广州市白云区"}', "params": "{}",
           "entry/12440100MB2C00071X/人口": '{"items":[1,2,3]}'}
    many = {"entry/%03d" % i: '{"n":%d}' % (i * i) for i in range(200)}
    deep = {key: '"%s"' % key for key in deep_keys()}
    one = {"center": '{"id":"x"}'}
    pair = {key: deep[key] for key in list(deep)[:2]}
    return {
        "format": "dirchain-state-vectors/1",
        "cases": [
            state_case("empty", {}, ["center"]),
            state_case("one", one, ["center", "params", "grant/1"]),
            state_case("few", few, list(few) + ["absent", "不存在"]),
            state_case("many", many, ["entry/000", "entry/117", "entry/199"] +
                       ["entry/%d" % i for i in range(200, 216)]),
            state_case("deep pair", pair, list(deep)),
            state_case("deep", deep, list(deep) + ["deep/x"]),
        ],
    }


# ---- snapshots: parts of the state ----------------------------------------------------------------

SNAPSHOT_HEIGHT = 2000


def part_key(prefix):
    """prefix: a list of nibbles."""
    text = "".join("%x" % nibble for nibble in prefix)
    path = bytes.fromhex(text + "0" * (64 - len(text)))
    return (SNAPSHOT_HEIGHT.to_bytes(8, "big") + bytes([5]) + bytes(8) + bytes([len(prefix)]) + path)


def nibbles(path):
    return [nibble for byte in path for nibble in (byte >> 4, byte & 15)]


def below(entries, prefix):
    found = [(sha256(key.encode()), key.encode(), value.encode()) for key, value in entries.items()]
    return sorted(entry for entry in found if nibbles(entry[0])[:len(prefix)] == prefix)


def part_leaves(found):
    return b"\x01" + len(found).to_bytes(4, "big") + b"".join(
        len(key).to_bytes(2, "big") + key + len(value).to_bytes(4, "big") + value
        for _, key, value in found)


def part_node(found, depth):
    present, leaves, places = 0, 0, b""
    for place in range(16):
        here = [(path, sha256(value)) for path, _, value in found if nibbles(path)[depth] == place]
        if len(here) == 1:
            leaves |= 1 << place
            places += b"\x00" + here[0][0] + here[0][1]
        elif here:
            places += b"\x00" + state_hash(here, 4 * (depth + 1))
        present |= (1 << place) if here else 0
    return b"\x02\x01" + present.to_bytes(2, "big") + leaves.to_bytes(2, "big") + places


def snapshot_vectors():
    entries = {"entry/%03d" % i: '{"n":%d}' % (i * i) for i in range(200)}
    first = nibbles(sha256(b"entry/007"))
    parts = []
    for prefix in ([], first[:1], first[:2]):
        found = below(entries, prefix)
        root = state_hash([(path, sha256(value)) for path, _, value in found], 4 * len(prefix))
        forms = [part_leaves(found)] + ([part_node(found, len(prefix))] if len(found) > 1 else [])
        parts += [{"key": part_key(prefix).hex(), "hash": root.hex(), "leaves": len(found),
                   "payload": payload.hex()} for payload in forms]
    return {"format": "dirchain-snapshot-vectors/1", "state": "entry/<i>, 3 digits, i = 0 to 199: "
            '{"n":<i squared>}', "parts": parts}


def main():
    stale = False
    for name, vectors in (("log_proofs.json", log_vectors()),
                          ("state_proofs.json", state_vectors()),
                          ("snapshot_parts.json", snapshot_vectors())):
        text = json.dumps(vectors, ensure_ascii=False, indent=1) + "\n"
        path = HERE / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(name + " is not what make_tree_vectors.py computes", file=sys.stderr)
            stale = True
    sys.exit(stale)


if __name__ == "__main__":
    main()
