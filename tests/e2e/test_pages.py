"""The explorer in a browser, as people see it.

A network of four agencies and the center, with one of each matter; the pages are those of the
center's node, which does not vote. Every page at the width of a desk and of a telephone: Chinese
first, no member's name or word of the protocol by itself, nothing wider than the window, no markup
from titles, no error in the console. DIRCHAIN_SHOTS=DIRECTORY keeps a picture of each.
"""
import datetime
import json
import os
import pathlib
import re

import browser
import lib
import pages_world
from clerks import BEIJING, day, digest
from law_catalog import SAMPLES, TREES, entry_of
from lib import check, equal, say
from pages_world import MARKED, MARKUP

FAST = ("--param", "idle_block_ms=200", "--param", "message_delay_ms=100", "--param",
        "precision_ms=100")
WIDTHS = (1280, 390)
A4 = 794  # pixels of CSS
TABS = 8  # more than a browser has connections to one server

# What is wrong with what is in sight, in words. Labels are Chinese, with English behind; a value
# that is nothing but a word of the protocol has its Chinese before it. What a record is called by
# is text from outside.
JUDGE = r"""(() => {
  const wrong = [], seen = (one) => one.checkVisibility({ visibilityProperty: true });
  const all = (what) => [...document.querySelectorAll(what)].filter(seen);
  if (document.documentElement.scrollWidth > innerWidth)
    wrong.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const one of all(".rows"))
    if (one.scrollWidth > one.clientWidth) wrong.push(`cut off: ${one.innerText.slice(0, 60)}`);
  const label = (text) => {
    if (!/^[^A-Za-z]*\p{Script=Han}/u.test(text)) wrong.push(`not Chinese first: ${text}`);
  };
  for (const one of all("h1, h2:not(.title), h3, th, dt, button, option, nav a, footer p"))
    label(one.innerText);
  for (const one of all(".empty, .limits, .status")) label(one.innerText);
  for (const one of all("label")) label(one.firstChild.textContent);
  for (const one of all("td[data-title]")) label(one.dataset.title);
  for (const one of all("td, dd"))
    if (/^[a-z]+(-[a-z]+)*$/.test(one.innerText))
      wrong.push(`a bare word: ${one.parentElement.innerText.slice(0, 60)}: ${one.innerText}`);
  const nothing = document.body.innerText.match(/.*(undefined|NaN|\[object|\bnull\b).*/);
  if (nothing) wrong.push(`nothing: ${nothing[0]}`);
  return wrong;
})()"""
MARKUP_TAKEN = ("document.title === 'injected' || "
                "document.querySelector('main img, main b, #found img, #found b') !== null")
# The page has been drawn since its pieces were marked as old.
MARK_OLD = "for (const one of document.querySelector('#page').children) one.dataset.old = ''"
READY = """(() => { const page = document.querySelector("#page"), old = "[data-old]";
    return !page.hidden && page.children.length > 0 && page.querySelector(old) === null; })()"""
ROWS = "[...document.querySelectorAll('#page tbody tr')]"
BEHIND = "同步中|尚未跟上|列表仅至"


class Network(lib.Network):
    def make(self):
        os.environ["CENTER_PARTIES"] = "center supervisor provider"
        return super().make()


