"""Designations, the upkeep of the catalog and the open list as clerks type them (PT 5, 11-16, CN 10,
15, OPEN 9-15)."""
import json

import lib
from clerks import day, digest
from lib import check, equal

SAMPLES = lib.ROOT / "samples"
BASICS, PERSONS, REGISTRY, CHANGES, TREES, CITY = (
    "SHZZ-JBXX", "SHJZ-DXXX", "SHZZ-DJXX", "SHZZ-BGXX", "SM-PC", "SJ-LD")


def entry_of(path, code):
    entries = json.loads(path.read_text())["entries"]
    return next(entry for entry in entries if entry["code"] == code)


def publish(of):
    """Two agencies' entries, as far as the rest needs them, with the duties that they name."""
    for clerk in (of.minzheng, of.linye):
        name = clerk.node.folder.name
        entries = json.loads((SAMPLES / f"catalog/{name}.json").read_text())["entries"]
        named = {entry["entry"]["duty"] for entry in entries}
        rows = [line for line in (SAMPLES / f"duties/{name}.jsonl").read_text().splitlines()
                if json.loads(line)["code"] in named]
        duties = clerk.node.folder / "duties.jsonl"
        duties.write_text("\n".join(rows) + "\n")
        clerk.told("compile", "duty", "import", duties, shows=(f"{len(rows)} 已上链",))
        clerk.acts("compile", len(entries), "catalog", "submit", SAMPLES / f"catalog/{name}.json")
    for owner, code in ((of.minzheng, BASICS), (of.minzheng, PERSONS), (of.minzheng, REGISTRY),
                        (of.linye, TREES)):
        of.center.act("review", "catalog", "review", owner.code, code, "--decision", "accept",
                      shows=("已发布",))


def publish_of_city(of):
    """PT 12: an entry of the center's for what the city's platform gives."""
    of.center.act("compile", "duty", "publish", "--code", "PT", "--name", "数据资源平台运行", "--category",
                  "公共服务", "--implementer", "大数据中心", "--basis", "普陀区公共数据共享实施办法第四条")
    entry = entry_of(SAMPLES / "catalog/linye.json", TREES)
    entry.update(code=CITY)
    entry["entry"].update(duty="PT", name="市级林地一张图", summary="市级平台返还的林地数据。")
    entry["entry"].pop("information")
    path = of.center.node.folder / "city.json"
    path.write_text(json.dumps({"entries": [entry]}, ensure_ascii=False))
    of.center.acts("compile", 1, "catalog", "submit", path)
    of.center.act("review", "catalog", "review", of.center.code, CITY, "--decision", "accept")


def designations(of):
    """PT 5: who is responsible for data of several agencies or of none."""
    make = ("--matter", "河湖名录", "--reason", "涉及多个单位")
    of.minzheng.refused("approve", "party", "〔PT 5〕", "designation", "make", "--member",
                        of.linye.code, *make)
    of.center.refused("approve", "subject-unknown", "member 〔PT 5〕", "designation", "make",
                      "--member", "11440000MB2C87614P", *make)
    first = of.center.act("approve", "designation", "make", "--member", of.linye.code, *make,
                          shows=("有效",))
    second = of.center.act("approve", "catalog", "designate", "--member", of.sifa.code,
                           "--replaces", first, *make)
    of.center.refused("approve", "status", "designation 〔PT 5〕", "designation", "withdraw", first,
                      "--reason", "重复指定")
    of.center.act("approve", "designation", "withdraw", second, "--reason", "职责已明确",
                  shows=("已撤回",))
    of.linye.shows("designation", "list", shows=("河湖名录", "已替换", "已撤回"))


def review(of):
    """PT 13: a return has all reasons, and is listed with them."""
    of.center.act("review", "catalog", "review", of.minzheng.code, CHANGES, "--decision", "return",
                  "--reasons", "entry.coverage|覆盖范围应写明起止时间", shows=("已退回", "PT 13"))
    of.minzheng.shows("catalog", "returned", "--provider", of.minzheng.code,
                      shows=(CHANGES, "覆盖范围应写明起止时间"))
    of.minzheng.shows("deadlines", "--member", of.minzheng.code, "--term", "resubmit",
                      shows=("进行中", "PT 13"))


