"""Whole catalogs as their publishers gave them, by the command line onto a ledger and off it again.

Three agencies each take one of the DCAT-US catalogs of samples/dcat (559 datasets), a fourth the
DCAT-AP one: drafts by `catalog import`, submitted, accepted one by one by the center, exported. What
cannot even be a draft is listed with its reason and named here. An export read again gives the
drafts that were submitted, in all four forms: DCAT-US, DCAT-AP, CSV and workbooks.
"""
import concurrent.futures
import json

import lib
from lib import ROOT, check, equal, say
from test_duties import DESKS, lists_at

# folder: file, format, defaults, datasets, and who of them is refused: with a text that was damaged
# before it was published.
FEEDS = {
    "minzheng": ("gsa.data.json", "dcat-us", "defaults-us.json", 339, []),
    "linye": ("opm.data.json", "dcat-us", "defaults-us.json", 134, ["OPM-HRS-0007", "OPM-HCDMM-0015"]),
    "sifa": ("fda.data.json", "dcat-us", "defaults-us.json", 86, [
        "9B9C0AD1-73D2-4280-A1DE-45D15DDB7386", "74aed734-91b4-41f2-8418-a0aae396f9ef",
        "ee7073db-55c0-46b0-b831-1c659fe7137d", "2b7ec03d-67dc-4544-b1d6-b9aa02f693c6"]),
    "renshe": ("alessandria.rdf", "dcat-ap", "defaults-it.json", 5, []),
}
FORMS = {"dcat-us": "us.json", "dcat-ap": "rdf", "csv": "csv", "xlsx": "xlsx"}


def entries_of(path):
    """{code: entry} of a file of drafts."""
    drafts = json.loads(path.read_text(encoding="utf-8"))["entries"]
    entries = {draft["code"]: draft["entry"] for draft in drafts}
    equal(len(entries), len(drafts), f"{path}: codes among its drafts")
    return entries


def draft(node):
    """A feed as drafts; what is refused is listed, each with its reason."""
    name, form, defaults, total, damaged = FEEDS[node.folder.name]
    path = node.folder / "drafts.json"
    said = json.loads(node.cli(
        None, "catalog", "import", "--format", form, "--defaults", ROOT / "samples/dcat" / defaults,
        ROOT / "samples/dcat" / name, "--out", path, "--skip-faulty", "--json",
        status=1 if damaged else 0))
    equal(said["total"], total, f"{name}: datasets")
    refused = {one["identifier"]: [(fault["code"], fault["field"]) for fault in one["faults"]]
               for one in said["refused"]}
    equal(refused, {one: [("text-damaged", "entry.summary")] for one in damaged}, f"{name}: refused")
    equal(len(entries_of(path)), total - len(damaged), f"{name}: drafts")
    return path, len(damaged)


def submit(node, path):
    node.cli("compile", "duty", "publish", "--code", "OPEN-DATA", "--name", "公共数据开放",
             "--category", "公共服务", "--implementer", node.name, "--basis", "政府信息公开条例")
    said = node.ask("compile", "catalog", "submit", path)
    wanted = len(entries_of(path))
    equal((said["committed"], said["refused"]), (wanted, 0), f"{node.name}: submitted, refused")


def accept(center, node, path):
    for code in entries_of(path):
        center.cli("review", "catalog", "review", node.member, code, "--decision", "accept")


def give_back(node, path):
    """Each form of the export, read again, is what was submitted."""
    wanted = entries_of(path)
    for form, ending in FORMS.items():
        exported, again = node.folder / f"exported.{ending}", node.folder / f"again-{form}.json"
        node.cli(None, "catalog", "export", "--provider", node.member, "--format", form, "--out",
                 exported)
        node.cli(None, "catalog", "import", "--format", form, exported, "--out", again)
        got = entries_of(again)
        equal(sorted(got), sorted(wanted), f"{node.name}: codes of its {form}")
        for code, entry in wanted.items():
            equal(got[code], entry, f"{node.name}: {code} as {form}")


def test():
    with lib.Network("catalogs", 9330) as network:
        center, agencies = network.nodes[0], network.nodes[1:]
        drafts = {node: draft(node) for node in agencies}
        refused = sum(count for _, count in drafts.values())
        total = sum(len(entries_of(path)) for path, _ in drafts.values())
        say(f"{total} datasets are drafts, {refused} are refused")
        for node, (path, _) in drafts.items():
            submit(node, path)
        say("submitted")
        network.level()
        with concurrent.futures.ThreadPoolExecutor(DESKS) as desks:
            for done in [desks.submit(accept, center, node, path) for node, (path, _) in drafts.items()]:
                done.result()
        say("accepted")
        height = network.level()
        for node, (path, _) in drafts.items():
            lists_at(node, height)
            give_back(node, path)
        network.stop()
        say(f"{total} entries published, {refused} refused; as {', '.join(FORMS)} they are what was given")


if __name__ == "__main__":
    lib.main(test, 600)
