/* Deadlines over HTTP of an agency that is suspended, or removed for a time: what rests, what is
 * counted anew, what it was warned of. Ends of terms are literals, counted by hand. */
#include "check.h"

#include "deadlines_steps.h"

static void act_on_gamma(const char *type)
{
    world_must(world, NULL, CENTER "/admin", type,
               "{'member':'" GAMMA "','acts_on':'%s','reason':'机构撤并'%s}",
               world_version(world, "member/" GAMMA), ledger_no_risk(type));
}

/* GAMMA's only open term, in both lists. */
static void check_recounted(bool is)
{
    static const char *const lists[] = {"/v1/deadlines?open=1&member=" GAMMA,
                                        "/v1/matters?open=1&member=" GAMMA};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        AUTO(answer_free) struct answer list = get("%s", lists[i]);
        assert_true(doc_get_bool(only(&list), "recounted", false) == is);
    }
}

/* A business approved on Sunday, 15 February: 24-27 February, 28 (调休), 2-6 March. GAMMA is
 * removed on that day, and back on Sunday, 8 March, with all ten days left: 9-13, 16-20 March. */
static void what_rests_is_neither_late_nor_counted(void **state)
{
    (void)state;
    while (app_tip_time_ms(world->app) < at("2026-02-15T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    world_must(world, NULL, CENTER "/admin", "validator.change",
               "{'remove':['" GAMMA "'],'reason':'机构撤并'}");
    world_must(world, NULL, GAMMA "/compile", "catalog.milestone",
               "{'code':'M1','kind':'business','matter':'公证机构认定','date':'2026-02-15'}");
    for (int i = 0; i < 3; i++)
        assert_int_equal(world_advance(world, 1000), 0);
    act_on_gamma("member.remove");
    check_recounted(true);
    check_one("member=" GAMMA "&open=1", "running", "2026-03-07T00:00:00+08:00", "PT 11");
    for (int day = 0; day < 21; day++)
        assert_int_equal(world_advance(world, DAY_MS), 0);
    check_one("member=" GAMMA "&open=1", "resting", "2026-03-07T00:00:00+08:00", "PT 11");
    check_one("state=resting", "resting", "2026-03-07T00:00:00+08:00", "PT 11");
    check_figure("member=" GAMMA, "in-time-compile", 0, 0);
    act_on_gamma("member.restore");
    assert_int_equal(world_advance(world, 1000), 0);
    check_one("member=" GAMMA "&open=1", "running", "2026-03-21T00:00:00+08:00", "PT 11");
    check_none("state=resting");
    check_recounted(false);
}

/* Suspended from that Sunday to Tuesday, the 10th, with all ten days left: 11-13, 16-20, 23, 24. An
 * end is counted anew when it comes, and until then it is said to be no more than what it was. */
static void what_is_counted_anew_says_so(void **state)
{
    (void)state;
    act_on_gamma("member.suspend");
    check_recounted(true);
    for (int day = 0; day < 2; day++)
        assert_int_equal(world_advance(world, DAY_MS), 0);
    act_on_gamma("member.restore");
    check_recounted(true);
    check_one("member=" GAMMA "&open=1", "running", "2026-03-21T00:00:00+08:00", "PT 11");
    while (app_tip_time_ms(world->app) < at("2026-03-21T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    check_one("member=" GAMMA "&open=1", "running", "2026-03-25T00:00:00+08:00", "PT 11");
    check_recounted(false);
}

static int64_t warned_of_gamma(void)
{
    AUTO(answer_free) struct answer list = get("/v1/deadlines?open=1&member=" GAMMA);
    return doc_get_int(only(&list), "warned_ms", 0);
}

/* Told on Tuesday, the 24th, and not on the 20th, the last working day before the end that moved.
 * Suspended then until the 26th, when the 27th is its last day. */
static void what_was_warned_of_was_though_it_moved(void **state)
{
    (void)state;
    assert_int_equal(warned_of_gamma(), 0);
    while (app_tip_time_ms(world->app) < at("2026-03-24T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    int64_t told_ms = warned_of_gamma();
    assert_true(told_ms >= at("2026-03-24T00:00:00+08:00"));
    act_on_gamma("member.suspend");
    while (app_tip_time_ms(world->app) < at("2026-03-26T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    act_on_gamma("member.restore");
    assert_int_equal(warned_of_gamma(), told_ms);
    while (app_tip_time_ms(world->app) < at("2026-03-27T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    check_one("member=" GAMMA "&open=1", "running", "2026-03-28T00:00:00+08:00", "PT 11");
    assert_true(warned_of_gamma() >= at("2026-03-27T00:00:00+08:00"));
}

/* ---- an agency whose keys are suspended ---- */

static void key_act(const char *type)
{
    world_must(world, NULL, CENTER "/admin", type,
               "{'member':'" ALPHA "','name':'approve','acts_on':'%s','reason':'核查'%s}",
               world_version(world, "key/" ALPHA "/approve"), ledger_no_risk(type));
}

/* PT 29: whose last key to answer with is suspended stands still, as if it were so itself. */
static void keys_that_were_suspended_move_it_too(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    static const char *const acts[] = {NULL, "key.suspend", "key.restore"};
    give_entry();
    give_request(id, "登记核验");
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        if (acts[i] != NULL)
            key_act(acts[i]);
        AUTO(answer_free) struct answer list =
            get("/v1/deadlines?term=answer&subject=request/%s", id);
        assert_true(doc_get_bool(only(&list), "recounted", false) == (i > 0));
    }
}

static int start_with_warnings(void **state)
{
    fixture_warns = true;
    return world_start(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rests_is_neither_late_nor_counted),
        cmocka_unit_test(what_is_counted_anew_says_so),
        cmocka_unit_test(what_was_warned_of_was_though_it_moved),
        cmocka_unit_test(keys_that_were_suspended_move_it_too),
    };
    return cmocka_run_group_tests(tests, start_with_warnings, world_stop);
}
