/* Milestones (C6): what obliges an agency to compile entries, or to update one.
 *
 *   milestone ──▶ open ──catalog.submit, change or retire names it──▶ met
 *                 ▲ └──its term is over──▶ open, overdue on record     │
 *                 └─ the last that was there, returned or withdrawn ───┘
 *
 * PT 11: 自业务批准或者信息系统验收通过之日起 10 个工作日内…完成公共数据目录编制. The term counts
 * from the day of the approval, not from the day it was reported. CN 10:
 * 资源目录要素内容发生调整或可共享的公共 数据出现变化时，应当在2个工作日内，进行资源目录的更新操作.
 * What the agency does itself meets it; how soon the center reviews is the center's term, and the
 * agency's stands meanwhile ("paused"). What is returned has compiled nothing: the days that were
 * left go on after the return, and are never fewer than PT 13 gives for the resubmission; what the
 * agency takes back itself wins it no day. A profile without the section has no term, and the
 * milestone is on record all the same.
 *
 * One milestone may bring several entries: the first meets it, all that are not returned are
 * listed.
 *
 * The milestone of a system whose entries are to be there before it is accepted names them
 * (acceptances.c). */
#include "base/errors.h"
#include "chain/rules/acceptances.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/upkeep.h"

#include <string.h>

#define MILESTONE_ENTRIES_LISTED 100

/* What a milestone of this kind obliges to: the term, and the profile's section of that name. */
static const char *duty_of(const struct doc *milestone)
{
    return doc_text_is(milestone, "kind", "change") ? "update" : "compile";
}

/* `before`: the acceptance of a system may be to come. */
static void check_milestone(struct rule_context *context, int64_t day, bool before)
{
    const char *entry = rule_body_text(context, "entry");
    const char *duty = rule_body_text(context, "duty");
    const char *member = context->tx->member;
    if (day > civil_day(context->time_ms) && !before) {
        rule_fault(context, ERR_DATE_FUTURE, "PT 11", "date");
    } else if (!acceptance_is_near(context, day)) {
        rule_fault(context, ERR_FIELD_RANGE, "CN 9, OPEN 23", "date");
    }
    if (doc_text_is(context->body, "kind", "change")) {
        const struct doc *record =
            entry == NULL ? NULL : state_getf(context->state, "entry/%s/%s", member, entry);
        if (entry == NULL) {
            rule_fault(context, ERR_FIELD_MISSING, "CN 10", "entry");
        } else if (!doc_text_is(record, "status", "published")) {
            rule_fault_record(context, record, "published", "CN 10", "entry");
        }
    } else if (entry != NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "PT 11", "entry");
    }
    if (!doc_text_is(context->body, "kind", "system") && doc_get(context->body, "system") != NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "PT 11, CN 9", "system");
    }
    if (duty != NULL &&
        !doc_text_is(state_getf(context->state, "duty/%s/%s", member, duty), "status", "active")) {
        rule_fault(context, ERR_SUBJECT, "CESI 5.3.1", "duty");
    }
}

/* The milestone that is recorded anew, or NULL: only one that waits for the acceptance of a system
 * is. */
static const struct doc *milestone_before(struct rule_context *context, const char *key)
{
    if (doc_get(context->body, "acts_on") == NULL) {
        if (state_get(context->state, key) != NULL) {
            rule_fault(context, ERR_DUPLICATE, "PT 11", "code");
        }
        return NULL;
    }
    const struct doc *before = rule_subject(context, key);
    if (before != NULL && (doc_get(before, "acceptance") == NULL ||
                           !doc_text_is(before, "status", "open"))) {
        rule_fault_record(context, before, "open", "CN 9, OPEN 23", "code");
        return NULL;
    }
    return before;
}

/* ---- catalog.milestone ---- */

static struct doc *milestone_new(struct rule_context *context, const struct doc *before,
                                 const struct doc *acceptance)
{
    struct doc *record = record_edit(context->body);
    doc_remove(record, "acts_on");
    doc_set_text(record, "provider", context->tx->member);
    doc_set_int(record, "recorded_ms", doc_get_int(before, "recorded_ms", context->time_ms));
    doc_set_text(record, "status", "open");
    acceptance_note_before(context, record, before);
    record_share(record, "acceptance", acceptance);
    record_share(record, "returned", doc_get(before, "returned"));
    record_share(record, "terms", doc_get(before, "terms"));
    static const char *const kept[] = {"entries", "system"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (doc_get(record, kept[i]) == NULL) {
            record_share(record, kept[i], doc_get(before, kept[i]));
        }
    }
    return record;
}

