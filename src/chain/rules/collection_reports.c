/* What an agency reports of its data, and what the center makes of that (归集, C6). The record's
 * course is in collections.c.
 *
 * PT 15: 应当在完成公共数据目录编制后 10 个工作日内，完成数据归集上云工作: ten days in all, however
 * often a report is returned. They stand while the center looks at a report ("paused"); what was
 * left then, at least one, goes on from the day after the return, each round a term of its own on
 * record, counted in "returned". What was overdue when it was reported is overdue again. A further
 * report of what is recognised that is returned is owed anew under a term of its own; what was
 * exempt is so still.
 *
 * PT 11: 不得以法律、法规以外的其他理由，拒绝…归集;
 * 对未有明确依据拒绝归集公共数据的，区府办应当及时报告: an unfounded refusal is made known by the
 * ledger itself, as an automatic act, the agency's term runs on, and the supervisor's report of it
 * is put beside it, once (catalog.report). A refusal stops no term until the center has accepted
 * it, and one that takes the place of a report leaves the term as if nothing had been reported; for
 * those who ask, what was reported and not returned is there until the refusal is accepted
 * ("kept_ms"), also where what the agency reports after it is returned: that is owed, and no junk
 * of its own closes what is in use. Nor does junk keep junk: the data is with the center (PT 15:
 * 上云), which says what is there (CN 15: 认定). What is kept it returns by a return of its own, once
 * no later report or refusal waits for it; so it could before there was a later one, and no agency
 * opens anything by reporting twice. Where the document has no days for what is collected first,
 * data whose report is returned, or whose refusal is unfounded, is owed within those for 汇聚更新
 * (CN 15: 都应…统一汇聚). CN 15: 实施完成后，由区科委出具《公共数据汇聚认定表》. */
#include "base/errors.h"
#include "chain/rules/collections.h"
#include "chain/rules/members.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/upkeep.h"

#include <string.h>

#define REFUSAL_CLAUSE "PT 11"

/* ---- catalog.collect ---- */

/* PT 11, CN 15: what is owed can be refused. What was recognised is there: a word more does not
 * close it to those who ask for it (PT 22, CN 16). */
static bool nothing_is_owed(const struct doc *collection)
{
    return doc_get(collection, "recognised") != NULL && doc_get(collection, "owes") == NULL;
}

/* Either the figures of what was collected, or a refusal. */
static int check_report(struct rule_context *context, const struct doc *before)
{
    static const char *const figures[] = {"method", "system", "content", "rows", "tables"};
    bool refuses = doc_get(context->body, "refusal") != NULL;
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        bool given = doc_get(context->body, figures[i]) != NULL;
        if (given == refuses) {
            rule_fault(context, given ? ERR_FIELD_UNKNOWN : ERR_FIELD_MISSING,
                       refuses ? REFUSAL_CLAUSE : "CN 附件1", "%s", figures[i]);
        }
    }
    if (refuses && nothing_is_owed(before)) {
        rule_fault_record(context, before, "due", "PT 11, CN 15", "refusal");
    }
    return context->error;
}

static void report_unfounded(struct rule_context *context, struct doc *record, const char *key)
{
    if (doc_get(record, "owes") == NULL) {
        collection_owe_anew(context, record, key);
    }
    doc_set_text(record, "status", "unfounded");
    rule_act(context, REFUSAL_CLAUSE, key, "refusal-unfounded");
}

/* What was reported, and nobody returned, stays there for those who ask, whatever is said next. */
static void keep_reported(struct doc *record)
{
    if (doc_get(record, "recognised") == NULL && collection_record_stands_ms(record) >= 0) {
        doc_set_int(record, "kept_ms", collection_record_stands_ms(record));
    }
}

static void put_refusal(struct rule_context *context, struct doc *record, const char *key)
{
    const struct doc *refusal = doc_get(context->body, "refusal");
    keep_reported(record);
    record_share(record, "refusal", refusal);
    doc_remove(record, "reported"); /* another refusal */
    doc_set_int(record, "refused_ms", context->time_ms);
    if (doc_get(record, "recognised") == NULL) {
        doc_remove(record, "reported_ms"); /* what is owed is not met by it */
    }
    /* It takes its report back, which gives it no day more than it had. */
    term_put_back(context, record, key, doc_get_text(record, "owes"));
    if (rule_text_blank(doc_get_text(refusal, "basis"))) {
        report_unfounded(context, record, key);
        return;
    }
    doc_set_text(record, "status", "refused");
}

