/* Notices (D12, OPEN 31, PT 31): somebody's rights are said to be hurt, or data to be at risk.
 *
 *   filed ──held──▶ verifying ──resolved: restore, reprocess──▶ resolved
 *     │                  └──────resolved: withdraw──▶ withdrawn ──restore, reprocess──▶ resolved
 *     └──────────────────── the same, had it never been held
 *
 *   resolved, items masked ──lift──▶ resolved, those items in plain again
 *
 * A notice of a rights holder comes through the center or to the provider; the ledger holds the
 * digest of its papers and no person's name. It is about an entry, all of whose grants it holds
 * (halt/<provider>/<entry>, bars.h), or about one grant (its hold "notice.<txid>", holds.c). Who
 * held, the center or, where the profile lets it (notices.by_provider), the provider, settles it;
 * the center may settle either's. What is withdrawn stays away from all, or from the user of that
 * grant, until it is given again; what is masked stays masked for that user until whoever settled
 * it, or the center, lifts it. */
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/bars.h"
#include "chain/rules/grants.h"
#include "chain/rules/matters.h"
#include "chain/rules/requests.h"
#include "chain/rules/risks.h"
#include "chain/rules/tables.h"

#include <stdio.h>
#include <string.h>

#define HALTS_MAX 64
#define HOLD_NAME_CHARS (sizeof "notice." + 2 * HASH_BYTES)

static void hold_name(char out[HOLD_NAME_CHARS], const char *id)
{
    (void)snprintf(out, HOLD_NAME_CHARS, "notice.%s", id);
}

/* ---- holding the data ---- */

static int halt_entry(struct rule_context *context, const struct doc *notice, const char *id)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "halt/%s/%s", doc_get_text(notice, "provider"), doc_get_text(notice, "entry"));
    const struct doc *before = doc_get(state_get(context->state, key), "notices");
    if (doc_get(before, id) != NULL) {
        return 0;
    }
    if (doc_count(before) >= HALTS_MAX) {
        return rule_fault(context, ERR_QUOTA, "OPEN 31", "entry");
    }
    struct doc *one = doc_new_object();
    doc_set_int(one, "since_ms", context->time_ms);
    struct doc *notices = record_edit(before);
    doc_set(notices, id, one);
    struct doc *record = doc_new_object();
    doc_set(record, "notices", notices);
    state_put(context->state, key, record);
    return 0;
}

static void release_entry(struct rule_context *context, const struct doc *notice, const char *id)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "halt/%s/%s", doc_get_text(notice, "provider"), doc_get_text(notice, "entry"));
    struct doc *notices = record_edit(doc_get(state_get(context->state, key), "notices"));
    doc_remove(notices, id);
    if (doc_count(notices) == 0) {
        doc_free(&notices);
        state_delete(context->state, key);
        return;
    }
    struct doc *record = doc_new_object();
    doc_set(record, "notices", notices);
    state_put(context->state, key, record);
}

static int hold_grant(struct rule_context *context, const struct doc *notice, const char *id)
{
    char subject[RECORD_KEY_BYTES], name[HOLD_NAME_CHARS];
    record_key(subject, "grant/%s", doc_get_text(notice, "grant"));
    hold_name(name, id);
    struct doc *grant = record_edit(record_current(context, subject));
    if (hold_put(context, grant, subject, name, "OPEN 31", context->tx->member) != 0) {
        doc_free(&grant);
        return rule_failed(context);
    }
    grant_note_step(context, grant);
    state_put(context->state, subject, grant);
    return 0;
}

/* OPEN 31: 认为必要的，应当立即中止开放并进行核实. */
static int notice_hold(struct rule_context *context, struct doc *notice, const char *id)
{
    int error = doc_get(notice, "grant") != NULL ? hold_grant(context, notice, id)
                                                 : halt_entry(context, notice, id);
    if (error == 0) {
        doc_set_text(notice, "held_by", context->tx->member);
        doc_set_text(notice, "status", "verifying");
    }
    return error;
}

/* ---- who may ---- */

