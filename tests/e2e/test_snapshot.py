"""A newcomer by snapshot, with load running, in a network where nobody but the center keeps it all.

Agencies 1 to 3 keep 32 blocks and offer a snapshot every 20. Agency 4 is missing from the beginning.
When the first blocks are gone, it comes: it takes a snapshot by itself, is killed on the way and at
its next start takes another, follows, and votes: then one of the others can go. What it does not
have it says; the center still has it. Its lists have the requests and grants from before, also after
a restart and when the explorer's file is made anew; those of what happened say since which block.
"""
import re
import signal
import threading

import gateways
import lib
from lib import check, equal, say, until

KEPT, INTERVAL = 32, 20
LATE = 4


def configure(node, *lines):
    with open(node.folder / "dirchaind.yaml", "a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))


class Load:
    """Transactions of one member, one after the other, until it is stopped."""

    def __init__(self, node):
        self.node = node
        self.key = node.new_key("load", "compile")
        self.txids = []
        self.refused = []
        self.stopping = False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        number = 0
        while not self.stopping:
            number += 1
            transaction = self.key.sign("duty.publish", lib.duty(f"load-{number}"))
            answer = self.node.api.submit(transaction)
            if answer.status == 200:
                self.txids.append(lib.txid_of(transaction))
            else:
                self.refused.append(answer.code)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join(30)


def status(node):
    answer = node.api.get("/v1/status")
    return answer.json["node"] if answer.status == 200 else {}


def history(node):
    return status(node)["history"]


def log_of(node):
    return (node.folder / "log").read_text(errors="replace")


def roots_equal(nodes):
    """The same header at a height that all have."""
    height = min(node.api.height() for node in nodes)
    headers = [node.api.get(f"/v1/blocks?limit=200").json["items"] for node in nodes]
    roots = {next(item["state_root"] for item in items if item["height"] == height)
             for items in headers}
    equal(len(roots), 1, f"state roots at height {height}")


def says_whether_behind(said):
    """Who sees that validators are ahead by more than the next block says that it is behind."""
    ahead = sum(peer["up"] and peer["validator"] and peer["height"] > said["height"] + 1
                for peer in said["peers"])
    check(ahead < 2 or said["sync"]["active"], f"behind, and does not say so: {said}")
    return ahead >= 2


def wait_restored(node, beyond):
    behind = 0

    def restored():
        nonlocal behind
        node.alive()
        try:
            said = status(node)
            behind += says_whether_behind(said)
            return said["history"]["first_block"] > beyond
        except (OSError, KeyError):
            return False
    until(restored, f"{node.folder.name} has a snapshot", 40)
    check("is whole" in log_of(node), f"{node.folder.name} took blocks")
    say(f"{node.folder.name} was seen behind {behind} times before")


# ---- what lists have of the time before ----

def list_of(node, what, **options):
    """As the node lists it when its read model has caught up with its chain."""
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return until(lambda: level(node.ask("compile", what, "list", *words)),
                 f"the {what} list of {node.folder.name} goes up to its tip", 60)


def level(said):
    return said if said["height"] == said["tip"] else None


def ids(said):
    return [item["id"] for item in said["items"]]


def lists_are_whole(network, granted, ended):
    """Of the newcomer, as of the center, which has all blocks."""
    late, center = network.nodes[LATE], network.nodes[0]
    network.level()
    for what in ("request", "grant"):
        said = list_of(late, what)
        equal(ids(said), list(reversed(granted)), f"{what} list of the newcomer, newest first")
        equal(ids(said), ids(list_of(center, what)), f"{what} list of the center")
        check("since_block" not in said, f"{what}s are of all times: {said}")
        check("历史始于" not in late.cli("compile", what, "list"), f"{what}s are of all times")
    equal(ids(list_of(late, "grant", status="ended")), [ended], "grants that have ended")
    page = late.api.get("/v1/requests?limit=1").json
    equal([page["items"][0]["id"],
           late.api.get(f"/v1/requests?limit=1&cursor={page['next']}").json["items"][0]["id"]],
          list(reversed(granted))[:2], "requests page by page")
    equal(sorted(item["version"] for item in list_of(late, "duty", limit="100000")["items"]),
          sorted(item["version"] for item in list_of(center, "duty", limit="100000")["items"]),
          "duties")


def what_happened_is_dated(network, since):
    """What the newcomer cannot know it does not deny. `since`: the block its lists begin with."""
    late, center = network.nodes[LATE], network.nodes[0]
    said = list_of(late, "tx", limit="100000")
    equal(said["since_block"], since, "since_block of the newcomer's transactions")
    check(all(item["height"] >= since for item in said["items"]), "a transaction from before")
    equal(list_of(center, "tx", limit="1")["since_block"], 1, "since_block of the center's")
    for arguments in (("tx", "list", "--type", "member.admit"),  # none, as far as it knows
                      ("tx", "acts"), ("explorer", "history", f"member/{late.member}"),
                      ("deadlines",), ("deadlines", "--state", "late"), ("assessment",),
                      ("assessment", "--member", late.member)):
        words = late.cli("compile", *arguments)
        day = r", on 20\d\d-\d\d-\d\d" if arguments[0] == "assessment" else ""
        check(f"历史始于区块 {since}，" in words and re.search(f"begins at block {since}{day}:", words),
              f"{' '.join(arguments)} of the newcomer says:\n{words}")
        words = center.cli("compile", *arguments)
        check("历史始于" not in words, f"{' '.join(arguments)} of the center says:\n{words}")
    for path in ("accesses", "search?q=x", "history/duty/x/y", "acts", "deadlines",
                 f"assessment?member={late.member}"):
        equal(late.api.get(f"/v1/{path}").json["since_block"], since, path)
    check("No evidence of double votes" in late.cli("compile", "validator", "status"), "evidence")


def lists_begin(node, before):
    """With which block, and that it is not before one."""
    since = until(lambda: level(node.api.get("/v1/transactions?limit=1").json),
                  f"the transactions of {node.folder.name} go up to its tip", 60)["since_block"]
    check(since >= before, f"lists begin with block {since}, before {before}")
    return since


def lists_of_the_time_before(network, granted, ended):
    late = network.nodes[LATE]
    since = lists_begin(late, 2)
    lists_are_whole(network, granted, ended)
    what_happened_is_dated(network, since)
    late.stop()
    late.start()
    late.wait_height(1)
    lists_are_whole(network, granted, ended)
    what_happened_is_dated(network, lists_begin(late, since))
    late.stop()
    for path in (late.folder / "data").glob("explorer.sqlite*"):
        path.unlink()
    late.start()
    late.wait_height(1)
    lists_are_whole(network, granted, ended)
    anew = lists_begin(late, since)
    what_happened_is_dated(network, anew)
    check("read model stopped" not in log_of(late), "the newcomer's read model stopped")
    say(f"lists of the newcomer: {len(granted)} requests; what happened since block {since}, "
        f"made anew since {anew}")


def kill_while_restoring(node):
    """As soon as it has begun; the directory that is left is worth nothing."""
    until(lambda: "taking the snapshot" in log_of(node), "a snapshot is begun", 30, 0.002)
    node.stop(signal.SIGKILL)
    left = sorted(path.name for path in (node.folder / "data").glob("ledger*"))
    say(f"killed while it restored: {left}")


def test():
    network = lib.Network("snapshot", 9660, genesis=(
        "--param", "idle_block_ms=100", "--param", "message_delay_ms=100", "--param", "precision_ms=100"))
    network.make()
    try:
        for node in network.nodes[1:LATE]:
            configure(node, f"history_blocks: {KEPT}", f"snapshot_blocks: {INTERVAL}")
        configure(network.nodes[0], f"snapshot_blocks: {INTERVAL}")
        late = network.nodes[LATE]
        configure(late, f"history_blocks: {KEPT}", f"snapshot_blocks: {INTERVAL}")
        for node in network.nodes[:LATE]:
            node.start()
        for node in network.nodes[:LATE]:
            node.wait_height(1)
        network.chain = network.nodes[0].api.get("/v1/status").json["chain"]
        keepers = network.nodes[1:LATE]
        gateways.publish(network)
        granted = [gateways.request(network, keepers[0]) for _ in range(3)]
        network.level()
        asked = keepers[0].api.height()
        with Load(keepers[0]) as load:
            until(lambda: all(history(node)["first_block"] > asked for node in keepers),
                  "the first blocks are gone, the requests among them", 60)
            equal(history(network.nodes[0])["first_block"], 1, "first block of the center")
            say(f"{len(load.txids)} transactions; agencies keep from "
                f"{[history(node)['first_block'] for node in keepers]} on")
            network.nodes[0].stop()  # or it might give all blocks before the others have said hello
            late.start()
            kill_while_restoring(late)
            late.start()
            wait_restored(late, asked)
            network.nodes[0].start()
            equal(history(late)["first_block"] % INTERVAL, 1, "first block after a snapshot")
            until(lambda: not says_whether_behind(status(late))
                  and (late.api.height() or 0) >= keepers[0].api.height() - 2,
                  "the newcomer follows", 40)
            say(f"restored: from block {history(late)['first_block']} on, at {late.api.height()}")
            # Its safety record is new and the chain is not: it does not sign at once.
            until(lambda: (said := status(late)["consensus"])["validator"] and said["running"]
                  and not said["held"], "it takes part", 40)
            keepers[2].stop()  # now its vote is needed
            before = keepers[0].api.height()
            keepers[0].wait_height(before + 10, 30)
            keepers[2].start()
            keepers[2].wait_height(before + 10, 30)
        equal(load.refused, [], "refused transactions")
        network.level()
        keepers[0].cli("compile", "grant", "end", granted[1], "--reason", "不再需要")
        granted.append(gateways.request(network, keepers[0]))
        network.level()
        what_is_gone(network, load.txids, granted[-1])
        lists_of_the_time_before(network, granted, granted[1])
        network.level()
        roots_equal(network.nodes)
        check(not list((late.folder / "data").glob("ledger.rest*")), "something half is left")
        network.stop()
    except BaseException:
        for node in network.nodes:
            print(f"---- end of the log of {node.folder.name}\n{node.log_tail(12)}", flush=True)
        raise
    finally:
        network.__exit__(None, None, None)


def what_is_gone(network, txids, newest):
    """Asked of who does not keep it, and of who does."""
    late, center = network.nodes[LATE], network.nodes[0]
    equal(late.api.get(f"/v1/transactions/{newest}/receipt").status, 200,
          "a receipt of what came since")
    for path in ("/v1/blocks/2", f"/v1/transactions/{txids[0]}",
                 f"/v1/transactions/{txids[0]}/receipt"):
        answer = network.nodes[1].api.get(path)
        equal((answer.status, answer.code), (410, "pruned"), path)
        equal(center.api.get(path).status, 200, f"{path} of the center")
    equal(late.api.get("/v1/blocks/2").code, "pruned", "block 2 of the newcomer")
    never = late.api.get(f"/v1/transactions/{txids[0]}")
    equal((never.status, never.code), (404, "not-in-history"), "what the newcomer never had")


if __name__ == "__main__":
    lib.main(test, 180)
