"""Transactions signed by a JOSE library that knows nothing of dirchain, good ones and hostile ones.

jwcrypto signs a transaction that every node commits. Then a table of what an attacker, a sloppy
client or a chance could send, each over HTTP with the code of docs/spec/transaction.md that it must
be refused with. The nodes go on afterwards, and nothing hostile is in the ledger.
"""
import base64
import contextlib
import json
import string
import sys
import time

from jwcrypto import jwk, jws

import lib
from lib import b64, check, duty, equal, say

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
STRANGER = "11440000MB2C87614P"  # a real agency with a valid code, not of this chain


class Table:
    """Runs cases, tells all that went wrong, and remembers what must not be in the ledger."""

    def __init__(self, api):
        self.api = api
        self.hostile = set()
        self.count = 0
        self.wrong = []

    def refused(self, what, transaction, code, may_exist=False):
        if isinstance(transaction, str):
            transaction = transaction.encode()
        self.count += 1
        answer = self.api.submit(transaction)
        problem = answer.code
        if answer.status >= 400 and problem == code:
            body = answer.json
            if not (body["detail"] and body["detail_zh"] and body["status"] == answer.status):
                problem = "no sentence in both languages"
        if problem != code:
            self.wrong.append(f"{what}: got {problem} ({answer.status}), wanted {code}")
            say(f"  WRONG   {self.wrong[-1]}")
        else:
            say(f"  {problem:20s} {answer.status}  {what}")
        if not may_exist:
            with contextlib.suppress(ValueError):
                self.hostile.add(lib.txid_of(transaction.decode("latin-1")))


def committed(node, transaction, what):
    answer = node.api.submit(transaction)
    equal(answer.code, "ok", what)
    receipt = answer.json
    equal(receipt["transaction"].rsplit(".", 1)[0], transaction.rsplit(".", 1)[0],
          f"{what}: the transaction in its receipt")
    return receipt


# ---- header ----

def headers(table, key, other):
    def with_header(header):
        return key.sign_parts(header, key.payload("duty.publish", duty("HOSTILE-HEADER")))

    public = json.loads(key.jwk.export_public())
    for changes, code in (
            ({"typ": "JWT"}, "tx-typ"), ({"typ": "application/dirchain-tx+json"}, "tx-typ"),
            ({"typ": None}, "tx-header"), ({"kid": None}, "tx-header"),
            ({"jwk": public}, "tx-header"), ({"x5u": "https://example.org/c.pem"}, "tx-header"),
            ({"jku": "https://example.org/k.json"}, "tx-header"), ({"cty": "JWT"}, "tx-header"),
            ({"kid": ""}, "tx-kid"), ({"kid": key.member}, "tx-kid"),
            ({"kid": f"{key.member}/"}, "tx-kid"), ({"kid": f"{key.member}/JOSE"}, "tx-kid"),
            ({"kid": f"{key.member}/{'a' * 33}"}, "tx-kid"),
            ({"kid": f"{key.member}/../chief"}, "tx-kid"),
            ({"kid": f"{key.member[:-1]}{'0' if key.member[-1] != '0' else '1'}/jose"},
             "uscc-check-digit"),
            ({"kid": f"{key.member[:-1]}o/jose"}, "uscc-form"),
            ({"kid": 7}, "tx-kid"), ({"typ": ["dirchain-tx+json"]}, "tx-typ"),
            ({"kid": f"{STRANGER}/jose"}, "tx-member-unknown"),
            ({"kid": f"{key.member}/nobody"}, "tx-key-unknown"),
            ({"kid": f"{other.member}/jose"}, "tx-key-unknown")):
        name, value = next(iter(changes.items()))
        what = f"header without {name}" if value is None else f"header with {name} {value!r:.60}"
        table.refused(what, with_header(key.header(**changes)), code)
    # What jwcrypto itself will not make is made by hand.
    payload = b64(json.dumps(key.payload("duty.publish", duty("HOSTILE-HEADER"))).encode())

    def by_hand(header):
        return key.sign_input(f"{b64(header.encode())}.{payload}")
    good = json.dumps(key.header())
    for what, header, code in (
            ("header with crit", json.dumps(key.header(crit=["exp"], exp=1)), "tx-header"),
            ("header with b64 false", json.dumps(key.header(crit=["b64"], b64=False)), "tx-header"),
            ("header with alg twice", good[:-1] + ', "alg": "ES256K"}', "json-duplicate-key"),
            ("header with kid twice, once escaped",
             good[:-1] + f', "\\u006bid": "{other.member}/jose"}}', "json-duplicate-key"),
            ("header that is a list", "[" + good + "]", "tx-header"),
            ("header that is no JSON", good[:-1], "json-syntax"),
            ("header followed by garbage", good + "x", "json-syntax"),
            ("header of 600 bytes", good + " " * 600, "too-large")):
        table.refused(what, by_hand(header), code)


