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
    doc_set(world->changes, doc_get_text(change, "code"), doc_copy(change));
    assert_int_equal(harvest(world, date, feed), 0);
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
    begin(&world); /* interrupted, with the deletion applied for */
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

/* A published as "one"; the feed says "two" on 2026-03-02, a harvest applied for it and was
 * interrupted, and the ledger has this application in this state. */
static void interrupted(struct world *world, const char *status)
{
    world_open(world);
    settled(world, "A=one");
    assert_int_equal(harvest(world, "2026-03-02", "A=two"), 0);
    assert_string_equal(plan_text(world), "change A");
    struct doc *change = doc_copy(doc_at(doc_get(world->plan, "change"), 0));
    doc_set_text(change, "kind", "change");
    doc_set_text(change, "status", status);
    doc_set_text(change, "version", "c1");
    doc_set(world->changes, "A", change);
    begin(world);
}

/* The same, and it was not interrupted. */
static void changing(struct world *world, const char *status)
{
    interrupted(world, status);
    finish(world);
}

/* It goes on: to this state, or somebody's application for this reason. */
static void change_becomes(struct world *world, const char *member, const char *text)
{
    struct doc *change = doc_copy(doc_get(world->changes, "A"));
    doc_set_text(change, member, text);
    doc_set(world->changes, "A", change);
}

static void expect_plan(struct world *world, const char *date, const char *feed, const char *plan)
{
    assert_int_equal(harvest(world, date, feed), 0);
    assert_string_equal(plan_text(world), plan);
}

/* CN 10: what the feed takes back, after the ledger took it, is a change like any other. */
static void a_change_that_was_taken_is_changed_back(void **state)
{
    (void)state;
    static const struct {
        const char *status, *plan;
    } cases[] = {
        {"accepted", "change A"},
        {"adjusted", "change A"},
        {"adjusting", "waiting A:adjusting"}, /* until the plan is carried out: one at a time */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(world_close) struct world world;
        changing(&world, cases[i].status);
        world.version = "v2";
        on_ledger(&world, "A", "published", "two");
        expect_plan(&world, "2026-03-03", "A=one", cases[i].plan);
        finish(&world);
        change_becomes(&world, "status", "adjusted");
        expect_plan(&world, "2026-03-04", "A=one", "change A");
        const struct doc *change = doc_at(doc_get(world.plan, "change"), 0);
        assert_string_equal(doc_get_text(change, "acts_on"), "v2");
        assert_string_equal(doc_get_text(doc_get(change, "entry"), "name"), "one");
        finish(&world);
        on_ledger(&world, "A", "published", "one");
        expect_plan(&world, "2026-03-05", "A=one", "unchanged A");
    }
    /* A harvest in between says the same as the ledger, and one has it away. */
    AUTO(world_close) struct world world;
    changing(&world, "applied");
    world.rules.accept_shrink = true;
    expect_plan(&world, "2026-03-03", "A=two", "waiting A:applied");
    finish(&world);
    expect_plan(&world, "2026-03-04", "", "away A");
    finish(&world);
    world.version = "v2";
    on_ledger(&world, "A", "published", "two");
    change_becomes(&world, "status", "accepted");
    expect_plan(&world, "2026-03-05", "A=two", "flapping A; unchanged A");
    finish(&world);
    expect_plan(&world, "2026-03-06", "A=one", "change A; flapping A");
}

