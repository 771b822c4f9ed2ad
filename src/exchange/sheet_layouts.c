/* Layouts by the types' own tables. */
#include "exchange/sheet_layouts.h"

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

struct sheet_layout sheet_layout_duties(void)
{
    return (struct sheet_layout){.name = "职责清单",
                                 .fields = schema_find("duty.publish")->fields,
                                 .further = fields_of_list,
                                 .key = "code",
                                 .left_out = "acts_on",
                                 .aliases = aliases_duties,
                                 .open = true};
}
