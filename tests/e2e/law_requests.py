"""Requests, needs, fusions and disputes as clerks type them (PT 17-26, OPEN 17-20, CN 17).

`all_of` is what test_law.py shares out: the clerks, and the codes that the catalog has.
"""
import re

from clerks import day, digest
from lib import check, equal

USE = ("--basis", "履职需要", "--goal", "减少重复提交材料", "--frequency.times", "10",
       "--frequency.per", "month", "--security-level", "3", "--safeguards", "专网访问，按岗位授权",
       "--system", "一网通办", "--commitments.genuine", "--commitments.reasonable",
       "--commitments.compliant")
PERSONS, TREES, BASICS, CITY = "SHJZ-DXXX", "SM-PC", "SHZZ-JBXX", "SJ-LD"


def use(purpose, mode="service", need="service"):
    return ("--need", need, "--mode", mode, "--purpose", purpose, "--until", day(200), *USE)


def ask(clerk, provider, entry, items, purpose, *more):
    words = [word for item in items for word in ("--items", item)]
    return clerk.act("compile", "request", "submit", provider.code, entry, *words, *use(purpose),
                     *more)


def version(clerk, key):
    return clerk.node.api.state(key)["version"]


def refuse(provider, request):
    provider.act("approve", "request", "answer", request, "--decision", "refuse",
                 "--grounds.legal-basis", "中华人民共和国个人信息保护法|第十三条", shows=("不同意",))


def scenario_and_withdrawal(of):
    """PT 19: 重点工作场景由中心评估; PT 26: what is not needed any more is withdrawn."""
    request = ask(of.sifa, of.minzheng, PERSONS, ["姓名"], "法律援助审查", "--scenario.case", "2",
                  "--scenario.description", "区级重点工作清单第三项")
    of.sifa.refused("review", "party", "〔PT 19, PT 21〕", "request", "assess", request, "--scenario", "accept",
                    "--opinion", "自评通过")
    of.center.act("review", "request", "assess", request, "--scenario", "refuse", "--opinion",
                  "不属于重点工作，转提供方审核", shows=("待答复", "PT 20"))
    of.renshe.refused("compile", "party", "request 〔PT 26〕", "request", "withdraw", request,
                      "--reason", "不再需要")
    of.sifa.act("compile", "request", "withdraw", request, "--reason", "不再需要", shows=("已撤回",))
    of.minzheng.refused("approve", "status", "request 〔PT 20〕", "request", "answer", request,
                        "--decision", "approve")


def disputes(of):
    """PT 24: negotiated to a settlement, ruled, withdrawn; nobody rules before they negotiated."""
    request = ask(of.sifa, of.minzheng, PERSONS, ["姓名", "性别"], "法律援助对象核验")
    refuse(of.minzheng, request)
    of.minzheng.refused("approve", "party", "kind 〔PT 24, CN 17〕", "dispute", "raise", request,
                        "--kind", "refusal", "--reason", "维持原意见")
    raised = of.sifa.act("compile", "dispute", "raise", request, "--kind", "refusal", "--reason",
                         "法律援助条例第十八条可作依据", shows=("协商中",))
    of.center.refused("approve", "status", "dispute 〔PT 24〕", "dispute", "rule", raised,
                      "--decision", "as-asked", "--reason", "应予共享")
    of.sifa.act("compile", "dispute", "settle", raised, "--decision", "partly", "--items", "姓名")
    of.sifa.shows("request", "show", request, shows=("refused",))  # one side alone settles nothing
    of.minzheng.act("approve", "dispute", "settle", raised, "--decision", "partly", "--items",
                    "姓名", shows=("协商一致",))
    granted = of.sifa.shows("grant", "show", request, shows=("active", "姓名"))
    check("性别" not in granted, f"the settlement gives more than was settled:\n{granted}")

    second = ask(of.renshe, of.minzheng, PERSONS, ["姓名"], "就业困难人员认定")
    refuse(of.minzheng, second)
    raised = of.renshe.act("compile", "dispute", "raise", second, "--kind", "refusal", "--reason",
                           "就业促进法第五十二条")
    of.renshe.refused("compile", "field-missing", "minutes 〔PT 24〕", "dispute", "refer", raised,
                      "--reason", "协商不成")
    of.renshe.act("compile", "dispute", "refer", raised, "--reason", "协商不成", "--minutes",
                  digest("协商记录"), shows=("协商中",))
    of.minzheng.act("approve", "dispute", "refer", raised, "--reason", "协商不成", "--minutes",
                    digest("协商记录"), shows=("已提请协调",))
    of.linye.refused("approve", "party", "", "dispute", "rule", raised, "--decision", "as-asked",
                     "--reason", "应予共享")
    of.center.refused("approve", "field-missing", "items 〔PT 24, CN 17〕", "dispute", "rule",
                      raised, "--decision", "partly", "--reason", "部分共享")
    of.center.act("approve", "dispute", "rule", raised, "--decision", "as-asked", "--reason",
                  "属于履职所必需", "--basis", "普陀区公共数据共享实施办法第二十四条", shows=("已作出结论",))
    of.renshe.shows("grant", "show", second, shows=("active",))

    third = ask(of.linye, of.minzheng, PERSONS, ["姓名"], "林区困难家庭帮扶")
    refuse(of.minzheng, third)
    raised = of.linye.act("compile", "dispute", "raise", third, "--kind", "refusal", "--reason",
                          "帮扶工作需要")
    # What granted it is in the history of request and grant.
    for record in (f"request/{second}", f"grant/{second}"):
        history = of.center.node.ask(None, "explorer", "history", record)
        last = [item["type"] for item in history["items"] if "type" in item][-1]
        equal(last, "dispute.rule", f"the last that touched {record}")
    of.minzheng.refused("approve", "party", "dispute 〔PT 24〕", "dispute", "withdraw", raised,
                        "--reason", "对方应撤回")
    of.linye.act("compile", "dispute", "withdraw", raised, "--reason", "改由本人授权查询", shows=("已撤回",))
    return second


