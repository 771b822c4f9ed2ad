"""What left a process, and what its safety record says: read from bytes, by the specification
(docs/spec/peers.md, consensus.md, block.md), not with the product's code."""
import collections
import hashlib
import re
import struct

import journal

HEADER_BYTES = 4 + 32 + 8 + 8 + 32 + 8 + 32 + 32 + 32 + 32 + 18
VOTE_BYTES = 1 + 8 + 4 + 32 + 18 + 64
PROPOSAL_BYTES = 8 + 4 + 4 + HEADER_BYTES + 64
COPY_BYTES = 16384
COPY_HEAD_BYTES = 8 + 8 + 32 + 32 + 4
FRAME_STATUS, FRAME_VOTES, FRAME_PROPOSAL = 2, 4, 5
PROPOSE, PREVOTE, PRECOMMIT = 1, 2, 3  # steps; a vote's type is its step less one

# Where in the chain something was signed, and what: block hash, for a proposal header and valid round.
Signed = collections.namedtuple("Signed", "height round step what validator")


def block_hash(header):
    return hashlib.sha256(b"dirchain/block/1\0" + header).hexdigest()


def read_vote(raw):
    kind, height, round_ = struct.unpack_from(">BQI", raw)
    return Signed(height, round_, kind + 1, raw[13:45], raw[45:63].decode())


def read_proposal(raw):
    height, round_, valid = struct.unpack_from(">QII", raw)
    header = raw[16:16 + HEADER_BYTES]
    return Signed(height, round_, PROPOSE, struct.pack(">I", valid) + header, None)


class Safety:
    """The newest record that verifies; `signed` is what it remembers of its round."""

    def __init__(self, raw):
        best = None
        for at in range(0, len(raw), COPY_BYTES):
            copy = raw[at:at + COPY_BYTES]
            length, = struct.unpack_from(">I", copy, COPY_HEAD_BYTES - 4)
            end = COPY_HEAD_BYTES + length
            if copy[:8] != b"DCSAFE/1" or end + 32 > len(copy):
                continue
            if hashlib.sha256(copy[:end]).digest() != copy[end:end + 32]:
                continue
            sequence, = struct.unpack_from(">Q", copy, 8)
            if best is None or sequence > best[0]:
                best = sequence, copy[COPY_HEAD_BYTES:end]
        self.sequence, record = best or (None, None)
        if best is None:
            return
        self.height, self.round, self.step = struct.unpack_from(">QIB", record)
        mask = record[13 + 72]
        at = 13 + 72 + 1
        self.signed = []
        if mask & 1:
            self.signed.append(read_proposal(record[at:at + PROPOSAL_BYTES]))
            at += PROPOSAL_BYTES
        for bit in (2, 4):
            if mask & bit:
                self.signed.append(read_vote(record[at:at + VOTE_BYTES]))
                at += VOTE_BYTES

    def forgets(self, sent):
        """Why this record would allow to sign something else than what was sent; None if not."""
        if self.sequence is None:
            return None  # no copy verifies: the node refuses to sign at all
        here = self.height, self.round
        there = sent.height, sent.round
        if here > there or (here == there and self.step > sent.step):
            if here > there:
                return None
        elif here < there or self.step < sent.step:
            return (f"the record stands at {here} step {self.step}, and {there} step {sent.step} "
                    "had left")
        for own in self.signed:
            if own.step == sent.step:
                return None if own.what == sent.what else f"other bytes were signed at {there}"
        return f"what was signed at {there} step {sent.step} is not in the record"


class Words:
    """What has left by the channels of one process, call by call."""

    def __init__(self, member, validators):
        self.member = member
        self.validators = sorted(validators)
        self.channels = collections.defaultdict(bytearray)
        self.signed = []  # by this member
        self.height = 0  # the highest block that somebody outside knows to be committed
        self.told = {}  # height: hash of the block, from receipts
        self.headers = {}  # hash: header, of all proposals, others' too

    def follow(self, entry):
        if entry.op == journal.SENT:
            self._frames(entry)
        elif entry.op == journal.TOLD:
            for found in re.findall(rb'\{"age_ms":-?\d+,"height":(\d+),', entry.data):
                self.height = max(self.height, int(found))
            for found in re.findall(rb'"header":"(00000001[0-9a-f]{400,})"', entry.data):
                header = bytes.fromhex(found.decode())
                height, = struct.unpack_from(">Q", header, 4 + 32)
                self.told[height] = block_hash(header)
                self.height = max(self.height, height)

    def _frames(self, entry):
        channel = self.channels[entry.length]
        channel += entry.data
        while len(channel) >= 5:
            size, kind = struct.unpack_from(">IB", channel)
            if len(channel) < 4 + size:
                break
            body = bytes(channel[5:4 + size])
            del channel[:4 + size]
            if kind == FRAME_STATUS:
                self.height = max(self.height, struct.unpack_from(">Q", body)[0])
            elif kind == FRAME_PROPOSAL:
                proposal = read_proposal(body[1:])
                header = proposal.what[4:]
                self.headers[bytes.fromhex(block_hash(header))] = header
                turn = (proposal.height + proposal.round) % len(self.validators)
                if self.validators[turn] == self.member:
                    self.signed.append(proposal._replace(validator=self.member))
            elif kind == FRAME_VOTES:
                for at in range(0, len(body), 1 + VOTE_BYTES):
                    vote = read_vote(body[at + 1:at + 1 + VOTE_BYTES])
                    if vote.validator == self.member:
                        self.signed.append(vote)


def conflicts(signed):
    """Two different things signed by one validator in one place."""
    known = {}
    found = []
    for one in signed:
        place = one.validator, one.height, one.round, one.step
        if known.setdefault(place, one.what) != one.what:
            found.append(f"{one.validator} signed two things at height {one.height} round "
                         f"{one.round} step {one.step}")
    return found
