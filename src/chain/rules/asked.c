/* What was asked for of an entry and is not decided yet.
 *
 *   asked/<provider>/<entry>/<%016x since_ms>/<txid>  {"kind", "items", "rows"?, "applicant"?}
 *
 * kind "request": it waits for its intake, an assessment or an answer, or was refused, or its mode
 * was, and is in dispute; kind "fusion": a part of it waits for the review or the service, or the
 * fusion was returned and is in dispute. It is there as long as that lasts.
 *
 *   refused/<provider>/<entry>/<%016x since_ms>/<txid>  the same members
 *
 * What was asked for so and refused, not accepted or returned: as long as it may still be disputed
 * in time; and what was approved and waits for its consumer's return (approvals.c), for as many
 * days: what is not there any more then is not granted. Meanwhile a change that it was asked for
 * before waits, or whoever decides on that the same day, as PT 14 has it, would leave nobody the
 * time to dispute (PT 24), and an approval that gives nothing would be a refusal without grounds.
 * What is out of time is let go: two whenever a request is decided, or a fusion with that entry,
 * more when a change is applied for; so that an entry's past holds no change up, however much of
 * it was refused.
 *
 * PT 20: 审核不通过的，…应当提供明确的法律、法规等依据. An agency that could delete the entry, or
 * close the item, while it is asked for it would refuse without any. So what was asked for before
 * a change was applied for is decided before that takes effect (PT 14); what was granted then is
 * the adjustment plan's. What is asked for later knows of the change.
 *
 * PT 24 and CN 17 give no time in which a refusal is to be disputed. What was decided when a change
 * was applied for, and not in dispute, does not hold that up for ever: disputed after as many days
 * as the profile has for an answer, it counts as asked for from then on ("asked_ms"), or an entry
 * could not be changed for any refusal ever given. Who disputes within those days is in time, or an
 * agency would refuse and apply for the deletion in one breath. What was decided only since the
 * application holds it whenever it is disputed. */
#include "chain/rules/asked.h"

#include "base/memory.h"
#include "chain/rules/adjustments.h"
#include "chain/rules/approvals.h"
#include "chain/rules/disputes.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/terms.h"

#include <inttypes.h>
#include <string.h>

#define ASKED_LOOKED_AT 100
#define REFUSED_LOOKED_AT 256
#define REFUSED_LET_GO_FOR_ONE 2 /* looked at when one is decided */

/* family: "asked" or "refused"; `whole`: the request or fusion that says since when. */
static void asked_key(char out[RECORD_KEY_BYTES], const char *family, const struct doc *of,
                      const struct doc *whole, const char *id)
{
    int64_t since_ms = doc_get_int(whole, "asked_ms", doc_get_int(whole, "submitted_ms", 0));
    record_key(out, "%s/%s/%s/%016" PRIx64 "/%s", family, doc_get_text(of, "provider"),
               doc_get_text(of, "entry"), record_instant(since_ms), id);
}

/* ---- the index ---- */

static void asked_put(struct rule_context *context, const char *key, const char *kind,
                      const struct doc *asked)
{
    if (state_get(context->state, key) != NULL) {
        return;
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "kind", kind);
    record_share(record, "applicant", doc_get(asked, "applicant"));
    record_share(record, "items", doc_get(asked, "items"));
    record_share(record, "rows", doc_get(asked, "rows"));
    state_put(context->state, key, record);
}

static bool request_waits(const struct doc *request)
{
    static const char *const waiting[] = {"intake", "assessing", "pending", "escalated"};
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++) {
        if (doc_text_is(request, "status", waiting[i])) {
            return true;
        }
    }
    return false;
}

static bool in_dispute(struct rule_context *context, const struct doc *request, const char *id)
{
    bool refused =
        doc_text_is(request, "status", "refused") || doc_text_is(request, "status", "not-accepted");
    return refused && state_getf(context->state, "disputed/%s", id) != NULL;
}

/* The same of any of a fusion's parts, or of its return: disputed/<fusion>/… */
static bool fusion_waits(struct rule_context *context, const struct doc *fusion, const char *id)
{
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES];
    record_key(prefix, "disputed/%s/", id);
    return doc_text_is(fusion, "status", "reviewing") ||
           doc_text_is(fusion, "status", "approved") ||
           (doc_text_is(fusion, "status", "returned") &&
            state_next(context->state, key, prefix, NULL));
}

