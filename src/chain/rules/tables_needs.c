/* Needs for data that is not in the catalog yet, and their way to the upper platform and from it:
 * the bodies of need.* and upper.*. */
#include "chain/rules/tables_use.h"

static const char *const choices_verdict[] = {"accept", "refuse", NULL};
static const char *const choices_answer[] = {"compiled", "refuse", NULL};
static const char *const choices_reply[] = {"agree", "refuse", NULL};

static const struct field each_wanted[] = {EACH(TEXT, 1, 200)};
static const struct field fields_submit[] = {
    F("name", TEXT, MUST, 2, 200, "Data that is needed.", "所需数据名称。", "PT 22"),
    F("provider", MEMBER, MAY, 0, 0, "Agency that should have it, if known.",
      "拟请提供的责任单位（如知悉）。", "PT 22"),
    F_LIST("wanted", MUST, 1, 200, each_wanted, "Items, in the words of who needs them.",
           "所需信息项。", "PT 17"),
    F_USE_WHAT_FOR,
    F_USE_HOW,
    F_END,
};

#define NEED_COMMON                                                                                \
    F("need", HASH, MUST, 0, 0, "The need (its txid).", "数据需求（交易号）。", NULL),             \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "需求当前版本。", NULL)
static const struct field fields_intake[] = {
    NEED_COMMON,
    F_CHOICE("decision", MUST, choices_verdict, "Ask an agency for it, or not accepted.",
             "提请责任单位编制，或不予受理。", "PT 22"),
    F("provider", MEMBER, MAY, 0, 0, "Accept: the responsible agency that is asked.",
      "受理时：被提请的责任单位。", "PT 22, PT 5"),
    F("opinion", TEXT, MAY, 2, 2000, "To the agency.", "提请说明。", NULL),
    F_LIST("reasons", MAY, 1, 50, each_reason, "Refuse: all reasons, at once.",
           "不予受理的全部理由。", "PT 22"),
    F_END,
};

/* PT 22: 需求审核: of each thing wanted, which item of which entry it is. */
static const struct field fields_meets[] = {
    F("wanted", TEXT, MUST, 1, 200, "What was wanted, in the need's words.",
      "需求所列信息项（原文）。", "PT 22"),
    F("entry", CODE, MUST, 1, 64, "Code of the published entry that has it.", "所在目录的代码。",
      "PT 22"),
    F("item", TEXT, MUST, 1, 200, "The item that it is.", "对应的信息项。", "PT 22"),
    F_END,
};
static const struct field each_meets[] = {EACH_OBJECT(fields_meets)};

static const struct field fields_answer[] = {
    NEED_COMMON,
    F_CHOICE("decision", MUST, choices_answer,
             "The entry is there, its data collected and the need approved, or refused.",
             "已完成编目、归集且需求审核通过，或不予提供。", "PT 22"),
    F_LIST("meets", MAY, 1, 500, each_meets,
           "Compiled: for each thing wanted, the item that it is; of eight entries at most.",
           "已编目时：逐项列明需求所列信息项对应的目录和信息项，目录至多 8 个。", "PT 22"),
    F_OBJECT("grounds", MAY, fields_grounds,
             "Refuse, or leave anything out: the grounds that the policy profile demands.",
             "不予提供，或者所列信息项有遗漏时：政策规定的依据或理由。", "PT 20, PT 22"),
    F_END,
};
static const struct field fields_withdraw[] = {
    NEED_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why.", "撤回原因。", NULL),
    F_END,
};

/* PT 24: 数据的可共享性以及需求申请审核未通过等. */
static const char *const choices_dispute[] = {"answer", "refusal", "shareability", NULL};
static const struct field fields_dispute[] = {
    NEED_COMMON,
    F_CHOICE(
        "kind", MUST, choices_dispute,
        "About what: an answer that is not what was wanted, a refusal, or whether the data can "
        "be shared.",
        "争议事项（answer 答复与需求不符；refusal 审核未通过；shareability 数据的可共享性）。",
        "PT 24, CN 17"),
    F_OBJECTION,
    F("provider", MEMBER, MAY, 0, 0,
      "An agency that declined it, where another was asked since; without it, the last answer.",
      "此前答复不予提供的单位（其后已另行提请其他单位的）；未填的，为最近一次答复。", "PT 24"),
    F_END,
};

#define UPPER                                                                                      \
    F("upper", MEMBER, MAY, 0, 0,                                                                  \
      "The upper platform, where it is a member: then its own key answers.",                       \
      "市级平台（已入链的，由其密钥答复）。", "PT 23")
