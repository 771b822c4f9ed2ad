"""Who may act, as the center's clerk types it: members and keys suspended, restored, removed (PT 31).

Under the putuo profile whoever is stopped for a risk is reported to the authority for data security
and to the supervisors among the members; whoever is stopped for another cause has a paper that shows
it. What is missing or wrong is told at once, by its name in Chinese, with what would do; papers are
given as files. The explorer then says who was stopped and why, and whom the risk waits for.
"""
import subprocess

import browser
import lib
import test_pages
from clerks import Clerk
from lib import BIN, check, equal, say

CABINET = "11440000MB2C87614P"  # 区府办 of this ledger: a supervisor without a node
REPORT = ("--authority", "区委网信办", "--supervisors", CABINET)


def admit_supervisor(center, folder):
    keys, passphrase = folder / "cabinet", folder / "cabinet.passphrase"
    passphrase.write_text("passphrase of the cabinet\n")
    passphrase.chmod(0o600)
    own = ("--member", CABINET, "--passphrase-file", passphrase)
    center.told(None, "key", "create", *own, "--dir", keys, "--light", "chief", "review", "vote", "peer")
    center.told(None, "member", "join-request", *own, "--name", "区政府办公室", "--party", "supervisor",
                "--peer", "127.0.0.1:9", "--gateway", "127.0.0.1:9", "--keys", keys, "--out",
                folder / "cabinet.json")
    center.act("admin", "member", "admit", folder / "cabinet.json")
    return keys / "review.key", passphrase


def tells(text, *parts):
    flat = "".join(text.split())
    for part in parts:
        check("".join(part.split()) in flat, f"it does not tell {part}:\n{text}")


def suspended(center, agency, paper):
    """A member, for a risk: each thing that is wrong, then as it should be."""
    stop = ("member", "suspend", agency.code)
    why = (*stop, "--reason", "发现安全风险")
    center.wrong("admin", "field-missing", "reason理由", *stop)
    text = center.refused("admin", "field-missing", "authority 〔PT 31〕", *why)
    tells(text, "authority 已报告部门", "document 文书摘要", "supervisors 已报送主管部门",
          "未写明事由 cause 的，即为安全风险", "Without a cause it is risk", "Others are order, request, succession")
    text = center.refused("admin", "not-supervisor", "supervisors[0] 〔PT 31〕", *why, "--authority",
                          "区委网信办", "--document-file", paper, "--supervisors", agency.code)
    tells(text, "须为主管部门。")
    text = center.refused("admin", "not-supervisor", "supervisors[0] 〔PT 31〕", *why, "--authority",
                          "区委网信办", "--document-file", paper, "--supervisors", center.code)
    tells(text, "现为中心。须为主管部门。")
    center.wrong("admin", "field-format", "document文书摘要", *why, *REPORT, "--document", paper.name)
    center.wrong("admin", "field-choice", "可取risk（安全风险）", *why, "--cause", "风险")
    center.told("admin", *why, *REPORT, "--document-file", paper.with_name("none.pdf"), status=3,
                shows=("--document-file", "[not-found]"))
    text = center.refused("admin", "field-unknown", "papers 〔PT 31〕", *why, "--papers-file", paper)
    text = agency.refused("chief", "party", "〔PT 31〕", *why, *REPORT, "--document-file", paper)
    tells(text, "应由中心办理。")
    text = center.refused("review", "tx-role", "〔PT 31〕", *why, *REPORT, "--document-file", paper)
    tells(text, "该密钥为审核。须用管理密钥。")
    risk = center.act("admin", *why, *REPORT, "--document-file", paper, shows=("已暂停",))
    digest = subprocess.run(["sha256sum", paper], capture_output=True, text=True, check=True).stdout[:64]
    filed = center.node.api.state(f"risk/{risk}")
    equal((filed["document"], filed["member"], filed["supervisors"], filed["status"]),
          (digest, agency.code, [CABINET], "reported"), "the risk on the ledger")
    tells(center.refused("admin", "status", "member 〔PT 31〕", *why, *REPORT, "--document-file", paper),
          "现为已暂停。须为有效。")
    agency.told("compile", "duty", "publish", "--code", "X", "--name", "名称", "--category", "公共服务",
                "--implementer", "民政厅", "--basis", "条例", status=1, shows=("[tx-member-suspended]",))
    center.shows("matters", "--kind", "risk", shows=("安全风险", "待处理", f"risk/{risk}"))
    say("a member is suspended for a risk, which its supervisor is told of")
    return risk


