/* Catalog entries (C1–C4, C7).
 *
 *   submit ──▶ submitted ──review: accept──▶ published ──(catalog_change.c)──▶ published, retired
 *                 ▲            └──return──▶ returned
 *                 └──────── submit, naming the returned version ────────┘
 *
 * The compile key submits, the center's review key reviews: never the same key (A2). A return
 * carries all its reasons at once, and undoes what the entry met (milestones.c). A review that is
 * overdue is on record and can still come. What an accepted entry obliges its agency to is in
 * collections.c and upkeep.c. */
#include "chain/rules/catalog.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/records.h"
#include "chain/rules/stems.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/upkeep.h"

#include <string.h>

/* ---- catalog.submit ---- */

/* Whether the term ran out before this; kept in the record, so that it can be listed (F4). */
static void note_late(struct rule_context *context, struct doc *target, const struct doc *record,
                      const char *term)
{
    if (term_is_over(context, record, term)) {
        doc_set_bool(target, "late", true);
    }
}

/* PT 13: the returned entry that is submitted again. NULL with a fault, or NULL for a new one. */
static const struct doc *returned_entry(struct rule_context *context, const char *key)
{
    const struct doc *before = state_get(context->state, key);
    if (before == NULL && doc_get(context->body, "acts_on") == NULL) {
        return NULL;
    }
    if (before != NULL && doc_get(context->body, "acts_on") == NULL) {
        rule_fault(context,
                   doc_text_is(before, "status", "returned") ? ERR_VERSION_STALE : ERR_DUPLICATE,
                   "PT 13", "code");
        return NULL;
    }
    before = rule_subject(context, key);
    if (before != NULL && !doc_text_is(before, "status", "returned")) {
        faults_note_may(context->faults, ERR_STATUS, "returned");
        rule_fault(context, ERR_STATUS, "PT 13", "code");
        return NULL;
    }
    return before;
}

/* The milestone that it is compiled for; resubmitted, that of before unless another is named. */
static const char *milestone_of(struct rule_context *context, const struct doc *returned)
{
    const char *named = rule_body_text(context, "milestone");
    return named != NULL ? named : doc_get_text(returned, "milestone");
}

static void entry_put(struct rule_context *context, const char *key, const struct doc *before,
                      const struct doc *ruling)
{
    struct doc *record = doc_new_object();
    record_share(record, "code", doc_get(context->body, "code"));
    doc_set_text(record, "compiled_by", context->tx->key_name);
    record_share(record, "entry", doc_get(context->body, "entry"));
    if (before != NULL) {
        note_late(context, record, before, "resubmit");
        if (doc_get_bool(before, "late", false)) {
            doc_set_bool(record, "late", true);
        }
        record_share(record, "first_submitted_ms", doc_get(before, "submitted_ms"));
    }
    if (milestone_of(context, before) != NULL) {
        doc_set_text(record, "milestone", milestone_of(context, before));
    }
    doc_set_text(record, "provider", context->tx->member);
    record_share(record, "ruling", ruling);
    doc_set_text(record, "status", "submitted");
    doc_set_int(record, "submitted_ms", context->time_ms);
    record_stamp(context, record);
    (void)term_start_policy(context, record, key, "review", "review");
    state_put(context->state, key, record);
}

int catalog_submit(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    const char *code = rule_body_text(context, "code");
    const struct doc *entry = doc_get(context->body, "entry");
    record_key(key, "entry/%s/%s", context->tx->member, code);
    AUTO(doc_free) struct doc *before = NULL;
    const struct doc *returned = returned_entry(context, key);
    AUTO(doc_free)
    struct doc *ruling = doc_ref(ruling_on(context, context->tx->member, returned, entry));
    entry_check(context, entry);
    if (ruling_check(context, ruling, entry) != 0) {
        return rule_failed(context);
    }
    if (returned != NULL) {
        before = doc_ref(returned);
        struct doc *stopped = record_edit(before);
        entry_unclaim(context, context->tx->member, doc_get(before, "entry"));
        term_stop(context, stopped, key, "resubmit");
        doc_free(&stopped);
    }
    if (entry_claim(context, entry, code) != 0 ||
        milestone_meet(context, milestone_of(context, before), false) != 0) {
        return rule_failed(context);
    }
    entry_put(context, key, before, ruling);
    /* CESI 5.3.1: every entry stems from a duty, be it published yet or not. */
    stem_move(context, context->tx->member, code, doc_get(before, "entry"),
              doc_get(context->body, "entry"));
    return 0;
}

