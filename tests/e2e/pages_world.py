"""One of each matter for the explorer's pages, made by clerks at the command line.

Titles that came from outside hold markup; a request is answered by silence; what is owed is
overdue. Steps that do not wait for one another are taken side by side.
"""
import concurrent.futures
import json
import types

from clerks import Clerk, day, digest
from law_catalog import BASICS, PERSONS, REGISTRY, SAMPLES, TREES, entry_of
from law_requests import ask, refuse, use
from lib import equal, until

MARKUP = '<img src="x" onerror="document.title=\'injected\'"><b>林木</b>'
MARKED = "LM-MARK"
DAY_MS = 86_400_000


def clerks(network):
    """All at the center's node, whose pages are looked at: so its lists have what they did."""
    names = [node.folder.name for node in network.nodes]
    return types.SimpleNamespace(**{name: Clerk(network, i, network.nodes[0])
                                    for i, name in enumerate(names)})


def together(*steps):
    """What each of the steps returns."""
    with concurrent.futures.ThreadPoolExecutor(len(steps)) as pool:
        return [one.result() for one in [pool.submit(step) for step in steps]]


def accept(of, owner, code):
    return lambda: of.center.act("review", "catalog", "review", owner.code, code, "--decision",
                                 "accept")


def publish(of):
    """Duties and entries of two agencies, one with markup for a name."""
    for owner, duties in ((of.minzheng, {"2442108208000", "2442108006000", "2442108014000"}),
                          (of.linye, {"2440132000000"})):
        rows = (SAMPLES / f"duties/{owner.node.folder.name}.jsonl").read_text().splitlines()
        named = [row for row in rows if json.loads(row)["code"][18:] in duties]
        equal(len(named), len(duties), "duties of the samples")
        (owner.node.folder / "duties.jsonl").write_text("\n".join(named) + "\n")
    marked = entry_of(SAMPLES / "catalog/linye.json", TREES)
    marked["code"] = MARKED
    marked["entry"].update(name=MARKUP, summary=f"摘要 {MARKUP}")
    path = of.linye.node.folder / "marked.json"
    path.write_text(json.dumps({"entries": [marked]}, ensure_ascii=False))

    def entries_of(owner, *files):
        owner.told("compile", "duty", "import", owner.node.folder / "duties.jsonl", shows=("已上链",))
        for file in files:
            owner.told("compile", "catalog", "submit", file, shows=("已上链",))

    together(lambda: entries_of(of.minzheng, SAMPLES / "catalog/minzheng.json"),
             lambda: entries_of(of.linye, SAMPLES / "catalog/linye.json", path))
    together(*(accept(of, *one) for one in ((of.minzheng, BASICS), (of.minzheng, PERSONS),
                                            (of.minzheng, REGISTRY), (of.linye, TREES),
                                            (of.linye, MARKED))))
    collect = ("--method", "offline", "--system", "绿化普查系统", "--content", "树木普查", "--tables", "1",
               "--rows", "16484")
    together(*(lambda one=one: one[0].act("compile", "catalog", "collect", one[1], *collect)
               for one in ((of.linye, TREES), (of.minzheng, PERSONS))))


def disputed(of):
    """Refused, disputed, referred, ruled: a record with a history; its txid and its request's."""
    request = ask(of.renshe, of.minzheng, PERSONS, ["姓名"], "就业困难人员认定")
    refuse(of.minzheng, request)
    dispute = of.renshe.act("compile", "dispute", "raise", request, "--kind", "refusal", "--reason",
                            "就业促进法第五十二条")
    of.renshe.act("compile", "dispute", "refer", dispute, "--reason", f"协商不成 {MARKUP}",
                  "--minutes", digest("协商记录"))
    of.minzheng.act("approve", "dispute", "refer", dispute, "--reason", "协商不成", "--minutes",
                    digest("协商记录"))
    of.center.act("approve", "dispute", "rule", dispute, "--decision", "as-asked", "--reason",
                  "属于履职所必需", "--basis", "普陀区公共数据共享实施办法第二十四条")
    return request, dispute


def needed(of):
    """Asked of an agency, which does not answer."""
    need = of.sifa.act("compile", "need", "submit", "--name", f"古树名木名录{MARKUP}", "--wanted", "树种",
                       *use("绿化规划"))
    of.center.act("review", "need", "intake", need, "--decision", "accept", "--provider",
                  of.linye.code)
    return need


def supervised(of):
    case = of.center.act("review", "case", "open", "--member", of.renshe.code, "--source",
                         "inspection", "--kind", "off-purpose", "--statement",
                         "超出承诺的应用场景使用数据")
    of.center.act("review", "case", "find", case, "--finding", "violation", "--rule",
                  "普陀区公共数据共享实施办法第三十二条", "--statement", "查阅访问记录所见")
    return case


def reported(of):
    of.minzheng.act("compile", "incident", "report", "--kind", "leak", "--statement", "接口日志外泄",
                    "--actions", "已关闭接口并更换密钥", "--authority", "区委网信办", "--found-ms",
                    f"{day()}T00:00:00+08:00", "--provider", of.minzheng.code, "--entry", PERSONS)
    of.center.act("approve", "designation", "make", "--member", of.linye.code, "--matter", "河湖名录",
                  "--reason", "涉及多个单位")


def collected(of):
    of.center.act("review", "catalog", "certify", of.linye.code, TREES, "--decision", "accept")


def answered_by_silence(of):
    """PT 20: not answered within its days; PT 19: what is shared without conditions, at once."""
    silent = ask(of.sifa, of.minzheng, PERSONS, ["姓名"], "法律援助对象核验")
    at_once = ask(of.sifa, of.linye, TREES, ["树种"], "绿化规划")
    return silent, at_once


def tip_ms(network):
    return network.nodes[0].api.get("/v1/status").json["tip"]["time_ms"]


def time_passes(network, advance_ms):
    """On every node's clock (a test chain); until the newest block is of that time."""
    wanted = tip_ms(network) + advance_ms
    body = json.dumps({"advance_ms": advance_ms})
    answers = together(*(lambda node=node: node.api.post("/v1/test/clock", body, "application/json")
                         for node in network.nodes))
    equal([answer.status for answer in answers], [200] * len(answers), "all clocks are advanced")
    until(lambda: tip_ms(network) >= wanted, f"{advance_ms} ms have passed", 20)


def warned(network):
    """In the evening of the day on which most terms end: a working day, on which they are warned of,
    whatever day of the week it is today. Returns how much time has passed."""
    now = tip_ms(network)
    ends = [one["due_ms"] for one in network.nodes[0].api.get("/v1/deadlines?open=1").json["items"]
            if now + DAY_MS < one["due_ms"] < now + 20 * DAY_MS]
    most = max(sorted(set(ends)), key=ends.count)
    time_passes(network, most - DAY_MS // 4 - now)
    return most - DAY_MS // 4 - now


def make(network):
    """Everything; what the pages are asked for by name."""
    of = clerks(network)
    publish(of)
    (asked, dispute), need, case, _, _, (silent, at_once) = together(
        *(lambda step=step: step(of) for step in (disputed, needed, supervised, reported, collected,
                                                  answered_by_silence)))
    passed = warned(network)
    time_passes(network, 24 * DAY_MS - passed)
    return types.SimpleNamespace(of=of, asked=asked, dispute=dispute, need=need, case=case,
                                 silent=silent, at_once=at_once)
