#!/usr/bin/python3
"""What a node does when its disk fails it: see scripts/disk.

    record    a node alone and a network of four run under tests/preload; the list of the calls of a
              block, of an idle block and of the start
    power     power lost after each call, with any part of what was not synced gone (disk.py)
    kill      kill -9 before, within and after each call of a block and of a start
    fault     each call of a block and of a start fails with EIO, ENOSPC, or writes half
    rot       one bit flipped in each sector of each file
    network   power lost for one of four, and for all four at once

A node must start and go on, or refuse with a stable code and a sentence. It never has less than what
somebody was told, never another block at a height, never signs what contradicts what it sent, and
never syncs a file again whose sync failed."""
import argparse
import contextlib
import os
import pathlib
import shutil
import tempfile
import types

import faults
import homes
import network
import power
import record
import rot
import workers
from homes import lib

PORTS = 600  # from the first on
PARTS = ("record", "power", "kill", "fault", "rot", "network")
# Alone: a block only for a transaction, so that each call has its place. Four: as in service, fast.
ALONE = ["--param", "idle_block_ms=3600000"]
FOUR = ["--param", "idle_block_ms=300", "--param", "message_delay_ms=200",
        "--param", "precision_ms=100"]


def main():
    """What the options are for stands in the head of scripts/disk."""
    parser = argparse.ArgumentParser(prog="scripts/disk", usage="see scripts/disk --help",
                                     add_help=False, allow_abbrev=False)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--sample", type=lib.within(int, 1, 1000000), default=1)
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("--base-port", type=lib.within(int, 1024, 65000 - PORTS),
                        default=os.environ.get("BASE_PORT", "23600"))
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--jobs", type=lib.within(int, 1, 16), default=2)
    parser.add_argument("--check-options", action="store_true")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if not options.check_options:
        lib.main(lambda: campaign(options, options.parts or PARTS), limit_s=7200)


def campaign_alone(options, parts, directory, stack):
    net = lib.Network("disk", options.base_port, agencies=1, genesis=ALONE)
    stack.callback(shutil.rmtree, net.directory, True)
    net.make()
    original = record.record_alone(net, directory)
    for name, calls in original.calls.items():
        record.print_calls(name + " of a node alone", calls)
    tables = record.record_tables(net, original, directory, options.base_port + 300) \
        if "power" in parts else None
    pruned = record.record_pruned(net, original, directory, options.base_port + 350) \
        if "power" in parts else None
    sectors = rot.prepare_rot(original, original.folder) if "rot" in parts else []
    context = types.SimpleNamespace(original=original, key=net.key)
    crew = workers.Workers(net.directory, original.folder, directory, options.base_port + 400,
                           options.jobs, context, options.first)
    for part in parts:
        if part == "power":
            power.power(original, crew, options.sample, by_kind=options.kinds)
            power.power(original, crew, options.sample, "explorer", explorer=True)
            power.power(tables, crew, 4 * options.sample, "tables", around=tables.window[0].number)
            power.power(pruned, crew, options.sample, "pruned", around=pruned.around)
        elif part == "kill":
            faults.kill(original, crew, options.sample, options.kinds)
        elif part == "fault":
            faults.fault(original, crew, options.sample, options.kinds)
        elif part == "rot":
            rot.rot(original, crew, sectors, options.sample, options.kinds)
        if crew.failures and options.first:
            break
    lib.check(not crew.failures, f"{len(crew.failures)} failed; see above")


def campaign_four(options, directory, stack):
    net = lib.Network("disk4", options.base_port + 20, agencies=4, genesis=FOUR)
    stack.callback(shutil.rmtree, net.directory, True)
    net.make()
    originals = record.record_four(net)
    record.print_calls("an idle block of one of four",
                       record.calls_of_idle_block(originals[0].entries))
    network.check_memory(originals)
    network.power_of_network(net, originals, directory, max(3, 60 // options.sample))


def leave(directory):
    """Homes on which something failed are worth a look, where DIRCHAIN_KEEP asks for it."""
    if os.environ.get("DIRCHAIN_KEEP"):
        lib.say(f"kept: {directory}")
    else:
        shutil.rmtree(directory, ignore_errors=True)


def ports(options):
    """Of the networks and of the nodes alone, which have three each."""
    base = options.base_port
    networks = [base + kind + i for kind in (0, 100, 200) for i in (0, 1, *range(20, 25))]
    alone = [base + place + i for i in range(3)
             for place in (300, 350, *range(400, 400 + 10 * options.jobs, 10))]
    return networks + alone


def campaign(options, parts):
    lib.ports_free(*ports(options))
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(tempfile.mkdtemp(prefix="dirchain-disk-"))
        stack.callback(leave, directory)
        if set(parts) - {"network"}:
            campaign_alone(options, parts, directory, stack)
        if "network" in parts:
            campaign_four(options, directory, stack)


if __name__ == "__main__":
    main()