class Pages:
    """The pages of one node in one tab, judged each time that one is looked at."""

    def __init__(self, tab, url):
        self.tab, self.url = tab, url
        self.seen = 0

    def judged(self, name, widths=WIDTHS):
        """What the page in sight says, after it was looked at."""
        for width in widths:
            self.tab.size(width)
            wrong = self.tab.value(JUDGE)
            if self.tab.value(MARKUP_TAKEN):
                wrong.append("markup from a title")
            self.shot(f"{name}-{width}")
            wrong += self.tab.wrong
            check(not wrong, f"{name} at {width} px:\n" + "\n".join(wrong))
        self.tab.size(WIDTHS[0])
        self.seen += 1
        return self.tab.text()

    def shot(self, name):
        if "DIRCHAIN_SHOTS" in os.environ:
            self.tab.shot(pathlib.Path(os.environ["DIRCHAIN_SHOTS"]) / f"{name}.png")

    def redrawn(self, act, what):
        """After something that draws the page anew."""
        self.tab.value(MARK_OLD)
        act()
        self.tab.when(READY, what)

    def open(self, name, address):
        """A page by its address."""
        go = f"location.hash = {json.dumps(address)}"
        self.redrawn(lambda: self.tab.value(go), f"#{address}")
        return self.judged(name)

    def menu(self, name, address):
        """By its link in the menu."""
        link = f"""document.querySelector('nav a[href="#{address}"]')"""
        self.redrawn(lambda: self.tab.click(link), f"#{address}")
        return self.judged(name)

    def chosen(self, what, **choices):
        """After a choice in the page's form."""
        for name, value in choices.items():
            self.redrawn(lambda name=name, value=value: self.tab.choose(name, value), what)

    def rows(self):
        """The cells of each row of the page's tables."""
        return self.tab.value(f"{ROWS}.map((row) => [...row.cells].map((cell) => cell.innerText))")

    def sentences(self):
        return self.tab.value(
            "[...document.querySelectorAll('.history li')].map((one) => one.innerText)")


def includes(selector, text):
    return f"document.querySelector({json.dumps(selector)})?.innerText.includes({json.dumps(text)})"


def said(time_ms, ends=False):
    """A time as pages say it; one that ends a day is 24:00 of it."""
    at = datetime.datetime.fromtimestamp(time_ms / 1000, BEIJING)
    if ends and (at.hour, at.minute, at.second) == (0, 0, 0):
        at -= datetime.timedelta(days=1)
        return f"{at.year}/{at.month}/{at.day} 24:00"
    return f"{at.year}/{at.month}/{at.day} {at:%H:%M:%S}"


# ---- the first page ----

def watched(tab):
    """The first page notes how often it draws the ledger's state, and what it says of its node
    being behind."""
    tab.value("""globalThis.draws = 0; globalThis.behind = [];
        new MutationObserver(() => {
          globalThis.draws++;
          const found = document.querySelector("#home").innerText.match(/.*(%s).*/);
          if (found) globalThis.behind.push(found[0]);
        }).observe(document.querySelector("#tip"), { childList: true })""" % BEHIND)


def never_behind(tab):
    """A node that follows block by block is not behind; on a machine that has little time for it,
    it may be by two of them now and then."""
    draws, behind = tab.value("globalThis.draws"), tab.value("globalThis.behind")
    check(draws >= 10 and len(behind) * 10 <= draws, f"{draws} times drawn, and: {behind}")
    return draws


def first_page(pages, world, network):
    tab = pages.tab
    height = network.nodes[0].api.height()
    tab.when(f"Number(document.querySelector('#tip dd').innerText) >= {height}", "the newest block")
    tab.when(includes("#requests", "deemed"), "what came of silence")
    text = pages.judged("home")
    for part in ("示例大数据中心", "广东省民政厅", "无人答复，视作同意 deemed approved", "协调结论 ruling",
                 "即时授权 at once", "对争议作出结论", "逾期未答复未编目需求", "测试链", "4 / 4"):
        check(part in text, f"the first page does not say {part}:\n{text}")
    draws = never_behind(tab)
    of = world.of
    of.sifa.act("compile", "duty", "publish", "--code", "XIN", "--name", f"新职责{MARKUP}",
                "--category", "公共服务", "--implementer", "法治处", "--basis", "示例条例第一条")
    tab.when(includes("#transactions tbody tr", "发布职责"), "a new transaction by itself")
    say(f"the first page: live, drawn {draws} times, and not behind")


# ---- lists ----