/* PT 14: a change to what the feed says no more is not made, where a harvest applied for it. */
static void a_change_to_what_the_feed_says_no_more(void **state)
{
    (void)state;
    static const struct {
        const char *status, *feed, *plan;
    } cases[] = {
        {"applied", "A=one", "withdraw A"},      {"consulting", "A=one", "withdraw A"},
        {"applied", "A=three", "withdraw A"},    {"applied", "A=two", "waiting A:applied"},
        {"consulting", "A=two", "waiting A:consulting"},
        {"applied", "A!", ""}, /* what it says is not known */
        {"returned", "A=one", "unchanged A"},    {"withdrawn", "A=three", "change A"},
        {"withdrawn", "A=two", "blocked A:withdrawn"}, /* by hand */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(world_close) struct world world;
        changing(&world, cases[i].status);
        expect_plan(&world, "2026-03-03", cases[i].feed, cases[i].plan);
        const struct doc *body = doc_at(doc_get(world.plan, "withdraw"), 0);
        assert_true(body == NULL || doc_text_is(body, "acts_on", "c1"));
    }
    /* What a harvest took back it applies for again when the feed says it again. */
    AUTO(world_close) struct world world;
    changing(&world, "applied");
    expect_plan(&world, "2026-03-03", "A=one", "withdraw A");
    change_becomes(&world, "withdraw_reason",
                   doc_get_text(doc_at(doc_get(world.plan, "withdraw"), 0), "reason"));
    change_becomes(&world, "status", "withdrawn");
    finish(&world);
    expect_plan(&world, "2026-03-04", "A=one", "unchanged A");
    finish(&world);
    expect_plan(&world, "2026-03-05", "A=two", "change A");
    /* It came too late. */
    AUTO(world_close) struct world late;
    changing(&late, "applied");
    expect_plan(&late, "2026-03-03", "A=one", "withdraw A");
    finish(&late);
    late.version = "v2";
    on_ledger(&late, "A", "published", "two");
    change_becomes(&late, "status", "accepted");
    expect_plan(&late, "2026-03-04", "A=one", "change A");
}

/* An interrupted harvest knows its change all the same. */
static void a_change_of_an_interrupted_harvest(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    interrupted(&world, "applied");
    expect_plan(&world, "2026-03-02", "A=two", "waiting A:applied");
    finish(&world);
    expect_plan(&world, "2026-03-03", "A=one", "withdraw A");
}

/* What officers do meanwhile is theirs, unless the feed changes that very member. */
static void officers_change_meanwhile(void **state)
{
    (void)state;
    /* The same as a harvest's change that was returned: the feed has not changed since. */
    AUTO(world_close) struct world world;
    changing(&world, "returned");
    expect_plan(&world, "2026-03-03", "A=one", "unchanged A");
    finish(&world);
    change_becomes(&world, "reason", "机构改革");
    change_becomes(&world, "status", "applied");
    expect_plan(&world, "2026-03-04", "A=one", "unchanged A");
    finish(&world);
    change_becomes(&world, "status", "accepted");
    world.version = "v2";
    on_ledger(&world, "A", "published", "two");
    expect_plan(&world, "2026-03-05", "A=one", "unchanged A");

    /* In the place of the harvest's, or of another version: theirs too. */
    static const char *const differs[][2] = {{"reason", "机构改革"}, {"acts_on", "v0"}};
    for (size_t i = 0; i < COUNT_OF(differs); i++) {
        AUTO(world_close) struct world other;
        changing(&other, "applied");
        change_becomes(&other, differs[i][0], differs[i][1]);
        expect_plan(&other, "2026-03-03", "A=one", "unchanged A");
    }

    /* After the harvest's change was accepted, and before the next harvest: another member. */
    AUTO(world_close) struct world after;
    changing(&after, "accepted");
    after.version = "v3";
    on_ledger(&after, "A", "published", "two");
    struct doc *record = doc_copy(doc_get(after.entries, "A"));
    struct doc *entry = doc_copy(doc_get(record, "entry"));
    doc_set_text(entry, "manager", "by hand");
    doc_set(record, "entry", entry);
    doc_set(after.entries, "A", record);
    change_becomes(&after, "reason", "机构改革");
    change_becomes(&after, "acts_on", "v2");
    expect_plan(&after, "2026-03-03", "A=one", "change A");
    const struct doc *changed = doc_get(doc_at(doc_get(after.plan, "change"), 0), "entry");
    assert_string_equal(doc_get_text(changed, "name"), "one");
    assert_string_equal(doc_get_text(changed, "manager"), "by hand");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_while_its_deletion_is_applied_for),
        cmocka_unit_test(what_an_officer_applies_for_later_stands),
        cmocka_unit_test(a_deletion_returned_bars_no_other),
        cmocka_unit_test(applications_under_way),
        cmocka_unit_test(a_change_that_was_taken_is_changed_back),
        cmocka_unit_test(a_change_to_what_the_feed_says_no_more),
        cmocka_unit_test(a_change_of_an_interrupted_harvest),
        cmocka_unit_test(officers_change_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
