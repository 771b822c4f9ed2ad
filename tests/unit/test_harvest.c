/* Harvests day by day: feeds that flap, shrink and change, officers who change entries meanwhile.
 * Dates are literal. */
#include "harvest_world.h"

static void new_changed_and_unchanged(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    assert_int_equal(harvest(&world, "2026-03-01", "A=one B=two"), 0);
    assert_string_equal(plan_text(&world), "submit A B");
    finish(&world);
    on_ledger(&world, "A", "published", "one");
    on_ledger(&world, "B", "submitted", "two");
    assert_int_equal(harvest(&world, "2026-03-02", "A=one! B=two C=three"), 0);
    assert_string_equal(plan_text(&world), "change A; submit C; waiting B:submitted");
    const struct doc *change = doc_at(doc_get(world.plan, "change"), 0);
    assert_string_equal(doc_get_text(change, "acts_on"), "v1");
    assert_string_equal(doc_get_text(doc_get(change, "entry"), "name"), "one!");
    assert_non_null(doc_get_text(change, "reason"));
    on_ledger(&world, "B", "returned", "two");
    assert_int_equal(harvest(&world, "2026-03-03", "A=one B=two C=three"), 0);
    assert_string_equal(plan_text(&world), "blocked B:returned; submit C; unchanged A");
    assert_int_equal(harvest(&world, "2026-03-04", "A=one B=mended C=three"), 0);
    assert_string_equal(plan_text(&world), "submit B C; unchanged A");
    assert_string_equal(doc_get_text(doc_at(doc_get(world.plan, "submit"), 0), "acts_on"), "v1");
}

/* Three harvests and fourteen days: the last day before is too early, and so is the second
 * harvest. */
static void retired_only_after_it_stayed_away(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    settled(&world, "A=one B=two");
    static const struct {
        const char *date, *feed, *plan;
    } days[] = {
        {"2026-03-02", "A=one", "away B; unchanged A"},
        {"2026-03-15", "A=one C=x", "away B; submit C; unchanged A"},
        {"2026-03-15", "A=one C=y", "away B; submit C; unchanged A"},
        {"2026-03-16", "A=one C=z", "retire B; submit C; unchanged A"},
    };
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        assert_int_equal(harvest(&world, days[i].date, days[i].feed), 0);
        assert_string_equal(plan_text(&world), days[i].plan);
        finish(&world);
    }
    const char *reason = doc_get_text(doc_at(doc_get(world.plan, "retire"), 0), "reason");
    assert_non_null(strstr(reason, "2026-03-02"));
    assert_string_equal(doc_get_text(doc_at(doc_get(world.plan, "retire"), 0), "acts_on"), "v1");

    /* Days alone are not enough: the second absence, long after. */
    AUTO(world_close) struct world other;
    world_open(&other);
    settled(&other, "A=one B=two");
    assert_int_equal(harvest(&other, "2026-03-02", "A=one"), 0);
    finish(&other);
    assert_int_equal(harvest(&other, "2026-05-02", "A=two"), 0);
    assert_string_equal(plan_text(&other), "away B; change A");
    finish(&other);
    assert_int_equal(harvest(&other, "2026-05-03", "A=one"), 0);
    assert_string_equal(plan_text(&other), "retire B; unchanged A");
}

static void flapping_begins_anew_and_is_told(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    world.rules.days = 0;
    settled(&world, "A=one B=two");
    assert_int_equal(harvest(&world, "2026-03-02", "A=one"), 0);
    finish(&world);
    assert_int_equal(harvest(&world, "2026-03-03", "A=two"), 0);
    finish(&world);
    assert_int_equal(harvest(&world, "2026-03-04", "A=one B=two"), 0);
    assert_string_equal(plan_text(&world), "flapping B; unchanged A B");
    finish(&world);
    assert_int_equal(harvest(&world, "2026-03-05", "A=one"), 0);
    assert_string_equal(plan_text(&world), "away B; flapping B; unchanged A");
    assert_int_equal(doc_get_int(doc_at(doc_get(world.plan, "away"), 0), "harvests", 0), 1);
}

static void a_fault_is_no_absence(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    world.rules = (struct harvest_rules){.absences = 1, .days = 0};
    settled(&world, "A=one B=two");
    assert_int_equal(harvest(&world, "2026-03-02", "A=one B!"), 0);
    assert_string_equal(plan_text(&world), "unchanged A");
    finish(&world);
    assert_int_equal(harvest(&world, "2026-03-03", "A=one"), 0);
    assert_string_equal(plan_text(&world), "retire B; unchanged A");
}

