"""Real validators, real processes, real faults. See README.md beside this file.

Runs inside the namespaces that scripts/chaos makes, as their first process: when it ends, however,
the kernel ends what it has started.
"""
import argparse
import json
import os
import pathlib
import random
import secrets
import shutil
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

import faults as faults_of  # noqa: E402  pylint: disable=wrong-import-position
import lib  # noqa: E402  pylint: disable=wrong-import-position
import network as network_of  # noqa: E402  pylint: disable=wrong-import-position
import safety  # noqa: E402  pylint: disable=wrong-import-position
import verdict  # noqa: E402  pylint: disable=wrong-import-position
from faults import STUCK_S  # noqa: E402  pylint: disable=wrong-import-position
from lib import check, say  # noqa: E402  pylint: disable=wrong-import-position
from load import Load  # noqa: E402  pylint: disable=wrong-import-position

TICK_S = 0.25
TOO_SHORT = 4  # the exit of a run that saw less than it should
FILES_MAX = 400  # open in one node
HALT_S = 1.5  # nothing decided for so long before the heal: the chain had stopped
HALTS_A_MINUTE = 3  # or a run takes longer than asked for, up to half as long again


class Run:
    def __init__(self, options):
        self.options = options
        self.directory = lib.ROOT / "build/chaos" / f"run-{options.seed}"
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self.network = network_of.Network(self.directory, options.validators, options.seed)
        self.equivocating_program = lib.BIN / "dirchaind-equivocating"
        self.clock_ms = network_of.CLOCK_MS
        self.indexes = list(range(options.validators + 1))
        self.load = None
        self.rules = {}
        self.counts = dict.fromkeys(options.faults, 0)
        self.halts, self.others, self.acks = [], [], []  # seconds from the heal
        self.height = 0  # the highest that any node has told
        self.recorded = []  # votes of safety records, as they were found
        self.resources = {}
        self.log = open(self.directory / "run.log", "w", encoding="utf-8", buffering=1)

    @property
    def nodes(self):
        return self.network.nodes

    @property
    def names(self):
        return {node.index: node.folder.name for node in self.nodes}

    # ---- what faults use ----

    def ask(self, command):
        return self.network.proxy.ask(command)

    def shape(self, rules):
        """Adds to what the proxy does; fields of several faults come together."""
        for a, b, fields in rules:
            self.rules.setdefault((a, b), {}).update(fields)
        self.ask({"rules": [[a, b, fields] for (a, b), fields in self.rules.items()]})

    def kill(self, indexes):
        for i in indexes:
            self.nodes[i].send(signal.SIGKILL)
        for i in indexes:
            self.nodes[i].kill()
            self.record(self.nodes[i])

    def start(self, indexes):
        for i in indexes:
            self.nodes[i].start()

    def restart(self, i, clock_ms=None):
        self.kill([i])
        if clock_ms is not None:
            self.nodes[i].set_clock(clock_ms)
        self.nodes[i].start()

    def record(self, node):
        """What the node has promised by the records that it left behind, one for each key."""
        for path in (node.folder / "data").glob("safety*"):
            self.recorded += safety.votes(path)

    def change_validators(self, verb, i):
        """The center's word, by way of another validator's node, which sees them all; asked again
        while the preflight sees somebody still on the way."""
        center, member = self.network.center, self.nodes[i].member
        asked = self.nodes[1 + i % self.options.validators].url
        end = time.monotonic() + STUCK_S
        while True:
            said = center.cli("admin", "validator", "change", verb, member, "--reason", "演练",
                              "--node", asked, "--json", status=None)
            if '"txid"' in said:
                return
            check(time.monotonic() < end, f"validator change {verb} {member}: {said}")
            time.sleep(0.5)

    # ---- one step of the schedule ----

    def note(self, text):
        line = f"{time.monotonic() - lib.STARTED:6.1f} s  {text}"
        self.log.write(line + "\n")
        if not sys.stdout.isatty():
            print(line, flush=True)

    def tell(self, text):
        """A line of the result."""
        if sys.stdout.isatty():
            print("\r\033[K", end="")
        print(text, flush=True)
        self.log.write(text + "\n")

    def progress(self, text, share):
        if sys.stdout.isatty():
            bar = "#" * int(30 * share)
            print(f"\r\033[K[{bar:<30}] {100 * share:3.0f}%  {text}", end="", flush=True)

    def step(self, number, plan):
        time.sleep(plan["calm_s"])
        self.network.running()
        for fault in plan["faults"]:
            time.sleep(fault.get("after_s", 0))
            faults_of.KINDS[fault["kind"]].begin(self, fault)
        moved = time.monotonic()
        end = moved + plan["lasts_s"]
        while time.monotonic() < end:
            for fault in plan["faults"]:
                faults_of.KINDS[fault["kind"]].during(self, fault)
            if self.look(plan["faults"]):
                moved = time.monotonic()
            time.sleep(TICK_S)
        self.look(plan["faults"])
        halted = time.monotonic() - moved > HALT_S or faults_of.stop_the_chain(
            plan["faults"], self.options.validators)
        self.heal(number, plan, halted)

    def look(self, faults):
        """Asks the nodes that can answer for their heights; whether there is a new block."""
        deaf = {i for fault in faults if fault["kind"] in ("pause", "unplug")
                for i in fault["targets"]}
        before = self.height
        self.height = max([before, *(node.api.height() or 0 for node in self.nodes
                                     if node.pid is not None and node.index not in deaf)])
        return self.height > before

    def heal(self, number, plan, halted):
        kinds = [faults_of.KINDS[fault["kind"]] for fault in plan["faults"]]
        for kind, fault in zip(kinds, plan["faults"]):
            kind.heal(self, fault)
        self.rules.clear()
        self.ask({"rules": [[a, b, {}] for a in self.indexes for b in self.indexes if a != b]})
        healed = time.monotonic()
        took = self.network.wait_new_block(healed, STUCK_S)
        check(took is not None, f"no block within {STUCK_S} s after the heal of step {number}")
        lib.until(lambda: self.load.last_ack > healed, "an acknowledgement after the heal", STUCK_S)
        ack = self.load.last_ack - healed
        self.height = self.network.level(STUCK_S)
        level = time.monotonic() - healed
        for kind, fault in zip(kinds, plan["faults"]):
            if hasattr(kind, "after"):
                kind.after(self, fault)
            self.counts[fault["kind"]] += 1
        (self.halts if halted else self.others).append(took)
        self.acks.append(ack)
        self.sample()
        self.note(f"step {number}: {' '.join(map(faults_of.tell, plan['faults']))} "
                  f"for {plan['lasts_s']} s{', halted' if halted else ''}: first block after "
                  f"{took:.2f} s, acknowledgement {ack:.2f} s, all level {level:.2f} s; "
                  f"height {self.height}, {self.load.counts['ack']} acknowledged")

    def sample(self):
        for node in self.network.running():
            kib, files = node.resources()
            most = self.resources.setdefault(node.index, [kib, kib, files, files])
            most[1], most[3] = max(most[1], kib), max(most[3], files)
            check(files <= FILES_MAX, f"{node.folder.name} has {files} files open")

    # ---- all of it ----

    def prepare(self):
        self.network.make().start()
        keys = [node.new_key("load", "compile") for node in self.network.validators[:4]]
        if self.options.program is not None:
            self.exchange_program(self.options.program)
        self.load = Load(self.nodes, keys, self.directory / "outcomes")

    def exchange_program(self, program):
        """All nodes go on with another one."""
        self.kill(self.indexes)
        for node in self.nodes:
            node.honest_program = node.program = program
            node.start()
        check(self.network.wait_new_block(time.monotonic(), STUCK_S) is not None,
              f"no block within {STUCK_S} s after the start of {program}")

    def torment(self):
        """The schedule, until the time is up."""
        options, steps = self.options, self.options.schedule
        if steps is None:
            steps = faults_of.plan(random.Random(options.seed), options.faults, options.validators,
                                   options.steps or int(120 * options.minutes) + 1)
        (self.directory / "schedule").write_text(
            "".join(json.dumps(step) + "\n" for step in steps))
        begun = time.monotonic()
        until = begun + 60 * options.minutes
        latest = begun + 90 * options.minutes
        for number, step in enumerate(steps, 1):
            counted = bool(options.steps or options.schedule)
            enough = len(self.halts) >= self.halts_wanted
            if not counted and time.monotonic() >= (until if enough else latest):
                break
            share = number / len(steps) if counted else min(1, (time.monotonic() - begun) / (
                until - begun))
            self.progress(f"step {number}: {', '.join(f['kind'] for f in step['faults'])}; "
                          f"{self.load.counts['ack']} acknowledged", share)
            self.step(number, step)

    def run(self):
        shortage = None
        try:
            self.prepare()
            self.torment()
            verdict.judge(self)
        except verdict.TooShort as short:
            shortage = short
        except lib.Failed as failure:
            self.failed(str(failure))
            verdict.look_after_failure(self)
            return 1
        except Interrupted as signalled:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.tell("interrupted")
            return 128 + signalled.args[0]
        finally:
            if self.load is not None:
                self.load.ending.set()
            self.network.close()
        self.leave_logs()
        if shortage is not None:
            self.tell(f"too little happened, though nothing of it was wrong: {shortage}")
            return TOO_SHORT
        self.tell(f"ok: seed {self.options.seed}, logs in {self.directory}")
        return 0

    def leave_logs(self):
        """No ledgers and no keys stay where nothing has failed."""
        for node in self.nodes:
            for path in node.folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != "log":
                    path.unlink()

    def failed(self, text):
        self.tell(f"FAILED: {text}")
        self.tell(f"seed {self.options.seed}; logs, schedule, outcomes and ledgers in "
                  f"{self.directory}")
        seed = [] if "--seed" in sys.argv else ["--seed", str(self.options.seed)]
        self.tell(f"again: scripts/chaos {' '.join(sys.argv[1:] + seed)}")

    @property
    def halts_wanted(self):
        """A run of some length has some, or its p99 would say nothing."""
        options = self.options
        chosen = options.steps or options.schedule or set(faults_of.TWICE) - set(options.faults)
        return 0 if chosen else int(HALTS_A_MINUTE * options.minutes)

    @property
    def liar(self):
        """The validator that is made to equivocate, if one is."""
        return self.nodes[-1].member if "equivocate" in self.options.faults else None