/* Who is suspended is waited for as many days more, and who is gone not at all: its right to
 * dispute outlasts that, but the entry does not stand still for it (PT 14). */
static bool days_run(struct rule_context *context, const struct doc *request)
{
    bool provisional, further;
    int64_t decided_ms = doc_get_int(request, "decided_ms", 0);
    struct term_length length = term_length_of(rule_profile_at(context, "answer"));
    if (length.n < 0 || member_is_gone(context, doc_get_text(request, "consumer"))) {
        return false;
    }
    AUTO(doc_free) struct doc *days = doc_new_object();
    doc_set_int(days, "from_ms", decided_ms);
    doc_set_int(days, civil_unit_text(length.unit), length.n);
    int64_t end_ms = term_length_end(context, &provisional, decided_ms, length);
    end_ms = term_outage_shift(context, &provisional, end_ms);
    const struct term_debtor consumer = {.member = doc_get_text(request, "consumer"),
                                         .role = "compile"};
    int64_t most_ms = term_length_end(context, &further, end_ms - 1, length);
    most_ms = term_outage_shift(context, &further, most_ms);
    int64_t its_ms = term_suspension_shift(context, &provisional, days, &consumer, end_ms);
    its_ms = term_certain_end(context, provisional, its_ms);
    most_ms = term_certain_end(context, further, most_ms);
    return context->time_ms < (its_ms < most_ms ? its_ms : most_ms);
}

/* Whether the days that an answer has are not over since it was decided: those in which its
 * consumer could act. */
static bool disputed_in_time(struct rule_context *context, const struct doc *request)
{
    unsigned before = state_reads(context->state);
    bool run = days_run(context, request);
    context->term_reads += state_reads(context->state) - before;
    return run;
}

/* A change of the entry that `of` names was applied for since `whole` was decided. */
static bool changes_since(struct rule_context *context, const struct doc *of,
                          const struct doc *whole)
{
    const struct doc *change =
        state_getf(context->state, "change/%s/%s", doc_get_text(of, "provider"),
                   doc_get_text(of, "entry"));
    bool applied =
        doc_text_is(change, "status", "applied") || doc_text_is(change, "status", "consulting");
    return applied &&
           doc_get_int(change, "submitted_ms", 0) > doc_get_int(whole, "decided_ms", DOC_INT_MAX);
}

/* What was decided is disputed: where a change was applied for in between, and it is late for that,
 * it is asked for from now on only; a fusion, which is served as a whole, as a whole. */
static void ask_anew(struct rule_context *context, struct doc *request)
{
    const struct doc *parts = doc_get(doc_get(request, "asked_for"), "parts");
    bool changes = parts == NULL && changes_since(context, request, request);
    for (size_t i = 0; !changes && i < doc_count(parts); i++) {
        changes = changes_since(context, doc_at(parts, i), request);
    }
    if (changes && !disputed_in_time(context, request)) {
        doc_set_int(request, "asked_ms", context->time_ms);
    }
}

/* ---- what was refused of it ---- */

/* The request or fusion that a key of the index names; its own key, into name. */
static const struct doc *whole_of(struct rule_context *context, char name[RECORD_KEY_BYTES],
                                  const char *key)
{
    const struct doc *asked = state_get(context->state, key);
    record_key(name, "%s/%s", doc_get_text(asked, "kind"), strrchr(key, '/') + 1);
    return state_get(context->state, name);
}

static void let_go(struct rule_context *context, const char *provider, const char *entry,
                   size_t most)
{
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES];
    char name[RECORD_KEY_BYTES];
    record_key(prefix, "refused/%s/%s/", provider, entry);
    record_key(after, "%s", prefix);
    for (size_t i = 0; i < most && state_next(context->state, key, prefix, after); i++) {
        if (!disputed_in_time(context, whole_of(context, name, key))) {
            state_delete(context->state, key);
        }
        memcpy(after, key, sizeof after);
    }
}

