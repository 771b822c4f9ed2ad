#!/usr/bin/python3
"""Whether the scenarios and the rules' rows notice what a profile says.

    numbers.py PLAYER ROWS SOURCES PROFILE

Plays the profile's scenario with one thing changed, each in turn: a number one unit higher and one lower,
a yes for a no, a section left out. The scenario, whose dates were worked out by hand from the document,
must stop at one of its steps; for what no scenario comes to, one of the rows that LOOKED_AT names must fail.
ROWS is the folder of the rows' programs.
"""
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

# The least that a profile may say of a number; of others one.
LEAST = {"open_ms": 1000}
# What rows of tests/rules look at: the cycles of updates, how often data is used, an application that is not
# in order, the longest grant, how long an access stays open, warnings.
LOOKED_AT = (
    (r"refresh\.", "rows_upkeep", ("C6_refresh",)),
    (r"frequency\b", "rows_disuse", ("D11_reason_on_record",)),
    (r"refusal\.not_in_order_exempt", "rows_requests",
     ("D4_refusal_needs_law", "D4_refusal_needs_reason", "D4_all_reasons")),
    (r"grant\.days_max", "rows_use", ("D10_longest",)),
    (r"access\.open_ms", "rows_use", ("D10_opened_for",)),
    (r"warnings\b", "rows_terms", ("D14_warned",)),
)


def looked_at_elsewhere(profile, where):
    """What comes of a double vote is in tests/unit; where reasons are all that a refusal needs, whether a
    request that is not in order may be refused for that makes no difference."""
    reasons = profile["refusal"]["grounds"] == "reason"
    return re.match(r"equivocation\b", where) or (reasons and where == "refusal.not_in_order_exempt")


def changes(section, path=""):
    """(path, new value or None to leave it out) of every change."""
    for key, value in section.items():
        here = f"{path}{key}"
        if isinstance(value, dict):
            yield here, None
            yield from changes(value, f"{here}.")
        elif isinstance(value, bool):
            yield here, not value
        elif isinstance(value, int):
            yield here, value + 1
            if value > LEAST.get(key, 1):
                yield here, value - 1


def changed(profile, path, value):
    """A copy of the profile with the value there; None takes it away."""
    profile = copy.deepcopy(profile)
    section = profile
    *above, key = path.split(".")
    for name in above:
        section = section[name]
    if value is None:
        del section[key]
    else:
        section[key] = value
    return profile


def run(*command, **environment):
    """Exit status and words of a program."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout


def play(player, scenario, profile, folder):
    """Exit status and words of the player."""
    at = os.path.join(folder, "changed.json")
    write(at, profile)
    text = os.path.join(folder, "changed.scenario")
    with open(text, "w", encoding="utf-8") as file:
        file.write(re.sub(r"^政策 .*$", f"政策 {at}", scenario, count=1, flags=re.M))
    return run(player, text)


def rows_notice(programs, where, name, profile, folder):
    """Whether a row that looks at that fails under the changed profile."""
    write(os.path.join(folder, f"{name}.json"), profile)
    for looked_at, program, rows in LOOKED_AT:
        for row in rows if re.match(looked_at, where) else ():
            status, said = run(os.path.join(programs, program), row, DIRCHAIN_PROFILES=folder)
            if status != 0 and "[  FAILED  ]" in said:
                return True
    return False


def read(path):
    """The text of a file."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, profile):
    """A profile into a file."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(profile, file, ensure_ascii=False)


def main():
    """Tries them all."""
    player, programs, sources, name = sys.argv[1:]
    scenario = read(f"{sources}/tests/e2e/{name}.scenario")
    samples = f"{sources}/samples/profiles"
    path = f"{samples}/{name}.json"
    sample = os.path.exists(path)  # rows play no other profiles
    profile = json.loads(read(path if sample else f"{sources}/tests/rules/profile_{name}.json"))
    tried = by_rows = missed = needed = 0
    with tempfile.TemporaryDirectory() as folder:
        status, said = play(player, scenario, profile, folder)
        if status != 0:
            sys.exit(f"{name}: fails as it is:\n{said}")
        for of_rows in os.listdir(samples):
            shutil.copy(f"{samples}/{of_rows}", folder)
        for where, value in changes(profile):
            if looked_at_elsewhere(profile, where):
                continue
            other = changed(profile, where, value)
            if sample and rows_notice(programs, where, name, other, folder):
                tried, by_rows = tried + 1, by_rows + 1
                continue
            status, said = play(player, scenario, other, folder)
            if "genesis: " in said:  # no profile is without it
                needed += 1
                continue
            if not sample and any(re.match(looked_at, where) for looked_at, _, _ in LOOKED_AT):
                continue
            tried += 1
            if status == 0 or not re.search(r"scenario:\d+: ", said):
                missed += 1
                print(f"{name}: {where} → {value} is not noticed: {said}")
    print(
        f"{name}: {tried} changes, {by_rows} of them noticed by rows, {missed} not noticed,"
        f" {needed} that no profile can have"
    )
    sys.exit(missed > 0 or tried == 0)


main()