def deadlines(pages, world):
    node = world.of.linye.node
    text = pages.menu("deadlines", "deadlines")
    check("逾期未办 overdue" in text, f"nothing is overdue:\n{text}")
    wanted = node.api.get("/v1/deadlines?open=1").json["items"]
    equal([row[0] for row in pages.rows()],
          [said(one["due_ms"], ends=True) + ("（暂定 provisional）" if one.get("provisional") else "") +
           ("（待重算 recounted）" if one.get("recounted") else "")
           for one in wanted], "the ends of what is to be done")
    pages.chosen("deadlines of one agency", member=world.of.linye.code)
    found = pages.rows()
    check(found and all(row[3] == "广东省林业局" for row in found), f"deadlines of linye: {found}")
    check(any("PT 22" in row[6] and "未编目需求" in row[2] for row in found), f"its need: {found}")
    pages.chosen("deadlines met late or never", state="lapsed", member=world.of.minzheng.code)
    found = pages.rows()
    check(any("申请 PTGXSQ" in row[2] and row[6] == "PT 20" for row in found),
          f"what lapsed: {found}")
    pages.judged("deadlines-lapsed")
    pages.chosen("what is done or not", state="all")
    check(any("（已提醒 warned）" in row[4] for row in pages.rows()), f"warned of: {pages.rows()}")
    pages.chosen("warnings", state="warned", member="")
    found = pages.rows()
    check(len(found) >= 3 and all(row[1] and row[2] for row in found), f"warnings: {found}")
    pages.chosen("warnings of linye", member=world.of.linye.code)
    own = pages.rows()
    check(0 < len(own) < len(found) and all(row[1] == "广东省林业局" for row in own), f"its warnings: {own}")
    pages.judged("deadlines-warned")
    told(node, [row[2] for row in own])


def told(node, terms):
    """The same at the terminal: whom a warning is for and which term, and what was warned of."""
    ask = ("tx", "acts", "--effect", "term-warning", "--mine")
    words, warnings = node.cli("compile", *ask), json.loads(node.cli("compile", *ask, "--json"))["items"]
    check("广东省林业局" in words and terms[0].split(" ")[0] in words and "告知 told" in words, f"warnings:\n{words}")
    equal([f"{one['chinese']} {one['english']}" for one in warnings], terms, "what linye is warned of")
    equal({one["member"] for one in warnings}, {node.member}, "whom the warnings are for")
    least = min(warnings, key=lambda one: one["due_ms"])
    listed = json.loads(node.cli("compile", "deadlines", "--subject", least["subject"], "--mine",
                                 "--term", least["term"], "--json"))["items"]
    listed += json.loads(node.cli("compile", "deadlines", "--state", "lapsed", "--mine", "--json"))["items"]
    check(any(one.get("warned_ms") == least["time_ms"] for one in listed), f"warned of: {listed}")


def replayed(network):
    """A record that is overdue is not told in the words of one in time."""
    center, pack = network.nodes[0], str(network.directory / "overdue.pack")
    act = center.api.get("/v1/acts?effect=refresh-overdue&limit=1").json["items"][0]
    center.cli(None, "audit", "pack", "--to", str(act["height"]), "--out", pack)
    words = "".join(center.cli(None, "audit", "replay", pack, "--height", str(act["height"])).split())
    check("逾期未更新数据" in words and "，逾期overdue）" in words and "期限更新数据" in words
          and "按期" not in words, f"what the block decided:\n{words}")
    for kind in ("", "&open=1"):
        for one in center.api.get(f"/v1/deadlines?state=overdue{kind}").json["items"]:
            check("provisional" not in one, f"what is over moves no more: {one}")


