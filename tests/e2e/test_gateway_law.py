"""What the law stops in the midst of a transfer moves no further, and what had moved is on the ledger.

A consumer's node fetches the provider's file through a proxy that lets little through; a member
without a node has begun to fetch it too. After some chunks

  - a notice withholds the entry's data (OPEN 31): both get no further chunk;
  - a measure closes the consumer's access (OPEN 32): it gets none, the other does;
  - an item is masked for the consumer (OPEN 31): what was prepared in plain is over, the other's is
    not, and a new transfer has the item masked;
  - a key is suspended, as one that may be lost (PT 29), or a member: no chunk until it is restored;
  - the center terminates the grant (PT 31): its next chunk is refused.

Every time both receipts say the same part of the file, the refusal is on record with its reason, and
no node's reconciliation has anything to say. What is lifted can be had again: all of it.
"""
import csv
import io
import json
import re
import types

import lib
from clerks import Clerk, day, digest
from gateways import (CENTER, CONSUMER, FILE, PROVIDER, SAMPLES, Direct, Network, begin,
                      check_file, look, publish, request)
from lib import check, equal, say, until

CHUNK = 256 * 1024
FAST = ("--param", "idle_block_ms=200", "--param", "message_delay_ms=100", "--param",
          "precision_ms=100")


class Case:
    """A transfer of the consumer's node that moves slowly, and what becomes of it."""

    def __init__(self, network, granted):
        self.network, self.node = network, network.nodes[CONSUMER]
        network.proxy.slow = True
        answer = begin(self.node, granted)
        equal(answer.status, 202, "a transfer is asked for")
        self.id = answer.json["id"]
        until(lambda: self.state()["bytes_done"] >= CHUNK, "a chunk", 30)

    def state(self):
        return look(self.node, self.id)

    def over(self):
        state = until(lambda: (state := self.state())["over"] and state, "the transfer's end", 40)
        self.network.proxy.slow = False
        return state

    def access(self):
        """What every node lists of it once both receipts are in."""
        self.network.level()
        said = [node.api.get(f"/v1/accesses?id={self.id}").json["items"]
                for node in self.network.nodes]
        check(all(items == said[0] for items in said), f"the nodes list {said}")
        return said[0][0]

    def stopped(self, code):
        """It ends with this code; both sides say of the same chunks that they moved."""
        state = self.over()
        equal((state["state"], state.get("error")), ("failed", code), f"the end: {state}")
        access = self.access()
        mine, theirs = access["consumer_receipt"], access["provider_receipt"]
        moved = mine["bytes"]
        check(0 < moved < FILE.stat().st_size and moved % CHUNK == 0, f"{moved} bytes moved")
        for field in ("bytes", "digest", "result", "rows"):
            equal(mine[field], theirs[field], f"{field} of both receipts")
        equal((mine["result"], access["status"], state["reconciled"]),
              ("partial", "closed", "agreed"), "the receipts")
        say(f"{code}: {moved} bytes of {FILE.stat().st_size} had moved, and both sides say so")


class Chunks:
    """A transfer of the member without a node: chunk after chunk, as it asks for them."""

    def __init__(self, direct, granted):
        self.direct = direct
        self.open, self.opening = direct.opened(granted)
        equal(direct.manifest(self.open, self.opening).code, "ok", "the manifest")
        self.next = 0

    def ask(self):
        code = self.direct.ask(self.open, f"chunks/{self.next}").code
        self.next += code == "ok"
        return code


def refused_on_record(api, consumer, reason):
    """The provider's gateway has put on record whom it refused, and why."""
    def found():
        items = api.get("/v1/transactions?type=access.refused").json["items"]
        bodies = [api.get(f"/v1/transactions/{item['txid']}").json["body"] for item in items]
        return [body for body in bodies if (body["consumer"], body["reason"]) == (consumer, reason)]
    until(found, f"the refusal of {consumer}: {reason}", 20)


def halted(network, of, direct, granted):
    """OPEN 31: 中止提供, and 恢复: nobody gets a chunk while the entry's data are withheld."""
    chunks = Chunks(direct, granted[direct])
    case = Case(network, granted[CONSUMER])
    equal(chunks.ask(), "ok", "a chunk before the notice")
    notice = of.center.act("review", "notice", "file", "--kind", "rights", "--provider",
                           of.linye.code, "--entry", "SM-PC", "--papers", digest("告知书"),
                           "--summary", "所列位置侵犯合法权益", "--hold")
    network.level()
    equal(chunks.ask(), "entry-halted", "the next chunk")
    case.stopped("entry-halted")
    refused_on_record(of.center.node.api, case.node.member, "suspended")
    of.center.act("review", "notice", "resolve", notice, "--outcome", "restore", "--finding",
                  "位置已在公开图册", "--reply", digest("回函"))
    network.level()
    equal(chunks.ask(), "ok", "the next chunk when the data are given again")
    return chunks