def collections(of):
    """PT 15, 16: collected, returned, certified; a refusal without a basis is on record."""
    collect = ("--method", "offline", "--system", "绿化普查系统", "--content", "树木普查", "--tables", "1",
               "--rows", "16484")
    of.linye.refused("compile", "field-missing", "rows 〔CN 附件1〕", "catalog", "collect", TREES,
                     *collect[:-2])
    of.linye.act("compile", "catalog", "collect", TREES, *collect, shows=("已归集",))
    of.center.refused("review", "grounds-missing", "reasons 〔CN 15〕", "catalog", "certify",
                      of.linye.code, TREES, "--decision", "return")
    of.center.act("review", "catalog", "certify", of.linye.code, TREES, "--decision", "return",
                  "--reasons", "rows|汇聚量与普查报告不符", shows=("待归集", "PT 15"))
    of.linye.act("compile", "catalog", "collect", TREES, *collect)
    of.center.act("review", "catalog", "certify", of.linye.code, TREES, "--decision", "accept",
                  shows=("已认定",))
    of.minzheng.act("compile", "catalog", "collect", PERSONS, "--refusal.reason", "系统改造中",
                    shows=("拒绝",))
    of.minzheng.shows("tx", "acts", shows=("PT 11",))
    of.center.refused("approve", "status", "code 〔PT 11〕", "catalog", "report", of.linye.code, TREES,
                      "--authority", "市政府办公厅", "--document", digest("报告"))
    of.center.act("approve", "catalog", "report", of.minzheng.code, PERSONS, "--authority",
                  "市政府办公厅", "--document", digest("报告"))
    # PT 22: what is asked for next has been collected.
    for owner, code in ((of.minzheng, PERSONS), (of.minzheng, BASICS), (of.center, CITY)):
        owner.act("compile", "catalog", "collect", code, *collect, shows=("已归集",))


