"""Vectors of docs/spec/fork.md: evidence of forks, and what is none."""
import json

import chain_vectors as chain
import curve
from names import GENESIS, digest_of

CHANGE, HEIGHT = 8, 12  # the set loses its last validator with block 8; the fork is at 12


def canonical(document):
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def certified(header, signers, round_=0):
    block = chain.header_hash(header)
    signed = [(m, chain.sign_vote(m, chain.PRECOMMIT, header["height"], round_, block))
              for m in signers]
    certificate = chain.encode_certificate(header["height"], round_, block, signed)
    return {"header": chain.encode_header(header).hex(), "certificate": certificate.hex()}


def block_of(step_or_block):
    """Hash of the header in it."""
    return chain.hash_tagged("dirchain/block/1", bytes.fromhex(step_or_block["header"]))


def signers_of(block):
    raw = bytes.fromhex(block["certificate"])
    count = int.from_bytes(raw[44:46], "big")
    return [raw[46 + 82 * i:64 + 82 * i].decode() for i in range(count)]


def evidence(history, blocks, height=HEIGHT, **changes):
    blocks = sorted(blocks, key=block_of)
    both = [m for m in signers_of(blocks[0]) if m in signers_of(blocks[1])]
    document = {"format": "dirchain-fork/1", "genesis": GENESIS.hex(), "height": height,
                "history": history, "blocks": blocks, "signed_both": both}
    document.update(changes)
    return document


def cases():
    four, three = chain.validator_set(4), chain.validator_set(3)
    a, b, c, d = [m for m, _ in four]
    step = certified(chain.header_of(CHANGE, next_validators=chain.set_hash(three)), [a, b, c])
    step["set"] = chain.encode_set(three).hex()

    def block(name, signers, height=HEIGHT, round_=0, validators=three):
        names = {"validators": chain.set_hash(validators),
                 "next_validators": chain.set_hash(validators)}
        header = chain.header_of(height, state_root=digest_of(name), **names)
        return certified(header, signers, round_)

    one, other = block("one", [a, b, c]), block("other", [a, b, c])
    later = block("other", [a, b, c], round_=3)
    early = [block("one", [a, b, c], 5, 0, four), block("other", [b, c, d], 5, 0, four)]
    good = evidence([step], [one, other])
    cut = dict(other, certificate=other["certificate"][:-2] + "00")
    fewer = block("other", [a, b])
    left = block("other", [a, b, d])
    return [
        ("one round", canonical(good), "ok", {"height": HEIGHT, "signed_both": [a, b, c]}),
        ("two rounds", canonical(evidence([step], [one, later])), "ok",
         {"height": HEIGHT, "signed_both": [a, b, c]}),
        ("before any change", canonical(evidence([], early, 5)), "ok",
         {"height": 5, "signed_both": [b, c]}),
        ("not canonical", json.dumps(good) + "\n", "fork-evidence", {}),
        ("no newline", canonical(good)[:-1], "fork-evidence", {}),
        ("another format", canonical(dict(good, format="dirchain-fork/2")), "fork-evidence", {}),
        ("a member more", canonical(dict(good, note="")), "fork-evidence", {}),
        ("another chain", canonical(dict(good, genesis="00" * 32)), "bad-genesis", {}),
        ("another height", canonical(dict(good, height=HEIGHT + 1)), "fork-evidence", {}),
        ("one block twice", canonical(evidence([step], [one, one])), "fork-evidence", {}),
        ("blocks not in order", canonical(dict(good, blocks=good["blocks"][::-1])),
         "fork-evidence", {}),
        ("three blocks", canonical(dict(good, blocks=good["blocks"] + [one])), "fork-evidence", {}),
        ("without its history", canonical(dict(good, history=[])), "validators-mismatch", {}),
        ("a step twice", canonical(dict(good, history=[step, step])), "block-link", {}),
        ("a set that its step does not name",
         canonical(dict(good, history=[dict(step, set=chain.encode_set(four).hex())])),
         "validators-mismatch", {}),
        ("a signature changed", canonical(evidence([step], [one, cut])), "bad-signature", {}),
        ("too few", canonical(evidence([step], [one, fewer])), "certificate-quorum", {}),
        ("by one who had left", canonical(evidence([step], [one, left])), "certificate-signer", {}),
        ("names one who did not sign", canonical(dict(good, signed_both=[a, b, c, d])),
         "fork-evidence", {}),
        ("leaves out one who signed", canonical(dict(good, signed_both=[a, b])),
         "fork-evidence", {}),
    ]


def fork_file():
    members = [{"member": m, "vote_key": curve.public_x_only(chain.vote_secret(m)).hex()}
               for m, _ in chain.validator_set(4)]
    return {
        "about": "docs/spec/fork.md; written by make_format_vectors.py",
        "genesis": GENESIS.hex(),
        "genesis_part": {"members": members, "validators": [m["member"] for m in members]},
        "forks": [{"name": name, "text": text, "expect": expected, **facts}
                  for name, text, expected, facts in cases()],
    }