void refused_let_go(struct rule_context *context, const char *provider, const char *entry)
{
    let_go(context, provider, entry, REFUSED_LET_GO);
}

static bool is_refused(const struct doc *whole)
{
    return doc_text_is(whole, "status", "refused") ||
           doc_text_is(whole, "status", "not-accepted") || doc_text_is(whole, "status", "returned");
}

/* Of a request: of a fusion what is approved is in the other index. */
static bool awaits_return(const struct doc *whole)
{
    return doc_text_is(whole, "status", "approved") && doc_get(whole, "request") != NULL;
}

static void refused_put(struct rule_context *context, const struct doc *of,
                        const struct doc *whole, const char *kind, const struct doc *asked,
                        const char *id)
{
    char key[RECORD_KEY_BYTES];
    if (is_refused(whole) || awaits_return(whole)) {
        asked_key(key, "refused", of, whole, id);
        asked_put(context, key, kind, asked);
    }
}

static void refused_delete(struct rule_context *context, const struct doc *of,
                           const struct doc *whole, const char *id)
{
    char key[RECORD_KEY_BYTES];
    asked_key(key, "refused", of, whole, id);
    if (state_get(context->state, key) != NULL) {
        state_delete(context->state, key);
    }
}

/* Whoever asked may dispute it, or is to be granted it, while that is in time. */
static bool holds(struct rule_context *context, const struct doc *whole)
{
    return awaits_return(whole) ||
           (is_refused(whole) && rule_profile_at(context, "dispute") != NULL &&
            !doc_text_is(whole, "decided_by", "settlement") &&
            !dispute_was_dropped(context, whole, "consumer") && dispute_may_go_on(context, whole));
}

/* It is refused now, and its record in the state says otherwise: that decides, though a dispute
 * goes on in which it waits (a consumer that takes that back decides nothing). */
static bool refused_newly(struct rule_context *context, struct doc *whole, const char *subject)
{
    bool newly = is_refused(whole) && !is_refused(state_get(context->state, subject));
    if (newly) {
        doc_set_int(whole, "decided_ms", context->time_ms);
    }
    return newly;
}

/* Brings the index to what the editable request says now; whether that is anything new, of which
 * the record then tells. A dispute that its consumer takes back decides nothing. */
static bool asked_follow(struct rule_context *context, struct doc *record, const char *id,
                         bool decides)
{
    char key[RECORD_KEY_BYTES], subject[RECORD_KEY_BYTES];
    asked_key(key, "asked", record, record, id);
    record_key(subject, "request/%s", id);
    bool waited = state_get(context->state, key) != NULL;
    bool waits = request_waits(record) || in_dispute(context, record, id);
    bool newly = refused_newly(context, record, subject);
    if (waits || !(is_refused(record) || awaits_return(record))) {
        refused_delete(context, record, record, id);
    }
    if (waits && !waited) {
        ask_anew(context, record);
        asked_key(key, "asked", record, record, id);
        asked_put(context, key, "request", doc_get(record, "request"));
    } else if (waited && !waits) {
        if (decides) {
            doc_set_int(record, "decided_ms", context->time_ms);
        }
        state_delete(context->state, key);
        let_go(context, doc_get_text(record, "provider"), doc_get_text(record, "entry"),
               REFUSED_LET_GO_FOR_ONE);
    }
    if (!waits && (waited || newly)) {
        refused_put(context, record, record, "request", doc_get(record, "request"), id);
    }
    return waits != waited;
}

void request_put(struct rule_context *context, struct doc *record, const char *subject)
{
    approval_follow(context, record, subject);
    (void)asked_follow(context, record, subject + strlen("request/"), true);
    state_put(context->state, subject, record);
}

void asked_disputed(struct rule_context *context, const char *request, bool decides)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", request);
    struct doc *record = record_edit(state_get(context->state, subject));
    if (asked_follow(context, record, request, decides)) {
        state_put(context->state, subject, record); /* its version stays: nobody acted on it */
    } else {
        doc_free(&record);
    }
}