def needs(of):
    """PT 22, 23: data not in the catalog; what the district cannot meet goes up, and comes down."""
    wanted = ("--wanted", "树种", *use("绿化规划"))
    need = of.sifa.act("compile", "need", "submit", "--name", "古树名木名录", *wanted)
    of.center.refused("review", "field-missing", "provider 〔PT 22〕", "need", "intake", need,
                      "--decision", "accept")
    of.center.act("review", "need", "intake", need, "--decision", "accept", "--provider",
                  of.linye.code, shows=("PT 22", "24:00"))
    of.linye.shows("deadlines", "--member", of.linye.code, "--term", "need", shows=("进行中",))
    of.linye.act("approve", "need", "answer", need, "--decision", "compiled", "--meets",
                 f"树种|{TREES}|树种", shows=("已完成",))
    of.sifa.refused("compile", "off-purpose", "purpose 〔PT 22, PT 25〕", "request", "submit",
                    of.linye.code, TREES, "--items", "树种", *use("其他用途"), "--for-need", need)
    ask(of.sifa, of.linye, TREES, ["树种"], "绿化规划", "--for-need", need)
    of.linye.refused("compile", "party", "need 〔PT 24, CN 17〕", "need", "dispute", need, "--kind",
                     "answer", "--reason", "无异议")
    raised = of.sifa.act("compile", "need", "dispute", need, "--kind", "answer", "--reason",
                         "应为古树名木，非行道树", shows=("协商中",))
    of.sifa.act("compile", "dispute", "withdraw", raised, "--reason", "已说明", shows=("已撤回",))

    dropped = of.sifa.act("compile", "need", "submit", "--name", "鸟类名录", *wanted)
    of.sifa.act("compile", "need", "withdraw", dropped, "--reason", "不再需要", shows=("已撤回",))

    vague = of.sifa.act("compile", "need", "submit", "--name", "其他数据", *wanted)
    of.center.refused("review", "grounds-missing", "reasons 〔PT 22〕", "need", "intake", vague,
                      "--decision", "refuse")
    of.center.act("review", "need", "intake", vague, "--decision", "refuse", "--reasons",
                  "name|未说明所需数据", shows=("不予受理",))

    to_the_city(of, wanted)
    from_the_city(of)


def agreed_by_the_city(of, name, wanted):
    need = of.sifa.act("compile", "need", "submit", "--name", name, *wanted)
    of.center.act("approve", "upper", "forward", need, "--document", digest("上报函"),
                  shows=("已报市级平台",))
    of.center.refused("review", "field-missing", "document 〔PT 23〕", "upper", "answer", need,
                      "--decision", "agree", "--resource", name)
    of.center.act("review", "upper", "answer", need, "--decision", "agree", "--resource", name,
                  "--document", digest("市级答复"))
    return need


def to_the_city(of, wanted):
    """PT 23: what the city gives is served from an entry of the center's, or by the agency whose
    entry it is in, which answers itself."""
    need = of.sifa.act("compile", "need", "submit", "--name", "市级数据", *wanted)
    of.minzheng.refused("approve", "party", "", "upper", "forward", need, "--document",
                        digest("上报函"))
    need = agreed_by_the_city(of, "市级林地一张图", wanted)
    of.center.refused("review", "party", "provider 〔PT 23, PT 20〕", "upper", "deliver", need,
                      "--provider", of.linye.code, "--meets", f"树种|{TREES}|树种")
    of.center.act("review", "upper", "deliver", need, "--provider", of.center.code, "--meets",
                  f"树种|{CITY}|编号", shows=("已完成",))
    need = agreed_by_the_city(of, "市级行道树数据", wanted)
    of.center.act("review", "need", "intake", need, "--decision", "accept", "--provider",
                  of.linye.code)
    of.linye.act("approve", "need", "answer", need, "--decision", "compiled", "--meets",
                 f"树种|{TREES}|树种", shows=("已完成",))


