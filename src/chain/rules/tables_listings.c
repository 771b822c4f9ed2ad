/* The open list (OPEN 9–15): listings, their adjustment, review, yearly evaluation, orders. */
#include "chain/rules/tables.h"
#include "chain/rules/tables_use.h"

static const char *const choices_type[] = {"unconditional", "conditional", NULL};
/* OPEN 15: 应用场景、数据安全、利用反馈、技术能力、信用要求，其他合理的开放条件. */
static const char *const choices_condition[] = {"scenario", "security", "feedback", "technology",
                                                "credit",   "other",    NULL};
/* OPEN 14: 依法进行脱密、脱敏处理，或者相关权利人同意开放的. */
static const char *const choices_processing[] = {"declassified", "masked", "consent", NULL};
static const char *const choices_frequency[] = {
    "realtime", "daily", "weekly", "monthly", "quarterly", "yearly", "irregular", "static", NULL};

static const struct field fields_condition[] = {
    F_CHOICE("kind", MUST, choices_condition, "Kind of condition.", "条件类别。", "OPEN 15"),
    F("text", TEXT, MUST, 2, 1000, "The condition.", "条件内容。", "OPEN 15"),
    F_END,
};
static const struct field each_condition[] = {EACH_OBJECT(fields_condition)};
/* OPEN 18: 列明申请材料，包括相关资质与能力证明、数据安全管理制度、应用场景说明等. */
static const struct field fields_material[] = {
    F_CHOICE("kind", MUST, choices_material, "Kind of material.", "材料类别。", "OPEN 18"),
    F("text", TEXT, MUST, 2, 200, "Which material.", "材料名称及要求。", "OPEN 18"),
    F_END,
};
static const struct field each_material[] = {EACH_OBJECT(fields_material)};
/* OPEN 9: 具有准确、方便用户理解的数据字段及配套说明. */
static const struct field fields_note[] = {
    F("item", TEXT, MUST, 1, 200, "Name of a listed item.", "所列信息项。", "OPEN 9"),
    F("text", TEXT, MUST, 1, 1000,
      "What it means, in words that a user understands; abbreviations are explained.",
      "信息项说明（缩写、专有词汇须作说明）。", "OPEN 9"),
    F_END,
};
static const struct field each_note[] = {EACH_OBJECT(fields_note)};
static const struct field fields_listing[] = {
    F("theme", TEXT, MUST, 1, 100, "Field of data.", "数据领域。", "OPEN 9"),
    F_CHOICE("type", MUST, choices_type, "How it is open.", "开放类型。", "OPEN 9, OPEN 14"),
    F_LIST("conditions", MAY, 1, 20, each_condition, "Conditions, if opened conditionally.",
           "有条件开放的开放条件。", "OPEN 15"),
    F_LIST("materials", MAY, 1, MATERIALS_LISTED_MAX, each_material,
           "What an application brings, if conditionally, beside what the profile has each bring.",
           "有条件开放的申请材料（政策规定的材料以外，逐项列明）。", "OPEN 18"),
    F_LIST("items", MUST, 1, 500, each_item_name, "Items of the entry that are open.",
           "开放的信息项（目录中的名称）。", "OPEN 9"),
    F_LIST("notes", MAY, 1, 500, each_note,
           "Explanations of listed items; required of each that the entry does not describe.",
           "所列信息项的说明；目录中没有说明的必填。", "OPEN 9"),
    F_CHOICE("update", MUST, choices_frequency, "How often it is updated.", "更新频率。", "OPEN 9"),
    F_CHOICE("processing", MAY, choices_processing,
             "Why it is more open than its entry: declassified, masked, or the holders consent.",
             "比目录更开放的理由：脱密、脱敏，或权利人同意。", "OPEN 14"),
    F("relation", TEXT, MAY, 2, 1000, "How it relates to other data, in time and place.",
      "数据关联关系说明。", "OPEN 9"),
    F_END,
};
#define EXPLANATION                                                                                \
    F("explanation", TEXT, MAY, 2, 2000, "Explanation, where the openness is narrowed.",           \
      "缩小开放的说明。", "OPEN 11"),                                                              \
        F("explanation_digest", HASH, MAY, 0, 0, "Digest of the explaining document.",             \
          "说明文件摘要。", "OPEN 11")
