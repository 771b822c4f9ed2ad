/* Disputes about requests, needs and fusions (D8).
 *
 *   raise ──▶ negotiating ──settle by both sides──▶ settled
 *     │            │ both refer it, or whoever rules takes it up, or its term is over
 *     │            ▼
 *     └────▶   referred ──rule──▶ ruled          and withdrawn by whoever raised it, or with the
 *  silence ──▶     │ settle by both ▶ settled    request; answered when the provider approves
 *
 * PT 24: 双方应当先行协商；协商不成的，由区府办协调处理. CN 17:
 * 资源需求方对资源提供方的意见持有异议，
 * 可以申请协调处理，由区科委会同相关部门对该事项进行研究并作出结论. Whether both negotiate first,
 * who rules (rulers.c), and in how many days where the document says so, are the profile's.
 *
 * What the center alone has refused, a mode of use (PT 21), a need at all or a fusion that no
 * agency refuses (PT 22), goes to whoever rules at once.
 *
 * An outcome says what the request comes to (dispute_rule.c), and the ledger carries it out: a
 * grant is made, changed or ended (dispute_request.c). No clock stops for a dispute: PT 20 has no
 * such exception, so a provider that disputes still answers in time, and a ruling may take back
 * what its silence gave.
 *
 * dispute/<txid of raise> is the record; of silence it is dispute/<request>. It names the
 * "request", or the "need" that it is about (dispute_need.c), and disputed/<that> names the open
 * one; there is at most one. Of a "fusion" (dispute_fusion.c) there is one at most about what each
 * has said: disputed/<fusion>/<provider>/<entry>, of its return disputed/<fusion>/<center>. */
#include "chain/rules/disputes.h"

#include "base/errors.h"
#include "chain/rules/asked.h"
#include "chain/rules/members.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

/* ---- the record ---- */

static void refer(struct rule_context *context, struct doc *record, const char *subject)
{
    term_stop(context, record, subject, "negotiation");
    doc_set_text(record, "status", "referred");
    doc_set_int(record, "referred_ms", context->time_ms);
    term_start_running(context, record, subject, "ruling", "ruling.term");
}

static struct doc *dispute_new(struct rule_context *context, const struct doc *about,
                               const char *family, const char *id, const char *kind)
{
    struct doc *record = doc_new_object();
    record_share(record, "consumer", doc_get(about, "consumer"));
    doc_set_text(record, "kind", kind);
    record_share(record, "provider", doc_get(about, "provider"));
    doc_set_int(record, "raised_ms", context->time_ms);
    doc_set_text(record, family, id);
    dispute_send_up(context, record, about);
    return record;
}

const char *dispute_family(const struct doc *dispute)
{
    return doc_get(dispute, "need") != NULL     ? "need"
           : doc_get(dispute, "fusion") != NULL ? "fusion"
                                                : "request";
}

const char *dispute_about(const struct doc *dispute)
{
    return doc_get_text(dispute, dispute_family(dispute));
}

/* Where the open one is named. */
static void open_key(char out[RECORD_KEY_BYTES], const struct doc *dispute)
{
    const char *entry = doc_get_text(dispute, "entry"); /* only of a fusion */
    if (doc_get(dispute, "fusion") == NULL) {
        record_key(out, "disputed/%s", dispute_about(dispute));
    } else if (entry != NULL) {
        record_key(out, "disputed/%s/%s/%s", dispute_about(dispute),
                   doc_get_text(dispute, "provider"), entry);
    } else {
        record_key(out, "disputed/%s/%s", dispute_about(dispute), doc_get_text(dispute, "against"));
    }
}

static void open_put(struct rule_context *context, const struct doc *record, const char *dispute)
{
    char key[RECORD_KEY_BYTES];
    struct doc *pointer = doc_new_object();
    doc_set_text(pointer, "dispute", dispute);
    open_key(key, record);
    state_put(context->state, key, pointer);
}

/* The open dispute about a request or need, its key into `subject`; NULL if there is none. */
static const struct doc *open_get(struct rule_context *context, char *subject, const char *request)
{
    const struct doc *pointer = state_getf(context->state, "disputed/%s", request);
    if (pointer == NULL) {
        return NULL;
    }
    record_key(subject, "dispute/%s", doc_get_text(pointer, "dispute"));
    return record_current(context, subject);
}