def handled(center, agency, risk, key, passphrase):
    """The supervisor says what became of it; the member is restored."""
    text = center.told(None, "risk", "handle", risk, "--finding", "已整改", "--key", key,
                       "--passphrase-file", passphrase)
    check(text.startswith("已上链 Committed: "), f"what became of a risk:\n{text}")
    center.wrong("admin", "field-missing", "reason理由", "member", "restore", agency.code)
    center.act("admin", "member", "restore", agency.code, "--reason", "已整改", shows=("有效",))
    tells(center.refused("admin", "status", "member 〔PT 31〕", "member", "restore", agency.code,
                         "--reason", "再次"), "现为有效。")
    say("it is handled and restored")


def keys(center, agency, paper):
    """A gateway's key by the center, which is a risk; another by its own chief, which is none."""
    gateway = ("member", "key", "suspend", "gateway", "--member", agency.code, "--reason", "疑似泄露")
    text = center.refused("admin", "field-missing", "document 〔PT 31〕", *gateway)
    tells(text, "authority 已报告部门", "即为安全风险")
    center.act("admin", *gateway, *REPORT, "--document-file", paper)
    own = ("member", "key", "suspend", "gateway", "--reason", "疑似泄露")
    tells(agency.refused("chief", "status", "name 〔PT 29〕", *own), "现为已暂停。须为有效。")
    restore = ("member", "key", "restore", "gateway", "--reason", "已核实")
    tells(agency.refused("chief", "party", "name 〔PT 29〕", *restore), "应由中心（管理）办理。")
    center.act("admin", *restore, "--member", agency.code)
    tells(center.refused("admin", "status", "name 〔PT 29〕", *restore, "--member", agency.code),
          "现为有效。须为已暂停。")
    agency.act("chief", "member", "key", "suspend", "compile", "--reason", "疑似泄露")
    agency.shows("member", "keys", agency.code, shows=("暂停自",))
    agency.act("chief", "member", "key", "restore", "compile", "--reason", "已核实")
    say("keys are suspended and restored")


def removed(center, agency, paper):
    """For a succession: no risk and no report, but the paper that shows it."""
    remove = ("member", "remove", agency.code, "--reason", "机构撤并", "--cause", "succession")
    text = center.refused("admin", "field-missing", "papers 〔PT 31〕", *remove)
    tells(text, "papers 材料摘要", "[member-is-validator]", "validator change --remove")
    center.refused("admin", "field-unknown", "authority 〔PT 31〕", *remove, *REPORT, "--papers-file", paper)
    center.act("admin", "validator", "change", "--remove", agency.code, "--reason", "机构撤并")
    center.act("admin", *remove, "--papers-file", paper, shows=("已移除",))
    say("a member is removed for a succession")


def explored(center, agency, gone, risk):
    with browser.Browser() as chromium:
        tab = chromium.tab()
        tab.size(test_pages.WIDTHS[0])
        tab.go(f"{center.node.url}/")
        tab.when("document.querySelectorAll('#members tr').length > 5", "the first page")
        pages = test_pages.Pages(tab, center.node.url)
        for name, address, parts in (
                ("removed", f"member/{gone.code}",
                 ("已移除 removed", "事由 机构撤并或者人员接任 succession；理由 机构撤并")),
                ("suspended-restored", f"member/{agency.code}",
                 ("恢复成员", "理由 已整改", "暂停成员 Suspend a member：理由 发现安全风险 依据 PT 31")),
                ("risk", f"risk/{risk}", ("已处理 handled", "区委网信办", "区政府办公室"))):
            pages.open(name, address)
            tab.when(test_pages.includes("#page", parts[0]), f"#{address} says {parts[0]}")
            tells(tab.text(), *parts)
        pages.menu("members", "members")
        standing = {row[0]: row[3] for row in pages.rows()}
        equal((len(standing), standing.pop(gone.code), set(standing.values())),
              (6, "已移除 removed", {"有效 active"}), "members and their status")
    say("the pages say who was stopped, why, and what became of the risk")


def help_says():
    for words in (("member", "suspend"), ("member", "remove"), ("member", "key", "suspend")):
        said = subprocess.run([BIN / "dirchain", *words, "--help"], capture_output=True, text=True,
                              timeout=20, check=True).stdout
        tells(said, "安全风险（缺省，须填写报送情况）", "--document-file FILE", "--papers-file FILE",
              "文件不上链", "中心以外的成员单位")


def test():
    check(browser.available(), "chromium is missing: scripts/test installs it")
    help_says()
    with lib.Network("standing", 9360) as network:
        center, agency, other, _, gone = (Clerk(network, i, network.nodes[0]) for i in range(5))
        paper = network.directory / "报送.pdf"
        paper.write_bytes(b"%PDF-1.4 a report\n")
        key, passphrase = admit_supervisor(center, network.directory)
        risk = suspended(center, agency, paper)
        handled(center, agency, risk, key, passphrase)
        keys(center, other, paper)
        removed(center, gone, paper)
        network.level()
        explored(center, agency, gone, risk)
        network.stop()


if __name__ == "__main__":
    lib.main(test, 180)
