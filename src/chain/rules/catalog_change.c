/* Change and deletion of catalog entries (C5, PT 14).
 *
 *   catalog.change, catalog.retire ──▶ applied ──assess: accept──▶ accepted: the entry changes
 *                                        │        └──return──▶ returned
 *                                        └──catalog.withdraw──▶ withdrawn, also while consulting
 *
 * The application lists the live grants it affects (affected.c). While there are any, it takes
 * effect only with the digest of an adjustment plan: one that all concerned have formed where the
 * profile says how (plans.c), else brought by the provider or named in the assessment. What the
 * plan does to the grants is in adjustments.c. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/adjustments.h"
#include "chain/rules/asked.h"
#include "chain/rules/catalog.h"
#include "chain/rules/listings.h"
#include "chain/rules/records.h"
#include "chain/rules/stems.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/upkeep.h"

#include <string.h>

/* ---- the application ---- */

/* The grants that it affects, and what is asked for; "…_more" tells that there may be further ones.
 */
static void list_affected(struct rule_context *context, struct doc *record)
{
    bool more;
    doc_set(record, "grants", grants_affected(context, record, &more));
    if (more) {
        doc_set_bool(record, "grants_more", true);
    }
    doc_set(record, "asked", asked_affected(context, record, context->time_ms, &more));
    if (more) {
        doc_set_bool(record, "asked_more", true);
    }
}

static int change_put(struct rule_context *context, const char *kind, const struct doc *entry)
{
    char key[RECORD_KEY_BYTES];
    const char *code = rule_body_text(context, "code");
    record_key(key, "change/%s/%s", context->tx->member, code);
    const struct doc *before = state_get(context->state, key);
    if (doc_text_is(before, "status", "applied") || doc_text_is(before, "status", "consulting") ||
        doc_text_is(before, "status", "adjusting")) {
        return rule_fault_record(context, before, "", "PT 14", "code"); /* one at a time */
    }
    if (milestone_meet(context, rule_body_text(context, "milestone"), true) != 0) {
        return rule_failed(context);
    }
    struct doc *record = doc_new_object();
    record_share(record, "acts_on", doc_get(context->body, "acts_on"));
    doc_set_text(record, "application", context->txid);
    record_share(record, "code", doc_get(context->body, "code"));
    record_share(record, "entry", doc_get(context->body, "entry"));
    doc_set_text(record, "kind", kind);
    record_share(record, "milestone", doc_get(context->body, "milestone"));
    record_share(record, "plan", doc_get(context->body, "plan"));
    doc_set_text(record, "provider", context->tx->member);
    record_share(record, "reason", doc_get(context->body, "reason"));
    doc_set_text(record, "status", "applied");
    doc_set_int(record, "submitted_ms", context->time_ms);
    doc_set(record, "touches", change_touches(entry, doc_get(context->body, "entry")));
    list_affected(context, record);
    refused_let_go(context, context->tx->member, code);
    record_stamp(context, record);
    (void)term_start_policy(context, record, key, "assess", "assess");
    state_put(context->state, key, record);
    return 0;
}

static const struct doc *published_entry(struct rule_context *context)
{
    const struct doc *entry =
        rule_subjectf(context, "entry/%s/%s", context->tx->member, rule_body_text(context, "code"));
    if (entry != NULL && !doc_text_is(entry, "status", "published")) {
        faults_note_may(context->faults, ERR_STATUS, "published");
        rule_fault(context, ERR_STATUS, "PT 14", "code");
        return NULL;
    }
    return entry;
}

int catalog_change(struct rule_context *context)
{
    const struct doc *content = doc_get(context->body, "entry");
    const char *code = rule_body_text(context, "code");
    const struct doc *entry = published_entry(context);
    if (entry == NULL) {
        return rule_failed(context);
    }
    entry_check(context, content);
    ruling_check(context, ruling_on(context, context->tx->member, entry, content), content);
    listing_allows(context, context->tx->member, code, content);
    if (doc_equal(content, doc_get(entry, "entry"))) {
        rule_fault(context, ERR_DUPLICATE, "PT 14", "entry"); /* nothing to assess */
    }
    if (context->error != 0 || entry_claim(context, content, code) != 0) {
        return rule_failed(context);
    }
    return change_put(context, "change", entry);
}

int catalog_retire(struct rule_context *context)
{
    const struct doc *entry = published_entry(context);
    return entry == NULL ? rule_failed(context) : change_put(context, "retire", entry);
}

/* ---- catalog.assess ---- */