def matters(pages, world):
    text = pages.menu("matters", "matters")
    check(MARKUP in text and "接口日志外泄" in text, f"what waits for somebody:\n{text}")
    check("超出承诺的应用场景使用数据" not in text, f"a case that is found waits for nobody:\n{text}")
    pages.chosen("disputes that wait for somebody", kind="dispute")
    equal(pages.rows(), [], "disputes that wait for somebody")
    pages.chosen("disputes", status="all")
    equal([row[4] for row in pages.rows()], ["已作出结论 ruled"], "disputes")
    pages.chosen("ruled disputes", status="=ruled")
    equal([row[2] for row in pages.rows()], ["就业促进法第五十二条"], "ruled disputes")
    pages.chosen("disputes withdrawn", status="=withdrawn")
    check("暂无 None" in pages.judged("matters-none"), "no dispute was withdrawn")
    equal(pages.rows(), [], "disputes withdrawn")
    pages.chosen("all kinds", kind="", status="all")
    pages.judged("matters-all")
    everything = [row[2] for row in pages.rows()]
    paged(pages, everything)


def paged(pages, everything):
    """Page after page, seven at a time: each of them once, in the same order."""
    pages.open("matters-paged", "list?path=%2Fv1%2Fmatters%3Flimit%3D7")
    shown = 7
    while shown < len(everything):
        equal(len(pages.rows()), shown, "rows before the next page")
        pages.tab.click("document.querySelector('.more')")
        shown = min(shown + 7, len(everything))
        pages.tab.when(f"{ROWS}.length >= {shown}", "the next page")
    equal([row[2] for row in pages.rows()], everything, "all pages, one after another")
    pages.tab.when("document.querySelector('.more').hidden", "no more than all")
    say(f"deadlines and matters: {len(everything)} of them, by sevens, each once")


def assessment(pages, world):
    pages.menu("assessment", "assessment")
    pages.chosen("the figures of an agency", member=world.of.minzheng.code)
    found = {row[0].split(" ")[0]: row for row in pages.rows()}
    equal(found["按期答复共享申请"][1:3], ["1 / 2", "50.0%"], "answers in time")
    for figure, of in (("按期答复共享申请", "本期 period"), ("有目录的职责", "现状 now"),
                       ("用过的授权", "本期 period")):
        equal(found[figure][3], of, f"what {figure} is of")
    pages.judged("assessment-minzheng")
    figure = "[...document.querySelectorAll('td a')].find((one) => one.innerText.startsWith('%s'))"
    pages.redrawn(lambda: pages.tab.click(figure % "按期答复共享申请"), "what is behind the figure")
    text = pages.judged("assessment-list")
    check("按期答复共享申请" in text and "申请 PTGXSQ" in text, f"what is behind the figure:\n{text}")
    pages.redrawn(lambda: pages.tab.click(f"{ROWS}[0].querySelector('a')"), "the record behind it")
    check("办理经过" in pages.judged("assessment-record"), "a record behind a figure")
    pages.redrawn(lambda: pages.tab.value("history.go(-2)"), "back to the figures")
    equal(pages.tab.value("document.querySelector('select[name=member]').value"),
          world.of.minzheng.code, "the agency after the way back")
    early = "location.hash = 'assessment?from=2019-01-01&to=2019-12-31'"
    pages.redrawn(lambda: pages.tab.value(early), "a period before the chain")
    text = pages.tab.text()
    pages.tab.wrong.clear()  # the console complains of an answer of 422
    check(re.search(r"最早为 20\d\d-\d\d-\d\d。 The earliest is 20", text), f"a period before the chain:\n{text}")
    filled = "[...document.querySelector('form.filters').elements].map((one) => one.value)"
    equal(pages.tab.value(filled)[1:], ["2019-01-01", "2019-12-31"], "what was filled in and refused")
    coming = ("for (const [name, day] of [['from', '2999-01-01'], ['to', '2999-12-31']])"
              " document.querySelector(`input[name=${name}]`).value = day;"
              "document.querySelector('form.filters').requestSubmit()")
    pages.redrawn(lambda: pages.tab.value(coming), "a period to come")
    text = pages.tab.text()
    check("期间尚未开始" in text, f"a period to come:\n{text}")
    equal(pages.tab.value(filled)[1:], ["2999-01-01", "2999-12-31"], "what was filled in and refused")
    check(re.search(r"期间自 2999-01-01 起。最新区块在 20\d\d-\d\d-\d\d。", text), f"a period to come:\n{text}")
    nobody = "location.hash = 'assessment?member=11440000999999999X&from=2026-02-09'"
    pages.redrawn(lambda: pages.tab.value(nobody), "an agency that is none")
    text = pages.tab.text()
    check("对象不存在" in text and "无此单位" in text, f"an agency that is none:\n{text}")
    equal(pages.tab.value(filled), ["11440000999999999X", "2026-02-09", ""], "what was refused")
    pages.tab.wrong.clear()
    pages.redrawn(lambda: pages.tab.value("location.hash = 'assessment'"), "the figures again")
    say("assessment: down to a record and back")


