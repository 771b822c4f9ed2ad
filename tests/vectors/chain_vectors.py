"""Vectors of docs/spec/block.md and docs/spec/certificate.md."""
import struct

import curve
import tx_vectors
from names import GENESIS, digest_of, hash_tagged, member_id, secret

PREVOTE, PRECOMMIT = 1, 2
NIL = bytes(32)
OTHER_GENESIS = digest_of("another genesis")


# ---- validators ----

def vote_secret(member):
    return secret("vote " + member)


def validator_set(count):
    members = sorted(member_id(i) for i in range(1, count + 1))
    return [(m, curve.public_x_only(vote_secret(m))) for m in members]


def encode_set(validators):
    out = struct.pack(">H", len(validators))
    return out + b"".join(m.encode() + key for m, key in validators)


def set_hash(validators):
    return hash_tagged("dirchain/validators/1", encode_set(validators))


def set_vector(count):
    validators = validator_set(count)
    return {
        "count": count,
        "members": [{"member": m, "key": key.hex()} for m, key in validators],
        "bytes": encode_set(validators).hex(),
        "hash": set_hash(validators).hex(),
        "quorum": 2 * count // 3 + 1,
        "round_skip": (count - 1) // 3 + 1,
    }


def refused_sets():
    good = validator_set(4)
    not_on_curve = (5).to_bytes(32, "big")  # 5^3 + 7 has no square root
    cases = {
        "empty": encode_set([]),
        "descending": encode_set([good[1], good[0], good[2], good[3]]),
        "member twice": encode_set([good[0], (good[0][0], good[1][1]), good[2], good[3]]),
        "key twice": encode_set([good[0], (good[1][0], good[0][1]), good[2], good[3]]),
        "key not on the curve": encode_set([good[0], (good[1][0], not_on_curve)]),
        "lower-case member": encode_set([(good[0][0].replace("9", "a"), good[0][1])]),
        "count one too many": struct.pack(">H", 5) + encode_set(good)[2:],
        "more than 128": struct.pack(">H", 129) + b"".join(
            f"{i:018d}".encode() + good[0][1] for i in range(129)),
    }
    return [{"name": name, "bytes": data.hex()} for name, data in cases.items()]


# ---- headers ----

HEADER_FIELDS = ("genesis", "previous", "log_root", "state_root", "validators", "next_validators")


def encode_header(h):
    return (struct.pack(">I", h["version"]) + h["genesis"]
            + struct.pack(">QQ", h["height"], h["time_ms"]) + h["previous"]
            + struct.pack(">Q", h["log_size"]) + h["log_root"] + h["state_root"]
            + h["validators"] + h["next_validators"] + h["proposer"].encode())


def header_hash(h):
    return hash_tagged("dirchain/block/1", encode_header(h))


def header_of(height, **changes):
    validators = validator_set(4)
    header = {
        "version": 1, "genesis": GENESIS, "height": height, "time_ms": 1767225600000 + height,
        "previous": GENESIS if height == 1 else digest_of(f"block {height - 1}"),
        "log_size": 3 * height, "log_root": digest_of(f"log {height}"),
        "state_root": digest_of(f"state {height}"), "validators": set_hash(validators),
        "next_validators": set_hash(validators), "proposer": validators[height % 4][0],
    }
    header.update(changes)
    return header


def header_vector(name, header):
    shown = {k: v.hex() if k in HEADER_FIELDS else v for k, v in header.items()}
    return {"name": name, **shown, "bytes": encode_header(header).hex(),
            "hash": header_hash(header).hex()}


def refused_headers():
    top = 2**53
    cases = {
        "version 0": encode_header(header_of(1, version=0)),
        "version 2": encode_header(header_of(1, version=2)),
        "height 0": encode_header(header_of(0)),
        "height 2^53": encode_header(header_of(top)),
        "time 2^53": encode_header(header_of(1, time_ms=top)),
        "time with the sign bit": encode_header(header_of(1, time_ms=2**63)),
        "log size 2^53": encode_header(header_of(1, log_size=top)),
        "proposer in lower case": encode_header(header_of(1, proposer="11990000000000001a")),
        "proposer with NUL": encode_header(header_of(1, proposer="1199000000000000\0\0")),
        "one byte short": encode_header(header_of(1))[:-1],
        "empty": b"",
    }
    return [{"name": name, "bytes": data.hex()} for name, data in cases.items()]


