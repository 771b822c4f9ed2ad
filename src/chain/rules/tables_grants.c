/* Grants: the bodies of agreement.* and grant.*. */
#include "chain/rules/tables.h"

#define GRANT_COMMON                                                                               \
    F("grant", HASH, MUST, 0, 0, "The grant (txid of its request).", "授权（其申请的交易号）。",   \
      NULL),                                                                                       \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "授权当前版本。", NULL)
static const struct field fields_agreement[] = {
    GRANT_COMMON,
    F("digest", HASH, MUST, 0, 0, "SHA-256 of the agreement that both sides hold.",
      "双方所持协议文本的 SHA-256 摘要。", "CN 17, OPEN 20"),
    F_LIST("contains", MAY, 1, 5, each_agreement_content,
           "What the text contains, as the policy demands.", "协议包含的内容（按政策要求）。",
           "OPEN 20, CN 17"),
    F("form", HASH, MAY, 0, 0, "SHA-256 of the request form stamped by both sides.",
      "双方盖章的申请审核表的 SHA-256 摘要。", "CN 17, CN 附件2"),
    F_END,
};
static const struct field fields_grant_act[] = {
    GRANT_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "PT 26, PT 31"),
    F("basis", TEXT, MAY, 2, 1000, "Legal or policy basis.", "依据。", NULL),
    F_END,
};
static const struct field fields_grant_measure[] = {
    GRANT_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why: what the risk is.", "理由（安全风险情况）。", "PT 31"),
    F("basis", TEXT, MAY, 2, 1000, "Legal or policy basis.", "依据。", NULL),
    F_RISK_REPORT,
    F_END,
};
static const char *const choices_hold[] = {"center", "disuse", NULL};
static const struct field fields_restore[] = {
    GRANT_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "PT 31"),
    F("basis", TEXT, MAY, 2, 1000, "Legal or policy basis.", "依据。", NULL),
    F_CHOICE("hold", MAY, choices_hold,
             "Which suspension ends, where there are several; else the center's own.",
             "解除哪一项暂停（同时有多项时），缺省为中心所作。", "PT 31"),
    F_END,
};

const struct tx_type type_agreement_sign = {.name = "agreement.sign",
                                            .english = "Sign the agreement",
                                            .chinese = "签署协议",
                                            .clause = "CN 17, OPEN 20",
                                            .roles = BY(CHIEF),
                                            .parties = 0,
                                            .fields = fields_agreement,
                                            .reads_max = 32,
                                            .writes_max = 16,
                                            .cost = 50,
                                            .apply = agreement_sign};
const struct tx_type type_grant_end = {.name = "grant.end",
                                       .english = "End a grant no longer needed",
                                       .chinese = "终止不再需要的共享",
                                       .clause = "PT 26",
                                       .roles = BY(COMPILE) | BY(CHIEF),
                                       .parties = PARTY_CONSUMER,
                                       .fields = fields_grant_act,
                                       .reads_max = 32,
                                       .writes_max = 16,
                                       .cost = 50,
                                       .apply = grant_end};
const struct tx_type type_grant_object = {.name = "grant.object",
                                          .english = "Give the reason why a grant is not used",
                                          .chinese = "对未使用暂停提出异议并说明理由",
                                          .clause = "PT 26",
                                          .roles = BY(COMPILE) | BY(CHIEF),
                                          .parties = PARTY_CONSUMER,
                                          .fields = fields_grant_act,
                                          .reads_max = 32,
                                          .writes_max = 16,
                                          .cost = 50,
                                          .apply = grant_object};
const struct tx_type type_grant_suspend = {.name = "grant.suspend",
                                           .english = "Suspend a grant",
                                           .chinese = "暂停共享",
                                           .clause = "PT 31",
                                           .roles = BY(REVIEW),
                                           .parties = PARTY_CENTER,
                                           .fields = fields_grant_measure,
                                           .reads_max = 32,
                                           .writes_max = 16,
                                           .cost = 50,
                                           .apply = grant_suspend};
const struct tx_type type_grant_restore = {.name = "grant.restore",
                                           .english = "Restore a suspended grant",
                                           .chinese = "恢复共享",
                                           .clause = "PT 31",
                                           .roles = BY(REVIEW),
                                           .parties = PARTY_CENTER,
                                           .fields = fields_restore,
                                           .reads_max = 32,
                                           .writes_max = 16,
                                           .cost = 50,
                                           .apply = grant_restore};
const struct tx_type type_grant_terminate = {.name = "grant.terminate",
                                             .english = "Terminate a grant",
                                             .chinese = "终止共享",
                                             .clause = "PT 31",
                                             .roles = BY(REVIEW),
                                             .parties = PARTY_CENTER,
                                             .fields = fields_grant_measure,
                                             .reads_max = 32,
                                             .writes_max = 16,
                                             .cost = 50,
                                             .apply = grant_terminate};
