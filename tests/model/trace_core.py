"""The rules of docs/spec/consensus.md (R1 ... R38) as a state machine of its own: from each event of
a trace it works out what the specification wants done. No code is shared with the node."""

from trace_votes import NIL, NONE, Round, Wanted, must, quorum, skip

NEW, PROPOSE, PREVOTE, PRECOMMIT, DECIDED = range(5)
ROUND_MAX = 100000
FUTURE_ROUNDS = 8   # rounds ahead whose votes are kept
EARLY_ROUNDS = 2    # rounds of the next height that are kept
ROUNDS_KEPT = 64
EXECUTES_MAX = 8    # asked for in one step
TIME_MAX = 2 ** 53 - 1
HEADER_VERSION = 1
SIGNED = ("proposal", "prevote", "precommit")


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
        kept = self.round + FUTURE_ROUNDS
        far = not early and number > kept
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
        if known or (far and self.latest.get(sender, NONE) > kept):
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
