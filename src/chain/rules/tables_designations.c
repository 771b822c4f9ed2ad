/* Designations: the bodies of catalog.designate and designation.withdraw. */
#include "chain/rules/stems.h"
#include "chain/rules/tables.h"

static const struct field fields_designate[] = {
    F("matter", TEXT, MUST, 2, 500, "The data in question.", "所涉公共数据。", "PT 5"),
    F("member", MEMBER, MUST, 0, 0, "Responsible agency.", "指定的责任单位。", "PT 5"),
    F("replaces", HASH, MAY, 0, 0, "The designation in whose place this one comes.",
      "所替换的指定。", "PT 5"),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", NULL),
    F_END,
};
static const struct field fields_withdraw[] = {
    F("designation", HASH, MUST, 0, 0, "The designation.", "所撤销的指定。", "PT 5"),
    F("acts_on", HASH, MUST, 0, 0, "Its current version.", "当前版本。", NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "PT 5"),
    F_END,
};

const struct tx_type type_catalog_designate = {.name = "catalog.designate",
                                               .english = "Designate the responsible agency",
                                               .chinese = "指定责任单位",
                                               .clause = "PT 5",
                                               .roles = BY(APPROVE),
                                               .parties = PARTY_SUPERVISOR,
                                               .fields = fields_designate,
                                               .reads_max = STEM_ENTRIES_LISTED_MAX + 8,
                                               .writes_max = 2,
                                               .cost = 500,
                                               .apply = catalog_designate};
const struct tx_type type_designation_withdraw = {.name = "designation.withdraw",
                                                  .english = "Withdraw a designation",
                                                  .chinese = "撤销指定",
                                                  .clause = "PT 5",
                                                  .roles = BY(APPROVE),
                                                  .parties = PARTY_SUPERVISOR,
                                                  .fields = fields_withdraw,
                                                  .reads_max = STEM_ENTRIES_LISTED_MAX + 8,
                                                  .writes_max = 2,
                                                  .cost = 500,
                                                  .apply = designation_withdraw};
