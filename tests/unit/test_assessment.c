/* What figures of an assessment count (F4, PT 32): data that was called, not opens that failed; one
 * obligation once, however often it was sent in and returned. */
#include "check.h"
#include "deadlines_steps.h"

#define YEAR "member=" ALPHA "&to=2026-12-31"
#define DIGEST "00000000000000000000000000000000000000000000000000000000000000aa"

static void ask_and_approve(char id[2 * HASH_BYTES + 1], const char *purpose)
{
    give_request(id, purpose);
    world_must(world, NULL, ALPHA "/approve", "request.answer",
               "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
               world_version(world, "request/%s", id));
}

static void call(const char *grant, const char *purpose, const char *result)
{
    char open[2 * HASH_BYTES + 1];
    world_must(world, open, BETA "/gateway", "access.open",
               "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':'gateway',"
               "'purpose':'%s','method':'service','parameters':'" DIGEST "'}",
               grant, world_version(world, "grant/%s", grant), purpose);
    if (result != NULL)
        world_must(world, NULL, ALPHA "/gateway", "access.receipt",
                   "{'open':'%s','side':'provider','digest':'" DIGEST
                   "','rows':1,'bytes':80,'result':'%s'}",
                   open, result);
}

static void pass_days(int days)
{
    for (int day = 0; day < days; day++)
        assert_int_equal(world_advance(world, DAY_MS), 0);
}

/* How many the list behind the figure has. */
static size_t listed(const char *query, const char *name, const char *list)
{
    AUTO(answer_free) struct answer answer = get("/v1/assessment?%s", query);
    const struct doc *figures = doc_get(answer.body, "figures");
    for (size_t i = 0; i < doc_count(figures); i++) {
        if (doc_text_is(doc_at(figures, i), "name", name)) {
            AUTO(answer_free)
            struct answer items = get("%s", doc_get_text(doc_at(figures, i), list));
            assert_int_equal(items.status, 200);
            return doc_count(doc_get(items.body, "items"));
        }
    }
    return SIZE_MAX;
}

/* Of three grants one is used, on three days; one is opened in vain, one never. From 9 February;
 * unused for three months, they lapse in May, and end in June. */
static void grants_by_which_data_was_called_are_used(void **state)
{
    (void)state;
    static const char member[] = "member=" BETA;
    char used[65], idle[65], failed[65], late[65];
    give_entry();
    ask_and_approve(used, "登记核验");
    ask_and_approve(idle, "年度检查");
    ask_and_approve(failed, "资格核验");
    check_figure("member=" BETA "&from=2026-02-09", "grants-used", 0, 3);
    for (int day = 0; day < 3; day++) {
        call(used, "登记核验", "complete");
        pass_days(1);
    }
    call(failed, "资格核验", "failed");
    call(failed, "资格核验", NULL);
    check_figure(member, "grants-used", 1, 3);
    assert_int_equal(listed(member, "grants-used", "items"), 3);
    assert_int_equal(listed(member, "grants-used", "others"), 3);
    /* What is used is no deadline that was kept: PT 26 has a figure of its own. */
    assert_true(listed(member, "in-time-disuse", "items") == SIZE_MAX);
    pass_days(100);
    check_figure(member, "grants-used", 1, 3); /* all suspended */
    pass_days(35);
    check_figure(member, "grants-used", 1, 3); /* all terminated, in this year */
    check_figure("member=" BETA "&from=2026-06-25&to=2026-06-30", "grants-used", 0, 0);
    assert_int_equal(listed("member=" BETA "&from=2026-06-25&to=2026-06-30", "grants-used",
                            "others"),
                     0);
    /* What came later changes nothing of a period that is over. */
    ask_and_approve(late, "信用核查");
    assert_int_equal(world_advance(world, 1000), 0);
    check_figure("member=" BETA "&to=2026-02-28", "grants-used", 1, 3);
    check_figure("member=" BETA "&from=2026-03-01&to=2026-04-30", "grants-used", 0, 3);
    assert_int_equal(listed("member=" BETA "&from=2026-03-01&to=2026-04-30", "grants-used",
                            "others"),
                     3);
    assert_true(listed(member, "in-time-disuse", "items") == SIZE_MAX);
}

static void give_duty(void)
{
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'D1','name':'社会组织登记','category':'行政许可',"
               "'implementer':'广东省民政厅','basis':'登记管理条例第六条'}");
}

/* Five reports, each returned, and then none: the ten days of PT 15 are over, once. */
static void what_is_returned_is_not_in_time(void **state)
{
    (void)state;
    give_duty();
    world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'E9','entry':%s}",
               entry_text("E9", "authorised", NULL));
    world_must(world, NULL, CENTER "/review", "catalog.review",
               "{'provider':'" ALPHA "','code':'E9','acts_on':'%s','decision':'accept'}",
               world_version(world, "entry/" ALPHA "/E9"));
    for (int i = 0; i < 5; i++) {
        world_must(world, NULL, ALPHA "/compile", "catalog.collect",
                   "{'code':'E9','acts_on':'%s','method':'table','system':'业务系统',"
                   "'content':'业务信息','tables':1,'rows':1}",
                   world_version(world, "entry/" ALPHA "/E9"));
        assert_int_equal(world_advance(world, 60000), 0);
        check_figure(YEAR, "in-time-collect", 1, 1); /* sent in, and not returned yet */
        world_must(world, NULL, CENTER "/review", "catalog.certify",
                   "{'provider':'" ALPHA "','code':'E9','acts_on':'%s','decision':'return',"
                   "'reasons':[{'reason':'汇聚量与现场不符'}]}",
                   world_version(world, "collection/" ALPHA "/E9"));
        assert_int_equal(world_advance(world, 60000), 0);
        check_figure(YEAR, "in-time-collect", 0, 0); /* it runs again */
    }
    pass_days(30);
    check_figure("member=" ALPHA, "in-time-collect", 0, 1);
    check_one("subject=collection/" ALPHA "/E9&term=collect", "overdue",
              "2026-03-01T00:00:00+08:00", "PT 15");
}

/* The same of a milestone (PT 11). */
static void what_is_returned_is_not_compiled(void **state)
{
    (void)state;
    give_duty();
    world_must(world, NULL, ALPHA "/compile", "catalog.milestone",
               "{'code':'M1','kind':'business','matter':'业务批准','date':'2026-02-09'}");
    for (int i = 0; i < 3; i++) {
        char first[200], again[200];
        (void)snprintf(first, sizeof first, "'milestone':'M1'");
        (void)snprintf(again, sizeof again, "'acts_on':'%s'",
                       i == 0 ? "" : world_version(world, "entry/" ALPHA "/E9"));
        world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'E9',%s,'entry':%s}",
                   i == 0 ? first : again, entry_text("E9", "authorised", NULL));
        assert_int_equal(world_advance(world, 60000), 0);
        world_must(world, NULL, CENTER "/review", "catalog.review",
                   "{'provider':'" ALPHA "','code':'E9','acts_on':'%s','decision':'return',"
                   "'reasons':[{'field':'entry.summary','reason':'过于空泛'}]}",
                   world_version(world, "entry/" ALPHA "/E9"));
        assert_int_equal(world_advance(world, 60000), 0);
    }
    pass_days(40);
    check_figure("member=" ALPHA, "in-time-compile", 0, 1);
    check_figure("member=" ALPHA, "in-time-resubmit", 2, 3); /* each return has its own days */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(grants_by_which_data_was_called_are_used, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(what_is_returned_is_not_in_time, world_start, world_stop),
        cmocka_unit_test_setup_teardown(what_is_returned_is_not_compiled, world_start, world_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
