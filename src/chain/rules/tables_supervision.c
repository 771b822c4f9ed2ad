/* Supervision: the bodies of case.*, measure.*, rectify.*, disclosure.* and incident.*. Papers stay
 * with the agency; the ledger has their digest, and no person's name. */
#include "chain/rules/tables.h"

/* OPEN 32 (一)–(五), CN 26 (一)–(四), PT 25, PT 32. */
static const char *const choices_violation[] = {"platform-rules",
                                                "unlawful-means",
                                                "infringement",
                                                "off-purpose",
                                                "passed-on",
                                                "loss-of-control",
                                                "refusal-or-delay",
                                                "untrue-or-late",
                                                "neglect",
                                                "other",
                                                NULL};
static const char *const choices_source[] = {"own", "report", "inspection", NULL};
static const char *const choices_finding[] = {"violation", "none", NULL};
static const char *const choices_measure[] = {"limit", "close", NULL};
const char *const choices_disclosure[] = {"circular", "publicity", NULL};
static const char *const choices_incident[] = {"leak",      "damage", "loss",
                                               "intrusion", "other",  NULL};

#define PAPERS(must, law)                                                                          \
    F("papers", HASH, must, 0, 0, "SHA-256 of the papers.", "材料的 SHA-256 摘要。", law)
#define STATEMENT(en, zh, law) F("statement", TEXT, MUST, 2, 2000, en, zh, law)
static const char violation_english[] =
    "What it is: platform rules broken, data got by unlawful means, rights infringed, used beyond "
    "the scenario, passed on, control lost, sharing refused or delayed, catalog or data untrue or "
    "late, work neglected, other.";
static const char violation_chinese[] =
    "类型：platform-rules 违反平台管理制度、unlawful-means 非法手段获取、infringement "
    "侵犯合法权益、"
    "off-purpose 超出应用场景、passed-on 擅自提供或转让、loss-of-control 管理失控、"
    "refusal-or-delay 无故拒绝拖延、untrue-or-late 目录或数据不实不及时、neglect 工作不落实、"
    "other 其他。";
#define VIOLATION                                                                                  \
    F_CHOICE("kind", MUST, choices_violation, violation_english, violation_chinese,                \
             "OPEN 32, CN 26, PT 25, PT 32")
#define SUBJECT(table, en, zh)                                                                     \
    F(table, HASH, MUST, 0, 0, en, zh, NULL),                                                      \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "其当前版本。", NULL)
#define ENTRY(law)                                                                                 \
    F("provider", MEMBER, MAY, 0, 0, "Provider of the entry concerned.", "所涉目录的提供方。",     \
      law),                                                                                        \
        F("entry", CODE, MAY, 1, 64, "Code of the entry concerned.", "所涉目录代码。", law)

