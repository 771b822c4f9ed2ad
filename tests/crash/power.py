"""Power lost after each call of a recorded life."""
import zlib

import disk
import journal
import kinds
from homes import Failed, lib
from judge import judge_start, make_block, wait_indexed


BEFORE, AFTER = 10, 30  # calls about the making of a new log that are looked at
EXPLORER_STEP = 100  # of its writes, which are many: after every other call, and after each of these


def choose(original, explorer, around):
    """{(number, name, ordered): kind of call} of all different disks that a power loss may leave, each
    at the last call after which it may: then most was told."""
    chosen, states = {}, 0
    for entry, model, _ in original.follow():
        if disk.is_explorer(entry.path) != explorer or disk.is_diary(entry.path):
            continue
        if explorer and entry.op == journal.WRITE and entry.number % EXPLORER_STEP:
            continue
        if around and not around - BEFORE <= entry.number <= around + AFTER:
            continue
        for name, ordered, image in model.images(explorer):
            states += 1
            chosen[disk.digest(image, explorer)] = ((entry.number, name, ordered),
                                                    kinds.call_kind(entry))
    return dict(chosen.values()), states


def chosen_images(original, chosen, explorer):
    for entry, model, said in original.follow():
        wanted = {name: ordered for number, name, ordered in chosen if number == entry.number}
        if not wanted:
            continue
        for name, _, image in model.images(explorer):
            if name in wanted:
                yield (f"{original.folder.name}, power lost after call {entry.number} "
                       f"({journal.describe(entry)}), {name}",
                       image, said.height,
                       {height: block for height, block in said.told.items()
                        if height >= original.kept}, wanted[name])


def one_of_each(chosen):
    """Each kind of call on the ledger and the safety record, and each manner of losing; the latest
    first, the manners in turn."""
    order = sorted((state for state, (_, family) in chosen.items() if family in kinds.CALLS),
                   key=lambda state: (-state[0], zlib.crc32(f"{state}".encode())))
    kept = kinds.of_each(order, chosen.get, lambda state: state[1].split()[0])
    kinds.check_covered("power", [chosen[state][1] for state in kept], kinds.CALLS)
    return set(kept)


def power(original, workers, sample, what="power", explorer=False, around=None, by_kind=False):
    """After every call; around: only near that one."""
    chosen, states = choose(original, explorer, around)
    kept = one_of_each(chosen) if by_kind else set(sorted(chosen)[::sample])
    lib.say(f"{what}: {states} states after {len(original.entries)} entries of the journal, "
            f"{len(chosen)} different disks, {len(kept)} of them tried")

    return workers.run(what, ((label, try_explorer if explorer else try_image, image, told, least,
                               ordered)
                              for label, image, least, told, ordered in
                              chosen_images(original, kept, explorer)))


LISTS = ("/v1/transactions", "/v1/duties", "/v1/acts", "/v1/blocks", "/v1/members",
         "/v1/search?q=%E7%AB%AF%E5%88%B0%E7%AB%AF")


def try_explorer(slot, context, image, told, least, ordered):
    """The lists of a read model that a power loss left are those of one that is built anew."""
    disk.write_image(image, slot.home / "data")
    with slot.run() as running:
        height = running.wait_height(least)
        if height == 0:
            make_block(slot, running, context.key)
            height = 1
        wait_indexed(running, height)
        left = [running.ask("GET", path) for path in LISTS]
        answer = running.ask("POST", "/v1/explorer/rebuild", "{}", "application/json")
        lib.check(answer and answer[0] < 300, f"rebuild: {answer}")
        wait_indexed(running, height)
        anew = [running.ask("GET", path) for path in LISTS]
        for path, was, right in zip(LISTS, left, anew):
            lib.check(right[0] == 200, f"{path}: {right}")
            if was != right and was[0] < 500:
                raise Failed(f"{path} said {was[1][:300]}, and built anew {right[1][:300]}")
        running.stop()
    return "went on"


def try_image(slot, context, image, told, least, ordered):
    disk.write_image(image, slot.home / "data")
    outcome = judge_start(slot, told, least, context.key)
    if ordered and outcome != "went on":
        raise Failed(f"a power loss alone makes it refuse to start: {outcome}")
    return outcome