int catalog_milestone(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    int64_t day = 0;
    (void)civil_parse_date(&day, rule_body_text(context, "date")); /* the table checked it */
    record_key(key, "milestone/%s/%s", context->tx->member, rule_body_text(context, "code"));
    const struct doc *before = milestone_before(context, key);
    const struct doc *acceptance = acceptance_of(context, before);
    check_milestone(context, day, acceptance != NULL);
    int64_t since_ms = acceptance_check_entries(context, acceptance, before);
    if (before == NULL && doc_get(context->body, "reason") != NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "CN 9, OPEN 23", "reason");
    }
    if (before != NULL) {
        acceptance_check_anew(context, before);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = milestone_new(context, before, acceptance);
    const char *duty = duty_of(record);
    if (acceptance != NULL) {
        acceptance_begin(context, record, key, since_ms, civil_day_start(day + 1));
    } else {
        (void)term_start_from(context, record, key, duty, duty, civil_day_start(day));
    }
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

static struct doc *entries_with(const struct doc *listed, const char *code)
{
    struct doc *entries = doc_new_array();
    for (size_t i = 0; i < doc_count(listed); i++) {
        doc_push(entries, doc_ref(doc_at(listed, i)));
    }
    if (!doc_has_text(listed, code) && doc_count(listed) < MILESTONE_ENTRIES_LISTED) {
        doc_push_text(entries, code);
    }
    return entries;
}

int milestone_meet(struct rule_context *context, const char *name, bool update)
{
    char key[RECORD_KEY_BYTES];
    const char *code = rule_body_text(context, "code");
    if (name == NULL) {
        return 0;
    }
    record_key(key, "milestone/%s/%s", context->tx->member, name);
    const struct doc *milestone = record_current(context, key);
    const char *entry = doc_get_text(milestone, "entry");
    if (milestone == NULL || doc_text_is(milestone, "kind", "change") != update ||
        (entry != NULL && strcmp(entry, code) != 0)) {
        return rule_fault(context, ERR_SUBJECT, update ? "CN 10" : "PT 11", "milestone");
    }
    struct doc *record = record_edit(milestone);
    if (doc_text_is(milestone, "status", "open") && doc_get(milestone, "acceptance") == NULL) {
        doc_set_text(record, "status", "met");
        doc_set_int(record, "met_ms", context->time_ms);
        if (term_is_over(context, milestone, duty_of(milestone))) {
            doc_set_bool(record, "late", true);
        }
        term_pause(context, record, key, duty_of(record));
    }
    doc_set(record, "entries", entries_with(doc_get(milestone, "entries"), code));
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

/* ---- what is returned ---- */

static struct doc *entries_without(const struct doc *listed, const char *code)
{
    struct doc *entries = doc_new_array();
    for (size_t i = 0; i < doc_count(listed); i++) {
        if (strcmp(doc_text(doc_at(listed, i)), code) != 0) {
            doc_push(entries, doc_ref(doc_at(listed, i)));
        }
    }
    return entries;
}

/* PT 13: 应当在收到退回的公共数据目录之日起 3 个工作日内…重新提交: that long it has in any case. */
static void duty_goes_on(struct rule_context *context, struct doc *record, const char *key,
                         const struct doc *returned)
{
    const char *duty = duty_of(record);
    term_go_on(context, record, key, duty);
    const struct doc *left = term_get(record, duty), *again = term_get(returned, "resubmit");
    if (left != NULL && again != NULL && !doc_get_bool(left, "over", false) &&
        doc_get_int(left, "due_ms", 0) < doc_get_int(again, "due_ms", 0)) {
        (void)term_start_policy(context, record, key, duty, "resubmit");
    }
}

/* A change that was applied for after another had met the milestone is returned for itself. */
static bool is_of_another(const struct doc *milestone, const struct doc *returned)
{
    return doc_text_is(milestone, "kind", "change") &&
           doc_get_int(milestone, "met_ms", 0) != doc_get_int(returned, "submitted_ms", 0);
}

/* What the agency itself took back wins it no day: the term is as if it had run. */
static void owe_again(struct rule_context *context, struct doc *record, const char *key,
                      const struct doc *returned)
{
    if (doc_text_is(returned, "status", "withdrawn")) {
        term_put_back(context, record, key, duty_of(record));
    } else {
        doc_set_int(record, "returned", doc_get_int(record, "returned", 0) + 1);
        duty_goes_on(context, record, key, returned);
    }
}

void milestone_reopen(struct rule_context *context, const struct doc *returned)
{
    char key[RECORD_KEY_BYTES];
    const char *name = doc_get_text(returned, "milestone");
    if (name == NULL) {
        return;
    }
    record_key(key, "milestone/%s/%s", doc_get_text(returned, "provider"), name);
    const struct doc *milestone = record_current(context, key);
    if (is_of_another(milestone, returned)) {
        return;
    }
    struct doc *record = record_edit(milestone);
    struct doc *entries =
        entries_without(doc_get(milestone, "entries"), doc_get_text(returned, "code"));
    if (doc_text_is(milestone, "status", "met") && doc_count(entries) == 0) {
        doc_set_text(record, "status", "open");
        doc_remove(record, "met_ms");
        owe_again(context, record, key, returned);
    }
    doc_set(record, "entries", entries);
    record_stamp(context, record);
    state_put(context->state, key, record);
}
