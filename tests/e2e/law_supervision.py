"""Supervision as clerks type it: notices, cases, measures, orders, disclosures, incidents, reports of
use, objections to data, and data passed on (PT 16, 26, 29, 31, 32; OPEN 16-20, 29-32; CN 18, 26)."""
from clerks import day, digest
from law_requests import PERSONS, TREES, ask
from lib import check

REPORT = ("--authority", "区委网信办", "--document", digest("风险报送"))
VIOLATION = ("--kind", "off-purpose", "--statement", "超出承诺的应用场景使用数据")


def grants(of, granted):
    """PT 26, 31: why it is not used; suspended, restored, terminated, ended."""
    of.minzheng.refused("approve", "tx-role", "", "grant", "object", granted, "--reason", "年末使用")
    of.renshe.act("compile", "grant", "object", granted, "--reason", "仅年末考核时使用",
                  "--basis", "考核办法第五条")
    of.minzheng.refused("review", "party", "", "grant", "suspend", granted, "--reason", "不便提供")
    of.center.refused("review", "field-missing", "authority 〔PT 31〕", "grant", "suspend", granted,
                      "--reason", "数据核查")
    risk = of.center.act("review", "grant", "suspend", granted, "--reason", "数据核查", *REPORT,
                         shows=("已暂停",))
    of.linye.refused("review", "party", "risk 〔PT 31〕", "risk", "handle", risk, "--finding", "属实")
    of.center.act("review", "risk", "handle", risk, "--finding", "经核查未见外流", shows=("已处理",))
    of.center.shows("risk", "show", risk, shows=("区委网信办", "经核查未见外流"))
    of.linye.refused("review", "party", "", "grant", "restore", granted, "--reason", "核查完毕")
    of.center.act("review", "grant", "restore", granted, "--reason", "核查完毕", shows=("有效",))


def notices(of, granted):
    """PT 31: a risk is notified, the data are withheld, verified, and given again."""
    papers = ("--papers", digest("告知材料"), "--summary", "疑似批量查询")
    file = ("notice", "file", "--provider", of.minzheng.code, "--entry", PERSONS, *papers)
    of.center.refused("review", "policy-silent", "kind 〔OPEN 31〕", *file, "--kind", "rights")
    of.linye.refused("approve", "party", "provider 〔OPEN 31〕", *file, "--kind", "risk")
    notice = of.center.act("review", *file, "--kind", "risk", "--grant", granted, *REPORT,
                           shows=("已登记",))
    of.linye.refused("approve", "party", "notice 〔PT 31, OPEN 31〕", "notice", "hold", notice, "--reason",
                     "先行中止")
    of.center.act("review", "notice", "hold", notice, "--reason", "先行中止，待核实",
                  shows=("核实中",))
    of.renshe.shows("grant", "show", granted, shows=("suspended",))
    of.center.refused("review", "field-missing", "terms 〔OPEN 31〕", "notice", "resolve", notice,
                      "--outcome", "reprocess", "--finding", "属实", "--reply", digest("回函"))
    of.center.act("review", "notice", "resolve", notice, "--outcome", "restore", "--finding",
                  "系定时任务，不构成风险", "--reply", digest("回函"), shows=("已处理",))
    of.center.refused("review", "status", "notice 〔OPEN 31〕", "notice", "hold", notice, "--reason",
                      "再次中止")
    of.center.shows("notice", "show", notice, shows=("系定时任务，不构成风险",))
    notice = of.center.act("review", *file, "--kind", "risk", "--grant", granted, *REPORT)
    of.center.act("review", "notice", "resolve", notice, "--outcome", "reprocess", "--finding",
                  "属实", "--reply", digest("回函"), "--terms", "姓名脱敏", "--masked", "姓名")
    lift = ("notice", "lift", notice, "--reason", "接口已加固", "--papers", digest("加固报告"))
    of.minzheng.refused("approve", "party", "notice 〔PT 31, OPEN 31〕", *lift)
    of.center.act("review", *lift, shows=("已处理",))
    of.center.refused("review", "status", "notice 〔OPEN 31〕", *lift)
    of.renshe.shows("grant", "show", granted, shows=("active",))


def case(of, member, finding="violation", key="review", about=()):
    """A case against a member, found or dismissed by the center; its txid."""
    opened = of.center.act("review", "case", "open", "--member", member.code, "--source", "inspection",
                           *VIOLATION, *about, shows=("待办",))
    member.refused("approve", "party", "", "case", "find", opened, "--finding", "none", "--rule",
                   "OPEN 32", "--statement", "不属实")
    of.center.act(key, "case", "find", opened, "--finding", finding, "--rule",
                  "上海市公共数据开放实施细则第三十二条", "--statement", "查阅访问记录所见",
                  "--papers", digest("会同记录"))
    return opened


