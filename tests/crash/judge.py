"""Judging a start: what a node may never do, whatever its disk went through."""
import secrets
import time

import homes
from homes import Failed, Refused, lib


def make_block(slot, running, key):
    """The chain goes on: a transaction gets its receipt."""
    answer = running.submit(key.sign("duty.publish", lib.duty("R-" + secrets.token_hex(6))))
    if answer is None:
        time.sleep(0.2)
        running.check_running()
        raise Failed("it does not answer")
    if answer[0] == 200:
        return
    if b'"tx-key-unknown"' in answer[1]:
        slot.publish_by_cli()
        return
    running.check_running()
    raise Failed(f"no block is made after the start: {answer}")


def judge_start(slot, hashes, least, key):
    """Starts what lies in the slot: "went on", or the code of a refusal; Failed otherwise. hashes of
    the blocks that were told to somebody, of which least is the highest."""
    try:
        with slot.run() as running:
            now = running.wait_height(0)
            if now < least:
                raise Failed(f"it stands at height {now}, and {least} was told to others")
            make_block(slot, running, key)
            for height, told in hashes.items():
                block = running.get(f"/v1/blocks/{height}") if height <= least else None
                if block is not None and block["hash"] != told:
                    raise Failed(f"another block at height {height}, which was told to others")
                if height <= least and block is None:
                    raise Failed(f"block {height} is not served")
            running.stop()
        if homes.verify(slot.home) < now + 1:
            raise Failed(f"the ledger on disk ends before height {now + 1}")
        return "went on"
    except Refused as refusal:
        return refusal.code


def wait_indexed(running, height):
    """Until the lists have what the ledger has: then both answers can be compared."""
    end = time.monotonic() + homes.START_S
    while True:
        running.check_running()
        status = running.get("/v1/status")
        if status and status["api"]["read_model_height"] >= height and \
                not status["api"]["read_model_rebuilding"]:
            return
        if time.monotonic() > end:
            raise Failed(f"the lists do not reach height {height}: {status and status['api']}")
        time.sleep(0.01)