/* Who hears of a notice: the center, and the agency whose data it is. */
static bool may_file(struct rule_context *context, const char *provider)
{
    return rule_center_signs(context, "review") ||
           (rule_signed_by(context, provider) && doc_text_is(context->key, "role", "approve"));
}

/* OPEN 31: 数据开放主体收到相关证据材料后，认为必要的，应当立即中止开放并进行核实. PT 31 leaves it
 * to the center: a provider that says what the risk is has not suspended what it granted. */
static bool may_settle(struct rule_context *context, const char *provider, const char *kind)
{
    const struct doc *kinds = rule_profile_running(context, "notices.by_provider");
    return rule_center_signs(context, "review") ||
           (may_file(context, provider) && doc_has_text(kinds, kind));
}

/* PT 31: 一经发现安全风险，…并报送相关数据安全监管部门、区府办处理. The center reports a risk that
 * it takes up, or that a provider told it of as soon as it does something about it, once. */
static int check_report(struct rule_context *context, const struct doc *notice, bool acts)
{
    return risk_check(context, acts && doc_text_is(notice, "kind", "risk") &&
                                   doc_get(notice, "reported") == NULL);
}

static void note_report(struct rule_context *context, struct doc *notice, const char *id,
                        const char *said)
{
    if (risk_is_reported(context)) {
        doc_set_text(notice, "reported", context->txid);
        risk_put(context, "notice", id, notice, said);
    }
}

/* ---- notice.file ---- */

static void check_grant(struct rule_context *context)
{
    const char *id = rule_body_text(context, "grant");
    char key[RECORD_KEY_BYTES];
    if (id == NULL) {
        return;
    }
    record_key(key, "grant/%s", id);
    const struct doc *grant = record_current(context, key);
    if (!doc_text_is(grant, "provider", rule_body_text(context, "provider")) ||
        !doc_text_is(grant, "entry", rule_body_text(context, "entry"))) {
        rule_fault(context, ERR_SUBJECT, "OPEN 31", "grant");
    } else if (grant_is_over(grant)) {
        rule_fault_record(context, grant, GRANT_NOT_OVER, "OPEN 31", "grant");
    }
}

int notice_file(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "notices", "OPEN 31", "kind")) {
        return rule_failed(context);
    }
    if (!doc_has_text(rule_profile_at(context, "notices.kinds"), rule_body_text(context, "kind"))) {
        rule_fault(context, ERR_POLICY, "OPEN 31", "kind");
    }
    const char *provider = rule_body_text(context, "provider");
    bool hold = doc_get_bool(context->body, "hold", false);
    if (!may_file(context, provider)) {
        rule_fault(context, ERR_PARTY, "OPEN 31", "provider");
    } else if (hold && !may_settle(context, provider, rule_body_text(context, "kind"))) {
        rule_fault(context, ERR_PARTY, "PT 31, OPEN 31", "hold");
    }
    (void)matter_entry(context, "OPEN 31");
    check_grant(context);
    (void)check_report(context, context->body, true);
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *notice = matter_new(context, subject, "notice", "filed");
    doc_remove(notice, "hold");
    if (hold && notice_hold(context, notice, context->txid) != 0) {
        doc_free(&notice);
        return rule_failed(context);
    }
    note_report(context, notice, context->txid, "summary");
    state_put(context->state, subject, notice);
    return 0;
}

/* ---- notice.hold ---- */

/* The notice of the body, and the signer's to act on. */
static const struct doc *notice_acted_on(struct rule_context *context, char *subject)
{
    const struct doc *notice = matter_subject(context, subject, "notice");
    if (notice != NULL &&
        !may_settle(context, doc_get_text(notice, "provider"), doc_get_text(notice, "kind"))) {
        rule_fault(context, ERR_PARTY, "PT 31, OPEN 31", "notice");
        return NULL;
    }
    return notice;
}

