/* Choices and groups of fields that several families use. */
#include "chain/rules/tables.h"

const char *const choices_role[] = {"chief",   "compile", "review", "approve",
                                    "gateway", "audit",   "admin",  NULL};
const char *const choices_party[] = {"provider", "consumer", "center", "supervisor",
                                     "auditor",  "upper",    NULL};

/* D1 and E1: 基本查询, 接口, 批量比对, 库表, 文件, 消息队列, 日志同步. */
const char *const choices_method[] = {"query", "service", "comparison", "table",
                                      "file",  "queue",   "changes",    NULL};
const char *const choices_sharing[] = {"unconditional", "authorised", "none", NULL};
const char *const choices_cause[] = {"risk", "order", "request", "succession", NULL};
const char *const choices_decision[] = {"accept", "return", NULL};

const struct field fields_term_section[] = {F_TERM_LENGTH(0), F_CLAUSE, F_END};

static const struct field fields_reason[] = {
    F("field", TEXT, MAY, 1, 95, "Which field it concerns.", "所涉字段。", NULL),
    F("reason", TEXT, MUST, 2, 500, "What is wrong and how to mend it.", "问题及修改要求。", NULL),
    F_END,
};
const struct field each_reason[] = {EACH_OBJECT(fields_reason)};
const struct field each_member[] = {EACH(MEMBER, 0, 0)};
const struct field each_item_name[] = {EACH(TEXT, 1, 200)};

const struct field fields_quota[] = {
    F("calls_per_day", INT, MAY, 1, 1000000000, "Accesses in one Beijing day.",
      "每日调用次数上限。", "D10"),
    F("rows_per_day", INT, MAY, 1, DOC_INT_MAX, "Rows in one Beijing day.", "每日数据条数上限。",
      "D10"),
    F("bytes_per_day", INT, MAY, 1, DOC_INT_MAX, "Bytes in one Beijing day.",
      "每日数据量（字节）上限。", "D10"),
    F_END,
};

static const char *const choices_comparison[] = {"eq", "ne", "lt",     "le",
                                                 "gt", "ge", "prefix", NULL};
static const struct field fields_row_filter[] = {
    F("item", TEXT, MUST, 1, 200, "Information item.", "信息项。", NULL),
    F_CHOICE("is", MUST, choices_comparison, "Comparison.", "比较方式。", NULL),
    F("value", TEXT, MUST, 0, 500, "Value compared with.", "比较值。", NULL),
    F_END,
};
const struct field each_row_filter[] = {EACH_OBJECT(fields_row_filter)};