class Interrupted(BaseException):
    """By a signal, which is its argument."""


def interrupt(number, _):
    """Once; what comes after it does not disturb the end."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(number)


# ---- the command line ----

def schedule_of(text):
    """The steps of a file as a run leaves it."""
    try:
        lines = pathlib.Path(text).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as failure:
        raise argparse.ArgumentTypeError(f"'{text}' cannot be read: {failure}") from failure
    steps = []
    for number, line in enumerate(lines, 1):
        try:
            step = json.loads(line)
            float(step["calm_s"]), float(step["lasts_s"])
            for fault in step["faults"]:
                faults_of.KINDS[fault["kind"]], list(map(int, fault["targets"]))
        except (ValueError, KeyError, TypeError) as failure:
            raise argparse.ArgumentTypeError(f"'{text}', line {number} is no step: "
                                             f"{failure!r}") from failure
        steps.append(step)
    if not steps:
        raise argparse.ArgumentTypeError(f"'{text}' has no steps")
    return steps


def kinds_of(text):
    kinds = text.split(",")
    unknown = sorted(set(kinds) - faults_of.KINDS.keys())
    if unknown:
        raise argparse.ArgumentTypeError(f"no such fault: {', '.join(unknown)}; there are "
                                         f"{', '.join(faults_of.KINDS)}")
    return kinds


def options_of(arguments):
    """What each is for stands in the head of scripts/chaos."""
    parser = argparse.ArgumentParser(prog="scripts/chaos", usage="see scripts/chaos --help",
                                     add_help=False, allow_abbrev=False)
    parser.add_argument("--minutes", type=lib.within(float, 0.1, 10000), default=10)
    parser.add_argument("--steps", type=lib.within(int, 1, 100000))
    parser.add_argument("--schedule", type=schedule_of)
    parser.add_argument("--seed", type=lib.within(int, 0, 2**32 - 1))
    parser.add_argument("--validators", type=lib.within(int, 4, 10), default=7)
    parser.add_argument("--faults", type=kinds_of, default=list(faults_of.KINDS))
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("--check-options", action="store_true")
    options = parser.parse_args(arguments)
    program = options.program
    if program and not (program.is_file() and os.access(program, os.X_OK)):
        parser.error(f"argument --program: '{program}' is no program")
    if options.schedule:
        options.faults = sorted({fault["kind"] for step in options.schedule
                                 for fault in step["faults"]})
        beyond = {i for step in options.schedule for fault in step["faults"]
                  for i in fault["targets"] if not 0 <= i <= options.validators}
        if beyond:
            parser.error(f"argument --schedule: there is no node {min(beyond)}, with "
                         f"{options.validators} validators")
    if options.seed is None:
        options.seed = secrets.randbelow(2**32)
    return options


def main():
    options = options_of(sys.argv[1:])
    if options.check_options:
        return
    for number in (signal.SIGINT, signal.SIGTERM):  # the first process of a namespace ignores them
        signal.signal(number, interrupt)
    steps = len(options.schedule) if options.schedule else options.steps
    say(f"{options.validators} validators and the center, "
        f"{f'{steps} steps' if steps else f'{options.minutes:g} min'}; seed {options.seed}")
    sys.exit(Run(options).run())


if __name__ == "__main__":
    main()
