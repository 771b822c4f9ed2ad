"""Kill -9, EIO, ENOSPC and half writes at each call of a running process."""
import contextlib
import os
import secrets
import shutil

import disk
import homes
import journal
import kinds
import words
from homes import Failed, Refused, lib
from judge import judge_start
from record import data_of


def words_of(slot, member):
    said = words.Words(member, [member])
    entries = journal.read(slot.home / "journal", data_of(slot.home))
    for entry in entries:
        said.follow(entry)
    return entries, said


def provoke(slot, base, countdown, fault, key, first, scope="ledger"):
    """Runs a node until the fault meets one of its calls: of the start or of a block. Returns its exit
    status (None: it went on, and was stopped) and what it said."""
    shutil.copytree(base, slot.home / "data")
    control = homes.Control(slot.home / "control")
    if first:
        control.arm(countdown, fault, scope)
    with homes.Running(slot.home, slot.base, True, control) as running:
        with contextlib.suppress(Refused, Failed):
            running.wait_height(0)
            if not first:
                control.arm(countdown, fault, scope)
            running.submit(key.sign("duty.publish", lib.duty("F-" + secrets.token_hex(6))))
        status = running.wait_end(0 if control.fired == 0 else 2)
        if status is None:
            with contextlib.suppress(Refused):
                running.stop()
        return running.process.returncode, status is None, running


def chain_of(original, base):
    """What was told before, and the height: of a home as it was made, nothing."""
    return (original.hashes, original.height) if base == original.base else ({}, 0)


def try_kill(slot, context, base, countdown, fault, first):
    original, key = context.original, context.key
    status, _, _ = provoke(slot, base, countdown, fault, key, first)
    if status != -9:
        raise Failed(f"was to be killed at call {countdown}, and ended with {status}")
    _, said = words_of(slot, original.member)
    hashes, height = chain_of(original, base)
    told = {**hashes, **said.told}
    least = max(said.height, height)
    outcome = judge_start(slot, told, least, key)
    if outcome != "went on":
        raise Failed(f"a process that was killed makes the next one refuse to start: {outcome}")
    return outcome


def provocations(original, faults):
    """(label, base, countdown, fault, first, call) for each call of a first start, a start and a
    block."""
    for where, first, base in (("the first start", True, original.start),
                               ("a start", True, original.base), ("a block", False, original.base)):
        for countdown, entry in enumerate(original.calls[where], 1):
            for fault in faults:
                if fault in ("short", "kill-within") and entry.op != journal.WRITE:
                    continue
                yield f"{fault} at call {countdown} of {where}", base, countdown, fault, first, entry


