/* Deadlines over HTTP that ended though nobody did what was due: neither in time nor late. */
#include "check.h"

#include "deadlines_steps.h"

#define PLAN "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* ---- a need that another is asked for, or the same anew ---- */

static void need_something(char id[2 * HASH_BYTES + 1])
{
    world_must(world, id, BETA "/compile", "need.submit",
               "{'name':'社会组织年检结果','wanted':['名称','年检结论'],'need':'service',"
               "'purpose':'一网通办：社会组织登记核验','basis':'职责清单','goal':'减少材料提交',"
               "'mode':'service','frequency':{'times':10,'per':'month'},'security_level':2,"
               "'safeguards':'专网访问，最小授权','system':'一网通办受理系统','until':'2026-12-31',"
               "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}");
}

/* Asked of ALPHA, whose 15 working days run out or do not; then GAMMA is asked. */
static void ask_another(char id[2 * HASH_BYTES + 1], int days)
{
    static const char *const asked[] = {ALPHA, GAMMA};
    need_something(id);
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        world_must(world, NULL, CENTER "/review", "need.intake",
                   "{'need':'%s','acts_on':'%s','decision':'accept','provider':'%s'}", id,
                   world_version(world, "need/%s", id), asked[i]);
        for (int day = 0; i == 0 && day < days; day++)
            assert_int_equal(world_advance(world, DAY_MS), 0);
        if (i == 0 && days == 0) {
            world_must(world, NULL, CENTER "/admin", "member.suspend",
                       "{'member':'" ALPHA "','acts_on':'%s','reason':'机构撤并'%s}",
                       world_version(world, "member/" ALPHA), ledger_no_risk("member.suspend"));
        }
    }
}

static void what_another_was_asked_for_was_not_done(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1], query[200];
    for (int days = 40; days >= 0; days -= 40) { /* 40 days are more than 15 working days */
        ask_another(id, days);
        (void)snprintf(query, sizeof query, "member=" ALPHA "&subject=need/%s", id);
        AUTO(answer_free) struct answer list = get("/v1/deadlines?%s", query);
        const struct doc *items = doc_get(list.body, "items");
        assert_int_equal(doc_count(items), 1);
        assert_string_equal(doc_get_text(doc_at(items, 0), "state"),
                            days > 0 ? "missed" : "dropped");
        (void)snprintf(query, sizeof query, "member=" GAMMA "&subject=need/%s&state=running", id);
        AUTO(answer_free) struct answer now = get("/v1/deadlines?%s", query);
        assert_int_equal(doc_count(doc_get(now.body, "items")), 1);
    }
}

/* PT 23: the upper platform, asked once more as its days ran out, has not answered for that. */
static void what_was_asked_anew_was_not_done(void **state)
{
    (void)state;
    static const char *const ends[] = {"missed", "running"};
    char id[2 * HASH_BYTES + 1];
    need_something(id);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        for (int day = 0; i == 1 && day < 7; day++) /* more than three working days */
            assert_int_equal(world_advance(world, DAY_MS), 0);
        world_must(world, NULL, SUPERVISOR "/approve", "upper.forward",
                   "{'need':'%s','acts_on':'%s','document':'" PLAN "'}", id,
                   world_version(world, "need/%s", id));
    }
    AUTO(answer_free) struct answer list = get("/v1/deadlines?term=upper&subject=need/%s", id);
    const struct doc *items = doc_get(list.body, "items");
    assert_int_equal(doc_count(items), COUNT_OF(ends));
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        assert_string_equal(doc_get_text(doc_at(items, i), "state"), ends[i]);
}

/* ---- the objection of who did not use its grant (PT 26) ---- */

static void ask_and_approve(char id[2 * HASH_BYTES + 1], const char *purpose)
{
    give_request(id, purpose);
    world_must(world, NULL, ALPHA "/approve", "request.answer",
               "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
               world_version(world, "request/%s", id));
}

/* Suspended both; the center restores the one by itself, to the other its consumer objects. And one
 * that its consumer ends has not come to its expiry. */
static void who_did_not_object_was_not_in_time(void **state)
{
    (void)state;
    static const struct {
        const char *kid, *type, *term, *how;
    } cases[] = {
        {CENTER "/review", "grant.restore", "objection", "dropped"},
        {BETA "/compile", "grant.object", "objection", "in-time"},
        {BETA "/compile", "grant.end", "expiry", "dropped"},
    };
    char ids[COUNT_OF(cases)][2 * HASH_BYTES + 1], query[300];
    give_entry();
    ask_and_approve(ids[0], "登记核验");
    ask_and_approve(ids[1], "年度检查");
    for (int day = 0; day < 100; day++) /* more than three months */
        assert_int_equal(world_advance(world, DAY_MS), 0);
    ask_and_approve(ids[2], "资格核验");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        world_must(world, NULL, cases[i].kid, cases[i].type,
                   "{'grant':'%s','acts_on':'%s','reason':'业务需要'}", ids[i],
                   world_version(world, "grant/%s", ids[i]));
        (void)snprintf(query, sizeof query, "subject=grant/%s&term=%s", ids[i], cases[i].term);
        AUTO(answer_free) struct answer list = get("/v1/deadlines?%s", query);
        assert_string_equal(doc_get_text(only(&list), "state"), cases[i].how);
    }
}

static int start(void **state)
{
    fixture_further_days = 3;
    return world_start(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_did_not_object_was_not_in_time),
        cmocka_unit_test(what_was_asked_anew_was_not_done),
        cmocka_unit_test(what_another_was_asked_for_was_not_done),
    };
    return cmocka_run_group_tests(tests, start, world_stop);
}