int notice_hold_later(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *notice = notice_acted_on(context, subject);
    if (notice == NULL || !matter_is(context, notice, "notice", "OPEN 31", "filed", NULL) ||
        check_report(context, notice, true) != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(notice);
    matter_step(context, record, "notice", "holding", "verifying");
    if (notice_hold(context, record, rule_body_text(context, "notice")) != 0) {
        doc_free(&record);
        return rule_failed(context);
    }
    note_report(context, record, rule_body_text(context, "notice"), "reason");
    state_put(context->state, subject, record);
    return 0;
}

/* ---- notice.resolve ---- */

/* 处理后再开放: what is masked for this user, in this grant and in every other on the entry. */
static int mask_items(struct rule_context *context, const struct doc *grant)
{
    const struct doc *items = doc_get(context->body, "masked");
    return items == NULL ? 0 : bar_mask(context, grant, rule_body_text(context, "notice"), items);
}

/* 撤回数据: the grant ends, and its hold stands, or begins now: no other grant gives the data. */
static int withdraw_grant(struct rule_context *context, struct doc *record, const char *subject,
                          const char *name)
{
    bool held = doc_get(doc_get(record, "holds"), name) != NULL;
    if (!held && hold_add(context, record, subject, name, "OPEN 31", context->tx->member) != 0) {
        return rule_failed(context);
    }
    if (grant_is_over(record)) {
        grant_note_step(context, record);
    } else {
        grant_finish_record(context, subject, record, "terminated");
    }
    return 0;
}

/* 恢复开放或者处理后再开放; a grant that ended meanwhile stays ended. */
static int give_again(struct rule_context *context, struct doc *record, const char *subject,
                      const char *name)
{
    bool held = doc_get(doc_get(record, "holds"), name) != NULL;
    if (mask_items(context, record) != 0) {
        return rule_failed(context);
    }
    if (held) {
        hold_end(context, record, subject, name);
    }
    if (held || doc_get(context->body, "masked") != NULL) {
        grant_note_step(context, record);
    }
    return 0;
}

/* OPEN 31: 分别采取撤回数据、恢复开放或者处理后再开放等措施. */
static int settle_grant(struct rule_context *context, const struct doc *notice, const char *outcome)
{
    char subject[RECORD_KEY_BYTES], name[HOLD_NAME_CHARS];
    record_key(subject, "grant/%s", doc_get_text(notice, "grant"));
    hold_name(name, rule_body_text(context, "notice"));
    struct doc *record = record_edit(record_current(context, subject));
    bool withdraw = strcmp(outcome, "withdraw") == 0;
    if ((withdraw ? withdraw_grant : give_again)(context, record, subject, name) != 0) {
        doc_free(&record);
        return rule_failed(context);
    }
    state_put(context->state, subject, record);
    return 0;
}

static int settle_entry(struct rule_context *context, const struct doc *notice, const char *outcome)
{
    const char *id = rule_body_text(context, "notice");
    bool withdraw = strcmp(outcome, "withdraw") == 0;
    if (withdraw) {
        return halt_entry(context, notice, id); /* stays; or begins now */
    }
    if (!doc_text_is(notice, "status", "filed")) {
        release_entry(context, notice, id);
    }
    return 0;
}

static void check_resolution(struct rule_context *context, const struct doc *notice)
{
    const char *outcome = rule_body_text(context, "outcome"), *id = doc_get_text(notice, "grant");
    const char *held_by = doc_get_text(notice, "held_by");
    const struct doc *masked = doc_get(context->body, "masked");
    bool reprocess = strcmp(outcome, "reprocess") == 0;
    if (held_by != NULL && !rule_center_signs(context, "review") &&
        !rule_signed_by(context, held_by)) {
        rule_fault(context, ERR_PARTY, "PT 31", "notice");
    }
    if (doc_text_is(notice, "status", "withdrawn") && strcmp(outcome, "withdraw") == 0) {
        rule_fault(context, ERR_STATUS, "OPEN 31", "outcome");
    }
    if (reprocess && doc_get(context->body, "terms") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "OPEN 31", "terms");
    }
    if (masked == NULL) {
        return;
    }
    if (!reprocess || id == NULL) { /* what an entry gives is masked by the agency that has it */
        rule_fault(context, ERR_FIELD_UNKNOWN, "OPEN 31", "masked");
    } else {
        (void)check_subset(context, masked,
                           doc_get(state_getf(context->state, "grant/%s", id), "items"), NULL,
                           "masked", "OPEN 31");
    }
}