/* Releases the name of the content that no longer counts, unless both have the same. */
static void unclaim_other(struct rule_context *context, const char *provider,
                          const struct doc *gone, const struct doc *stays)
{
    struct hash a, b;
    entry_digest(&a, provider, gone);
    entry_digest(&b, provider, stays);
    if (!hash_equal(&a, &b)) {
        entry_unclaim(context, provider, gone);
    }
}

/* What the changed, or retired, entry obliges its agency to. */
static void follow_change(struct rule_context *context, const struct doc *change,
                          const struct doc *before)
{
    const char *provider = doc_get_text(change, "provider");
    const char *code = doc_get_text(change, "code");
    const struct doc *content = doc_get(change, "entry");
    if (content == NULL) {
        collection_end(context, provider, code);
        refresh_follow(context, provider, code, NULL);
        listing_follow(context, provider, code, "static");
        return;
    }
    listing_follow(context, provider, code, doc_get_text(content, "update"));
    if (!doc_equal(doc_get(content, "items"), doc_get(before, "items"))) {
        collection_renew(context, provider, code);
    }
    refresh_follow(context, provider, code, doc_get_text(content, "update"));
}

static void entry_apply_change(struct rule_context *context, const struct doc *change,
                               const struct doc *entry)
{
    const char *provider = doc_get_text(change, "provider");
    struct doc *record = record_edit(entry);
    follow_change(context, change, doc_get(entry, "entry"));
    stem_move(context, provider, doc_get_text(change, "code"), doc_get(entry, "entry"),
              doc_get(change, "entry"));
    if (doc_text_is(change, "kind", "change")) {
        const struct doc *content = doc_get(change, "entry");
        unclaim_other(context, provider, doc_get(entry, "entry"), content);
        record_share(record, "ruling", ruling_on(context, provider, entry, content));
        record_share(record, "entry", content);
        ruling_follow(context, record);
        doc_set_int(record, "changed_ms", context->time_ms);
        resource_code_assign(context, record);
    } else {
        entry_unclaim(context, provider, doc_get(entry, "entry"));
        doc_set_text(record, "status", "retired");
        doc_set_int(record, "retired_ms", context->time_ms);
    }
    record_stamp(context, record);
    state_putf(context->state, record, "entry/%s/%s", provider, doc_get_text(change, "code"));
}

/* PT 14: 形成目录调整方案后予以实施. Of more live grants than can be looked at here one is taken to
 * be affected. */
static int check_plan(struct rule_context *context, const struct doc *change)
{
    bool more;
    AUTO(doc_free) struct doc *grants = grants_affected(context, change, &more);
    if (doc_count(grants) == 0 && !more) {
        return 0;
    }
    if (doc_text_is(change, "status", "consulting")) {
        return plan_check_formed(context, change, grants, more);
    }
    bool named = doc_get(change, "plan") != NULL || doc_get(context->body, "plan") != NULL;
    return named && rule_profile_at(context, "plan") == NULL
               ? 0
               : rule_fault(context, ERR_PLAN, "PT 14", "plan");
}

/* PT 20: what was asked for before it was applied for is answered, not deleted. */
static int check_decided(struct rule_context *context, const struct doc *change)
{
    bool more;
    AUTO(doc_free)
    struct doc *asked =
        asked_affected(context, change, doc_get_int(change, "submitted_ms", 0), &more);
    if (doc_count(asked) > 0 || more) {
        return rule_fault(context, ERR_UNDECIDED, "PT 14, PT 20", "%s",
                          doc_count(asked) == 0 ? "code" : doc_text(doc_at(asked, 0)));
    }
    char name[RECORD_KEY_BYTES];
    return refused_affected(context, name, change) == NULL
               ? 0
               : rule_fault(context, ERR_UNDECIDED, "PT 14, PT 24", "%s", name);
}

/* Of the body alone: what is accepted may have reasons. */
void change_check_assess(struct rule_context *context)
{
    static const char *const of_acceptance[] = {"plan", "plan_date"};
    bool returned = doc_text_is(context->body, "decision", "return");
    if (returned) {
        rule_check_reasons(context, true, "PT 14");
    }
    for (size_t i = 0; returned && i < sizeof of_acceptance / sizeof *of_acceptance; i++) {
        if (doc_get(context->body, of_acceptance[i]) != NULL) {
            rule_fault(context, ERR_FIELD_UNKNOWN, "PT 14", "%s", of_acceptance[i]);
        }
    }
}

/* A plan that is carried out over an objection, or without having heard all, has the reasons for
 * that (plans.c); whatever else is accepted has none. */
