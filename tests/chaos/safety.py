"""Reads a validator's safety record, from docs/spec/consensus.md, without the product's code."""
import hashlib
import struct

COPY_BYTES, COPIES = 16384, 4
MAGIC = b"DCSAFE/1"
HEADER_BYTES, SIGNATURE_BYTES, MEMBER_CHARS = 238, 64, 18
PROPOSAL_BYTES = 8 + 4 + 4 + HEADER_BYTES + SIGNATURE_BYTES
VOTE_BYTES = 1 + 8 + 4 + 32 + MEMBER_CHARS + SIGNATURE_BYTES
SIGNED_PROPOSAL, SIGNED_PREVOTE, SIGNED_PRECOMMIT = 1, 2, 4
TYPES = {1: "prevote", 2: "precommit"}


def newest(data):
    """The record of the copy with the highest sequence number among those that verify."""
    found = []
    for start in range(0, COPIES * COPY_BYTES, COPY_BYTES):
        copy = data[start:start + COPY_BYTES]
        sequence, = struct.unpack_from(">Q", copy, 8)
        length, = struct.unpack_from(">I", copy, 80)
        end = 84 + length
        if copy[:8] == MAGIC and end + 32 <= COPY_BYTES and \
                hashlib.sha256(copy[:end]).digest() == copy[end:end + 32]:
            found.append((sequence, copy[84:end]))
    return max(found)[1] if found else None


def votes(path):
    """What the record says was signed: a list of ((validator, height, round, type), block)."""
    record = newest(path.read_bytes())
    if record is None:
        return []
    at = 8 + 4 + 1 + 2 * (4 + 32)
    signed, at = record[at], at + 1
    if signed & SIGNED_PROPOSAL:
        at += PROPOSAL_BYTES
    result = []
    for bit in (SIGNED_PREVOTE, SIGNED_PRECOMMIT):
        if signed & bit:
            kind, height, number, block, member = struct.unpack_from(
                f">BQI32s{MEMBER_CHARS}s", record, at)
            result.append(((member.decode(), height, number, TYPES[kind]), block.hex()))
            at += VOTE_BYTES
    return result
