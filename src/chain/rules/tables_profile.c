/* The form of the policy profile: what differs between districts, each number beside the clause it
 * comes from. A section is optional where a document may be silent: the profile then knows no such
 * term or duty. What must fit together is checked in profile.c: of a term's units exactly one. */
#include "base/limits.h"
#include "chain/rules/tables.h"

static const char *const choices_silence[] = {"approve", "escalate", NULL};
static const struct field fields_answer_term[] = {
    F_TERM_LENGTH(1),
    F_CLAUSE,
    F_CHOICE("silence", MUST, choices_silence,
             "What an overdue answer means: deemed approval, or escalation to the supervisor.",
             "逾期未答复的后果（视作同意，或提请协调）。", "PT 20, CN 17, OPEN 19"),
    F("silence_clause", TEXT, MUST, 2, 100, "Where that comes from.", "后果的依据条款。", NULL),
    F_END,
};
static const char *const choices_grounds[] = {"legal-basis", "reason", "all-reasons",
                                              "law-and-reason", NULL};
static const struct field fields_refusal[] = {
    F_CHOICE("grounds", MUST, choices_grounds, "What a refusal must state.",
             "不予同意须说明的内容。", "PT 20, CN 17, OPEN 19"),
    F("not_in_order_exempt", BOOL, MUST, 0, 0,
      "A request not in order may be refused for that reason alone.", "申请不规范的可据此退回。",
      "PT 20"),
    F_CLAUSE,
    F_END,
};
static const struct field fields_required[] = {
    F("required", BOOL, MUST, 0, 0, "Whether it is demanded.", "是否必须。", NULL),
    F_CLAUSE,
    F_END,
};
static const struct field each_case[] = {EACH(INT, 1, SCENARIO_CASES_MAX)};
static const struct field fields_own_case[] = {
    F("case", INT, MUST, SCENARIO_CASES_COMMON + 1, SCENARIO_CASES_MAX, "Its number.", "情形编号。",
      "PT 19"),
    F("as", INT, MUST, 1, SCENARIO_CASES_COMMON,
      "The case of PT 19 that a claim to it has to show as much as.",
      "申请时须提供的材料与第十九条何种情形相同。", "PT 19"),
    F("name", TEXT, MUST, 2, 200, "What the document calls it.", "文件所称的情形。", "PT 19"),
    F_CLAUSE,
    F_END,
};
static const struct field each_own_case[] = {EACH_OBJECT(fields_own_case)};
static const struct field fields_scenario[] = {
    F_LIST("cases", MUST, 0, SCENARIO_CASES_MAX, each_case,
           "Cases that go straight to a grant, ascending: 1 to 4 those of PT 19, others `own`.",
           "可直接共享的授权场景情形（升序）：1 至 4 为第十九条所列，其余见 own。", "PT 19"),
    F_LIST("assessed", MUST, 0, SCENARIO_CASES_MAX, each_case,
           "Those among them that the center assesses first, ascending.",
           "须经中心评估的情形（升序）。", "PT 19"),
    F_LIST("own", MAY, 1, SCENARIO_CASES_MAX - SCENARIO_CASES_COMMON, each_own_case,
           "Cases that the document has beside those of PT 19, ascending.",
           "文件在第十九条情形之外另列的情形（升序）。", "PT 19"),
    F_CLAUSE,
    F_END,
};
static const struct field each_method[] = {EACH_CHOICE(choices_method)};
static const struct field fields_modes[] = {
    F_LIST("assessed", MUST, 0, 7, each_method, "Ways of use that the center assesses first.",
           "须经中心技术评估的使用方式。", "PT 21"),
    F_CLAUSE,
    F_END,
};
static const struct field fields_frequency[] = {
    F("months", INT, MUST, 1, 120, "Use at least once in so many months, or give a reason.",
      "至少每若干个月使用一次，否则说明理由。", "PT 17"),
    F_CLAUSE,
    F_END,
};
static const struct field fields_number[] = {
    F("prefix", CODE, MUST, 1, 16, "Prefix of numbers, before two digits of the year and a serial.",
      "编号前缀（后接两位年份与序号）。", "CN 附件1, 附件2"),
    F_CLAUSE,
    F_END,
};
static const struct field fields_grant_limits[] = {
    F("days_max", INT, MUST, 1, 36500, "Calendar days that a grant lasts at most.",
      "授权最长期限（自然日）。", "D10"),
    F_CLAUSE,
    F_END,
};
static const struct field fields_access_limits[] = {
    F("open_ms", INT, MUST, 1000, 7 * DAY_MS, "How long an open access may be used, in ms.",
      "访问记录有效时长（毫秒）。", "E2"),
    F_CLAUSE,
    F_END,
};

