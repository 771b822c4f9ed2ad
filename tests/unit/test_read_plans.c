/* Queries of the read model: none goes through a whole table, and one that takes too long is
 * stopped. */
#include "world_own.h"

#include "api/lists.h"
#include "api/read_model.h"

/* Every list, under every set of its filters, over all records and over one: rows come from an
 * index in the order wanted; no table is gone through, nothing is sorted. */
static void check_plan(struct read_model *model, const char *sql)
{
    AUTO(buf_free) struct buf explain = {0};
    AUTO(read_rows_close) struct read_rows *rows = NULL;
    buf_append_format(&explain, "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(read_rows_open(&rows, model, buf_text(&explain)), 0);
    unsigned steps = 0;
    for (; read_rows_next(rows); steps++) {
        const char *detail = read_rows_text(rows, 3);
        if (strstr(detail, "SCAN") || strstr(detail, "TEMP B-TREE"))
            fail_msg("%s\n%s", sql, detail);
    }
    assert_true(steps > 0);
}

static void test_no_query_scans(void **state)
{
    (void)state;
    static const struct list *const lists[] = {
        &list_duties,       &list_entries, &list_requests, &list_grants,    &list_accesses,
        &list_transactions, &list_acts,    &list_evidence, &list_deadlines, &list_matters};
    struct read_model *model = NULL;
    const char *path = scratch_path("plans.sqlite");
    assert_int_equal(read_model_open(&model, path, &world->genesis_hash), 0);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const struct list *list = lists[i];
        size_t filters = 0;
        while (list->filters[filters].parameter)
            filters++;
        for (unsigned set = 0; set < 1u << filters; set++) {
            AUTO(doc_free) struct doc *query = doc_new_object();
            for (size_t f = 0; f < filters; f++)
                if (set >> f & 1u)
                    doc_set_text(query, list->filters[f].parameter, "1");
            for (int one = 0; one <= list->subjects; one++) {
                AUTO(buf_free) struct buf sql = {0};
                struct list_scope scope = {.subject = one ? "entry/a/b" : NULL, .seq_to = 9};
                list_append_sql(&sql, list, query, &scope);
                check_plan(model, buf_text(&sql));
            }
        }
    }
    read_model_close(&model);
}

/* A query that would go on for long is stopped. */
static void test_long_queries_stop(void **state)
{
    (void)state;
    struct read_model *model = NULL;
    assert_int_equal(read_model_open(&model, scratch_path("long.sqlite"), &world->genesis_hash), 0);
    struct read_rows *rows = NULL;
    assert_int_equal(read_rows_open(&rows, model,
                                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
                                    " n) SELECT max(i) FROM n"),
                     0);
    assert_false(read_rows_next(rows));
    assert_int_equal(read_rows_error(rows), ERR_BROAD);
    read_rows_close(&rows);
    read_model_close(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_query_scans),
        cmocka_unit_test(test_long_queries_stop),
    };
    return cmocka_run_group_tests(tests, world_start, world_stop);
}
