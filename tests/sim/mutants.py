#!/usr/bin/env python3
"""Deliberate mistakes in the consensus core: the tests must kill every one.

usage: tests/sim/mutants.py [NAME-PART]     (from the source tree, after a build of preset dev)
       tests/sim/mutants.py --check         only whether each still finds what it replaces

Each mutant replaces one piece of text in one file; the unit tests and the simulator are linked
with it and run until one of them fails. Ends with 1 if a mutant survived or no longer applies.
"""

import glob
import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build" / "dev"
WORK = TOP / "build" / "mutants"
UNITS = ["test_consensus", "test_safety", "test_signer"]
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-w", f"-I{TOP}/src",
         f'-DDIRCHAIN_SOURCE_DIR="{TOP}"', f'-DDIRCHAIN_BINARY_DIR="{WORK}"']
LIBRARIES = [f"{BUILD}/src/libdirchain_chain.a", f"{BUILD}/src/libdirchain_base.a",
             "-lcmocka", "-lsecp256k1", "-lsodium", "-lcrypto", "-ljansson", "-lleveldb",
             "-lpthread"]

CHAIN = "src/chain/validators.c"
ALGORITHM = "src/consensus/algorithm.c"
CONSENSUS = "src/consensus/consensus.c"
ROUNDS = "src/consensus/rounds.c"
OUTBOX = "src/consensus/outbox.c"
HEIGHT = "src/consensus/height.c"
BLOCKS = "src/consensus/blocks.c"
SAFETY = "src/consensus/safety.c"
SIGNER = "src/consensus/signer.c"
CATCHUP = "src/consensus/catchup.c"

