/* The catalog: the content of an entry and the bodies of catalog.*. */
#include "chain/rules/asked.h"
#include "chain/rules/tables.h"

/* CESI 5.3.2: 字符 数值 货币 日期 日期时间 逻辑 备注 通用 双精度 整型 浮点. */
static const char *const choices_item_type[] = {"C", "N", "Y", "D", "T", "L",
                                                "M", "G", "B", "I", "F", NULL};
const char *const choices_opening[] = {"unconditional", "conditional", "closed", NULL};
/* CN 2: 电子文件 电子表格 数据库 图形图像 流媒体 泛感知数据 位置信息 特殊行业领域的通用格式;
 * CESI 2.2.2 has 自描述格式 besides. */
const char *const choices_entry_format[] = {"document",        "spreadsheet", "database", "image",
                                            "stream",          "sensor",      "location", "domain",
                                            "self-describing", NULL};
/* CESI 2.2.1 (4): 按照资源属性、涉密属性、共享属性、层级属性等属性进行分类. What is secret is not
 * in this ledger at all (PT 3); sharing has a field of its own. */
static const char *const choices_resource_kind[] = {"basic", "theme", "department", NULL};
static const char *const choices_level[] = {"national", "provincial", "municipal", "district",
                                            NULL};
static const char *const choices_update[] = {
    "realtime", "daily", "weekly", "monthly", "quarterly", "yearly", "irregular", "static", NULL};

static const struct field fields_item[] = {
    F("name", TEXT, MUST, 1, 200, "Chinese name, unique in the entry.",
      "信息项中文名，目录内唯一。", "CESI 5.3.2"),
    F("field", CODE, MAY, 1, 64,
      "English name; in the district's naming it must agree with the dictionary.",
      "信息项英文名；采用统一命名的须与字典一致。", "CN 附件2, 附件3 三"),
    F_CHOICE("type", MUST, choices_item_type, "Data type.", "数据类型。", "CESI 5.3.2"),
    F("length", INT, MAY, 1, 1000000000, "Length; structured text must state it.",
      "数据长度，字符型必填。", "CESI 5.3.2"),
    F("precision", INT, MAY, 0, 38, "Digits after the point.", "小数位数。", "CESI 5.3.2"),
    F("standard", TEXT, MAY, 1, 200, "Data standard it follows (L3).", "数据标准（L3）。",
      "CESI 5.3.2"),
    F("nullable", BOOL, MAY, 0, 0, "May be empty.", "是否可空。", "CN 附件3 2.3"),
    F_CHOICE("sharing", MAY, choices_sharing,
             "Sharing attribute, if other than the entry's; never wider.",
             "信息项共享属性（不得宽于目录）。", "CN 附件2"),
    F("security", INT, MAY, 1, 5, "Security level.", "安全级别。", "CESI 5.3.2"),
    F("codes", TEXT, MAY, 1, 500, "Code table or range of values.", "代码表或值域范围。",
      "CESI 5.3.2"),
    F("description", TEXT, MAY, 1, 1000,
      "What it means, in words that a user understands; abbreviations are explained.",
      "信息项说明（缩写、专有词汇须作说明）。", "OPEN 9"),
    F_END,
};
static const struct field each_item[] = {EACH_OBJECT(fields_item)};
static const struct field fields_related[] = {
    F("provider", MEMBER, MUST, 0, 0, "Provider of the other entry.", "关联目录提供方。", NULL),
    F("code", CODE, MUST, 1, 64, "Code of the other entry.", "关联资源代码。", NULL),
    F("relation", TEXT, MAY, 2, 500, "How they relate, in time, place or otherwise.",
      "关联关系说明（时间跨度、地理位置等）。", "OPEN 9"),
    F_END,
};
static const struct field each_related[] = {EACH_OBJECT(fields_related)};
static const struct field fields_source[] = {
    F("system", TEXT, MUST, 1, 200, "Business system the data comes from.", "业务系统。",
      "CESI 5.3.1"),
    F("store", TEXT, MAY, 1, 200, "Database, table or folder; never an address with credentials.",
      "存储的库表或目录（不得含账号口令）。", "CESI 5.3.1"),
    F_END,
};