# ---- votes, certificates, evidence ----

def vote_digest(kind, height, round_, block, genesis=GENESIS):
    return hash_tagged("dirchain/vote/1",
                       genesis + struct.pack(">BQI", kind, height, round_) + block)


def proposal_digest(height, round_, valid_round, block):
    return hash_tagged("dirchain/proposal/1", GENESIS
                       + struct.pack(">BQII", 0, height, round_, valid_round + 1) + block)


def sign_vote(member, kind, height, round_, block, genesis=GENESIS):
    digest = vote_digest(kind, height, round_, block, genesis)
    signature = curve.bip340_sign(vote_secret(member), digest)
    assert curve.bip340_verify(curve.public_x_only(vote_secret(member)), digest, signature)
    return signature


def encode_vote(member, kind, height, round_, block, signature=None):
    signature = signature or sign_vote(member, kind, height, round_, block)
    return struct.pack(">BQI", kind, height, round_) + block + member.encode() + signature


def vote_vector(name, member, kind, height, round_, block):
    return {"name": name, "type": kind, "height": height, "round": round_, "block": block.hex(),
            "validator": member, "secret": curve.to_bytes(vote_secret(member)).hex(),
            "digest": vote_digest(kind, height, round_, block).hex(),
            "signature": sign_vote(member, kind, height, round_, block).hex(),
            "bytes": encode_vote(member, kind, height, round_, block).hex()}


def refused_votes():
    member = member_id(1)
    good = encode_vote(member, PREVOTE, 1, 0, NIL)
    cases = {
        "type 0": b"\0" + good[1:], "type 3": b"\3" + good[1:],
        "height 0": encode_vote(member, PREVOTE, 0, 0, NIL),
        "height 2^53": encode_vote(member, PREVOTE, 2**53, 0, NIL),
        "round 100001": encode_vote(member, PREVOTE, 1, 100001, NIL),
        "lower-case member": good.replace(member.encode(), b"11990000000000001a"),
        "one byte short": good[:-1],
    }
    return [{"name": name, "bytes": data.hex()} for name, data in cases.items()]


def proposal_vector(height, round_, valid_round, block):
    return {"height": height, "round": round_, "valid_round": valid_round, "block": block.hex(),
            "digest": proposal_digest(height, round_, valid_round, block).hex()}


def encode_certificate(height, round_, block, signers, count=None):
    out = struct.pack(">QI", height, round_) + block
    out += struct.pack(">H", len(signers) if count is None else count)
    return out + b"".join(member.encode() + signature for member, signature in signers)


