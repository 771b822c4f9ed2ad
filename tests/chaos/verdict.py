"""What a run comes to: all ledgers are read and compared, figures told, bounds held."""
import json
import signal
import time

import checker
import lib
from faults import STUCK_S
from lib import check

HEAL_S = 5.0  # p99 from the end of a fault, whether it had stopped the chain or not, to the first block
LAST_EVIDENCE_S = 1.5  # until that of the last votes has found its block
ALONE_S = 3  # until a node that was started again answers


class TooShort(Exception):
    """Nothing was wrong in what happened, and not all that was to happen did."""


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def judge(run):
    """Fails unless everything holds that README.md demands."""
    run.progress("reading every ledger", 0)
    run.load.end()
    time.sleep(LAST_EVIDENCE_S)
    height = run.network.level(STUCK_S)
    run.sample()
    acknowledged, unknown = run.load.read()
    ledgers = checker.read_all(run.nodes, height, list(acknowledged),
                               lambda share: run.progress("reading every ledger", share))
    names = run.names
    heights = checker.agreement(ledgers, names)
    checker.acknowledgements(ledgers, names, heights, acknowledged)
    acts = checker.evidence(ledgers, run.liar)
    checker.accused(run.nodes, run.liar or "nobody")
    pack = checker.offline(run.network.center, run.directory, lib.BIN / "dirchain")
    run.network.stop()
    for node in run.network.validators:
        run.record(node)
    votes = checker.signatures(ledgers, names, run.recorded, run.liar)
    rounds = sum(block[2] > 0 for block in ledgers[0][0])
    tell(run, {
        "blocks on every node, identical": f"{height} on {len(ledgers)} nodes, {rounds} after "
                                           "round 0",
        "transactions": f"{len(heights)}, none twice",
        "acknowledged, found on every node": f"{len(acknowledged)} of {len(acknowledged)}",
        "outcome unknown to the client": f"{len(unknown)}, of which "
                                         f"{len(unknown & heights.keys())} are in the ledger",
        "refused": json.dumps(run.load.refusals),
        "honest votes compared": f"{votes}, with {len(run.recorded)} in safety records: no "
                                 "double-sign",
        "evidence on the ledger": f"{acts} acts of the equivocating validator, each once",
        "audit pack verified offline": f"{pack >> 10} KiB"})
    demand(run, acts)


def tell(run, facts):
    facts = dict(facts)
    for name, values in (("first block after a halt", run.halts),
                         ("first block after other faults", run.others),
                         ("first acknowledgement after a heal", run.acks)):
        facts[name] = (f"n {len(values)}, p50 {percentile(values, 0.5):.2f} s, p99 "
                       f"{percentile(values, 0.99):.2f} s, max {max(values, default=0):.2f} s")
    for name, counts in (("faults", run.counts), ("proxy", run.ask({"counts": True}))):
        facts[name] = ", ".join(f"{what} {count}" for what, count in counts.items())
    for index, (first, most, files, files_most) in run.resources.items():
        facts["memory, files of " + run.names[index]] = (
            f"{first >> 10} → at most {most >> 10} MiB, {files} → at most {files_most}")
    for name, value in facts.items():
        run.tell(f"{name:<36} {value}")


def demand(run, acts):
    """The bounds hold, and what was to be exercised was."""
    check(run.load.counts["ack"] > 0, "nothing was acknowledged")
    check(run.recorded, "no safety record was read")
    if run.counts.get("equivocate"):
        check(acts > 0, "a validator equivocated, and there is no evidence on the ledger")
    for name, values in (("a halt", run.halts), ("other faults", run.others)):
        late = percentile(values, 0.99)
        check(late <= HEAL_S, f"first block after {name}: p99 {late:.2f} s, at most {HEAL_S} s")
    missing = [kind for kind, count in run.counts.items() if count == 0]
    if missing:
        raise TooShort(f"faults that did not happen: {', '.join(missing)}; more --minutes, or "
                       "fewer --faults")
    if len(run.halts) < run.halts_wanted:
        raise TooShort(f"the chain stood {len(run.halts)} times only, and {run.halts_wanted} halts "
                       "are the fewest to speak of; more --minutes")


def look_after_failure(run):
    """Compares what the nodes have, each by itself: who has seen a fork stops when it is linked."""
    if run.load is None or not run.load.counts["ack"]:
        return
    run.load.ending.set()
    run.ask({"rules": [[a, b, {"state": "reset"}] for a in run.indexes for b in run.indexes
                       if a != b]})
    for node in run.nodes:
        if node.pid is not None:
            node.process.send_signal(signal.SIGCONT)
        if node.pid is None or node.ended() is not None:
            node.start()
    time.sleep(ALONE_S)
    nodes = [node for node in run.nodes if node.ended() is None and node.api.height()]
    try:
        height = min((node.api.height() for node in nodes), default=0)
        ledgers = checker.read_all(nodes, height, [], lambda share: None)
    except (OSError, ValueError, KeyError) as failure:
        run.tell(f"and: the ledgers cannot be read: {failure!r}")
        return
    for look in (lambda: checker.agreement(ledgers, run.names),
                 lambda: checker.signatures(ledgers, run.names, run.recorded, run.liar),
                 lambda: checker.accused(run.nodes, run.liar or "nobody")):
        try:
            look()
        except lib.Failed as failure:
            run.tell(f"and: {failure}")
