/* What a need states of the use of data (PT 17, PT 18), the same in each form that asks for some.
 */
#ifndef DIRCHAIN_CHAIN_RULES_TABLES_USE_H
#define DIRCHAIN_CHAIN_RULES_TABLES_USE_H

#include "chain/rules/tables.h"

extern const char *const choices_need[];
extern const char *const choices_material[]; /* of an application for open data */
/* An application holds all that a listing may name and, of every other kind, what the profile has
 * each bring (applicants.c). */
#define MATERIALS_LISTED_MAX 20
#define MATERIALS_BROUGHT_MAX 23
extern const struct field fields_use_frequency[], fields_use_commitments[];

#define F_USE_WHAT_FOR                                                                             \
    F_CHOICE("need", MUST, choices_need, "Kind of need.", "需求类型。", "PT 17"),                  \
        F("purpose", TEXT, MUST, 2, 500, "Scenario of use; every access states it again.",         \
          "应用场景，每次访问须一致。", "PT 17, PT 25"),                                           \
        F("basis", TEXT, MUST, 2, 2000, "Basis of the need.", "需求依据。", "PT 17"),              \
        F("goal", TEXT, MUST, 2, 2000, "Business goal.", "业务目标。", "PT 17")

#define F_USE_HOW                                                                                  \
    F_CHOICE("mode", MUST, choices_method, "Way of use.", "数据使用方式。", "PT 17, CN 附件2"),    \
        F("mode_reason", TEXT, MAY, 2, 1000, "Why not by interface.", "不采用接口方式的理由。",    \
          "PT 21"),                                                                                \
        F_OBJECT("frequency", MUST, fields_use_frequency, "Frequency of use.", "使用频率。",       \
                 "PT 17"),                                                                         \
        F("security_level", INT, MUST, 1, 5, "Security level of the use.", "数据使用安全等级。",   \
          "PT 17"),                                                                                \
        F("safeguards", TEXT, MUST, 2, 2000, "Safeguards.", "相关保障措施。", "PT 17"),            \
        F("system", TEXT, MAY, 1, 200,                                                             \
          "System that uses the data; required unless mode is query.",                             \
          "用途系统（基本查询除外必填）。", "CN 附件2"),                                           \
        F("until", DATE, MUST, 0, 0, "Last day of use asked for.", "申请使用截止日期。", "D10"),   \
        F_OBJECT("commitments", MUST, fields_use_commitments,                                      \
                 "Commitments; all are true or the request is void.", "共享应用承诺，缺一不可。",  \
                 "PT 18")

#endif