static const struct field each_keyword[] = {EACH(TEXT, 1, 50)};
static const struct field fields_period[] = {
    F("from", DATE, MUST, 0, 0, "First day covered.", "起始日期。", "OPEN 9"),
    F("to", DATE, MAY, 0, 0, "Last day covered; none while it goes on.",
      "截止日期，持续更新的不填。", "OPEN 9"),
    F_END,
};

const struct field fields_entry[] = {
    F("category", TEXT, MUST, 1, 200, "Classification.", "信息资源分类。", "CESI 2.2.1"),
    F("name", TEXT, MUST, 2, 200, "Name: what, when and where.", "信息资源名称。",
      "CESI 2.2.1, OPEN 9"),
    F("summary", TEXT, MUST, 2, 4000, "Abstract.", "信息资源摘要。", "CESI 2.2.1"),
    F_CHOICE("format", MUST, choices_entry_format, "Format of the resource.", "信息资源格式。",
             "CESI 2.2.1"),
    F_LIST("items", MUST, 1, 500, each_item, "Information items.", "信息项。", "CESI 2.2.1"),
    F_CHOICE("sharing", MUST, choices_sharing, "Sharing attribute.", "共享属性。",
             "CESI 2.2.1, CN 14"),
    F("sharing_reason", TEXT, MAY, 2, 1000, "Reason, unless shared unconditionally.",
      "授权共享、非共享的理由。", "CN 14"),
    F("sharing_basis", TEXT, MAY, 2, 1000,
      "Law, regulation or rule behind it, unless shared unconditionally.",
      "授权共享、非共享的法律法规规章依据。", "CN 14"),
    F_CHOICE("opening", MUST, choices_opening, "Open attribute.", "开放属性。",
             "CESI 2.2.1, OPEN 14"),
    F("opening_conditions", TEXT, MAY, 2, 2000, "Conditions, if opened conditionally.",
      "有条件开放的开放条件。", "OPEN 15"),
    F_CHOICE("update", MUST, choices_update, "Update cycle.", "更新周期。", "CESI 2.2.1, PT 11"),
    F("published_on", DATE, MUST, 0, 0, "Date of publication.", "发布日期。", "CESI 2.2.1"),
    F_LIST("related", MAY, 0, 50, each_related, "Related entries.", "关联资源代码。", "CESI 2.2.1"),
    F_OBJECT("source", MUST, fields_source, "Where the data comes from (L4).", "数据来源（L4）。",
             "PT 11, CESI 5.3.1"),
    F("grade", INT, MUST, 1, 5, "Grade of the data.", "数据分级。", "PT 11"),
    F("coverage", TEXT, MUST, 1, 500, "Area and period covered.", "覆盖范围。", "PT 11"),
    F("manager", TEXT, MUST, 2, 200, "Office that manages the business.", "业务管理机构。",
      "PT 11"),
    F("duty", CODE, MAY, 1, 64, "Code of the duty it stems from (L1).", "关联职责（L1）。",
      "CESI 5.3.1, B2"),
    F("information", TEXT, MAY, 1, 300, "Business information it holds (L2).", "业务信息（L2）。",
      "CESI 5.3.1"),
    F("designation", HASH, MAY, 0, 0, "Supervisor's designation, where no duty decides.",
      "主管部门指定（职责不明确时）。", "PT 5"),
    F("class_code", CODE, MAY, 6, 15,
      "Classification code, digits: class (1 basic, 2 theme, 3 department), item (2), subject (3), "
      "detail (up to 9); the ledger adds the serial when the entry is accepted.",
      "信息资源分类码：类 1 位（1 基础、2 主题、3 部门）、项 2 位、目 3 位、细目至多 9 "
      "位；审查通过时由账本编顺序号。",
      "发改高技〔2017〕1272号"),
    F_CHOICE("resource_kind", MAY, choices_resource_kind,
             "Kind of resource; agrees with class_code.",
             "资源属性（基础、主题、部门），须与分类码一致。", "CESI 2.2.1"),
    F_CHOICE("level", MAY, choices_level, "Level of government.", "层级属性。", "CESI 2.2.1"),
    F("theme", TEXT, MAY, 1, 100, "Theme, or field of data.", "主题（数据领域）。", "OPEN 9"),
    F_LIST("keywords", MAY, 1, 20, each_keyword, "Keywords, each once.", "关键字，不重复。",
           "OPEN 9"),
    F("format_type", CODE, MAY, 1, 32, "Format by its usual name, e.g. csv.", "格式类型，如 csv。",
      "CESI 2.2.2, OPEN 9"),
    F("region", TEXT, MAY, 1, 200, "Area covered.", "地域范围。", "OPEN 9"),
    F_OBJECT("period", MAY, fields_period, "Time covered.", "时间范围。", "OPEN 9"),
    F("licence", TEXT, MAY, 1, 200, "Licence or terms under which open data is used.",
      "开放数据的使用许可。", "OPEN 15"),
    F_END,
};