def cases(of):
    of.sifa.refused("compile", "party", "source 〔OPEN 29〕", "case", "open", "--member",
                    of.renshe.code, "--source", "inspection", *VIOLATION)
    of.center.refused("review", "field-missing", "papers 〔OPEN 30〕", "case", "open", "--member",
                      of.renshe.code, "--source", "report", *VIOLATION)
    dismissed = case(of, of.sifa, "none", "approve")
    found = case(of, of.renshe, about=("--provider", of.minzheng.code, "--entry", PERSONS))
    of.center.shows("case", "show", found, shows=("查阅访问记录所见",))
    return dismissed, found


def circulars(of, dismissed, found):
    """PT 32: the supervisor's circular, on a ground that the ledger has."""
    publish = ("disclosure", "publish", "--title", "关于超范围使用数据的通报", "--text", "望引以为戒。")
    circular = (*publish, "--kind", "circular", "--member", of.renshe.code)
    of.center.refused("approve", "field-missing", "case 〔PT 32, OPEN 32〕", *circular)
    of.center.refused("approve", "status", "case 〔PT 32, OPEN 32〕", *publish, "--kind", "circular",
                      "--member", of.sifa.code, "--case", dismissed)
    of.center.refused("review", "policy-silent", "kind 〔PT 32, OPEN 32〕", *publish, "--kind",
                      "publicity", "--member", of.renshe.code, "--case", found)
    out = of.center.act("approve", *circular, "--case", found, shows=("已发布",))
    of.renshe.refused("approve", "party", "disclosure 〔OPEN 32〕", "disclosure", "withdraw", out,
                      "--reason", "已整改")
    of.center.act("approve", "disclosure", "withdraw", out, "--reason", "已整改到位", shows=("已撤回",))
    of.center.shows("disclosure", "show", out, shows=("关于超范围使用数据的通报", "已整改到位"))


def incidents(of):
    """PT 29: reported at once, with what was done and to whom it went."""
    report = ("incident", "report", "--kind", "leak", "--statement", "接口日志外泄", "--actions",
              "已关闭接口并更换密钥", "--authority", "区委网信办")
    of.minzheng.refused("compile", "field-range", "found_ms 〔PT 29〕", *report, "--found-ms",
                        f"{day(2)}T09:00:00+08:00")
    incident = of.minzheng.act("compile", *report, "--found-ms", f"{day()}T00:00:00+08:00",
                               "--provider", of.minzheng.code, "--entry", PERSONS)
    of.sifa.refused("compile", "party", "incident 〔PT 29〕", "incident", "close", incident,
                    "--statement", "已处置")
    of.minzheng.act("compile", "incident", "close", incident, "--statement", "已处置，日志不再外存",
                    shows=("已办结",))
    of.minzheng.shows("incident", "show", incident, shows=("区委网信办", "已处置，日志不再外存"))
    of.minzheng.act("compile", *report, "--found-ms", f"{day()}T00:00:00+08:00")  # stays open


def quality(of):
    """PT 16: the provider answers; what its objector does not accept is settled above."""
    raised = ("quality", "object", "--provider", of.minzheng.code, "--entry", PERSONS, "--kind",
              "wrong", "--statement", "多条姓名含乱码", "--items")
    of.renshe.refused("compile", "subject-unknown", "items[0] 〔PT 16, OPEN 16〕", *raised, "没有此项")
    raised = (*raised, "姓名")
    objection = of.renshe.act("compile", *raised)
    of.linye.refused("approve", "party", "objection 〔PT 16, OPEN 16〕", "quality", "answer",
                     objection, "--decision", "upheld", "--statement", "数据无误")
    of.minzheng.act("approve", "quality", "answer", objection, "--decision", "upheld", "--statement",
                    "来源系统即如此")
    of.renshe.act("compile", "quality", "close", objection, "--decision", "dispute", "--statement",
                  "乱码系导出所致")
    of.minzheng.refused("approve", "party", "objection 〔PT 16, OPEN 16〕", "quality", "close",
                        objection, "--decision", "settle", "--statement", "维持")
    of.center.act("review", "quality", "close", objection, "--decision", "settle", "--statement",
                  "由提供方限期更正")
    of.center.shows("quality", "show", objection, shows=("乱码系导出所致", "由提供方限期更正"))
    of.renshe.act("compile", *raised)  # stays open


