#!/usr/bin/python3
"""Shows that check_trace.py is worth something: edits a good trace, one place at a time, and fails
unless each edit is found, at its line, under the rule that it breaks.

usage: tests/model/check_trace_edits.py [--quiet] TRACE

Of every kind of edit the first three places that it fits are tried.
"""

import copy
import json
import sys

import check_trace
import trace_core

PLACES = 3


def effects(line, kind, **fields):
    return [e for e in line.get("effects", []) if e["kind"] == kind and
            all(e.get(key) == value for key, value in fields.items())]


def drop(kind, **fields):
    """Leaves one effect out."""
    def edit(line):
        for effect in effects(line, kind, **fields)[:1]:
            line["effects"].remove(effect)
            return True
        return False
    return edit


def change(kind, key, value, **fields):
    """Another value in one effect; a function makes it of the old one, or of nothing: not here."""
    def edit(line):
        for effect in effects(line, kind, **fields):
            new = value(effect[key]) if callable(value) else value
            if new is not None and new != effect[key]:
                effect[key] = new
                return True
        return False
    return edit


def again(kind):
    """One effect twice."""
    def edit(line):
        for effect in effects(line, kind)[:1]:
            line["effects"].insert(line["effects"].index(effect), copy.deepcopy(effect))
            return True
        return False
    return edit


def swapped(line):
    kinds = [e["kind"] for e in line.get("effects", [])]
    if "persist" in kinds and "send" in kinds:
        line["effects"].reverse()
        return True
    return False


def status(key, value):
    def edit(line):
        if "after" not in line:
            return False
        new = value(line["after"][key])
        changed = new is not None and new != line["after"][key]
        if changed:
            line["after"][key] = new
        return changed
    return edit


def record(key, value, when=lambda record: True):
    def edit(line):
        for effect in effects(line, "persist"):
            new = value(effect["record"].get(key)) if when(effect["record"]) else None
            if new is not None and new != effect["record"].get(key):
                effect["record"][key] = new
                return True
        return False
    return edit


def result(old, new):
    def edit(line):
        fits = line.get("result") == old and line["event"]["kind"] == "message"
        if fits:
            line["result"] = new
        return fits
    return edit


def invented(kind_of_event, effect):
    """Something done without a cause, when nothing was to be done."""
    def edit(line):
        if "event" not in line or line["event"]["kind"] != kind_of_event or line["effects"]:
            return False
        if line["result"] != "ok":
            return False
        here = {"height": line["after"]["height"], "round": line["after"]["round"]}
        line["effects"].append({**effect, **here, "validator": line["member"]})
        return True
    return edit


def late(line):
    """A fresh proposal that came far too late, and no nil prevote at once."""
    event = line.get("event", {})
    if (event.get("message") != "proposal" or event["valid_round"] != -1 or
            line["before"]["step"] != trace_core.PROPOSE or not effects(line, "execute") or
            effects(line, "send")):
        return False
    event["received_ms"] = event["now_ms"] + 10 ** 7
    return True


def unset_timer(line):
    event = line.get("event", {})
    if event.get("kind") != "timeout":
        return False
    event["round"] += 1
    return True


def refused_and_done(line):
    if line.get("result") != "duplicate":
        return False
    line["effects"].append({**VOTE, "height": 1, "round": 0, "validator": line["member"]})
    return True


def second_story(network, rename):
    """One correct node's whole story once more, with another block where it decides: by itself
    without a fault. None if nobody decides here."""
    for text in network:
        line = json.loads(text)
        if line.get("honest") and effects(line, "decide"):
            block = effects(line, "decide")[0]["block"]
            told = [t for t in network if f'"node":"{line["node"]}"' in t[:40]]
            return network + [rename(t.replace(block, OTHER)) for t in told]
    return None


def second(value):
    return value[1:] if len(value) > 1 else None