def closed(network, of, chunks, granted):
    """OPEN 32: 关闭其数据获取权限, of one consumer and no other."""
    case = Case(network, granted[CONSUMER])
    violation = of.center.act("review", "case", "open", "--member", case.node.member, "--kind",
                              "off-purpose", "--source", "inspection", "--statement", "超出应用场景使用",
                              "--grant", granted[CONSUMER])
    of.center.act("review", "case", "find", violation, "--finding", "violation", "--rule",
                  "上海市公共数据开放实施细则第三十二条", "--statement", "属实", "--papers",
                  digest("会同记录"))
    measure = of.linye.act("approve", "measure", "impose", "--case", violation, "--measure", "close",
                           "--until", day(30), "--reason", "停止超范围使用")
    case.stopped("access-barred")
    equal(chunks.ask(), "ok", "the chunk of another consumer")
    of.linye.act("approve", "measure", "lift", measure, "--reason", "已整改")
    network.level()
    case = Case(network, granted[CONSUMER])
    network.proxy.slow = False
    equal(case.over()["state"], "complete", "a transfer after the measure was lifted")
    check_file(case.node, case.id)


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode()), delimiter=";"))


def check_masked(node, transfer, field):
    """All is there, but that values of one column are masks: of equal values equal ones."""
    path = node.folder / "inbox" / look(node, transfer)["path"]
    plain, masked = rows_of(FILE.read_bytes()), rows_of(path.read_bytes())
    at = plain[0].index(field)
    equal(masked[0], plain[0], "the header")
    equal([row[:at] + row[at + 1:] for row in masked], [row[:at] + row[at + 1:] for row in plain],
          "what is not masked")
    pairs = {(was[at], became[at]) for was, became in zip(plain[1:], masked[1:])}
    check(all(re.fullmatch("[0-9a-f]{64}", became) for _, became in pairs), "no mask")
    equal(len(pairs), len({was for was, _ in pairs}), "masks of equal values")
    equal(len(pairs), len({became for _, became in pairs}), "masks of different values")


def masked(network, of, chunks, granted):
    """OPEN 31: 处理后再开放, for one consumer and no other."""
    item = json.loads((SAMPLES / "catalog/linye.json").read_text())["entries"][0]["entry"]["items"][2]
    case = Case(network, granted[CONSUMER])
    notice = of.center.act("review", "notice", "file", "--kind", "risk", "--provider",
                           of.linye.code, "--entry", "SM-PC", "--grant", granted[CONSUMER],
                           "--papers", digest("风险报告"), "--summary", "树种与位置结合存在风险")
    of.center.act("review", "notice", "resolve", notice, "--outcome", "reprocess", "--finding",
                  "属实", "--reply", digest("回函"), "--terms", "脱敏后提供", "--masked", item["name"])
    case.stopped("scope-narrowed")
    refused_on_record(of.center.node.api, case.node.member, "off-scope")
    equal(chunks.ask(), "ok", "the chunk of another consumer")
    case = Case(network, granted[CONSUMER])
    network.proxy.slow = False
    equal(case.over()["state"], "complete", "a transfer of what is masked")
    check_masked(case.node, case.id, item["field"])


def keyless(network, of, chunks, direct, granted):
    """PT 29, PT 31: a key that may be in other hands fetches nothing, nor does a member that is
    suspended; restored, both go on."""
    case = Case(network, granted[CONSUMER])
    key = ("chief", "member", "key")
    case.node.cli(*key, "suspend", "gateway", "--reason", "疑似泄露")
    until(lambda: case.state().get("error") == "key-suspended", "the reason", 30)
    direct.node.cli(*key, "suspend", "direct", "--reason", "疑似泄露")
    network.level()
    equal(chunks.ask(), "key-suspended", "the next chunk by a key that is suspended")
    direct.node.cli(*key, "restore", "direct", "--reason", "已核实")
    of.center.act("admin", "member", "suspend", direct.node.member, "--reason", "安全事件待查",
                  "--authority", "区委网信办", "--document", digest("风险报送"))
    network.level()
    equal(chunks.ask(), "tx-member-suspended", "the next chunk of a member that is suspended")
    of.center.act("admin", "member", "restore", direct.node.member, "--reason", "安全事件已处理")
    network.level()
    equal(chunks.ask(), "ok", "the next chunk when both are restored")
    case.node.cli(*key, "restore", "gateway", "--reason", "已核实")
    case.stopped("key-suspended")  # it signs for what had moved


def terminated(network, of, chunks, granted):
    """PT 31: what the center terminates is over in the midst of a file."""
    case = Case(network, granted[CONSUMER])
    for grant in granted.values():
        of.center.act("review", "grant", "terminate", grant, "--reason", "存在安全风险")
    network.level()
    equal(chunks.ask(), "grant-expired", "the next chunk under a grant that is terminated")
    case.stopped("grant-expired")


def test():
    with Network("gateway-law", 9860, genesis=FAST) as network:
        of = types.SimpleNamespace(center=Clerk(network, CENTER, network.nodes[PROVIDER]),
                                   linye=Clerk(network, PROVIDER))
        publish(network)
        direct = Direct(network, len(network.nodes), network.nodes[CONSUMER])
        granted = {CONSUMER: request(network, network.nodes[CONSUMER]),
                   direct: request(network, direct.node)}
        of.center.act("admin", "profile", "publish", SAMPLES / "profiles/shanghai-open.json",
                      "--reason", "改行公共数据开放实施细则")
        network.level()
        chunks = halted(network, of, direct, granted)
        closed(network, of, chunks, granted)
        masked(network, of, chunks, granted)
        keyless(network, of, chunks, direct, granted)
        terminated(network, of, chunks, granted)
        equal([item for item in of.center.node.api.get("/v1/reconciliation").json["items"]
               if item["open"] != chunks.open], [], "the reconciliation")
        network.stop()


if __name__ == "__main__":
    lib.main(test, 240)
