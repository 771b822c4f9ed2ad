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

NEW, PROPOSE, PREVOTE, PRECOMMIT, DECIDED = range(5)
NIL, NONE = "", -1
ROUND_MAX = 100000
FUTURE_ROUNDS = 8   # rounds ahead whose votes are kept
EARLY_ROUNDS = 2    # rounds of the next height that are kept
ROUNDS_KEPT = 64
EXECUTES_MAX = 8    # asked for in one step
TIME_MAX = 2 ** 53 - 1
HEADER_VERSION = 1
ORDER = ["persist", "send", "execute", "build", "decide", "evidence", "diverged", "timer"]
SIGNED = ("proposal", "prevote", "precommit")
VIOLATIONS_SHOWN = 20


def quorum(count):
    """The least number that is more than two thirds of count."""
    return next(q for q in range(count + 1) if 3 * q > 2 * count)


def skip(count):
    """So many that one of them is honest: one more than the faulty that 3f < n allows."""
    return next(f for f in range(count, -1, -1) if 3 * f < count) + 1


class Violation(Exception):
    def __init__(self, rule, text):
        super().__init__(f"{rule}: {text}")
        self.rule, self.where = rule, ""


def must(condition, rule, text):
    if not condition:
        raise Violation(rule, text)


class Box:
    """Votes of one type in one round. R9 says which second votes count."""

    def __init__(self):
        self.first, self.further, self.reported, self.quorum = {}, set(), set(), None

    def standing_behind(self, block):
        return sum(1 for b in self.first.values() if b == block)

    def voters(self, block):
        found = {v for v, b in self.first.items() if b == block}
        return found | {v for v, b in self.further if b == block}

    def known(self, validator, block, count):
        if validator not in self.first:
            return False
        if self.first[validator] == block or (validator, block) in self.further:
            return True
        return validator in self.reported and self.standing_behind(block) < skip(count)

    def add(self, validator, block, count):
        if validator not in self.first:
            self.first[validator] = block
        elif self.standing_behind(block) >= skip(count):
            self.further.add((validator, block))
        else:
            return False
        if self.quorum is None and len(self.voters(block)) >= quorum(count):
            self.quorum = block
        return True


class Round:
    def __init__(self):
        self.proposal, self.timely = None, False
        self.prevote, self.precommit = Box(), Box()


class Wanted:
    """What a step has to do, each with the rule that asks for it."""

    def __init__(self):
        self.persist, self.body = False, NIL
        self.sends, self.executes, self.timers = [], [], {}
        self.marks = []  # rules that had a say without an effect of their own
        self.build = self.decide = self.evidence = self.diverged = None