static void put_figures(struct rule_context *context, struct doc *record, const char *key)
{
    struct doc *report = record_edit(context->body);
    doc_remove(report, "acts_on");
    doc_remove(report, "code");
    doc_set_text(report, "entry_version", rule_body_text(context, "acts_on"));
    doc_set_int(report, "time_ms", context->time_ms);
    if (term_is_over(context, record, "collect") || term_is_over(context, record, "recollect") ||
        doc_get_bool(doc_get(doc_get(record, "paused"), "term"), "over", false)) {
        doc_set_bool(report, "late", true);
    }
    doc_set(record, "report", report);
    keep_reported(record);
    if (doc_get(record, "reported_ms") == NULL) {
        doc_set_int(record, "reported_ms", context->time_ms);
    }
    doc_set_text(record, "status", "collected");
    doc_remove(record, "refusal");
    if (doc_get(record, "owes") != NULL) { /* else the document has no term for it */
        term_pause(context, record, key, doc_get_text(record, "owes"));
    }
}

int catalog_collect(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    const char *provider = context->tx->member;
    const char *code = rule_body_text(context, "code");
    collection_key(key, provider, code);
    const struct doc *entry = rule_subjectf(context, "entry/%s/%s", provider, code);
    if (entry != NULL && !doc_text_is(entry, "status", "published")) {
        faults_note_may(context->faults, ERR_STATUS, "published");
        rule_fault(context, ERR_STATUS, "PT 15", "code");
    }
    const struct doc *before = record_current(context, key);
    if (check_report(context, before) != 0) {
        return rule_failed(context);
    }
    struct doc *record = before != NULL ? record_edit(before) : collection_new(provider, code);
    if (doc_get(context->body, "refusal") != NULL) {
        put_refusal(context, record, key);
    } else {
        put_figures(context, record, key);
        refresh_begin(context, provider, code, doc_get_text(doc_get(entry, "entry"), "update"));
    }
    doc_remove(record, "review");
    collection_put(context, record, key);
    return 0;
}

/* ---- catalog.certify ---- */

/* CN 15: 出具《公共数据汇聚认定表》作为成果证明. What is proven stays on record under its number,
 * whatever is collected and certified after it; "previous" leads back to it. */
static void certificate_put(struct rule_context *context, struct doc *record)
{
    static const char *const told[] = {"code", "number", "provider", "report", "review"};
    struct doc *certificate = doc_new_object();
    record_share(certificate, "previous", doc_get(record, "number"));
    rule_take_number(context, record, "certificate");
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        record_share(certificate, told[i], doc_get(record, told[i]));
    }
    doc_set_int(certificate, "time_ms", context->time_ms);
    record_stamp(context, certificate);
    state_putf(context->state, certificate, "certificate/%s", doc_get_text(record, "number"));
}

static void accept_report(struct rule_context *context, struct doc *record, const char *key)
{
    bool collected = doc_text_is(record, "status", "collected");
    struct doc *recognised = doc_new_object();
    doc_set_text(recognised, "status", collected ? "certified" : "exempt");
    doc_set_int(recognised, "time_ms", context->time_ms);
    record_share(record, "status", doc_get(recognised, "status"));
    doc_set(record, "recognised", recognised);
    doc_remove(record, "exempted_ms");
    doc_remove(record, "kept_ms");
    doc_remove(record, "owes");
    doc_remove(record, "paused");
    collection_stop_terms(context, record, key);
    if (collected && rule_profile_at(context, "certificate") != NULL) {
        certificate_put(context, record);
    }
}

/* A further report of what was recognised before. */
static void return_further(struct rule_context *context, struct doc *record, const char *key)
{
    if (collection_is_exempt(record)) {
        doc_set_text(record, "status", "exempt");
        doc_remove(record, "reported_ms");
        return;
    }
    collection_owe_anew(context, record, key);
}

/* What was reported before is there for those who ask, and nothing was reported after it, or that
 * is returned. */
static bool is_kept_alone(const struct doc *record)
{
    bool owed = doc_text_is(record, "status", "due") || doc_text_is(record, "status", "unfounded");
    return owed && doc_get(record, "kept_ms") != NULL;
}

static void return_report(struct rule_context *context, struct doc *record, const char *key)
{
    if (doc_text_is(record, "status", "refused")) {
        report_unfounded(context, record, key);
        return;
    }
    doc_set_int(record, "returned", doc_get_int(record, "returned", 0) + 1);
    if (is_kept_alone(record)) { /* owed, under its term, as it was */
        doc_remove(record, "kept_ms");
        return;
    }
    if (nothing_is_owed(record)) {
        return_further(context, record, key);
        return;
    }
    doc_set_text(record, "status", "due");
    if (doc_get(record, "recognised") == NULL) {
        doc_remove(record, "reported_ms"); /* it was not there yet */
    }
    if (doc_get(record, "owes") == NULL) {
        collection_owe_anew(context, record, key);
    } else {
        term_go_on(context, record, key, doc_get_text(record, "owes"));
    }
}

