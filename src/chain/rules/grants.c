/* Grants (D6, D10, D12): what an approval gives, until it ends.
 *
 *   created ──▶ agreement ──both sides' digests agree──▶ active ◀──last hold ends─── suspended
 *       └──(no agreement demanded)──────────────────────▶ │ ────first hold──────▶       │
 *                                                         └──────────┬────────────────┘
 *       ended (consumer), terminated (center, provider, disuse), expired (block time)
 *
 * A grant lasts until 24:00 of its last day. live/<provider>/<entry>/<grant> exists while it is not
 * over. Holds, which outlast it, are in holds.c, disuse in disuse.c. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/adjustments.h"
#include "chain/rules/bars.h"
#include "chain/rules/catalog.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <stdio.h>
#include <string.h>

/* ---- creation ---- */

/* All conditions hold: those asked for and those the answer added. */
static struct doc *join_rows(const struct doc *asked, const struct doc *added)
{
    struct doc *rows = doc_new_array();
    for (size_t i = 0; i < doc_count(asked); i++) {
        doc_push(rows, doc_ref(doc_at(asked, i)));
    }
    for (size_t i = 0; i < doc_count(added); i++) {
        doc_push(rows, doc_ref(doc_at(added, i)));
    }
    return rows;
}

static int64_t end_of_last_day(const char *until)
{
    int64_t day = 0;
    (void)civil_parse_date(&day, until); /* the table checked it */
    return civil_day_start(day + 1);
}

/* PT 19 (四): what is asked for by authorisation of those whom it is about, by comparison or masked
 * is given so and not otherwise. That holds too where the center did not find the case met, and the
 * agency decides by PT 20: it, and all the more its silence, gives no more than was asked for, and
 * the use stays what was promised (PT 25: 应当限于共享需求申请时所承诺的应用场景范围). Where the
 * policy does not know the case, the claim changes nothing. */
static const char *restriction_of(struct rule_context *context, const struct doc *record)
{
    bool known = scenario_knows(context, 4);
    bool decided = doc_text_is(record, "route", "scenario") ||
                   (known && doc_text_is(record, "route", "provider"));
    const struct doc *request = doc_get(record, "request");
    return decided ? doc_get_text(doc_get(request, "scenario"), "restriction") : NULL;
}

static void grant_fill(struct rule_context *context, struct doc *grant, const struct doc *record,
                       const struct grant_terms *terms)
{
    static const char *const shared[] = {"consumer", "entry",    "entry_version",
                                         "number",   "provider", "route"};
    static const char *const asked[] = {"mode", "purpose", "system"};
    const struct doc *request = doc_get(record, "request");
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        record_share(grant, shared[i], doc_get(record, shared[i]));
    }
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        record_share(grant, asked[i], doc_get(request, asked[i]));
    }
    record_share(grant, "applicant", doc_get(doc_get(request, "applicant"), "identity"));
    const struct doc *items = terms->items != NULL ? terms->items : doc_get(request, "items");
    const char *restriction = restriction_of(context, record);
    if (restriction != NULL) {
        doc_set_text(grant, "restriction", restriction);
        if (strcmp(restriction, "masked") == 0) {
            doc_set_bool(grant, "masked_all", true); /* PT 19: 仅需对脱敏数据进行使用的 */
        }
    }
    if (doc_get(request, "applicant") != NULL && applicant_masked(context, record)) {
        doc_set_bool(grant, "masked_all", true);
    }
    record_share(grant, "items", items);
    record_share(grant, "masked", terms->masked);
    doc_set(grant, "rows", join_rows(doc_get(request, "rows"), terms->rows));
    record_share(grant, "quota", terms->quota != NULL ? terms->quota : doc_get(request, "quota"));
    disuse_excuse(context, grant, doc_get(request, "frequency"));
    if (terms->terms != NULL) {
        doc_set_text(grant, "terms_of_use", terms->terms);
    }
}

/* CN 17: unconditional sharing needs no more than the record; the rest may need an agreement. */
static const char *grant_first_status(struct rule_context *context, const struct doc *request)
{
    bool agreement = doc_get_bool(rule_profile_at(context, "agreement"), "required", false) &&
                     !doc_text_is(request, "route", "unconditional");
    return agreement ? "agreement" : "active";
}

/* By the clause that bounds grants, which is the district's. */
static void start_expiry(struct rule_context *context, struct doc *grant, const char *subject,
                         int64_t expires_ms)
{
    term_start_at(context, grant, subject, "expiry", expires_ms,
                  doc_text(rule_profile_at(context, "grant.clause")));
}

