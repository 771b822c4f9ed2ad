"""Compares what a node did in one step, its effects and the status after it, with what
trace_core.py wants done. Each difference is a violation of one rule."""

from trace_core import SIGNED
from trace_votes import NONE, Violation, must, quorum

ORDER = ["persist", "send", "execute", "build", "decide", "evidence", "diverged", "timer"]


def shown(message):
    return (f"{message['message']} {message['height']}/{message['round']} "
            f"{message['block'] or 'nil'}")


def same_message(a, b):
    keys = ["message", "height", "round", "block"]
    keys += ["valid_round"] if a["message"] == "proposal" else ["validator"]
    return all(a[key] == b[key] for key in keys)


def compare_sends(core, actual, wanted):
    for i, message in enumerate(actual):
        if i >= len(wanted):
            rule = {"proposal": "R14", "prevote": "R18", "precommit": "R21"}[message["message"]]
            raise Violation(rule, f"sends {shown(message)}, which nothing asks for")
        rule, expected = wanted[i]
        must(same_message(message, expected), rule,
             f"sends {shown(message)}, not {shown(expected)}")
    must(len(actual) >= len(wanted), wanted[-1][0] if wanted else "",
         f"{shown(wanted[-1][1])} is due and not sent" if wanted else "")


def compare_record(core, record, body):
    """R30: what is persisted is what was signed, lock and valid value, and what proves them."""
    model = core.record
    position = tuple(record[key] for key in ("height", "round", "step"))
    must(position == (model["height"], model["round"], model["step"]), "R30",
         f"the record is of {position}, not {model['height'], model['round'], model['step']}")
    for name in ("locked", "valid"):
        value = (record[f"{name}_round"], record[f"{name}_block"])
        must(value == model[name], "R30", f"the record's {name} value is {value}, not {model[name]}")
    for name in SIGNED:
        must((name in record) == (name in model), "R30", f"the record's {name}")
        must(name not in record or same_message(record[name], model[name]), "R30",
             f"the record's {name} is another")
    must(body == core.out.body, "R30", f"the body {body or 'none'} is stored, not "
         f"{core.out.body or 'none'}")
    enough = quorum(len(core.set))
    unproved = model["valid"] == core.unproved and not record["valid_prevotes"]
    if record["valid_round"] != NONE and not unproved:
        box = core.at(record["valid_round"]).prevote
        compare_kept(core, record["valid_prevotes"], box, record["valid_block"], enough)
    if model["entry"] is not None:
        compare_kept(core, record["entry_precommits"], model["entry"], None, enough)


def compare_kept(core, kept, box, block, enough):
    members = {core.set[vote["index"]][0] for vote in kept}
    must(len(members) == len(kept) >= enough, "R30", "a quorum in the record is none")
    for vote in kept:
        member = core.set[vote["index"]][0]
        must(vote["block"] == block if block is not None else True, "R30",
             "a kept prevote is for another block")
        must(member in box.voters(vote["block"]), "R30", "a kept vote was never received")


def moves_forward(old, new):
    """R31."""
    if old is None or new["height"] > old["height"]:
        return True
    keys = ("height", "round", "step")
    if tuple(new[key] for key in keys) < tuple(old[key] for key in keys):
        return False
    for name in ("locked", "valid"):
        if new[f"{name}_round"] < old[f"{name}_round"]:
            return False
        if (new[f"{name}_round"] == old[f"{name}_round"] and
                new[f"{name}_block"] != old[f"{name}_block"]):
            return False
    return True


def compare_signed(core, effects):
    """PERSIST and SEND: R30, R31."""
    persists = [e for e in effects if e["kind"] == "persist"]
    must(len(persists) <= 1, "R29", "persists twice in one step")
    sends = [e for e in effects if e["kind"] == "send"]
    compare_sends(core, sends, core.out.sends)
    must(bool(persists) == core.out.persist, "R30",
         "persists nothing" if core.out.persist else "persists without a cause")
    if persists:
        record = persists[0]["record"]
        must(moves_forward(core.persisted, record), "R31", "the record goes back")
        compare_record(core, record, persists[0]["body"])
        core.persisted = record
    for message in sends:
        durable = core.persisted.get(message["message"]) if core.persisted else None
        must(durable is not None and same_message(durable, message), "R30",
             f"sends {shown(message)}, which is in no record")


