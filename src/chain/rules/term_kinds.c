/* The table of terms. Names are ascending; a name belongs to one family. */
#include "chain/rules/term_kinds.h"

#include "base/ensure.h"
#include "chain/rules/terms.h"

#include <string.h>

static const struct term_kind kinds[] = {
    /* OPEN 38 */
    {.name = "adjust",
     .chinese = "调整开放清单",
     .english = "adjust the open listing",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "compile"},
    /* PT 14: up to a hundred grants at once */
    {.name = "adjustment", .indexed = true, .end = change_adjust_due, .cost = 25000},
    /* PT 14: as many are told */
    {.name = "adjustment-notice", .indexed = true, .end = change_notice_due, .cost = 7000},
    /* CN 17, OPEN 20 */
    {.name = "agreement",
     .chinese = "签署协议",
     .english = "sign the agreement",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "unsigned",
     .unneeded = {"ended", "expired", "terminated"}},
    /* PT 20, CN 17, OPEN 19 */
    {.name = "answer",
     .chinese = "答复共享申请",
     .english = "answer the request",
     .indexed = true,
     .outage_moves = true,
     .end = request_answer_due,
     .gone = request_answer_gone,
     .owed_by = "provider",
     .role = "approve",
     .cost = 400,
     .unneeded = {"withdrawn"},
     .ruling_ends = true},
    /* D10: of what was approved for a consumer that is suspended (PT 31) */
    {.name = "approved", .indexed = true, .end = request_approved_due, .cost = 400},
    /* PT 14 */
    {.name = "assess",
     .chinese = "评估目录变更",
     .english = "assess the change",
     .indexed = true,
     .outage_moves = true,
     .owed_by = TERM_OWED_BY_CENTER,
     .unneeded = {"withdrawn"}},
    /* PT 15 */
    {.name = "collect",
     .chinese = "归集数据",
     .english = "have the data collected",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "compile",
     .unneeded = {"ended"}},
    /* PT 11 */
    {.name = "compile",
     .chinese = "编制目录",
     .english = "compile the entry",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "compile"},
    /* PT 14: by as many as are concerned, each of whom, or whose keys, may have been suspended */
    {.name = "consult",
     .chinese = "会商目录调整方案",
     .english = "sign the adjustment plan",
     .indexed = true,
     .outage_moves = true,
     .end = change_consult_due,
     .owed_by_each = "unsigned",
     .role = "approve",
     .cost = 14000,
     .unneeded = {"returned", "withdrawn"}},
    /* PT 2 */
    {.name = "delegation", .indexed = true, .end = delegation_expiry_due},
    /* OPEN 9: as with a changed entry */
    {.name = "delisting", .indexed = true, .end = delisting_due, .cost = 25000},
    {.name = "delisting-notice", .indexed = true, .end = delisting_notice_due, .cost = 10000},
    /* PT 26 */
    {.name = "disuse",
     .chinese = "调用数据或说明未使用的理由",
     .english = "use the data, or say why not",
     .indexed = true,
     .outage_moves = true,
     .end = grant_disuse_due,
     .owed_by = "consumer",
     .role = "gateway",
     .needs = "provider",
     .figure_of_its_own = true,
     .cost = 200,
     .unneeded = {"agreement", "suspended", "ended", "expired", "terminated"}},
    /* OPEN 10 */
    {.name = "evaluate",
     .chinese = "评估开放清单",
     .english = "evaluate the open list",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "compile"},
    /* D10 */
    {.name = "expiry",
     .indexed = true,
     .end = grant_expiry_due,
     .cost = 400,
     .asked_anew = true,
     .unneeded = {"ended", "terminated"}},
    /* PT 22 */
    {.name = "fusion-part",
     .chinese = "审核所融合的本单位数据",
     .english = "review the own data that is to be fused",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "approve",
     .unneeded = {"ended"}},
    /* PT 22 */
    {.name = "fusion-review",
     .chinese = "完成融合治理方案审核",
     .english = "conclude the review of the fusion's plan",
     .indexed = true,
     .outage_moves = true,
     .end = fusion_review_due,
     .cost = 400,
     .owed_by = TERM_OWED_BY_CENTER,
     .unneeded = {"withdrawn"}},
    /* PT 22 */
    {.name = "fusion-service",
     .chinese = "完成融合治理并提供服务",
     .english = "fuse the data and serve it",
     .indexed = true,
     .outage_moves = true,
     .owed_by = TERM_OWED_BY_CENTER,
     .needs = "consumer",
     .unneeded = {"withdrawn"}},
    /* CN 10 */
    {.name = "maintain",
     .chinese = "全面维护目录",
     .english = "maintain the whole catalog",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "compile"},
    /* OPEN 32 */
    {.name = "measure", .indexed = true, .end = measure_due},
    /* PT 22 */
    {.name = "need",
     .chinese = "完成目录编制、归集和需求审核",
     .english = "compile and collect what is needed, and review the need",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "approve",
     .asked_anew = true,
     .unneeded = {"withdrawn", "forwarded", "not-accepted"}},
    /* PT 24 */
    {.name = "negotiation",
     .chinese = "协商供需争议",
     .english = "negotiate the dispute",
     .indexed = true,
     .outage_moves = true,
     .end = negotiation_due,
     .owed_by_both = {"provider", "consumer"},
     .unneeded = {"answered", "withdrawn"}},
    /* PT 26 */
    {.name = "objection",
     .chinese = "对暂停提出异议",
     .english = "object to the suspension",
     .indexed = true,
     .outage_moves = true,
     .end = grant_objection_due,
     .owed_by = "consumer",
     .done = "objection"},
    /* PT 16, OPEN 16 */
    {.name = "quality",
     .chinese = "核实处理数据异议",
     .english = "answer the objection to the data",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider"},
    /* CN 15 */
    {.name = "recollect",
     .chinese = "汇聚更新",
     .english = "have the changed data collected",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "compile",
     .unneeded = {"ended"}},
    /* CN 26 */
    {.name = "rectify",
     .chinese = "限期改正",
     .english = "rectify as ordered",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "member"},
    /* PT 16 */
    {.name = "refresh",
     .chinese = "更新数据",
     .english = "bring the data up to date",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .unneeded = {"ended"}},
    /* PT 13 */
    {.name = "resubmit",
     .chinese = "修改并重新提交目录",
     .english = "resubmit the entry",
     .indexed = true,
     .outage_moves = true,
     .end = entry_resubmit_due,
     .owed_by = "provider",
     .role = "compile"},
    /* PT 13 */
    {.name = "review",
     .chinese = "审查目录",
     .english = "review the entry",
     .indexed = true,
     .outage_moves = true,
     .owed_by = TERM_OWED_BY_CENTER},
    /* PT 24, CN 17 */
    {.name = "ruling",
     .chinese = "对争议作出结论",
     .english = "rule on the dispute",
     .indexed = true,
     .outage_moves = true,
     .unneeded = {"answered", "settled", "withdrawn"}},
    /* CN 10 */
    {.name = "update",
     .chinese = "更新目录",
     .english = "update the catalog",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "provider",
     .role = "compile"},
    /* PT 23 */
    {.name = "upper",
     .chinese = "答复本区上报的需求",
     .english = "answer the district's need",
     .indexed = true,
     .outage_moves = true,
     .owed_by = "upper",
     .asked_anew = true,
     .done = "upper_answer"},
};

#define KINDS (sizeof kinds / sizeof *kinds)

const struct term_kind *term_kind_find(const char *name)
{
    size_t i = 0;
    while (i < KINDS && strcmp(kinds[i].name, name) != 0) {
        i++;
    }
    ENSURE(i < KINDS);
    return &kinds[i];
}

const char *term_kind_chinese(const char *name)
{
    size_t i = 0;
    while (i < KINDS && strcmp(kinds[i].name, name) != 0) {
        i++;
    }
    return i < KINDS ? kinds[i].chinese : NULL;
}

const struct term_kind *term_kind_at(size_t index)
{
    return index < KINDS ? &kinds[index] : NULL;
}

const char *term_owed_by(struct rule_context *context, const struct term_kind *kind,
                         const struct doc *record)
{
    if (kind->owed_by == NULL) {
        return NULL;
    }
    if (strcmp(kind->owed_by, TERM_OWED_BY_CENTER) == 0) {
        return doc_get_text(state_get(context->state, "center"), "id");
    }
    return doc_get_text(record, kind->owed_by);
}

struct doc *term_owed_by_several(const struct term_kind *kind, const struct doc *record)
{
    if (kind->owed_by_each != NULL && doc_get(record, kind->owed_by_each) != NULL) {
        return doc_ref(doc_get(record, kind->owed_by_each));
    }
    struct doc *both = doc_new_array();
    for (size_t i = 0; i < 2 && kind->owed_by_both[i] != NULL; i++) {
        doc_push_text(both, doc_get_text(record, kind->owed_by_both[i]));
    }
    return both;
}