OTHER = "0123456789abcdef"
VOTE = {"kind": "send", "message": "prevote", "block": ""}
EDITS = [
    ("a prevote left out", {"R18", "R19", "R20"}, drop("send", message="prevote")),
    ("a precommit left out", {"R21", "R23", "R25"}, drop("send", message="precommit")),
    ("a proposal left out", {"R14"}, drop("send", message="proposal")),
    ("a prevote for another block", {"R18", "R19", "R20"},
     change("send", "block", OTHER, message="prevote")),
    ("a precommit for another block", {"R21", "R23", "R25"},
     change("send", "block", OTHER, message="precommit")),
    ("a vote of another round", {"R18", "R19", "R20"},
     change("send", "round", lambda r: r + 1, message="prevote")),
    ("a vote twice", {"R18", "R21", "R14"}, again("send")),
    ("a vote nothing asks for", {"R18"}, invented("message", VOTE)),
    ("sent before it is persisted", {"R29"}, swapped),
    ("not persisted", {"R30"}, drop("persist")),
    ("persisted twice", {"R29"}, again("persist")),
    ("the record of an earlier step", {"R30", "R31"},
     record("step", lambda s: s - 1 if s > 1 else None)),
    ("the record without the lock", {"R30", "R31"},
     record("locked_round", lambda r: -1 if r >= 0 else None)),
    ("the record goes back a round", {"R31", "R30"},
     record("round", lambda r: r - 1 if r > 0 else None)),
    ("a quorum in the record one short", {"R30"}, record("valid_prevotes", second)),
    ("a vote in the record that nobody gave", {"R30"},
     record("valid_prevotes", lambda v: [{**v[0], "block": OTHER}] + v[1:] if v else None)),
    ("the body not stored", {"R30"}, change("persist", "body", lambda b: "" if b else None)),
    ("a block not asked for", {"R16"}, drop("execute")),
    ("a block asked for twice", {"R16"}, again("execute")),
    ("nothing built", {"R15"}, drop("build")),
    ("built with another time", {"R15"}, change("build", "time_ms", lambda t: t + 1)),
    ("no decision", {"R27"}, drop("decide")),
    ("another decision", {"R27"}, change("decide", "block", OTHER)),
    ("a certificate one short", {"R27"}, change("decide", "signers", second)),
    ("evidence left out", {"R8"}, drop("evidence")),
    ("evidence against another", {"R8"}, change("evidence", "validator", "9" * 18)),
    ("evidence in the wrong order", {"R8"}, change("evidence", "block", "f" * 16)),
    ("no propose timer", {"R13"}, drop("timer", timer="propose")),
    ("no prevote timer", {"R24"}, drop("timer", timer="prevote")),
    ("no precommit timer", {"R26"}, drop("timer", timer="precommit")),
    ("a timer that is too short", {"R13", "R24", "R26"},
     change("timer", "delay_ms", lambda d: d - 1)),
    ("a lock forgotten", {"R36"}, status("locked_round", lambda r: -1 if r >= 0 else None)),
    ("a lock moved", {"R36"}, status("locked_block", lambda b: OTHER if b else None)),
    ("a valid value forgotten", {"R36"}, status("valid_round", lambda r: -1 if r >= 0 else None)),
    ("a round skipped", {"R36"}, status("round", lambda r: r + 1)),
    ("a step too far", {"R36"}, status("step", lambda s: s + 1 if s < 4 else None)),
    ("the wrong proposer", {"R14"}, status("proposer", lambda p: 1 - p if p < 2 else None)),
    ("a new message refused", {"R5"}, result("ok", "duplicate")),
    ("a known message taken", {"R5", "R9"}, result("duplicate", "ok")),
    ("a timer that was not set", {"R34"}, unset_timer),
    ("refused and done all the same", {"R7"}, refused_and_done),
    ("an untimely block not refused", {"R18", "R36"}, late),
]


STORIES = [
    ("another node decides another block", "R37",
     lambda text: text.replace('"node":"', '"node":"other/', 1)),
    ("a later life votes for another block", "R33",
     lambda text: text.replace('"life":0', '"life":1', 1)),
]


def try_stories(networks):
    bad = []
    for name, rule, rename in STORIES:
        edited = next(filter(None, (second_story(network, rename) for network in networks)), [])
        rules = {violation.rule for _, _, violation in judged(edited)}
        if rule not in rules or rules - {"R33", "R37"}:
            bad.append(f"{name}: {', '.join(sorted(rules)) or 'nothing'} was found, not {rule}")
    return bad


def judged(lines):
    checker = check_trace.Checker()
    checker.run("edited", lines)
    return checker.violations


def worlds(path):
    """The networks of a trace, each by itself: edits are tried where they fit."""
    found = []
    with open(path, encoding="ascii") as trace:
        for text in trace:
            if text.startswith('{"world"'):
                found.append([])
            found[-1].append(text)
    return found


def try_edit(name, rules, edit, networks):
    """How many places were edited, and what went unfound."""
    tried, missed = 0, []
    for network in networks:
        for number, text in enumerate(network):
            line = json.loads(text)
            if not edit(line):
                continue
            tried += 1
            edited = network[:number] + [json.dumps(line)] + network[number + 1:]
            found = judged(edited)
            if not any(v.rule in rules and at == number + 1 for _, at, v in found):
                missed.append(f"{name}: line {number + 1}: "
                              f"{found[0][2] if found else 'nothing was found'}")
            break
        if tried == PLACES:
            break
    return tried, missed


def main():
    paths = [name for name in sys.argv[1:] if name != "--quiet"]
    if len(paths) != 1:
        print(__doc__)
        return 2
    networks, bad, places = worlds(paths[0]), [], 0
    for name, rules, edit in EDITS:
        tried, missed = try_edit(name, rules, edit, networks)
        places += tried
        bad += missed if tried else [f"{name}: fits nowhere in this trace"]
        if "--quiet" not in sys.argv:
            print(f"{tried:4}  {name}: {', '.join(sorted(rules))}")
    bad += try_stories(networks)
    for text in bad:
        print(f"missed: {text}")
    print(f"{len(EDITS)} kinds of edits in {places} places and {len(STORIES)} false stories, "
          f"{len(bad)} missed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