def thinned(tasks, sample):
    """Every sample-th; of those of a block, which matter most, ten times as many."""
    block = [task for task in tasks if task[0].endswith("of a block")]
    rest = [task for task in tasks if not task[0].endswith("of a block")]
    return rest[::sample] + block[::sample // 10 + 1]


def one_of_each(name, tasks, faults):
    """Each kind of call on the ledger and the safety record, and each fault: of a block where there is
    one, then of a start; the faults in turn."""
    rank = {"a block": 0, "a start": 1, "the first start": 2}

    def order(task):
        label, _, countdown, fault, _, _ = task
        turn = (countdown + faults.index(fault)) % len(faults)
        return rank[label.split(" of ", 1)[1]], turn, countdown
    tasks = [task for task in tasks if kinds.call_kind(task[5])[1] in kinds.CALLS]
    chosen = kinds.of_each(sorted(tasks, key=order), lambda task: kinds.call_kind(task[5]),
                           lambda task: task[3])
    kinds.check_covered(name, [kinds.call_kind(task[5]) for task in chosen], kinds.CALLS_NEEDED)
    return chosen


def chosen_of(name, original, faults, sample, by_kind):
    tasks = list(provocations(original, faults))
    return one_of_each(name, tasks, faults) if by_kind else thinned(tasks, sample)


def kill(original, workers, sample, by_kind):
    tasks = chosen_of("kill", original, ("kill-before", "kill-within", "kill-after"), sample, by_kind)
    workers.run("kill", [(label, try_kill, *what) for label, *what, _ in tasks])


def is_harmless(hit, before):
    """What may fail without anything being lost. LevelDB asks again for the removal of its old files at
    its next start. The second log of the index is begun only to wake the thread that compacts; where
    it cannot be made, the first goes on. And SQLite syncs the directory for the explorer's file (the
    same thread's call before was on that), which is begun anew then."""
    if hit.op == journal.SYNC and hit.path == "":
        return before is not None and disk.is_explorer(before.path)
    return hit.op in (journal.UNLINK, journal.RMDIR) or (
        hit.op == journal.CREATE and hit.path.startswith("ledger/index/") and
        hit.path.endswith(".log") and hit.fault in ("eio", "enospc"))


def judge_fault(slot, context, base, hit, went_on, running, entries):
    """After a fault: stopped, with a sentence; no failed file synced again; nothing said after it."""
    status = running.process.returncode
    if went_on:
        earlier = [entry for entry in entries if entry.counted and entry.number < hit.number and
                   entry.thread == hit.thread]
        if not is_harmless(hit, earlier[-1] if earlier else None) and hit.fault != "short":
            raise Failed(f"it goes on after {journal.describe(hit)}")
        if status != 0:
            raise running.refusal(status)
        return "went on"
    if hit.fault == "short":
        raise Failed(f"half a write stops it: {running.refusal(status)}")
    outcome = running.refusal(status)
    if not isinstance(outcome, Refused):
        raise outcome
    after = [entry for entry in entries if entry.number > hit.number]
    again = [entry for entry in after if entry.op == journal.SYNC and entry.path == hit.path]
    if hit.op in (journal.SYNC, journal.WRITE) and again and disk.is_ledger(hit.path) and \
            not is_directory(hit):
        raise Failed(f"a failed file is synced again: {journal.describe(again[0])}")
    before = words.Words(context.original.member, context.original.validators)
    before.height = chain_of(context.original, base)[1]
    for entry in entries:
        if entry.number < hit.number:
            before.follow(entry)
    told = before.height
    for entry in after:
        before.follow(entry)
    if before.height > told or any(entry.op == journal.SENT for entry in after):
        raise Failed(f"it told of block {before.height} after {journal.describe(hit)}")
    return outcome.code


def is_directory(entry):
    return "." not in os.path.basename(entry.path) and entry.path != "safety"


def try_fault(slot, context, base, countdown, fault, first):
    """The fault in a running process, then a start on the mended disk: with all that was written, and
    with all gone that no sync said was there (what a kernel may do after a sync that failed)."""
    original, key = context.original, context.key
    _, went_on, running = provoke(slot, base, countdown, fault, key, first)
    entries, said = words_of(slot, original.member)
    hit = next((entry for entry in entries if entry.number == running.control.fired), None)
    if hit is None:
        raise Failed(f"no call {countdown} met the fault")
    outcome = judge_fault(slot, context, base, hit, went_on, running, entries)
    hashes, height = chain_of(original, base)
    told = {**hashes, **said.told}
    least = max(said.height, height)
    model = disk.Disk(base)
    for entry in entries:
        model.follow(entry)
    for state in ("all that was written", "only what was synced"):
        if state != "all that was written":
            slot.clear()
            image = next(image for name, _, image in model.images() if name == "none")
            disk.write_image(image, slot.home / "data")
        again = judge_start(slot, told, least, key)
        if again != "went on":
            raise Failed(f"after {journal.describe(hit)}, with {state}: refuses to start: {again}")
    return outcome


def fault(original, workers, sample, by_kind):
    tasks = chosen_of("fault", original, ("eio", "enospc", "eio-on", "enospc-on", "short"), sample,
                      by_kind)
    workers.run("fault", [(label, try_fault, *what) for label, *what, _ in tasks])
    tasks = [(f"{kind} at call {countdown} of the explorer", try_explorer_fault, countdown, kind)
             for countdown in range(1, 41) for kind in ("eio", "enospc")]
    workers.run("explorer fault", tasks[::sample])


def try_explorer_fault(slot, context, countdown, fault):
    """The lists are nobody's vote: when their file fails, the chain goes on, or the node says at its
    start that it cannot read or write."""
    original = context.original
    status, went_on, running = provoke(slot, original.base, countdown, fault, context.key, True,
                                       "explorer")
    if not went_on:
        outcome = running.refusal(status)
        if not isinstance(outcome, Refused):
            raise outcome
    elif status != 0:
        raise running.refusal(status)
    _, said = words_of(slot, original.member)
    if went_on and said.height <= original.height:
        raise Failed("the chain stands still because of the explorer")
    again = judge_start(slot, {**original.hashes, **said.told}, max(said.height, original.height),
                        context.key)
    if again != "went on":
        raise Failed(f"refuses to start when the disk is mended: {again}")
    return "went on" if went_on else outcome.code
