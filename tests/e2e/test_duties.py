"""The duty lists of a whole province's agencies, imported by each of them and exported again.

samples/duties/guangdong-2021.jsonl holds what 177 real agencies published. Four of them run the
ledger's validators; every other one makes keys, asks to join and is admitted, and runs no node: its
clerk types at the center's. Each imports its own list; what the ledger then holds of it is exported
and compared with what was given, record for record, and so is the export of all of them together. An
export given back changes nothing, be it JSON lines, CSV or a workbook.

Two of the agencies have codes that are none by GB 32100-2015: they cannot join, and no row of theirs
is taken from anybody else. The explorer's pages are looked at with all of them: at a desk and on a
telephone.
"""
import collections
import concurrent.futures
import json
import time

import browser
import lib
import test_pages
from lib import ROOT, check, equal, say, until

LIST = ROOT / "samples/duties/guangdong-2021.jsonl"
WRONG_CODES = {"13440000515356094L": "uscc-check-digit", "TE440000GD030003VV": "uscc-form"}
DESKS = 4  # clerks who type at the same time
FORMS = ("jsonl", "csv", "xlsx")
A_FEW = 5      # duties; importing so few waits for nothing but a block or two
A_FEW_S = 0.9


class Agency(lib.Node):
    """An agency and its list. Without a node of its own its clerks type at the center's."""

    def __init__(self, network, code, rows):
        own = next((node for node in network.nodes if node.member == code), None)
        super().__init__(network, 0, code, rows[0]["agency"].strip(), own.folder.name if own else code)
        self.api = (own or network.nodes[0]).api
        self.runs_node = own is not None
        self.rows = rows
        self.took_s = None
        self.left_out = 0  # rows of other agencies
        self.list = self.folder / "duties.jsonl"
        self.folder.mkdir(exist_ok=True)
        self.list.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    def join(self, status=0):
        """Keys, and a request to join that whoever keeps them signs."""
        passphrase = self.folder / "passphrase"
        passphrase.write_text(f"of {self.member}\n")
        passphrase.chmod(0o600)
        self.cli(None, "key", "create", "--member", self.member, "--dir", self.folder / "keys",
                 "--light", "--passphrase-file", passphrase, "chief", "compile", "vote", "peer")
        return self.cli(None, "member", "join-request", "--member", self.member, "--name", self.name,
                        "--party", "provider", "--party", "consumer", "--peer", "127.0.0.1:9",
                        "--gateway", "127.0.0.1:9", "--keys", self.folder / "keys",
                        "--passphrase-file", passphrase, "--out", self.folder / "join.json",
                        status=status)

    def give(self, path, *options):
        """Imports a file; returns how many of its rows became transactions."""
        begun = time.monotonic()
        said = self.ask("compile", "duty", "import", path, *options)
        self.left_out = said.get("left_out", 0)
        self.took_s = time.monotonic() - begun
        equal((said["refused"], said["unanswered"], said["not_submitted"]), (0, 0, 0),
              f"{self.name}: {path.name}: refused, unanswered, not submitted")
        equal(said.get("faulty", []), [], f"{self.name}: {path.name}: rows with faults")
        return said["committed"]

    def export(self, form):
        path = self.folder / f"exported.{form}"
        self.cli(None, "duty", "export", "--member", self.member, "--out", path)
        return path


def given():
    """The rows that each agency published, by its code, in the order of the file."""
    rows = collections.defaultdict(list)
    for line in LIST.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["agency_code"]].append(row)
    return rows


def read(path):
    """{(agency, code): row} of an exported list; a row that stands twice is a failure."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = {(row["agency_code"], row["code"]): row for row in map(json.loads, lines)}
    equal(len(rows), len(lines), f"{path}: different duties among its lines")
    return rows


def compare(path, rows, whose):
    """An export holds these rows and no other; every member of each has the same value."""
    got, wanted = read(path), {(row["agency_code"], row["code"]): row for row in rows}
    equal(sorted(got), sorted(wanted), f"{whose}: the duties exported")
    for key, row in wanted.items():
        equal(got[key], row, f"{whose}: {key}")


def at_desks(work, agencies):
    """Four at a time; the first failure is the test's."""
    with concurrent.futures.ThreadPoolExecutor(DESKS) as desks:
        return list(desks.map(work, agencies))


def refuse(center, agency):
    """A code that is none: no request to join can be made with it, and the center's clerk, who is
    given the list, has every row of it refused."""
    code = WRONG_CODES[agency.member]
    said = agency.join(status=1)
    check(f"[{code}]" in said and "member" in said, f"{agency.name} is not refused: {said}")
    said = json.loads(center.cli("compile", "duty", "import", agency.list, "--json", status=1))
    equal(said["total"], len(agency.rows), f"{agency.name}: rows read")
    equal([[fault["code"] for fault in row["faults"]] for row in said["faulty"]],
          [[code]] * len(agency.rows), f"{agency.name}: why its rows are refused")
    say(f"refused: {agency.member} {agency.name}, {len(agency.rows)} duties [{code}]")
    return len(agency.rows)