/* ---- supervision ---- */

const char *const choices_notice[] = {"rights", "risk", NULL};
static const struct field each_notice[] = {EACH_CHOICE(choices_notice)};
static const struct field fields_notices[] = {
    F_LIST("kinds", MUST, 1, 2, each_notice, "Kinds of notices that are taken.", "受理的告知类型。",
           "OPEN 31, PT 31"),
    F_LIST("by_provider", MAY, 1, 2, each_notice,
           "Those on which the provider itself withholds its data and settles the notice; of the "
           "others it tells, and the center decides.",
           "可由数据提供方自行中止提供并处理的类型；其余由提供方告知，中心决定。", "OPEN 31"),
    F_CLAUSE,
    F_END,
};

static const struct field each_disclosure[] = {EACH_CHOICE(choices_disclosure)};
static const struct field fields_disclosure[] = {
    F_LIST("kinds", MUST, 1, 2, each_disclosure, "Ways to make something public.", "公开方式。",
           "PT 32, OPEN 32"),
    F_CLAUSE,
    F_END,
};
static const struct field fields_known[] = {F_CLAUSE, F_END};

static const char *const choices_equivocation[] = {"remove", "report", "suspend", NULL};
static const struct field fields_equivocation[] = {
    F_CHOICE("effect", MUST, choices_equivocation,
             "What follows from evidence that a validator signed twice: its seat is taken away; "
             "that, and it is suspended; or it is on record and people decide (report, also "
             "without this section).",
             "验证者双重签名的后果（remove 收回席位；suspend 收回席位并暂停成员；"
             "report 仅记录在案由人处置，缺省）。",
             "A3"),
    F_CLAUSE,
    F_END,
};

static const struct field fields_warnings[] = {
    F("days", INT, MUST, 1, 60,
      "Working days before its end at which whoever has to act is warned; 1: when the last "
      "working day begins.",
      "期限届满前若干工作日提醒；1 为最后一个工作日开始时。", "D14"),
    F_CLAUSE,
    F_END,
};

/* PT 16, CN 15: by the cycle that the entry declares. */
static const struct field fields_cycles[] = {
    F_OBJECT("daily", MAY, fields_term_section, "Updated daily.", "每日更新。", "CN 15"),
    F_OBJECT("weekly", MAY, fields_term_section, "Updated weekly.", "每周更新。", "PT 16"),
    F_OBJECT("monthly", MAY, fields_term_section, "Updated monthly.", "每月更新。", "PT 16"),
    F_OBJECT("quarterly", MAY, fields_term_section, "Updated quarterly.", "每季度更新。", "PT 16"),
    F_OBJECT("yearly", MAY, fields_term_section, "Updated yearly.", "每年更新。", "PT 16"),
    F_END,
};

static const struct field each_return[] = {EACH(CODE, 1, 32)};
static const struct field fields_open_list[] = {
    F_LIST("grounds", MUST, 1, 10, each_return, "Grounds on which a work order is returned.",
           "工单退回情形。", "OPEN 11"),
    F_CLAUSE,
    F_END,
};

static const char *const choices_orderer[] = {"center", "supervisor", NULL};
static const struct field each_orderer[] = {EACH_CHOICE(choices_orderer)};
static const struct field fields_open_order[] = {
    F_LIST("by", MUST, 1, 2, each_orderer, "Who orders.", "作出责令的一方。", "OPEN 38"),
    F_CLAUSE,
    F_END,
};

/* CN 15: 除经领导小组认定的特殊情况外. */
static const struct field fields_exemption[] = {
    F_LIST("by", MUST, 1, 2, each_orderer, "Who recognises it.", "认定的一方。", "CN 15"),
    F_CLAUSE,
    F_END,
};

/* CN 15: 应在信息化项目验收前…做好数据汇聚对接; OPEN 23: 完成公共数据目录编制、开放清单编制等工作.
 */
static const char *const choices_acceptance[] = {"collection", "listing", NULL};
static const struct field each_acceptance[] = {EACH_CHOICE(choices_acceptance)};
static const struct field fields_acceptance[] = {
    F_LIST("needs", MAY, 1, 2, each_acceptance,
           "What is done with the entries by then, beside their publication.",
           "除目录发布外，验收前须完成的工作（数据汇聚、列入开放清单）。", "CN 15, OPEN 23"),
    F_CLAUSE,
    F_END,
};

