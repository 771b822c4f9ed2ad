"""Power lost for one of four nodes, and for all of them at once."""
import contextlib
import secrets
import shutil

import disk
import homes
import journal
import words
from homes import Failed, Refused, lib
from record import data_of


def check_memory(originals):
    """No disk that a power loss may leave allows to sign something else than what had left: read from
    the bytes of every state, without a start."""
    states, sent = 0, 0
    headers = headers_of(originals)
    for original in originals:
        for entry, model, said in original.follow():
            if disk.is_explorer(entry.path) or disk.is_diary(entry.path) or not said.signed:
                continue
            newest = said.signed[-8:]
            for name, _, image in model.images():
                states += 1
                lib.check("safety" in image, f"{original.folder.name} after call {entry.number}, "
                          f"{name}: no safety record, though votes had left")
                record = words.Safety(image["safety"])
                lib.check(record.sequence is not None, f"{original.folder.name} after call "
                          f"{entry.number}, {name}: no copy of the safety record verifies")
                for one in newest:
                    why = record.forgets(one)
                    lib.check(why is None, f"{original.folder.name} after call {entry.number} "
                              f"({journal.describe(entry)}), {name}: {why}")
                for block in {one.what for one in newest if one.step == words.PRECOMMIT}:
                    lib.check(block not in headers or holds(image, headers[block]),
                              f"{original.folder.name} after call {entry.number} "
                              f"({journal.describe(entry)}), {name}: a precommit had left for a "
                              "block whose body may be gone")
        sent += len(said.signed)
        lib.check(not words.conflicts(said.signed), "signed twice while recording")
    lib.say(f"safety records: {states} states of {len(originals)} nodes hold what had left of {sent} "
            "signed messages")
    lib.check(sent > 0, "nothing was signed")


def headers_of(originals):
    headers = {}
    for original in originals:
        for _, _, said in original.follow():
            pass
        headers.update(said.headers)
    return headers


def holds(image, header):
    """Whether a body with that header is among the bytes of the history. Height, time and the hash of
    the block before stand in for it, in two halves: a log of LevelDB may be cut into frames anywhere,
    but not in both."""
    halves = header[36:60], header[60:84]
    return any(half in data for path, data in image.items() if path.startswith("ledger/history/")
               and data is not None for half in halves)


def moments(originals, count):
    """(time, number of the call of the node it is about): spread over the last blocks."""
    calls = [entry for entry in originals[0].entries
             if entry.counted and disk.is_ledger(entry.path)]
    calls = calls[len(calls) // 2:]
    return [calls[i * len(calls) // count] for i in range(count)]


def at_moment(original, time_ns):
    model, said = disk.Disk(), words.Words(original.member, original.validators)
    for entry in original.entries:
        if entry.time_ns <= time_ns:
            model.follow(entry)
            said.follow(entry)
    return model, said


def variant(model, number):
    """One of the states that a power loss may leave, by its place in the list."""
    states = [image for _, ordered, image in model.images() if ordered]
    return states[number % len(states)]


def power_of_network(network, originals, directory, count):
    """Power lost for all, or for the first alone while the others are killed; then all start again:
    the chain goes on, nothing told is lost, nothing is signed twice."""
    rounds = 0
    for i, call in enumerate(moments(originals, count)):
        alone = i % 3 == 2
        place = directory / "four"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(network.directory, place,
                        ignore=shutil.ignore_patterns("data", "journal", "control", "log"))
        before, told, least = [], {}, {}
        for n, original in enumerate(originals):
            model, said = at_moment(original, call.time_ns)
            image = variant(model, 0 if alone and n > 0 else 1 + 7 * i + n)
            disk.write_image(image, place / original.folder.name / "data")
            before += said.signed
            told.update(said.told)
            least[n] = said.height
        start_network(network, originals, place, before, told, least, call)
        rounds += 1
    lib.say(f"network: {rounds} losses of power, and the chain went on")


def start_network(network, originals, place, before, told, least, call):
    what = f"after {journal.describe(call)} (call {call.number} of {originals[0].folder.name})"
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(homes.Running(place / one.folder.name, shim=True))
                   for one in originals]
        for n, one in enumerate(running):
            try:
                now = one.wait_height(0)
            except Refused as refusal:
                raise Failed(f"{what}: {originals[n].folder.name} refuses: {refusal}") from refusal
            lib.check(now >= least[n], f"{what}: {originals[n].folder.name} stands at {now}, and "
                      f"{least[n]} was told to others")
        answer = running[0].submit(network.key.sign("duty.publish", lib.duty(
            "R-" + secrets.token_hex(6))))
        lib.check(answer is not None and answer[0] in (200, 403), f"{what}: no block: {answer}")
        top = max(max(least.values()), running[0].height()) + 1
        for one in running:
            one.wait_height(top)
            for height, block_hash in told.items():
                lib.equal(one.get(f"/v1/blocks/{height}")["hash"], block_hash, f"{what}: block {height}")
        for one in running:
            one.stop()
    for original in originals:
        folder = place / original.folder.name
        said = words.Words(original.member, original.validators)
        for entry in journal.read(folder / "journal", data_of(folder)):
            said.follow(entry)
        before += said.signed
        homes.verify(folder)
    twice = words.conflicts(before)
    lib.check(not twice, f"{what}: {'; '.join(twice)}")