MUTANTS = [
    # counting
    ("quorum one less", CHAIN, "return 2 * count / 3 + 1;", "return 2 * count / 3;"),
    ("quorum one more", CHAIN, "return 2 * count / 3 + 1;", "return 2 * count / 3 + 2;"),
    ("quorum 2f+1", CHAIN, "return 2 * count / 3 + 1;", "return 2 * ((count - 1) / 3) + 1;"),
    ("round skip by f", CHAIN, "return validators_faulty_max(count) + 1;",
     "return count > 3 ? validators_faulty_max(count) : 1;"),
    ("a voter counts twice", ROUNDS,
     "    if (box_signature(box, validator, block))\n        return VOTE_KNOWN;", ""),
    ("equivocating votes never count", ROUNDS,
     "if (!extra_wanted(box, block, validators_round_skip(set_count)))", "if (1)"),
    ("needed rounds are dropped", CONSENSUS,
     "|| c->locked_round == (int64_t)number ||\n        c->valid_round == (int64_t)number)",
     ")"),
    # locks and values
    ("lock never set", ALGORITHM,
     "            c->locked_round = c->round;\n            c->locked_block = *block;\n", ""),
    ("lock cleared by nil", ALGORITHM, "    precommit(c, &nil);\n    return true;",
     "    precommit(c, &nil);\n    c->locked_round = ROUND_NONE;\n    return true;"),
    ("lock cleared in every round", ALGORITHM, "    c->round = round;       /* 12 */",
     "    c->round = round;\n    c->locked_round = ROUND_NONE;"),
    ("line 23 ignores the lock", ALGORITHM,
     "if (!round->timely || locked_on_other(c, block) ||", "if (!round->timely ||"),
    ("line 29 ignores the lock", ALGORITHM,
     "bool lock_allows = c->locked_round <= valid_round || hash_equal(&c->locked_block, block);",
     "bool lock_allows = true;"),
    ("line 29 never unlocks", ALGORITHM,
     "c->locked_round <= valid_round || hash_equal(&c->locked_block, block);",
     "c->locked_round < 0 || hash_equal(&c->locked_block, block);"),
    ("line 28 without its prevotes", ALGORITHM,
     "if (!then || !box_quorum_for(&then->prevotes, block))", "if (!then)"),
    ("line 28 only when the proposal comes", ALGORITHM,
     "rule_prevote_fresh(c) || rule_prevote_again(c) ||",
     "rule_prevote_fresh(c) || (c->out.execute_count > 0 && rule_prevote_again(c)) ||"),
    ("line 36 needs our proposal", ALGORITHM,
     "        if (now && c->step < STEP_PREVOTE)\n",
     "        if (!round->has_proposal || !hash_equal(&round->proposal.block, block))\n"
     "            continue;\n        if (now && c->step < STEP_PREVOTE)\n"),
    ("line 42 only in its round", ALGORITHM,
     "        if (now && c->step < STEP_PREVOTE)\n", "        if (!now)\n            continue;\n"
     "        if (now && c->step < STEP_PREVOTE)\n"),
    ("valid value never set", ALGORITHM,
     "            c->valid_round = round->number;\n            c->valid_block = *block;\n", ""),
    ("valid value not proposed", ALGORITHM,
     "    if (c->valid_round != ROUND_NONE) {\n        /* Its body",
     "    if (0) {\n        /* Its body"),
    ("prevote before the verdict", ALGORITHM,
     "    else if (block_is(c, block, VERDICT_VALID))\n        prevote(c, block);\n    else\n"
     "        return false;\n    return true;\n}\n\n/* 28",
     "    else\n        prevote(c, block);\n    return true;\n}\n\n/* 28"),
    ("lock before the verdict", ALGORITHM,
     "hash_is_zero(block) || !block_is(c, block, VERDICT_VALID))", "hash_is_zero(block))"),
    ("decide before the verdict", ALGORITHM,
     "        if (!block_is(c, &box->quorum_block, VERDICT_VALID))\n            continue;\n", ""),
    ("decide by prevotes", ALGORITHM,
     "const struct vote_box *box = &round->precommits;\n        if (round->height",
     "const struct vote_box *box = &round->prevotes;\n        if (round->height"),
    # time
    ("timestamps unchecked", ALGORITHM, "if (!round->timely || locked", "if (locked"),
    ("early blocks accepted", CONSENSUS,
     "return time_ms - c->timing.precision_ms <= received_ms &&", "return"),
    ("late blocks accepted", CONSENSUS,
     "           received_ms <= time_ms + delay_ms + c->timing.precision_ms;", "           true;"),
    ("delay does not grow", CONSENSUS,
     "c->timing.message_delay_ms * ((int64_t)proposal->round + 1)", "c->timing.message_delay_ms"),
    ("time may stand still", BLOCKS, " && header->time_ms > c->previous_time_ms", ""),
    ("foreign genesis or parent accepted", BLOCKS,
     "           hash_equal(&header->previous, &c->previous) &&", "          "),
    # timers and rounds
    ("no round skip", ALGORITHM, "    if (target > c->round)\n", "    if (0)\n"),
    ("no prevote timer", ALGORITHM,
     "if (c->step == STEP_PREVOTE && round->prevotes.count >= quorum &&", "if (0 &&"),
    ("no precommit timer", ALGORITHM,
     "if (round->precommits.count >= quorum &&", "if (0 &&"),
    ("timer flags outlive the round", ALGORITHM,
     "    c->prevote_timer_started = c->precommit_timer_started = false;\n    c->proposed",
     "    c->proposed"),
    ("timers refire", ALGORITHM,
     "        c->precommit_timer_started = true;\n", "        c->precommit_timer_started = false;\n"),
    ("old timers act", ALGORITHM,
     "if (timeout->height != c->height || timeout->round != c->round)", "if (0)"),
    ("timeouts do not grow", ALGORITHM,
     "c->timing.propose_ms + (int64_t)round * c->timing.propose_step_ms", "c->timing.propose_ms"),
    ("work does not wake", CONSENSUS, "if (c->height > 0 && c->step == STEP_NEW)", "if (0)"),
    # messages
    ("signatures unchecked", CONSENSUS,
     "    if (in->event->verified)\n        return true;", "    return true;"),
    ("fresh proposer unchecked", CONSENSUS,
     "(fresh && strcmp(header->proposer,", "(0 && strcmp(header->proposer,"),
    ("repeated proposer checked", CONSENSUS,
     "(fresh && strcmp(header->proposer,", "(1 && strcmp(header->proposer,"),
    ("early messages dropped", CONSENSUS, "    if (early && !c->has_next_set)", "    if (early)"),
    ("huge rounds stored", CONSENSUS,
     "    in->far = !early && in->number > c->round + FUTURE_ROUNDS;", "    in->far = false;"),
    ("evidence more than once", CONSENSUS,
     "    bool told = standing == VOTE_CONFLICTS && !place->reported;",
     "    bool told = standing == VOTE_CONFLICTS;"),
    ("no evidence", CONSENSUS, "    c->out.has_evidence = true;\n", ""),
    ("answers do not run the rules", CONSENSUS,
     "    if (error == OK && c->height > 0)\n        algorithm_run(c);\n", ""),
    ("catch-up without the valid round", CATCHUP,
     " || number == c->locked_round || number == c->valid_round)", ")"),
    ("catch-up without further votes", CATCHUP,
     "        if (item - VALIDATORS_MAX >= box->extra_count)\n", "        if (1)\n"),
    # what outlives a crash
    ("send before persist", OUTBOX, "    flush_signed(c, effects);\n    flush_work(c, effects);\n",
     "    flush_work(c, effects);\n    flush_signed(c, effects);\n"),
    ("no body before the precommit", OUTBOX,
     "    c->out.persist_body = c->valid_block;\n", ""),
    ("lock not recorded", OUTBOX, "    record->locked_round = c->locked_round;\n", ""),
    ("round's entry not recorded", OUTBOX,
     "if (before && before->precommits.count >= validators_quorum(c->set.count))", "if (0)"),
    ("valid prevotes not recorded", OUTBOX,
     "            collect_votes(record->valid_prevotes, c, &round->prevotes, &c->valid_block);",
     "            0;"),
    ("contradicts its own lost words", OUTBOX,
     "if (!c->may_sign || contradicts_own(c, type, block))", "if (!c->may_sign)"),
    ("signs while the ledger is behind", HEIGHT,
     "start->resume && start->resume->height <= start->height;", "start->resume;"),
    ("nothing resumed", HEIGHT,
     "if (c->may_sign && start->resume->height == start->height)", "if (0)"),
    ("resumed without the lock", HEIGHT,
     "    c->locked_round = record->locked_round;\n    c->locked_block = record->locked_block;\n",
     ""),
    ("resumed in silence", HEIGHT, "    outbox_resend(c);\n", ""),
    ("record not synced", SAFETY,
     "    if (error == OK)\n        error = disk->sync(disk->context);\n    if (error != OK) {\n"
     "        safety->failed", "    if (error != OK) {\n        safety->failed"),
    ("failed sync retried", SAFETY, "        safety->failed = true;\n", ""),
    ("one slot", SAFETY, "uint64_t slot = (sequence % 2) * 2 * SAFETY_COPY_BYTES;",
     "uint64_t slot = 0;"),
    ("one copy", SAFETY,
     "        error = disk->write(disk->context, copy, slot + SAFETY_COPY_BYTES);",
     "        error = OK;"),
    ("checksum ignored", SAFETY, "if (reader.bad || !hash_equal(&sum, &stored))",
     "if (reader.bad)"),
    ("oldest copy believed", SAFETY, "if (found && copy->sequence <= safety->sequence)",
     "if (found && copy->sequence >= safety->sequence)"),
    ("cache taken for disk", SAFETY, "    if (error == OK)\n        error = make_durable(safety);",
     ""),
    ("binding ignored", SAFETY, "            return ERR_SAFETY_OTHER;\n", "            (void)0;\n"),
    # the signer's own rule
    ("signer lets the round go back", SIGNER,
     "    if (next->round != old->round)\n        return next->round > old->round;\n", ""),
    ("signer lets a vote change", SIGNER,
     "        return same_signed_bytes(signer, &before, &now);\n    return !same_round",
     "        return true;\n    return !same_round"),
    ("signer signs what it is asked", SIGNER,
     "        !same_signed_bytes(signer, &stored, message))", "        0)"),
    ("signer lets the lock go", SIGNER,
     "    if (next_round != old_round)\n        return next_round > old_round;\n"
     "    return hash_equal(old_block, next_block);", "    return true;"),
    ("signer precommits without a lock", SIGNER, "        !precommit_is_locked(next))", "        0)"),
]


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def object_of(source):
    return WORK / (str(source.relative_to(TOP)).replace("/", "_") + ".o")


