/* Applications that harvests and officers made, and what comes of them. Dates are literal. */
#include "harvest_world.h"

#define OWN                                                                                        \
    "来源目录自 2026-03-02 起连续 1 次未列出 Not in the feed since 2026-03-02, once"

/* B's last application. */
static struct doc *application(const char *kind, const char *status, const char *reason)
{
    struct doc *change = doc_new_object();
    doc_set_text(change, "code", "B");
    doc_set_text(change, "kind", kind);
    doc_set_text(change, "status", status);
    doc_set_text(change, "acts_on", "v1");
    doc_set_text(change, "reason", reason);
    doc_set_text(change, "version", "c1");
    return change;
}

/* A harvest for which the ledger has this application. */
static void harvest_with(struct world *world, const char *date, const char *feed,
                         const struct doc *change)
{
    assert_int_equal(harvest(world, date, feed), 0);
    harvest_settle(world->plan, world->state, "change", change);
    harvest_settle(world->plan, world->state, "retire", change);
    harvest_present(world->plan, world->state, change);
}

/* PT 14: what is there again is not deleted unseen, because it was away when that was asked for.
 * What a harvest applied for it takes back; what somebody else did is theirs to decide. */
static void back_while_its_deletion_is_applied_for(void **state)
{
    (void)state;
    static const struct {
        const char *feed, *kind, *status, *reason, *plan;
    } cases[] = {
        {"A=one B=two", "retire", "applied", OWN, "flapping B; unchanged A; withdraw B"},
        {"A=one B=two", "retire", "consulting", OWN, "flapping B; unchanged A; withdraw B"},
        {"A=one B=new", "retire", "applied", OWN, "flapping B; unchanged A; withdraw B"},
        {"A=one B=two", "retire", "applied", "并入市级目录", "back B:applied; flapping B; unchanged A"},
        {"A=one B=two", "retire", "adjusting", OWN, "blocked B:adjusting; flapping B; unchanged A"},
        {"A=one B!", "retire", "adjusting", OWN, "blocked B:adjusting; flapping B; unchanged A"},
        {"A=one", "retire", "adjusting", OWN, "unchanged A"},
        {"A=one B=two", "retire", "returned", OWN, "flapping B; unchanged A B"},
        {"A=one B=two", "change", "applied", OWN, "flapping B; unchanged A B"},
        {"A=one B=new", "change", "consulting", OWN,
         "flapping B; unchanged A; waiting B:consulting"},
        {"A=one", "retire", "applied", OWN, "unchanged A; waiting B:applied"},
        {"A=one B!", "retire", "applied", OWN, "flapping B; unchanged A; withdraw B"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(world_close) struct world world;
        AUTO(doc_free)
        struct doc *change = application(cases[i].kind, cases[i].status, cases[i].reason);
        world_open(&world);
        world.rules = (struct harvest_rules){.absences = 1, .days = 0};
        settled(&world, "A=one B=two");
        assert_int_equal(harvest(&world, "2026-03-02", "A=one"), 0);
        assert_string_equal(plan_text(&world), "retire B; unchanged A");
        finish(&world);
        if (doc_text_is(change, "status", "adjusting")) { /* decided: the entry is deleted */
            on_ledger(&world, "B", "retired", "two");
        }
        harvest_with(&world, "2026-03-03", cases[i].feed, change);
        assert_string_equal(plan_text(&world), cases[i].plan);
        const struct doc *body = doc_at(doc_get(world.plan, "withdraw"), 0);
        assert_true(body == NULL || doc_text_is(body, "acts_on", "c1"));
    }
    /* Somebody applied for the deletion of what was never away: it is no news that it is there. */
    AUTO(world_close) struct world world;
    AUTO(doc_free) struct doc *change = application("retire", "applied", OWN);
    world_open(&world);
    settled(&world, "A=one B=two");
    harvest_with(&world, "2026-03-02", "A=one B=two", change);
    assert_string_equal(plan_text(&world), "unchanged A; waiting B:applied");
}

/* What a harvest once applied for makes no later application its own: the entry is the same. */
static void what_an_officer_applies_for_later_stands(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    AUTO(doc_free) struct doc *own = application("retire", "applied", OWN);
    AUTO(doc_free) struct doc *later = application("retire", "applied", "并入市级目录");
    world_open(&world);
    world.rules = (struct harvest_rules){.absences = 1, .days = 0};
    settled(&world, "A=one B=two");
    assert_int_equal(harvest(&world, "2026-03-02", "A=one"), 0);
    harvest_begin(world.state, world.plan); /* interrupted, with the deletion applied for */
    harvest_with(&world, "2026-03-03", "A=one B=two", own);
    assert_string_equal(plan_text(&world), "flapping B; unchanged A; withdraw B");
    finish(&world);
    harvest_with(&world, "2026-06-03", "A=one B=two", later);
    assert_string_equal(plan_text(&world), "back B:applied; flapping B; unchanged A");
}

/* A deletion that came to nothing is not applied for again in this absence; in the next it is. */
static void a_deletion_returned_bars_no_other(void **state)
{
    (void)state;
    static const char *const ends[] = {"returned", "withdrawn"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        AUTO(world_close) struct world world;
        AUTO(doc_free) struct doc *change = application("retire", ends[i], OWN);
        AUTO(buf_free) struct buf blocked = {0};
        world_open(&world);
        world.rules = (struct harvest_rules){.absences = 1, .days = 0};
        settled(&world, "A=one B=two");
        assert_int_equal(harvest(&world, "2026-03-02", "A=one"), 0);
        assert_string_equal(plan_text(&world), "retire B; unchanged A");
        finish(&world);
        harvest_with(&world, "2026-03-03", "A=one", change);
        buf_append_format(&blocked, "blocked B:%s; unchanged A", ends[i]);
        assert_string_equal(plan_text(&world), buf_text(&blocked));
        finish(&world);
        harvest_with(&world, "2026-03-04", "A=one B=two", change);
        assert_string_equal(plan_text(&world), "flapping B; unchanged A B");
        finish(&world);
        harvest_with(&world, "2026-03-05", "A=one", change);
        assert_string_equal(plan_text(&world), "flapping B; retire B; unchanged A");
    }
}

static void applications_under_way(void **state)
{
    (void)state;
    static const struct {
        const char *status, *kind, *acts_on, *plan;
    } cases[] = {
        {"applied", "change", "v1", "waiting A:applied"},
        {"applied", "retire", "v1", "waiting A:applied"},
        {"returned", "change", "v1", "blocked A:returned"},
        {"returned", "change", "v0", "change A"},
        {"returned", "retire", "v1", "change A"},
        {"accepted", "change", "v1", "change A"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(world_close) struct world world;
        AUTO(doc_free) struct doc *change = doc_new_object();
        world_open(&world);
        settled(&world, "A=one");
        assert_int_equal(harvest(&world, "2026-03-02", "A=two"), 0);
        doc_set_text(change, "code", "A");
        doc_set_text(change, "status", cases[i].status);
        doc_set_text(change, "kind", cases[i].kind);
        doc_set_text(change, "acts_on", cases[i].acts_on);
        doc_set(change, "entry", entry_of("two"));
        harvest_settle(world.plan, world.state, "change", change);
        assert_string_equal(plan_text(&world), cases[i].plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_while_its_deletion_is_applied_for),
        cmocka_unit_test(what_an_officer_applies_for_later_stands),
        cmocka_unit_test(a_deletion_returned_bars_no_other),
        cmocka_unit_test(applications_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