int notice_resolve(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const char *outcome = rule_body_text(context, "outcome");
    const struct doc *notice = notice_acted_on(context, subject);
    if (notice == NULL) {
        return rule_failed(context);
    }
    if (doc_text_is(notice, "status", "resolved")) {
        return rule_fault_record(context, notice, "filed verifying withdrawn", "OPEN 31", "notice");
    }
    check_resolution(context, notice);
    (void)check_report(context, notice, strcmp(outcome, "restore") != 0);
    if (context->error != 0) {
        return rule_failed(context);
    }
    bool entry = doc_get(notice, "grant") == NULL, withdraw = strcmp(outcome, "withdraw") == 0;
    if ((entry ? settle_entry(context, notice, outcome) : settle_grant(context, notice, outcome)) !=
        0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(notice);
    matter_step(context, record, "notice", "resolution", withdraw ? "withdrawn" : "resolved");
    note_report(context, record, rule_body_text(context, "notice"), "finding");
    if (withdraw) {
        doc_set_text(record, "held_by", context->tx->member); /* gives it again, or the center */
    }
    state_put(context->state, subject, record);
    return 0;
}

/* ---- notice.lift ---- */

/* What this notice has masked of the entry now. */
static const struct doc *masked_by(struct rule_context *context, const struct doc *grant)
{
    return doc_get(doc_get(bar_of(context, grant), "masked"), rule_body_text(context, "notice"));
}

static void check_lifting(struct rule_context *context, const struct doc *notice,
                          const struct doc *masked)
{
    const char *by = doc_get_text(doc_get(notice, "resolution"), "by");
    const struct doc *items = doc_get(context->body, "items");
    if (masked == NULL) {
        rule_fault(context, ERR_STATUS, "OPEN 31", "notice");
        return;
    }
    if (!rule_center_signs(context, "review") && !rule_signed_by(context, by)) {
        rule_fault(context, ERR_PARTY, "OPEN 31", "notice");
    }
    (void)check_subset(context, items, masked, NULL, "items", "OPEN 31");
}

/* Those that stay masked; NULL: none. Caller owns it. */
static struct doc *still_masked(const struct doc *masked, const struct doc *lifted)
{
    struct doc *left = doc_new_array();
    for (size_t i = 0; lifted != NULL && i < doc_count(masked); i++) {
        if (!doc_has_text(lifted, doc_text(doc_at(masked, i)))) {
            doc_push(left, doc_ref(doc_at(masked, i)));
        }
    }
    if (doc_count(left) == 0) {
        doc_free(&left);
    }
    return left;
}

/* OPEN 31: 恢复开放; OPEN 14: 相关权利人同意开放的, …可以列入: a mask is there for somebody's
 * rights, and goes when they agree, or turn out not to be touched. */
int notice_lift(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES];
    const struct doc *notice = notice_acted_on(context, subject);
    if (notice == NULL || !matter_is(context, notice, "notice", "OPEN 31", "resolved", NULL)) {
        return rule_failed(context);
    }
    const char *id = doc_get_text(notice, "grant");
    record_key(key, "grant/%s", id != NULL ? id : "");
    const struct doc *grant = id != NULL ? state_get(context->state, key) : NULL;
    const struct doc *masked = grant != NULL ? masked_by(context, grant) : NULL;
    check_lifting(context, notice, masked);
    if (context->error != 0) {
        return rule_failed(context);
    }
    AUTO(doc_free) struct doc *left = still_masked(masked, doc_get(context->body, "items"));
    (void)bar_mask(context, grant, rule_body_text(context, "notice"), left); /* it has a place */
    struct doc *given = record_edit(grant);
    grant_note_step(context, given);
    state_put(context->state, key, given);
    struct doc *record = record_edit(notice);
    matter_step(context, record, "notice", "lifting", "resolved");
    state_put(context->state, subject, record);
    return 0;
}
