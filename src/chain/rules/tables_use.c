/* How data are used, how good they are, whether they are passed on: the bodies of feedback.*,
 * quality.* and onward.*. */
#include "chain/rules/tables.h"

static const char *const choices_check[] = {"in-order", "questioned", NULL};
static const char *const choices_defect[] = {"wrong",        "missing", "duplicate", "late",
                                             "inconsistent", "other",   NULL};
static const char *const choices_quality_answer[] = {"corrected", "upheld", NULL};
static const char *const choices_close[] = {"accept", "dispute", "settle", NULL};
static const char *const choices_onward[] = {"pass-on", "publish", NULL};
static const char *const choices_consent[] = {"consent", "refuse", NULL};

#define SUBJECT(table, en, zh)                                                                     \
    F(table, HASH, MUST, 0, 0, en, zh, NULL),                                                      \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "其当前版本。", NULL)

static const struct field fields_work[] = {
    F("title", TEXT, MUST, 2, 200, "Title of the product, report or paper.",
      "数据产品、研究报告或论文名称。", "OPEN 29"),
    F("source_stated", BOOL, MUST, 0, 0, "It names the source of the data.", "已注明数据来源。",
      "OPEN 29"),
    F_END,
};
static const struct field each_work[] = {EACH_OBJECT(fields_work)};
static const struct field fields_feedback[] = {
    F("grant", HASH, MUST, 0, 0, "The grant.", "授权。", "OPEN 29"),
    F("from", DATE, MUST, 0, 0, "First day it is about.", "反馈期间起始日。", "OPEN 29"),
    F("to", DATE, MUST, 0, 0, "Last day it is about.", "反馈期间截止日。", "OPEN 29"),
    F("scenes", TEXT, MUST, 2, 2000, "Scenes of use, and whom they serve.", "主要场景与服务对象。",
      "OPEN 29"),
    F("business_model", TEXT, MAY, 2, 1000, "Business model.", "商业模式。", "OPEN 29"),
    F_LIST("items", MAY, 1, 500, each_item_name, "Items mainly used.", "主要利用的字段。",
           "OPEN 29"),
    F("algorithms", TEXT, MAY, 2, 1000, "Algorithms used.", "使用的相关算法。", "OPEN 29"),
    F("benefits", TEXT, MUST, 2, 2000, "Economic and social benefits.", "经济和社会效益。",
      "OPEN 29"),
    F("safeguards", TEXT, MUST, 2, 2000, "Safeguards in place.", "采取的安全保障措施。", "OPEN 29"),
    F_LIST("works", MAY, 1, 50, each_work, "Products, reports, papers made of the data.",
           "利用数据形成的成果。", "OPEN 29"),
    F_END,
};
static const struct field fields_feedback_check[] = {
    SUBJECT("feedback", "The report (its txid).", "利用情况反馈（其交易号）。"),
    F_CHOICE("finding", MUST, choices_check, "In order, or questioned.",
             "抽查结论：in-order 属实、questioned 存疑。", "OPEN 29"),
    F("statement", TEXT, MUST, 2, 2000, "What was looked at, and found.", "抽查情况。", "OPEN 29"),
    F_END,
};
static const struct field fields_object[] = {
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "资源提供方。", "PT 16, OPEN 16"),
    F("entry", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", "PT 16, OPEN 16"),
    F_CHOICE("kind", MUST, choices_defect, "What is wrong with the data.",
             "问题类型：wrong 错值、missing 空值缺失、duplicate 重复、late 不及时、inconsistent "
             "不一致、other 其他。",
             "PT 16, OPEN 16"),
    F_LIST("items", MAY, 1, 500, each_item_name, "Items concerned.", "所涉信息项。",
           "PT 16, OPEN 16"),
    F("statement", TEXT, MUST, 2, 2000, "What was seen, without any record of a person.",
      "问题描述，不得含个人信息。", "PT 16, OPEN 16"),
    F("papers", HASH, MAY, 0, 0, "SHA-256 of examples handed over.", "示例材料的 SHA-256 摘要。",
      "PT 16, OPEN 16"),
    F_END,
};
static const struct field fields_quality_answer[] = {
    SUBJECT("objection", "The objection (its txid).", "数据异议（其交易号）。"),
    F_CHOICE("decision", MUST, choices_quality_answer, "Corrected, or the data are right.",
             "核实结论：corrected 已更正、upheld 数据无误。", "PT 16, OPEN 16"),
    F("statement", TEXT, MUST, 2, 2000, "What was verified and done.", "核实与处理情况。",
      "PT 16, OPEN 16"),
    F_END,
};
static const struct field fields_quality_close[] = {
    SUBJECT("objection", "The objection (its txid).", "数据异议（其交易号）。"),
    F_CHOICE("decision", MUST, choices_close,
             "The objector accepts the answer or disputes it; the center or the supervisor settles "
             "the dispute.",
             "accept 认可、dispute 仍有异议（异议方）；settle 裁定（中心或主管部门）。",
             "PT 16, OPEN 16"),
    F("statement", TEXT, MUST, 2, 2000, "Why.", "理由。", "PT 16, OPEN 16"),
    F_END,
};
static const struct field fields_ask[] = {
    F("grant", HASH, MUST, 0, 0, "The grant under which the data came.", "授权。", "CN 18"),
    F_CHOICE("kind", MUST, choices_onward, "Given to others, or published.",
             "方式：pass-on 对外提供、publish 发布。", "CN 18"),
    F("recipient", TEXT, MUST, 2, 500, "To whom.", "接收对象。", "CN 18"),
    F("scope", TEXT, MUST, 2, 2000, "Which data, what for, how long.", "范围、用途和期限。",
      "CN 18"),
    F("papers", HASH, MUST, 0, 0, "SHA-256 of the written application.",
      "书面申请的 SHA-256 摘要。", "CN 18"),
    F_END,
};
static const struct field fields_onward_answer[] = {
    SUBJECT("onward", "The application (its txid).", "对外提供申请（其交易号）。"),
    F_CHOICE("decision", MUST, choices_consent, "Consent or refuse; refusing later revokes.",
             "consent 同意、refuse 不同意；同意后再 refuse 即撤回。", "CN 18"),
    F("reason", TEXT, MUST, 2, 1000, "Why, and on what terms.", "理由及条件。", "CN 18"),
    F("papers", HASH, MAY, 0, 0, "Consent: SHA-256 of the written consent.",
      "同意时：书面同意文件的 SHA-256 摘要。", "CN 18"),
    F("until", DATE, MAY, 0, 0, "Consent: last day.", "同意时：截止日期。", "CN 18"),
    F_END,
};
static const struct field fields_onward_record[] = {
    SUBJECT("onward", "The application that was consented to.", "已获同意的申请。"),
    F("statement", TEXT, MUST, 2, 2000, "What was passed on or published, when and to whom.",
      "对外提供或发布的内容、时间和对象。", "CN 18"),
    F("papers", HASH, MAY, 0, 0, "SHA-256 of what was passed on.", "对外提供内容的 SHA-256 摘要。",
      "CN 18"),
    F_END,
};

