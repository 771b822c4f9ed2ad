"""The faults. Each is drawn from the seed as plain data, begun, kept up, and healed.

    draw(dice, n, taken)   parameters: `targets` are the nodes it hits, none of them in `taken`;
                           None if there are not enough others
    begin, during, heal    what it does; `during` every now and then until it is healed

Rules for the proxy are gathered in run.rules and sent by run.shape; at the heal all of them go.
"""
import random
import signal
import time

import lib

MODES = ("hold", "drop", "reset")
STOPPING = 0.6  # how likely a fault hits so many that the others are no quorum
LASTING_S = (8.0, 20.0)
STUCK_S = 30  # no block, or a node that does not catch up, for so long: the run has failed


def stopping(n):
    """Without so many of n validators there is no quorum, which is more than two thirds."""
    return n - 2 * n // 3


def some(dice, n, taken, most=None):
    """As many of the validators that are not taken as stop the chain, or fewer; at most `most`."""
    free = [i for i in range(1, n + 1) if i not in taken]
    enough = stopping(n)
    count = enough if dice.random() < STOPPING else dice.randint(1, enough - 1)
    return sorted(dice.sample(free, min(count, most or count, len(free)))) if free else None


def stop_the_chain(faults, n):
    """Whether so many are dead, asleep or unplugged that no block can be decided."""
    gone = {i for fault in faults if fault["kind"] in GONE for i in fault["targets"] if i > 0}
    return len(gone) >= stopping(n)


class Fault:
    shortest_s, longest_s = 1.5, 5.0
    lasting = 0  # how likely it lasts for LASTING_S instead: long enough for back-offs to grow

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        targets = some(dice, n, taken, most)
        return targets and {"targets": targets}

    @classmethod
    def lasts_s(cls, dice):
        span = LASTING_S if dice.random() < cls.lasting else (cls.shortest_s, cls.longest_s)
        return round(dice.uniform(*span), 2)

    @staticmethod
    def begin(run, fault):
        """Brings it about."""

    @staticmethod
    def during(run, fault):
        """Again and again."""

    @staticmethod
    def heal(run, fault):
        """Takes it back."""


class Slow(Fault):
    """Distance: delay, jitter, packets that have to be sent again, a narrow line, for all."""

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        return {"targets": [], "delay_ms": dice.randint(5, 120), "jitter_ms": dice.randint(5, 150),
                "stall": dice.choice([0.01, 0.05, 0.1]),
                "rate": dice.choice([0, 0, 100_000, 400_000])}

    @staticmethod
    def begin(run, fault):
        rule = {key: fault[key] for key in ("delay_ms", "jitter_ms", "stall", "rate")}
        run.shape((a, b, rule) for a in run.indexes for b in run.indexes if a != b)


class Resets(Fault):
    """Connections end without warning, one after the other."""

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        return {"targets": [], "seed": dice.randrange(2**32)}

    @staticmethod
    def begin(run, fault):
        fault["dice"] = random.Random(fault["seed"])

    @staticmethod
    def during(run, fault):
        run.ask({"reset": [fault["dice"].sample(run.indexes, 2) for _ in range(3)]})


class HalfOpen(Fault):
    """Nodes lose their connections, and the others are not told. Healed, they are told at last."""
    lasting = 0.25

    @staticmethod
    def begin(run, fault):
        run.ask({"halfopen": [[a, b] for a in fault["targets"] for b in run.indexes if a != b]})


class Partition(Fault):
    """Two or three groups, nothing between them. The center is in one of them, as it happens."""
    longest_s = 7.0
    lasting = 0.25

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        nodes = list(range(n + 1))
        dice.shuffle(nodes)
        groups = dice.choice([2, 2, 2, 3])
        cuts = sorted(dice.sample(range(2, n), groups - 1))
        parts = [sorted(nodes[i:j]) for i, j in zip([0, *cuts], [*cuts, n + 1])]
        return {"targets": [], "parts": parts, "mode": dice.choice(MODES)}

    @staticmethod
    def begin(run, fault):
        side = {i: part for part, nodes in enumerate(fault["parts"]) for i in nodes}
        run.shape((a, b, {"state": fault["mode"]}) for a in side for b in side
                  if side[a] != side[b])


class OneWay(Fault):
    """Nodes that are not heard, or do not hear; the other direction is open."""
    lasting = 0.25

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        targets = some(dice, n, taken, most)
        return targets and {"targets": targets, "mute": dice.random() < 0.5,
                            "mode": dice.choice(("hold", "drop"))}

    @staticmethod
    def begin(run, fault):
        pairs = [(a, b) for a in fault["targets"] for b in run.indexes if b not in fault["targets"]]
        run.shape((a, b, {"state": fault["mode"]}) if fault["mute"] else
                  (b, a, {"state": fault["mode"]}) for a, b in pairs)


class Unplug(Fault):
    """Every packet of a node gets lost, in both directions: TCP itself has to recover."""
    lasting = 0.25

    @staticmethod
    def begin(run, fault):
        for i in fault["targets"]:
            run.network.space.unplug(i)

    @staticmethod
    def heal(run, fault):
        for i in fault["targets"]:
            run.network.space.plug(i)


class Kill(Fault):
    """kill -9, all at once or one after the other; back after a while."""
    shortest_s, longest_s = 0.1, 3.0

    @staticmethod
    def begin(run, fault):
        run.kill(fault["targets"])

    @staticmethod
    def heal(run, fault):
        run.start(fault["targets"])