def algorithms(table, key):
    payload = json.dumps(key.payload("duty.publish", duty("HOSTILE-ALG"))).encode()
    for algorithm, secret in (("ES256", jwk.JWK.generate(kty="EC", crv="P-256")),
                              ("EdDSA", jwk.JWK.generate(kty="OKP", crv="Ed25519")),
                              ("RS256", jwk.JWK.generate(kty="RSA", size=2048)),
                              ("HS256", jwk.JWK.generate(kty="oct", size=256))):
        token = jws.JWS(payload)
        token.allowed_algs = [algorithm]
        token.add_signature(secret, algorithm, json.dumps(key.header(alg=algorithm)))
        # The form comes first: a signature of another length is no transaction at all.
        code = "tx-alg" if algorithm in ("ES256", "EdDSA") else "tx-form"
        table.refused(f"signed with {algorithm}", token.serialize(compact=True), code)
    unsigned = f"{b64(json.dumps(key.header(alg='none')).encode())}.{b64(payload)}"
    table.refused("alg none, no signature", unsigned + ".", "tx-form")
    table.refused("alg none, a signature of zeros", f"{unsigned}.{b64(bytes(64))}", "tx-alg")
    table.refused("alg none, rightly signed", key.sign_input(unsigned), "tx-alg")
    for spelling in ("es256k", "ES256k", "None", "", 256):
        header = b64(json.dumps(key.header(alg=spelling)).encode())
        table.refused(f"alg {spelling!r}", key.sign_input(f"{header}.{b64(payload)}"), "tx-alg")
    p256 = jwk.JWK.generate(kty="EC", crv="P-256")
    token = jws.JWS(payload)
    token.add_signature(p256, "ES256", json.dumps(key.header(alg="ES256")))
    header = b64(json.dumps(key.header()).encode())
    table.refused("a P-256 signature that claims to be ES256K",
                  f"{header}.{b64(payload)}.{token.serialize(compact=True).rsplit('.', 1)[1]}",
                  "bad-signature")


# ---- payload ----

