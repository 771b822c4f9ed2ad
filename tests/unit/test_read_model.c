/* The read model: what lists, filters, history, reconciliation and search find after a whole story
 * on the real ledger. */
#include "read_story.h"

#include <inttypes.h>

/* ---- lists ---- */

static size_t items_of(const struct answer *answer)
{
    return doc_count(doc_get(answer->body, "items"));
}

/* Each path and how many items it gives. */
static void test_filters(void **state)
{
    (void)state;
    const struct {
        const char *path;
        size_t items;
    } cases[] = {
        {"/v1/duties", 2},
        {"/v1/duties?member=" ALPHA, 2},
        {"/v1/duties?member=" BETA, 0},
        {"/v1/duties?category=%E8%A1%8C%E6%94%BF%E8%AE%B8%E5%8F%AF", 1}, /* 行政许可 */
        {"/v1/duties?without_entry=1", 1},
        {"/v1/duties?gap=1", 1},
        {"/v1/duties?gap=1&member=" BETA, 0},
        {"/v1/entries?gap=1", 0},
        {"/v1/entries", 3},
        {"/v1/entries?status=published", 2},
        {"/v1/entries?status=returned&provider=" ALPHA, 1},
        {"/v1/entries?sharing=authorised", 2},
        {"/v1/entries?theme=%E6%9E%97%E4%B8%9A", 1}, /* 林业 */
        {"/v1/entries?theme=%E6%9E%97", 0},
        {"/v1/entries?sharing=authorised&status=published", 1},
        {"/v1/entries?duty=" ALPHA "/D1", 3},
        {"/v1/entries?duty=" ALPHA "/D2", 0},
        {"/v1/entries?without_duty=1", 0},
        {"/v1/entries?opening=closed&format=database", 3},
        {"/v1/requests", 1},
        {"/v1/requests?consumer=" BETA "&status=granted", 1},
        {"/v1/requests?status=pending", 0},
        {"/v1/requests?entry=" ALPHA "/E1&route=unconditional", 1},
        {"/v1/requests?from_ms=1", 1},
        {"/v1/requests?to_ms=1", 0},
        {"/v1/requests?from_ms=2000000000000", 0},
        {"/v1/grants?provider=" ALPHA "&status=active&mode=service", 1},
        {"/v1/grants?provider=" BETA, 0},
        {"/v1/accesses", 3},
        {"/v1/accesses?status=closed", 1},
        {"/v1/accesses?status=mismatch", 1},
        {"/v1/accesses?unsettled=1", 2},
        {"/v1/accesses?unsettled=1&opened_before_ms=1", 0},
        {"/v1/accesses?provider=" ALPHA "&method=service", 3},
        {"/v1/accesses?entry=" ALPHA "/E1&consumer=" BETA, 3},
        {"/v1/transactions?type=access.receipt", 5},
        {"/v1/transactions?type=access.receipt&member=" BETA, 2},
        {"/v1/transactions?member=" ALPHA "&key=gateway", 3},
        {"/v1/transactions?entry=" ALPHA "/E1", 4}, /* submit, review, collect, request */
        {"/v1/transactions?entry=" ALPHA "/E1&type=catalog.review", 1},
        {"/v1/transactions?duty=" ALPHA "/D1", 1},
        {"/v1/transactions?subject=member/" ALPHA, 0},
        {"/v1/acts", 0},
        {"/v1/acts?effect=deemed-approved&subject=request/x", 0},
        {"/v1/evidence?validator=" ALPHA, 0},
    };
    AUTO(answer_free) struct answer status = get("/v1/status");
    int64_t tip = doc_get_int(doc_get(status.body, "tip"), "height", 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(answer_free) struct answer answer = get("%s", cases[i].path);
        if (answer.status != 200 || items_of(&answer) != cases[i].items)
            fail_msg("%s: %zu items\n%s", cases[i].path, items_of(&answer), buf_text(&answer.raw));
        assert_int_equal(doc_get_int(answer.body, "height", 0), tip);
    }
    expect_problem(get("/v1/transactions?entry=a/b&grant=%064d", 1), 422, "field-count");
    expect_problem(get("/v1/entries?provider=x"), 422, "uscc-form");
    expect_problem(get("/v1/entries?colour=red"), 422, "field-unknown");
    expect_problem(get("/v1/transactions?cursor=eHh4"), 400, "bad-cursor");
}

