/* A random walk over the rules: agencies, center and supervisor do what comes to mind, most of
 * which is refused, over some months in which holidays, suspensions, outages and a new calendar
 * fall.
 *
 *   rules_walk_acts.c    what they do
 *   rules_walk_check.c   what no state may show, whatever was done, looked for as it goes on
 *   rules_walk_ends.c    where terms end, by a count of its own
 *
 * A walk follows from its seed alone. Include once a program. */
#ifndef DIRCHAIN_TESTS_RULES_WALK_H
#define DIRCHAIN_TESTS_RULES_WALK_H

#include "rules_fixture.h"

#include "key_steps.h"

#include "base/civil.h"

#include <inttypes.h>

/* Where a walk takes place: seeds take turns. */
struct walk_setting {
    const char *profile;
    const char *begins, *ends; /* none goes on beyond */
    const char *until;         /* to which requests ask for data */
    int answer_days;           /* of an agency, working days (PT 20, CN 17, OPEN 19) */
    const char *silence;       /* what comes of their end */
    const char *approval, *refusal;
    bool plans;  /* changes are assessed and planned for (PT 14), all of them */
    bool calm;   /* nobody is suspended: no end is before where the count has it */
    bool known;  /* nor after, to the block: all its years have their calendars */
};

#define WALK_STEPS 1200
#define WALK_IDS 40
#define WALK_GAPS 200
#define WALK_ID_CHARS (2 * HASH_BYTES)

/* The latest of what somebody began. */
struct walk_ids {
    char id[WALK_IDS][WALK_ID_CHARS + 1];
    size_t count; /* all that there were */
};

struct walk {
    const struct walk_setting *setting;
    struct ledger *ledger;
    uint64_t seed, random;
    unsigned step;
    struct walk_ids requests, disputes, needs, orders;
    unsigned milestones;
    int64_t gap[WALK_GAPS][2]; /* without blocks: from the last before to the first after */
    size_t gaps;
    int64_t before_ms; /* of the block before the last */
    size_t judged;     /* acts of the ledger looked at so far */
};

/* Fails with what is wrong, and which walk shows it. */
__attribute__((format(printf, 2, 3))) static void walk_wrong(const struct walk *walk,
                                                             const char *format, ...)
{
    char time[CIVIL_TIME_CHARS], what[400];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    civil_format_time(time, walk->ledger->time_ms);
    fail_msg("%s\nseed %" PRIu64 ", step %u, %s, %s (alone: scripts/walk 1 %" PRIu64 ")", what,
             walk->seed, walk->step, walk->setting->profile, time, walk->seed);
}

/* 0 … n-1. */
static unsigned walk_any(struct walk *walk, unsigned n)
{
    return (unsigned)(check_random(&walk->random) % n);
}

#include "rules_walk_acts.c"

#include "rules_walk_check.c"

#include "rules_walk_ends.c"

#endif