def payloads(table, key):
    def text(**changes):
        document = {**key.payload("duty.publish", duty("HOSTILE-JSON")), **changes}
        return json.dumps({name: value for name, value in document.items() if value is not None},
                          ensure_ascii=False)

    good = text()

    def inside(element):
        return good.replace('"information": [', f'"information": [{element}, ')

    def basis(escape):
        return good.replace("示例", escape)
    deep = "[" * 15 + "]" * 15  # with payload and body one level too many
    for what, document, code in (
            ("the type twice", good[:-1] + ', "type": "duty.publish"}', "json-duplicate-key"),
            ("the type twice, once escaped", good[:-1] + ', "\\u0074ype": "duty.publish"}',
             "json-duplicate-key"),
            ("a field of the body twice", good.replace('"code":', '"code": "A", "code":'),
             "json-duplicate-key"),
            ("expires 1.5e12", text(expires=1.5e12), "json-real"),
            ("expires 1.…", good.replace('"expires": ', '"expires": 1.'), "json-real"),
            ("1e3", inside("1e3"), "json-real"),
            ("-0.0", inside("-0.0"), "json-real"),
            ("expires 2^53", text(expires=2**53), "json-range"),
            ("expires -2^53", text(expires=-2**53), "json-range"),
            ("expires 2^64", text(expires=2**64), "json-range"),
            ("expires 10^40", text(expires=10**40), "json-range"),
            ("17 levels", inside(deep), "json-depth"),
            ("5000 levels, never closed", inside("[" * 5000), "json-depth"),
            ("NUL in a text", basis("\\u0000"), "json-text"),
            ("ESC in a text", basis("\\u001b"), "json-text"),
            ("DEL and BS in a text", basis("\\u007f\\u0008"), "json-text"),
            ("a key beyond ASCII", good.replace('"code":', '"编码":'), "json-text"),
            ("garbage behind", good + "x", "json-syntax"),
            ("another document behind", good + good, "json-syntax"),
            ("a NUL behind", good + "\0", "json-syntax"),
            ("the last brace missing", good[:-1], "json-syntax"),
            ("a blank alone", " ", "json-syntax"),
            ("nothing", "", "tx-form"),  # an empty part is no JWS, whatever it decodes to
            ("a byte order mark", "\ufeff" + good, "json-syntax"),
            ("NaN", inside("NaN"), "json-syntax"),
            ("01", inside("01"), "json-syntax"),
            ("single quotes", good.replace('"code":', "'code':"), "json-syntax"),
            ("an unpaired surrogate, escaped", basis("\\ud800"), "json-syntax"),
            ("an unpaired surrogate, encoded", basis("\ud800"), "json-syntax"),
            ("a raw newline in a text", basis("\n"), "json-syntax"),
            ("a trailing comma", good.replace("}", ",}"), "json-syntax"),
            ("a comment", "// comment\n" + good, "json-syntax"),
            ("no expires", text(expires=None), "field-missing"),
            ("no nonce", text(nonce=None), "field-missing"),
            ("no chain", text(chain=None), "field-missing"),
            ("no body", text(body=None), "field-missing"),
            ("iat", text(iat=1), "field-unknown"),
            ("sub", text(sub="x"), "field-unknown"),
            ("a list for a body", text(body=[]), "field-type"),
            ("true for a body", text(body=True), "field-type"),
            ("a number for a nonce", text(nonce=12345678), "field-type"),
            ("a text for expires", text(expires="1"), "field-type"),
            ("a number for a chain", text(chain=7), "field-type"),
            ("a short nonce", text(nonce="short"), "field-length"),
            ("a long nonce", text(nonce="n" * 65), "field-length"),
            ("blanks in a nonce", text(nonce="no blanks!"), "field-format"),
            ("expires 0", text(expires=0), "field-range"),
            ("expires -1", text(expires=-1), "field-range"),
            ("chain 000…", text(chain="0" * 64), "tx-other-chain"),
            ("another chain", text(chain=key.chain[::-1]), "tx-other-chain"),
            ("the chain in capitals", text(chain=key.chain.upper()), "tx-other-chain"),
            ("an unknown type", text(type="duty.destroy"), "tx-type-unknown"),
            ("a type in capitals", text(type="DUTY.PUBLISH"), "tx-type-unknown"),
            ("an empty type", text(type=""), "tx-type-unknown")):
        payload = document.encode("utf-8", "surrogatepass")
        signing_input = f"{b64(json.dumps(key.header()).encode())}.{b64(payload)}"
        table.refused(f"payload: {what}", key.sign_input(signing_input), code)
    table.refused("payload: an overlong slash in UTF-8", key.sign_parts(
        key.header(), good.encode().replace("示".encode(), b"\xc0\xaf")), "json-syntax")


def bodies(table, key):
    body = duty("HOSTILE-BODY")
    for changes, code in (({"code": None}, "field-missing"), ({"extra": 1}, "field-unknown"),
                          ({"code": "A" * 65}, "field-length"), ({"name": 7}, "field-type"),
                          ({"category": "其它"}, "field-choice"), ({"basis": "依" * 8001}, "field-length"),
                          ({"information": ["x"] * 101}, "field-count"),
                          ({"acts_on": "0" * 63}, "field-format"),
                          ({"acts_on": "0" * 64}, "subject-unknown")):
        changed = {name: value for name, value in {**body, **changes}.items() if value is not None}
        table.refused(f"body with {list(changes)[0]}", key.sign("duty.publish", changed), code)


# ---- bytes ----