const struct tx_type type_feedback_submit = {.name = "feedback.submit",
                                             .english = "Report how data are used",
                                             .chinese = "反馈数据利用情况",
                                             .clause = "OPEN 29",
                                             .roles = BY(COMPILE),
                                             .parties = PARTY_CONSUMER,
                                             .fields = fields_feedback,
                                             .reads_max = 32,
                                             .writes_max = 8,
                                             .cost = 50,
                                             .apply = feedback_submit};
const struct tx_type type_feedback_check = {.name = "feedback.check",
                                            .english = "Check a report of use",
                                            .chinese = "抽查数据利用情况",
                                            .clause = "OPEN 29",
                                            .roles = BY(REVIEW) | BY(APPROVE),
                                            .parties = 0,
                                            .fields = fields_feedback_check,
                                            .reads_max = 32,
                                            .writes_max = 8,
                                            .cost = 50,
                                            .apply = feedback_check};
const struct tx_type type_quality_object = {.name = "quality.object",
                                            .english = "Object to the quality of data",
                                            .chinese = "提出数据异议",
                                            .clause = "PT 16, OPEN 16",
                                            .roles = BY(COMPILE) | BY(REVIEW),
                                            .parties = 0,
                                            .fields = fields_object,
                                            .reads_max = 32,
                                            .writes_max = 8,
                                            .cost = 50,
                                            .apply = quality_object};
const struct tx_type type_quality_answer = {.name = "quality.answer",
                                            .english = "Answer an objection",
                                            .chinese = "核实处理数据异议",
                                            .clause = "PT 16, OPEN 16",
                                            .roles = BY(COMPILE) | BY(APPROVE),
                                            .parties = PARTY_PROVIDER,
                                            .fields = fields_quality_answer,
                                            .reads_max = 32,
                                            .writes_max = 8,
                                            .cost = 50,
                                            .apply = quality_answer};
const struct tx_type type_quality_close = {.name = "quality.close",
                                           .english = "Accept, dispute or settle an objection",
                                           .chinese = "办结数据异议",
                                           .clause = "PT 16, OPEN 16",
                                           .roles = BY(COMPILE) | BY(REVIEW) | BY(APPROVE),
                                           .parties = 0,
                                           .fields = fields_quality_close,
                                           .reads_max = 32,
                                           .writes_max = 8,
                                           .cost = 50,
                                           .apply = quality_close};
const struct tx_type type_onward_ask = {.name = "onward.ask",
                                        .english = "Ask to pass data on",
                                        .chinese = "申请对外提供或发布",
                                        .clause = "CN 18",
                                        .roles = BY(COMPILE) | BY(CHIEF),
                                        .parties = PARTY_CONSUMER,
                                        .fields = fields_ask,
                                        .reads_max = 32,
                                        .writes_max = 8,
                                        .cost = 50,
                                        .apply = onward_ask};
const struct tx_type type_onward_answer = {.name = "onward.answer",
                                           .english = "Consent to passing data on",
                                           .chinese = "同意或不同意对外提供",
                                           .clause = "CN 18",
                                           .roles = BY(APPROVE) | BY(CHIEF),
                                           .parties = PARTY_PROVIDER,
                                           .fields = fields_onward_answer,
                                           .reads_max = 32,
                                           .writes_max = 8,
                                           .cost = 50,
                                           .apply = onward_answer};
const struct tx_type type_onward_record = {.name = "onward.record",
                                           .english = "Record that data were passed on",
                                           .chinese = "记录对外提供或发布",
                                           .clause = "CN 18",
                                           .roles = BY(COMPILE),
                                           .parties = PARTY_CONSUMER,
                                           .fields = fields_onward_record,
                                           .reads_max = 32,
                                           .writes_max = 8,
                                           .cost = 50,
                                           .apply = onward_record};
