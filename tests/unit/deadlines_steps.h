/* What tests of deadlines ask over HTTP: one row of the list, one figure of an assessment. */
#ifndef DIRCHAIN_TESTS_DEADLINES_STEPS_H
#define DIRCHAIN_TESTS_DEADLINES_STEPS_H

#include "world_http.h"

/* The only item of the list; the caller releases the answer. */
static inline const struct doc *only(struct answer *answer)
{
    const struct doc *items = doc_get(answer->body, "items");
    if (answer->status != 200 || doc_count(items) != 1)
        fail_msg("%d, %zu items\n%s", answer->status, doc_count(items), buf_text(&answer->raw));
    return doc_at(items, 0);
}

static inline void check_one(const char *query, const char *state, const char *due,
                             const char *clause)
{
    AUTO(answer_free) struct answer answer = get("/v1/deadlines?%s", query);
    const struct doc *item = only(&answer);
    assert_string_equal(doc_get_text(item, "state"), state);
    assert_int_equal(doc_get_int(item, "due_ms", 0), at(due));
    assert_string_equal(doc_get_text(item, "clause"), clause);
    assert_non_null(doc_get_text(item, "chinese"));
}

static inline void check_none(const char *query)
{
    AUTO(answer_free) struct answer answer = get("/v1/deadlines?%s", query);
    assert_int_equal(answer.status, 200);
    assert_int_equal(doc_count(doc_get(answer.body, "items")), 0);
}

static inline void check_figure(const char *query, const char *name, int64_t count, int64_t of)
{
    AUTO(answer_free) struct answer answer = get("/v1/assessment?%s", query);
    const struct doc *figures = doc_get(answer.body, "figures");
    assert_int_equal(answer.status, 200);
    for (size_t i = 0; i < doc_count(figures); i++) {
        const struct doc *figure = doc_at(figures, i);
        if (!doc_text_is(figure, "name", name))
            continue;
        if (doc_get_int(figure, "count", -1) != count || doc_get_int(figure, "of", -1) != of)
            fail_msg("%s\n%s", name, buf_text(&answer.raw));
        bool happened = strncmp(name, "in-time-", 8) == 0 ||
                        strcmp(name, "receipts-agree") == 0 || strcmp(name, "grants-used") == 0;
        assert_string_equal(doc_get_text(figure, "as_of"), happened ? "period" : "now");
        /* The list behind it is there. */
        AUTO(answer_free) struct answer list = get("%s", doc_get_text(figure, "items"));
        assert_int_equal(list.status, 200);
        assert_non_null(doc_get(list.body, "items"));
        return;
    }
    if (of > 0)
        fail_msg("no figure %s\n%s", name, buf_text(&answer.raw));
}

/* ALPHA's duty D1 and its entry E1, authorised: accepted, and its data collected. */
static inline void give_entry(void)
{
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'D1','name':'社会组织登记','category':'行政许可',"
               "'implementer':'广东省民政厅','basis':'登记管理条例第六条'}");
    world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
               entry_text("E1", "authorised", NULL));
    world_must(world, NULL, CENTER "/review", "catalog.review",
               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
               world_version(world, "entry/" ALPHA "/E1"));
    world_must(world, NULL, ALPHA "/compile", "catalog.collect",
               "{'code':'E1','acts_on':'%s','method':'table','system':'业务系统',"
               "'content':'业务信息','tables':1,'rows':1200}",
               world_version(world, "entry/" ALPHA "/E1"));
}

/* BETA asks ALPHA for E1. */
static inline void give_request(char id[2 * HASH_BYTES + 1], const char *purpose)
{
    world_must(world, id, BETA "/compile", "request.submit",
               "{'provider':'" ALPHA "','entry':'E1','acts_on':'%s','need':'service',"
               "'purpose':'%s','basis':'职责清单','goal':'减少材料提交','items':['姓名'],"
               "'mode':'service','frequency':{'times':10,'per':'month'},'security_level':2,"
               "'safeguards':'专网访问','system':'一网通办受理系统','until':'2026-12-31',"
               "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}",
               world_version(world, "entry/" ALPHA "/E1"), purpose);
}

#endif
