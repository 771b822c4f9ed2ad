#!/usr/bin/python3
"""Signs transactions with a JOSE library that knows nothing of dirchain (Debian: python3-jwcrypto).

    jose_interop.py key KEY.jwk
        makes an ES256K key, keeps it as a JWK (mode 0600), prints its public half as the ledger
        registers it (compressed, hexadecimal)
    jose_interop.py sign KEY.jwk --chain GENESIS_HASH --kid MEMBER/KEY --type TYPE [--body JSON]
                         [--nonce TEXT] [--expires MS | --lifetime-ms MS]
        prints the transaction, to be posted to /v1/transactions as application/jose; the body
        comes from standard input if it is not given
    jose_interop.py verify KEY.jwk
        reads a transaction from standard input, verifies it, prints its payload

Follows docs/spec/transaction.md and uses nothing of the node.
"""
import argparse
import base64
import json
import os
import secrets
import sys
import time

from jwcrypto import jwk, jws
from jwcrypto.common import JWException


def load_key(path):
    with open(path, encoding="utf-8") as file:
        return jwk.JWK.from_json(file.read())


def coordinate(key, name):
    text = key.export(as_dict=True)[name]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def public_compressed(key):
    return bytes([2 + (coordinate(key, "y")[-1] & 1)]) + coordinate(key, "x").rjust(32, b"\0")


def make_key(arguments):
    key = jwk.JWK.generate(kty="EC", crv="secp256k1")
    with open(os.open(arguments.key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w",
              encoding="utf-8") as file:
        file.write(key.export_private())
    print(public_compressed(key).hex())


def sign(arguments):
    body = json.loads(sys.stdin.read() if arguments.body is None else arguments.body)
    expires = arguments.expires or time.time_ns() // 1_000_000 + arguments.lifetime_ms
    payload = {"chain": arguments.chain, "type": arguments.type,
               "nonce": arguments.nonce or secrets.token_urlsafe(16), "expires": expires,
               "body": body}
    header = {"alg": "ES256K", "kid": arguments.kid, "typ": "dirchain-tx+json"}
    token = jws.JWS(json.dumps(payload, ensure_ascii=False).encode())
    token.allowed_algs = ["ES256K"]  # registered by RFC 8812, not among jwcrypto's defaults
    token.add_signature(load_key(arguments.key), "ES256K", json.dumps(header))
    print(token.serialize(compact=True))


def verify(arguments):
    token = jws.JWS()
    token.allowed_algs = ["ES256K"]
    try:
        token.deserialize(sys.stdin.read().strip(), load_key(arguments.key), alg="ES256K")
    except JWException as error:
        sys.exit(f"refused: {error}")
    print(token.payload.decode())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, function in (("key", make_key), ("sign", sign), ("verify", verify)):
        command = commands.add_parser(name)
        command.add_argument("key")
        command.set_defaults(run=function)
    signing = commands.choices["sign"]
    for option in ("chain", "kid", "type"):
        signing.add_argument("--" + option, required=True)
    signing.add_argument("--body")
    signing.add_argument("--nonce")
    signing.add_argument("--expires", type=int)
    signing.add_argument("--lifetime-ms", type=int, default=600_000)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