static const struct field fields_list[] = {
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Current version of the entry.", "目录当前版本。", NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "新增原因。", "OPEN 11"),
    F_OBJECT("listing", MUST, fields_listing, "The listing.", "开放清单内容。", "OPEN 9"),
    F_END,
};
static const struct field fields_adjust[] = {
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Current version of the listing.", "开放清单当前版本。", NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "修改原因。", "OPEN 11"),
    F_OBJECT("listing", MAY, fields_listing, "The listing as it shall be, unless withdrawn.",
             "修改后的开放清单内容（不撤回的必填）。", "OPEN 11"),
    F("withdraw", BOOL, MAY, 0, 0, "Not open any more.", "修改为不开放。", "OPEN 11"),
    F("order", HASH, MAY, 0, 0,
      "The order that this answers to (open.order); its acceptance meets the order.",
      "所落实的责令调整（open.order），审核通过即视为完成。", "OPEN 38"),
    EXPLANATION,
    F_END,
};
#define LISTING_OF_OTHER                                                                           \
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "目录提供方。", NULL),             \
        F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),                \
        F("acts_on", HASH, MUST, 0, 0, "Current version of the listing.", "开放清单当前版本。",    \
          NULL)
static const struct field each_ground[] = {EACH(CODE, 1, 32)};
static const struct field fields_review[] = {
    LISTING_OF_OTHER,
    F_CHOICE("decision", MUST, choices_decision, "Accept, or return.", "通过或退回。", "OPEN 11"),
    F_LIST("grounds", MAY, 1, 10, each_ground,
           "Grounds for the return, of the profile's: no-reason, incomplete, grading, other.",
           "退回情形（无合理理由、信息不全、不符合分级分类规则、其他）。", "OPEN 11"),
    F_LIST("reasons", MAY, 1, 50, each_reason, "All reasons for the return, at once.",
           "全部退回原因。", "OPEN 11"),
    F_END,
};
static const struct field fields_order[] = {
    LISTING_OF_OTHER,
    F("what", TEXT, MUST, 2, 1000, "What is to be adjusted.", "须调整的内容。", "OPEN 38"),
    F("basis", TEXT, MUST, 2, 1000, "Why, and by what rule.", "理由和依据。", "OPEN 38"),
    F("evaluation", HASH, MUST, 0, 0, "Digest of the evaluation's result that it rests on.",
      "所依据的评估结果的摘要。", "OPEN 38"),
    F("until", DATE, MUST, 0, 0,
      "The last day for it; the clause names no days, it is the order's.",
      "调整期限（最后一日）；条款未规定天数，由责令载明。", "OPEN 38"),
    F_END,
};
static const struct field fields_evaluate[] = {
    F("summary", TEXT, MUST, 2, 2000, "What was evaluated, of the list and of what is not open.",
      "对开放清单和尚未开放数据的评估情况。", "OPEN 10"),
    F("report", HASH, MAY, 0, 0, "Digest of the report.", "评估报告摘要。", "OPEN 10"),
    F_END,
};

const struct tx_type type_open_adjust = {.name = "open.adjust",
                                         .english = "Adjust an open listing",
                                         .chinese = "调整开放清单",
                                         .clause = "OPEN 10, OPEN 11, OPEN 38",
                                         .roles = BY(COMPILE),
                                         .parties = PARTY_PROVIDER,
                                         .fields = fields_adjust,
                                         .reads_max = 32,
                                         .writes_max = 10,
                                         .cost = 100,
                                         .apply = open_adjust,
                                         .check = listing_check_body};
const struct tx_type type_open_evaluate = {.name = "open.evaluate",
                                           .english = "Record the yearly evaluation",
                                           .chinese = "登记开放清单年度评估",
                                           .clause = "OPEN 10",
                                           .roles = BY(COMPILE),
                                           .parties = PARTY_PROVIDER,
                                           .fields = fields_evaluate,
                                           .reads_max = 32,
                                           .writes_max = 8,
                                           .cost = 50,
                                           .apply = open_evaluate};
const struct tx_type type_open_list = {.name = "open.list",
                                       .english = "List an entry as open",
                                       .chinese = "新增开放清单",
                                       .clause = "OPEN 9, OPEN 11",
                                       .roles = BY(COMPILE),
                                       .parties = PARTY_PROVIDER,
                                       .fields = fields_list,
                                       .reads_max = 32,
                                       .writes_max = 10,
                                       .cost = 100,
                                       .apply = open_list,
                                       .check = listing_check_body};
const struct tx_type type_open_order = {.name = "open.order",
                                        .english = "Order the adjustment of a listing",
                                        .chinese = "责令调整开放清单",
                                        .clause = "OPEN 38",
                                        .roles = BY(REVIEW) | BY(APPROVE),
                                        .parties = PARTY_CENTER | PARTY_SUPERVISOR,
                                        .fields = fields_order,
                                        .reads_max = 32,
                                        .writes_max = 8,
                                        .cost = 50,
                                        .apply = open_order};
const struct tx_type type_open_review = {.name = "open.review",
                                         .english = "Review a listing or its adjustment",
                                         .chinese = "审核开放清单",
                                         .clause = "OPEN 11",
                                         .roles = BY(REVIEW),
                                         .parties = PARTY_CENTER,
                                         .fields = fields_review,
                                         .reads_max = 512,
                                         .writes_max = 12,
                                         .cost = 200,
                                         .apply = open_review,
                                         .check = open_check_review};