static const struct field fields_case[] = {
    F("member", MEMBER, MUST, 0, 0, "Whom it is about.", "所涉单位。", "OPEN 32"),
    VIOLATION,
    F_CHOICE("source", MUST, choices_source,
             "Where it comes from: the signer itself, a report by anyone, an inspection.",
             "来源：own 自行发现、report 举报、inspection 抽查检查。", "OPEN 29, OPEN 30, PT 30"),
    F("grant", HASH, MAY, 0, 0, "The grant concerned.", "所涉授权。", "OPEN 32"),
    ENTRY("OPEN 32"),
    PAPERS(MAY, "OPEN 30"),
    STATEMENT("What is said to have happened, without any person's name.", "事由，不得含个人信息。",
              "OPEN 32"),
    F_END,
};
static const struct field fields_find[] = {
    SUBJECT("case", "The case (its txid).", "案件（其交易号）。"),
    F_CHOICE("finding", MUST, choices_finding, "Whether there was a violation.",
             "认定结果：violation 属实、none 不属实。", "OPEN 32"),
    F("rule", TEXT, MUST, 2, 200, "The article it was judged by.", "认定所依据的条款。", "OPEN 32"),
    STATEMENT("What was found.", "认定情况。", "OPEN 32"),
    PAPERS(MAY, "OPEN 32"),
    F_END,
};
static const struct field fields_impose[] = {
    F("case", HASH, MUST, 0, 0, "The case in which a violation was found.", "所依据的案件。",
      "OPEN 32"),
    F_CHOICE("measure", MUST, choices_measure, "Access is limited, or closed.",
             "措施：limit 限制、close 关闭数据获取权限。", "OPEN 32"),
    F("grant", HASH, MAY, 0, 0,
      "One grant: what it reaches is its entry's data, by every grant of the consumer; else all "
      "that the signer may reach.",
      "仅针对一项授权（及于该使用方对同一目录的全部授权），缺省为职责范围内全部授权。", "OPEN 32"),
    F("calls_per_day", INT, MAY, 0, 1000000000,
      "Limit: calls of an entry in one Beijing day, by whatever grants.",
      "限制时：每项目录每日调用次数上限，各项授权合并计算。", "OPEN 32"),
    F("until", DATE, MAY, 0, 0, "Last day; until it is lifted if not stated.",
      "截止日期，缺省至解除为止。", "OPEN 32"),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "OPEN 32"),
    F_END,
};
static const struct field fields_lift[] = {
    SUBJECT("measure", "The measure (its txid).", "措施（其交易号）。"),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "OPEN 32"),
    F_END,
};
static const struct field fields_order[] = {
    F("member", MEMBER, MUST, 0, 0, "Who has to rectify.", "责令改正的单位。", "CN 26"),
    VIOLATION,
    F("case", HASH, MAY, 0, 0, "The case in which it was found.", "所依据的案件。", "CN 26"),
    F("requirement", TEXT, MUST, 2, 2000, "What has to be done.", "改正要求。", "CN 26"),
    F("until", DATE, MUST, 0, 0, "The last day to do it.", "改正期限（截止日期）。", "CN 26"),
    PAPERS(MAY, "CN 26"),
    F_END,
};
static const struct field fields_done[] = {
    SUBJECT("rectification", "The order (its txid).", "责令改正（其交易号）。"),
    STATEMENT("What was done.", "改正情况。", "CN 26"),
    PAPERS(MAY, "CN 26"),
    F_END,
};
static const struct field fields_rectify_review[] = {
    SUBJECT("rectification", "The order (its txid).", "责令改正（其交易号）。"),
    F_CHOICE("decision", MUST, choices_decision, "Rectified, or to be done again.",
             "结论：accept 已改正、return 退回重改。", "CN 26"),
    STATEMENT("Why.", "理由。", "CN 26"),
    F("until", DATE, MAY, 0, 0, "Return: the new last day.", "退回时：新的期限。", "CN 26"),
    F_END,
};
static const struct field fields_publish[] = {
    F("member", MEMBER, MUST, 0, 0, "Whom it is about.", "所涉单位。", "PT 32, OPEN 32"),
    F_CHOICE("kind", MUST, choices_disclosure,
             "A circular of the supervisor, or publicity on the platform.",
             "方式：circular 通报（主管部门）、publicity 平台公示。", "PT 32, OPEN 32"),
    F("case", HASH, MAY, 0, 0, "Ground: a case in which a violation was found.",
      "依据：已认定的案件。", "OPEN 32"),
    F("measure", HASH, MAY, 0, 0, "Ground: a measure.", "依据：所采取的措施。", "OPEN 32"),
    F("rectification", HASH, MAY, 0, 0, "Ground: an order that was overdue.",
      "依据：逾期未改正的责令。", "PT 32, CN 26"),
    F("title", TEXT, MUST, 2, 200, "Title.", "标题。", "PT 32, OPEN 32"),
    F("text", TEXT, MUST, 2, 4000, "Text.", "内容。", "PT 32, OPEN 32"),
    PAPERS(MAY, "PT 32"),
    F_END,
};
static const struct field fields_withdrawal[] = {
    SUBJECT("disclosure", "The disclosure (its txid).", "通报或公示（其交易号）。"),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "OPEN 32"),
    F_END,
};
static const struct field fields_incident[] = {
    F_CHOICE("kind", MUST, choices_incident, "What happened to the data.",
             "类型：leak 泄露、damage 毁损、loss 丢失、intrusion 入侵、other 其他。", "PT 29"),
    F("found_ms", TIME, MUST, 0, DOC_INT_MAX, "When it was found.", "发现时间。", "PT 29"),
    ENTRY("PT 29"),
    F("grant", HASH, MAY, 0, 0, "The grant concerned.", "所涉授权。", "PT 29"),
    STATEMENT("What happened, without any person's name.", "事件情况，不得含个人信息。", "PT 29"),
    F("actions", TEXT, MUST, 2, 2000, "What was done at once.", "已采取的处置措施。", "PT 29"),
    F("authority", TEXT, MUST, 2, 200, "The authority it was reported to.",
      "已报告的数据安全监管部门。", "PT 29"),
    PAPERS(MAY, "PT 29"),
    F_END,
};
static const struct field fields_closing[] = {
    SUBJECT("incident", "The incident (its txid).", "事件（其交易号）。"),
    STATEMENT("How it ended, and what prevents it from now on.", "处置结果及防范措施。", "PT 29"),
    PAPERS(MAY, "PT 29"),
    F_END,
};

const struct tx_type type_case_open = {.name = "case.open",
                                       .english = "Open a case",
                                       .chinese = "登记案件或举报",
                                       .clause = "OPEN 30, OPEN 32, CN 26",
                                       .roles = BY(COMPILE) | BY(REVIEW) | BY(APPROVE) | BY(CHIEF),
                                       .parties = 0,
                                       .fields = fields_case,
                                       .reads_max = 32,
                                       .writes_max = 8,
                                       .cost = 50,
                                       .apply = case_open};
