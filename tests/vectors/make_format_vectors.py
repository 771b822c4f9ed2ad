#!/usr/bin/python3
"""Writes tests/vectors/{header,certificate,fork,tx}.json: what docs/spec/ says, as bytes.

Independent of the node: hashes from hashlib, curve arithmetic from curve.py, formats from the
specification. Every valid transaction is also verified by jwcrypto (Debian: python3-jwcrypto).
The output is the same on every run; --check compares it with the files instead of writing them.
"""
import json
import pathlib
import sys

import chain_vectors
import fork_vectors
import tx_vectors

HERE = pathlib.Path(__file__).resolve().parent


def read(name):
    path = HERE / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main():
    files = {
        "header.json": chain_vectors.header_file(),
        "certificate.json": chain_vectors.certificate_file(),
        "fork.json": fork_vectors.fork_file(),
        "tx.json": tx_vectors.tx_file(json.loads(read("tx.json") or "{}")),
    }
    differing = []
    for name, content in files.items():
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        if text == read(name):
            continue
        differing.append(name)
        if "--check" not in sys.argv:
            (HERE / name).write_text(text, encoding="utf-8")
    if "--check" in sys.argv and differing:
        sys.exit("not what the generator writes: " + ", ".join(differing))
    print("vectors:", "written " + ", ".join(differing) if differing else "unchanged")


if __name__ == "__main__":
    main()