static const struct field fields_submit[] = {
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", "CESI 2.2.1"),
    F("acts_on", HASH, MAY, 0, 0, "Resubmission: the version that was returned.",
      "重新提交时：被退回的版本。", "PT 13"),
    F("milestone", CODE, MAY, 1, 64, "The milestone that it is compiled for.",
      "所据业务批准或系统验收。", "PT 11"),
    F_OBJECT("entry", MUST, fields_entry, "The entry.", "目录内容。", "PT 11"),
    F_END,
};
#define ENTRY_OF_OTHER                                                                             \
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "目录提供方。", NULL),             \
        F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL)
static const struct field fields_review[] = {
    ENTRY_OF_OTHER,
    F("acts_on", HASH, MUST, 0, 0, "Version reviewed.", "所审查的版本。", NULL),
    F_CHOICE("decision", MUST, choices_decision, "Accept, or return.", "通过或退回。", "PT 13"),
    F_LIST("reasons", MAY, 1, 50, each_reason, "All reasons for the return, at once.",
           "全部退回原因。", "PT 13"),
    F_END,
};
static const struct field fields_binding[] = {
    F_CHOICE("method", MUST, choices_method, "Exchange method.", "交换方式。", "CESI 4.2.1"),
    F("resource", CODE, MUST, 1, 128, "Opaque id of the resource in the provider's gateway.",
      "资源标识（由提供方网关解释）。", "C7"),
    F("digest", HASH, MAY, 0, 0, "Merkle root of the file's content.", "文件内容摘要（默克尔根）。",
      "C7"),
    F("bytes", INT, MAY, 0, DOC_INT_MAX, "Size of the file.", "文件字节数。", NULL),
    F_END,
};
static const struct field each_binding[] = {EACH_OBJECT(fields_binding)};
static const struct field fields_bind[] = {
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Current version of the entry.", "目录当前版本。", NULL),
    F_LIST("bindings", MUST, 1, 16, each_binding, "All resources; replaces those bound before.",
           "全部挂接资源（替换原有挂接）。", "C7, OPEN 9"),
    F_END,
};
#define CHANGE_COMMON                                                                              \
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),                    \
        F("acts_on", HASH, MUST, 0, 0, "Current version of the entry.", "目录当前版本。", NULL),   \
        F("reason", TEXT, MUST, 2, 1000, "Why.", "变更或删除原因。", "PT 14"),                     \
        F("plan", HASH, MAY, 0, 0, "Digest of the adjustment plan, if grants are affected.",       \
          "目录调整方案摘要（影响共享应用时）。", "PT 14"),                                        \
        F("milestone", CODE, MAY, 1, 64, "The change on record that it answers to.",               \
          "所据已登记的变化。", "CN 10")
