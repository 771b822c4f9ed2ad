"""All that a node lists, byte by byte: what openapi.json says can be listed, and what is beneath it.

The chain stands still meanwhile, so that nothing in an answer has a reason to differ: its height,
its tip and every item are the same on every node that has seen all blocks, and on one that has made
its read model anew. Whoever began with a snapshot has what stands in the state, and says of what
happened since which block it knows.
"""
import http.client
import json
import shutil
import urllib.parse

from lib import check, equal, say, until

VARIANTS = ("deadlines?open=1", "matters?open=1", "search?q=树木", "entries?sharing=authorised",
            "deadlines?state=overdue", "grants?status=active")


def quoted(text):
    return urllib.parse.quote(text, safe="")


def pages(api, path):
    """Every page of a list, as it came."""
    found, cursor = [], ""
    while True:
        mark = "&" if "?" in path else "?"
        answer = api.get(f"/v1/{path}{mark}limit=50{cursor}")
        equal(answer.code, "ok", f"{path} of port {api.port}")
        found.append(answer.raw)
        if answer.json.get("next") is None:
            return found
        cursor = f"&cursor={quoted(str(answer.json['next']))}"


def items(api, path):
    mark = "&" if "?" in path else "?"
    return api.get(f"/v1/{path}{mark}limit=200").json["items"]


def listed(api):
    """The routes with pages that ask for nothing else, as openapi.json has them."""
    paths = api.get("/openapi.json").json["paths"]
    return [path[len("/v1/"):] for path, methods in paths.items()
            if "{" not in path and path.startswith("/v1/") and "get" in methods
            and (asked := {one["name"]: one.get("required", False)
                           for one in methods["get"].get("parameters", [])}).get("limit") is False
            and not any(asked.values())]


def beneath(api):
    """{path: its pages} of what stands beneath a list: entries, requests and grants with their paper
    forms and near duplicates, the history of every matter, the figures of every agency."""
    lists, single = [], []
    for member in items(api, "members"):
        lists += [f"members/{member['id']}/{part}" for part in ("keys", "officers", "delegations")]
        single += [f"members/{member['id']}", f"assessment?member={member['id']}"]
    for entry in items(api, "entries"):
        path = f"{entry['provider']}/{entry['code']}"
        lists.append(f"history/entry/{path}")
        single += [f"entries/{path}", f"entries/{path}/near?limit=9", f"forms/collection/{path}"]
    for request in items(api, "requests"):
        single += [f"requests/{request['id']}", f"forms/request/{request['id']}"]
    for grant in items(api, "grants"):
        single.append(f"grants/{grant['id']}")
        lists.append(f"grants/{grant['id']}/usage")
    for matter in items(api, "matters"):
        lists.append(f"history/{matter['subject']}")
    return {**{path: pages(api, path) for path in lists},
            **{path: [api.get(f"/v1/{path}").raw] for path in single}}


def everything(api):
    """{path: its pages}: each list whole, with what stands beneath it."""
    plain = [path for path in listed(api) if path != "transfers"]
    check({"deadlines", "matters", "duties", "entries", "requests", "grants", "acts"} <= set(plain),
          f"lists of openapi.json: {plain}")
    kinds = [kind["kind"] for kind in api.get("/v1/matters/kinds").json["items"]]
    check(len(kinds) >= 15, f"kinds of matters: {kinds}")
    variants = (*VARIANTS, *(f"matters?kind={kind}" for kind in kinds))
    return {**{path: pages(api, path) for path in (*plain, *map(escaped, variants))},
            **beneath(api)}


def escaped(path):
    name, _, query = path.partition("?")
    return f"{name}?" + "&".join("=".join(map(quoted, word.split("="))) for word in query.split("&"))


def compare(left, right, what):
    equal(sorted(left), sorted(right), f"the lists that {what} has")
    for path, said in left.items():
        check(said == right[path], f"/v1/{path} of {what} differs:\n{said}\n{right[path]}")


# ---- from a snapshot, and anew ----

KEPT, INTERVAL, LATE, CENTER = 32, 20, 4, 0