class Again(Kill):
    """Killed once more while it catches up."""

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        fault = super().draw(dice, n, taken, most)
        return fault and {**fault, "up_s": round(dice.uniform(0.02, 0.5), 2)}

    @staticmethod
    def heal(run, fault):
        run.start(fault["targets"])
        time.sleep(fault["up_s"])
        run.kill(fault["targets"])
        run.start(fault["targets"])


class PowerOff(Kill):
    """All of them."""
    longest_s = 1.5

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        return {"targets": list(range(n + 1))}


class Pause(Fault):
    """SIGSTOP: they keep their connections, and wake into the past."""

    @staticmethod
    def begin(run, fault):
        for i in fault["targets"]:
            run.nodes[i].send(signal.SIGSTOP)

    @staticmethod
    def heal(run, fault):
        for i in fault["targets"]:
            run.nodes[i].send(signal.SIGCONT)


class Skew(Fault):
    """One clock is wrong by more than validators allow each other; mended with a restart."""
    shortest_s, longest_s = 3.0, 7.0

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        targets = some(dice, n, taken, 1)
        return targets and {"targets": targets, "by_ms": dice.choice(
            [dice.randint(1500, 600_000), -dice.randint(1500, 600_000)])}

    @staticmethod
    def begin(run, fault):
        node = run.nodes[fault["targets"][0]]
        if fault["by_ms"] > 0:
            node.advance_clock(fault["by_ms"])
        else:
            run.restart(node.index, run.clock_ms + fault["by_ms"])

    @staticmethod
    def heal(run, fault):
        run.restart(fault["targets"][0], run.clock_ms)


class Equivocate(Fault):
    """One validator, always the same, signs two votes where it should sign one."""
    shortest_s, longest_s = 3.0, 6.0

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        return {"targets": [n]}

    @staticmethod
    def begin(run, fault):
        liar = run.nodes[fault["targets"][0]]
        liar.program = run.equivocating_program
        run.restart(liar.index)

    @staticmethod
    def heal(run, fault):
        liar = run.nodes[fault["targets"][0]]
        liar.program = liar.honest_program
        run.restart(liar.index)

    @staticmethod
    def after(run, fault):
        if run.network.removes_liars:
            liar = run.nodes[fault["targets"][0]]
            lib.until(lambda: not run.network.is_validator(liar.member),
                      "the equivocating validator's removal", STUCK_S)
            run.change_validators("--add", liar.index)


class Membership(Fault):
    """A validator is removed, for the others to go on without it, and added again afterwards."""

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        return {"targets": [dice.randint(1, n - 1)]}

    @staticmethod
    def begin(run, fault):
        run.change_validators("--remove", fault["targets"][0])

    @staticmethod
    def after(run, fault):
        run.change_validators("--add", fault["targets"][0])


class Rotate(Fault):
    """A validator changes its vote key, and must be heard with the new one afterwards."""

    @classmethod
    def draw(cls, dice, n, taken, most=None):
        return {"targets": [dice.randint(1, n - 1)]}

    @staticmethod
    def begin(run, fault):
        node = run.nodes[fault["targets"][0]]
        node.add_vote_key()
        run.restart(node.index)
        run.network.level(STUCK_S)
        node.change_vote_key()
        fault["from"] = node.api.height() + 3  # acts two blocks after the one it is in

    @staticmethod
    def after(run, fault):
        node = run.nodes[fault["targets"][0]]
        lib.until(lambda: node.signs(fault["from"]), f"a vote of {node.folder.name} with its new "
                  "key in a certificate", STUCK_S)


KINDS = {"slow": Slow, "resets": Resets, "halfopen": HalfOpen, "partition": Partition,
         "oneway": OneWay, "unplug": Unplug, "kill": Kill, "again": Again,
         "poweroff": PowerOff, "pause": Pause, "skew": Skew, "equivocate": Equivocate,
         "membership": Membership, "rotate": Rotate}
COMPANIONS = ("slow", "resets", "kill", "pause", "oneway")  # what may come on top of another
GONE = ("unplug", "kill", "again", "poweroff", "pause")  # nothing is heard of whom they hit
TWICE = (*GONE, "partition", "oneway")  # these can stop the chain
ALONE = ("poweroff",)  # leaves nobody to whom more could happen


def draw(dice, kind, n, taken=(), most=None):
    fault = KINDS[kind].draw(dice, n, taken, most)
    return fault and {"kind": kind, **fault}


def plan(dice, kinds, n, steps):
    """`steps` of them: every kind once, those that can stop the chain twice, before all come again
    in another order."""
    deck, result = [], []
    while len(result) < steps:
        if not deck:
            more = [kind for kind in kinds if kind in TWICE]
            deck = dice.sample([*kinds, *more], len(kinds) + len(more))
        kind = deck.pop()
        faults = [draw(dice, kind, n)]
        companions = [name for name in COMPANIONS if name in kinds and name != kind]
        if kind not in ALONE and companions and dice.random() < 0.4:
            more = draw(dice, dice.choice(companions), n, faults[0]["targets"], 1)
            faults += [{**more, "after_s": round(dice.uniform(0, 0.8), 2)}] if more else []
        result.append({"calm_s": round(dice.uniform(0.3, 1.2), 2), "faults": faults,
                       "lasts_s": KINDS[kind].lasts_s(dice)})
    return result


def tell(fault):
    """One fault in words for the schedule."""
    details = " ".join(f"{key}={value}" for key, value in fault.items()
                       if key not in ("kind", "seed", "dice", "from") and value != [])
    return f"{fault['kind']}({details})"