const struct tx_type type_case_find = {.name = "case.find",
                                       .english = "Say what was found in a case",
                                       .chinese = "认定案件",
                                       .clause = "OPEN 32",
                                       .roles = BY(REVIEW) | BY(APPROVE),
                                       .parties = PARTY_CENTER | PARTY_SUPERVISOR,
                                       .fields = fields_find,
                                       .reads_max = 32,
                                       .writes_max = 8,
                                       .cost = 50,
                                       .apply = case_find};
const struct tx_type type_measure_impose = {.name = "measure.impose",
                                            .english = "Limit or close access",
                                            .chinese = "限制或关闭数据获取权限",
                                            .clause = "OPEN 32",
                                            .roles = BY(REVIEW) | BY(APPROVE),
                                            .parties = 0,
                                            .fields = fields_impose,
                                            .reads_max = 32,
                                            .writes_max = 8,
                                            .cost = 100,
                                            .apply = measure_impose};
const struct tx_type type_measure_lift = {.name = "measure.lift",
                                          .english = "Lift a measure",
                                          .chinese = "解除措施",
                                          .clause = "OPEN 32",
                                          .roles = BY(REVIEW) | BY(APPROVE),
                                          .parties = 0,
                                          .fields = fields_lift,
                                          .reads_max = 32,
                                          .writes_max = 8,
                                          .cost = 50,
                                          .apply = measure_lift};
const struct tx_type type_rectify_order = {.name = "rectify.order",
                                           .english = "Order an agency to rectify in time",
                                           .chinese = "责令限期改正",
                                           .clause = "CN 26",
                                           .roles = BY(REVIEW) | BY(APPROVE),
                                           .parties = PARTY_CENTER | PARTY_SUPERVISOR,
                                           .fields = fields_order,
                                           .reads_max = 32,
                                           .writes_max = 8,
                                           .cost = 50,
                                           .apply = rectify_order};
const struct tx_type type_rectify_done = {.name = "rectify.done",
                                          .english = "Report that it was rectified",
                                          .chinese = "报告改正情况",
                                          .clause = "CN 26",
                                          .roles = BY(COMPILE) | BY(APPROVE) | BY(CHIEF),
                                          .parties = 0,
                                          .fields = fields_done,
                                          .reads_max = 32,
                                          .writes_max = 8,
                                          .cost = 50,
                                          .apply = rectify_done};
const struct tx_type type_rectify_review = {.name = "rectify.review",
                                            .english = "Accept a rectification, or return it",
                                            .chinese = "核查改正情况",
                                            .clause = "CN 26",
                                            .roles = BY(REVIEW) | BY(APPROVE),
                                            .parties = PARTY_CENTER | PARTY_SUPERVISOR,
                                            .fields = fields_rectify_review,
                                            .reads_max = 32,
                                            .writes_max = 8,
                                            .cost = 50,
                                            .apply = rectify_review};
const struct tx_type type_disclosure_publish = {.name = "disclosure.publish",
                                                .english = "Publish a circular or a violation",
                                                .chinese = "通报或公示",
                                                .clause = "PT 32, OPEN 32",
                                                .roles = BY(REVIEW) | BY(APPROVE),
                                                .parties = 0,
                                                .fields = fields_publish,
                                                .reads_max = 32,
                                                .writes_max = 8,
                                                .cost = 50,
                                                .apply = disclosure_publish};
const struct tx_type type_disclosure_withdraw = {.name = "disclosure.withdraw",
                                                 .english = "Withdraw what was published",
                                                 .chinese = "撤回通报或公示",
                                                 .clause = "PT 32, OPEN 32",
                                                 .roles = BY(REVIEW) | BY(APPROVE),
                                                 .parties = 0,
                                                 .fields = fields_withdrawal,
                                                 .reads_max = 32,
                                                 .writes_max = 8,
                                                 .cost = 50,
                                                 .apply = disclosure_withdraw};
const struct tx_type type_incident_report = {.name = "incident.report",
                                             .english = "Report a security incident",
                                             .chinese = "报告数据安全事件",
                                             .clause = "PT 29",
                                             .roles =
                                                 BY(COMPILE) | BY(REVIEW) | BY(APPROVE) | BY(CHIEF),
                                             .parties = 0,
                                             .fields = fields_incident,
                                             .reads_max = 32,
                                             .writes_max = 8,
                                             .cost = 50,
                                             .apply = incident_report};
const struct tx_type type_incident_close = {.name = "incident.close",
                                            .english = "Close a security incident",
                                            .chinese = "办结数据安全事件",
                                            .clause = "PT 29",
                                            .roles =
                                                BY(COMPILE) | BY(REVIEW) | BY(APPROVE) | BY(CHIEF),
                                            .parties = 0,
                                            .fields = fields_closing,
                                            .reads_max = 32,
                                            .writes_max = 8,
                                            .cost = 50,
                                            .apply = incident_close};