void grant_create(struct rule_context *context, struct doc *request, const char *id,
                  const struct grant_terms *terms,
                  void (*stamp)(struct rule_context *, struct doc *))
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "grant/%s", id);
    const char *until =
        terms->until != NULL ? terms->until : doc_get_text(doc_get(request, "request"), "until");
    int64_t expires_ms = end_of_last_day(until);
    struct doc *grant = doc_new_object();
    grant_fill(context, grant, request, terms);
    doc_set_text(grant, "request", id);
    doc_set_int(grant, "expires_ms", expires_ms);
    doc_set_int(grant, "since_ms", context->time_ms);
    doc_set_text(grant, "status", grant_first_status(context, request));
    stamp(context, grant);
    start_expiry(context, grant, subject, expires_ms);
    disuse_start(context, grant, subject);
    live_grant_put(context, grant, id);
    plan_note_granted(context, request, grant, subject);
    state_put(context->state, subject, grant);
    doc_set_text(request, "status", "granted");
}

/* ---- ends ---- */

const struct doc *grant_subject(struct rule_context *context, char subject[RECORD_KEY_BYTES])
{
    record_key(subject, "grant/%s", rule_body_text(context, "grant"));
    return rule_subject(context, subject);
}

bool grant_is_over(const struct doc *grant)
{
    return doc_text_is(grant, "status", "ended") || doc_text_is(grant, "status", "terminated") ||
           doc_text_is(grant, "status", "expired");
}

void grant_note_act(struct rule_context *context, struct doc *grant, const char *status)
{
    struct doc *note = doc_new_object();
    record_share(note, "basis", doc_get(context->body, "basis"));
    doc_set_text(note, "by", context->tx->member);
    record_share(note, "reason", doc_get(context->body, "reason"));
    doc_set_int(note, "time_ms", context->time_ms);
    doc_set(grant, "last_act", note);
    doc_set_text(grant, "status", status);
    record_stamp(context, grant);
}

void grant_note_step(struct rule_context *context, struct doc *grant)
{
    char status[32];
    (void)snprintf(status, sizeof status, "%s", doc_get_text(grant, "status"));
    grant_note_act(context, grant, status);
}

/* No term of it runs on. Its holds stand for whoever put them to lift, or the consumer would end a
 * grant to be rid of them (bars.h); of disuse there is nothing left to object to. */
void grant_close(struct rule_context *context, struct doc *record, const char *subject)
{
    static const char *const terms[] = {"disuse", "expiry", "objection"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        term_stop(context, record, subject, terms[i]);
    }
    agreement_unawaited(context, record, subject);
    hold_drop(record, "disuse");
    live_grant_delete(context, record, subject + strlen("grant/"));
}

void grant_finish_record(struct rule_context *context, const char *subject, struct doc *record,
                         const char *status)
{
    grant_note_act(context, record, status);
    grant_close(context, record, subject);
}

int grant_finish(struct rule_context *context, const char *subject, const struct doc *grant,
                 const char *status)
{
    struct doc *record = record_edit(grant);
    grant_finish_record(context, subject, record, status);
    state_put(context->state, subject, record);
    return 0;
}

void grant_finish_by_itself(struct rule_context *context, const char *subject,
                            const struct doc *term, const char *status)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    rule_act_at(context, doc_get_text(term, "clause"), subject, status,
                doc_get_int(term, "due_ms", 0));
    grant_close(context, record, subject);
    doc_set_text(record, "status", status);
    record_stamp_act(context, record);
    state_put(context->state, subject, record);
}

/* PT 26: 区级需求单位因业务调整不再使用公共数据共享服务的，应当及时终止相应共享需求. */
int grant_end(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *grant = grant_subject(context, subject);
    if (grant == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(grant, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "PT 26", "grant");
    }
    if (grant_is_over(grant)) {
        return rule_fault_record(context, grant, GRANT_NOT_OVER, "PT 26", "grant");
    }
    return grant_finish(context, subject, grant, "ended");
}

/* The day of expiry is over; the record stays. */
void grant_expiry_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    grant_finish_by_itself(context, subject, term, "expired");
}

/* ---- what a settlement or a ruling changes (PT 24, CN 17) ---- */

void grant_terminate_as_ruled(struct rule_context *context, const char *id)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "grant/%s", id);
    const struct doc *grant = state_get(context->state, subject);
    if (!grant_is_over(grant)) {
        grant_finish(context, subject, grant, "terminated");
    }
}

void grant_amend(struct rule_context *context, const struct doc *request, const char *id,
                 const struct grant_terms *terms)
{
    static const char *const replaced[] = {"agreement", "items", "masked",
                                           "quota",     "rows",  "terms_of_use"};
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "grant/%s", id);
    struct doc *record = record_edit(state_get(context->state, subject));
    for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++) {
        doc_remove(record, replaced[i]);
    }
    const char *until =
        terms->until != NULL ? terms->until : doc_get_text(doc_get(request, "request"), "until");
    int64_t expires_ms = end_of_last_day(until);
    grant_fill(context, record, request, terms);
    doc_set_int(record, "expires_ms", expires_ms);
    grant_note_act(context, record, grant_first_status(context, request));
    if (!doc_text_is(record, "status", "active")) {
        term_stop(context, record, subject, "disuse"); /* it may not be used before both sign */
    }
    agreement_unawaited(context, record, subject);
    term_stop(context, record, subject, "expiry");
    start_expiry(context, record, subject, expires_ms);
    plan_note_granted(context, request, record, subject);
    state_put(context->state, subject, record);
}