static bool fusion_follow(struct rule_context *context, struct doc *fusion, const char *id,
                          bool decides)
{
    char key[RECORD_KEY_BYTES], subject[RECORD_KEY_BYTES];
    const struct doc *parts = doc_get(doc_get(fusion, "asked_for"), "parts");
    asked_key(key, "asked", doc_at(parts, 0), fusion, id);
    record_key(subject, "fusion/%s", id);
    bool waited = state_get(context->state, key) != NULL;
    bool waits = fusion_waits(context, fusion, id);
    (void)refused_newly(context, fusion, subject);
    if (waits == waited) {
        return false;
    }
    for (size_t i = 0; waits && i < doc_count(parts); i++) {
        refused_delete(context, doc_at(parts, i), fusion, id);
    }
    if (!waits && decides) {
        doc_set_int(fusion, "decided_ms", context->time_ms);
    } else if (waits && doc_get(fusion, "decided_ms") != NULL) {
        ask_anew(context, fusion);
    }
    for (size_t i = 0; i < doc_count(parts); i++) {
        asked_key(key, "asked", doc_at(parts, i), fusion, id);
        if (waits) {
            asked_put(context, key, "fusion", doc_at(parts, i));
        } else {
            state_delete(context->state, key);
            let_go(context, doc_get_text(doc_at(parts, i), "provider"),
                   doc_get_text(doc_at(parts, i), "entry"), REFUSED_LET_GO_FOR_ONE);
            refused_put(context, doc_at(parts, i), fusion, "fusion", doc_at(parts, i), id);
        }
    }
    return true;
}

bool asked_fusion(struct rule_context *context, struct doc *fusion, const char *id)
{
    return fusion_follow(context, fusion, id, true);
}

void asked_fusion_disputed(struct rule_context *context, const char *fusion, bool decides)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "fusion/%s", fusion);
    struct doc *record = record_edit(state_get(context->state, subject));
    if (fusion_follow(context, record, fusion, decides)) {
        state_put(context->state, subject, record); /* its version stays, as a request's */
    } else {
        doc_free(&record);
    }
}

/* ---- what a change affects ---- */

/* The next one, unless it was asked for later: whoever asks on and on holds nothing up. */
static bool asked_next(struct rule_context *context, char key[RECORD_KEY_BYTES], const char *prefix,
                       const char *after, int64_t until_ms)
{
    char until[RECORD_KEY_BYTES];
    record_key(until, "%016" PRIx64, record_instant(until_ms));
    return state_next(context->state, key, prefix, after) &&
           strncmp(key + strlen(prefix), until, strlen(until)) <= 0;
}

struct doc *asked_affected(struct rule_context *context, const struct doc *change, int64_t until_ms,
                           bool *more)
{
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES], name[RECORD_KEY_BYTES];
    char after[RECORD_KEY_BYTES];
    struct doc *affected = doc_new_array();
    record_key(prefix, "asked/%s/%s/", doc_get_text(change, "provider"),
               doc_get_text(change, "code"));
    record_key(after, "%s", prefix);
    *more = asked_next(context, key, prefix, after, until_ms);
    for (size_t i = 0; *more && i < ASKED_LOOKED_AT; i++) {
        const struct doc *asked = state_get(context->state, key);
        if (grant_affected(context, change, asked)) {
            record_key(name, "%s/%s", doc_get_text(asked, "kind"), strrchr(key, '/') + 1);
            doc_push_text(affected, name);
        }
        memcpy(after, key, sizeof after);
        *more = asked_next(context, key, prefix, after, until_ms);
    }
    return affected;
}

const char *refused_affected(struct rule_context *context, char name[RECORD_KEY_BYTES],
                             const struct doc *change)
{
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES];
    int64_t applied_ms = doc_get_int(change, "submitted_ms", 0);
    record_key(prefix, "refused/%s/%s/", doc_get_text(change, "provider"),
               doc_get_text(change, "code"));
    record_key(after, "%s", prefix);
    for (size_t i = 0; asked_next(context, key, prefix, after, applied_ms); i++) {
        const struct doc *whole = whole_of(context, name, key);
        if (i == REFUSED_LOOKED_AT) {
            return name;
        }
        if (disputed_in_time(context, whole) && holds(context, whole) &&
            grant_affected(context, change, state_get(context->state, key))) {
            return name;
        }
        memcpy(after, key, sizeof after);
    }
    return NULL;
}
