"""Whether what the command-line tool tells fits 80 columns, a Chinese character being two.

    columns.py FILE…      judges what was kept of each command; exit code 1 names the lines

A line of one word alone may be longer: a path, an address, a digest that is to be copied whole.
What is for machines (one JSON document, or one a line) is not judged.
"""
import sys
import unicodedata

COLUMNS = 80


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


def too_wide(text):
    """The first line that does not fit; None if all do."""
    if text.lstrip()[:1] in ("{", "["):
        return None
    for line in text.splitlines():
        if width(line) > COLUMNS and len(line.split()) > 1:
            return f"{width(line)} columns: {line}"
    return None


def judge(paths):
    found = 0
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as source:
            line = too_wide(source.read())
        if line is not None:
            print(line)
            found += 1
    return found


if __name__ == "__main__":
    sys.exit(1 if judge(sys.argv[1:]) else 0)