/* Half is taken; less than half is a fault of the feed, and nothing was counted. */
static void a_feed_that_shrinks_is_refused(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    settled(&world, "A=a B=b C=c D=d");
    AUTO(doc_free) struct doc *before = doc_copy(world.state);
    assert_int_equal(harvest(&world, "2026-03-02", "A=a"), ERR_FEED_SHRUNK);
    assert_int_equal(harvest(&world, "2026-03-02", ""), ERR_FEED_SHRUNK);
    assert_true(doc_equal(world.state, before));
    assert_int_equal(harvest(&world, "2026-03-02", "A=a B=b"), 0);
    finish(&world);
    world.rules.accept_shrink = true;
    assert_int_equal(harvest(&world, "2026-03-03", ""), 0);
    assert_string_equal(plan_text(&world), "away A B C D");
}

/* The same feed before it was carried out is counted once; afterwards it is another harvest. */
static void interrupted_harvests_go_on(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    world.rules = (struct harvest_rules){.absences = 2, .days = 0};
    settled(&world, "A=one B=two");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(harvest(&world, "2026-03-02", "A=one C=x"), 0);
        assert_string_equal(plan_text(&world), "away B; submit C; unchanged A");
    }
    finish(&world);
    assert_int_equal(doc_get_int(world.state, "harvests", 0), 2);
    assert_int_equal(harvest(&world, "2026-03-02", "A=one C=x"), 0);
    assert_string_equal(plan_text(&world), "retire B; submit C; unchanged A");
}

/* Only what came from this feed can vanish from it. */
static void entries_of_other_origin_stay(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    world.rules = (struct harvest_rules){.absences = 1, .days = 0};
    on_ledger(&world, "BY-HAND", "published", "x");
    settled(&world, "A=one");
    assert_int_equal(harvest(&world, "2026-03-02", "A=one"), 0);
    assert_string_equal(plan_text(&world), "unchanged A");
    on_ledger(&world, "A", "retired", "one");
    assert_int_equal(harvest(&world, "2026-03-03", "A=two"), 0);
    assert_string_equal(plan_text(&world), "blocked A:retired");
    on_ledger(&world, "A", "submitted", "one");
    world.rules.accept_shrink = true;
    assert_int_equal(harvest(&world, "2026-03-04", ""), 0);
    assert_string_equal(plan_text(&world), "blocked A:submitted");
}

/* What officers changed on the ledger stays, unless the feed changes that very member. */
static void changes_by_hand_stay(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    settled(&world, "A=one");
    struct doc *record = doc_copy(doc_get(world.entries, "A"));
    struct doc *entry = doc_copy(doc_get(record, "entry"));
    doc_set_text(entry, "manager", "by hand");
    doc_set_text(entry, "coverage", "by hand");
    doc_set(record, "entry", entry);
    doc_set(world.entries, "A", record);
    assert_int_equal(harvest(&world, "2026-03-02", "A=one B=x"), 0);
    assert_string_equal(plan_text(&world), "submit B; unchanged A");
    finish(&world);
    assert_int_equal(harvest(&world, "2026-03-03", "A=two"), 0);
    assert_string_equal(plan_text(&world), "change A");
    const struct doc *changed = doc_get(doc_at(doc_get(world.plan, "change"), 0), "entry");
    assert_string_equal(doc_get_text(changed, "name"), "two");
    assert_string_equal(doc_get_text(changed, "manager"), "by hand");
    assert_string_equal(doc_get_text(changed, "coverage"), "by hand");
}

static void whose_state_it_is(void **state)
{
    (void)state;
    AUTO(world_close) struct world world;
    world_open(&world);
    settled(&world, "A=one B=two");
    struct hash other = hash_sha256(view_of_text("another"));
    assert_int_equal(harvest_state_check(world.state, &other, MEMBER), ERR_HARVEST_STATE);
    assert_int_equal(harvest_state_check(world.state, &world.chain, "x"), ERR_HARVEST_STATE);
    assert_int_equal(harvest_state_check(NULL, &world.chain, MEMBER), ERR_HARVEST_STATE);
    AUTO(doc_free) struct doc *damaged = doc_copy(world.state);
    struct doc *datasets = doc_copy(doc_get(damaged, "datasets"));
    struct doc *dataset = doc_copy(doc_get(datasets, "A"));
    doc_set_int(dataset, "away", 1); /* since when? */
    doc_set(datasets, "A", dataset);
    doc_set(damaged, "datasets", datasets);
    assert_int_equal(harvest_state_check(damaged, &world.chain, MEMBER), ERR_HARVEST_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_changed_and_unchanged),
        cmocka_unit_test(retired_only_after_it_stayed_away),
        cmocka_unit_test(flapping_begins_anew_and_is_told),
        cmocka_unit_test(a_fault_is_no_absence),
        cmocka_unit_test(a_feed_that_shrinks_is_refused),
        cmocka_unit_test(interrupted_harvests_go_on),
        cmocka_unit_test(entries_of_other_origin_stay),
        cmocka_unit_test(changes_by_hand_stay),
        cmocka_unit_test(whose_state_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