void dispute_close(struct rule_context *context, struct doc *record, const char *subject,
                   const char *status)
{
    char key[RECORD_KEY_BYTES];
    /* Whoever asked decides nothing by taking its dispute back, or it would hold a change of the
     * entry by turns; another's dispute it could raise none beside: its days begin (asked.c). */
    const char *by = doc_get_text(record, "by");
    bool decides = strcmp(status, "withdrawn") != 0 || (by != NULL && strcmp(by, "consumer") != 0);
    open_key(key, record);
    state_delete(context->state, key);
    if (doc_get(record, "request") != NULL) {
        asked_disputed(context, doc_get_text(record, "request"), decides);
    } else if (doc_get(record, "fusion") != NULL) {
        asked_fusion_disputed(context, doc_get_text(record, "fusion"), decides);
    }
    term_stop(context, record, subject, "negotiation");
    term_stop(context, record, subject, "ruling");
    doc_set_int(record, "closed_ms", context->time_ms);
    doc_set_text(record, "status", status);
}

/* ---- silence, answers, withdrawals ---- */

void dispute_escalate(struct rule_context *context, const struct doc *request, const char *id,
                      const struct doc *term)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *open = open_get(context, subject, id);
    struct doc *record = open != NULL ? record_edit(open) : NULL;
    if (record == NULL) {
        record_key(subject, "dispute/%s", id);
        record = dispute_new(context, request, "request", id, "silence");
        open_put(context, record, id);
    }
    if (!doc_text_is(record, "status", "referred")) {
        refer(context, record, subject);
    }
    rule_act_at(context, term_effect_clause(term), subject, "referred",
                doc_get_int(term, "due_ms", 0));
    record_stamp_act(context, record);
    state_put(context->state, subject, record);
}

static void close_with_request(struct rule_context *context, const char *subject,
                               const struct doc *open, const char *status)
{
    struct doc *record = record_edit(open);
    dispute_close(context, record, subject, status);
    record_stamp(context, record);
    state_put(context->state, subject, record);
}

void dispute_answered(struct rule_context *context, const char *request, bool approved)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *open = open_get(context, subject, request);
    if (open != NULL && approved) {
        close_with_request(context, subject, open, "answered");
    }
}

void dispute_withdrawn(struct rule_context *context, const char *request)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *open = open_get(context, subject, request);
    if (open != NULL) {
        close_with_request(context, subject, open, "withdrawn");
    }
}

void disputes_withdrawn(struct rule_context *context, const char *fusion)
{
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES], subject[RECORD_KEY_BYTES];
    record_key(prefix, "disputed/%s/", fusion);
    while (state_next(context->state, key, prefix, NULL)) { /* what is closed is not there */
        record_key(subject, "dispute/%s", doc_get_text(state_get(context->state, key), "dispute"));
        close_with_request(context, subject, record_current(context, subject), "withdrawn");
    }
}

/* PT 24, CN 17: 协商不成的. */
void negotiation_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    rule_act_at(context, term_effect_clause(term), subject, "referred",
                doc_get_int(term, "due_ms", 0));
    refer(context, record, subject);
    record_stamp_act(context, record);
    state_put(context->state, subject, record);
}

/* ---- the sides ---- */

const char *dispute_side(struct rule_context *context, const struct doc *record)
{
    bool provider = rule_signed_by(context, doc_get_text(record, "provider"));
    if (!provider && !rule_signed_by(context, doc_get_text(record, "consumer"))) {
        rule_fault(context, ERR_PARTY, "PT 24, CN 17", "dispute");
        return NULL;
    }
    if (!doc_text_is(context->key, "role", provider ? "approve" : "compile")) {
        faults_note_may(context->faults, ERR_TX_ROLE, provider ? "approve" : "compile");
        rule_fault(context, ERR_TX_ROLE, "PT 6", "dispute");
        return NULL;
    }
    return provider ? "provider" : "consumer";
}