def bytes_of_the_token(table, key):
    good = key.sign("duty.publish", duty("HOSTILE-BYTES"))
    header, payload, signature = good.split(".")
    last = ALPHABET[ALPHABET.index(signature[-1]) | 1]  # 64 bytes leave four spare bits
    padded = f"{header}=.{payload}"
    for what, transaction, code in (
            ("a padded signature", good + "==", "bad-base64url"),
            ("a padded header, signed so", key.sign_input(padded), "bad-base64url"),
            ("spare bits in the signature", good[:-1] + last, "bad-base64url"),
            ("a newline at the end", good + "\n", "bad-base64url"),
            ("a blank before", " " + good, "bad-base64url"),
            ("a newline within", f"{header}.{payload[:40]}\n{payload[40:]}.{signature}",
             "bad-base64url"),
            ("the alphabet of plain base64",
             key.sign_input(f"{header}." + base64.b64encode(b'{"\xff\xfe\xfb\xff": 1}?>').decode()),
             "bad-base64url"),
            ("a byte over 127", good.encode()[:-3] + b"\xff" + good.encode()[-2:],
             "bad-base64url"),
            ("a NUL within", good.encode()[:50] + b"\0" + good.encode()[51:], "bad-base64url"),
            ("a fourth part", good + "." + signature, "tx-form"),
            ("two parts", f"{header}.{payload}", "tx-form"),
            ("one part", header, "tx-form"),
            ("dots alone", "..", "tx-form"),
            ("an empty header", f".{payload}.{signature}", "tx-form"),
            ("a short signature", good[:-2], "tx-form"),
            ("a long signature", good + "AAAA", "tx-form"),
            ("JWS in JSON serialization", json.dumps({"payload": payload, "signatures": [
                {"protected": header, "signature": signature}]}), "tx-form")):
        table.refused(what, transaction, code)
    for size, what in ((300_000, "a payload of 300 kB"), (400_000, "a body of 400 kB")):
        large = duty("HOSTILE-LARGE")
        large["basis"] = "x" * (size // (1 if size < 350_000 else 2))
        table.refused(what, key.sign("duty.publish", large) + ("A" * (size // 2)
                      if size > 350_000 else ""), "too-large")


def signatures(table, node, key, other):
    good = key.sign("duty.publish", duty("JOSE-UNPOISONED"))
    signing_input, signature = good.rsplit(".", 1)
    raw = base64.urlsafe_b64decode(signature + "==")
    for what, bad in (("by another key", other.sign_input(signing_input).rsplit(".", 1)[1]),
                      ("of zeros", b64(bytes(64))), ("r zero", b64(bytes(32) + raw[32:])),
                      ("s zero", b64(raw[:32] + bytes(32))),
                      ("s of the order", b64(raw[:32] + lib.ORDER.to_bytes(32, "big"))),
                      ("of ones", b64(b"\xff" * 64)),
                      ("with a bit flipped", b64(bytes([raw[0] ^ 1]) + raw[1:]))):
        table.refused(f"a signature {what}", f"{signing_input}.{bad}", "bad-signature", True)
    changed = base64.urlsafe_b64decode(signing_input.split(".")[1] + "==").replace(b"JOSE", b"JOKE")
    table.refused("a payload changed after signing",
                  f"{signing_input.split('.')[0]}.{b64(changed)}.{signature}", "bad-signature")
    committed(node, good, "the true one after all the false ones: no txid is poisoned")


# ---- time, replay, standing ----

def times(table, key):
    hour = 3600
    for what, seconds, code in (("expired a second ago", -1, "tx-expired"),
                                ("expired long ago", -1e6, "tx-expired"),
                                ("valid for two hours", 2 * hour, "tx-lifetime"),
                                ("valid for a month", 30 * 24 * hour, "tx-lifetime"),
                                ("expiry in seconds, not ms", -time.time() * 0.999, "tx-expired"),
                                ("expiry in µs, not ms", time.time() * 999, "tx-lifetime")):
        table.refused(what, key.sign("duty.publish", duty("HOSTILE-TIME"), expires_s=seconds), code)


def replays(table, network, key):
    node = network.nodes[1]
    first = key.sign("duty.publish", duty("JOSE-1"))
    receipt = committed(node, first, "a transaction signed by jwcrypto")
    check(receipt["key"]["record"]["public"] == key.public(), "the receipt names another key")
    say(f"committed: signed by jwcrypto, txid {lib.txid_of(first)[:16]}…")
    for other in network.nodes:
        lib.until(lambda n=other: n.api.get("/v1/transactions/" + lib.txid_of(first)).status == 200,
                  f"the transaction on {other.folder.name}")
        again = Table(other.api)
        again.refused(f"replayed at {other.folder.name}", first, "tx-replay", True)
        again.refused(f"replayed at {other.folder.name} with the other S", lib.flip_s(first),
                      "tx-replay", True)
        table.wrong += again.wrong
        table.count += again.count
    for spelling in ("low", "high"):
        transaction = key.sign("duty.publish", duty(f"JOSE-{spelling}"))
        s = int.from_bytes(base64.urlsafe_b64decode(transaction.rsplit(".", 1)[1] + "==")[32:])
        if (s > lib.ORDER // 2) != (spelling == "high"):
            transaction = lib.flip_s(transaction)
        committed(node, transaction, f"a fresh transaction with {spelling} S")
        table.refused(f"the same again, turned from {spelling} S", lib.flip_s(transaction),
                      "tx-replay", True)


def standing(table, network, keys):
    """What the key may do: roles, retired keys, suspended members."""
    minzheng, center = network.nodes[1], network.nodes[0]
    approve = minzheng.new_key("jose-approve", "approve")
    table.refused("a key without the role", approve.sign("duty.publish", duty("HOSTILE-ROLE")),
                  "tx-role")
    table.refused("what only the center may do", keys[0].sign(
        "member.suspend", {"member": keys[1].member, "acts_on": "0" * 64, "reason": "没有理由"}),
        "party")
    retired = minzheng.new_key("jose-retired", "compile")
    committed(minzheng, retired.sign("duty.publish", duty("JOSE-RETIRED")), "before it is retired")
    minzheng.cli("chief", "member", "key", "retire", "jose-retired", "--reason", "轮换")
    table.refused("a retired key", retired.sign("duty.publish", duty("HOSTILE-KEY")),
                  "tx-key-unknown")
    table.refused("a key's name used again",
                  keys[0].sign("key.add", {"name": "jose-retired", "role": "compile",
                                           "public": approve.public()}), "tx-role")
    center.cli("admin", "member", "suspend", keys[1].member, "--reason", "安全事件待查",
               "--authority", "区委网信办", "--document", "0" * 64)
    network.level()
    table.refused("a suspended member", keys[1].sign("duty.publish", duty("HOSTILE-MEMBER")),
                  "tx-member-suspended")
    center.cli("admin", "member", "restore", keys[1].member, "--reason", "安全事件已处理")
    network.level()
    committed(minzheng, keys[1].sign("duty.publish", duty("JOSE-RESTORED")), "after its return")


def content_types(table, node, key):
    good = key.sign("duty.publish", duty("HOSTILE-TYPE"))
    for content_type in ("application/json", "text/plain", "application/jose+json", ""):
        answer = node.api.post("/v1/transactions", good, content_type)
        table.count += 1
        if answer.code != "http-media-type":
            table.wrong.append(f"content type {content_type!r}: {answer.code}")
    table.hostile.add(lib.txid_of(good))


def check_aftermath(network, table):
    """The network goes on, calmly, and nothing that was refused is in it."""
    height = network.level()
    time.sleep(3)  # an idle chain makes a block a second: nobody works on what was refused
    blocks = network.nodes[3].api.height() - height
    check(2 <= blocks <= 8, f"{blocks} blocks in 3 s of silence")
    for node in network.nodes:
        for txid in table.hostile:
            equal(node.api.get("/v1/transactions/" + txid).status, 404,
                  f"refused {txid} on {node.folder.name}")
    center = network.nodes[0].api
    for number in range(1, center.height() + 1):
        for line in center.get(f"/v1/blocks/{number}").json["transactions"]:
            check(line["txid"] not in table.hostile, f"refused {line} is in block {number}")
    say(f"{len(table.hostile)} hostile transactions are on no node; the network goes on")


def test():
    with lib.Network("hostile", 9610) as network:
        node = network.nodes[1]
        keys = [network.nodes[i].new_key("jose", "compile") for i in (1, 2)]
        table = Table(node.api)
        replays(table, network, keys[0])
        headers(table, keys[0], lib.Key(network.nodes[3].member, "jose", network.chain))
        algorithms(table, keys[0])
        payloads(table, keys[0])
        bodies(table, keys[0])
        bytes_of_the_token(table, keys[0])
        signatures(table, node, keys[0], keys[1])
        times(table, keys[0])
        standing(table, network, keys)
        content_types(table, node, keys[0])
        check_aftermath(network, table)
        network.stop()
    for line in table.wrong:
        print("wrong:", line)
    check(not table.wrong, f"{len(table.wrong)} of {table.count} cases went wrong")
    say(f"{table.count} cases refused as they should be")


if __name__ == "__main__":
    sys.setrecursionlimit(20_000)
    lib.main(test, 180)
