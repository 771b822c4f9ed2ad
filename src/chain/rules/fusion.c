/* Requests that fuse data of several agencies (D7).
 *
 *   submit ──▶ reviewing ──every provider accepts, then the center──▶ approved ──serve──▶ served
 *                  └──────the center returns it with reasons──▶ returned ──dispute──▶ reviewing
 *
 * and withdrawn by who asked; disputes about what was refused are in dispute_fusion.c. PT 22:
 * 应当同步提交数据融合治理方案。区大数据中心应当会同相关区级责任单位在收到 融合治理方案之日起 5
 * 个工作日内，完成审核。审核通过的，由区大数据中心在通过之日起 10 个工作日内，完成融合治理并
 * 提供数据共享服务，融合治理情况特别复杂的除外；审核不通过的，由区大数据中心…予以退回并附退回原因.
 *
 * Each provider reviews each of its parts; the center concludes. The five days are everybody's, the
 * center's and each provider's (fusion_parts.c). PT 22 deems nothing: what is late is recorded, and
 * still to be done. Serving gives a grant for each part, or none at all; the grant of a part is
 * named by the review that allowed it. What was approved and cannot be served as things stand (its
 * last day is over, a part is not shared any more, an agency is gone) the center may return as
 * well: until then nobody's entry in it is changed or deleted (asked.c). Who is suspended is not
 * gone: neither a provider's nor the consumer's suspension takes back what was approved. */
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/asked.h"
#include "chain/rules/catalog.h"
#include "chain/rules/disputes.h"
#include "chain/rules/fusions.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <stdio.h>
#include <string.h>

/* ---- fusion.submit ---- */

static long find_item(const struct doc *entry, const char *name)
{
    const struct doc *items = doc_get(doc_get(entry, "entry"), "items");
    for (size_t i = 0; i < doc_count(items); i++) {
        if (doc_text_is(doc_at(items, i), "name", name)) {
            return (long)i;
        }
    }
    return -1;
}

/* The items of a part are shared, and their data is collected, which depends on the strictest
 * attribute among them (request_check.c): a plan does not fuse what is not there yet. */
static void check_items(struct rule_context *context, const struct doc *entry,
                        const struct doc *part, size_t index)
{
    const struct doc *items = doc_get(part, "items");
    char field[FAULT_FIELD_BYTES_MAX];
    int strictest = 0;
    for (size_t i = 0; i < doc_count(items); i++) {
        long at = find_item(entry, doc_text(doc_at(items, i)));
        int rank = at < 0 ? 0 : entry_item_rank(entry, (size_t)at);
        if (at < 0 || rank > 1) {
            rule_fault(context, at < 0 ? ERR_SUBJECT : ERR_NOT_SHARED, at < 0 ? "PT 17" : "CN 14",
                       "parts[%zu].items[%zu]", index, i);
        }
        strictest = rank > strictest ? rank : strictest;
    }
    (void)snprintf(field, sizeof field, "parts[%zu].entry", index);
    request_check_collected(context, doc_get_text(part, "provider"), doc_get_text(part, "entry"),
                            strictest, field);
}

static void check_part(struct rule_context *context, const struct doc *parts, size_t index)
{
    const struct doc *part = doc_at(parts, index);
    const char *provider = doc_get_text(part, "provider");
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", provider, doc_get_text(part, "entry"));
    if (rule_signer_is(context, provider)) {
        rule_fault(context, ERR_SELF, "PT 22", "parts[%zu].provider", index);
    } else if (!member_is_active(context, provider)) {
        rule_fault(context, ERR_PROVIDER, "PT 22", "parts[%zu].provider", index);
    } else if (!doc_text_is(entry, "status", "published")) {
        rule_fault_record(context, entry, "published", "PT 22", "parts[%zu].entry", index);
    } else if (!doc_text_is(entry, "version", doc_get_text(part, "entry_version"))) {
        rule_fault(context, ERR_VERSION_STALE, "PT 22", "parts[%zu].entry_version", index);
    } else {
        check_items(context, entry, part, index);
    }
    for (size_t i = 0; i < index; i++) {
        if (doc_text_is(doc_at(parts, i), "provider", provider) &&
            doc_text_is(doc_at(parts, i), "entry", doc_get_text(part, "entry"))) {
            rule_fault(context, ERR_DUPLICATE, "PT 22", "parts[%zu].entry", index);
        }
    }
}