# ---- records ----

def members(pages, world):
    text = pages.menu("members", "members")
    for part in ("示例大数据中心", world.of.linye.code, "提供方 provider、使用方 consumer", "有效 active"):
        check(part in text, f"the members do not say {part}:\n{text}")
    equal(sorted(row[4] for row in pages.rows()), ["否 no"] + 4 * ["是 yes"], "who votes")


def dispute(pages, world):
    text = pages.open("dispute", f"dispute/{world.dispute}")
    check("已作出结论 ruled" in text, f"a dispute that is ruled on:\n{text}")
    wanted = ("广东省人力资源和社会保障厅（编制 compile）提出争议 Raise a dispute about a request："
              "类型 审核未通过 refusal；理由 就业促进法第五十二条 依据 PT 24, CN 17",
              "广东省人力资源和社会保障厅（编制 compile）协商不成，提请协调 Negotiation has failed: refer the "
              f"dispute：理由 协商不成 {MARKUP} 依据 PT 24",
              "广东省民政厅（审批 approve）协商不成，提请协调 Negotiation has failed: refer the dispute："
              "理由 协商不成 依据 PT 24",
              "示例大数据中心（审批 approve）对争议作出结论 Rule on a dispute：决定 按申请共享 as-asked；"
              "理由 属于履职所必需 依据 PT 24, CN 17")
    equal([re.sub(r"^\S+ \S+ ", "", one) for one in pages.sentences()], list(wanted),
          "what happened to the dispute")


def records(pages, world):
    of = world.of
    dispute(pages, world)
    for name, address, parts in (
            ("request", f"request/{world.asked}", ("已授权 granted", "答复共享申请", "协调结论 ruling")),
            ("grant", f"grant/{world.asked}", ("有效 active", "使用情况")),
            ("at-once", f"request/{world.at_once}", ("已授权 granted", "绿化规划")),
            ("need", f"need/{world.need}", (MARKUP, "PT 22", "逾期未答复未编目需求 need-overdue")),
            ("case", f"case/{world.case}", ("已认定 found", "查阅访问记录所见")),
            ("entry", f"entry/{of.linye.code}/{TREES}", ("树木普查", "已认定 certified", "授权")),
            ("entry-marked", f"entry/{of.linye.code}/{MARKED}", (MARKUP, "待归集 due")),
            ("collection", f"collection/{of.linye.code}/{TREES}", ("认定数据汇聚", "绿化普查系统")),
            ("member", f"member/{of.minzheng.code}", ("考核指标", "首席数据官", "接口日志外泄", "职责 Duties", "目录 Entries")),
            ("officer", f"officer/{of.minzheng.code}/compile", ("在任 in-office",)),
            ("duty", f"duty/{of.sifa.code}/XIN", (f"新职责{MARKUP}", "公共服务")),
            ("transaction", f"transaction/{world.asked}", ("提出共享申请", "就业困难人员认定")),
            ("block", "block/5", ("状态根", "签名单位"))):
        text = pages.open(name, address)
        for part in parts:
            check(part in text, f"#{address} does not say {part}:\n{text}")
    silent = pages.open("silent", f"request/{world.silent}")
    check("答复 answer" in silent and "已授权 granted" in silent, f"granted by silence:\n{silent}")
    last = pages.sentences()[-1]
    check("账本自动办理" in last and "视作同意" in last and last.endswith("依据 PT 20"),
          f"what silence came to: {last}")
    say("records: sentences with their clauses, all members with their labels")


