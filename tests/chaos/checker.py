"""What must hold when all is over. Each check raises lib.Failed, or returns what it has counted."""
import collections
import concurrent.futures
import subprocess

import lib
from lib import check, equal

WORKERS = 2


def read_node(host, port, height, acknowledged):
    """One node's blocks, and where it finds each acknowledged transaction. Runs in a process of
    its own."""
    api = lib.Api(port, 30, host)
    blocks = []
    for h in range(1, height + 1):
        block = api.get(f"/v1/blocks/{h}").json
        blocks.append((block["hash"], block["state_root"], block["certificate"]["round"],
                       block["certificate"]["signers"],
                       [tx["txid"] for tx in block["transactions"]], block["evidence"]))
    found = {}
    for txid in acknowledged:
        answer = api.get("/v1/transactions/" + txid)
        found[txid] = answer.json["height"] if answer.status == 200 else None
    api.close()
    return blocks, found


def read_all(nodes, height, acknowledged, progress):
    """Of all nodes: {index: (blocks, found)}."""
    result = {}
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
        work = {pool.submit(read_node, node.api.host, node.api.port, height, acknowledged): node
                for node in nodes}
        for done in concurrent.futures.as_completed(work):
            result[work[done].index] = done.result()
            progress(len(result) / len(nodes))
    return result


def agreement(ledgers, names):
    """The same hash and state root at every height; no transaction twice. {txid: height} of all."""
    first = min(ledgers)
    reference = ledgers[first][0]
    for index, (blocks, _) in ledgers.items():
        for height, (mine, other) in enumerate(zip(reference, blocks, strict=True), 1):
            equal(other[:2], mine[:2],
                  f"block {height} of {names[index]}, as {names[first]} has it")
    heights = {}
    for height, block in enumerate(reference, 1):
        for txid in block[4]:
            check(txid not in heights, f"{txid} is in the ledger twice")
            heights[txid] = height
    return heights


def acknowledgements(ledgers, names, heights, acknowledged):
    """Each is on every node, in the block that was said, by the block and by the index."""
    lost = sorted(acknowledged.keys() - heights.keys())
    check(not lost, f"{len(lost)} of {len(acknowledged)} acknowledged transactions are lost: "
          f"{' '.join(lost[:3])} …")
    for txid, height in acknowledged.items():
        equal(heights[txid], height, f"height of acknowledged {txid}")
    for index, (_, found) in ledgers.items():
        for txid, height in acknowledged.items():
            equal(found[txid], height, f"{names[index]} looks up acknowledged {txid}")


def evidence(ledgers, liar):
    """Only against the validator that was made to lie, each act once. Returns how many acts."""
    seen = collections.Counter()
    for height, block in enumerate(ledgers[min(ledgers)][0], 1):
        for item in block[5]:
            equal(item["validator"], liar, f"whom the evidence in block {height} is against")
            seen[item["height"], item["round"], item["type"]] += 1
    for act, count in seen.items():
        equal(count, 1, f"how often {act} is on record")
    return len(seen)


def accused(nodes, liar):
    """Whom the nodes' logs accuse of two votes, though it may not be on the ledger yet."""
    for node in nodes:
        for line in (node.folder / "log").read_text(errors="replace").splitlines():
            if '"module":"evidence"' in line and "signed two different votes" in line:
                check(liar in line, f"{node.folder.name} accuses an honest validator: {line}")


def signatures(ledgers, names, recorded, liar):
    """Votes of certificates on all nodes and of safety records, against each other."""
    said = {}
    votes = [((signer, height, block[2], "precommit"), block[0], f"a certificate of {names[index]}")
             for index, (blocks, _) in ledgers.items()
             for height, block in enumerate(blocks, 1) for signer in block[3]]
    votes += [(place, block, "its safety record") for place, block in recorded]
    for place, block, where in votes:
        if place[0] != liar:
            earlier = said.setdefault(place, (block, where))
            equal(block, earlier[0], f"{place} signed for, by {where} and by {earlier[1]}")
    return len(said)


def offline(center, directory, program):
    """A pack of the whole chain, verified without any node."""
    genesis, pack = directory / "genesis.json", directory / "audit.pack"
    pack.unlink(missing_ok=True)
    center.cli("audit", "audit", "pack", "--genesis", genesis, "--out", pack)
    done = subprocess.run([program, "audit", "verify", pack, "--genesis", genesis],
                          capture_output=True, text=True, timeout=300, check=False)
    equal(done.returncode, 0, f"audit verify: {done.stdout}{done.stderr}")
    return pack.stat().st_size
