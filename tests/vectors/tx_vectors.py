"""Vectors of docs/spec/transaction.md: valid transactions in many dresses, and hostile ones.

The type "test.note" exists in the tests only (tests/unit/note_type.h): the vectors are about the
envelope, and must not change when a rule of the ledger does.
"""
import base64
import itertools
import json

import curve
from names import GENESIS, digest_of, member_id, secret

EXPIRES = 1767229200000
MEMBER, KEY_NAME = member_id(1), "review"
KID = f"{MEMBER}/{KEY_NAME}"
HEADER = {"alg": "ES256K", "kid": KID, "typ": "dirchain-tx+json"}
BODY = {"text": "目录 entry\n\"quoted\"\t", "count": 3}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def canonical(value):
    """RFC 8785 for what occurs here: ASCII keys, integers."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def payload(**changes):
    fields = {"chain": GENESIS.hex(), "type": "test.note", "nonce": "nonce-0001",
              "expires": EXPIRES, "body": BODY}
    fields.update(changes)
    return {k: v for k, v in fields.items() if v is not None}


def header(**changes):
    fields = dict(HEADER)
    fields.update(changes)
    return {k: v for k, v in fields.items() if v is not None}


def as_bytes(value):
    return value if isinstance(value, bytes) else canonical(value)


def secret_of(kid):
    return secret("officer " + kid)


def public_of(kid):
    return curve.public_compressed(secret_of(kid)).hex()


def sign_input(signing_input, kid=KID):
    return curve.es256k_sign(secret_of(kid), curve.sha256(signing_input.encode()))


def jws(header_value=None, payload_value=None, kid=KID):
    """Signs any header and payload, given as values or as the very bytes."""
    parts = [HEADER if header_value is None else header_value,
             payload() if payload_value is None else payload_value]
    signing_input = ".".join(b64(as_bytes(part)) for part in parts)
    return signing_input + "." + b64(sign_input(signing_input, kid))


def txid(token):
    return curve.sha256(token.rsplit(".", 1)[0].encode()).hex()


def plain_transaction(number, genesis=GENESIS):
    return jws(payload_value=payload(chain=genesis.hex(), nonce=f"nonce-{number:04d}"))


# ---- valid ----

def verify_by_jwcrypto(token, kid):
    from jwcrypto import jwk, jws as jose
    x_y = curve.multiply(curve.G, secret_of(kid))
    key = jwk.JWK(kty="EC", crv="secp256k1", x=b64(curve.to_bytes(x_y[0])),
                  y=b64(curve.to_bytes(x_y[1])))
    received = jose.JWS()
    received.allowed_algs = ["ES256K"]
    received.deserialize(token, key, alg="ES256K")


def made_by_jwcrypto(previous):
    """OpenSSL draws its nonces at random: what is published stays as long as it is right."""
    from jwcrypto import jwk, jws as jose
    body = payload(nonce="made-by-jwcrypto")
    for entry in previous.get("valid", []):
        if entry["name"] == "made by jwcrypto" and txid(entry["jws"]) == txid(jws(None, body)):
            return entry["jws"]
    x, y = curve.multiply(curve.G, secret_of(KID))
    key = jwk.JWK(kty="EC", crv="secp256k1", d=b64(curve.to_bytes(secret_of(KID))),
                  x=b64(curve.to_bytes(x)), y=b64(curve.to_bytes(y)))
    token = jose.JWS(canonical(body))
    token.allowed_algs = ["ES256K"]
    token.add_signature(key, "ES256K", canonical(HEADER).decode())
    return token.serialize(compact=True)


def in_order(names, fields):
    """Compact JSON with its members in this order."""
    return json.dumps({name: fields[name] for name in names}, ensure_ascii=False,
                      separators=(",", ":")).encode()


def other_s(token):
    start, signature = token.rsplit(".", 1)
    raw = base64.urlsafe_b64decode(signature + "==")
    return start + "." + b64(curve.es256k_other_s(raw))


def deep(levels):
    """Lists within lists, counting the payload and the body as two levels."""
    value = []
    for _ in range(levels - 3):
        value = [value]
    return payload(body={"text": "deep", "deep": value})


def valid_cases(previous):
    short, long = f"{MEMBER}/a", f"{MEMBER}/{'z' * 30}-9"
    escaped = b'{"alg":"ES256K","kid":"' + KID.replace("/", "\\/").encode() \
        + b'","typ":"dirchain\\u002dtx+json"}'
    spaced = b' {\n "typ" : "dirchain-tx+json",\r\n\t"alg":"ES256K", "kid":"' + KID.encode() + b'" } '
    cases = [
        ("canonical", jws(), KID),
        ("made by jwcrypto", made_by_jwcrypto(previous), KID),
        ("high S", other_s(jws()), KID),
        ("shortest key name and nonce", jws(header(kid=short), payload(nonce="-_aZ09--"), short),
         short),
        ("longest key name and nonce", jws(header(kid=long), payload(nonce="n" * 64), long), long),
        ("header with white space", jws(spaced), KID),
        ("header with escapes", jws(escaped), KID),
        ("payload in another order",
         jws(None, in_order(["type", "nonce", "chain", "expires", "body"], payload())), KID),
        ("payload indented", jws(None, json.dumps(payload(), indent=2).encode()), KID),
        ("expires 1", jws(None, payload(expires=1)), KID),
        ("expires 2^53-1", jws(None, payload(expires=2**53 - 1)), KID),
        ("body 16 levels deep", jws(None, deep(16)), KID),
    ]
    for order in itertools.permutations(sorted(HEADER)):
        cases.append(("header " + " ".join(order), jws(in_order(order, HEADER)), KID))
    return cases


def valid_vector(name, token, kid):
    verify_by_jwcrypto(token, kid)
    data = base64.urlsafe_b64decode(token.split(".")[1] + "==")
    fields = json.loads(data)
    member, key_name = kid.split("/")
    return {"name": name, "jws": token, "txid": txid(token), "member": member,
            "key_name": key_name, "secret": curve.to_bytes(secret_of(kid)).hex(),
            "public": public_of(kid), "expires": fields["expires"], "nonce": fields["nonce"],
            "canonical": token == jws(header(kid=kid), fields, kid), "payload": data.decode()}


# ---- hostile ----

def header_cases():
    twice = canonical(HEADER)[:-1] + b',"alg":"ES256K"}'
    first_alg = b'{"alg":"none",' + canonical(HEADER)[1:]
    wrong_digit = MEMBER[:-1] + ("0" if MEMBER[-1] != "0" else "1")
    changed = [
        ("alg none", {"alg": "none"}, "tx-alg"),
        ("alg ES256", {"alg": "ES256"}, "tx-alg"),
        ("alg HS256", {"alg": "HS256"}, "tx-alg"),
        ("alg es256k", {"alg": "es256k"}, "tx-alg"),
        ("alg is a list", {"alg": ["ES256K"]}, "tx-alg"),
        ("alg missing", {"alg": None}, "tx-header"),
        ("typ JWT", {"typ": "JWT"}, "tx-typ"),
        ("typ with a prefix", {"typ": "application/dirchain-tx+json"}, "tx-typ"),
        ("typ in capitals", {"typ": "DIRCHAIN-TX+JSON"}, "tx-typ"),
        ("typ is a number", {"typ": 1}, "tx-typ"),
        ("typ missing", {"typ": None}, "tx-header"),
        ("kid missing", {"kid": None}, "tx-header"),
        ("kid is a number", {"kid": 1}, "tx-kid"),
        ("kid without a key", {"kid": MEMBER}, "tx-kid"),
        ("kid with an empty key", {"kid": MEMBER + "/"}, "tx-kid"),
        ("kid without a member", {"kid": "/review"}, "tx-kid"),
        ("kid with two slashes", {"kid": MEMBER + "/a/b"}, "tx-kid"),
        ("key name in capitals", {"kid": MEMBER + "/Review"}, "tx-kid"),
        ("key name with a dot", {"kid": MEMBER + "/a.b"}, "tx-kid"),
        ("key name of 33 characters", {"kid": MEMBER + "/" + "k" * 33}, "tx-kid"),
        ("member with a wrong check digit", {"kid": wrong_digit + "/review"}, "uscc-check-digit"),
        ("member with a letter that is not used", {"kid": "1" * 17 + "I/review"}, "uscc-form"),
        ("member in lower case", {"kid": "1" * 17 + "a/review"}, "uscc-form"),
        ("jwk added", {"jwk": {"kty": "EC"}}, "tx-header"),
        ("x5u added", {"x5u": "https://example.org/key"}, "tx-header"),
        ("jku added", {"jku": "https://example.org/keys"}, "tx-header"),
        ("crit added", {"crit": ["exp"], "exp": 1}, "tx-header"),
        ("b64 added", {"b64": False, "crit": ["b64"]}, "tx-header"),
        ("cty added", {"cty": "json"}, "tx-header"),
    ]
    return [(name, jws(header(**changes)), error) for name, changes, error in changed] + [
        ("alg twice, typ missing", jws(canonical(HEADER).replace(
            b'"typ":"dirchain-tx+json"', b'"alg":"ES256K"')), "json-duplicate-key"),
        ("typ twice, kid missing", jws(canonical(HEADER).replace(
            b'"kid":"' + KID.encode() + b'"', b'"typ":"dirchain-tx+json"')), "json-duplicate-key"),
        ("kid twice, alg missing", jws(canonical(HEADER).replace(
            b'"alg":"ES256K"', b'"kid":"' + KID.encode() + b'"')), "json-duplicate-key"),
        ("alg twice", jws(twice), "json-duplicate-key"),
        ("alg none before alg ES256K", jws(first_alg), "json-duplicate-key"),
        ("header is a list", jws(b"[]"), "tx-header"),
        ("header is a text", jws(b'"ES256K"'), "tx-header"),
        ("header is empty", jws(b"{}"), "tx-header"),
        ("header is not JSON", jws(b"alg=ES256K"), "json-syntax"),
        ("header with a second document", jws(canonical(HEADER) + b"{}"), "json-syntax"),
        ("header cut off", jws(canonical(HEADER)[:-1]), "json-syntax"),
        ("header with a trailing NUL", jws(canonical(HEADER) + b"\0"), "json-syntax"),
        ("header with a byte order mark", jws(b"\xef\xbb\xbf" + canonical(HEADER)), "json-syntax"),
        ("header of 513 bytes", jws(canonical(HEADER).ljust(513)), "too-large"),
    ]


def payload_cases():
    plain = canonical(payload()).decode()

    def text(old, new):
        assert old in plain
        return jws(None, plain.replace(old, new).encode())

    cases = [(name + " missing", jws(None, payload(**{name: None})), "field-missing")
             for name in ("chain", "type", "nonce", "expires", "body")]
    return cases + [
        ("iat added", jws(None, payload(iat=1)), "field-unknown"),
        ("payload is a list", jws(None, b"[]"), "field-type"),
        ("payload is a number", jws(None, b"1"), "field-type"),
        ("payload is white space", jws(None, b"  "), "json-syntax"),
        ("payload with trailing bytes", jws(None, plain.encode() + b"x"), "json-syntax"),
        ("payload with a trailing NUL", jws(None, plain.encode() + b"\0"), "json-syntax"),
        ("payload with a trailing comma", text('},"chain"', ',},"chain"'), "json-syntax"),
        ("nonce twice", text('"nonce":', '"nonce":"nonce-0002","nonce":'), "json-duplicate-key"),
        ("nonce twice by an escape", text('"nonce":', '"n\\u006fnce":"nonce-0002","nonce":'),
         "json-duplicate-key"),
        ("a key of the body twice", text('"count":3', '"count":3,"count":3'),
         "json-duplicate-key"),
        ("count 3.0", text('"count":3', '"count":3.0'), "json-real"),
        ("count 3e0", text('"count":3', '"count":3e0'), "json-real"),
        ("count 2^53", text('"count":3', f'"count":{2**53}'), "json-range"),
        ("count -2^53", text('"count":3', f'"count":{-2**53}'), "json-range"),
        ("count of 400 digits", text('"count":3', '"count":' + "9" * 400), "json-range"),
        ("count 03", text('"count":3', '"count":03'), "json-syntax"),
        ("count NaN", text('"count":3', '"count":NaN'), "json-syntax"),
        ("control character", text("目录", "\\u0001"), "json-text"),
        ("NUL by an escape", text("目录", "\\u0000"), "json-text"),
        ("carriage return", text("目录", "\\r"), "json-text"),
        ("raw newline in text", text("目录", "\n"), "json-syntax"),
        ("lone surrogate", text("目录", "\\ud800"), "json-syntax"),
        ("invalid UTF-8", jws(None, plain.encode().replace("目".encode(), b"\xe7\x9b")),
         "json-syntax"),
        ("overlong UTF-8", jws(None, plain.encode().replace("目".encode(), b"\xc1\x81")),
         "json-syntax"),
        ("key that is not ASCII", text('"count"', '"数"'), "json-text"),
        ("body 17 levels deep", jws(None, deep(17)), "json-depth"),
        ("another chain", jws(None, payload(chain=digest_of("another genesis").hex())),
         "tx-other-chain"),
        ("chain in capitals", jws(None, payload(chain=GENESIS.hex().upper())), "tx-other-chain"),
        ("chain cut off", jws(None, payload(chain=GENESIS.hex()[:-2])), "tx-other-chain"),
        ("chain is a number", jws(None, payload(chain=1)), "field-type"),
        ("type unknown", jws(None, payload(type="test.unknown")), "tx-type-unknown"),
        ("type in capitals", jws(None, payload(type="TEST.NOTE")), "tx-type-unknown"),
        ("type empty", jws(None, payload(type="")), "tx-type-unknown"),
        ("type is a list", jws(None, payload(type=["test.note"])), "field-type"),
        ("nonce of 7 characters", jws(None, payload(nonce="1234567")), "field-length"),
        ("nonce of 65 characters", jws(None, payload(nonce="n" * 65)), "field-length"),
        ("nonce with a space", jws(None, payload(nonce="nonce 0001")), "field-format"),
        ("nonce with a letter that is not ASCII", jws(None, payload(nonce="nonce-录")),
         "field-format"),
        ("nonce is a number", jws(None, payload(nonce=12345678)), "field-type"),
        ("expires 0", jws(None, payload(expires=0)), "field-range"),
        ("expires -1", jws(None, payload(expires=-1)), "field-range"),
        ("expires 2^53", jws(None, payload(expires=2**53)), "json-range"),
        ("expires is a text", jws(None, payload(expires=str(EXPIRES))), "field-type"),
        ("expires is true", jws(None, payload(expires=True)), "field-type"),
        ("body is a list", jws(None, payload(body=[])), "field-type"),
        ("body is null", text(plain[plain.index('{"count'):plain.index(',"chain"')], "null"),
         "field-type"),
        ("body without its text", jws(None, payload(body={"count": 3})), "field-missing"),
        ("body with another field", jws(None, payload(body=dict(BODY, extra=1))),
         "field-unknown"),
    ]


def encoding_cases():
    good = jws()
    first, second, third = good.split(".")
    padded_payload = b64(canonical(payload()) + b" " * (-len(canonical(payload())) % 3 + 2))
    spare = padded_payload[:-1] + chr(ord(padded_payload[-1]) + 1)
    lax = base64.b64encode(canonical(payload(body={"text": "???>>>~~~"}))).decode().rstrip("=")
    assert "+" in lax or "/" in lax
    return [
        ("nothing", "", "tx-form"),
        ("no dots", "abc", "tx-form"),
        ("two parts", f"{first}.{second}", "tx-form"),
        ("four parts", f"{good}.{third}", "tx-form"),
        ("five parts", f"{first}.{first}.{second}.{second}.{third}", "tx-form"),
        ("no header", f".{second}.{third}", "tx-form"),
        ("no payload (detached)", f"{first}..{third}", "tx-form"),
        ("no signature", f"{first}.{second}.", "tx-form"),
        ("trailing dot", good + ".", "tx-form"),
        ("JSON serialization", json.dumps({"payload": second, "protected": first,
                                           "signature": third}), "tx-form"),
        ("signature of 63 bytes", f"{first}.{second}.{b64(bytes(63))}", "tx-form"),
        ("signature of 65 bytes", f"{first}.{second}.{b64(bytes(65))}", "tx-form"),
        ("signature with trailing bytes", good + "AAAA", "tx-form"),
        ("padded header", f"{b64(canonical(HEADER) + b' ')}=.{second}.{third}", "bad-base64url"),
        ("padded payload", f"{first}.{second}=.{third}", "bad-base64url"),
        ("padded signature", f"{first}.{second}.{third}==", "bad-base64url"),
        ("trailing newline", good + "\n", "bad-base64url"),
        ("leading space", " " + good, "bad-base64url"),
        ("leading byte order mark", "\ufeff" + good, "bad-base64url"),
        ("newline in the header", f"{first[:40]}\n{first[40:]}.{second}.{third}", "bad-base64url"),
        ("newlines in the payload",
         f"{first}.{second[:64]}\n{second[64:128]}\n{second[128:]}.{third}", "bad-base64url"),
        ("space in the payload", f"{first}.{second[:64]} {second[64:]}.{third}", "bad-base64url"),
        ("base64 instead of base64url", f"{first}.{lax}.{third}", "bad-base64url"),
        ("spare bits of the payload set", f"{first}.{spare}.{third}", "bad-base64url"),
        ("spare bits of the signature set", good[:-1] + chr(ord(good[-1]) + 1), "bad-base64url"),
        ("payload of an impossible length", f"{first}.{second[:len(second) // 4 * 4 - 3]}.{third}",
         "bad-base64url"),
    ]


def signature_cases():
    """These parse; their signatures do not verify under the key of `KID`."""
    start = ".".join(jws().split(".")[:2])
    r, s = sign_input(start)[:32], sign_input(start)[32:]

    def signed(signature):
        return start + "." + b64(signature)

    return [
        ("all zero", signed(bytes(64))),
        ("r zero", signed(bytes(32) + s)),
        ("s zero", signed(r + bytes(32))),
        ("s is the group order", signed(r + curve.to_bytes(curve.N))),
        ("r and s all ones", signed(b"\xff" * 64)),
        ("one bit flipped", signed(bytes([r[0] ^ 1]) + r[1:] + s)),
        ("r and s exchanged", signed(s + r)),
        ("by another key", jws(kid="somebody else")),
        ("of another payload", ".".join(jws().split(".")[:2] + [plain_transaction(9).split(".")[2]])),
        ("BIP-340 instead of ECDSA",
         signed(curve.bip340_sign(secret_of(KID), curve.sha256(start.encode())))),
    ]


def tx_file(previous):
    hostile = header_cases() + payload_cases() + encoding_cases()
    return {
        "about": "docs/spec/transaction.md; written by make_format_vectors.py",
        "genesis": GENESIS.hex(),
        "valid": [valid_vector(*case) for case in valid_cases(previous)],
        "refused": [{"name": name, "jws": token, "error": error}
                    for name, token, error in hostile],
        "unverified": [{"name": name, "jws": token, "public": public_of(KID)}
                       for name, token in signature_cases()],
    }