def certificate_cases():
    """name, bytes, expected error; all to be verified for height 12 and `block`, 4 validators."""
    height, round_, block = 12, 2, header_hash(header_of(12))
    a, b, c, d = [m for m, _ in validator_set(4)]
    foreign = member_id(5)

    def by(member, kind=PRECOMMIT, h=height, r=round_, blk=block, genesis=GENESIS):
        return member, sign_vote(member, kind, h, r, blk, genesis)

    def made(*signers, **changes):
        return encode_certificate(changes.get("h", height), changes.get("r", round_),
                                  changes.get("blk", block), signers, changes.get("count"))

    def broken(member):
        signature = bytearray(by(member)[1])
        signature[63] ^= 1
        return member, bytes(signature)

    other = header_hash(header_of(13))
    all_four = made(by(a), by(b), by(c), by(d))
    return block, [
        ("a quorum", made(by(a), by(c), by(d)), "ok"),
        ("everyone", all_four, "ok"),
        ("round 0", made(by(a, r=0), by(b, r=0), by(c, r=0), r=0), "ok"),
        ("quorum less one", made(by(a), by(b)), "certificate-quorum"),
        ("nobody", made(), "certificate-quorum"),
        ("signer twice", made(by(a), by(b), by(b)), "certificate-signer"),
        ("signer twice beside a quorum", made(by(a), by(b), by(c), by(c)), "certificate-signer"),
        ("foreign signer", made(by(a), by(b), by(foreign)), "certificate-signer"),
        ("foreign signer beside a quorum", made(by(a), by(b), by(c), by(foreign)),
         "certificate-signer"),
        ("out of order", made(by(b), by(a), by(c)), "certificate-signer"),
        ("other height", made(*[by(m, h=13) for m in (a, b, c)], h=13), "certificate-other-block"),
        ("other block", made(*[by(m, blk=other) for m in (a, b, c)], blk=other),
         "certificate-other-block"),
        ("nil", made(*[by(m, blk=NIL) for m in (a, b, c)], blk=NIL), "certificate-other-block"),
        ("invalid signature", made(by(a), broken(b), by(c)), "bad-signature"),
        ("invalid signature beyond the quorum", made(by(a), by(b), by(c), broken(d)),
         "bad-signature"),
        ("signature of another signer", made(by(a), (b, by(c)[1]), by(d)), "bad-signature"),
        ("signature for another round", made(by(a), by(b), by(c, r=1)), "bad-signature"),
        ("signature for another block", made(by(a), by(b), by(c, blk=other)), "bad-signature"),
        ("signature for nil", made(by(a), by(b), by(c, blk=NIL)), "bad-signature"),
        ("prevotes", made(*[by(m, PREVOTE) for m in (a, b, c)]), "bad-signature"),
        ("another chain", made(*[by(m, genesis=OTHER_GENESIS) for m in (a, b, c)]),
         "bad-signature"),
        ("height 0", made(by(a), by(b), by(c), h=0), "certificate-form"),
        ("height 2^53", made(by(a), by(b), by(c), h=2**53), "certificate-form"),
        ("round 100001", made(by(a), by(b), by(c), r=100001), "certificate-form"),
        ("count one too many", made(by(a), by(b), by(c), count=4), "certificate-form"),
        ("count one too few", made(by(a), by(b), by(c), by(d), count=3), "certificate-form"),
        ("count 129", made(by(a), count=129), "certificate-form"),
        ("count 65535", made(by(a), count=65535), "certificate-form"),
        ("lower-case member", all_four.replace(a.encode(), a.lower().replace("9", "b").encode()),
         "certificate-form"),
        ("one byte short", all_four[:-1], "certificate-form"),
        ("one byte over", all_four + b"\0", "certificate-form"),
        ("empty", b"", "certificate-form"),
    ]


def evidence_cases():
    members = [m for m, _ in validator_set(4)]
    who, other, foreign = members[1], members[2], member_id(5)
    low, high = sorted([digest_of("one block"), digest_of("another block")])

    def vote(block, member=who, kind=PRECOMMIT, height=9, round_=1, genesis=GENESIS):
        return encode_vote(member, kind, height, round_, block,
                           sign_vote(member, kind, height, round_, block, genesis))

    def broken(encoded):
        return encoded[:-1] + bytes([encoded[-1] ^ 1])

    return [
        ("two precommits", vote(low) + vote(high), "ok"),
        ("two prevotes", vote(low, kind=PREVOTE) + vote(high, kind=PREVOTE), "ok"),
        ("nil and a block", vote(NIL) + vote(high), "ok"),
        ("not in order", vote(high) + vote(low), "bad-encoding"),
        ("same block", vote(low) + vote(low), "bad-encoding"),
        ("two validators", vote(low) + vote(high, member=other), "bad-encoding"),
        ("two heights", vote(low) + vote(high, height=10), "bad-encoding"),
        ("two rounds", vote(low) + vote(high, round_=2), "bad-encoding"),
        ("two types", vote(low) + vote(high, kind=PREVOTE), "bad-encoding"),
        ("foreign validator", vote(low, member=foreign) + vote(high, member=foreign),
         "certificate-signer"),
        ("first signature invalid", broken(vote(low)) + vote(high), "bad-signature"),
        ("second signature invalid", vote(low) + broken(vote(high)), "bad-signature"),
        ("another chain", vote(low, genesis=OTHER_GENESIS) + vote(high, genesis=OTHER_GENESIS),
         "bad-signature"),
        ("one vote only", vote(low), "bad-encoding"),
    ]


# ---- blocks ----

def encode_block(header, evidence, txs):
    out = encode_header(header) + struct.pack(">H", len(evidence)) + b"".join(evidence)
    out += struct.pack(">I", len(txs))
    return out + b"".join(struct.pack(">I", len(tx)) + tx for tx in txs)


