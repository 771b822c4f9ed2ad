/* The policy profile in time (A3). The center publishes one with the day from which it is in force;
 * nothing works backwards, and a running term keeps the number and the consequence it began with.
 *
 *   profile                     the one in force: {"profile","since_ms","past","version"}; and
 *                               "passed_ms", the last day since on which a withdrawn one would
 *                               have begun
 *   profile/<%016x from_ms>     every one there was and will be: {"profile","from_ms","version"},
 *                               with "withdrawn", the reason, where it will not be after all;
 *                               one that was in force is never changed or deleted
 *
 *   published ──▶ to come ──its day begins (Beijing)──▶ in force ──the next one──▶ was in force
 *                   ├ the same day published again: replaced, and told of in "replaced"
 *                   └ withdrawn
 *
 * "past" {"<section>": since_ms} names, for each section that the profile lacks, the last one that
 * had it: what began under it ends by it (rule_profile_running). Nothing new begins by it.
 *
 * What a profile decided says from when that profile was: "profile_ms" of a record, and of a term.
 * So a decision can be judged years later by what was in force then. */
#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <inttypes.h>
#include <string.h>

#define REPLACED_MAX 16 /* of a day that a record tells of, the newest */

/* Where each section is found that this profile lacks, and one before it had. */
static struct doc *sections_past(const struct doc *before, const struct doc *profile)
{
    struct doc *past = doc_new_object();
    size_t cursor = 0;
    const char *name;
    const struct doc *value, *earlier = doc_get(before, "past"), *last = doc_get(before, "profile");
    while (earlier != NULL && doc_next(earlier, &cursor, &name, &value)) {
        record_share(past, name, doc_get(profile, name) == NULL ? value : NULL);
    }
    cursor = 0;
    while (last != NULL && doc_next(last, &cursor, &name, &value)) {
        record_share(past, name,
                     doc_get(profile, name) == NULL ? doc_get(before, "since_ms") : NULL);
    }
    return past;
}

static void put_in_force(struct rule_context *context, const struct doc *dated)
{
    struct doc *record = doc_new_object();
    doc_set(record, "past",
            sections_past(state_get(context->state, "profile"), doc_get(dated, "profile")));
    record_share(record, "profile", doc_get(dated, "profile"));
    record_share(record, "since_ms", doc_get(dated, "from_ms"));
    record_share(record, "version", doc_get(dated, "version"));
    state_put(context->state, "profile", record);
}

/* When it comes into force: when that day begins, at once (*now) if it has. A second one of the
 * same block counts from a millisecond later, so that each has a name of its own. */
static int read_from(struct rule_context *context, int64_t *from_ms, bool *now)
{
    const char *text = rule_body_text(context, "from");
    int64_t day = civil_day(context->time_ms);
    int64_t since_ms = doc_get_int(state_get(context->state, "profile"), "since_ms", 0);
    *now = true;
    *from_ms = since_ms < context->time_ms ? context->time_ms : since_ms + 1;
    if (text == NULL) {
        return 0;
    }
    if (civil_parse_date(&day, text) != 0 || day < civil_day(context->time_ms)) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, civil_day(context->time_ms), FAULT_OPEN);
        return rule_fault(context, ERR_FIELD_RANGE, "PT 11", "from"); /* nothing works backwards */
    }
    if (civil_day_start(day) > context->time_ms) {
        *now = false;
        *from_ms = civil_day_start(day);
    }
    return 0;
}

/* What was to begin on that day before, the newest last: it was announced, and lists tell of it. */
static void keep_replaced(struct doc *record, const struct doc *before)
{
    static const char *const named[] = {"name", "source"};
    const struct doc *earlier = doc_get(before, "replaced");
    struct doc *list = doc_new_array(), *one = doc_new_object(), *profile = doc_new_object();
    for (size_t i = doc_count(earlier) == REPLACED_MAX; i < doc_count(earlier); i++) {
        doc_push(list, doc_ref(doc_at(earlier, i)));
    }
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        record_share(profile, named[i], doc_get(doc_get(before, "profile"), named[i]));
    }
    doc_set(one, "profile", profile);
    record_share(one, "version", doc_get(before, "version"));
    record_share(one, "withdrawn", doc_get(before, "withdrawn"));
    doc_push(list, one);
    doc_set(record, "replaced", list);
}