def compare_blocks(core, effects):
    wanted = [(block, has_header) for _, block, has_header in core.out.executes]
    actual = [(e["block"], e["has_header"]) for e in effects if e["kind"] == "execute"]
    must(sorted(actual) == sorted(wanted), "R16", f"asks for {actual}, not {wanted}")
    builds = [(e["height"], e["round"], e["time_ms"]) for e in effects if e["kind"] == "build"]
    wanted = [] if core.out.build is None else [(core.height, core.round, core.out.build)]
    must(builds == wanted, "R15", f"builds {builds}, not {wanted}")


def compare_decision(core, effects):
    decides = [e for e in effects if e["kind"] == "decide"]
    must(bool(decides) == bool(core.out.decide), "R27",
         "decides without a quorum of precommits for a valid block" if decides
         else "does not decide what has a quorum of precommits")
    for effect in decides:
        block, number, signers = core.out.decide
        actual = (effect["block"], effect["certified"], effect["height"], effect["round"])
        must(actual == (block, block, core.height, number), "R27", f"decides {actual}")
        must(effect["signers"] == signers and len(signers) >= quorum(len(core.set)), "R27",
             f"the certificate is of {effect['signers']}, not of {signers}")
    diverged = [(e["block"], e["round"]) for e in effects if e["kind"] == "diverged"]
    wanted = [] if core.out.diverged is None else [core.out.diverged]
    must(diverged == wanted, "R28", f"tells of {diverged}, not of {wanted}")


def compare_evidence(core, effects):
    found = [e for e in effects if e["kind"] == "evidence"]
    must(bool(found) == bool(core.out.evidence), "R8",
         "accuses without cause" if found else "keeps silent about two votes")
    for effect in found:
        event, blocks = core.out.evidence
        for vote in (effect, effect["against"]):
            must(all(vote[key] == event[key] for key in
                     ("message", "height", "round", "validator")), "R8", "accuses somebody else")
        must([effect["block"], effect["against"]["block"]] == blocks, "R8",
             "the two votes are not the ones that were heard, in order")


def compare_timers(core, effects):
    actual = {e["timer"]: (e["height"], e["round"], e["delay_ms"])
              for e in effects if e["kind"] == "timer"}
    for kind, (rule, number, delay) in core.out.timers.items():
        must(actual.get(kind) == (core.height, number, delay), rule,
             f"the {kind} timer is {actual.get(kind)}, not {(core.height, number, delay)}")
    for kind, value in actual.items():
        rule = {"idle": "R10", "propose": "R13", "prevote": "R24", "precommit": "R26"}[kind]
        must(kind in core.out.timers, rule, f"sets the {kind} timer {value} without a cause")
        core.pending[kind] = value[:2]


def compare_status(core, status):
    actual = (status["height"], status["round"], status["step"],
              (status["locked_round"], status["locked_block"]),
              (status["valid_round"], status["valid_block"]), status["validator"])
    wanted = (core.height, core.round, core.step, core.locked, core.valid, core.may_sign)
    must(actual == wanted, "R36", f"is at {actual}, not at {wanted}")
    if core.height > 0:
        proposer = core.set[status["proposer"]][0]
        must(proposer == core.proposer(core.set, core.height, core.round), "R14",
             f"takes {proposer} for the proposer")


def compare(core, effects):
    order = [ORDER.index(effect["kind"]) for effect in effects]
    must(order == sorted(order), "R29", f"the order is {[e['kind'] for e in effects]}")
    compare_decision(core, effects)
    compare_signed(core, effects)
    compare_blocks(core, effects)
    compare_evidence(core, effects)
    compare_timers(core, effects)
