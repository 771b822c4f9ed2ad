#!/usr/bin/python3
"""Replays what consensus did, step by step, against the rules of docs/spec/consensus.md (R1 ... R38).

usage: tests/model/check_trace.py [--quiet] TRACE...     (- is standard input)

A trace is what dirchain-sim and dirchain-twins write with --trace-steps: one line of JSON for each
step of a state machine. From each event this program works out by itself what the specification
wants done, and compares: what is done without cause and what is left undone are both violations,
each named by its rule and its line. It shares no code with the node. Ends with 1 on a violation,
with 2 on what is no trace.
"""

import collections
import json
import sys

from trace_compare import compare, compare_status
from trace_core import Core
from trace_votes import NONE, Violation, Wanted, must

VIOLATIONS_SHOWN = 20


class Checker:
    def __init__(self):
        self.steps, self.worlds, self.blind, self.violations = 0, 0, 0, []
        self.rules = collections.Counter()
        self.begin({})

    def begin(self, line):
        self.cores, self.spoilt, self.said, self.decided = {}, set(), {}, {}
        self.timing, self.seed = line.get("timing"), line.get("world")

    def core_of(self, line):
        """The machine of this line. One that has seen no height yet is a new one."""
        key = line["node"], line["life"]
        if line["before"]["height"] == 0 and key in self.cores and self.cores[key].height > 0:
            del self.cores[key]
            self.spoilt.discard(key)
        if key not in self.cores:
            self.cores[key] = Core(line["member"], self.timing)
            if line["event"]["kind"] == "start_height":
                self.cores[key].height = line["before"]["height"]
        return key, self.cores[key]

    def check(self, line):
        if "world" in line:
            self.worlds += 1
            self.begin(line)
            return
        self.steps += 1
        key, core = self.core_of(line)
        event = line["event"]
        if key in self.spoilt:
            return  # what follows a violation says nothing
        try:
            self.check_step(core, line)
        except Violation:
            self.spoilt.add(key)
            raise
        if line["honest"]:
            self.check_others(line, event)

    def check_step(self, core, line):
        event = line["event"]
        if core.genesis is None:
            core.genesis = line["genesis"]
        core.now, core.out = event["now_ms"], Wanted()
        result, rule = getattr(core, "on_" + event["kind"])(event, line["result"])
        if core.blind:
            self.blind += 1
            return
        must(result == line["result"], rule, f"the result is {line['result']}, not {result}")
        if result != "ok":
            must(not line["effects"], "R7", "something refused has effects")
        compare(core, line["effects"])
        compare_status(core, line["after"])
        self.count(core, rule)


    def count(self, core, rule):
        self.rules[rule] += 1
        out = core.out
        self.rules.update(out.marks)
        self.rules.update(rule for rule, _ in out.sends)
        self.rules.update(rule for rule, _, _ in out.timers.values())
        for rule, what in (("R8", out.evidence), ("R16", out.executes), ("R27", out.decide),
                           ("R28", out.diverged), ("R31", out.persist)):
            self.rules[rule] += bool(what)

    def check_others(self, line, event):
        """R33: one message for each position, whatever life it was in; R37: agreement."""
        own = event["kind"] == "message" and event["verified"] and (
            event.get("validator", event.get("header", {}).get("proposer")) == line["member"])
        if own and not (event["message"] == "proposal" and event["valid_round"] != NONE):
            key = line["member"], event["height"], event["round"], event["message"]
            must(self.said.setdefault(key, event["block"]) == event["block"], "R33",
                 f"{key} signed two")
        for effect in line["effects"]:
            if effect["kind"] == "decide":
                first = self.decided.setdefault(effect["height"], effect["block"])
                must(first == effect["block"], "R37",
                     f"decides {effect['block']} where another decided {first}")

    def run(self, name, lines):
        for number, text in enumerate(lines, 1):
            line = json.loads(text)
            try:
                self.check(line)
            except Violation as violation:
                violation.where = f"seed {self.seed}, {line['node']}"
                self.violations.append((name, number, violation))


def read(checker, name):
    """Judges one trace. A text: why it is none."""
    try:
        if name == "-":
            checker.run(name, sys.stdin)
        else:
            with open(name, encoding="ascii") as lines:
                checker.run(name, lines)
    except OSError as error:
        return error.strerror
    except (ValueError, KeyError, TypeError, AttributeError):
        return "no trace, or damaged; dirchain-sim and dirchain-twins write them with --trace-steps"
    return None


def wrong(text):
    print(f"check_trace.py: {text}", file=sys.stderr)
    return 2


def main():
    arguments = sys.argv[1:]
    if "-h" in arguments or "--help" in arguments:
        print(__doc__.strip())
        return 0
    names = [name for name in arguments if name != "--quiet"]
    unknown = [name for name in names if name.startswith("-") and name != "-"]
    if unknown or not names:
        return wrong(f"there is no option {unknown[0]}" if unknown else "which trace? --help tells")
    checker = Checker()
    for name in names:
        problem = read(checker, name)
        if problem:
            return wrong(f"{name}: {problem}")
    for name, number, violation in checker.violations[:VIOLATIONS_SHOWN]:
        print(f"{name}:{number}: {violation} ({violation.where})")
    if "--quiet" not in arguments:
        for rule in sorted(checker.rules, key=lambda rule: int(rule[1:])):
            print(f"{checker.rules[rule]:10}  {rule}")
    print(f"{checker.steps} steps of {checker.worlds} networks, {len(checker.violations)} violations"
          + (f", {checker.blind} steps not followed" if checker.blind else ""))
    return 1 if checker.violations or checker.steps == 0 else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
