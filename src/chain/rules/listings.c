/* The open list (C8, OPEN 9–15): what of an agency's catalog is open to society.
 *
 *   open.list ──▶ applied ──open.review: accept──▶ listed ──open.adjust──▶ listed, adjusting
 *                    └──return──▶ returned            ▲                        │
 *                                                     └───accept, or return────┤
 *                                                              withdrawn ◀─────┘ accept
 *
 * OPEN 11: every listing and every adjustment is a work order with its reason, applied for by the
 * agency and reviewed by the center; it is returned on the profile's grounds alone, each with what
 * is to be mended. What narrows the openness brings an explanation, and ends what applicants were
 * granted of it (delisting.c). OPEN 10: each agency evaluates its list once a year, and what cannot
 * be updated any more stays open, as static data. OPEN 38: 相关数据开放主体应当根据评估结果改进公共
 * 数据开放工作: whom the profile names orders an adjustment, with the result of the evaluation that
 * it rests on, and by a day that is the order's own, for the clause names none. */
#include "chain/rules/listings.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/upkeep.h"

#include <string.h>

static void listing_key(char out[RECORD_KEY_BYTES], const char *provider, const char *code)
{
    record_key(out, "listing/%s/%s", provider, code);
}

int64_t listing_stands_ms(struct rule_context *context, const char *provider, const char *code)
{
    char key[RECORD_KEY_BYTES];
    listing_key(key, provider, code);
    const struct doc *record = state_get(context->state, key);
    return doc_text_is(record, "status", "listed") ? doc_get_int(record, "listed_ms", -1) : -1;
}

/* ---- open.list ---- */

static void note_order(struct rule_context *context, struct doc *record)
{
    static const char *const told[] = {
        "explanation", "explanation_digest", "listing", "order", "reason", "withdraw"};
    struct doc *pending = doc_new_object();
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        record_share(pending, told[i], doc_get(context->body, told[i]));
    }
    doc_set_int(pending, "time_ms", context->time_ms);
    doc_set(record, "pending", pending);
}