const struct doc *dispute_subject(struct rule_context *context, char subject[RECORD_KEY_BYTES])
{
    record_key(subject, "dispute/%s", rule_body_text(context, "dispute"));
    const struct doc *before = state_get(context->state, subject);
    if (before != NULL) {
        dispute_apply_due(context, before);
    }
    const struct doc *record = rule_subject(context, subject);
    if (record != NULL && !doc_text_is(record, "status", "negotiating") &&
        !doc_text_is(record, "status", "referred")) {
        faults_note_may(context->faults, ERR_STATUS, "negotiating");
        faults_note_may(context->faults, ERR_STATUS, "referred");
        rule_fault(context, ERR_STATUS, "PT 24", "dispute");
        return NULL;
    }
    return record;
}

/* ---- dispute.raise ---- */

/* Whoever refused it where that was not the provider: there is nobody to negotiate with. */
static const struct doc *refused_by(const struct doc *about, const char *family)
{
    if (strcmp(family, "need") == 0) {
        return dispute_need_against(about);
    }
    if (strcmp(family, "fusion") == 0) {
        return doc_get(about, "against");
    }
    return dispute_about_mode(about) ? doc_get(doc_get(about, "assessment"), "member") : NULL;
}

int dispute_begin(struct rule_context *context, const struct doc *about, const char *family,
                  const char *side)
{
    char subject[RECORD_KEY_BYTES], open[RECORD_KEY_BYTES];
    const struct doc *against = refused_by(about, family);
    record_key(subject, "dispute/%s", context->txid);
    struct doc *record = dispute_new(context, about, family, rule_body_text(context, family),
                                     rule_body_text(context, "kind"));
    record_share(record, "against", against);
    if (strcmp(family, "fusion") == 0) {
        record_share(record, "entry", doc_get(about, "entry"));
    }
    open_key(open, record);
    if (state_get(context->state, open) != NULL) {
        doc_free(&record);
        return rule_fault(context, ERR_DUPLICATE, "PT 24", "%s", family);
    }
    doc_set_text(record, "by", side);
    record_share(record, "evidence", doc_get(context->body, "evidence"));
    record_share(record, "reason", doc_get(context->body, "reason"));
    if (against != NULL) {
        refer(context, record, subject);
    } else if (doc_get_bool(rule_profile_at(context, "dispute"), "negotiate", false)) {
        doc_set_text(record, "status", "negotiating");
        term_start_policy(context, record, subject, "negotiation", "dispute.term");
    } else {
        refer(context, record, subject);
    }
    record_stamp(context, record);
    open_put(context, record, context->txid);
    state_put(context->state, subject, record);
    return 0;
}

int dispute_raise(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const char *id = rule_body_text(context, "request");
    /* OPEN knows no disputes, but 20 has the agreement signed, and 5 somebody who sees to it. */
    bool agreement = doc_text_is(context->body, "kind", "agreement");
    if (!rule_policy_has(context, agreement ? "ruling" : "dispute", "PT 24, CN 17", "request")) {
        return rule_failed(context);
    }
    record_key(subject, "request/%s", id);
    const struct doc *request = rule_subject(context, subject);
    const char *side = request != NULL ? dispute_side(context, request) : NULL;
    if (side == NULL) {
        return rule_failed(context);
    }
    if (!dispute_may_go_on(context, request)) { /* CN 17: 必要时报请领导小组决定 */
        return rule_fault(context, ERR_RULED, "PT 24, CN 17", "request.ruling");
    }
    if (dispute_check_kind(context, request, side) != 0) {
        return rule_failed(context);
    }
    if (dispute_was_dropped(context, request, side)) {
        return rule_fault(context, ERR_DUPLICATE, "PT 24", "request.dropped");
    }
    if (dispute_begin(context, request, "request", side) != 0) {
        return rule_failed(context);
    }
    asked_disputed(context, id, true);
    return 0;
}

/* ---- dispute.refer ---- */

bool dispute_has_part(const struct doc *dispute, const char *side)
{
    return doc_get(doc_get(dispute, "proposals"), side) != NULL ||
           doc_get(doc_get(dispute, "referrals"), side) != NULL;
}

/* PT 24: 双方应当先行协商；协商不成的: both have had part in what has failed. Nobody is left to
 * negotiate with who was removed. */
static bool has_failed(struct rule_context *context, const struct doc *dispute)
{
    static const char *const sides[] = {"consumer", "provider"};
    bool failed = true;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        failed = failed && (dispute_has_part(dispute, sides[i]) ||
                            member_is_gone(context, doc_get_text(dispute, sides[i])));
    }
    return failed;
}