/* 跨部门: of two agencies at least. */
static void check_parts(struct rule_context *context)
{
    const struct doc *parts = doc_get(context->body, "parts");
    bool several = false;
    for (size_t i = 0; i < doc_count(parts); i++) {
        check_part(context, parts, i);
        several = several || !doc_text_is(doc_at(parts, i), "provider",
                                          doc_get_text(doc_at(parts, 0), "provider"));
    }
    if (!several) {
        rule_fault(context, ERR_FIELD_COUNT, "PT 22", "parts");
    }
}

int fusion_submit(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "fusion", "PT 22", "parts") ||
        rule_check_body_size(context, FUSION_ASKED_BYTES_MAX) != 0) {
        return rule_failed(context);
    }
    check_parts(context);
    if (request_check_use(context) != 0) {
        return rule_failed(context);
    }
    record_key(subject, "fusion/%s", context->txid);
    struct doc *record = doc_new_object();
    doc_set_text(record, "consumer", context->tx->member);
    record_share(record, "asked_for", context->body);
    doc_set(record, "reviews", doc_new_object());
    doc_set_text(record, "status", "reviewing");
    doc_set_int(record, "submitted_ms", context->time_ms);
    fusion_show_rulings(context, record);
    term_start_policy(context, record, subject, "fusion-review", "fusion.review");
    record_stamp(context, record);
    (void)asked_fusion(context, record, context->txid);
    fusion_ask(context, record, context->txid);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- the record ---- */

/* The fusion of the body, current and in this status; its key into `subject`. */
static const struct doc *fusion_subject(struct rule_context *context, char *subject,
                                        const char *status)
{
    record_key(subject, "fusion/%s", rule_body_text(context, "fusion"));
    const struct doc *record = rule_subject(context, subject);
    if (record != NULL && !doc_text_is(record, "status", status)) {
        faults_note_may(context->faults, ERR_STATUS, status);
        rule_fault(context, ERR_STATUS, "PT 22", "fusion");
        return NULL;
    }
    return record;
}

static struct doc *note_of(struct rule_context *context)
{
    struct doc *note = record_edit(context->body);
    doc_remove(note, "acts_on");
    doc_remove(note, "fusion");
    doc_set_text(note, "by", context->tx->member);
    doc_set_int(note, "time_ms", context->time_ms);
    doc_set_text(note, "tx", context->txid);
    return note;
}

/* ---- fusion.review ---- */

/* One of the signer's parts, not reviewed yet; its name into `name`. */
static int check_own_part(struct rule_context *context, const struct doc *fusion, char *name)
{
    const struct doc *parts = doc_get(doc_get(fusion, "asked_for"), "parts");
    const char *entry = rule_body_text(context, "entry");
    if (entry == NULL) {
        return rule_fault(context, ERR_FIELD_MISSING, "PT 22", "entry");
    }
    for (size_t i = 0; i < doc_count(parts); i++) {
        const struct doc *part = doc_at(parts, i);
        if (doc_text_is(part, "entry", entry) &&
            rule_signed_by(context, doc_get_text(part, "provider"))) {
            fusion_part_name(name, part);
            return fusion_review_of(fusion, part) == NULL
                       ? 0
                       : rule_fault(context, ERR_DUPLICATE, "PT 22", "entry");
        }
    }
    return rule_fault(context, ERR_PARTY, "PT 22", "entry");
}

/* PT 20: 审核不通过的，除因共享需求申请不规范外，区级责任单位应当提供明确的法律、法规等依据. Data
 * is not refused with less because it is asked for together with another agency's. */
