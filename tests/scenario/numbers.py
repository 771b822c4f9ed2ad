#!/usr/bin/python3
"""Whether the scenarios notice what a profile says.

    numbers.py PLAYER SOURCES PROFILE

Plays the profile's scenario with one thing changed, each in turn: a number one unit higher and one lower,
a yes for a no, a section left out. The scenario, whose dates were worked out by hand from the document,
must stop at one of its steps. ELSEWHERE is what rows of tests/rules look at instead.
"""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile

UNITS = ("days", "calendar_days", "months", "years")
# Cycles of updates: rules.C6_refresh; how often data is used: rules.D1_frequency; the longest grant:
# rules.D10_expiry; another mode than the interface: rules.D3_mode; an application that is not in order:
# rules.D4_refusal_needs_law. Technical: how long an access stays open, warnings, double votes.
ELSEWHERE = re.compile(
    r"^(refresh\.(daily|weekly|quarterly|yearly)|frequency|modes|refusal\.not_in_order_exempt|grant|access"
    r"|warnings|equivocation)\b"
)


def changes(section, path=""):
    """(path, key, new value or None to leave it out, containers) of every change."""
    for key, value in section.items():
        here = f"{path}{key}"
        if isinstance(value, dict):
            yield here, None
            yield from changes(value, f"{here}.")
        elif isinstance(value, bool):
            yield here, not value
        elif key in UNITS:
            yield here, value + 1
            if value > (key != "days"):
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


def play(player, scenario, profile, folder):
    """Exit status and words of the player."""
    at = os.path.join(folder, "profile.json")
    with open(at, "w", encoding="utf-8") as file:
        json.dump(profile, file, ensure_ascii=False)
    text = os.path.join(folder, "changed.scenario")
    with open(text, "w", encoding="utf-8") as file:
        file.write(re.sub(r"^政策 .*$", f"政策 {at}", scenario, count=1, flags=re.M))
    done = subprocess.run(
        [player, text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def read(path):
    """The text of a file."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def main():
    """Tries them all."""
    player, sources, name = sys.argv[1:]
    scenario = read(f"{sources}/tests/e2e/{name}.scenario")
    path = f"{sources}/samples/profiles/{name}.json"
    if not os.path.exists(path):
        path = f"{sources}/tests/rules/profile_{name}.json"
    profile = json.loads(read(path))
    tried = missed = needed = 0
    with tempfile.TemporaryDirectory() as folder:
        status, said = play(player, scenario, profile, folder)
        if status != 0:
            sys.exit(f"{name}: fails as it is:\n{said}")
        for where, value in changes(profile):
            if ELSEWHERE.match(where):
                continue
            status, said = play(player, scenario, changed(profile, where, value), folder)
            if "genesis: " in said:  # no profile is without it
                needed += 1
                continue
            tried += 1
            if status == 0 or not re.search(r"scenario:\d+: ", said):
                missed += 1
                print(f"{name}: {where} → {value} is not noticed: {said}")
    print(f"{name}: {tried} changes, {missed} not noticed, {needed} that no profile can have")
    sys.exit(missed > 0 or tried == 0)


main()