def compile_one(source, output, beside=None):
    extra = [f"-I{beside or source.parent}"]
    result = run(["cc", *FLAGS, *extra, "-c", str(source), "-o", str(output)])
    if result.returncode:
        sys.exit(f"{source} does not compile:\n{result.stderr[:1000]}")


def sources(*patterns):
    return sorted(pathlib.Path(p) for pattern in patterns for p in glob.glob(str(TOP / pattern)))


def link(program, parts, mutated, mutant_object):
    objects = [str(mutant_object if p == mutated else object_of(p)) for p in parts]
    if mutated not in parts:
        objects.append(str(mutant_object))
    subprocess.check_call(["cc", "-o", str(program), *objects, *LIBRARIES])


def killer(core, mutated, mutant_object):
    """The first test that fails, or None."""
    for unit in UNITS:
        program = WORK / unit
        link(program, core + [TOP / f"tests/unit/{unit}.c"], mutated, mutant_object)
        try:
            if run([str(program)], timeout=120).returncode:
                return unit
        except subprocess.TimeoutExpired:
            return f"{unit} (hangs)"
    program = WORK / "sim"
    link(program, core + sources("tests/sim/*.c"), mutated, mutant_object)
    for nodes, seeds in ((4, 150), (7, 40)):
        command = [str(program), "--nodes", str(nodes), "--seeds", str(seeds), "--heights", "30"]
        try:
            result = run(command, timeout=300)
        except subprocess.TimeoutExpired:
            return f"sim, {nodes} nodes (hangs)"
        if result.returncode:
            said = [line for line in result.stdout.splitlines() if "failed" in line]
            return f"sim, {nodes} nodes: " + (said or [result.stderr.strip()[-100:]])[0]
    return None


