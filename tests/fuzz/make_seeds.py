#!/usr/bin/python3
"""make_seeds.py OUT: first inputs for the fuzz targets, made from tests/vectors/."""
import base64
import io
import json
import pathlib
import sys
import zipfile

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
sys.path.insert(0, str(VECTORS))
import names  # noqa: E402

OUT = pathlib.Path(sys.argv[1])


def load(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def write(target, number, data):
    folder = OUT / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{number:03d}").write_bytes(data)


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def tx_seeds(file):
    for entry in file["valid"] + file["refused"]:
        raw = entry["jws"].encode()
        yield b"\0" + raw
        parts = entry["jws"].split(".")
        try:
            yield decode(parts[0]) + b"\0" + decode(parts[1])
        except (ValueError, IndexError):
            pass  # hostile in its base64url: only as it stands


def doc_seeds(file):
    for entry in file["valid"] + file["refused"]:
        for part in entry["jws"].split(".")[:2]:
            try:
                yield decode(part)
            except ValueError:
                pass


def fixed_seeds(header, certificate):
    """The first byte says which decoder: see fuzz_certificate.c."""
    for entry in certificate["certificates"]:
        yield b"\0" + bytes.fromhex(entry["bytes"])
    for entry in certificate["votes"] + certificate["votes_refused"]:
        yield b"\1" + bytes.fromhex(entry["bytes"])
    for entry in certificate["evidence"]:
        yield b"\2" + bytes.fromhex(entry["bytes"])
    for entry in header["validators"] + header["validators_refused"]:
        yield b"\3" + bytes.fromhex(entry["bytes"])


def consensus_seeds(header, certificate):
    """Messages alone, and a height of them: see fuzz_consensus.c. Signatures are not checked."""
    members = [names.member_id(number) for number in range(1, 5)]
    for entry in certificate["votes"]:
        yield b"\0\2" + bytes.fromhex(entry["bytes"])
    for entry in header["headers"]:
        height = entry["height"].to_bytes(8, "big")
        proposal = b"\1" + height + bytes(8) + bytes.fromhex(entry["bytes"]) + bytes(64)
        yield b"\0" + proposal
        votes = b"".join(
            b"\2" + bytes([kind]) + height + bytes(4) + bytes.fromhex(entry["hash"])
            + member.encode() + bytes(64) for kind in (1, 2) for member in members)
        yield b"\2" + proposal + votes
    yield b"\1" + bytes(13 + 72 + 5)


def snapshot_seeds(file):
    for entry in file["parts"]:
        yield bytes.fromhex(entry["key"]) + bytes.fromhex(entry["hash"] + entry["payload"])


def dcat_seeds():
    samples = pathlib.Path(__file__).resolve().parents[2] / "samples" / "dcat"
    for dataset in json.loads((samples / "gsa.data.json").read_text())["dataset"][::20]:
        yield b"\0" + json.dumps({"dataset": [dataset]}, ensure_ascii=False).encode()
    yield b"\1" + (samples / "alessandria.rdf").read_bytes()


def xlsx_seeds():
    """A whole archive, and worksheets alone: see fuzz_xlsx.c."""
    sheet = ("<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c t='s'><v>1</v></c></row>"
             "<row r='3'><c t='inlineStr'><is><t>A_x0041_</t></is></c><c s='1'><v>46065.5</v></c>"
             "<c t='b'><v>1</v></c><c t='e'><v>#N/A</v></c><c><v>1E+17</v></c></row></sheetData>"
             "<mergeCells><mergeCell ref='A3:B4'/></mergeCells></worksheet>")
    yield b"\1" + sheet.encode()
    yield b"\1" + sheet.replace("'", '"').replace(" r=", " x:r=").encode("utf-16")
    relation = "<Relationship Id='%s' Type='x/%s' Target='%s'/>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", "<r>" + relation % ("1", "officeDocument", "b.xml") + "</r>")
        archive.writestr("b.xml", "<w><workbookPr date1904='1'/><sheet name='s' id='1'/></w>")
        archive.writestr("_rels/b.xml.rels", "<r>" + relation % ("1", "worksheet", "s.xml") + "</r>")
        archive.writestr("s.xml", sheet.replace(" t='s'", ""))
    yield b"\0" + out.getvalue()


def main():
    header, certificate, tx = load("header.json"), load("certificate.json"), load("tx.json")
    seeds = {
        "fuzz_tx": tx_seeds(tx),
        "fuzz_dcat": dcat_seeds(),
        "fuzz_doc": doc_seeds(tx),
        "fuzz_consensus": consensus_seeds(header, certificate),
        "fuzz_certificate": fixed_seeds(header, certificate),
        "fuzz_xlsx": xlsx_seeds(),
        "fuzz_snapshot": snapshot_seeds(load("snapshot_parts.json")),
        "fuzz_block": (bytes.fromhex(entry["bytes"])
                       for entry in header["blocks"] + header["blocks_refused"]),
    }
    for target, data in seeds.items():
        for number, seed in enumerate(data):
            write(target, number, seed)


if __name__ == "__main__":
    main()