def upkeep(of):
    """PT 11, 14, 16: milestones, refreshes, changes, deletions; CN 14: the last word."""
    of.linye.refused("compile", "date-future", "date 〔PT 11〕", "catalog", "milestone", "M-1",
                     "--kind", "system", "--matter", "林长制系统验收", "--date", day(3))
    of.linye.act("compile", "catalog", "milestone", "M-1", "--kind", "system", "--matter",
                 "林长制系统验收", "--date", day(), shows=("待办", "PT 11", "24:00"))
    of.linye.shows("deadlines", "--member", of.linye.code, "--term", "compile",
                   shows=("编制目录", "进行中"))
    of.linye.refused("compile", "subject-unknown", "entries[0].code 〔PT 16〕", "catalog", "refresh",
                     "--entries", "NONE|10")
    of.linye.act("compile", "catalog", "refresh", "--entries", f"{TREES}|16500")
    of.linye.refused("compile", "policy-silent", "summary 〔CN 10〕", "catalog", "maintain",
                     "--summary", "年度维护")
    change = of.minzheng.node.folder / "change.json"
    entry = entry_of(SAMPLES / "catalog/minzheng.json", REGISTRY)
    entry["entry"]["summary"] += "每日更新。"
    name = entry["entry"]["items"][0]["name"]
    entry["entry"]["items"][0]["description"] = "逐日更新"
    change.write_text(json.dumps({"entry": entry["entry"]}, ensure_ascii=False))
    of.minzheng.act("compile", "catalog", "change", REGISTRY, "--from", change, "--reason",
                    "补充更新说明", shows=("PT 14",))
    of.center.shows("matters", "--kind", "change", shows=("申请变更", "补充更新说明"))
    of.center.shows("catalog", "show", of.minzheng.code, REGISTRY, shows=(
        "申请变更 change applied for: 待评估", "事由 reason: 补充更新说明", "不影响授权 no grant",
        "期限 due: 评估目录变更", "每日更新。", f"「{name}」", "→ 逐日更新", "受影响的授权 Grants concerned: 0"))
    assess = ("catalog", "assess", of.minzheng.code)
    of.center.refused("review", "grounds-missing", "reasons 〔PT 14〕", *assess, REGISTRY,
                      "--decision", "return")
    of.center.act("review", *assess, REGISTRY, "--decision", "accept")
    of.center.shows("catalog", "show", of.minzheng.code, REGISTRY, shows=("每日更新。",))
    text = of.center.shows("catalog", "show", of.minzheng.code, REGISTRY)
    check("申请变更" not in text, f"an application that is settled is shown still:\n{text}")
    # What options do not name stays, inside of what they name, too; '' takes away.
    of.minzheng.act("compile", "catalog", "change", REGISTRY, "--reason", "换系统",
                    "--entry.source.system", "新业务系统", "--entry.summary", "社会组织登记。",
                    "--entry.information", "",
                    "--acts-on", of.center.node.ask(None, "catalog", "show", of.minzheng.code,
                                                    REGISTRY)["version"])
    shown = of.center.node.ask(None, "catalog", "show", of.minzheng.code, REGISTRY)
    equal([of_it["field"] for of_it in shown["application"]["differs"]],
          ["summary", "source.system", "information"], "what the options changed")
    of.minzheng.act("compile", "catalog", "withdraw", REGISTRY, "--reason", "系统未换")
    of.minzheng.refused("compile", "version-stale", "acts_on 〔PT 14〕", "catalog", "change", REGISTRY,
                        "--reason", "换系统", "--entry.summary", "登记", "--acts-on", "0" * 64)
    of.minzheng.act("compile", "catalog", "retire", PERSONS, "--reason", "误报")
    take_back = ("catalog", "withdraw", PERSONS, "--reason", "仍在使用")
    of.minzheng.act("compile", *take_back, shows=("已撤回",))
    of.minzheng.refused("compile", "status", "code 〔PT 14〕", *take_back)
    text = of.center.shows("catalog", "show", of.minzheng.code, PERSONS)
    check("申请删除" not in text, f"an application that was taken back is shown still:\n{text}")
    of.minzheng.act("compile", "catalog", "retire", PERSONS, "--reason", "并入市级目录")
    of.center.shows("matters", "--kind", "change", shows=("申请删除", "并入市级目录"))
    of.center.shows("catalog", "show", of.minzheng.code, PERSONS, shows=(
        "申请删除 deletion applied for: 待评估", "该目录的全部授权 every grant on it",
        "受影响的授权 Grants concerned: 2", "广东省司法厅", "有效"))
    of.center.refused("review", "plan-missing", "plan 〔PT 14〕", *assess, PERSONS, "--decision",
                      "accept")
    of.center.act("review", "catalog", "propose", of.minzheng.code, PERSONS, "--plan",
                  digest("方案"), "--plan-date", day(30), "--history", "留存", "--continuity",
                  "改由市级目录提供", shows=("方案会商中",))
    of.center.shows("catalog", "show", of.minzheng.code, PERSONS, shows=(
        "申请删除 deletion applied for: 方案会商中", "方案尚未签署 have not signed the plan",
        of.sifa.code))
    sign = ("catalog", "sign", of.minzheng.code, PERSONS, "--decision", "object", "--plan")
    of.sifa.refused("approve", "agreement-differs", "plan 〔PT 14〕", *sign, digest("别的"), "--reason",
                    "须延后")
    of.sifa.act("approve", *sign, digest("方案"), "--reason", "须延后")
    of.center.refused("review", "plan-not-formed", "code 〔PT 14〕", *assess, PERSONS, "--decision",
                      "accept")
    of.center.shows("matters", "--kind", "change", shows=("申请删除", "方案会商中"))
    shown = of.center.node.ask(None, "catalog", "show", of.minzheng.code, PERSONS)
    equal(sorted(shown["application"]["unsigned"]), sorted([of.minzheng.code, of.renshe.code]),
          "who has not signed the plan")
    equal(sorted(grant["consumer"] for grant in shown["application"]["concerned"]["grants"]),
          sorted([of.renshe.code, of.sifa.code]), "whom the deletion concerns")
    of.center.act("review", *assess, PERSONS, "--decision", "return", "--reasons",
                  "plan|尚有使用单位，须先形成调整方案")
    of.linye.refused("approve", "party", "", "catalog", "attribute", of.linye.code, TREES,
                     "--sharing", "authorised", "--reason", "涉及位置", "--basis", "测绘法")
    of.center.act("approve", "catalog", "attribute", of.minzheng.code, BASICS, "--sharing",
                  "authorised", "--reason", "含联系人姓名和电话", "--basis", "个人信息保护法第十三条")
    of.center.shows("catalog", "show", of.minzheng.code, BASICS, shows=("授权共享",))


