"""Restarts on a chain that is long already: tests/e2e/test_crash.py with blocks before its first
crash, a short slice of `scripts/crash 100 --blocks 100000`.
"""
import os

os.environ.setdefault("DIRCHAIN_CRASH_CYCLES", "3")
os.environ.setdefault("DIRCHAIN_CRASH_BLOCKS", "5000")

import lib  # noqa: E402  pylint: disable=wrong-import-position
import test_crash  # noqa: E402  pylint: disable=wrong-import-position

if __name__ == "__main__":
    lib.main(test_crash.test, 240)
