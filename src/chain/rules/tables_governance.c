/* Governance by the center: validators, calendar, policy profile. The profile's own form is here
 * too; every number in it stands beside the clause it comes from. */
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
    F_LIST("off", MUST, 0, CALENDAR_DAYS_MAX, each_date,
           "Days off that the notice names, ascending.", "放假日期（升序）。", "D14"),
    F_LIST("work", MUST, 0, CALENDAR_DAYS_MAX, each_date, "Make-up working days, ascending.",
           "调休上班日期（升序）。", "D14"),
    F("source", TEXT, MUST, 2, 500, "The State Council's notice.", "国务院办公厅通知。", "D14"),
    F("acts_on", HASH, MAY, 0, 0, "Version of the calendar that this one corrects.",
      "所更正的日历版本。", NULL),
    F_END,
};

#define CLAUSE F("clause", TEXT, MUST, 2, 100, "Where it comes from.", "依据条款。", NULL)
#define DAYS(low)                                                                                  \
    F("days", INT, MUST, low, TERM_WORKING_DAYS_MAX,                                               \
      "Working days; the day of receipt does not count.", "工作日数，收到当日不计。", "D14")

static const struct field fields_term[] = {DAYS(0), CLAUSE, F_END};

static const char *const choices_silence[] = {"approve", "escalate", NULL};
static const struct field fields_answer_term[] = {
    DAYS(1),
    CLAUSE,
    F_CHOICE("silence", MUST, choices_silence,
             "What an overdue answer means: deemed approval, or escalation to the supervisor.",
             "逾期未答复的后果（视作同意，或提请协调）。", "PT 20, CN 17, OPEN 19"),
    F("silence_clause", TEXT, MUST, 2, 100, "Where that comes from.", "后果的依据条款。", NULL),
    F_END,
};
static const char *const choices_grounds[] = {"legal-basis", "reason", "all-reasons", NULL};
static const struct field fields_refusal[] = {
    F_CHOICE("grounds", MUST, choices_grounds, "What a refusal must state.",
             "不予同意须说明的内容。", "PT 20, CN 17, OPEN 19"),
    F("not_in_order_exempt", BOOL, MUST, 0, 0,
      "A request not in order may be refused for that reason alone.", "申请不规范的可据此退回。",
      "PT 20"),
    CLAUSE,
    F_END,
};
static const struct field fields_required[] = {
    F("required", BOOL, MUST, 0, 0, "Whether it is demanded.", "是否必须。", NULL),
    CLAUSE,
    F_END,
};
static const struct field each_case[] = {EACH(INT, 1, 4)};
static const struct field fields_scenario[] = {
    F_LIST("cases", MUST, 0, 4, each_case, "Cases of PT 19 that go straight to a grant, ascending.",
           "可直接共享的授权场景情形（升序）。", "PT 19"),
    F_LIST("assessed", MUST, 0, 4, each_case,
           "Those among them that the center assesses first, ascending.",
           "须经中心评估的情形（升序）。", "PT 19"),
    CLAUSE,
    F_END,
};
static const struct field each_method[] = {EACH_CHOICE(choices_method)};
static const struct field fields_modes[] = {
    F_LIST("assessed", MUST, 0, 7, each_method, "Ways of use that the center assesses first.",
           "须经中心技术评估的使用方式。", "PT 21"),
    CLAUSE,
    F_END,
};
static const struct field fields_frequency[] = {
    F("months", INT, MUST, 1, 120, "Use at least once in so many months, or give a reason.",
      "至少每若干个月使用一次，否则说明理由。", "PT 17"),
    CLAUSE,
    F_END,
};
static const struct field fields_number[] = {
    F("prefix", CODE, MUST, 1, 16,
      "Prefix of request numbers, before two digits of the year and a serial.",
      "申请编号前缀（后接两位年份与序号）。", "CN 附件2"),
    CLAUSE,
    F_END,
};
static const struct field fields_grant_limits[] = {
    F("days_max", INT, MUST, 1, 36500, "Calendar days that a grant lasts at most.",
      "授权最长期限（自然日）。", "D10"),
    CLAUSE,
    F_END,
};
static const struct field fields_access_limits[] = {
    F("open_ms", INT, MUST, 1000, 7 * DAY_MS, "How long an open access may be used, in ms.",
      "访问记录有效时长（毫秒）。", "E2"),
    CLAUSE,
    F_END,
};

static const char *const choices_equivocation[] = {"remove", "report", "suspend", NULL};
static const struct field fields_equivocation[] = {
    F_CHOICE("effect", MUST, choices_equivocation,
             "What follows from evidence that a validator signed twice: its seat is taken away; "
             "that, and it is suspended; or it is on record and people decide (report, also "
             "without this section).",
             "验证者双重签名的后果（remove 收回席位；suspend 收回席位并暂停成员；"
             "report 仅记录在案由人处置，缺省）。",
             "A3"),
    CLAUSE,
    F_END,
};

const struct field rules_profile_fields[] = {
    F("name", CODE, MUST, 1, 32, "Short name.", "短名。", NULL),
    F("title", TEXT, MUST, 2, 200, "Title of the policy.", "政策名称。", NULL),
    F("source", TEXT, MUST, 2, 200, "Number of the document.", "文号。", NULL),
    F_OBJECT("review", MUST, fields_term, "The center's review of a submitted entry.",
             "目录审查期限。", "PT 13"),
    F_OBJECT("resubmit", MUST, fields_term, "Resubmission of a returned entry.",
             "退回目录重新提交期限。", "PT 13"),
    F_OBJECT("assess", MUST, fields_term, "The center's assessment of a change or deletion.",
             "目录变更、删除评估期限。", "PT 14"),
    F_OBJECT("answer", MUST, fields_answer_term, "The provider's answer to a request.",
             "提供方答复期限。", "PT 20, CN 17, OPEN 19"),
    F_OBJECT("refusal", MUST, fields_refusal, "What a refusal needs.", "不予同意的要求。",
             "PT 20, CN 17, OPEN 19"),
    F_OBJECT("intake", MUST, fields_required,
             "The center's check of the materials before the provider gets them.", "中心受理审查。",
             "OPEN 19"),
    F_OBJECT("scenario", MUST, fields_scenario, "Sharing by authorised scenario.",
             "应用场景授权共享。", "PT 19"),
    F_OBJECT("modes", MUST, fields_modes, "Ways of use other than by interface.",
             "接口以外的使用方式。", "PT 21"),
    F_OBJECT("frequency", MUST, fields_frequency, "Frequency of use.", "使用频率。", "PT 17"),
    F_OBJECT("agreement", MUST, fields_required,
             "Agreement signed by both sides before data flows.", "双方协议。", "CN 17, OPEN 20"),
    F_OBJECT("equivocation", MAY, fields_equivocation,
             "What follows from a validator's double votes.", "验证者双重签名的处置。", "A3"),
    F_OBJECT("number", MUST, fields_number, "Numbering of requests.", "申请编号。", "CN 附件2"),
    F_OBJECT("grant", MUST, fields_grant_limits, "Limits of grants.", "授权限制。", "D10"),
    F_OBJECT("access", MUST, fields_access_limits, "Limits of access records.", "访问限制。", "E2"),
    F_END,
};

static const struct field fields_profile_publish[] = {
    F_OBJECT("profile", MUST, rules_profile_fields, "The whole profile.", "完整的政策参数。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of the profile it replaces.", "所替换的版本。", NULL),
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
                                             .writes_max = 2,
                                             .cost = 500,
                                             .apply = profile_publish};