def supplements(of):
    """PT 12: the supplementary catalog goes up with its digest, and its answer comes down."""
    of.center.refused("review", "subject-unknown", "entries[0].code 〔PT 12〕", "catalog",
                      "supplement", "BC-1", "--title", "区域补充目录", "--entries",
                      f"{of.linye.code}|NONE")
    of.center.act("review", "catalog", "supplement", "BC-1", "--title", "区域补充目录", "--entries",
                  f"{of.linye.code}|{TREES}", "--entries", f"{of.minzheng.code}|{BASICS}")
    known = of.center.node.api.state("supplement/BC-1")["digest"]
    answer = ("catalog", "synchronise", "BC-1", "--reference", "市平回〔2026〕1号")
    of.center.refused("review", "version-stale", "digest 〔PT 12〕", *answer, "--digest",
                      digest("别的"), "--outcome", "accepted")
    of.center.refused("review", "field-missing", "refused 〔PT 12〕", *answer, "--digest", known,
                      "--outcome", "partly")
    of.center.act("review", *answer, "--digest", known, "--outcome", "partly", "--refused",
                  f"{of.minzheng.code}|{BASICS}|市级目录已有")


def under_putuo(of):
    of.linye.refused("compile", "policy-silent", "code 〔OPEN 9〕", "open", "list", TREES, "--reason",
                     "申请开放", "--listing.theme", "林业", "--listing.type", "unconditional",
                     "--listing.items", "树种", "--listing.update", "yearly")
    publish_of_city(of)
    designations(of)
    review(of)
    collections(of)


def after_requests(of):
    upkeep(of)
    supplements(of)


# ---- the open list, under shanghai-open ----

