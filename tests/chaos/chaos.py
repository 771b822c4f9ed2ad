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
FILES_MAX = 400  # open in one node
HALT_S = 1.5  # nothing decided for so long before the heal: the chain had stopped


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
        self.heals, self.acks = [], []
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
        """The center's word; asked again while the preflight sees somebody still on the way."""
        center, member = self.network.center, self.nodes[i].member
        end = time.monotonic() + STUCK_S
        while True:
            said = center.cli("admin", "validator", "change", verb, member, "--reason", "演练",
                              "--json", status=None)
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

    def step(self, number, plan, until):
        time.sleep(min(plan["calm_s"], max(0, until - time.monotonic())))
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
        self.heal(number, plan, time.monotonic() - moved > HALT_S)

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
        self.heals.append((took, halted))
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
        if "packets" in self.options.faults and \
                not self.network.space.lossy(1, faults_of.Packets.RULES):
            say("skipped: packets (this kernel has no tc netem)")
            self.options.faults.remove("packets")
            del self.counts["packets"]
        elif "packets" in self.options.faults:
            self.network.space.lossy(1, None)
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
        for number, step in enumerate(steps, 1):
            counted = bool(options.steps or options.schedule)
            if time.monotonic() >= until and not counted:
                break
            share = number / len(steps) if counted else (time.monotonic() - begun) / (
                until - begun)
            self.progress(f"step {number}: {', '.join(f['kind'] for f in step['faults'])}; "
                          f"{self.load.counts['ack']} acknowledged", share)
            self.step(number, step, until)

    def run(self):
        try:
            self.prepare()
            self.torment()
            verdict.judge(self)
        except lib.Failed as failure:
            self.failed(str(failure))
            verdict.look_after_failure(self)
            return 1
        except KeyboardInterrupt:
            self.tell("interrupted")
            return 130
        finally:
            if self.load is not None:
                self.load.ending.set()
            self.network.close()
        for node in self.nodes:
            shutil.rmtree(node.folder / "data", ignore_errors=True)
        self.tell(f"ok: seed {self.options.seed}, logs in {self.directory}")
        return 0

    def failed(self, text):
        self.tell(f"FAILED: {text}")
        self.tell(f"seed {self.options.seed}; logs, schedule, outcomes and ledgers in "
                  f"{self.directory}")
        self.tell(f"again: scripts/chaos {' '.join(sys.argv[1:])} --seed {self.options.seed}")

    @property
    def liar(self):
        """The validator that is made to equivocate, if one is."""
        return self.nodes[-1].member if "equivocate" in self.options.faults else None



def options_of(arguments):
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--steps", type=int, help="so many steps of the schedule, instead of "
                        "minutes")
    parser.add_argument("--schedule", type=pathlib.Path, help="a file as a run leaves it, a line "
                        "for each step, instead of what the seed draws")
    parser.add_argument("--seed", type=int, help="of the schedule; random, and printed")
    parser.add_argument("--validators", type=int, default=7, choices=range(4, 11))
    parser.add_argument("--faults", type=lambda text: text.split(","),
                        default=list(faults_of.KINDS),
                        help="which, by comma: " + ", ".join(faults_of.KINDS))
    parser.add_argument("--program", type=pathlib.Path,
                        help="another dirchaind, to see the checker fail")
    options = parser.parse_args(arguments)
    unknown = set(options.faults) - faults_of.KINDS.keys()
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    if options.schedule:
        options.schedule = [json.loads(line) for line in options.schedule.read_text().splitlines()]
        options.faults = sorted({fault["kind"] for step in options.schedule
                                 for fault in step["faults"]})
    if options.seed is None:
        options.seed = secrets.randbelow(2**32)
    return options


def main():
    def on_signal(*_):
        raise KeyboardInterrupt
    for number in (signal.SIGINT, signal.SIGTERM):  # the first process of a namespace ignores them
        signal.signal(number, on_signal)
    options = options_of(sys.argv[1:])
    steps = len(options.schedule) if options.schedule else options.steps
    say(f"{options.validators} validators and the center, "
        f"{f'{steps} steps' if steps else f'{options.minutes:g} min'}; seed {options.seed}")
    sys.exit(Run(options).run())


if __name__ == "__main__":
    main()