def silent_under_putuo(of, granted, found):
    """What this district's document does not know is refused, and says by which document it is."""
    of.center.refused("review", "policy-silent", "measure 〔OPEN 32〕", "measure", "impose", "--case",
                      found, "--measure", "close", "--reason", "违规使用")
    of.center.refused("review", "policy-silent", "kind 〔CN 26〕", "rectify", "order", "--member",
                      of.renshe.code, "--kind", "off-purpose", "--requirement", "停止使用", "--until",
                      day(10))
    of.renshe.refused("compile", "policy-silent", "grant 〔OPEN 29〕", "feedback", "submit", "--grant",
                      granted, "--from-date", day(),
                      "--to", day(), "--scenes", "就业服务", "--benefits", "减少跑动",
                      "--safeguards", "专网")
    of.renshe.refused("compile", "policy-silent", "kind 〔CN 18〕", "onward", "ask", "--grant", granted,
                      "--kind", "publish", "--recipient", "社会公众", "--scope", "汇总数",
                      "--papers", digest("申请"))


def under_putuo(of, granted):
    grants(of, granted)
    notices(of, granted)
    dismissed, found = cases(of)
    circulars(of, dismissed, found)
    incidents(of)
    quality(of)
    silent_under_putuo(of, granted, found)
    return found


# ---- under shanghai-open ----

def intake_and_agreement(of):
    """OPEN 19, 20: intake, an answer with all its reasons, one text signed by both sides."""
    request = ask(of.sifa, of.minzheng, PERSONS, ["姓名"], "开放数据利用")
    intake = ("request", "intake", request, "--decision")
    of.center.refused("review", "grounds-missing", "reasons 〔OPEN 19〕", *intake, "refuse")
    of.center.act("review", *intake, "accept", shows=("待答复", "OPEN 19", "24:00"))
    of.minzheng.refused("approve", "grounds-missing", "grounds.complete 〔OPEN 19〕", "request",
                        "answer", request, "--decision", "refuse", "--grounds.reasons", "暂不便")
    of.minzheng.act("approve", "request", "answer", request, "--decision", "approve")
    sign = ("agreement", "sign", request, "--contains", "scenario", "--contains", "usage-reports",
            "--contains", "safeguards")
    of.minzheng.refused("chief", "field-missing", "contains.liability 〔OPEN 20, CN 17〕", *sign,
                        "--digest", digest("协议"))
    whole = (*sign, "--contains", "liability", "--digest")
    of.minzheng.act("chief", *whole, digest("协议"), shows=("待签协议",))
    of.sifa.refused("chief", "agreement-differs", "digest 〔CN 17, OPEN 20〕", *whole,
                    digest("另一份协议"))
    of.sifa.act("chief", *whole, digest("协议"), shows=("有效",))
    return request


def rights_notice(of):
    """OPEN 31: data whose holder's rights are hurt stop at once, and come back processed."""
    notice = of.center.act("review", "notice", "file", "--kind", "rights", "--provider",
                           of.minzheng.code, "--entry", PERSONS, "--papers", digest("告知书"),
                           "--summary", "本人信息有误", "--hold", shows=("核实中",))
    of.minzheng.refused("approve", "party", "notice 〔PT 31〕", "notice", "resolve", notice,
                        "--outcome", "restore", "--finding", "不属实", "--reply", digest("回函"))
    of.center.act("review", "notice", "resolve", notice, "--outcome", "reprocess", "--finding",
                  "属实", "--reply", digest("回函"), "--terms", "更正后提供", shows=("已处理",))
    of.center.shows("notice", "show", notice, shows=("更正后提供",))


def measures(of, granted, found):
    """OPEN 32: what a violation leads to: calls limited, access closed, lifted."""
    impose = ("measure", "impose", "--reason", "超出承诺的应用场景")
    of.center.refused("review", "field-missing", "calls_per_day 〔OPEN 32〕", *impose, "--case", found,
                      "--measure", "limit")
    of.linye.refused("approve", "subject-unknown", "grant 〔OPEN 32〕", *impose, "--case", found,
                     "--measure", "close", "--grant", digest("无此授权"))
    limit = of.center.act("review", *impose, "--case", found, "--measure", "limit",
                          "--calls-per-day", "5", "--until", day(30), shows=("有效",))
    close = of.minzheng.act("approve", *impose, "--case", found, "--measure", "close", "--grant",
                            granted)
    of.renshe.shows("matters", "--member", of.renshe.code, "--kind", "measure", shows=("措施",))
    of.linye.refused("approve", "party", "measure 〔OPEN 32〕", "measure", "lift", close, "--reason",
                     "已整改")
    of.minzheng.act("approve", "measure", "lift", close, "--reason", "已整改", shows=("已解除",))
    of.center.shows("measure", "show", limit, shows=("超出承诺的应用场景",))
    return limit