class Core:
    """The state machine of one node in one life, as the specification has it."""

    def __init__(self, member, timing):
        self.member, self.timing = member, timing
        self.height = self.round = 0
        self.step, self.set, self.next_set, self.own = NEW, [], None, None
        self.locked, self.valid = (NONE, NIL), (NONE, NIL)  # (round, block)
        self.rounds, self.verdict, self.headers, self.latest = {}, {}, {}, {}
        self.prevote_timer = self.precommit_timer = False
        self.proposed = self.build_asked = self.told_diverged = self.may_sign = False
        self.built = None
        self.record, self.persisted = None, None
        self.unproved = None  # a valid value that was remembered by others, without its prevotes
        self.pending = {}   # timers
        self.blind = False  # too many rounds to follow what is kept
        self.out = Wanted()
        self.genesis = self.previous = None
        self.previous_time = self.now = 0

    # ---- what there is ----

    def at(self, number, height=None):
        return self.rounds.get((self.height if height is None else height, number))

    def take(self, height, number):
        if (height, number) not in self.rounds and len(self.rounds) >= ROUNDS_KEPT:
            self.blind = True
        return self.rounds.setdefault((height, number), Round())

    def mine(self):
        return sorted((n, r) for (h, n), r in self.rounds.items() if h == self.height)

    def proposer(self, members, height, number):
        return members[(height + number) % len(members)][0]

    def header_fits(self, header):
        return (header["version"] == HEADER_VERSION and header["height"] == self.height and
                header["genesis"] == self.genesis and header["previous"] == self.previous and
                header["time_ms"] > self.previous_time)

    # ---- signing ----

    def enter_record(self):
        record = self.record
        if (record["height"], record["round"]) == (self.height, self.round):
            return
        record.update(height=self.height, round=self.round, step=NEW, entry=None)
        for name in SIGNED:
            record.pop(name, None)
        before = self.at(self.round - 1)
        if before and len(before.precommit.first) >= quorum(len(self.set)):
            record["entry"] = before.precommit

    def sign(self, rule, message):
        self.enter_record()
        kind = message["message"]
        self.record[kind] = message
        self.record["step"] = 1 + SIGNED.index(kind)
        self.out.persist = True
        if self.round == 0 and kind != "precommit" and self.out.body == NIL:
            self.out.body = message["block"]
        self.out.sends.append((rule, message))

    def vote(self, rule, kind, block):
        """R32: a validator that may sign, and whose key was not heard saying something else."""
        now = self.at(self.round)
        heard = getattr(now, kind).first.get(self.own) if now else None
        if self.may_sign and heard not in (None, block):
            self.out.marks.append("R32")
        elif self.may_sign:
            self.sign(rule, {"message": kind, "height": self.height, "round": self.round,
                             "block": block, "validator": self.member})
        self.step = PREVOTE if kind == "prevote" else PRECOMMIT

    def value_changed(self):
        if not self.may_sign:
            return
        self.enter_record()
        self.record.update(locked=self.locked, valid=self.valid)
        self.out.persist, self.out.body = True, self.valid[1]

    def timer(self, rule, kind):
        base, growth = self.timing[kind]
        self.out.timers[kind] = (rule, self.round, base + self.round * growth)

    # ---- rounds ----

    def start_round(self, number):
        self.round, self.step = number, PROPOSE
        self.prevote_timer = self.precommit_timer = False
        self.proposed = self.build_asked = False
        self.built = None
        self.timer("R13", "propose")

    def follow(self):
        """R10, R11: what was said for this height begins round 0, or leads to a later one."""
        if self.step == DECIDED:
            return
        best = self.round
        for target in sorted(set(self.latest.values())):
            there = sum(1 for latest in self.latest.values() if latest >= target)
            if target > best and there >= skip(len(self.set)):
                best = target
        if best > self.round:
            self.out.marks.append("R11")
            self.start_round(best)
        elif self.step == NEW:
            self.start_round(0)

    def hear(self, member, number):
        self.latest[member] = max(self.latest.get(member, NONE), number)

    # ---- rules; each returns whether it did something ----

    def names(self, number, entry, block):
        """R16: what may use the verdict on a block."""
        return ((entry.proposal is not None and number == self.round and
                 entry.proposal["block"] == block) or
                (number > self.valid[0] and entry.prevote.quorum == block) or
                entry.precommit.quorum == block)

    def want(self, block, header):
        if header is not None:
            self.headers.setdefault(block, header)
        if self.verdict.get(block) is not None:
            return False
        known = self.headers.get(block)
        if known is not None and not self.header_fits(known):
            self.verdict[block] = "invalid"
            return True
        if len(self.out.executes) < EXECUTES_MAX:
            self.verdict[block] = "asked"
            self.out.executes.append(("R16", block, known is not None))
        return False

    def rule_want(self):
        changed = False
        for number, entry in self.mine():
            proposal = entry.proposal
            for block in filter(None, (proposal and proposal["block"], entry.prevote.quorum,
                                       entry.precommit.quorum)):
                if self.names(number, entry, block):
                    ours = proposal is not None and proposal["block"] == block
                    changed |= self.want(block, proposal["header"] if ours else None)
        for number, block in (self.valid, self.locked):
            if number != NONE:
                changed |= self.want(block, None)
        return changed

    def rule_decide(self):
        for number, entry in self.mine():
            block = entry.precommit.quorum
            if not block:
                continue
            if self.verdict.get(block) == "invalid" and not self.told_diverged:
                self.told_diverged, self.out.diverged = True, (block, number)
            if self.verdict.get(block) != "valid":
                continue
            self.out.decide = (block, number, sorted(entry.precommit.voters(block)))
            self.step = DECIDED
            return True
        return False

    def rule_propose(self):
        if (self.step != PROPOSE or self.proposed or not self.may_sign or
                self.proposer(self.set, self.height, self.round) != self.member):
            return False
        now = self.at(self.round)
        if now and now.proposal:
            self.proposed = True
            return False
        if self.valid[0] != NONE:
            if self.verdict.get(self.valid[1]) != "valid":
                return False
            block = self.valid[1]
        elif self.built:
            block = self.built
        else:
            if not self.build_asked:
                self.build_asked = True
                self.out.build = max(self.now, self.previous_time + 1)
            return False
        self.sign("R14", {"message": "proposal", "height": self.height, "round": self.round,
                          "valid_round": self.valid[0], "block": block,
                          "header": self.headers.get(block)})
        self.proposed = True
        return True

    def answer(self, rule, block, allowed):
        """Prevotes the block, nil, or nothing yet."""
        if not allowed or self.verdict.get(block) == "invalid":
            self.vote(rule, "prevote", NIL)
        elif self.verdict.get(block) == "valid":
            self.vote(rule, "prevote", block)
        else:
            return False
        return True

    def rule_prevote(self):
        now = self.at(self.round)
        if self.step != PROPOSE or now is None or now.proposal is None:
            return False
        block, valid_round = now.proposal["block"], now.proposal["valid_round"]
        if valid_round == NONE:
            free = self.locked[0] == NONE or self.locked[1] == block
            return self.answer("R18", block, now.timely and free)
        then = self.at(valid_round)
        if then is None or then.prevote.quorum != block:
            return False
        return self.answer("R19", block, self.locked[0] <= valid_round or self.locked[1] == block)

    def rule_lock(self):
        changed = False
        for number, entry in self.mine():
            block = entry.prevote.quorum
            if not block or number > self.round or self.verdict.get(block) != "valid":
                continue
            now = number == self.round
            if now and self.step < PREVOTE:
                continue
            if number > self.valid[0]:
                self.valid, changed = (number, block), True
                self.out.marks.append("R22")
            if now and self.step == PREVOTE:
                self.locked, changed = (number, block), True
                self.vote("R21", "precommit", block)
        if changed:
            self.value_changed()
        return changed

    def rule_precommit_nil(self):
        now = self.at(self.round)
        if self.step != PREVOTE or now is None or now.prevote.quorum != NIL:
            return False
        self.vote("R23", "precommit", NIL)
        return True

    def rule_timers(self):
        now = self.at(self.round)
        if now is None or self.step in (NEW, DECIDED):
            return
        enough = quorum(len(self.set))
        if self.step == PREVOTE and len(now.prevote.first) >= enough and not self.prevote_timer:
            self.prevote_timer = True
            self.timer("R24", "prevote")
        if len(now.precommit.first) >= enough and not self.precommit_timer:
            self.precommit_timer = True
            self.timer("R26", "precommit")

    def run(self):
        while self.step != DECIDED and (
                self.rule_want() or self.rule_decide() or self.rule_propose() or
                self.rule_prevote() or self.rule_lock() or self.rule_precommit_nil()):
            pass
        self.rule_timers()

    # ---- events; each returns the result that the specification asks for ----

    def on_start_height(self, event, _):
        if event["height"] <= self.height:
            return "status", "R35"
        foreseen = event["height"] == self.height + 1 and self.next_set == event["set"]
        self.rounds = {key: value for key, value in self.rounds.items()
                       if foreseen and key[0] == event["height"]}
        self.height, self.set, self.next_set = event["height"], event["set"], event.get("next_set")
        self.previous, self.previous_time = event["previous"], event["previous_time_ms"]
        self.timing = event.get("timing", self.timing)
        resume = event.get("record")
        members = [member for member, _ in self.set]
        self.own = self.member if self.member in members else None
        self.may_sign = (self.own is not None and resume is not None and
                         resume["height"] <= self.height and resume["hold_height"] < self.height)
        self.round, self.step, self.locked, self.valid = 0, NEW, (NONE, NIL), (NONE, NIL)
        self.prevote_timer = self.precommit_timer = False
        self.proposed = self.build_asked = self.told_diverged = False
        self.built, self.verdict, self.headers, self.latest = None, {}, {}, {}
        self.blind = False
        self.record = {"height": self.height, "round": 0, "step": NEW, "locked": (NONE, NIL),
                       "valid": (NONE, NIL), "entry": None}
        for number, entry in self.mine():
            if entry.proposal:
                self.hear(self.proposer(self.set, self.height, number), number)
            for member in set(entry.prevote.first) | set(entry.precommit.first):
                self.hear(member, number)
        if self.may_sign and resume["height"] == self.height:
            self.resume(resume)
        elif self.mine():
            self.follow()
        elif event["work"]:
            self.start_round(0)
        else:
            idle = self.timing["idle_block_ms"]
            wait = min(max(self.previous_time + idle - self.now, 0), idle)
            self.out.timers["idle"] = ("R10", 0, wait)
        self.run()
        return "ok", "R35"

    def resume(self, record):
        self.round, self.step = record["round"], record["step"]
        self.locked = (record["locked_round"], record["locked_block"])
        self.valid = (record["valid_round"], record["valid_block"])
        self.record = {"height": self.height, "round": self.round, "step": self.step,
                       "locked": self.locked, "valid": self.valid, "entry": None}
        for name in SIGNED:
            if name in record:
                self.record[name] = record[name]
        self.persisted = record
        self.unproved = None if record["valid_prevotes"] else self.valid
        kept = []
        if self.valid[0] != NONE:
            kept += [(self.valid[0], "prevote", vote) for vote in record["valid_prevotes"]]
        if self.round > 0:
            kept += [(self.round - 1, "precommit", vote) for vote in record["entry_precommits"]]
        for number, kind, vote in kept:
            box = getattr(self.take(self.height, number), kind)
            member = self.set[vote["index"]][0]
            if member not in box.first:
                box.add(member, vote["block"], len(self.set))
        if record["entry_precommits"]:
            self.record["entry"] = self.at(self.round - 1).precommit
        if self.step == NEW:
            self.start_round(self.round)
            return
        self.proposed = "proposal" in record
        for name in SIGNED:
            if name in record:
                self.out.sends.append(("R35", record[name]))
        if self.step == PROPOSE:
            self.timer("R13", "propose")

    def judge_message(self, event):
        """Result and rule for a message before its signature is looked at; its sender."""
        height, number = event["height"], event["round"]
        early = height == self.height + 1
        if self.height == 0 or not (height == self.height or (early and self.next_set)):
            return "consensus-height", "R1", None
        if number > ROUND_MAX or (early and number >= EARLY_ROUNDS):
            return "consensus-round", "R2", None
        members = self.next_set if early else self.set
        far = not early and number > self.round + FUTURE_ROUNDS
        entry = self.at(number, height)
        if event["message"] == "proposal":
            sender, header = self.proposer(members, height, number), event["header"]
            fresh = event["valid_round"] == NONE
            if not NONE <= event["valid_round"] < number:
                return "consensus-round", "R2", None
            if (header["version"] != HEADER_VERSION or header["height"] != height or
                    header["genesis"] != self.genesis or not 0 <= header["time_ms"] <= TIME_MAX or
                    (fresh and header["proposer"] != sender)):
                return "block-link", "R3", None
            if header["hash"] != event["block"]:
                return "block-form", "R3", None
            known = entry is not None and entry.proposal is not None
        else:
            sender = event["validator"]
            if sender not in [member for member, _ in members]:
                return "certificate-signer", "R4", None
            if event["message"] not in SIGNED:
                return "bad-encoding", "R4", None
            known = entry is not None and getattr(entry, event["message"]).known(
                sender, event["block"], len(members))
        if known or (far and number <= self.latest.get(sender, NONE)):
            return "duplicate", "R5", None
        return "ok", "R5", sender

    def on_message(self, event, actual):
        result, rule, sender = self.judge_message(event)
        if result != "ok":
            return result, rule
        if actual == "bad-signature" and not event["verified"]:
            return actual, "R6"  # the one thing a trace cannot show
        height, number, here = event["height"], event["round"], event["height"] == self.height
        if here and number > self.round + FUTURE_ROUNDS:
            self.hear(sender, number)
            self.follow()
        if here and number > self.round + FUTURE_ROUNDS:
            self.run()
            return "ok", "R5"
        entry = self.take(height, number)
        count = len(self.set if here else self.next_set)
        if event["message"] == "proposal":
            entry.proposal = event
            entry.timely = self.timely(event)
        elif not self.store_vote(getattr(entry, event["message"]), sender, event, count):
            return "duplicate", "R9"
        if here:
            self.hear(sender, number)
            self.follow()
        self.run()
        return "ok", "R5"

    def timely(self, event):
        """R38."""
        arrival = event["received_ms"] if event["received_ms"] > 0 else self.now
        made, precision = event["header"]["time_ms"], self.timing["precision_ms"]
        delay = self.timing["message_delay_ms"] * (event["round"] + 1)
        timely = made - precision <= arrival <= made + delay + precision
        if not timely and event["valid_round"] == NONE:
            self.out.marks.append("R38")
        return timely

    def store_vote(self, box, sender, event, count):
        """R8, R9. Whether it was taken."""
        told = sender in box.first and sender not in box.reported
        if told:
            box.reported.add(sender)
            self.out.evidence = (event, sorted((box.first[sender], event["block"])))
        second = sender in box.first
        added = box.add(sender, event["block"], count)
        if second and added:
            self.out.marks.append("R9")
        return added or told

    def on_built(self, event, _):
        if ((event["height"], event["round"], self.step) != (self.height, self.round, PROPOSE) or
                not self.build_asked or self.built):
            return "status", "R15"
        if not self.header_fits(event["header"]) or event["header"]["proposer"] != self.member:
            return "block-link", "R15"
        self.built = event["header"]["hash"]
        self.verdict[self.built] = "valid"
        self.headers.setdefault(self.built, event["header"])
        self.run()
        return "ok", "R15"

    def on_verdict(self, event, _):
        block = event["block"]
        verdict = self.verdict.get(block)
        if self.step == DECIDED or not (verdict == "asked" or
                                        (verdict == "invalid" and event["valid"])):
            return "status", "R17"
        if not event["valid"]:
            self.verdict[block] = "invalid"
        else:
            if block not in self.headers and event["header"]["hash"] != block:
                return "block-form", "R17"
            self.headers.setdefault(block, event["header"])
            self.verdict[block] = "valid" if self.header_fits(self.headers[block]) else "invalid"
        self.run()
        return "ok", "R17"

    def on_lost(self, event, _):
        if self.step == DECIDED or self.verdict.get(event["block"]) not in ("asked", "valid"):
            return "status", "R17"
        self.verdict[event["block"]] = None
        self.run()
        return "ok", "R17"

    def on_work(self, _event, _):
        if self.height > 0:
            if self.step == NEW:
                self.start_round(0)
            self.run()
        return "ok", "R10"

    def on_timeout(self, event, _):
        kind, rule = event["timer"], {"idle": "R10", "propose": "R20", "prevote": "R25",
                                      "precommit": "R12"}[event["timer"]]
        at = (event["height"], event["round"])
        must(self.pending.get(kind) == at, "R34", f"the {kind} timer of {at} was not set")
        del self.pending[kind]
        if at != (self.height, self.round):
            return "status", rule
        if kind == "idle" and self.step == NEW:
            self.start_round(0)
        elif kind == "propose" and self.step == PROPOSE:
            self.vote(rule, "prevote", NIL)
        elif kind == "prevote" and self.step == PREVOTE and self.prevote_timer:
            self.vote(rule, "precommit", NIL)
        elif (kind == "precommit" and self.precommit_timer and self.step != DECIDED and
              self.round < ROUND_MAX):
            self.start_round(self.round + 1)
        else:
            return "status", rule
        self.run()
        return "ok", rule


# ---- comparing ----

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


# ---- a trace ----

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
