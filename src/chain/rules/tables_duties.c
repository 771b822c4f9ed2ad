/* Duties (职责清单, 权责清单): the bodies of duty.*. */
#include "chain/rules/stems.h"
#include "chain/rules/tables.h"

/* 表5-1 and CESI 5.3.2, then what the published lists use beside them. */
const char *const choices_duty_category[] = {
    "行政许可", "行政处罚", "行政强制", "行政征收", "行政给付",     "行政检查", "行政确认",
    "行政奖励", "行政裁决", "其他",     "公共服务", "其他行政权力", NULL};
static const struct field each_information[] = {EACH(TEXT, 1, 300)};

static const struct field fields_duty_publish[] = {
    F("code", CODE, MUST, 1, 64, "Code of the duty.", "职权编码。", "CESI 5.3.1"),
    F("acts_on", HASH, MAY, 0, 0, "Version that this one replaces.", "所替换的版本。", "B3"),
    F("name", TEXT, MUST, 1, 300, "Name of the power or responsibility (L1).",
      "职权名称（L1 业务事项）。", "CESI 5.3.1"),
    F_CHOICE("category", MUST, choices_duty_category, "Category.", "类别。", "CESI 5.3.2"),
    F("responsibility", TEXT, MAY, 1, 300, "Responsibility it belongs to.", "所属职责。",
      "CESI 表5-1"),
    F("implementer", TEXT, MUST, 2, 100, "Who exercises it.", "实施主体。", "CESI 表5-1"),
    /* Published lists state "无" for many public services: said is said. */
    F("basis", TEXT, MUST, 1, 8000, "Legal basis.", "设定依据。", "CESI 5.3.1"),
    F_LIST("information", MAY, 0, 100, each_information, "Business information it produces (L2).",
           "业务信息（L2）。", "CESI 5.3.2"),
    F_END,
};
static const struct field fields_duty_retire[] = {
    F("code", CODE, MUST, 1, 64, "Code of the duty.", "职权编码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Its current version.", "当前版本。", NULL),
    F("reason", TEXT, MUST, 2, 1000, "Why.", "理由。", "B3"),
    F_END,
};

const struct tx_type type_duty_publish = {.name = "duty.publish",
                                          .english = "Publish a duty or a new version of it",
                                          .chinese = "发布职责",
                                          .clause = "CESI 5.3, PT 11",
                                          .roles = BY(COMPILE),
                                          .parties = PARTY_PROVIDER,
                                          .fields = fields_duty_publish,
                                          .reads_max = 8,
                                          .writes_max = 2,
                                          .cost = 50,
                                          .apply = duty_publish};
const struct tx_type type_duty_retire = {.name = "duty.retire",
                                         .english = "Retire a duty",
                                         .chinese = "撤销职责",
                                         .clause = "CESI 5.3",
                                         .roles = BY(COMPILE),
                                         .parties = PARTY_PROVIDER,
                                         .fields = fields_duty_retire,
                                         .reads_max = STEM_ENTRIES_LISTED_MAX + 8,
                                         .writes_max = 2,
                                         .cost = 500,
                                         .apply = duty_retire};