/* A word that there is none of would find nothing, and look as if there were none. */
static void test_words_there_are_none_of(void **state)
{
    (void)state;
    static const struct {
        const char *path, *one; /* one of those there are */
    } cases[] = {
        {"/v1/duties?category=x", "行政许可"},       {"/v1/entries?sharing=authorized", "authorised"},
        {"/v1/entries?opening=open", "conditional"},     {"/v1/entries?format=xlsx", "spreadsheet"},
        {"/v1/requests?route=direct", "scenario"},       {"/v1/grants?mode=api", "service"},
        {"/v1/accesses?method=api", "service"},          {"/v1/search?q=a&sharing=x", "none"},
        {"/v1/search?q=a&opening=authorised", "closed"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(answer_free) struct answer answer = get("%s", cases[i].path);
        const struct doc *fault = doc_at(doc_get(answer.body, "faults"), 0);
        if (answer.status != 422 || !doc_text_is(fault, "code", "field-choice") ||
            !doc_has_text(doc_get(fault, "may"), cases[i].one))
            fail_msg("%s\n%s", cases[i].path, buf_text(&answer.raw));
    }
}

static void test_of_one_record(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer grant = get("/v1/transactions?grant=%s", request_id);
    assert_int_equal(items_of(&grant), 4); /* what it was granted on, three accesses */
    AUTO(answer_free) struct answer asked = get("/v1/transactions?request=%s", request_id);
    assert_int_equal(items_of(&asked), 1);
    AUTO(answer_free) struct answer open = get("/v1/transactions?open=%s", closed_id);
    assert_int_equal(items_of(&open), 3); /* and its receipts */
    AUTO(answer_free) struct answer request = get("/v1/requests/%s", request_id);
    assert_true(doc_text_is(request.body, "status", "granted"));
    assert_true(doc_text_is(request.body, "id", request_id));
    assert_int_equal(doc_kind(doc_get(request.body, "answer")), DOC_NULL);
    assert_int_equal(doc_kind(doc_get(request.body, "disputed")), DOC_NULL);
    AUTO(answer_free) struct answer requests = get("/v1/requests");
    const struct doc *listed = doc_at(doc_get(requests.body, "items"), 0);
    assert_true(doc_text_is(listed, "decided", "at-once"));
    assert_true(doc_text_is(doc_get(request.body, "grant"), "status", "active"));
    AUTO(answer_free) struct answer entry = get("/v1/entries/" ALPHA "/E1");
    assert_true(doc_text_is(entry.body, "status", "published"));
    static const char *const beside[] = {"binding", "collection", "halt", "listing"};
    for (size_t i = 0; i < COUNT_OF(beside); i++)
        assert_int_equal(doc_get(entry.body, beside[i]) != NULL, true);
    assert_int_equal(doc_kind(doc_get(entry.body, "binding")), DOC_NULL);
    assert_int_equal(doc_kind(doc_get(entry.body, "halt")), DOC_NULL);
    AUTO(answer_free) struct answer usage = get("/v1/grants/%s/usage", request_id);
    const struct doc *day = doc_at(doc_get(usage.body, "items"), 0);
    assert_true(doc_text_is(day, "day", "20260209"));
    assert_int_equal(doc_get_int(doc_get(day, "usage"), "calls", 0), 3);
    AUTO(answer_free) struct answer duty = get("/v1/duties/" ALPHA "/D1");
    assert_true(doc_text_is(duty.body, "code", "D1"));
    expect_problem(get("/v1/entries/" ALPHA "/none"), 404, "not-found");
    expect_problem(get("/v1/requests/none"), 404, "not-found");
}

static void test_reconciliation(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer answer = get("/v1/accesses?unsettled=1");
    const struct doc *open = doc_at(doc_get(answer.body, "items"), 0);
    const struct doc *differing = doc_at(doc_get(answer.body, "items"), 1);
    assert_true(doc_text_is(open, "id", open_id));
    assert_int_equal(doc_kind(doc_get(open, "consumer_receipt")), DOC_NULL);
    assert_true(doc_text_is(differing, "id", differing_id));
    assert_true(doc_text_is(differing, "status", "mismatch"));
    assert_int_equal(doc_get_int(doc_get(differing, "provider_receipt"), "rows", 0), 3);
    assert_int_equal(doc_get_int(doc_get(differing, "consumer_receipt"), "rows", 0), 2);
    assert_true(doc_text_is(differing, "entry", ALPHA "/E1"));
}

static void test_history(void **state)
{
    (void)state;
    static const char *const expected[] = {"catalog.submit", "catalog.review",
                                           "catalog.collect", "request.submit"};
    AUTO(answer_free) struct answer all = get("/v1/history/entry/" ALPHA "/E1");
    assert_int_equal(items_of(&all), 4);
    char cursor[256] = "";
    for (size_t i = 0; i < 4; i++) { /* one by one */
        AUTO(answer_free)
        struct answer page = get("/v1/history/entry/" ALPHA "/E1?limit=1%s", cursor);
        const struct doc *item = doc_at(doc_get(page.body, "items"), 0);
        assert_true(doc_text_is(item, "type", expected[i]));
        assert_true(doc_text_is(item, "kind", "transaction"));
        const char *next = doc_get_text(page.body, "next");
        assert_int_equal(next != NULL, i < 3);
        snprintf(cursor, sizeof cursor, "&cursor=%s", next ? next : "");
    }
}

/* Members of bodies are told with the history: those asked for, as far as a body has them. */
static void test_history_says(void **state)
{
    (void)state;
    AUTO(answer_free)
    struct answer said = get("/v1/history/entry/" ALPHA "/E1?body=decision,purpose,constructor");
    const struct doc *items = doc_get(said.body, "items");
    assert_int_equal(items_of(&said), 4);
    const struct doc *submit = doc_get(doc_at(items, 0), "body");
    const struct doc *review = doc_get(doc_at(items, 1), "body");
    assert_int_equal(doc_count(submit), 0);
    assert_int_equal(doc_count(review), 1);
    assert_true(doc_text_is(review, "decision", "accept"));
    assert_non_null(doc_get_text(doc_get(doc_at(items, 3), "body"), "purpose"));
    AUTO(answer_free) struct answer plain = get("/v1/history/entry/" ALPHA "/E1");
    assert_null(doc_get(doc_at(doc_get(plain.body, "items"), 0), "body"));
    expect_problem(get("/v1/history/entry/" ALPHA "/E1?body="), 422, "field-length");
}

static void walk(const char *path, size_t limit, bool descending, size_t total)
{
    char cursor[512] = "";
    size_t seen = 0;
    int64_t last = descending ? INT64_MAX : -1;
    do {
        AUTO(answer_free) struct answer page = get("%s?limit=%zu%s", path, limit, cursor);
        assert_int_equal(page.status, 200);
        const struct doc *items = doc_get(page.body, "items");
        for (size_t i = 0; i < doc_count(items); i++, seen++) {
            int64_t at_index = doc_get_int(doc_at(items, i), "log_index", -1);
            assert_true(!descending || at_index < last);
            last = at_index;
        }
        const char *next = doc_get_text(page.body, "next");
        snprintf(cursor, sizeof cursor, "&cursor=%s", next ? next : "");
        if (!next)
            break;
        assert_int_equal(doc_count(items), limit);
    } while (seen < 1000);
    assert_int_equal(seen, total);
}

static void test_paging(void **state)
{
    (void)state;
    for (size_t limit = 1; limit < 20; limit++) {
        walk("/v1/transactions", limit, true, 18);
        walk("/v1/accesses", limit, true, 3);
        walk("/v1/entries", limit, false, 3);
    }
}

/* ---- search ---- */

static void test_search(void **state)
{
    (void)state;
    const struct {
        const char *query, *kind, *id; /* of the first hit; NULL: nothing is found */
    } cases[] = {
        {"%E5%90%8D%E5%BD%95", "entry", ALPHA "/E1"},          /* 名录: two characters */
        {"%E5%8F%A4%E6%A0%91", "entry", ALPHA "/E2"},          /* 古树 */
        {"%E6%A0%91%E5%90%8D%E6%9C%A8", "entry", ALPHA "/E2"}, /* 树名木: across words */
        {"%E6%9C%A8", "entry", ALPHA "/E2"},                   /* 木: one character */
        {"%E5%85%BB%E8%80%81+%E5%A4%87%E6%A1%88", "entry", ALPHA "/E3"}, /* 养老 备案 */
        {"%E5%85%BB%E8%80%81+%E5%8F%A4%E6%A0%91", NULL, NULL}, /* 养老 古树: not in one */
        {"%E6%9C%A8%E6%A0%91", NULL, NULL},                    /* 木树: no such word */
        {"zjhm&kind=entry", "entry", ALPHA "/E1"},             /* field ZJHM */
        {"zjhm&sharing=authorised", "entry", ALPHA "/E2"},     /* and attributes */
        {"zjhm&theme=%E6%9E%97%E4%B8%9A", "entry", ALPHA "/E2"},
        {"zjhm&theme=%E6%9E%97", NULL, NULL},
        {"zjhm&provider=" BETA, NULL, NULL},
        {"zjhm&opening=conditional", NULL, NULL},
        {"zjhm&kind=duty&sharing=authorised", NULL, NULL},
        {"%E6%9E%97%E4%B8%9A", "entry", ALPHA "/E2"}, /* 林业, its theme */
        {"%E6%85%88%E5%96%84", "duty", ALPHA "/D2"},  /* 慈善 */
        {"%E5%8D%95%E4%BD%8D+2", "member", BETA},     /* 测试单位 2 */
        {"11440000006939916J", "member", BETA},
        {"CNZYSQ", NULL, NULL},
        {"%E6%A0%B8%E9%AA%8C", "request", request_id}, /* 核验 */
        {"2", "block", "2"},
        {"%22+OR+title%3A+NEAR(", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(answer_free) struct answer answer = get("/v1/search?q=%s", cases[i].query);
        const struct doc *first = doc_at(doc_get(answer.body, "items"), 0);
        bool right = cases[i].kind ? doc_text_is(first, "kind", cases[i].kind) &&
                                         doc_text_is(first, "id", cases[i].id)
                                   : !first;
        if (answer.status != 200 || !right)
            fail_msg("%s\n%s", cases[i].query, buf_text(&answer.raw));
    }
    AUTO(answer_free) struct answer tx = get("/v1/search?q=%s", request_id);
    assert_true(doc_text_is(doc_at(doc_get(tx.body, "items"), 0), "kind", "transaction"));
    AUTO(answer_free) struct answer paged = get("/v1/search?q=%%E5%%90%%8D&limit=1");
    assert_int_equal(items_of(&paged), 1);
    assert_non_null(doc_get_text(paged.body, "next"));
    expect_problem(get("/v1/search"), 422, "field-missing");
    expect_problem(get("/v1/search?q="), 422, "field-length");
}

/* A new version of a record is found by its new words, and no longer by its old ones. */
static void test_search_follows_changes(void **state)
{
    (void)state;
    publish_duty("D9", "旧名称", "其他");
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'D9','acts_on':'%s','name':'新称谓','category':'其他',"
               "'implementer':'单位','basis':'依据'}",
               world_version(world, "duty/" ALPHA "/D9"));
    AUTO(answer_free) struct answer old = get("/v1/search?q=%%E6%%97%%A7%%E5%%90%%8D"); /* 旧名 */
    assert_int_equal(items_of(&old), 0);
    AUTO(answer_free) struct answer fresh = get("/v1/search?q=%%E7%%A7%%B0%%E8%%B0%%93"); /* 称谓 */
    assert_int_equal(items_of(&fresh), 1);
}

/* ---- near duplicates ---- */

static void test_near(void **state)
{
    (void)state;
    world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'E4','entry':%s}",
               entry_text("社会组织名册", "authorised", NULL));
    world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'E5','entry':%s}",
               entry_text("社会组织的名录", "authorised", NULL));
    AUTO(answer_free) struct answer near = get("/v1/entries/" ALPHA "/E4/near");
    assert_int_equal(items_of(&near), 2);
    const struct doc *first = doc_at(doc_get(near.body, "items"), 0);
    assert_true(doc_text_is(first, "id", ALPHA "/E1"));
    assert_true(doc_text_is(first, "name", "社会组织名录"));
    assert_true(doc_text_is(first, "status", "published"));
    assert_int_equal(doc_get_int(first, "name_likeness", 0), 800); /* 4 pairs of 5 and 5 */
    assert_int_equal(doc_get_int(first, "items_likeness", 0), 1000);
    assert_int_equal(doc_get_int(first, "items_shared", 0), 2);
    /* 社会 会组 组织 of 5 and 6: 6000 of 11 */
    const struct doc *second = doc_at(doc_get(near.body, "items"), 1);
    assert_true(doc_text_is(second, "code", "E5"));
    assert_int_equal(doc_get_int(second, "name_likeness", 0), 545);
    AUTO(answer_free) struct answer one = get("/v1/entries/" ALPHA "/E4/near?limit=1");
    assert_int_equal(items_of(&one), 1);
    AUTO(answer_free) struct answer none = get("/v1/entries/" ALPHA "/E2/near");
    assert_int_equal(items_of(&none), 0);
    expect_problem(get("/v1/entries/" ALPHA "/E9/near"), 404, "not-found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filters),        cmocka_unit_test(test_words_there_are_none_of),
        cmocka_unit_test(test_of_one_record),
        cmocka_unit_test(test_reconciliation), cmocka_unit_test(test_history),
        cmocka_unit_test(test_history_says),   cmocka_unit_test(test_paging),
        cmocka_unit_test(test_search),         cmocka_unit_test(test_search_follows_changes),
        cmocka_unit_test(test_near),
    };
    return cmocka_run_group_tests(tests, start, world_stop);
}
