#!/usr/bin/env python3
"""A slice of scripts/disk: power lost, kills, faults of the disk and rot, of a node alone and of four.
Of each family of files and of each kind of call one is tried at least. What it demands stands in
tests/crash/campaign.py."""
import os
import pathlib
import sys

CAMPAIGN = pathlib.Path(__file__).resolve().parents[1] / "crash/campaign.py"
os.execv(sys.executable, [sys.executable, str(CAMPAIGN), "--kinds", "--sample", "150"])