static const struct field fields_supplement_section[] = {F_CLAUSE, F_END};

const struct field rules_profile_fields[] = {
    F("name", CODE, MUST, 1, 32, "Short name.", "短名。", NULL),
    F("title", TEXT, MUST, 2, 200, "Title of the policy.", "政策名称。", NULL),
    F("source", TEXT, MUST, 2, 200, "Number of the document.", "文号。", NULL),
    F_OBJECT("classification", MAY, fields_known,
             "Entries have a classification code (class_code), where the document demands it.",
             "目录须有信息资源分类码（文件有要求的）。", "CN 2, 发改高技〔2017〕1272号"),
    F_OBJECT("review", MAY, fields_term_section, "The center's review of a submitted entry.",
             "目录审查期限。", "PT 13"),
    F_OBJECT("resubmit", MAY, fields_term_section, "Resubmission of a returned entry.",
             "退回目录重新提交期限。", "PT 13"),
    F_OBJECT("assess", MAY, fields_term_section, "The center's assessment of a change or deletion.",
             "目录变更、删除评估期限。", "PT 14"),
    F_OBJECT("plan", MAY, fields_term_section,
             "Adjustment plans are signed by all concerned; how long for whoever is silent.",
             "目录调整方案由相关各方签署；逾期未表示意见的，视为无异议。", "PT 14"),
    F_OBJECT("compile", MAY, fields_term_section,
             "Compiling the entries of an approved business or an accepted system.",
             "业务批准、系统验收后的目录编制期限。", "PT 11"),
    F_OBJECT("acceptance", MAY, fields_acceptance,
             "Entries of an information system that are there before it is accepted.",
             "信息系统验收前完成目录编制等工作。", "CN 9, CN 15, OPEN 23"),
    F_OBJECT("update", MAY, fields_term_section, "Updating the catalog after a change.",
             "发生变化后的目录更新期限。", "CN 10"),
    F_OBJECT("collect", MAY, fields_term_section, "Collection of the data of an accepted entry.",
             "目录编制完成后的数据归集期限。", "PT 15"),
    F_OBJECT("recollect", MAY, fields_term_section, "Collection anew after its items changed.",
             "结构变化后的汇聚更新期限。", "CN 15"),
    F_OBJECT("collected", MAY, fields_profile_collected,
             "What is shared when it has been collected; before that it is a need.",
             "归集后方可共享的数据；尚未归集的，按未编目数据的需求办理。", "PT 22, CN 17"),
    F_OBJECT("certificate", MAY, fields_number, "Numbering of certificates of collection.",
             "汇聚成果认定表编号。", "CN 附件1"),
    F_OBJECT("refresh", MAY, fields_cycles, "Updating the data, by the declared cycle.",
             "按更新周期更新数据的期限。", "PT 16"),
    F_OBJECT("exemption", MAY, fields_exemption,
             "Data that need not be collected, where the policy says who recognises that; else the "
             "center.",
             "特殊情况不予汇聚的认定；文件未规定的，由中心认定。", "CN 15"),
    F_OBJECT("supplement", MAY, fields_supplement_section,
             "Supplementary catalogs for the upper platform.", "区域补充目录。", "PT 12"),
    F_OBJECT("open_list", MAY, fields_open_list, "Open lists.", "开放清单。", "OPEN 9, OPEN 11"),
    F_OBJECT("open_order", MAY, fields_open_order,
             "Orders to adjust an open list by what an evaluation found.",
             "根据评估结果责令调整开放清单。", "OPEN 38"),
    F_OBJECT("evaluate", MAY, fields_term_section, "Evaluation of an agency's open list.",
             "开放清单评估周期。", "OPEN 10"),
    F_OBJECT("maintain", MAY, fields_term_section, "Maintenance of an agency's whole catalog.",
             "目录全面维护周期。", "CN 10"),
    F_OBJECT("answer", MUST, fields_answer_term, "The provider's answer to a request.",
             "提供方答复期限。", "PT 20, CN 17, OPEN 19"),
    F_OBJECT("refusal", MUST, fields_refusal, "What a refusal needs.", "不予同意的要求。",
             "PT 20, CN 17, OPEN 19"),
    F_OBJECT("approval", MAY, fields_known,
             "An approval states its reasons too, where the document says so.",
             "同意共享的也须说明意见及理由（文件有规定的）。", "CN 17"),
    F_OBJECT("intake", MUST, fields_required,
             "The center's check of the materials before the provider gets them.", "中心受理审查。",
             "OPEN 19"),
    F_OBJECT("scenario", MUST, fields_scenario, "Sharing by authorised scenario.",
             "应用场景授权共享。", "PT 19"),
    F_OBJECT("modes", MUST, fields_modes, "Ways of use other than by interface.",
             "接口以外的使用方式。", "PT 21"),
    F_OBJECT("frequency", MAY, fields_frequency, "Frequency of use.", "使用频率。", "PT 17"),
    F_OBJECT("agreement", MUST, fields_profile_agreement,
             "Agreement signed by both sides before data flows.", "双方协议。", "CN 17, OPEN 20"),
    F_OBJECT("applicants", MAY, fields_profile_applicants,
             "Persons and companies that apply for open data.", "开放数据的申请主体。", "OPEN 18"),
    F_OBJECT("fusion", MAY, fields_profile_fusion, "Fusion of several agencies' data.",
             "跨部门数据融合需求。", "PT 22"),
    F_OBJECT("need", MAY, fields_profile_need, "Needs for data that is not in the catalog yet.",
             "未编目数据的需求。", "PT 22, CN 16"),
    F_OBJECT("upper", MAY, fields_profile_upper,
             "Needs between district and upper platform; with `need` only, for those go up.",
             "市区平台间的需求，须与 need 同有。", "PT 23, STD 五(六)"),
    F_OBJECT("dispute", MAY, fields_profile_dispute, "Disputes about requests.", "供需争议。",
             "PT 24, CN 17"),
    F_OBJECT("ruling", MAY, fields_profile_ruling,
             "Rulings on disputes, and on what silence escalated; required with either.",
             "对争议及逾期未答复事项的协调处理。", "PT 24, CN 17"),
    F_OBJECT("equivocation", MAY, fields_equivocation,
             "What follows from a validator's double votes.", "验证者双重签名的处置。", "A3"),
    F_OBJECT("disuse", MAY, fields_term_section, "When an unused grant is suspended.",
             "长期未使用的暂停。", "PT 26"),
    F_OBJECT("objection", MAY, fields_term_section,
             "When a grant suspended as unused is terminated; with `disuse` only.",
             "未提出异议的自动终止，须与 disuse 同有。", "PT 26"),
    F_OBJECT(
        "risk_report", MAY, fields_known,
        "What the center suspends or ends for a risk, a grant, a member or its gateway's key, and "
        "its notices of risks, it reports to the authority for data security and to the "
        "supervisor.",
        "中心因安全风险暂停、终止共享，暂停、移除成员或者暂停其网关密钥的，以及所登记的风险告知，须"
        "报送数据安全监管部门和主管部门。",
        "PT 31"),
    F_OBJECT("notices", MAY, fields_notices, "Notices on data, and withholding them meanwhile.",
             "权益与风险告知及中止提供。", "OPEN 31, PT 31"),
    F_OBJECT("finding", MAY, fields_profile_finding,
             "Who says what a case came to; without it the center or the supervisor.",
             "违规行为的认定与记录；缺省由中心或主管部门认定。", "OPEN 32"),
    F_OBJECT("measures", MAY, fields_known, "Limiting and closing access.",
             "限制或者关闭数据获取权限。", "OPEN 32"),
    F_OBJECT("rectification", MAY, fields_known, "Orders to rectify in time.", "责令限期改正。",
             "CN 26"),
    F_OBJECT("disclosure", MAY, fields_disclosure, "Circulars and publicity.", "通报与公示。",
             "PT 32, OPEN 32"),
    F_OBJECT("feedback", MAY, fields_known, "Reports on the use of data.", "数据利用情况反馈。",
             "OPEN 29"),
    F_OBJECT("quality", MAY, fields_known, "Objections to the quality of data.", "数据异议处理。",
             "PT 16, OPEN 16"),
    F_OBJECT("quality_answer", MAY, fields_term_section,
             "The provider's answer to an objection, where there is a term for it.",
             "数据异议核实处理期限（如有规定）。", "PT 16, OPEN 16"),
    F_OBJECT("onward", MAY, fields_known, "Passing data on with the provider's written consent.",
             "经书面同意对外提供或发布。", "CN 18"),
    F_OBJECT("number", MUST, fields_number, "Numbering of requests.", "申请编号。", "CN 附件2"),
    F_OBJECT("grant", MUST, fields_grant_limits, "Limits of grants.", "授权限制。", "D10"),
    F_OBJECT("access", MUST, fields_access_limits, "Limits of access records.", "访问限制。", "E2"),
    F_OBJECT("warnings", MAY, fields_warnings, "Warnings before a term ends.", "期限届满前提醒。",
             "D14"),
    F_END,
};
