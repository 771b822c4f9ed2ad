"""What all vectors share: members, keys, the genesis hash, tagged hashes."""
import curve

GENESIS = curve.sha256(b"dirchain test vectors: genesis")


def hash_tagged(tag, data):
    return curve.sha256(tag.encode() + b"\x00" + data)


def member_id(number):
    """A well-formed unified social credit code (GB 32100-2015) that belongs to nobody."""
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"11990000{number:09d}"
    total = sum(digits.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + digits[(31 - total % 31) % 31]


def secret(label):
    return curve.to_int(curve.sha256(b"dirchain test vectors: " + label.encode())) % curve.N


def digest_of(label):
    """Some 32 bytes to stand for a hash."""
    return curve.sha256(b"dirchain test vectors: digest " + label.encode())