static const struct field fields_change[] = {
    CHANGE_COMMON,
    F_OBJECT("entry", MUST, fields_entry, "The whole entry as it shall be.", "变更后的目录内容。",
             "PT 14"),
    F_END,
};
static const struct field fields_retire[] = {CHANGE_COMMON, F_END};
static const struct field fields_withdraw[] = {
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of the application (change record).", "变更申请版本。",
      NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why it is taken back.", "撤回原因。", "PT 14"),
    F_END,
};
static const struct field fields_assess[] = {
    ENTRY_OF_OTHER,
    F("acts_on", HASH, MUST, 0, 0, "Version of the application (change record).", "变更申请版本。",
      NULL),
    F_CHOICE("decision", MUST, choices_decision, "Accept, or return.", "通过或退回。", "PT 14"),
    F_LIST(
        "reasons", MAY, 1, 50, each_reason,
        "All reasons for the return, at once; or why the plan is carried out over the objections.",
        "全部退回原因；有异议仍按方案实施的理由。", "PT 14"),
    F("plan", HASH, MAY, 0, 0, "Digest of the adjustment plan agreed with provider and consumers.",
      "商定的目录调整方案摘要。", "PT 14"),
    F("plan_date", DATE, MAY, 0, 0,
      "Until the end of this day live grants serve as before; the day of acceptance if not given.",
      "现有授权按原样服务至此日终了，缺省为通过当日。", "PT 14"),
    F_END,
};
static const char *const choices_sign[] = {"agree", "object", NULL};
static const struct field fields_propose[] = {
    ENTRY_OF_OTHER,
    F("acts_on", HASH, MUST, 0, 0, "Version of the application (change record).", "变更申请版本。",
      NULL),
    F("plan", HASH, MUST, 0, 0, "SHA-256 of the adjustment plan.", "目录调整方案的 SHA-256 摘要。",
      "PT 14"),
    F("plan_date", DATE, MUST, 0, 0, "Until the end of this day live grants serve as before.",
      "现有授权按原样服务至此日终了。", "PT 14"),
    F("history", TEXT, MUST, 2, 2000, "What becomes of historical data.", "历史数据处理。",
      "PT 14"),
    F("continuity", TEXT, MUST, 2, 2000, "How the services that use the data go on.",
      "共享应用服务衔接。", "PT 14"),
    F_END,
};
static const struct field fields_plan_sign[] = {
    ENTRY_OF_OTHER,
    F("acts_on", HASH, MUST, 0, 0, "Version of the application (change record).", "变更申请版本。",
      NULL),
    F("plan", HASH, MUST, 0, 0, "SHA-256 of the plan, as proposed.", "所提方案的 SHA-256 摘要。",
      "PT 14"),
    F_CHOICE("decision", MUST, choices_sign, "Agree, or object.", "同意或提出异议。", "PT 14"),
    F("reason", TEXT, MAY, 2, 2000, "Object: what the plan has to provide for.", "异议理由。",
      "PT 14"),
    F("grant", HASH, MAY, 0, 0, "One's affected grant, where one is not listed in the change.",
      "未列入变更申请的使用单位：其受影响的授权。", "PT 14"),
    F_END,
};
static const struct field fields_ruled_item[] = {
    F("name", TEXT, MUST, 1, 200, "Name of the item.", "信息项中文名。", "CN 14"),
    F_CHOICE("sharing", MUST, choices_sharing, "Its attribute as ruled; never wider than the rest.",
             "认定的信息项共享属性（不得宽于目录）。", "CN 14, CN 附件2"),
    F_END,
};
static const struct field each_ruled_item[] = {EACH_OBJECT(fields_ruled_item)};
static const struct field fields_attribute[] = {
    ENTRY_OF_OTHER,
    F("acts_on", HASH, MUST, 0, 0, "Current version of the entry.", "目录当前版本。", NULL),
    F_CHOICE("sharing", MUST, choices_sharing, "Sharing attribute as ruled.", "认定的共享属性。",
             "CN 14"),
    F_LIST("items", MAY, 1, 500, each_ruled_item,
           "Items ruled on by name; one that is not named keeps an attribute that is stricter, and "
           "follows the ruling otherwise.",
           "逐项认定的信息项；未列明的，原属性更严的保持不变，其余按目录认定。", "CN 14"),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "CN 14"),
    F("basis", TEXT, MUST, 2, 1000, "Law, regulation, rule or policy.", "依据。", "CN 14"),
    F_END,
};

const struct tx_type type_catalog_submit = {.name = "catalog.submit",
                                            .english = "Submit a catalog entry",
                                            .chinese = "提交目录",
                                            .clause = "PT 11, PT 13",
                                            .roles = BY(COMPILE),
                                            .parties = PARTY_PROVIDER,
                                            .fields = fields_submit,
                                            .reads_max = 48,
                                            .writes_max = 10,
                                            .cost = 50,
                                            .delegable = true,
                                            .apply = catalog_submit,
                                            .check = entry_check_body};
