/* Harvests day by day: feeds that flap, shrink and change, officers who change entries meanwhile.
 * Dates are literal. */
#include "check.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/cli/harvest.h"

#include <string.h>

#define MEMBER "11440000006940175Y"

/* What a test holds: the state, the ledger's records, and the feed of today. */
struct world {
    struct doc *state;
    struct doc *entries;
    struct doc *bodies, *identifiers, *refused;
    struct doc *plan;
    struct harvest_rules rules;
    struct hash chain;
};

static void world_open(struct world *world)
{
    *world = (struct world){.rules = {.absences = 3, .days = 14},
                            .chain = hash_sha256(view_of_text("chain"))};
    world->state = harvest_state_new(&world->chain, MEMBER);
    world->entries = doc_new_object();
}

static void world_close(struct world *world)
{
    doc_free(&world->state);
    doc_free(&world->entries);
    doc_free(&world->bodies);
    doc_free(&world->identifiers);
    doc_free(&world->refused);
    doc_free(&world->plan);
}

static struct doc *entry_of(const char *text)
{
    struct doc *entry = doc_new_object();
    doc_set_text(entry, "name", text);
    doc_set_text(entry, "manager", "same");
    return entry;
}

/* A feed: codes with the name of each, "A=one B=two"; with "!" it is at fault. */
static int harvest(struct world *world, const char *date, const char *feed)
{
    char line[256];
    int64_t day;
    doc_free(&world->bodies);
    doc_free(&world->identifiers);
    doc_free(&world->refused);
    doc_free(&world->plan);
    world->bodies = doc_new_array();
    world->identifiers = doc_new_array();
    world->refused = doc_new_array();
    assert_int_equal(civil_parse_date(&day, date), 0);
    world->rules.day = day;
    assert_true(strlen(feed) < sizeof line);
    strcpy(line, feed);
    size_t total = 0;
    for (char *at = line; *at != 0; total++) {
        char *end = at + strcspn(at, " ");
        char *next = *end == 0 ? end : end + 1;
        *end = 0;
        char *name = strchr(at, '=');
        struct doc *item = doc_new_object();
        if (name == NULL) {
            at[strlen(at) - 1] = 0; /* "!" */
            doc_set_text(item, "identifier", at);
            doc_push(world->refused, item);
        } else {
            *name = 0;
            doc_set_text(item, "code", at);
            doc_set(item, "entry", entry_of(name + 1));
            doc_push(world->bodies, item);
            doc_push_text(world->identifiers, at);
        }
        at = next;
    }
    const struct harvest_feed given = {.digest = hash_sha256(view_of_text(feed)),
                                       .total = total,
                                       .bodies = world->bodies,
                                       .identifiers = world->identifiers,
                                       .refused = world->refused};
    int error = harvest_note(world->state, &given, &world->rules);
    if (error == 0) {
        world->plan = harvest_plan(world->state, &given, world->entries, &world->rules);
    }
    return error;
}

static void finish(struct world *world)
{
    const struct harvest_feed given = {.bodies = world->bodies};
    harvest_begin(world->state, world->plan);
    harvest_finish(world->state, &given, world->plan);
    assert_int_equal(harvest_state_check(world->state, &world->chain, MEMBER), 0);
}

/* The ledger holds this. */
static void on_ledger(struct world *world, const char *code, const char *status, const char *name)
{
    struct doc *record = doc_new_object();
    doc_set_text(record, "code", code);
    doc_set_text(record, "status", status);
    doc_set_text(record, "version", "v1");
    doc_set(record, "entry", entry_of(name));
    doc_set(world->entries, code, record);
}

/* The plan as a line: "submit A B; retire C". Lists in the order of the alphabet. */
static const char *plan_text(struct world *world)
{
    static struct buf text;
    size_t cursor = 0;
    const char *list;
    const struct doc *items;
    buf_clear(&text);
    while (doc_next(world->plan, &cursor, &list, &items)) {
        buf_append_format(&text, "%s%s", doc_count(items) > 0 && text.len > 0 ? "; " : "",
                          doc_count(items) > 0 ? list : "");
        for (size_t i = 0; i < doc_count(items); i++) {
            const struct doc *item = doc_at(items, i);
            const char *code = doc_text(item) != NULL ? doc_text(item) : doc_get_text(item, "code");
            const char *why = doc_get_text(item, "why");
            buf_append_format(&text, " %s%s%s", code, why == NULL ? "" : ":",
                              why == NULL ? "" : why);
        }
    }
    return buf_text(&text);
}

static void settled(struct world *world, const char *feed)
{
    /* Two harvests: what was submitted is published in between. */
    assert_int_equal(harvest(world, "2026-03-01", feed), 0);
    for (size_t i = 0; i < doc_count(world->bodies); i++) {
        const struct doc *body = doc_at(world->bodies, i);
        on_ledger(world, doc_get_text(body, "code"), "published",
                  doc_get_text(doc_get(body, "entry"), "name"));
    }
    finish(world);
}

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
        cmocka_unit_test(back_while_its_deletion_is_applied_for),
        cmocka_unit_test(what_an_officer_applies_for_later_stands),
        cmocka_unit_test(a_deletion_returned_bars_no_other),
        cmocka_unit_test(a_fault_is_no_absence),
        cmocka_unit_test(a_feed_that_shrinks_is_refused),
        cmocka_unit_test(interrupted_harvests_go_on),
        cmocka_unit_test(entries_of_other_origin_stay),
        cmocka_unit_test(changes_by_hand_stay),
        cmocka_unit_test(applications_under_way),
        cmocka_unit_test(whose_state_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