static void note_referral(struct rule_context *context, struct doc *record, const char *who)
{
    static const char *const told[] = {"minutes", "reason", "stand_in"};
    struct doc *referrals = record_edit(doc_get(record, "referrals"));
    struct doc *referral = doc_new_object();
    doc_set_text(referral, "by", context->tx->member);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        record_share(referral, told[i], doc_get(context->body, told[i]));
    }
    doc_set_int(referral, "time_ms", context->time_ms);
    doc_set(referrals, who, referral);
    doc_set(record, "referrals", referrals);
}

/* A side, which has said what it wants or holds the minutes; or who rules, once a side has said
 * that it failed and the other says nothing. NULL with a fault. */
static const char *referrer(struct rule_context *context, const struct doc *dispute)
{
    bool negotiates = doc_text_is(dispute, "status", "negotiating");
    bool stand_in = doc_get(context->body, "stand_in") != NULL; /* or no more, whichever it says */
    bool rules = dispute_may_rule(context, dispute);
    const char *who = rules ? "ruler" : dispute_side(context, dispute);
    if (who == NULL) {
        return NULL;
    }
    if (rules && !doc_text_is(context->key, "role", "approve")) {
        faults_note_may(context->faults, ERR_TX_ROLE, "approve");
        rule_fault(context, ERR_TX_ROLE, "PT 6", "dispute");
    } else if (rules && stand_in) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "PT 24", "stand_in");
    } else if (!negotiates && !stand_in) {
        rule_fault_record(context, dispute, "negotiating", "PT 24", "dispute");
    } else if (rules && doc_count(doc_get(dispute, "referrals")) == 0) {
        rule_fault_record(context, dispute, "", "PT 24", "dispute"); /* they negotiate */
    } else if (rules && dispute_check_heard(context, dispute) != 0) {
        return NULL;
    } else if (!rules && negotiates && doc_get(doc_get(dispute, "proposals"), who) == NULL &&
               doc_get(context->body, "minutes") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "PT 24", "minutes");
    }
    return context->error == 0 ? who : NULL;
}

/* PT 24: 协商不成的，由区府办协调处理. One side's word is not yet that: the other's is awaited, or
 * its silence noticed by whoever rules (dispute_check_heard), or the profile's term. */
int dispute_refer(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *dispute = dispute_subject(context, subject);
    const char *who = dispute != NULL ? referrer(context, dispute) : NULL;
    if (who == NULL) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(dispute);
    note_referral(context, record, who);
    if (doc_text_is(record, "status", "negotiating") &&
        (strcmp(who, "ruler") == 0 || has_failed(context, record))) {
        refer(context, record, subject);
    }
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- dispute.withdraw ---- */

/* Whoever raised it; once it was said that the negotiation failed, for good, until it is decided
 * anew: whoever rules is not to begin over and over, nor the entry to wait (PT 14, asked.c), nor
 * the other side, which has no second dispute beside it. What silence sent up is the consumer's to
 * drop, once the late answer is there to be content with: before that nobody else would decide. */
static bool may_withdraw(struct rule_context *context, const struct doc *dispute, const char *side)
{
    const char *by = doc_get_text(dispute, "by");
    if (strcmp(side, by != NULL ? by : "consumer") != 0) {
        faults_note_may(context->faults, ERR_PARTY,
                        doc_get_text(dispute, by != NULL ? by : "consumer"));
        rule_fault(context, ERR_PARTY, "PT 24", "dispute");
    } else if (by == NULL && doc_text_is(state_getf(context->state, "request/%s",
                                                    doc_get_text(dispute, "request")),
                                         "status", "escalated")) {
        rule_fault_status(context, "escalated", "granted refused", "CN 17, OPEN 19", "dispute");
    }
    return context->error == 0;
}

int dispute_withdraw(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *dispute = dispute_subject(context, subject);
    const char *side = dispute != NULL ? dispute_side(context, dispute) : NULL;
    if (side == NULL) {
        return rule_failed(context);
    }
    if (!may_withdraw(context, dispute, side)) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(dispute);
    dispute_close(context, record, subject, "withdrawn");
    record_share(record, "withdraw_reason", doc_get(context->body, "reason"));
    record_stamp(context, record);
    dispute_drop(context, dispute, side);
    state_put(context->state, subject, record);
    return 0;
}