static int check_review_grounds(struct rule_context *context)
{
    if (doc_text_is(context->body, "decision", "refuse")) {
        return request_check_grounds(context);
    }
    return doc_get(context->body, "grounds") == NULL
               ? 0
               : rule_fault(context, ERR_FIELD_UNKNOWN, "PT 20", "grounds");
}

int fusion_review(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES], name[RECORD_KEY_BYTES];
    const struct doc *fusion = fusion_subject(context, subject, "reviewing");
    if (fusion == NULL || check_own_part(context, fusion, name) != 0) {
        return rule_failed(context);
    }
    if (check_review_grounds(context) != 0 ||
        rule_check_body_size(context, FUSION_REVIEW_BYTES_MAX) != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(fusion), *note = note_of(context);
    fusion_show_rulings(context, record);
    record_share(note, "ruled", doc_get(doc_get(record, "ruled"), name));
    fusion_set_review(record, name, note);
    if (fusion_answered(context, record, rule_body_text(context, "fusion"))) {
        doc_set_bool(note, "late", true);
    }
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- whether it can be served ---- */

/* What a request of this part alone would have been: all that was said of the use (PT 17) holds for
 * each part, a lower frequency with its reason too (PT 26). */
static struct doc *part_request(const struct doc *fusion, const char *id, const struct doc *part)
{
    static const char *const of_part[] = {"entry", "entry_version", "provider"};
    struct doc *request = record_edit(doc_get(fusion, "asked_for"));
    doc_remove(request, "parts");
    doc_remove(request, "plan");
    record_share(request, "items", doc_get(part, "items"));
    struct doc *record = doc_new_object();
    for (size_t i = 0; i < sizeof of_part / sizeof *of_part; i++) {
        record_share(record, of_part[i], doc_get(part, of_part[i]));
    }
    record_share(record, "consumer", doc_get(fusion, "consumer"));
    doc_set_text(record, "fusion", id);
    doc_set(record, "request", request);
    doc_set_text(record, "route", "fusion");
    /* Of the transaction that names it, as of every request: lists go by that. */
    record_share(record, "submitted_ms", doc_get(fusion_review_of(fusion, part), "time_ms"));
    return record;
}

/* 0, or why there is nobody to be served any more, or no day left (D10). */
static int use_barred(struct rule_context *context, struct request_bar *bar,
                      const struct doc *fusion)
{
    return request_use_barred(context, bar, doc_get_text(fusion, "consumer"),
                              doc_get(fusion, "asked_for"));
}

/* 0, or why this part cannot be given as things stand. */
static int part_barred(struct rule_context *context, struct request_bar *bar,
                       const struct doc *record)
{
    if (member_is_gone(context, doc_get_text(record, "provider"))) {
        (void)snprintf(bar->field, sizeof bar->field, "provider");
        bar->clause = "PT 22";
        return ERR_PROVIDER;
    }
    return request_barred(context, bar, record, NULL);
}

/* PT 31 suspends (暂停): whoever asked is waited for, and what was approved is not taken back
 * meanwhile (PT 22). */
static bool waits_for_consumer(struct rule_context *context, const struct doc *fusion, int barred)
{
    return barred == ERR_CONSUMER && !member_is_gone(context, doc_get_text(fusion, "consumer"));
}

int fusion_part_barred(struct rule_context *context, struct request_bar *bar,
                       const struct doc *fusion, const char *id, const struct doc *part)
{
    AUTO(doc_free) struct doc *record = part_request(fusion, id, part);
    int barred = part_barred(context, bar, record);
    return waits_for_consumer(context, fusion, barred) ? 0 : barred;
}

static bool can_be_served(struct rule_context *context, const struct doc *fusion)
{
    const char *id = rule_body_text(context, "fusion");
    const struct doc *parts = doc_get(doc_get(fusion, "asked_for"), "parts");
    struct request_bar bar;
    int barred = use_barred(context, &bar, fusion);
    bool can = barred == 0 || waits_for_consumer(context, fusion, barred);
    for (size_t i = 0; can && i < doc_count(parts); i++) {
        can = fusion_part_barred(context, &bar, fusion, id, doc_at(parts, i)) == 0;
    }
    return can;
}

/* ---- fusion.conclude ---- */

static bool all_accept(const struct doc *fusion)
{
    const struct doc *parts = doc_get(doc_get(fusion, "asked_for"), "parts");
    for (size_t i = 0; i < doc_count(parts); i++) {
        if (!doc_text_is(fusion_review_of(fusion, doc_at(parts, i)), "decision", "accept")) {
            return false;
        }
    }
    return true;
}

/* Reviewed by all, or approved and not to be served any more: that is only returned. */
static bool may_be_concluded(struct rule_context *context, const struct doc *fusion, bool accept)
{
    if (doc_text_is(fusion, "status", "approved")) {
        return !accept && !can_be_served(context, fusion);
    }
    return doc_text_is(fusion, "status", "reviewing");
}

static const struct doc *conclude_subject(struct rule_context *context, char *subject)
{
    record_key(subject, "fusion/%s", rule_body_text(context, "fusion"));
    const struct doc *fusion = rule_subject(context, subject);
    bool accept = doc_text_is(context->body, "decision", "accept");
    if (fusion == NULL) {
        return NULL;
    }
    if (!may_be_concluded(context, fusion, accept)) {
        rule_fault_record(context, fusion, "reviewing", "PT 22", "fusion");
        return NULL;
    }
    /* PT 24: what it was ruled not to return it does not, as long as nobody else refuses it. */
    if (!accept && doc_get(fusion, "conclusion_ruled") != NULL && !fusion_is_refused(fusion) &&
        can_be_served(context, fusion) && fusion_ruled_since(context, fusion, -1) < 0) {
        rule_fault(context, ERR_RULED, "PT 24", "fusion.conclusion_ruled");
        return NULL;
    }
    return fusion;
}

int fusion_conclude(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *fusion = conclude_subject(context, subject);
    if (fusion == NULL) {
        return rule_failed(context);
    }
    bool accept = doc_text_is(context->body, "decision", "accept");
    const char *term =
        doc_text_is(fusion, "status", "approved") ? "fusion-service" : "fusion-review";
    if (accept && !all_accept(fusion)) {
        return rule_fault(context, ERR_STATUS, "PT 22", "decision"); /* 会同相关区级责任单位 */
    }
    for (long i = -1; accept && (i = fusion_ruled_since(context, fusion, i)) >= 0;) {
        rule_fault(context, ERR_RULED, "PT 24", "parts[%ld].entry", i);
    }
    rule_check_reasons(context, !accept, "PT 22");
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *note = note_of(context);
    if (doc_get_bool(term_get(fusion, term), "over", false)) {
        doc_set_bool(note, "late", true);
    }
    struct doc *record = record_edit(fusion);
    doc_set(record, "conclusion", note);
    fusion_show_rulings(context, record);
    doc_set_text(record, "status", accept ? "approved" : "returned");
    term_stop(context, record, subject, term);
    if (accept) {
        term_start_running(context, record, subject, "fusion-service", "fusion.service");
    }
    record_stamp(context, record);
    (void)asked_fusion(context, record, rule_body_text(context, "fusion"));
    fusion_ask_no_more(context, record, rule_body_text(context, "fusion"));
    state_put(context->state, subject, record);
    return 0;
}

/* ---- fusion.extend ---- */

/* PT 22: 融合治理情况特别复杂的除外. The center names the day, later than the term's, and why. */
int fusion_extend(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    int64_t day = 0;
    const struct doc *fusion = fusion_subject(context, subject, "approved");
    if (fusion == NULL) {
        return rule_failed(context);
    }
    const struct doc *term = term_get(fusion, "fusion-service");
    if (term == NULL || doc_get(fusion, "extension") != NULL) {
        return rule_fault(context, ERR_DUPLICATE, "PT 22", "fusion");
    }
    int64_t due_ms = doc_get_int(term, "due_ms", 0), last = 0;
    int64_t first = civil_day(due_ms > context->time_ms ? due_ms : context->time_ms);
    (void)civil_parse_date(&last, doc_get_text(doc_get(fusion, "asked_for"), "until"));
    if (civil_parse_date(&day, rule_body_text(context, "until")) != 0 || day < first ||
        day > last) { /* on which it could be served */
        faults_note_days(context->faults, ERR_FIELD_RANGE, first, last);
        return rule_fault(context, ERR_FIELD_RANGE, "PT 22", "until");
    }
    struct doc *record = record_edit(fusion);
    struct doc *note = note_of(context);
    if (doc_get_bool(term, "over", false)) {
        doc_set_bool(note, "late", true); /* and what is served then */
    }
    doc_set(record, "extension", note);
    term_stop(context, record, subject, "fusion-service");
    term_start_at(context, record, subject, "fusion-service", civil_day_start(day + 1), "PT 22");
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- fusion.serve ---- */

/* All parts, or none: one that may no longer be given keeps back the rest. */
static void serve_part(struct rule_context *context, const struct doc *fusion, size_t index)
{
    const struct doc *part = doc_at(doc_get(doc_get(fusion, "asked_for"), "parts"), index);
    const char *id = doc_get_text(fusion_review_of(fusion, part), "tx");
    struct doc *record = part_request(fusion, rule_body_text(context, "fusion"), part);
    struct request_bar bar;
    int barred = part_barred(context, &bar, record);
    if (barred != 0) {
        rule_fault(context, barred, bar.clause, "parts[%zu].%s", index, bar.field);
        doc_free(&record);
        return;
    }
    record_stamp(context, record);
    grant_create(context, record, id, &(struct grant_terms){0}, record_stamp);
    state_putf(context->state, record, "request/%s", id);
}

int fusion_serve(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *fusion = fusion_subject(context, subject, "approved");
    if (fusion == NULL) {
        return rule_failed(context);
    }
    struct request_bar bar;
    int barred = use_barred(context, &bar, fusion);
    if (barred != 0) {
        return rule_fault(context, barred, bar.clause, "fusion.%s", bar.field);
    }
    size_t parts = doc_count(doc_get(doc_get(fusion, "asked_for"), "parts"));
    for (size_t i = 0; i < parts; i++) {
        serve_part(context, fusion, i);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *note = note_of(context);
    if (doc_get_bool(term_get(fusion, "fusion-service"), "over", false) ||
        doc_get_bool(doc_get(fusion, "extension"), "late", false)) {
        doc_set_bool(note, "late", true);
    }
    struct doc *record = record_edit(fusion);
    doc_set(record, "service", note);
    doc_set_text(record, "status", "served");
    term_stop(context, record, subject, "fusion-service");
    record_stamp(context, record);
    (void)asked_fusion(context, record, rule_body_text(context, "fusion"));
    state_put(context->state, subject, record);
    return 0;
}

/* ---- fusion.withdraw ---- */

int fusion_withdraw(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "fusion/%s", rule_body_text(context, "fusion"));
    const struct doc *fusion = rule_subject(context, subject);
    if (fusion == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(fusion, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "PT 26", "fusion");
    }
    if (!doc_text_is(fusion, "status", "reviewing") && !doc_text_is(fusion, "status", "approved")) {
        faults_note_may(context->faults, ERR_STATUS, "reviewing");
        faults_note_may(context->faults, ERR_STATUS, "approved");
        return rule_fault(context, ERR_STATUS, "PT 26", "fusion");
    }
    struct doc *record = record_edit(fusion);
    term_stop(context, record, subject, "fusion-review");
    term_stop(context, record, subject, "fusion-service");
    doc_set_text(record, "status", "withdrawn");
    record_share(record, "withdraw_reason", doc_get(context->body, "reason"));
    record_stamp(context, record);
    (void)asked_fusion(context, record, rule_body_text(context, "fusion"));
    fusion_ask_no_more(context, record, rule_body_text(context, "fusion"));
    state_put(context->state, subject, record);
    disputes_withdrawn(context, rule_body_text(context, "fusion"));
    return 0;
}
