"""secp256k1 in plain Python: ECDSA as ES256K uses it (RFC 6979 nonces, RFC 8812) and BIP-340.

For test vectors only: slow, and not constant in time. It is written from the standards and shares
nothing with the node, so that a mistake in one does not hide in the other.
"""
import hashlib
import hmac

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def sha256(data):
    return hashlib.sha256(data).digest()


def to_int(data):
    return int.from_bytes(data, "big")


def to_bytes(number):
    return number.to_bytes(32, "big")


def add(a, b):
    """Sum of two points; None is the point at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def double_jacobian(point):
    """(x, y, z) stands for (x / z^2, y / z^3): one inversion at the end instead of one a step."""
    x, y, z = point
    s = 4 * x * y * y % P
    m = 3 * x * x % P
    x2 = (m * m - 2 * s) % P
    return x2, (m * (s - x2) - 8 * pow(y, 4, P)) % P, 2 * y * z % P


def add_jacobian(a, b):
    """The points differ, neither is the other's negative, and none is at infinity."""
    u1, u2 = a[0] * b[2] * b[2] % P, b[0] * a[2] * a[2] % P
    s1, s2 = a[1] * pow(b[2], 3, P) % P, b[1] * pow(a[2], 3, P) % P
    h, r = u2 - u1, s2 - s1
    assert h % P
    x = (r * r - h * h * h - 2 * u1 * h * h) % P
    return x, (r * (u1 * h * h - x) - s1 * h * h * h) % P, h * a[2] * b[2] % P


def multiply(point, factor):
    """factor in 1..N-1: then no step of the ladder meets a special case of the addition."""
    assert 0 < factor < N
    step, result = (*point, 1), None
    while factor:
        if factor & 1:
            result = step if result is None else add_jacobian(result, step)
        step = double_jacobian(step)
        factor >>= 1
    scale = pow(result[2], -1, P)
    return result[0] * scale * scale % P, result[1] * scale * scale * scale % P


def public_compressed(secret):
    x, y = multiply(G, secret)
    return bytes([2 + (y & 1)]) + to_bytes(x)


def public_x_only(secret):
    return to_bytes(multiply(G, secret)[0])


# ---- ES256K ----

def rfc6979_nonce(secret, digest):
    """Section 3.2 with SHA-256."""
    seed = to_bytes(secret) + to_bytes(to_int(digest) % N)
    value, key = b"\x01" * 32, b"\x00" * 32
    for mark in (b"\x00", b"\x01"):
        key = hmac.digest(key, value + mark + seed, "sha256")
        value = hmac.digest(key, value, "sha256")
    while True:
        value = hmac.digest(key, value, "sha256")
        if 0 < to_int(value) < N:
            return to_int(value)
        key = hmac.digest(key, value + b"\x00", "sha256")
        value = hmac.digest(key, value, "sha256")


def es256k_sign(secret, digest):
    """r and s, 32 bytes each; s in the lower half."""
    nonce = rfc6979_nonce(secret, digest)
    r = multiply(G, nonce)[0] % N
    s = pow(nonce, -1, N) * (to_int(digest) + r * secret) % N
    return to_bytes(r) + to_bytes(min(s, N - s))


def es256k_other_s(signature):
    """The same signature with s in the other half: as valid to ECDSA as the first."""
    return signature[:32] + to_bytes(N - to_int(signature[32:]))


# ---- BIP-340 ----

def bip340_hash(tag, data):
    tag_hash = sha256(tag.encode())
    return sha256(tag_hash + tag_hash + data)


def bip340_sign(secret, message):
    """With 32 zero bytes as auxiliary randomness."""
    x, y = multiply(G, secret)
    d = secret if y % 2 == 0 else N - secret
    mask = to_int(bip340_hash("BIP0340/aux", bytes(32)))
    k = to_int(bip340_hash("BIP0340/nonce", to_bytes(d ^ mask) + to_bytes(x) + message)) % N
    rx, ry = multiply(G, k)
    k = k if ry % 2 == 0 else N - k
    e = to_int(bip340_hash("BIP0340/challenge", to_bytes(rx) + to_bytes(x) + message)) % N
    return to_bytes(rx) + to_bytes((k + e * d) % N)


def bip340_verify(public, message, signature):
    x = to_int(public)
    y = pow(x**3 + 7, (P + 1) // 4, P)
    if y * y % P != (x**3 + 7) % P:
        return False
    y = y if y % 2 == 0 else P - y
    r, s = to_int(signature[:32]), to_int(signature[32:])
    e = to_int(bip340_hash("BIP0340/challenge", signature[:32] + public + message)) % N
    point = add(multiply(G, s), multiply((x, y), N - e))
    return point is not None and point[1] % 2 == 0 and point[0] == r