def publicity_and_feedback(of, granted, limit):
    """OPEN 29, 32: made public on the platform; what became of the data is reported and checked."""
    of.center.act("review", "disclosure", "publish", "--kind", "publicity", "--member",
                  of.renshe.code, "--measure", limit, "--title", "限制数据获取权限", "--text",
                  "限制每日调用次数。", shows=("已发布",))
    submit = ("feedback", "submit", "--grant", granted, "--scenes", "法律援助窗口", "--benefits",
              "减少材料三项", "--safeguards", "专网访问", "--from-date", day(), "--to", day())
    of.sifa.refused("compile", "commitment-missing", "works[0].source_stated 〔OPEN 29〕", *submit,
                    "--works", "援助指数|false")
    report = of.sifa.act("compile", *submit, "--works", "援助指数|true", shows=("待审查",))
    of.linye.refused("approve", "party", "feedback 〔OPEN 29〕", "feedback", "check", report,
                     "--finding", "in-order", "--statement", "相符")
    of.minzheng.act("approve", "feedback", "check", report, "--finding", "questioned", "--statement",
                    "成果未注明来源")
    of.minzheng.shows("feedback", "show", report, shows=("援助指数", "成果未注明来源"))


def under_shanghai(of, granted, found):
    rights_notice(of)
    own = intake_and_agreement(of)
    limit = measures(of, granted, found)
    publicity_and_feedback(of, own, limit)
    return own


# ---- under changning ----

def under_changning(of, granted, found):
    """CN 26: rectified in time, returned with another day; CN 18: passed on with consent only."""
    order = ("rectify", "order", "--member", of.renshe.code, "--kind", "off-purpose",
             "--requirement", "停止超范围使用并报告")
    of.center.refused("review", "subject-unknown", "case 〔CN 26〕", *order, "--case",
                      digest("无此案件"), "--until", day(10))
    ordered = of.center.act("review", *order, "--case", found, "--until", day(10),
                            shows=("CN 26", "24:00"))
    of.renshe.shows("deadlines", "--member", of.renshe.code, "--term", "rectify", shows=("进行中",))
    done = ("rectify", "done", ordered, "--statement", "已停止使用")
    of.sifa.refused("compile", "party", "rectification 〔CN 26〕", *done)
    of.renshe.act("compile", *done)
    review = ("rectify", "review", ordered, "--statement", "附件不全")
    of.center.refused("review", "field-missing", "until 〔CN 26〕", *review, "--decision", "return")
    of.center.act("review", *review, "--decision", "return", "--until", day(15), shows=("24:00",))
    of.renshe.act("compile", *done)
    of.center.act("review", *review[:-1], "附件已补齐", "--decision", "accept")
    of.center.shows("rectify", "show", ordered, shows=("停止超范围使用并报告", "附件已补齐"))

    ask_for = ("onward", "ask", "--grant", granted, "--kind", "publish", "--recipient", "社会公众",
               "--scope", "按年汇总数", "--papers", digest("书面申请"))
    of.linye.refused("compile", "party", "grant 〔CN 18〕", *ask_for)
    onward = of.sifa.act("compile", *ask_for)
    record = ("onward", "record", onward, "--statement", "在官网发布汇总数")
    of.sifa.refused("compile", "not-granted", "onward 〔CN 18〕", *record)
    consent = ("onward", "answer", onward, "--decision", "consent", "--reason", "仅限汇总数")
    of.minzheng.refused("approve", "field-missing", "papers 〔CN 18〕", *consent)
    of.minzheng.act("approve", *consent, "--papers", digest("书面同意"), "--until", day(30))
    of.sifa.act("compile", *record)
    of.sifa.shows("onward", "show", onward, shows=("仅限汇总数", "在官网发布汇总数"))
    check("在官网发布汇总数" in of.minzheng.shows("onward", "show", onward), "a record of passing on")


def grants_end(of, granted, own):
    of.linye.refused("review", "party", "", "grant", "terminate", granted, "--reason", "有风险")
    of.center.act("review", "grant", "terminate", granted, "--reason", "存在安全风险",
                  shows=("已终止",))
    of.sifa.act("compile", "grant", "end", own, "--reason", "不再使用")