def keep_little(network):
    """All but the center keep few blocks: who begins later begins with a snapshot."""
    for node in network.nodes:
        with open(node.folder / "dirchaind.yaml", "a", encoding="utf-8") as file:
            file.write(f"snapshot_blocks: {INTERVAL}\n")
            if node is not network.nodes[CENTER]:
                file.write(f"history_blocks: {KEPT}\n")


def first_block(node):
    """0 while it does not say: having taken a snapshot a node starts over, its interface too."""
    node.alive()
    try:
        answer = node.api.get("/v1/status")
    except (OSError, http.client.HTTPException):
        return 0
    return answer.json["node"]["history"]["first_block"] if answer.status == 200 else 0


def restore(network):
    """A node that has lost everything comes back by a snapshot; the center, which could give it all
    blocks, is away meanwhile."""
    late, center = network.nodes[LATE], network.nodes[CENTER]
    keepers = network.nodes[1:LATE]
    until(lambda: all(first_block(node) > 1 for node in keepers), "the first blocks are gone", 60)
    center.stop()
    late.stop()
    shutil.rmtree(late.folder / "data")
    late.start()
    until(lambda: first_block(late) > 1, "a snapshot is taken", 60)
    center.start()
    network.level()
    say(f"{late.folder.name} has begun again with block {first_block(late)} of {late.api.height()}")


def stand_still(network):
    """Two of four validators stop, so that no block follows; the nodes that are left."""
    for i in (2, 3):
        equal(network.nodes[i].stop(), 0, "exit code")
    return [network.nodes[i] for i in (CENTER, 1, LATE)]


def listed_height(node):
    """Of what its lists know. They fall behind the chain where the machine has much to do, and say
    so; to ask for one hurries them. None while they are."""
    page = node.api.get("/v1/transactions?limit=1").json
    return page["height"] if page["height"] == page["tip"] == node.api.height() else None


def looked_at(nodes):
    """Everything that each of them lists, at one height of all."""
    def once():
        heights = {listed_height(node) for node in nodes}
        if len(heights) > 1 or None in heights:
            return None
        said = [everything(node.api) for node in nodes]
        return said if {listed_height(node) for node in nodes} == heights else None
    return until(once, "the chain stands still", 60)


def same_state(whole, late, since):
    """What a node that began with a snapshot says, beside what one with all blocks says."""
    equal(sorted(late), sorted(whole), "the lists of the node with a snapshot")
    happened = 0
    for path, pages_said in whole.items():
        if late[path] == pages_said:
            continue
        mine = [json.loads(page) for page in late[path]]
        check(mine[0].get("since_block", 1) > 1,
              f"/v1/{path} after a snapshot differs:\n{late[path]}\n{pages_said}")
        happened += 1
        check(all(page["since_block"] >= since for page in mine),
              f"/v1/{path} begins with {mine[0]['since_block']}, the history with {since}")
        if "open=1" in path:
            equal([item for page in mine for item in page["items"]],
                  [item for page in pages_said for item in json.loads(page)["items"]], path)
        if path.startswith("assessment"):
            theirs = json.loads(pages_said[0])
            equal(standing(mine[0]), standing(theirs), path)
    check(happened >= 6, f"only {happened} lists say since when they know what happened")


def kept_lists(whole, kept):
    """A node that has let go of blocks, but has seen them, still lists what they brought."""
    for path, pages_said in whole.items():
        if path not in ("blocks", "transactions"):
            check(kept[path] == pages_said, f"/v1/{path} of a node that keeps few blocks differs")


def standing(report):
    """The figures that are counted from what stands in the state."""
    return [figure for figure in report["figures"] if not figure["name"].startswith("in-time-")]


def compared(network):
    """The lists of a node with all blocks, of one from a snapshot, of one made anew: the same."""
    restore(network)
    center, keeper, late = stand_still(network)
    whole, kept, restored = looked_at([center, keeper, late])
    kept_lists(whole, kept)
    same_state(whole, restored, first_block(late))
    for node in (center, late):
        node.cli(None, "explorer", "rebuild", "--timeout-s", "80")
    again, late_again = looked_at([center, late])
    compare(again, whole, "a read model made anew")
    same_state(whole, late_again, first_block(late))
    say(f"{len(whole)} lists, {sum(map(len, whole.values()))} pages: the same after a snapshot and "
        "made anew")