def forms(pages, world):
    """On paper: everything within the sheet's width."""
    tab = pages.tab
    for name, path, parts in (
            ("form-request", f"request/{world.asked}", ("共享申请审核表", "就业困难人员认定", "PTGXSQ")),
            ("form-collection", f"collection/{world.of.linye.code}/{TREES}", ("汇聚成果认定表", "16484"))):
        family, _, key = path.partition("/")
        pages.open(f"{name}-link", f"{family}/{key}")
        link = tab.value("[...document.querySelectorAll('a')]"
                         ".find((one) => one.innerText === '网页 HTML').href")
        tab.go(link)
        tab.when("document.readyState === 'complete' && document.querySelector('table') !== null",
                 link)
        tab.ask("Emulation.setEmulatedMedia", media="print")
        tab.size(A4)
        pages.shot(name)
        text = tab.text()
        for part in parts:
            check(part in text, f"{link} does not say {part}:\n{text}")
        width = tab.value("document.documentElement.scrollWidth")
        check(width <= A4, f"{link} is {width} wide on paper of {A4}")
        check(not tab.wrong and tab.value("document.querySelector('img') === null"),
              f"{link}: {tab.wrong}")
        printed = tab.ask("Page.printToPDF", preferCSSPageSize=True)["data"]
        check(len(printed) > 5000, f"{link} on paper")
        tab.ask("Emulation.setEmulatedMedia", media="")
        tab.size(WIDTHS[0])
        tab.go(f"{pages.url}/")
        tab.when("document.querySelectorAll('#transactions tr').length > 5", "the first page")


def search(pages):
    tab = pages.tab
    for words, title in (("树木普查", "城市树木普查数据（16,484 株，2008 年起）"), ("林木", MARKUP)):
        tab.type("#query", words)
        tab.when(includes("#found", title), f"{words} is found")
        pages.judged(f"search-{words}")
    tab.type("#query", "绝无此词")
    tab.when(includes("#found", "暂无 None"), "nothing is found")
    tab.type("#query", "树木普查")
    tab.when("document.querySelector('#found a') !== null", "something is found")
    pages.redrawn(lambda: tab.click("document.querySelector('#found a')"), "what was found")
    check(tab.value("document.querySelector('#found').hidden"), "what was found is still there")
    say("forms and search")


# ---- a node that is away, and many tabs ----

def away(pages, network):
    """The node stops while people look, and comes back."""
    tab, node = pages.tab, network.nodes[0]
    pages.menu("away-before", "matters")
    node.stop()
    tab.when(includes("#trouble", "本节点没有应答"), "that the node is away")
    link = """document.querySelector('nav a[href="#deadlines"]')"""
    pages.redrawn(lambda: tab.click(link), "a page meanwhile")
    text = tab.text("#page")
    check("无法读取" in text and "本节点没有应答" in text, f"a page of a node that is away:\n{text}")
    pages.shot("away")
    node.start()
    tab.when("document.querySelector('#trouble').hidden", "that the node is back")
    tab.when(f"{ROWS}.length > 3", "the page that could not be read, by itself")
    strange = [one for one in tab.wrong if "net::ERR_" not in one]
    check(not strange, f"while the node was away: {strange}")
    tab.wrong.clear()
    pages.judged("away-after")
    say("a node that went away: said so, and came back")


def many_tabs(chromium, url):
    """More tabs than connections: each that is looked at has its page."""
    tabs = []
    for count in range(TABS):
        tabs.append(chromium.tab())
        tabs[-1].front()
        tabs[-1].go(f"{url}/#deadlines")
        tabs[-1].when(f"{ROWS}.length > 3", f"the page in tab {count + 1}")
    tabs[0].front()
    tabs[0].go(f"{url}/")
    tabs[0].when("document.querySelectorAll('#transactions tr').length > 5", "the first tab, again")
    wrong = [one for tab in tabs for one in tab.wrong]
    check(not wrong, f"in {TABS} tabs: {wrong}")
    say(f"{TABS} tabs")