def from_the_city(of):
    """STD 五(六): what the city asks for is asked of the agency, and answered as the agency said."""
    down = of.center.act("review", "upper", "receive", "--name", "行道树清单", "--wanted", "树种",
                         "--purpose", "市级城市体检", "--document", digest("市级来文"))
    of.center.act("review", "need", "intake", down, "--decision", "accept", "--provider",
                  of.linye.code)
    of.linye.act("approve", "need", "answer", down, "--decision", "refuse",
                 "--grounds.legal-basis", "中华人民共和国数据安全法|第二十一条")
    of.center.refused("review", "status", "decision 〔STD 五(六)〕", "upper", "answer", down,
                      "--decision", "agree", "--document", digest("复函"), "--resource", "树木普查")
    of.center.act("review", "upper", "answer", down, "--decision", "refuse", "--document",
                  digest("复函"), "--reasons", "decision|责任单位不予提供")


def fusions(of):
    """PT 22: reviewed by every agency and the center, served whole, with a grant for every part."""
    parts = [word for owner, entry, item in ((of.minzheng, BASICS, "单位名称"),
                                             (of.linye, TREES, "树种"))
             for word in ("--parts", '{"provider":"%s","entry":"%s","entry_version":"%s","items":'
                          '["%s"]}' % (owner.code, entry,
                                       version(owner, f"entry/{owner.code}/{entry}"), item))]
    submit = ("fusion", "submit", "--plan", digest("融合治理方案"), *use("绿地认养单位画像"))
    of.sifa.wrong("compile", "field-count", "parts", *submit, *parts[:2])
    fusion = of.sifa.act("compile", *submit, *parts, shows=("审核中", "PT 22"))
    of.renshe.refused("approve", "party", "entry 〔PT 22〕", "fusion", "review", fusion, "--entry",
                      TREES, "--decision", "accept")
    of.minzheng.act("approve", "fusion", "review", fusion, "--entry", BASICS, "--decision", "accept")
    of.center.refused("review", "status", "decision 〔PT 22〕", "fusion", "conclude", fusion,
                      "--decision", "accept")
    of.linye.act("approve", "fusion", "review", fusion, "--entry", TREES, "--decision", "accept")
    of.center.act("review", "fusion", "conclude", fusion, "--decision", "accept", shows=("PT 22",))
    of.center.refused("review", "field-range", "until 〔PT 22〕", "fusion", "extend", fusion,
                      "--until", day(1), "--reason", "数据口径不一，须逐条比对")
    of.center.act("review", "fusion", "extend", fusion, "--until", day(60), "--reason",
                  "数据口径不一，须逐条比对")
    of.center.act("review", "fusion", "serve", fusion, "--result", digest("融合成果"))
    for owner in (of.minzheng, of.linye):
        of.sifa.shows("grant", "list", "--provider", owner.code, "--consumer", of.sifa.code,
                      "--status", "active", shows=("有效",))
    dropped = of.sifa.act("compile", *submit, *parts)
    of.minzheng.act("approve", "fusion", "review", dropped, "--entry", BASICS, "--decision",
                    "refuse", "--grounds.legal-basis", "中华人民共和国数据安全法|第二十一条")
    dispute = ("fusion", "dispute", dropped, "--provider", of.minzheng.code, "--entry", BASICS,
               "--kind", "refusal", "--reason", "所列条款不涉此项数据")
    of.linye.refused("compile", "party", "fusion 〔PT 24, CN 17〕", *dispute)
    of.sifa.act("compile", *dispute, shows=("协商中",))
    of.sifa.refused("compile", "duplicate", "fusion 〔PT 24〕", *dispute)
    of.sifa.act("compile", "fusion", "withdraw", dropped, "--reason", "方案调整", shows=("已撤回",))


def under_putuo(of):
    of.sifa.refused("compile", "policy-silent", "applicant 〔OPEN 18〕", "request", "submit",
                    of.linye.code, TREES, "--items", "树种", *use("研究"), "--applicant.kind",
                    "company", "--applicant.identity", digest("某公司"), "--applicant.materials",
                    "qualification|" + digest("营业执照"))
    scenario_and_withdrawal(of)
    needs(of)
    fusions(of)
    return disputes(of)