def check():
    """Says which mutants no longer apply; whether there are any."""
    bad = [name for name, file, old, _ in MUTANTS if old not in (TOP / file).read_text()]
    for name in bad:
        print(f"tests/sim/mutants.py: {name}: does not apply any more")
    return bool(bad)


def main():
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    if part == "--check":
        sys.exit(check())
    WORK.mkdir(parents=True, exist_ok=True)
    os.environ.pop("DIRCHAIN_GOLDEN", None)
    core = sources("src/consensus/*.c")
    tests = [TOP / f"tests/unit/{unit}.c" for unit in UNITS]
    for source in core + tests + sources("tests/sim/*.c"):
        compile_one(source, object_of(source))
    bad = 0
    for name, file, old, new in MUTANTS:
        if part not in name:
            continue
        path = TOP / file
        text = path.read_text()
        if text.count(old) < 1:
            print(f"{name}: does not apply any more", flush=True)
            bad += 1
            continue
        mutant, mutant_object = WORK / "mutant.c", WORK / "mutant.o"
        mutant.write_text(text.replace(old, new, 1))
        compile_one(mutant, mutant_object, beside=path.parent)
        by = killer(core, path, mutant_object)
        print(f"{name}: " + (f"killed by {by}" if by else "SURVIVED"), flush=True)
        bad += by is None
    sys.exit(1 if bad else 0)


main()