int profile_publish(struct rule_context *context)
{
    const struct doc *profile = doc_get(context->body, "profile");
    char key[RECORD_KEY_BYTES];
    int64_t from_ms;
    bool now;
    int error = rules_check_profile(context->faults, profile, "profile");
    int from_error = read_from(context, &from_ms, &now);
    if (rule_subject(context, "profile") == NULL) {
        return rule_failed(context);
    }
    record_key(key, "profile/%016" PRIx64, record_instant(from_ms));
    struct doc *record = doc_new_object();
    doc_set_int(record, "from_ms", from_ms);
    record_share(record, "profile", profile);
    record_stamp(context, record);
    const struct doc *before = state_get(context->state, key);
    if (before != NULL) {
        keep_replaced(record, before);
    }
    if (now) {
        put_in_force(context, record);
    }
    state_put(context->state, key, record);
    return error != 0 ? error : from_error;
}

static bool is_withdrawn(const struct doc *dated)
{
    return doc_get(dated, "withdrawn") != NULL;
}

/* Only what was never in force: nothing was decided by it. It stays on record, with the reason. */
int profile_withdraw(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    int64_t day = 0;
    (void)civil_parse_date(&day, rule_body_text(context, "from")); /* the table checked it */
    record_key(key, "profile/%016" PRIx64, record_instant(civil_day_start(day)));
    const struct doc *before = rule_subject(context, key);
    if (before == NULL) {
        return rule_failed(context);
    }
    if (is_withdrawn(before)) {
        return rule_fault_status(context, "withdrawn", "", "PT 11", "from");
    }
    if (civil_day_start(day) <= context->time_ms) {
        return rule_fault_status(context, "in-force", "", "PT 11", "from");
    }
    struct doc *record = record_edit(before);
    record_share(record, "withdrawn", doc_get(context->body, "reason"));
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

/* What was withdrawn is looked at once, when its day has begun, and by no later block. */
static void note_passed(struct rule_context *context, int64_t passed_ms)
{
    struct doc *record = record_edit(state_get(context->state, "profile"));
    doc_set_int(record, "passed_ms", passed_ms);
    state_put(context->state, "profile", record);
}

void rules_sweep_profile(struct rule_context *context)
{
    const struct doc *now = state_get(context->state, "profile");
    int64_t passed_ms = doc_get_int(now, "passed_ms", doc_get_int(now, "since_ms", 0));
    int64_t withdrawn_ms = passed_ms;
    char key[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES], limit[RECORD_KEY_BYTES];
    record_key(after, "profile/%016" PRIx64, record_instant(passed_ms));
    record_key(limit, "profile/%016" PRIx64, record_instant(context->time_ms));
    char begun[RECORD_KEY_BYTES] = "";
    while (state_next(context->state, key, "profile/", after) && strcmp(key, limit) <= 0) {
        const struct doc *dated = state_get(context->state, key);
        if (is_withdrawn(dated)) {
            withdrawn_ms = doc_get_int(dated, "from_ms", passed_ms);
        } else {
            memcpy(begun, key, sizeof begun);
        }
        memcpy(after, key, sizeof after);
    }
    if (begun[0] != 0) {
        AUTO(doc_free) struct doc *dated = doc_ref(state_get(context->state, begun));
        put_in_force(context, dated);
        rule_act_at(context, "PT 11", begun, "profile-in-force", doc_get_int(dated, "from_ms", 0));
    }
    if (withdrawn_ms > passed_ms &&
        withdrawn_ms > doc_get_int(state_get(context->state, "profile"), "since_ms", 0)) {
        note_passed(context, withdrawn_ms);
    }
}
