/* Governance by the center: validators, calendar, policy profile (whose own form is in
 * tables_profile.c). */
#include "chain/rules/tables.h"

static const struct field fields_validator_change[] = {
    F_LIST("add", MAY, 1, 16, each_member, "Members that become validators.", "新增验证者。", NULL),
    F_LIST("remove", MAY, 1, 16, each_member, "Validators that step down.", "退出的验证者。", NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", NULL),
    F_END,
};

static const struct field fields_validator_rotate[] = {
    F("vote_key", VOTE_KEY, MUST, 0, 0, "The new vote key; one that nobody ever had.",
      "新的共识投票公钥，不得与任何在用或曾用密钥相同。", NULL),
    F("vote_signature", TEXT, MUST, 86, 86,
      "Signature of the new vote key (BIP-340) over hash_tagged(\"dirchain/rotate/1\", canonical "
      "{chain, member, vote_key}).",
      "新投票密钥的签名（BIP-340），证明持有该密钥。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of the member's own record.", "本单位成员记录版本。",
      NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why: routine, loss, suspicion.",
      "更换原因（定期轮换、遗失、疑似泄露等）。", "CN 24"),
    F_END,
};

static const struct field fields_validator_resume[] = {
    F("height", INT, MUST, 1, DOC_INT_MAX, "Height from which the validator signs again.",
      "自该高度起恢复签名。", NULL),
    F("held_until", INT, MUST, 1, DOC_INT_MAX,
      "Height up to which its node holds its votes back: the hold that this lifts.",
      "节点暂停签名所至高度，即本次解除的暂停。", NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why the member answers for it.", "理由。", NULL),
    F_END,
};

static const struct field each_date[] = {EACH(DATE, 0, 0)};
static const struct field fields_calendar[] = {
    F("year", INT, MUST, 2000, 2200, "Year of the notice.", "年份。", "D14"),
    F_LIST("off", MUST, 1, CALENDAR_DAYS_MAX, each_date,
           "Days off that the notice names, ascending; every notice names some.",
           "通知所列放假日期（升序），至少一日。", "D14"),
    F_LIST("work", MUST, 0, CALENDAR_DAYS_MAX, each_date, "Make-up working days, ascending.",
           "调休上班日期（升序）。", "D14"),
    F("source", TEXT, MUST, 2, 500, "The State Council's notice.", "国务院办公厅通知。", "D14"),
    F("acts_on", HASH, MAY, 0, 0, "Version of the calendar that this one corrects.",
      "所更正的日历版本。", NULL),
    F_END,
};

static const struct field fields_profile_publish[] = {
    F_OBJECT("profile", MUST, rules_profile_fields, "The whole profile.", "完整的政策参数。", NULL),
    F("from", DATE, MAY, 0, 0,
      "Day from whose beginning in Beijing it is in force, today or later; at once if left out.",
      "自该日零时（北京时间）起施行，不早于当日；缺省为立即施行。", "PT 11"),
    F("acts_on", HASH, MUST, 0, 0, "Version of the profile it replaces.", "所替换的版本。", NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", NULL),
    F_END,
};

static const struct field fields_profile_withdraw[] = {
    F("from", DATE, MUST, 0, 0, "The day from which it was to be in force.", "原定施行之日。",
      "PT 11"),
    F("acts_on", HASH, MUST, 0, 0, "Its version.", "其版本。", NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", NULL),
    F_END,
};

const struct tx_type type_validator_change = {.name = "validator.change",
                                              .english = "Add or remove validators",
                                              .chinese = "变更验证者",
                                              .clause = "PT 11",
                                              .roles = BY(ADMIN),
                                              .parties = PARTY_CENTER,
                                              .fields = fields_validator_change,
                                              .reads_max = 64 + VALIDATORS_MAX,
                                              .writes_max = 2 + 16,
                                              .cost = 1000,
                                              .apply = validator_change};
const struct tx_type type_validator_resume = {
    .name = "validator.resume",
    .english = "Let a validator sign again before its former height has passed",
    .chinese = "验证者提前恢复签名",
    .clause = "PT 6",
    .roles = BY(CHIEF),
    .parties = 0,
    .fields = fields_validator_resume,
    .reads_max = 8,
    .writes_max = 2,
    .cost = 100,
    .apply = validator_resume};
const struct tx_type type_validator_rotate = {.name = "validator.rotate",
                                              .english = "Change the own vote key",
                                              .chinese = "更换投票密钥",
                                              .clause = "CN 24",
                                              .roles = BY(CHIEF),
                                              .fields = fields_validator_rotate,
                                              .reads_max = 64 + VALIDATORS_MAX,
                                              .writes_max = 4,
                                              .cost = 1000,
                                              .apply = validator_rotate};
const struct tx_type type_calendar_publish = {
    .name = "calendar.publish",
    .english = "Publish or correct a year's working-day calendar",
    .chinese = "发布工作日历",
    .clause = "D14",
    .roles = BY(ADMIN),
    .parties = PARTY_CENTER,
    .fields = fields_calendar,
    .reads_max = 8,
    .writes_max = 4,
    .cost = 500,
    .apply = calendar_publish};
const struct tx_type type_profile_publish = {.name = "profile.publish",
                                             .english = "Publish the policy profile",
                                             .chinese = "发布政策参数",
                                             .clause = "PT 11",
                                             .roles = BY(ADMIN),
                                             .parties = PARTY_CENTER,
                                             .fields = fields_profile_publish,
                                             .reads_max = 8,
                                             .writes_max = 3,
                                             .cost = 500,
                                             .apply = profile_publish,
                                             .check = profile_check_body};
const struct tx_type type_profile_withdraw = {.name = "profile.withdraw",
                                              .english = "Withdraw a profile to come",
                                              .chinese = "撤回待施行的政策参数",
                                              .clause = "PT 11",
                                              .roles = BY(ADMIN),
                                              .parties = PARTY_CENTER,
                                              .fields = fields_profile_withdraw,
                                              .reads_max = 8,
                                              .writes_max = 2,
                                              .cost = 50,
                                              .apply = profile_withdraw};