const struct tx_type type_catalog_review = {.name = "catalog.review",
                                            .english = "Review a submitted entry",
                                            .chinese = "审查目录",
                                            .clause = "PT 13",
                                            .roles = BY(REVIEW),
                                            .parties = PARTY_CENTER,
                                            .fields = fields_review,
                                            .reads_max = 48,
                                            .writes_max = 14,
                                            .cost = 50,
                                            .apply = catalog_review,
                                            .check = rule_check_review};
const struct tx_type type_catalog_bind = {.name = "catalog.bind",
                                          .english = "Bind an entry to real resources",
                                          .chinese = "挂接资源",
                                          .clause = "CESI 4.2.1, OPEN 9",
                                          .roles = BY(COMPILE),
                                          .parties = PARTY_PROVIDER,
                                          .fields = fields_bind,
                                          .reads_max = 16,
                                          .writes_max = 3,
                                          .cost = 50,
                                          .delegable = true,
                                          .apply = catalog_bind};
const struct tx_type type_catalog_change = {.name = "catalog.change",
                                            .english = "Apply for a change of an entry",
                                            .chinese = "申请变更目录",
                                            .clause = "PT 14",
                                            .roles = BY(COMPILE),
                                            .parties = PARTY_PROVIDER,
                                            .fields = fields_change,
                                            .reads_max = 1024,
                                            .writes_max = 10 + REFUSED_LET_GO,
                                            .cost = 100,
                                            .delegable = true,
                                            .apply = catalog_change,
                                            .check = entry_check_body};
const struct tx_type type_catalog_retire = {.name = "catalog.retire",
                                            .english = "Apply for the deletion of an entry",
                                            .chinese = "申请删除目录",
                                            .clause = "PT 14",
                                            .roles = BY(COMPILE),
                                            .parties = PARTY_PROVIDER,
                                            .fields = fields_retire,
                                            .reads_max = 1024,
                                            .writes_max = 10 + REFUSED_LET_GO,
                                            .cost = 100,
                                            .apply = catalog_retire};
const struct tx_type type_catalog_assess = {.name = "catalog.assess",
                                            .english = "Assess a change or deletion",
                                            .chinese = "评估目录变更或删除",
                                            .clause = "PT 14",
                                            .roles = BY(REVIEW),
                                            .parties = PARTY_CENTER,
                                            .fields = fields_assess,
                                            .reads_max = 3072,
                                            .writes_max = 20,
                                            .cost = 200,
                                            .apply = catalog_assess,
                                            .check = change_check_assess};
const struct tx_type type_catalog_withdraw = {.name = "catalog.withdraw",
                                              .english =
                                                  "Take back an application for change or deletion",
                                              .chinese = "撤回目录变更或删除申请",
                                              .clause = "PT 14",
                                              .roles = BY(COMPILE),
                                              .parties = PARTY_PROVIDER,
                                              .fields = fields_withdraw,
                                              .reads_max = 64,
                                              .writes_max = 12,
                                              .cost = 50,
                                              .apply = catalog_withdraw};
const struct tx_type type_plan_propose = {.name = "plan.propose",
                                          .english = "Propose an adjustment plan",
                                          .chinese = "提出目录调整方案",
                                          .clause = "PT 14",
                                          .roles = BY(REVIEW),
                                          .parties = PARTY_CENTER,
                                          .fields = fields_propose,
                                          .reads_max = 2048,
                                          .writes_max = 10,
                                          .cost = 200,
                                          .apply = plan_propose};
const struct tx_type type_plan_sign = {.name = "plan.sign",
                                       .english = "Sign an adjustment plan",
                                       .chinese = "签署目录调整方案",
                                       .clause = "PT 14",
                                       .roles = BY(APPROVE) | BY(CHIEF),
                                       .parties = 0,
                                       .fields = fields_plan_sign,
                                       .reads_max = 1024,
                                       .writes_max = 12,
                                       .cost = 50,
                                       .apply = plan_sign};
const struct tx_type type_catalog_attribute = {.name = "catalog.attribute",
                                               .english = "Rule on a sharing attribute",
                                               .chinese = "认定共享属性",
                                               .clause = "CN 14",
                                               .roles = BY(APPROVE),
                                               .parties = PARTY_SUPERVISOR,
                                               .fields = fields_attribute,
                                               .reads_max = 16,
                                               .writes_max = 4,
                                               .cost = 50,
                                               .apply = catalog_attribute};
