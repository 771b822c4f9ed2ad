"""What the rules of docs/spec/consensus.md are told with: numbers of votes, the votes of a round, what
a step has to do, and how a rule that is broken is named."""

NIL, NONE = "", -1


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