/* PT 13: 应当在收到退回的公共数据目录之日起 3 个工作日内…重新提交. Overdue is put on record. */
void entry_resubmit_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    term_stop(context, record, subject, "resubmit");
    doc_set_bool(record, "late", true);
    state_put(context->state, subject, record);
    rule_act(context, doc_get_text(term, "clause"), subject, "resubmission-overdue");
}

/* ---- catalog.review ---- */

int catalog_review(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "entry/%s/%s", rule_body_text(context, "provider"),
               rule_body_text(context, "code"));
    const struct doc *entry = rule_subject(context, key);
    if (entry == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(entry, "status", "submitted")) {
        faults_note_may(context->faults, ERR_STATUS, "submitted");
        return rule_fault(context, ERR_STATUS, "PT 13", "code");
    }
    bool accept = doc_text_is(context->body, "decision", "accept");
    rule_check_reasons(context, !accept, "PT 13");
    if (accept) {
        entry_check_stems(context, doc_get_text(entry, "provider"), doc_get(entry, "entry"));
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *review = doc_new_object();
    doc_set_text(review, "by", context->tx->key_name);
    record_share(review, "decision", doc_get(context->body, "decision"));
    note_late(context, review, entry, "review");
    record_share(review, "reasons", doc_get(context->body, "reasons"));
    doc_set_int(review, "time_ms", context->time_ms);

    struct doc *record = record_edit(entry);
    doc_set(record, "review", review);
    term_stop(context, record, key, "review");
    doc_set_text(record, "status", accept ? "published" : "returned");
    if (accept) {
        doc_set_int(record, "since_ms", context->time_ms);
        resource_code_assign(context, record);
        ruling_follow(context, record);
    } else {
        (void)term_start_policy(context, record, key, "resubmit", "resubmit");
        milestone_reopen(context, record);
    }
    record_stamp(context, record);
    state_put(context->state, key, record);
    if (accept) {
        const char *provider = rule_body_text(context, "provider");
        const char *code = rule_body_text(context, "code");
        collection_begin(context, provider, code);
        if (rule_profile_at(context, "collect") == NULL) { /* else with the collection, PT 15 */
            refresh_owe(context, provider, code, doc_get_text(doc_get(record, "entry"), "update"));
        }
        yearly_begin(context, YEARLY_MAINTENANCE, provider);
        yearly_begin(context, YEARLY_EVALUATION, provider); /* OPEN 10: what is not open, too */
    }
    return 0;
}

/* ---- catalog.bind ---- */

static int check_bindings(struct rule_context *context, const struct doc *bindings)
{
    for (size_t i = 0; i < doc_count(bindings); i++) {
        const struct doc *binding = doc_at(bindings, i);
        for (size_t k = 0; k < i; k++) {
            const struct doc *other = doc_at(bindings, k);
            if (doc_text_is(other, "method", doc_get_text(binding, "method")) &&
                doc_text_is(other, "resource", doc_get_text(binding, "resource"))) {
                rule_fault(context, ERR_DUPLICATE, "C7", "bindings[%zu]", i);
                break;
            }
        }
    }
    return context->error;
}

int catalog_bind(struct rule_context *context)
{
    const char *code = rule_body_text(context, "code");
    const struct doc *entry = rule_subjectf(context, "entry/%s/%s", context->tx->member, code);
    if (entry == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(entry, "status", "published")) {
        faults_note_may(context->faults, ERR_STATUS, "published");
        return rule_fault(context, ERR_STATUS, "C7", "code");
    }
    if (check_bindings(context, doc_get(context->body, "bindings")) != 0) {
        return rule_failed(context);
    }
    struct doc *record = doc_new_object();
    record_share(record, "bindings", doc_get(context->body, "bindings"));
    record_share(record, "code", doc_get(context->body, "code"));
    record_share(record, "entry_version", doc_get(context->body, "acts_on"));
    doc_set_text(record, "provider", context->tx->member);
    doc_set_int(record, "since_ms", context->time_ms);
    record_stamp(context, record);
    state_putf(context->state, record, "binding/%s/%s", context->tx->member, code);
    return 0;
}