static const struct field fields_forward[] = {
    NEED_COMMON,
    UPPER,
    F("document", HASH, MUST, 0, 0, "SHA-256 of the application that was sent.",
      "所提交申请的 SHA-256 摘要。", "PT 23"),
    F("opinion", TEXT, MAY, 2, 2000, "Why the district cannot meet it.", "统筹意见。", "PT 23"),
    F_END,
};
static const struct field fields_receive[] = {
    F("name", TEXT, MUST, 2, 200, "Data that is asked for.", "所需数据名称。", "STD 五(六)"),
    UPPER,
    F_LIST("wanted", MUST, 1, 200, each_wanted, "Items, in the words of who needs them.",
           "所需信息项。", NULL),
    F("purpose", TEXT, MUST, 2, 500, "Scenario of use.", "应用场景。", NULL),
    F("document", HASH, MUST, 0, 0, "SHA-256 of what the upper platform sent.",
      "市级平台来文的 SHA-256 摘要。", "STD 五(六)"),
    F_END,
};
static const struct field fields_reply[] = {
    NEED_COMMON,
    F_CHOICE("decision", MUST, choices_reply, "Agreed or not.", "同意或不同意。", "PT 23"),
    F("document", HASH, MAY, 0, 0, "SHA-256 of the answer; required where the center files it.",
      "答复文书的 SHA-256 摘要（由中心登记的必填）。", "PT 23"),
    F("resource", TEXT, MAY, 2, 500, "Agreed: the resource that is given.",
      "同意时：所提供的数据资源。", "PT 23"),
    F_LIST("reasons", MAY, 1, 50, each_reason, "Refuse: all reasons.", "不同意的理由。", "PT 23"),
    F_END,
};
static const struct field fields_deliver[] = {
    NEED_COMMON,
    F("provider", MEMBER, MUST, 0, 0,
      "Under whose entry the resource is in the catalog: the center's, or that of the upper "
      "platform "
      "that agreed; another agency is asked by need.intake.",
      "资源所在目录的提供方：中心，或作出同意答复的市级平台；其他单位须经提请并自行答复。",
      "PT 23, PT 12"),
    F_LIST("meets", MUST, 1, 500, each_meets,
           "For each thing wanted, the item that it is; of eight entries at most.",
           "逐项列明需求所列信息项对应的目录和信息项，目录至多 8 个。", "PT 23"),
    F_LIST("reasons", MAY, 1, 50, each_reason, "What is left out: all reasons.",
           "所列信息项有遗漏时：全部理由。", "PT 23"),
    F_END,
};

#define NEED_TYPE(ident, which, en, zh, law, by, party, table, rule)                               \
    NEED_TYPE_CHECKED(ident, which, en, zh, law, by, party, table, rule, NULL)
#define NEED_TYPE_CHECKED(ident, which, en, zh, law, by, party, table, rule, of_body)              \
    const struct tx_type type_##ident = {.name = (which),                                          \
                                         .english = (en),                                          \
                                         .chinese = (zh),                                          \
                                         .clause = (law),                                          \
                                         .roles = (by),                                            \
                                         .parties = (party),                                       \
                                         .fields = (table),                                        \
                                         .reads_max = 64,                                          \
                                         .writes_max = 16,                                         \
                                         .cost = 100,                                              \
                                         .apply = (rule),                                          \
                                         .check = (of_body)}
NEED_TYPE(need_answer, "need.answer", "Answer for data that was not in the catalog",
          "答复未编目数据需求", "PT 22, CN 16", BY(APPROVE), PARTY_PROVIDER, fields_answer,
          need_answer);
NEED_TYPE(need_dispute, "need.dispute", "Dispute the answer to a need", "对需求答复提出争议",
          "PT 24, CN 17", BY(COMPILE), PARTY_CONSUMER, fields_dispute, need_dispute);
NEED_TYPE_CHECKED(need_intake, "need.intake", "Ask the responsible agency to compile",
          "提请编目归集", "PT 22, CN 16", BY(REVIEW), PARTY_CENTER, fields_intake, need_intake,
          rule_check_review);
NEED_TYPE_CHECKED(need_submit, "need.submit", "Need data that is not in the catalog", "提出未编目数据需求",
          "PT 17, PT 22, CN 16", BY(COMPILE), PARTY_CONSUMER, fields_submit, need_submit,
          request_check_body);
NEED_TYPE(need_withdraw, "need.withdraw", "Withdraw a need", "撤回数据需求", "PT 26", BY(COMPILE),
          PARTY_CONSUMER, fields_withdraw, need_withdraw);
NEED_TYPE_CHECKED(upper_answer, "upper.answer", "Answer between district and upper platform",
          "市区平台间需求答复", "PT 23, STD 五(六)", BY(APPROVE) | BY(REVIEW),
          PARTY_UPPER | PARTY_CENTER, fields_reply, upper_answer, rule_check_review);
NEED_TYPE(upper_deliver, "upper.deliver", "Tell where the upper platform's resource is",
          "登记市级资源落地目录", "PT 23", BY(REVIEW), PARTY_CENTER, fields_deliver, upper_deliver);
NEED_TYPE(upper_forward, "upper.forward", "Forward an unmet need to the upper platform",
          "向市级平台提出需求", "PT 23", BY(APPROVE) | BY(REVIEW), PARTY_SUPERVISOR | PARTY_CENTER,
          fields_forward, upper_forward);
NEED_TYPE(upper_receive, "upper.receive", "Record a need of the upper platform", "登记市级平台需求",
          "STD 五(六)", BY(REVIEW), PARTY_CENTER, fields_receive, upper_receive);