def admit(center, newcomers):
    at_desks(Agency.join, newcomers)
    center.cli(None, "member", "verify", *(one.folder / "join.json" for one in newcomers))
    say(f"{len(newcomers)} requests to join are signed, and in order")
    for one in newcomers:
        center.cli("admin", "member", "admit", one.folder / "join.json")
    listed = center.ask(None, "member", "list", "--limit", "1000")["items"]
    names = {item["id"]: item["name"] for item in listed}
    equal({one.member: names.get(one.member) for one in newcomers},
          {one.member: one.name for one in newcomers}, "newcomers in the list of members")
    say(f"admitted; the ledger has {len(listed)} members")


def lists_at(node, height):
    """Until the lists of this node know all that the ledger had at the height."""
    until(lambda: node.api.get("/v1/duties?limit=1").json["height"] >= height,
          f"the lists of {node.folder.name} know block {height}", 60)


def give_all(agency, total):
    """The list of all agencies, of which each takes its own rows."""
    equal(agency.give(LIST, "--own"), 0, f"{agency.name}: rows of the whole list that change something")
    equal(agency.left_out, total - len(agency.rows), f"{agency.name}: rows left out")
    said = agency.cli("compile", "duty", "import", LIST, "--own", "--check")
    check(f"其他单位的 {agency.left_out} 条" in said and f"{len(agency.rows)} 条均合规" in said, said)
    agency.cli("compile", "duty", "import", LIST, "--check", status=1)


def give_back(agency):
    """An export in each form; given back it changes nothing."""
    compare(agency.export("jsonl"), agency.rows, agency.name)
    for form in FORMS:
        path = agency.folder / f"exported.{form}" if form == "jsonl" else agency.export(form)
        equal(agency.give(path), 0, f"{agency.name}: rows of its {form} that change something")


def seconds_of_status(agency):
    """How long this machine takes for the shortest of commands, now."""
    begun = time.monotonic()
    agency.cli(None, "status")
    return time.monotonic() - begun


def imports(members):
    total = sum(len(one.rows) for one in members)
    equal(sum(at_desks(lambda one: one.give(one.list), members)), total, "duties imported")
    quickest = min(one.took_s for one in members if len(one.rows) <= A_FEW)
    limit = A_FEW_S + 5 * min(seconds_of_status(members[0]) for _ in range(3))
    check(quickest < limit, f"no list of {A_FEW} is imported within {limit:.1f} s, but {quickest:.1f}")
    say(f"{len(members)} agencies have imported {total} duties; the quickest took {quickest:.2f} s")
    return total


def export_all(network, members):
    """The whole list, as each node has it."""
    path = network.directory / "all.jsonl"
    for node in network.nodes:
        node.cli(None, "duty", "export", "--out", path)
        compare(path, [row for one in members for row in one.rows], node.name)
        path.unlink()


def explored(center, agency, count):
    """The pages with so many members: none is drawn wider than the window, and each is found."""
    with browser.Browser() as chromium:
        tab = chromium.tab()
        tab.size(test_pages.WIDTHS[0])
        tab.go(f"{center.url}/")
        tab.when(test_pages.includes("#members", f"全部 {count} 个成员"), "how many members there are")
        shown = tab.value("document.querySelectorAll('#members tbody tr').length")
        equal(shown, 12, "members on the first page")
        pages = test_pages.Pages(tab, center.url)
        pages.judged("first page")
        for name in ("deadlines", "matters", "assessment"):
            check(agency.name in pages.open(name, name), f"#{name} does not offer {agency.name}")
        pages.menu("members", "members")
        equal(len(pages.rows()), count, "members on their page")
        pages.open("member", f"member/{agency.member}")
        more = "document.querySelector('.more:not([hidden])')"
        codes = "[...document.querySelectorAll('#page a[href^=\"#duty/\"]')].map((one) => one.innerText)"
        for some in range(20, len(agency.rows), 20):
            tab.when(f"{codes}.length >= {some}", "further duties")
            tab.click(more)
        tab.when(f"{codes}.length >= {len(agency.rows)}", "all of its duties")
        equal(tab.value(codes), sorted(row["code"] for row in agency.rows), "the duties of a member")
        check(not tab.wrong, f"the pages complain: {tab.wrong}")
        say(f"{pages.seen} pages with {count} members; {len(agency.rows)} duties of one by twenties")


def test():
    check(browser.available(), "chromium is missing: scripts/test installs it")
    with lib.Network("duties", 9300) as network:
        rows, center = given(), network.nodes[0]
        equal((len(rows), sum(map(len, rows.values()))), (177, 2262), "agencies and their duties")
        agencies = [Agency(network, code, rows[code]) for code in rows]
        members = [one for one in agencies if one.member not in WRONG_CODES]
        refused = sum(refuse(center, one) for one in agencies if one.member in WRONG_CODES)
        admit(center, [one for one in members if not one.runs_node])
        total = imports(members)
        height = network.level()
        for node in network.nodes:
            lists_at(node, height)
        at_desks(give_back, members)
        say(f"each agency's export is what it gave, and changes nothing as {', '.join(FORMS)}")
        give_all(members[-1], sum(map(len, rows.values())))
        export_all(network, members)
        explored(center, max(members, key=lambda one: len(one.rows)), len(members) + 1)
        network.stop()
        say(f"members {len(members)}, imported {total}, refused {refused}, exported equal {total} at "
            f"each of {len(network.nodes)} nodes")


if __name__ == "__main__":
    lib.main(test, 600)
