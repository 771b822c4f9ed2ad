/* Disputes about requests, and once they are raised about needs and fusions: the bodies of
 * dispute.*. */
#include "chain/rules/tables.h"

static const char *const choices_kind[] = {"agreement",    "need",  "refusal",
                                           "shareability", "terms", NULL};
static const char *const choices_outcome[] = {"as-asked", "partly", "refused", "as-it-stands",
                                              NULL};

static const struct field fields_raise[] = {
    F("request", HASH, MUST, 0, 0, "The request in dispute (its txid).", "争议所涉共享申请。",
      "PT 24, CN 17"),
    F("acts_on", HASH, MUST, 0, 0, "Its current version.", "申请当前版本。", NULL),
    F_CHOICE("kind", MUST, choices_kind,
             "About what: an agreement that the provider does not sign, whether the need is "
             "reasonable, a refusal, whether the data can be shared, or the terms of a grant.",
             "争议事项（agreement 提供方不签署协议；need 需求的合理性；refusal 审核未通过；"
             "shareability 数据的可共享性；terms 授权条件）。",
             "PT 24, CN 17, OPEN 20"),
    F_OBJECTION,
    F_END,
};

#define DISPUTE_COMMON                                                                             \
    F("dispute", HASH, MUST, 0, 0,                                                                 \
      "The dispute: txid of its raising; of a silence, of the request.",                           \
      "争议（提出争议的交易号；逾期未答复的为申请的交易号）。", NULL),                             \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "争议当前版本。", NULL)
#define OUTCOME_FIELDS                                                                             \
    F_CHOICE("decision", MUST, choices_outcome,                                                    \
             "What the request comes to: granted as it was asked for, granted on the terms "       \
             "below, refused (a grant ends), or as it stands.",                                    \
             "结论（as-asked 按申请共享；partly 按下列条件共享；"                 \
             "refused 不予共享，已有授权终止；"                                        \
             "as-it-stands 维持现状）。",                                                          \
             "PT 24, CN 17"),                                                                      \
        F_LIST("items", MAY, 1, 500, each_item_name,                                               \
               "Partly: fewer items than asked for; of a need, those wanted that are given.",      \
               "部分共享：缩减后的信息项。", "D10"),                                               \
        F_LIST("rows", MAY, 1, 16, each_row_filter, "Partly: further conditions on rows.",         \
               "部分共享：附加的数据范围条件。", "D10"),                                           \
        F_LIST("masked", MAY, 1, 500, each_item_name, "Partly: items that leave masked only.",     \
               "部分共享：须脱敏的信息项。", "E6"),                                                \
        F("until", DATE, MAY, 0, 0, "Partly: an earlier last day.", "部分共享：较早的截止日期。",  \
          "D10"),                                                                                  \
        F_OBJECT("quota", MAY, fields_quota, "Partly: quota.", "部分共享：用量上限。", "D10"),     \
        F("terms", TEXT, MAY, 1, 2000, "Partly: further terms.", "部分共享：其他条件。", NULL)

static const struct field fields_settle[] = {
    DISPUTE_COMMON,
    OUTCOME_FIELDS,
    F("minutes", HASH, MAY, 0, 0, "SHA-256 of the minutes that both sides hold.",
      "双方所持协商记录的 SHA-256 摘要。", "PT 24"),
    F_END,
};
static const struct field fields_rule[] = {
    DISPUTE_COMMON,
    OUTCOME_FIELDS,
    F("reason", TEXT, MUST, 2, 2000, "Grounds of the ruling.", "结论理由。", "CN 17"),
    F("basis", TEXT, MAY, 2, 1000, "Legal or policy basis.", "依据。", NULL),
    F_LIST("consulted", MAY, 1, 50, each_member, "Departments that took part.", "会同的部门。",
           "CN 17"),
    F("document", HASH, MAY, 0, 0, "SHA-256 of the ruling on paper.", "结论文书的 SHA-256 摘要。",
      NULL),
    F_END,
};
static const struct field fields_refer[] = {
    DISPUTE_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "PT 24"),
    F("minutes", HASH, MAY, 0, 0,
      "SHA-256 of the minutes of the negotiation; without them the side that refers has stated "
      "its own outcome (dispute.settle).",
      "协商记录的 SHA-256 摘要；没有的，提请方须已提出自己的协商方案（dispute.settle）。", "PT 24"),
    F("stand_in", BOOL, MAY, 0, 0,
      "The side does not wait for a ruler that is suspended or removed; once both say so, whoever "
      "is there of the profile's ruling.instead rules, but the center and who has ruled before.",
      "裁断方被暂停或者移除时不再等待；双方均提出的，由 ruling.instead 所列的在册单位代为作出结论，"
      "中心和此前作出结论的单位除外。",
      "PT 24, CN 17"),
    F_END,
};
static const struct field fields_reason[] = {
    DISPUTE_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "PT 24"),
    F_END,
};

#define SIDES (PARTY_PROVIDER | PARTY_CONSUMER)
#define RULERS (PARTY_SUPERVISOR | PARTY_CENTER | PARTY_UPPER | PARTY_AUDITOR | PARTY_PROVIDER)

const struct tx_type type_dispute_raise = {.name = "dispute.raise",
                                           .english = "Raise a dispute about a request",
                                           .chinese = "提出争议",
                                           .clause = "PT 24, CN 17",
                                           .roles = BY(COMPILE) | BY(APPROVE),
                                           .parties = SIDES,
                                           .fields = fields_raise,
                                           .reads_max = 256,
                                           .writes_max = 16,
                                           .cost = 100,
                                           .apply = dispute_raise};
const struct tx_type type_dispute_refer = {.name = "dispute.refer",
                                           .english = "Negotiation has failed: refer the dispute",
                                           .chinese = "协商不成，提请协调",
                                           .clause = "PT 24",
                                           .roles = BY(COMPILE) | BY(APPROVE),
                                           .parties = SIDES | RULERS,
                                           .fields = fields_refer,
                                           .reads_max = 128,
                                           .writes_max = 16,
                                           .cost = 50,
                                           .apply = dispute_refer};
const struct tx_type type_dispute_rule = {.name = "dispute.rule",
                                          .english = "Rule on a dispute",
                                          .chinese = "对争议作出结论",
                                          .clause = "PT 24, CN 17",
                                          .roles = BY(APPROVE),
                                          .parties = RULERS,
                                          .fields = fields_rule,
                                          .reads_max = 416,
                                          .writes_max = 128,
                                          .cost = 200,
                                          .apply = dispute_rule};
const struct tx_type type_dispute_settle = {.name = "dispute.settle",
                                            .english =
                                                "State the outcome that both sides negotiated",
                                            .chinese = "确认协商结果",
                                            .clause = "PT 24",
                                            .roles = BY(COMPILE) | BY(APPROVE),
                                            .parties = SIDES,
                                            .fields = fields_settle,
                                            .reads_max = 416,
                                            .writes_max = 128,
                                            .cost = 200,
                                            .apply = dispute_settle};
const struct tx_type type_dispute_withdraw = {.name = "dispute.withdraw",
                                              .english = "Withdraw a dispute",
                                              .chinese = "撤回争议",
                                              .clause = "PT 24",
                                              .roles = BY(COMPILE) | BY(APPROVE),
                                              .parties = SIDES,
                                              .fields = fields_reason,
                                              .reads_max = 288,
                                              .writes_max = 80,
                                              .cost = 200, /* of a fusion: 67 writes */
                                              .apply = dispute_withdraw};