def open_list(of):
    """OPEN 9-15: listed, reviewed, adjusted with an explanation, ordered, evaluated."""
    listing = ("--listing.theme", "林业", "--listing.items", "树种", "--listing.items", "位置",
               "--listing.update", "yearly", "--listing.notes", "树种|学名和俗名",
               "--listing.notes", "位置|经纬度，精确到百米")
    of.linye.refused("compile", "subject-unknown", "listing.items[0] 〔OPEN 9〕", "open", "list",
                     TREES, "--reason", "开放", "--listing.theme", "林业", "--listing.type",
                     "unconditional", "--listing.items", "没有", "--listing.update", "yearly")
    of.linye.refused("compile", "field-missing", "listing.items[0].description 〔OPEN 9〕", "open",
                     "list", TREES, "--reason", "开放", "--listing.theme", "林业", "--listing.type",
                     "unconditional", "--listing.items", "树种", "--listing.update", "yearly")
    of.minzheng.refused("compile", "openness", "listing.type 〔OPEN 14〕", "open", "list", BASICS,
                        "--reason", "开放", "--listing.theme", "社会组织", "--listing.type",
                        "unconditional", "--listing.items", "单位名称", "--listing.notes",
                        "单位名称|登记的全称", "--listing.update", "daily")
    of.linye.act("compile", "open", "list", TREES, "--reason", "公众关注", "--listing.type",
                 "unconditional", *listing)
    of.center.refused("review", "grounds-missing", "grounds 〔OPEN 11〕", "open", "review",
                      of.linye.code, TREES, "--decision", "return", "--reasons", "reason|理由不足")
    of.center.act("review", "open", "review", of.linye.code, TREES, "--decision", "return",
                  "--grounds", "no-reason", "--reasons", "reason|理由不足")
    of.linye.act("compile", "open", "list", TREES, "--reason", "公众持续关注树木普查结果",
                 "--listing.type", "unconditional", *listing)
    of.center.act("review", "open", "review", of.linye.code, TREES, "--decision", "accept",
                  shows=("已列入",))
    conditional = ("--listing.type", "conditional", "--listing.conditions", "scenario|科研用途",
                   "--listing.materials", "scenario|研究计划", *listing)
    of.linye.refused("compile", "field-missing", "explanation 〔OPEN 11〕", "open", "adjust", TREES,
                     "--reason", "位置须保护", *conditional)
    of.center.refused("review", "field-range", "until 〔OPEN 38〕", "open", "order", of.linye.code,
                      TREES, "--what", "缩小开放", "--basis", "古树保护", "--evaluation",
                      digest("评估结果"), "--until", day(-1))
    of.center.act("review", "open", "order", of.linye.code, TREES, "--what", "缩小位置精度", "--basis",
                  "古树名木保护条例", "--evaluation", digest("评估结果"), "--until", day(20),
                  shows=("OPEN 38", "24:00"))
    of.linye.shows("deadlines", "--member", of.linye.code, "--term", "adjust", shows=("进行中",))
    of.linye.act("compile", "open", "adjust", TREES, "--reason", "位置须保护", *conditional,
                 "--explanation", "古树位置公开易致损害", "--explanation-digest", digest("说明"), "--order",
                 of.linye.node.api.state(f"listing/{of.linye.code}/{TREES}")["order"]["id"])
    of.center.act("review", "open", "review", of.linye.code, TREES, "--decision", "accept")
    check(of.linye.node.api.state(f"listing/{of.linye.code}/{TREES}")["order"]["status"] == "met",
          "the order is met by the adjustment that names it")
    of.minzheng.refused("approve", "tx-role", "", "open", "evaluate", "--summary", "评估")
    of.linye.act("compile", "open", "evaluate", "--summary", "清单一项，未开放四项，均已评估",
                 shows=("OPEN 10",))
    check(of.linye.node.api.state(f"listing/{of.linye.code}/{TREES}")["listing"]["type"]
          == "conditional", "the adjusted listing")


# ---- under changning ----

def upkeep_of_changning(of):
    """CN 9, 10: an update within two working days of a change, maintenance once a year; what is there
    before a system is accepted."""
    of.linye.refused("compile", "field-missing", "entry 〔CN 10〕", "catalog", "milestone", "M-2",
                     "--kind", "change", "--matter", "字段调整", "--date", day())
    of.linye.act("compile", "catalog", "milestone", "M-2", "--kind", "change", "--matter", "字段调整",
                 "--date", day(), "--entry", TREES, shows=("CN 10",))
    system = ("catalog", "milestone", "V-1", "--kind", "system", "--matter", "林长制系统二期验收",
              "--date", day(10))
    of.linye.refused("compile", "subject-unknown", "entries[0] 〔CN 9, OPEN 23〕", *system,
                     "--entries", "NONE")
    of.linye.act("compile", *system, shows=("CN 9", "24:00"))
    of.linye.refused("compile", "field-missing", "entries 〔CN 9, OPEN 23〕", *system)
    of.linye.refused("compile", "other-system", "entries[0] 〔CN 9, OPEN 23〕", *system,
                     "--entries", TREES, "--system", "林长制系统")
    source = entry_of(SAMPLES / "catalog/linye.json", TREES)["entry"]["source"]["system"]
    of.linye.act("compile", *system, "--entries", TREES, "--system", source)
    check(of.linye.node.api.state(f"milestone/{of.linye.code}/V-1")["status"] == "met",
          "the system's entries are there before it is accepted")
    of.linye.act("compile", "catalog", "maintain", "--summary", "逐条核对，无须调整", shows=("CN 10",))