static void check_no_reasons(struct rule_context *context, const struct doc *change)
{
    if (doc_get_int(change, "objections", 0) == 0 && doc_count(doc_get(change, "cut_short")) == 0) {
        rule_check_reasons(context, false, "PT 14");
    }
}

/* Accepting: the entry is still the one that the application was about, and nobody's service is
 * cut without a plan. */
static void accept_change(struct rule_context *context, const struct doc *change)
{
    const char *provider = doc_get_text(change, "provider");
    const char *code = doc_get_text(change, "code");
    const struct doc *entry = state_getf(context->state, "entry/%s/%s", provider, code);
    if (!doc_text_is(entry, "version", doc_get_text(change, "acts_on"))) {
        rule_fault(context, ERR_VERSION_STALE, "PT 14", "code");
        return;
    }
    check_decided(context, change);
    check_plan(context, change);
    /* What was retired, listed, or ruled, since the application counts too. */
    const struct doc *content = doc_get(change, "entry");
    if (content != NULL) {
        entry_check_stems(context, provider, content);
        listing_allows(context, provider, code, content);
        ruling_check(context, ruling_on(context, provider, entry, content), content);
    }
    if (context->error == 0) { /* as long as a plan is consulted on it may come to need them */
        check_no_reasons(context, change);
    }
    if (context->error == 0) {
        entry_apply_change(context, change, entry);
    }
}

/* Whether it waits for its assessment. */
static bool is_under_way(const struct doc *change)
{
    return doc_text_is(change, "status", "applied") || doc_text_is(change, "status", "consulting");
}

static int fault_over(struct rule_context *context)
{
    faults_note_may(context->faults, ERR_STATUS, "applied");
    faults_note_may(context->faults, ERR_STATUS, "consulting");
    return rule_fault(context, ERR_STATUS, "PT 14", "code");
}

/* The editable record waits no more: its terms end. */
static void stop_waiting(struct rule_context *context, struct doc *record, const char *key,
                         const char *status)
{
    doc_set_text(record, "status", status);
    term_stop(context, record, key, "adjustment-notice");
    term_stop_late(context, record, key, "assess");
    term_stop(context, record, key, "consult");
    doc_remove(record, "told_after");
}

/* The entry stays as it was: the name that other content claimed is free again, and the milestone
 * that was met by the application is open. */
static void leave_entry(struct rule_context *context, const struct doc *change)
{
    const char *provider = doc_get_text(change, "provider");
    if (doc_text_is(change, "kind", "change")) {
        const struct doc *entry =
            state_getf(context->state, "entry/%s/%s", provider, doc_get_text(change, "code"));
        unclaim_other(context, provider, doc_get(change, "entry"), doc_get(entry, "entry"));
    }
    milestone_reopen(context, change);
}

int catalog_assess(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "change/%s/%s", rule_body_text(context, "provider"),
               rule_body_text(context, "code"));
    const struct doc *change = rule_subject(context, key);
    if (change == NULL) {
        return rule_failed(context);
    }
    if (!is_under_way(change)) {
        return fault_over(context);
    }
    bool accept = doc_text_is(context->body, "decision", "accept");
    if (accept) {
        accept_change(context, change);
    } else {
        change_check_assess(context);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(change);
    doc_set_text(record, "assessed_by", context->tx->key_name);
    doc_set_int(record, "assessed_ms", context->time_ms);
    record_share(record, "plan", doc_get(context->body, "plan"));
    record_share(record, "reasons", doc_get(context->body, "reasons"));
    stop_waiting(context, record, key, accept ? "accepted" : "returned");
    if (!accept) {
        leave_entry(context, record);
    }
    if (accept && adjustment_begin(context, record, key) != 0) {
        doc_free(&record);
        return rule_failed(context);
    }
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

/* ---- catalog.withdraw ---- */

/* PT 14 has whoever may apply for a change or deletion; so that agency takes it back too, as long
 * as it is not decided. Who waited for it goes on: nothing reads a record that is withdrawn. */
int catalog_withdraw(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "change/%s/%s", context->tx->member, rule_body_text(context, "code"));
    const struct doc *change = rule_subject(context, key);
    if (change == NULL) {
        return rule_failed(context);
    }
    if (!is_under_way(change)) {
        return fault_over(context);
    }
    struct doc *record = record_edit(change);
    record_share(record, "withdraw_reason", doc_get(context->body, "reason"));
    doc_set_int(record, "withdrawn_ms", context->time_ms);
    stop_waiting(context, record, key, "withdrawn");
    leave_entry(context, record);
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}
