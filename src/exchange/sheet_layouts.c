/* Layouts by the types' own tables. */
#include "exchange/sheet_layouts.h"

#include "exchange/words.h"

/* Not in the ledger: who signs is the agency. A list of several agencies says it row by row. */
static const struct field fields_of_list[] = {
    {.name = "agency_code",
     .kind = FIELD_MEMBER,
     .english = "Code of the agency, checked against the signer's.",
     .chinese = "统一社会信用代码（本单位的可不填）。",
     .clause = "CESI 2.2.1"},
    {.name = NULL},
};

/* How published lists call these columns: CESI 表5-1, and what the service items of agencies use.
 */
static const struct sheet_alias aliases_duties[] = {
    {"事项编码", "code"},
    {"实施编码", "code"},
    {"事项名称", "name"},
    {"事项类型", "category"},
    {"职权类型", "category"},
    {"职权类别", "category"},
    {"职责", "responsibility"},
    {"catalog_group", "responsibility"},
    {"实施机关", "implementer"},
    {"agency", "implementer"},
    {"法律依据", "basis"},
    {"实施依据", "basis"},
    {NULL, NULL},
};

/* CESI 表5-1. */
static const char example_duty[] =
    "{\"code\":\"A-0001\",\"name\":\"市级社会团体年度检查\",\"category\":\"行政检查\","
    "\"responsibility\":\"社会组织登记管理\",\"implementer\":\"市民政局\","
    "\"basis\":\"《社会团体登记管理条例》\",\"information\":[\"社会团体基本信息\","
    "\"社会团体年度检查信息\"]}";

struct sheet_layout sheet_layout_duties(void)
{
    return (struct sheet_layout){.name = "职责清单",
                                 .fields = schema_find("duty.publish")->fields,
                                 .further = fields_of_list,
                                 .key = "code",
                                 .key_within = "agency_code",
                                 .left_out = "acts_on",
                                 .aliases = aliases_duties,
                                 .example = example_duty,
                                 .word = word_chinese,
                                 .open = true};
}

static const char example_entry[] =
    "{\"code\":\"A-0001\",\"entry\":{\"category\":\"社会组织\",\"name\":"
    "\"2025年全市社会团体基本信息\","
    "\"summary\":\"全市社会团体的名称、类型和成立日期。\",\"format\":\"database\","
    "\"sharing\":\"unconditional\",\"opening\":\"closed\",\"update\":\"monthly\","
    "\"published_on\":\"2026-01-05\",\"source\":{\"system\":\"社会组织管理系统\"},\"grade\":1,"
    "\"coverage\":\"全市，2025年\",\"manager\":\"社会组织管理处\",\"items\":["
    "{\"name\":\"名称\",\"field\":\"corp_name\",\"type\":\"C\",\"length\":400},"
    "{\"name\":\"成立日期\",\"field\":\"establish_date\",\"type\":\"D\"}]}}";

struct sheet_layout sheet_layout_entries(void)
{
    return (struct sheet_layout){.name = "目录",
                                 .fields = schema_find("catalog.submit")->fields,
                                 .key = "code",
                                 .left_out = "acts_on",
                                 .example = example_entry,
                                 .word = word_chinese};
}
