/* What keeps the catalog alive: milestones, collection, refreshing, maintenance (C6). */
#include "chain/rules/tables.h"
#include "chain/rules/upkeep.h"

static const char *const choices_milestone[] = {"business", "system", "change", NULL};
static const struct field each_system_entry[] = {EACH(CODE, 1, 64)};
static const struct field fields_milestone[] = {
    F("code", CODE, MUST, 1, 64, "Name of the milestone, unique in the agency.",
      "节点编号，本单位内唯一。", NULL),
    F("acts_on", HASH, MAY, 0, 0,
      "Of a system that waits for its acceptance: the milestone, to name its entries, another day, "
      "or the system as it is called.",
      "待验收的系统：所补充的节点版本（载明目录、另定验收日或者更正系统名称）。", "CN 9, OPEN 23"),
    F_CHOICE("kind", MUST, choices_milestone,
             "A business approved, an information system accepted, or a change that concerns an "
             "entry.",
             "业务批准（business）、信息系统验收（system），或涉及目录的变化（change）。",
             "PT 11, CN 10"),
    F("matter", TEXT, MUST, 2, 500, "Which business, system or change.", "事项、系统或变化的内容。",
      "PT 11"),
    F("date", DATE, MUST, 0, 0,
      "The day of it; the term counts from here. Where entries are to be there before a system is "
      "accepted, the day may be to come, by three years at most, and the term ends with it.",
      "批准、验收通过或变化之日，期限由此起算；须在验收前完成编制的，可填三年以内的将来验收日，"
      "期限至该日终了。",
      "PT 11, CN 9, CN 10"),
    F("duty", CODE, MAY, 1, 64, "Code of the duty concerned.", "所涉职责。", "CESI 5.3.1"),
    F_LIST("entries", MAY, 1, 100, each_system_entry,
           "Of a system, where they are to be there before it is accepted: all its entries.",
           "系统验收前已完成编制的全部目录（文件有规定的）。", "CN 9, CN 15, OPEN 23"),
    F("system", TEXT, MAY, 1, 200,
      "Of a system: its name, as the source of its entries (entry.source.system) has it; needed for "
      "those that were not submitted for this milestone.",
      "系统名称，与目录来源（entry.source.system）一致；所列目录并非为本节点编制的必填。",
      "CN 9, OPEN 23"),
    F("reason", TEXT, MAY, 2, 1000,
      "Why the acceptance is on another day, or the system called otherwise, than was recorded.",
      "另定验收日或者更正系统名称的理由。", "CN 9, OPEN 23"),
    F("entry", CODE, MAY, 1, 64, "Of a change: code of the entry concerned.",
      "变化所涉目录的信息资源代码。", "CN 10"),
    F_END,
};

/* CN 附件1: 库表对接/接口对接/离线导入. */
static const char *const choices_collection[] = {"table", "service", "offline", NULL};
static const struct field fields_refusal[] = {
    F("reason", TEXT, MUST, 2, 1000, "Why the data is not collected.", "拒绝归集的理由。", "PT 11"),
    F_ANY_TEXT("basis", MAY, 2, 1000,
               "The law or regulation behind it; a refusal without one is reported.",
               "法律、法规依据；没有依据的由账本报告。", "PT 11"),
    F_END,
};
static const struct field fields_collect[] = {
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Current version of the entry.", "目录当前版本。", NULL),
    F_CHOICE("method", MAY, choices_collection, "How it was collected; required unless refused.",
             "汇聚方式（库表对接、接口对接、离线导入），不拒绝的必填。", "CN 附件1"),
    F("system", TEXT, MAY, 1, 200, "System it comes from; required unless refused.",
      "系统名称，不拒绝的必填。", "CN 附件1"),
    F("content", TEXT, MAY, 2, 1000, "What it holds; required unless refused.",
      "内容描述，不拒绝的必填。", "CN 附件1"),
    F("tables", INT, MAY, 1, 1000000, "Tables; required unless refused.",
      "资源表（张），不拒绝的必填。", "CN 附件1"),
    F("rows", INT, MAY, 0, DOC_INT_MAX, "Rows; required unless refused.",
      "汇聚量（条），不拒绝的必填。", "CN 附件1"),
    F_OBJECT("refusal", MAY, fields_refusal, "Refusal to have it collected.", "拒绝归集。",
             "PT 11"),
    F_END,
};
static const struct field fields_certify[] = {
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "目录提供方。", NULL),
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of the collection record.", "归集记录版本。", NULL),
    F_CHOICE("decision", MUST, choices_decision,
             "Accept what was collected, or a refusal as founded; or return.",
             "认定（或认可拒绝依据），或退回。", "CN 15, PT 11"),
    F_LIST("reasons", MAY, 1, 50, each_reason, "All reasons for the return, at once.",
           "全部退回原因。", "CN 15"),
    F_END,
};
static const struct field fields_report[] = {
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "目录提供方。", NULL),
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of the collection record.", "归集记录版本。", NULL),
    F("authority", TEXT, MUST, 2, 200, "To whom it is reported.", "受理报告的单位。", "PT 11"),
    F("document", HASH, MUST, 0, 0, "SHA-256 of the report.", "报告文书的 SHA-256 摘要。", "PT 11"),
    F("opinion", TEXT, MAY, 2, 2000, "What the supervisor says to it.", "处理意见。", NULL),
    F_END,
};