def applied(pages, world):
    """What is applied for, in the words of an application: not those of a milestone's kind."""
    linye = world.of.linye
    linye.act("compile", "catalog", "retire", TREES, "--reason", "并入绿化资源目录")
    world.of.center.act("review", "catalog", "propose", linye.code, TREES, "--plan", digest("方案"),
                        "--plan-date", day(90), "--history", "留存", "--continuity", "改由资源目录提供")
    world.of.sifa.act("approve", "catalog", "sign", linye.code, TREES, "--decision", "object",
                      "--plan", digest("方案"), "--reason", "系统改造需两个月")
    told = f"fetch('/v1/state/change/{linye.code}/{TREES}').then((one) => one.json())"
    pages.tab.when(f"{told}.then((one) => one.value.objections === 1)", "the objection")
    text = pages.open("change", f"change/{linye.code}/{TREES}")
    check("删除 retire" in text and "类型 kind" in text, f"a deletion applied for:\n{text}")
    check("异议数 objections" in text and "所提方案 proposals" in text, f"a plan objected to:\n{text}")


def retired(pages, world):
    """The duty that an entry stems from: its page leads to the entry."""
    linye = world.of.linye
    duty = entry_of(SAMPLES / "catalog/linye.json", TREES)["entry"]["duty"]
    linye.act("compile", "duty", "retire", duty, "--reason", "机构改革", shows=(f"{linye.code}/{TREES}",))
    pages.tab.when(f"fetch('/v1/duties/{linye.code}/{duty}').then((one) => one.json())"
                   ".then((one) => one.status === 'retired')", "the duty's end")
    pages.open("duty-retired", f"duty/{linye.code}/{duty}")
    entry = f"[...document.querySelectorAll('dd a')].find((one) => one.innerText.endsWith('{TREES}'))"
    pages.redrawn(lambda: pages.tab.click(entry), "the entry that the duty's end affects")
    check("树木普查" in pages.judged("affected"), "the entry that the duty's end affects")


def profile_by_ledger_time(network):
    """24 days ahead of this machine's clock: what is published now is in force now."""
    center = network.nodes[0]
    path = str(lib.ROOT / "samples/profiles/changning.json")
    center.cli("admin", "profile", "publish", path, "--reason", "改行其他办法")
    network.level()
    rows = center.cli(None, "profile", "list").splitlines()
    equal([("现行" in row, "changning" in row) for row in rows if "putuo" in row or "changning" in row],
          [(False, False), (True, True)], "which profile is in force")
    check("长宁" in center.cli(None, "profile", "show"), "the profile in force")


def test():
    lib.check(browser.available(), "chromium is missing: scripts/test installs it")
    with Network("pages", 9840, genesis=FAST) as network, browser.Browser() as chromium:
        url, tab = network.nodes[0].url, chromium.tab()
        tab.size(WIDTHS[0])
        tab.go(f"{url}/")
        tab.when("document.querySelectorAll('#members tr').length > 5", "the first page")
        watched(tab)
        world = pages_world.make(network)
        say("the world is made")
        pages = Pages(tab, url)
        first_page(pages, world, network)
        deadlines(pages, world)
        matters(pages, world)
        assessment(pages, world)
        members(pages, world)
        records(pages, world)
        forms(pages, world)
        search(pages)
        applied(pages, world)
        retired(pages, world)
        away(pages, network)
        many_tabs(chromium, url)
        say(f"{pages.seen} pages judged at {WIDTHS[0]} and {WIDTHS[1]} px")
        replayed(network)
        profile_by_ledger_time(network)
        network.stop()


if __name__ == "__main__":
    lib.main(test, 180)