static bool judges_as(struct rule_context *context, const char *party)
{
    return strcmp(party, "center") == 0
               ? rule_center_signs(context, "review")
               : doc_has_text(doc_get(context->member, "parties"), "supervisor") &&
                     doc_text_is(context->key, "role", "approve");
}

/* Whether data need not be collected is for whom the profile names (CN 15:
 * 除经领导小组认定的特殊情况外), for the center where the document names nobody: not for the agency
 * itself. Where that is the only one of them, whoever of the two is left stands in. */
static bool may_exempt(struct rule_context *context, const char *provider)
{
    static const char *const parties[] = {"center", "supervisor"};
    const struct doc *by = rule_profile_running(context, "exemption.by");
    bool named = false, signs = false, named_there = false, there = false;
    for (size_t i = 0; i < sizeof parties / sizeof *parties; i++) {
        bool is_named = by != NULL ? doc_has_text(by, parties[i]) : i == 0;
        bool judges = judges_as(context, parties[i]);
        bool another = party_has_another(context->state, parties[i], &provider, 1);
        signs = signs || judges;
        there = there || another;
        named = named || (is_named && judges);
        named_there = named_there || (is_named && another);
    }
    if (rule_signer_is(context, provider)) {
        return signs && !there;
    }
    if (named_there && !named) {
        faults_forget_noted(context->faults);
        for (size_t i = 0; i < sizeof parties / sizeof *parties; i++) {
            bool is_named = by != NULL ? doc_has_text(by, parties[i]) : i == 0;
            faults_note_may(context->faults, ERR_PARTY, is_named ? parties[i] : NULL);
        }
    }
    return named_there ? named : signs;
}

/* CN 15: 由区科委出具《公共数据汇聚认定表》. */
static void check_judge(struct rule_context *context, const struct doc *collection)
{
    bool may = doc_text_is(collection, "status", "refused")
                   ? may_exempt(context, doc_get_text(collection, "provider"))
                   : rule_center_signs(context, "review");
    if (!may) {
        rule_fault(context, ERR_PARTY, "CN 15, PT 11", "code");
    }
}

int catalog_certify(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    collection_key(key, rule_body_text(context, "provider"), rule_body_text(context, "code"));
    const struct doc *collection = rule_subject(context, key);
    bool accept = doc_text_is(context->body, "decision", "accept");
    bool waits = doc_text_is(collection, "status", "collected") ||
                 doc_text_is(collection, "status", "refused");
    if (collection != NULL && !waits && (accept || !is_kept_alone(collection))) {
        faults_note_may(context->faults, ERR_STATUS, "collected");
        faults_note_may(context->faults, ERR_STATUS, "refused");
        rule_fault(context, ERR_STATUS, "CN 15", "code");
    }
    rule_check_reasons(context, !accept, "CN 15");
    if (collection != NULL) {
        check_judge(context, collection);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *review = doc_new_object();
    doc_set_text(review, "by", context->tx->key_name);
    record_share(review, "decision", doc_get(context->body, "decision"));
    record_share(review, "reasons", doc_get(context->body, "reasons"));
    doc_set_int(review, "time_ms", context->time_ms);
    struct doc *record = record_edit(collection);
    doc_set(record, "review", review);
    if (accept) {
        accept_report(context, record, key);
    } else {
        return_report(context, record, key);
    }
    collection_put(context, record, key);
    return 0;
}

/* ---- catalog.report ---- */

/* PT 11: 对未有明确依据拒绝归集公共数据的，区府办应当及时报告. */
int catalog_report(struct rule_context *context)
{
    static const char *const told[] = {"authority", "document", "opinion"};
    char key[RECORD_KEY_BYTES];
    collection_key(key, rule_body_text(context, "provider"), rule_body_text(context, "code"));
    const struct doc *collection = rule_subject(context, key);
    if (collection == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(collection, "status", "unfounded")) {
        faults_note_may(context->faults, ERR_STATUS, "unfounded");
        return rule_fault(context, ERR_STATUS, REFUSAL_CLAUSE, "code");
    }
    if (doc_get(collection, "reported") != NULL) {
        return rule_fault(context, ERR_DUPLICATE, REFUSAL_CLAUSE, "code");
    }
    struct doc *report = doc_new_object();
    doc_set_text(report, "by", context->tx->member);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        record_share(report, told[i], doc_get(context->body, told[i]));
    }
    doc_set_int(report, "time_ms", context->time_ms);
    struct doc *record = record_edit(collection);
    doc_set(record, "reported", report);
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}