int open_list(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    const char *code = rule_body_text(context, "code");
    listing_key(key, context->tx->member, code);
    rule_policy_has(context, "open_list", "OPEN 9", "code");
    const struct doc *entry = rule_subjectf(context, "entry/%s/%s", context->tx->member, code);
    const struct doc *before = state_get(context->state, key);
    if (before != NULL && !doc_text_is(before, "status", "returned") &&
        !doc_text_is(before, "status", "withdrawn")) {
        rule_fault(context, ERR_DUPLICATE, "OPEN 11", "code");
    }
    if (entry == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(entry, "status", "published")) {
        faults_note_may(context->faults, ERR_STATUS, "published");
        rule_fault(context, ERR_STATUS, "OPEN 9", "code");
    }
    if (listing_check(context, entry, doc_get(context->body, "listing")) != 0) {
        return rule_failed(context);
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "code", code);
    record_share(record, "masked", doc_get(before, "masked"));
    record_share(record, "order", doc_get(before, "order")); /* unmet, it and its term stand */
    record_share(record, "terms", doc_get(before, "terms"));
    record_share(record, "told_ms", doc_get(before, "told_ms")); /* grants still to follow */
    record_share(record, "told_after", doc_get(before, "told_after"));
    record_share(record, "adjusted_after", doc_get(before, "adjusted_after"));
    record_share(record, "entry_version", doc_get(context->body, "acts_on"));
    doc_set_text(record, "provider", context->tx->member);
    doc_set_text(record, "status", "applied");
    note_order(context, record);
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

/* ---- open.adjust ---- */

/* OPEN 11:
 * 从无条件开放、有条件开放修改为不开放，或者从无条件开放修改为有条件开放的，应当提供相应的说明文件.
 */
static void check_narrowing(struct rule_context *context, const struct doc *listed)
{
    const struct doc *after = doc_get(context->body, "listing");
    bool narrower =
        after == NULL || opening_wider(doc_get_text(listed, "type"), doc_get_text(after, "type"));
    if (narrower && (doc_get(context->body, "explanation") == NULL ||
                     doc_get(context->body, "explanation_digest") == NULL)) {
        rule_fault(context, ERR_FIELD_MISSING, "OPEN 11", "explanation");
    }
}

/* OPEN 38: the act of who was ordered is in time by its own day, whenever it is reviewed: the term
 * stands meanwhile. */
static void order_stands(struct rule_context *context, struct doc *record, const char *key)
{
    if (doc_get(context->body, "order") != NULL) {
        term_pause(context, record, key, "adjust");
    }
}

/* Returned: it has as many days more as were left, or until the day that was named. */
static void order_goes_on(struct rule_context *context, struct doc *record, const char *key)
{
    const struct doc *paused = doc_get(record, "paused"), *stood = doc_get(paused, "term");
    if (stood == NULL || doc_get_bool(stood, "over", false)) {
        term_put_back(context, record, key, "adjust");
        return;
    }
    int64_t due_ms = doc_get_int(stood, "due_ms", 0);
    int64_t left = civil_day(due_ms) - civil_day(doc_get_int(paused, "since_ms", 0));
    int64_t end_ms = civil_day_start(civil_day(context->time_ms) + left);
    int64_t began_ms = term_began_ms(stood);
    AUTO(doc_free) struct doc *clause = doc_ref(doc_get(stood, "clause"));
    doc_remove(record, "paused");
    term_start_at(context, record, key, "adjust", end_ms > due_ms ? end_ms : due_ms,
                  doc_text(clause));
    term_set_began(record, "adjust", began_ms);
}

/* OPEN 38: what the adjustment says that it answers to is the order that stands open. */
static void check_order_named(struct rule_context *context, const struct doc *order)
{
    const char *named = rule_body_text(context, "order");
    if (named != NULL && !doc_text_is(order, "id", named)) {
        rule_fault(context, ERR_SUBJECT, "OPEN 38", "order");
    } else if (named != NULL && !doc_text_is(order, "status", "open")) {
        rule_fault_record(context, order, "open", "OPEN 38", "order");
    }
}

/* OPEN 10: 已开放的历史数据转为静态数据继续开放: of an entry that is no more, what was open stays so,
 * and nothing is opened besides. */
static bool widens(const struct doc *listed, const struct doc *after)
{
    const struct doc *items = doc_get(after, "items");
    bool wider = opening_wider(doc_get_text(after, "type"), doc_get_text(listed, "type")) ||
                 (doc_text_is(listed, "processing", "masked") &&
                  !doc_text_is(after, "processing", "masked"));
    for (size_t i = 0; !wider && i < doc_count(items); i++) {
        wider = !doc_has_text(doc_get(listed, "items"), doc_text(doc_at(items, i)));
    }
    return wider;
}

int open_adjust(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    const char *code = rule_body_text(context, "code");
    const struct doc *after = doc_get(context->body, "listing");
    bool withdraws = doc_get_bool(context->body, "withdraw", false);
    listing_key(key, context->tx->member, code);
    const struct doc *before = rule_subject(context, key);
    if (before == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(before, "status", "listed") || doc_get(before, "pending") != NULL) {
        bool waits = doc_get(before, "pending") != NULL;
        return rule_fault_status(context, waits ? "applied" : NULL, "listed", "OPEN 11", "code");
    }
    if (withdraws == (after != NULL)) {
        rule_fault(context, withdraws ? ERR_FIELD_UNKNOWN : ERR_FIELD_MISSING, "OPEN 11",
                   "listing");
    }
    /* It adjusts nothing; or what was ordered has come about otherwise, by a change of the entry
     * (OPEN 9, 10), and the review says whether that will do. */
    if (after != NULL && doc_equal(after, doc_get(before, "listing")) &&
        doc_get(context->body, "order") == NULL) {
        rule_fault(context, ERR_DUPLICATE, "OPEN 11", "listing");
    }
    check_order_named(context, doc_get(before, "order"));
    check_narrowing(context, doc_get(before, "listing"));
    const struct doc *entry = state_getf(context->state, "entry/%s/%s", context->tx->member, code);
    if (after != NULL) {
        listing_check(context, entry, after);
    }
    if (after != NULL && !doc_text_is(entry, "status", "published") &&
        widens(doc_get(before, "listing"), after)) {
        rule_fault_record(context, entry, "published", "OPEN 10", "code");
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(before);
    note_order(context, record);
    order_stands(context, record, key);
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

/* ---- open.review ---- */

/* What is accepted has neither grounds nor reasons, what is returned has both. */
static void check_returned(struct rule_context *context, bool accept)
{
    if ((doc_get(context->body, "grounds") != NULL) == accept) {
        rule_fault(context, accept ? ERR_FIELD_UNKNOWN : ERR_GROUNDS, "OPEN 11", "grounds");
    }
    rule_check_reasons(context, !accept, "OPEN 11");
}

void open_check_review(struct rule_context *context)
{
    if (rule_body_text(context, "decision") != NULL) {
        check_returned(context, doc_text_is(context->body, "decision", "accept"));
    }
}

/* OPEN 11: 有下列情形之一的，将对工单予以退回: the profile lists them. */
static void check_grounds(struct rule_context *context, bool accept)
{
    const struct doc *grounds = doc_get(context->body, "grounds");
    const struct doc *known = rule_profile_running(context, "open_list.grounds");
    check_returned(context, accept);
    for (size_t i = 0; !accept && i < doc_count(grounds); i++) {
        if (!doc_has_text(known, doc_text(doc_at(grounds, i)))) {
            rule_fault(context, ERR_FIELD_CHOICE, "OPEN 11", "grounds[%zu]", i);
        }
    }
}

/* The entry may have changed while the work order was under review: what is listed is listed of it
 * as it is now. */
static void check_still_derived(struct rule_context *context, const struct doc *record)
{
    const struct doc *listing = doc_get(doc_get(record, "pending"), "listing");
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(record, "provider"),
                   doc_get_text(record, "code"));
    if (doc_text_is(record, "status", "applied") && !doc_text_is(entry, "status", "published")) {
        rule_fault_record(context, entry, "published", "OPEN 9", "code");
    } else if (listing != NULL) {
        listing_check(context, entry, listing);
    }
}

/* OPEN 14: 非开放类公共数据依法进行…脱敏处理: what is on the list for being masked leaves masked,
 * whenever it was granted, and is not plain for being taken off the list; only another listing of
 * it, reviewed, says that it is open in plain (applicants.c). */
static void note_masked(struct doc *record)
{
    if (doc_text_is(doc_get(record, "listing"), "processing", "masked")) {
        doc_set_bool(record, "masked", true);
    } else {
        doc_remove(record, "masked");
    }
}

/* The work order takes effect; the order to adjust that it names is met, and no other. */
static void take_effect(struct rule_context *context, struct doc *record, const char *key)
{
    const struct doc *pending = doc_get(record, "pending");
    bool listed = doc_text_is(record, "status", "listed");
    AUTO(doc_free) struct doc *before = listed ? doc_ref(doc_get(record, "listing")) : NULL;
    if (doc_get_bool(pending, "withdraw", false)) {
        doc_set_text(record, "status", "withdrawn");
    } else {
        if (!listed) {
            doc_set_int(record, "listed_ms", context->time_ms);
        }
        doc_set_text(record, "status", "listed");
        record_share(record, "listing", doc_get(pending, "listing"));
        note_masked(record);
    }
    doc_set_int(record, "since_ms", context->time_ms);
    const struct doc *open = doc_get(record, "order");
    const char *answers = doc_get_text(pending, "order");
    if (doc_text_is(open, "status", "open") && answers != NULL &&
        doc_text_is(open, "id", answers)) {
        struct doc *order = record_edit(open);
        doc_set_text(order, "status", "met");
        doc_set_int(order, "met_ms", context->time_ms);
        doc_set(record, "order", order);
        doc_remove(record, "paused");
        term_stop(context, record, key, "adjust");
    }
    delisting_begin(context, record, key, before);
}

int open_review(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    const char *provider = rule_body_text(context, "provider");
    bool accept = doc_text_is(context->body, "decision", "accept");
    listing_key(key, provider, rule_body_text(context, "code"));
    const struct doc *before = rule_subject(context, key);
    if (before != NULL && doc_get(before, "pending") == NULL) {
        rule_fault_record(context, before, "applied", "OPEN 11", "code");
    }
    check_grounds(context, accept);
    if (accept && before != NULL) {
        check_still_derived(context, before);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *review = doc_new_object();
    doc_set_text(review, "by", context->tx->key_name);
    record_share(review, "decision", doc_get(context->body, "decision"));
    record_share(review, "grounds", doc_get(context->body, "grounds"));
    record_share(review, "reasons", doc_get(context->body, "reasons"));
    doc_set_int(review, "time_ms", context->time_ms);
    struct doc *record = record_edit(before);
    doc_set(record, "review", review);
    if (accept) {
        take_effect(context, record, key);
        yearly_begin(context, YEARLY_EVALUATION, provider);
    } else {
        order_goes_on(context, record, key);
        if (doc_text_is(record, "status", "applied")) {
            doc_set_text(record, "status", "returned");
        }
    }
    doc_remove(record, "pending");
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}

/* ---- open.order ---- */

static void check_orderer(struct rule_context *context)
{
    const struct doc *by = rule_profile_at(context, "open_order.by");
    bool may = rule_center_signs(context, "review") && doc_has_text(by, "center");
    may = may || (doc_has_text(doc_get(context->member, "parties"), "supervisor") &&
                  doc_has_text(by, "supervisor"));
    if (!may) {
        rule_fault(context, ERR_PARTY, "OPEN 38", "provider");
    }
}

static void order_put(struct rule_context *context, const struct doc *before, const char *key,
                      int64_t end_ms)
{
    static const char *const told[] = {"basis", "evaluation", "until", "what"};
    struct doc *order = doc_new_object();
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        record_share(order, told[i], doc_get(context->body, told[i]));
    }
    doc_set_text(order, "by", context->tx->member);
    doc_set_text(order, "id", context->txid);
    doc_set_text(order, "status", "open");
    doc_set_int(order, "time_ms", context->time_ms);
    struct doc *record = record_edit(before);
    doc_set(record, "order", order);
    doc_remove(record, "paused"); /* of the one before, which this one takes the place of */
    term_start_at(context, record, key, "adjust", end_ms,
                  doc_text(rule_profile_at(context, "open_order.clause")));
    record_stamp(context, record);
    state_put(context->state, key, record);
}

int open_order(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    int64_t day = 0;
    (void)civil_parse_date(&day, rule_body_text(context, "until")); /* the table checked it */
    listing_key(key, rule_body_text(context, "provider"), rule_body_text(context, "code"));
    if (!rule_policy_has(context, "open_order", "OPEN 38", "code")) {
        return rule_failed(context);
    }
    check_orderer(context);
    const struct doc *before = rule_subject(context, key);
    if (before != NULL && !doc_text_is(before, "status", "listed")) {
        faults_note_may(context->faults, ERR_STATUS, "listed");
        rule_fault(context, ERR_STATUS, "OPEN 38", "code");
    }
    const struct doc *given = doc_get(before, "order");
    if (doc_text_is(given, "status", "open") &&
        !rule_signed_by(context, doc_get_text(given, "by"))) {
        /* one at a time, or one's own again */
        rule_fault_status(context, "ordered", "", "OPEN 38", "code");
    }
    if (day <= civil_day(context->time_ms)) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, civil_day(context->time_ms) + 1,
                         FAULT_OPEN);
        rule_fault(context, ERR_FIELD_RANGE, "OPEN 38", "until");
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    order_put(context, before, key, civil_day_start(day + 1));
    return 0;
}

/* ---- what follows from the entry ---- */

/* OPEN 9: 数据开放主体负责对挂接关系进行维护: the list is adjusted first, by a work order of its
 * own.
 */
int listing_allows(struct rule_context *context, const char *provider, const char *code,
                   const struct doc *content)
{
    char key[RECORD_KEY_BYTES];
    listing_key(key, provider, code);
    const struct doc *record = state_get(context->state, key);
    const struct doc *listing = doc_get(record, "listing");
    if (!doc_text_is(record, "status", "listed")) {
        return 0;
    }
    if (doc_get(listing, "processing") == NULL &&
        opening_wider(doc_get_text(listing, "type"), doc_get_text(content, "opening"))) {
        rule_fault(context, ERR_OPENNESS, "OPEN 11", "entry.opening");
    }
    if (!listing_within(listing, doc_get(content, "items"))) {
        rule_fault(context, ERR_OPENNESS, "OPEN 9", "entry.items");
    }
    listing_check_explained(context, listing, doc_get(content, "items"), "entry");
    return context->error;
}

/* OPEN 10: 无法继续更新的，应当将已开放的历史数据转为静态数据继续开放，并调整开放清单. OPEN 9:
 * 更新频率应当与数据产生频率相当: of neither can the list say otherwise, before or after the entry, so
 * it follows by itself. What is listed as static stays so while the entry is irregular. */
void listing_follow(struct rule_context *context, const char *provider, const char *code,
                    const char *cycle)
{
    char key[RECORD_KEY_BYTES];
    listing_key(key, provider, code);
    const struct doc *before = state_get(context->state, key);
    const struct doc *listed = doc_get(before, "listing");
    bool rests = doc_text_is(listed, "update", "static");
    if (!doc_text_is(before, "status", "listed") || doc_text_is(listed, "update", cycle) ||
        (rests && strcmp(cycle, "irregular") == 0)) {
        return;
    }
    struct doc *record = record_edit(before);
    struct doc *listing = record_edit(listed);
    doc_set_text(listing, "update", cycle);
    doc_set(record, "listing", listing);
    if (strcmp(cycle, "static") == 0) {
        rule_act(context, "OPEN 10", key, "became-static");
    } else {
        rule_act(context, "OPEN 9", key, "cycle-followed");
    }
    record_stamp(context, record);
    state_put(context->state, key, record);
}