def block_vector(name, header, evidence, txs):
    return {"name": name, "hash": header_hash(header).hex(), "evidence": len(evidence),
            "txids": [tx_vectors.txid(tx.decode()) for tx in txs],
            "bytes": encode_block(header, evidence, txs).hex()}


def refused_blocks():
    tx = tx_vectors.plain_transaction(1).encode()
    proof = evidence_cases()[0][1]
    header = header_of(7)
    start = encode_header(header)
    full = encode_block(header, [proof], [tx])
    bad_vote = b"\x03" + proof[1:]
    foreign = tx_vectors.plain_transaction(1, genesis=OTHER_GENESIS).encode()
    cases = [
        ("one byte over", full + b"\0", "block-form"),
        ("header of version 2", encode_block(header_of(7, version=2), [], []), "block-form"),
        ("evidence count one too many", start + struct.pack(">H", 2) + proof, "block-form"),
        ("evidence count 17", start + struct.pack(">H", 17) + 17 * proof + bytes(4), "block-form"),
        ("evidence of type 3", encode_block(header, [bad_vote], []), "block-form"),
        ("tx count one too many", start + struct.pack(">HII", 0, 2, len(tx)) + tx, "block-form"),
        ("tx count 4097", start + struct.pack(">HI", 0, 4097) + 4097 * bytes(4), "block-form"),
        ("tx count 2^32-1", start + struct.pack(">HI", 0, 2**32 - 1), "block-form"),
        ("tx longer than the block", start + struct.pack(">HII", 0, 1, len(tx) + 1) + tx,
         "block-form"),
        ("tx of length 0", start + struct.pack(">HII", 0, 1, 0), "tx-form"),
        ("tx of another chain", encode_block(header, [], [tx, foreign]), "tx-other-chain"),
    ]
    return [{"name": name, "bytes": data.hex(), "error": error} for name, data, error in cases]


# ---- the files ----

def header_file():
    top = 2**53 - 1
    evidence = [data for _, data, expected in evidence_cases() if expected == "ok"]
    txs = [tx_vectors.plain_transaction(i).encode() for i in range(3)]
    return {
        "about": "docs/spec/block.md; written by make_format_vectors.py",
        "genesis": GENESIS.hex(),
        "validators": [set_vector(n) for n in (1, 4, 7)],
        "validators_refused": refused_sets(),
        "headers": [
            header_vector("first block", header_of(1)),
            header_vector("a block", header_of(1234567)),
            header_vector("largest numbers", header_of(top, time_ms=top, log_size=top)),
            header_vector("time 0, empty log", header_of(2, time_ms=0, log_size=0)),
        ],
        "headers_refused": refused_headers(),
        "blocks": [
            block_vector("empty", header_of(5), [], []),
            block_vector("evidence and transactions", header_of(7), evidence, txs),
        ],
        "blocks_refused": refused_blocks(),
    }


def certificate_file():
    members = [m for m, _ in validator_set(4)]
    block, certificates = certificate_cases()
    some = digest_of("a voted block")
    return {
        "about": "docs/spec/certificate.md; written by make_format_vectors.py",
        "genesis": GENESIS.hex(),
        "validators": encode_set(validator_set(4)).hex(),
        "votes": [
            vote_vector("prevote", members[0], PREVOTE, 1, 0, some),
            vote_vector("prevote nil", members[1], PREVOTE, 1, 3, NIL),
            vote_vector("precommit", members[2], PRECOMMIT, 2**53 - 1, 100000, some),
        ],
        "votes_refused": refused_votes(),
        "proposals": [
            proposal_vector(1, 0, -1, some),
            proposal_vector(12, 3, 2, some),
            proposal_vector(2**53 - 1, 100000, 0, some),
        ],
        "certificate_height": 12,
        "certificate_block": block.hex(),
        "certificates": [{"name": name, "bytes": data.hex(), "expect": expected}
                         for name, data, expected in certificates],
        "evidence": [{"name": name, "bytes": data.hex(), "expect": expected}
                     | ({"hash": hash_tagged("dirchain/evidence/1", data).hex()}
                        if expected == "ok" else {})
                     for name, data, expected in evidence_cases()],
    }
