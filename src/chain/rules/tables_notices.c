/* Notices of rights holders and of risks: the bodies of notice.*. Papers stay with the agency; the
 * ledger has their digest. */
#include "chain/rules/tables.h"

static const char *const choices_outcome[] = {"withdraw", "restore", "reprocess", NULL};

static const struct field fields_file[] = {
    F_CHOICE("kind", MUST, choices_notice,
             "What it is: somebody's rights are said to be hurt, or data are at risk.",
             "类型：rights 合法权益受侵犯的告知，risk 安全风险。", "OPEN 31, PT 31"),
    F("provider", MEMBER, MUST, 0, 0, "Whose data.", "数据提供方。", "OPEN 31"),
    F("entry", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", "OPEN 31"),
    F("grant", HASH, MAY, 0, 0, "The grant, where it is about one alone.",
      "所涉授权（仅涉及一项时）。", "OPEN 31"),
    F("papers", HASH, MUST, 0, 0, "SHA-256 of the papers handed in.",
      "所提交证据材料的 SHA-256 摘要。", "OPEN 31"),
    F("summary", TEXT, MUST, 2, 2000, "What is said, without any person's name.",
      "事由摘要，不得含个人信息。", "OPEN 31"),
    F("hold", BOOL, MAY, 0, 0, "The data are withheld at once, until it is verified.",
      "立即中止提供，待核实。", "OPEN 31"),
    F_RISK_REPORT,
    F_END,
};
#define NOTICE_COMMON                                                                              \
    F("notice", HASH, MUST, 0, 0, "The notice (its txid).", "告知（其交易号）。", NULL),           \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "告知当前版本。", NULL)
static const struct field fields_hold[] = {
    NOTICE_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why the data are withheld.", "中止的理由。", "OPEN 31"),
    F_RISK_REPORT,
    F_END,
};
static const struct field fields_resolve[] = {
    NOTICE_COMMON,
    F_CHOICE("outcome", MUST, choices_outcome,
             "What follows: the data are withdrawn, given again as before, or given again after "
             "processing.",
             "处理结果：withdraw 撤回数据、restore 恢复开放、reprocess 处理后再开放。", "OPEN 31"),
    F("finding", TEXT, MUST, 2, 2000, "What was found.", "核实结果。", "OPEN 31"),
    F("reply", HASH, MUST, 0, 0, "SHA-256 of the reply to whom the notice is from.",
      "向告知人反馈文书的 SHA-256 摘要。", "OPEN 31"),
    F("terms", TEXT, MAY, 2, 2000, "Reprocess: how the data were processed, and on what terms.",
      "处理后再开放时：处理方式及条件。", "OPEN 31"),
    F_LIST("masked", MAY, 1, 500, each_item_name,
           "Reprocess, of one grant: items that leave masked only from now on.",
           "处理后再开放且仅涉及一项授权时：今后须脱敏的信息项。", "OPEN 31, E6"),
    F_RISK_REPORT,
    F_END,
};
static const struct field fields_handle[] = {
    F("risk", HASH, MUST, 0, 0, "The risk (txid of the report).", "安全风险（其报送的交易号）。",
      NULL),
    F("acts_on", HASH, MUST, 0, 0, "Its current version.", "其当前版本。", NULL),
    F("finding", TEXT, MUST, 2, 2000, "What was found and done.", "处理情况。", "PT 31"),
    F("papers", HASH, MAY, 0, 0, "SHA-256 of the papers about it.", "处理文书的 SHA-256 摘要。",
      "PT 31"),
    F_END,
};
static const struct field fields_lift[] = {
    NOTICE_COMMON,
    F_LIST("items", MAY, 1, 500, each_item_name,
           "Items that leave in plain again; all that this notice had masked if not given.",
           "不再脱敏的信息项，缺省为该告知所脱敏的全部。", "OPEN 31, OPEN 14"),
    F("reason", TEXT, MUST, 2, 1000, "Why: whose rights they were agree, or are not touched.",
      "理由（权利人同意，或者核实不涉及其权益）。", "OPEN 31, OPEN 14"),
    F("papers", HASH, MUST, 0, 0, "SHA-256 of the papers that show it.",
      "证明材料的 SHA-256 摘要。", "OPEN 31, OPEN 14"),
    F_END,
};

const struct tx_type type_notice_file = {.name = "notice.file",
                                         .english = "File a notice on data",
                                         .chinese = "登记权益或风险告知",
                                         .clause = "OPEN 31, PT 31",
                                         .roles = BY(REVIEW) | BY(APPROVE),
                                         .parties = 0,
                                         .fields = fields_file,
                                         .reads_max = 64,
                                         .writes_max = 16,
                                         .cost = 100,
                                         .apply = notice_file};
const struct tx_type type_notice_hold = {.name = "notice.hold",
                                         .english = "Withhold data until a notice is verified",
                                         .chinese = "中止提供待核实",
                                         .clause = "OPEN 31, PT 31",
                                         .roles = BY(REVIEW) | BY(APPROVE),
                                         .parties = 0,
                                         .fields = fields_hold,
                                         .reads_max = 64,
                                         .writes_max = 16,
                                         .cost = 50,
                                         .apply = notice_hold_later};
const struct tx_type type_notice_lift = {.name = "notice.lift",
                                         .english = "Lift what a notice had masked",
                                         .chinese = "解除脱敏",
                                         .clause = "OPEN 31, OPEN 14",
                                         .roles = BY(REVIEW) | BY(APPROVE),
                                         .parties = 0,
                                         .fields = fields_lift,
                                         .reads_max = 64,
                                         .writes_max = 16,
                                         .cost = 100,
                                         .apply = notice_lift};
const struct tx_type type_notice_resolve = {.name = "notice.resolve",
                                            .english = "Resolve a notice",
                                            .chinese = "处理告知",
                                            .clause = "OPEN 31, PT 31",
                                            .roles = BY(REVIEW) | BY(APPROVE),
                                            .parties = 0,
                                            .fields = fields_resolve,
                                            .reads_max = 64,
                                            .writes_max = 16,
                                            .cost = 100,
                                            .apply = notice_resolve};
const struct tx_type type_risk_handle = {.name = "risk.handle",
                                         .english = "Say what became of a reported risk",
                                         .chinese = "处理报送的安全风险",
                                         .clause = "PT 31",
                                         .roles = BY(REVIEW) | BY(APPROVE),
                                         .parties = 0,
                                         .fields = fields_handle,
                                         .reads_max = 32,
                                         .writes_max = 4,
                                         .cost = 50,
                                         .apply = risk_handle};