static const struct field fields_update[] = {
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("rows", INT, MAY, 0, DOC_INT_MAX, "Rows it has now.", "现有数据条数。", NULL),
    F("digest", HASH, MAY, 0, 0, "Merkle root of its content.", "内容摘要（默克尔根）。", NULL),
    F_END,
};
static const struct field each_update[] = {EACH_OBJECT(fields_update)};
static const struct field fields_refresh[] = {
    F_LIST("entries", MUST, 1, 100, each_update, "Entries whose data was brought up to date.",
           "已更新数据的目录。", "PT 16"),
    F_END,
};
static const struct field fields_maintain[] = {
    F("summary", TEXT, MUST, 2, 2000, "What was gone through and mended.", "维护情况说明。",
      "CN 10"),
    F("report", HASH, MAY, 0, 0, "Digest of the report.", "维护报告摘要。", "CN 10"),
    F_END,
};

const struct tx_type type_catalog_milestone = {.name = "catalog.milestone",
                                               .english = "Record a milestone",
                                               .chinese = "登记业务批准、系统验收或变化",
                                               .clause = "PT 11, CN 9, CN 10, CN 15, OPEN 23",
                                               .roles = BY(COMPILE),
                                               .parties = PARTY_PROVIDER,
                                               .fields = fields_milestone,
                                               .reads_max = 1024,
                                               .writes_max = 4 + 100,
                                               .cost = 1000,
                                               .apply = catalog_milestone};
const struct tx_type type_catalog_collect = {.name = "catalog.collect",
                                             .english = "Report the collection of data",
                                             .chinese = "报告数据归集",
                                             .clause = "PT 11, PT 15",
                                             .roles = BY(COMPILE),
                                             .parties = PARTY_PROVIDER,
                                             .fields = fields_collect,
                                             .reads_max = 64 + 4 * COLLECTION_MILESTONES_MAX,
                                             .writes_max = 8 + 2 * COLLECTION_MILESTONES_MAX,
                                             .cost = 50,
                                             .delegable = true,
                                             .apply = catalog_collect};
const struct tx_type type_catalog_certify = {.name = "catalog.certify",
                                             .english = "Certify a collection",
                                             .chinese = "认定数据汇聚",
                                             .clause = "CN 15, 附件1",
                                             .roles = BY(REVIEW) | BY(APPROVE),
                                             .parties = PARTY_CENTER | PARTY_SUPERVISOR,
                                             .fields = fields_certify,
                                             .reads_max = 64 + 4 * COLLECTION_MILESTONES_MAX,
                                             .writes_max = 8 + 2 * COLLECTION_MILESTONES_MAX,
                                             .cost = 50,
                                             .apply = catalog_certify,
                                             .check = rule_check_review};
const struct tx_type type_catalog_report = {.name = "catalog.report",
                                            .english = "Report an unfounded refusal to collect",
                                            .chinese = "报告无依据拒绝归集",
                                            .clause = "PT 11",
                                            .roles = BY(REVIEW) | BY(APPROVE),
                                            .parties = PARTY_SUPERVISOR,
                                            .fields = fields_report,
                                            .reads_max = 64,
                                            .writes_max = 8,
                                            .cost = 50,
                                            .apply = catalog_report};
const struct tx_type type_catalog_refresh = {.name = "catalog.refresh",
                                             .english = "Record that data was updated",
                                             .chinese = "登记数据更新",
                                             .clause = "PT 16",
                                             .roles = BY(COMPILE) | BY(GATEWAY),
                                             .parties = PARTY_PROVIDER,
                                             .fields = fields_refresh,
                                             .reads_max = 4096,
                                             .writes_max = 512,
                                             .cost = 1000,
                                             .delegable = true,
                                             .apply = catalog_refresh};
const struct tx_type type_catalog_maintain = {.name = "catalog.maintain",
                                              .english = "Record the yearly maintenance",
                                              .chinese = "登记目录全面维护",
                                              .clause = "CN 10",
                                              .roles = BY(COMPILE),
                                              .parties = PARTY_PROVIDER,
                                              .fields = fields_maintain,
                                              .reads_max = 32,
                                              .writes_max = 8,
                                              .cost = 50,
                                              .apply = catalog_maintain};
