/* Random walks over the rules (rules_walk.h).
 *
 *   test_rules_walk [SEEDS [FIRST]]     so many walks, from this seed on */
#include "rules_walk.h"

#include <stdlib.h>

#define LAW "'grounds':{'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"

/* Days of an answer, what comes of silence, and how an agency says yes and no: PT 20, CN 17,
 * OPEN 19. */
#define OF_PUTUO                                                                                   \
    .profile = "putuo", .answer_days = 5, .silence = "deemed-approved",                            \
    .approval = "'decision':'approve'", .refusal = "'decision':'refuse'," LAW
#define OF_CHANGNING                                                                               \
    .profile = "changning", .answer_days = 10, .silence = "escalated", .approval = APPROVED,       \
    .refusal = "'decision':'refuse'," LAW
#define OF_SHANGHAI                                                                                \
    .profile = "shanghai-open", .answer_days = 10, .silence = "escalated", .approval = APPROVED,   \
    .refusal = "'decision':'refuse','grounds':{'reasons':['材料不实'],'complete':true}"

/* Into a year whose calendar is to come, or within 2026. */
#define OVER_NEW_YEAR                                                                              \
    .begins = "2026-12-14T10:00:00+08:00", .ends = "2027-04-30T00:00:00+08:00",                    \
    .until = "2027-09-30"
#define WITHIN(day)                                                                                \
    .begins = "2026-" day "T10:00:00+08:00", .ends = "2026-12-01T00:00:00+08:00",                  \
    .until = "2026-12-31"

static const struct walk_setting settings[] = {
    {OF_PUTUO, OVER_NEW_YEAR, .plans = true},
    {OF_CHANGNING, OVER_NEW_YEAR, .plans = true},
    {OF_SHANGHAI, WITHIN("01-26")},
    {OF_PUTUO, WITHIN("01-26"), .plans = true, .calm = true, .known = true},
    {OF_CHANGNING, WITHIN("09-07"), .calm = true, .known = true},
    {OF_SHANGHAI, WITHIN("04-13"), .calm = true, .known = true},
    {OF_PUTUO, OVER_NEW_YEAR, .calm = true},
    {OF_CHANGNING, OVER_NEW_YEAR, .calm = true},
};

/* ---- time ---- */

#define HOUR_MS (INT64_C(3600) * 1000)

/* To the next block: mostly hours later, at times when a day ends, or just before; or as long
 * after a gap. */
static void pass_time(struct walk *walk)
{
    struct ledger *ledger = walk->ledger;
    int64_t midnight_ms = civil_day_start(civil_day(ledger->time_ms) + 1);
    int64_t to_ms = ledger->time_ms + HOUR_MS * (1 + walk_any(walk, 20));
    unsigned dice = walk_any(walk, 12);
    walk->before_ms = ledger->time_ms;
    if (dice < 4) {
        to_ms = ledger->time_ms + 1 + walk_any(walk, (unsigned)(5 * HOUR_MS));
    } else if (dice == 4) {
        to_ms = midnight_ms;
    } else if (dice == 5 && midnight_ms - 1 > ledger->time_ms) {
        to_ms = midnight_ms - 1;
    } else if (dice == 6 && walk->gaps < WALK_GAPS) {
        char time[CIVIL_TIME_CHARS];
        to_ms = ledger->time_ms + HOUR_MS * (2 + walk_any(walk, 30));
        walk->gap[walk->gaps][0] = ledger->time_ms;
        walk->gap[walk->gaps++][1] = to_ms;
        civil_format_time(time, to_ms);
        ledger_after_gap(ledger, time);
        return;
    }
    ledger_at_ms(ledger, to_ms);
}

/* ---- a walk ---- */

static void begin(struct walk *walk, uint64_t seed)
{
    *walk = (struct walk){.setting = &settings[seed % COUNT_OF(settings)], .seed = seed};
    walk->random = seed;
    walk->ledger = ledger_open(walk->setting->profile);
    ledger_at(walk->ledger, walk->setting->begins);
    ledger_give_entry(walk->ledger, "E1", "authorised");
    ledger_give_entry(walk->ledger, "E2", "authorised");
    if (walk->setting->plans) {
        assert_int_equal(ledger_policy(walk->ledger, "plan", "{'days':5,'clause':'PT 14'}"), 0);
        assert_int_equal(ledger_policy(walk->ledger, "assess", "{'days':1,'clause':'PT 14'}"), 0);
        assert_int_equal(ledger_policy(walk->ledger, "update", "{'days':2,'clause':'CN 10'}"), 0);
    }
}

/* Everybody may act again, and knows the year: nothing that ends by silence is left after two
 * months. */
static void bring_to_its_end(struct walk *walk)
{
    for (size_t i = 0; i < COUNT_OF(walk_agencies); i++) {
        static const char *const keys[] = {"approve", "compile"};
        (void)walk_on_member(walk, "member.restore", walk_agencies[i]);
        for (size_t k = 0; k < COUNT_OF(keys); k++) {
            (void)key_step(walk->ledger, CENTER "/admin", "key.restore", walk_agencies[i], keys[k]);
        }
    }
    (void)walk_publish(walk);
    for (int day = 0; day < 60; day++) {
        walk->before_ms = walk->ledger->time_ms;
        ledger_at_ms(walk->ledger, walk->ledger->time_ms + DAY_MS);
        walk_judge(walk);
    }
    walk_check(walk);
    for (size_t i = 0; i < walk->requests.count && i < WALK_IDS; i++) {
        if (doc_text_is(ledger_get(walk->ledger, "request/%s", walk->requests.id[i]), "status",
                        "pending")) {
            walk_wrong(walk, "waits for an answer for ever: request/%s", walk->requests.id[i]);
        }
    }
}

static void walk_along(struct walk *walk, struct walk_taken *taken)
{
    int64_t ends_ms = at(walk->setting->ends);
    for (; walk->step < WALK_STEPS && walk->ledger->time_ms < ends_ms; walk->step++) {
        walk_do_any(walk, taken);
        if (walk_any(walk, 5) == 0) {
            pass_time(walk);
            walk_judge(walk);
            walk_check(walk);
        }
    }
    bring_to_its_end(walk);
    ledger_close(&walk->ledger);
}

/* ---- the test ---- */

struct seeds {
    uint64_t first, count;
};

static void no_walk_comes_to_what_may_not_be(void **state)
{
    const struct seeds *seeds = *state;
    struct walk_taken taken = {0};
    for (uint64_t i = 0; i < seeds->count; i++) {
        struct walk walk;
        begin(&walk, seeds->first + i);
        walk_along(&walk, &taken);
    }
    for (size_t i = 0; i < COUNT_OF(walk_choices); i++) {
        print_message("%s: %zu\n", walk_choices[i].name, taken.of[i]);
        if (seeds->count >= 2 * COUNT_OF(settings) && taken.of[i] == 0) {
            fail_msg("nothing was ever taken of: %s", walk_choices[i].name);
        }
    }
}

int main(int argc, char **argv)
{
    struct seeds seeds = {.first = 1, .count = 3 * COUNT_OF(settings)};
    if (argc > 1) {
        seeds.count = strtoull(argv[1], NULL, 10);
    }
    if (argc > 2) {
        seeds.first = strtoull(argv[2], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(no_walk_comes_to_what_may_not_be, &seeds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
