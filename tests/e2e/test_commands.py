"""Every command of the command line is typed by a test, and its help can be read.

The help of `dirchain` and of each family says which commands there are. One that no program of the
tests types is named here; so is an option that stands twice in one help, of which only one could act.
"""
import re
import subprocess

import columns
import lib
from lib import BIN, check, say

TESTS = [path for folder in ("tests/e2e", "tests/crash", "tests/chaos", "scripts")
         for path in sorted((lib.ROOT / folder).rglob("*"))
         if path.is_file() and path.name != "test_commands.py" and path.suffix != ".pyc"]


def tests():
    """What is typed, as "family command": in shells behind the tool, in Python as arguments."""
    texts = {path: path.read_text(errors="replace") for path in TESTS}
    shell = "\n".join(re.sub(r"(?m)^ *#.*$", "", text.replace("\\\n", " "))
                      for path, text in texts.items() if path.suffix != ".py")
    # `move` of test_cli.sh stands for a family
    shell = re.sub(r"\bmove (?=[a-z])", "dirchain transfer ", shell)
    python = "\n".join(text for path, text in texts.items() if path.suffix == ".py")
    behind = re.findall(r"(?:dirchain\"?|DIRCHAIN\"?|\bas \S+) +([a-z]+(?: +[a-z-]+){0,2})", shell)
    arguments = re.findall(
        r"(?=\"([a-z]+)\"(?:,\s*\"([a-z-]+)\")?(?:,\s*\"([a-z-]+)\")?)", python)
    words = [line.split() for line in behind] + [[*filter(None, line)] for line in arguments]
    return {" ".join(line[:count]) for line in words for count in (1, 2, 3)}


def helped(*words):
    done = subprocess.run([BIN / "dirchain", *words, "--help"], capture_output=True, text=True,
                          timeout=20, check=False)
    check(done.returncode == 0, f"dirchain {' '.join(words)} --help ends with {done.returncode}")
    wide = columns.too_wide(done.stdout)
    check(wide is None, f"dirchain {' '.join(words)} --help: {wide}")
    return done.stdout


def named(text):
    """What a help lists: a name of one or two words before what it is in Chinese."""
    return re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +[^\x00-\x7f]", text, re.MULTILINE)


def test():
    typed = tests()
    families = named(helped())
    check(len(families) > 30, f"families: {families}")
    count, missing = 0, []
    for family in families:
        commands = [command for command in named(helped(family)) if command != family]
        for command in commands or [""]:
            said = helped(family, *command.split())
            options = re.findall(r"^  (--[a-z.-]+)", said, re.MULTILINE)
            twice = {option for option in options if options.count(option) > 1}
            check(not twice, f"dirchain {family} {command} has {twice} twice")
            count += 1
            if " ".join([family, *command.split()]) not in typed:
                missing.append(f"{family} {command}")
    check(not missing, f"typed by no test: {missing}")
    say(f"{len(families)} families, {count} commands, each typed by a test")


if __name__ == "__main__":
    lib.main(test, 120)
