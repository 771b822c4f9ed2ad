/* Adjustment plans that all concerned form together (C5). PT 14:
 * 应当会同相关区级责任单位、数据使用单位就历史数据处理、共享应用服务衔接等形成目录调整方案后予以实施.
 *
 *   applied ──plan.propose──▶ consulting ──all have signed, or the term is over──▶ formed
 *                              ▲    └─plan.propose, revised: all sign anew           │
 *                              └──────────────────────────────────catalog.assess: accept
 *
 * The center proposes; the agency and each consumer whose grants are affected sign it, agreeing or
 * objecting. Nobody's silence holds it up: after the profile's term ("plan"), of which each grant
 * was told, the center concludes, and has the days of an assessment for it. Nobody is overrun
 * unheard: until all have agreed it may not be carried out before the term is over, which stands
 * while a member that has not signed is suspended, for as many days more as it has; who asked for
 * the data before the change was applied for, and was granted it since the proposal, has its days
 * by a further one; and over an objection, or the silence of one whose days those were too few, it
 * is done only with the center's reasons. Who asked later knows of the change (as asked.c has it),
 * or members that end their grants and ask again by turns would stop it for ever: it is told with
 * its grant, and has what is left of the days. Where the profile has no such section, the digest
 * that the assessment names is all there is.
 *
 * PT 31 has a service stand, and may for a year: PT 14 has the others adjust what they use for the
 * data that changes, and has no such wait. So who is suspended beyond the double of the days is
 * "cut_short", and may sign as long as the plan is not carried out, as anybody may. Whose last key
 * to sign with the center keeps suspended (PT 29) is as little silent (key_silence.c).
 *
 * "consumers" are all whose grants were told, a hundred grants in a block (adjustments.c), or as
 * they were given; "newcomers" those who have their days to come. So both are complete, however
 * many grants there are: members are few.
 *
 * plan/<provider>/<code>/<member> is what that member signed last. Agreement counts for the
 * proposal that it names; an objection stands, whatever is proposed in this change, until its
 * member signs anew. Who is asked is who is affected when the plan is to be carried out; of more
 * live grants than are looked at then, who was when it was told. Signing leaves the change's
 * version, so that many can sign side by side; "unsigned" are those listed who have not signed this
 * proposal yet. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/adjustments.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

#define CLAUSE "PT 14"
/* Of one application: each has its days, and PT 14 has it decided. The same that newcomers have yet
 * to be told of is none of them: those had asked before, so they are as many as they are. */
#define PROPOSALS_MAX 8

static const struct doc *change_named(struct rule_context *context, char key[RECORD_KEY_BYTES])
{
    record_key(key, "change/%s/%s", rule_body_text(context, "provider"),
               rule_body_text(context, "code"));
    return rule_subject(context, key);
}

/* ---- plan.propose ---- */

/* The consumers of these grants, each once. Caller owns it. */
static struct doc *consumers_of(struct rule_context *context, const struct doc *grants)
{
    struct doc *consumers = doc_new_array();
    for (size_t i = 0; i < doc_count(grants); i++) {
        const struct doc *grant =
            state_getf(context->state, "grant/%s", doc_text(doc_at(grants, i)));
        const char *consumer = doc_get_text(grant, "consumer");
        if (!doc_has_text(consumers, consumer)) {
            doc_push_text(consumers, consumer);
        }
    }
    return consumers;
}

/* A copy of the list, and the member at its end. Caller owns it. */
static struct doc *with(const struct doc *list, const char *member)
{
    struct doc *more = doc_new_array();
    for (size_t i = 0; i < doc_count(list); i++) {
        doc_push(more, doc_ref(doc_at(list, i)));
    }
    doc_push_text(more, member);
    return more;
}

static const char *const proposed[] = {"continuity", "history", "plan", "plan_date"};
#define PROPOSED (sizeof proposed / sizeof *proposed)

/* Whether this is what is consulted on already. */
static bool says_the_same(struct rule_context *context, const struct doc *change)
{
    bool same = doc_text_is(change, "status", "consulting");
    for (size_t i = 0; same && i < PROPOSED; i++) {
        same = doc_equal(doc_get(change, proposed[i]), doc_get(context->body, proposed[i]));
    }
    return same;
}

/* Whether the same is to reach those whom it has not. */
static bool tells_newcomers(struct rule_context *context, const struct doc *change)
{
    return says_the_same(context, change) && doc_count(doc_get(change, "newcomers")) > 0;
}

static int check_proposal(struct rule_context *context, const struct doc *change)
{
    int64_t day = 0;
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(change, "provider"),
                   doc_get_text(change, "code"));
    if (!doc_text_is(change, "status", "applied") && !doc_text_is(change, "status", "consulting")) {
        faults_note_may(context->faults, ERR_STATUS, "applied");
        faults_note_may(context->faults, ERR_STATUS, "consulting");
        return rule_fault(context, ERR_STATUS, CLAUSE, "code");
    }
    if (!doc_text_is(entry, "version", doc_get_text(change, "acts_on"))) {
        return rule_fault(context, ERR_VERSION_STALE, CLAUSE, "code");
    }
    bool newcomers = tells_newcomers(context, change);
    if (says_the_same(context, change) && !newcomers &&
        doc_count(doc_get(change, "cut_short")) == 0) { /* nor has it whoever had too few days */
        rule_fault(context, ERR_DUPLICATE, CLAUSE, "plan");
    }
    if (doc_get_int(change, "proposals", 0) >= PROPOSALS_MAX && !newcomers) {
        rule_fault(context, ERR_PROPOSALS, CLAUSE, "code");
    }
    (void)civil_parse_date(&day, rule_body_text(context, "plan_date")); /* the table checked it */
    if (day < civil_day(context->time_ms)) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, civil_day(context->time_ms), FAULT_OPEN);
        rule_fault(context, ERR_FIELD_RANGE, CLAUSE, "plan_date");
    }
    return context->error;
}

int plan_propose(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    bool more;
    if (!rule_policy_has(context, "plan", CLAUSE, "plan")) {
        return rule_failed(context);
    }
    const struct doc *change = change_named(context, key);
    if (change == NULL || check_proposal(context, change) != 0) {
        return rule_failed(context);
    }
    AUTO(doc_free) struct doc *grants = grants_affected(context, change, &more);
    if (doc_count(grants) == 0 && !more) {
        return rule_fault_record(context, change, "", CLAUSE, "plan"); /* nothing to adjust */
    }
    struct doc *record = record_edit(change);
    for (size_t i = 0; i < PROPOSED; i++) {
        record_share(record, proposed[i], doc_get(context->body, proposed[i]));
    }
    doc_set_int(record, "proposals",
                doc_get_int(record, "proposals", 0) + !tells_newcomers(context, change));
    doc_set(record, "consumers", doc_new_array()); /* as their grants are told */
    doc_remove(record, "newcomers");
    doc_set(record, "unsigned", with(NULL, doc_get_text(record, "provider")));
    doc_set_bool(record, "grants_more", more);
    doc_remove(record, "consulted_ms");
    doc_remove(record, "cut_short");
    doc_set_text(record, "proposal", context->txid);
    doc_set_int(record, "proposed_ms", context->time_ms);
    doc_set_text(record, "status", "consulting");
    term_stop_late(context, record, key, "assess");
    record_stamp(context, record);
    (void)term_start_policy(context, record, key, "consult", "plan");
    adjustment_tell(context, record, key);
    state_put(context->state, key, record);
    return 0;
}

/* The days of the profile are over: whoever is silent, and could have spoken, has nothing against
 * it. */
void change_consult_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    AUTO(doc_free) struct doc *cut_short = term_cut_short(context, record, "consult");
    if (doc_count(cut_short) > 0) {
        doc_set(record, "cut_short", doc_ref(cut_short));
    }
    term_stop(context, record, subject, "consult");
    doc_set_int(record, "consulted_ms", context->time_ms);
    (void)term_start_running(context, record, subject, "assess", "assess");
    rule_act_at(context, doc_get_text(term, "clause"), subject, "consulted",
                doc_get_int(term, "due_ms", 0));
    state_put(context->state, subject, record); /* its version stays: nobody acted on it */
}

/* ---- plan.sign ---- */

/* The agency; a consumer that is listed, or shows by its grant that it is concerned. */
static bool concerns_signer(struct rule_context *context, const struct doc *change)
{
    const char *id = rule_body_text(context, "grant");
    const struct doc *grant = id == NULL ? NULL : state_getf(context->state, "grant/%s", id);
    return rule_signed_by(context, doc_get_text(change, "provider")) ||
           doc_has_text(doc_get(change, "consumers"), context->tx->member) ||
           (grant != NULL && rule_signed_by(context, doc_get_text(grant, "consumer")) &&
            doc_text_is(grant, "provider", doc_get_text(change, "provider")) &&
            doc_text_is(grant, "entry", doc_get_text(change, "code")) && !grant_is_over(grant) &&
            grant_affected(context, change, grant));
}

static const struct doc *signature_of(struct rule_context *context, const struct doc *change,
                                      const char *member)
{
    const struct doc *signature =
        state_getf(context->state, "plan/%s/%s/%s", doc_get_text(change, "provider"),
                   doc_get_text(change, "code"), member);
    /* of an earlier one, be it of the same block: nothing was signed of this */
    return doc_text_is(signature, "application", doc_get_text(change, "application")) ? signature
                                                                                      : NULL;
}

static struct doc *without(const struct doc *list, const char *member)
{
    struct doc *left = doc_new_array();
    for (size_t i = 0; i < doc_count(list); i++) {
        if (strcmp(doc_text(doc_at(list, i)), member) != 0) {
            doc_push(left, doc_ref(doc_at(list, i)));
        }
    }
    return left;
}

/* Whether it has signed what is proposed now. */
static bool has_signed(struct rule_context *context, const struct doc *change, const char *member)
{
    return doc_text_is(signature_of(context, change, member), "proposal",
                       doc_get_text(change, "proposal"));
}

void plan_note_told(struct rule_context *context, struct doc *change, const struct doc *grant)
{
    const char *consumer = doc_get_text(grant, "consumer");
    if (doc_has_text(doc_get(change, "consumers"), consumer)) {
        return;
    }
    doc_set(change, "consumers", with(doc_get(change, "consumers"), consumer));
    if (!has_signed(context, change, consumer)) {
        doc_set(change, "unsigned", with(doc_get(change, "unsigned"), consumer));
    }
}

/* Whether it was asked for before the change was applied for; of a fusion's part, the fusion. */
static bool asked_before(struct rule_context *context, const struct doc *change,
                         const struct doc *request)
{
    const char *fusion = doc_get_text(request, "fusion");
    const struct doc *asked =
        fusion != NULL ? state_getf(context->state, "fusion/%s", fusion) : request;
    int64_t since_ms = doc_get_int(asked, "asked_ms", doc_get_int(asked, "submitted_ms", 0));
    return since_ms <= doc_get_int(change, "submitted_ms", 0);
}

void plan_note_granted(struct rule_context *context, const struct doc *request,
                       const struct doc *grant, const char *subject)
{
    char key[RECORD_KEY_BYTES];
    const char *consumer = doc_get_text(grant, "consumer");
    record_key(key, "change/%s/%s", doc_get_text(grant, "provider"), doc_get_text(grant, "entry"));
    const struct doc *change = state_get(context->state, key);
    bool days_run = doc_get(change, "consulted_ms") == NULL;
    bool before = asked_before(context, change, request);
    if (!doc_text_is(change, "status", "consulting") || !(before || days_run) ||
        !grant_affected(context, change, grant)) {
        return;
    }
    struct doc *record = record_edit(change);
    if (before && !doc_has_text(doc_get(change, "consumers"), consumer) &&
        !doc_has_text(doc_get(change, "newcomers"), consumer)) {
        doc_set(record, "newcomers", with(doc_get(change, "newcomers"), consumer));
    } else if (!before) {
        plan_note_told(context, record, grant);
        rule_act_at(context, CLAUSE, subject, "plan-proposed",
                    doc_get_int(term_get(change, "consult"), "due_ms", 0));
    }
    state_put(context->state, key, record); /* its version stays: nobody acted on it */
}

/* Keeps how many object, of anybody concerned, and who has yet to sign. The version stays: nobody
 * acts on it. */
static void note_signature(struct rule_context *context, const struct doc *change, const char *key)
{
    const char *member = context->tx->member;
    const struct doc *before = signature_of(context, change, member);
    bool objected = doc_text_is(before, "decision", "object");
    bool objects = doc_text_is(context->body, "decision", "object");
    if (objected != objects || doc_has_text(doc_get(change, "unsigned"), member)) {
        struct doc *record = record_edit(change);
        doc_set_int(record, "objections",
                    doc_get_int(change, "objections", 0) + objects - objected);
        doc_set(record, "unsigned", without(doc_get(change, "unsigned"), member));
        if (doc_get(change, "cut_short") != NULL) {
            doc_set(record, "cut_short", without(doc_get(change, "cut_short"), member));
        }
        state_put(context->state, key, record);
    }
}

int plan_sign(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    const struct doc *change = change_named(context, key);
    if (change == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(change, "status", "consulting")) {
        faults_note_may(context->faults, ERR_STATUS, "consulting");
        return rule_fault(context, ERR_STATUS, CLAUSE, "code");
    }
    if (!concerns_signer(context, change)) {
        rule_fault(context, ERR_PARTY, CLAUSE, "code");
    }
    if (!doc_text_is(change, "plan", rule_body_text(context, "plan"))) {
        rule_fault(context, ERR_AGREEMENT, CLAUSE, "plan"); /* it is another's text */
    }
    if (doc_text_is(context->body, "decision", "object") &&
        doc_get(context->body, "reason") == NULL) {
        rule_fault(context, ERR_GROUNDS, CLAUSE, "reason");
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    note_signature(context, change, key);
    struct doc *record = doc_new_object();
    record_share(record, "application", doc_get(change, "application"));
    doc_set_text(record, "by", context->tx->key_name);
    record_share(record, "decision", doc_get(context->body, "decision"));
    record_share(record, "proposal", doc_get(change, "proposal"));
    record_share(record, "reason", doc_get(context->body, "reason"));
    doc_set_int(record, "time_ms", context->time_ms);
    record_stamp(context, record);
    state_putf(context->state, record, "plan/%s/%s/%s", doc_get_text(change, "provider"),
               doc_get_text(change, "code"), context->tx->member);
    return 0;
}

/* ---- is it formed ---- */

static bool agrees(struct rule_context *context, const struct doc *change, const char *member)
{
    const struct doc *signature = signature_of(context, change, member);
    return doc_text_is(signature, "decision", "agree") &&
           doc_text_is(signature, "proposal", doc_get_text(change, "proposal"));
}

static bool all_agree(struct rule_context *context, const struct doc *change,
                      const struct doc *members)
{
    bool all = true;
    for (size_t i = 0; all && i < doc_count(members); i++) {
        all = agrees(context, change, doc_text(doc_at(members, i)));
    }
    return all;
}

/* The first newcomer who is concerned, was told nothing, and has said nothing. NULL: there is none.
 *
 * Of more live grants than are looked at each newcomer is taken to be concerned: one that has ended
 * its grant since costs a further proposal, and its days, which stops no plan for ever. Who is one
 * had asked before the change was applied for, so there are no more of them than were asking then.
 * What these asked has to be decided before the change takes effect anyway (asked.c): of a plan
 * that is proposed after that only who was approved while it was suspended can still be one. */
static const char *first_unheard(struct rule_context *context, const struct doc *change,
                                 const struct doc *concerned, bool more)
{
    const struct doc *newcomers = doc_get(change, "newcomers");
    for (size_t i = 0; i < doc_count(newcomers); i++) {
        const char *member = doc_text(doc_at(newcomers, i));
        if ((more || doc_has_text(concerned, member)) &&
            !doc_has_text(doc_get(change, "consumers"), member) &&
            !has_signed(context, change, member)) {
            return member;
        }
    }
    return NULL;
}

/* Whether anybody who is concerned had too few of its days, and has said nothing since. */
static bool any_cut_short(const struct doc *change, const struct doc *concerned, bool more)
{
    const struct doc *members = doc_get(change, "cut_short");
    bool any = false;
    for (size_t i = 0; !any && i < doc_count(members); i++) {
        const char *member = doc_text(doc_at(members, i));
        any = more || doc_has_text(concerned, member) || doc_text_is(change, "provider", member);
    }
    return any;
}

int plan_check_formed(struct rule_context *context, const struct doc *change,
                      const struct doc *grants, bool more)
{
    AUTO(doc_free) struct doc *concerned = consumers_of(context, grants);
    const struct doc *told = more ? doc_get(change, "consumers") : NULL;
    bool all = agrees(context, change, doc_get_text(change, "provider")) &&
               all_agree(context, change, concerned) && all_agree(context, change, told);
    const char *unheard = first_unheard(context, change, concerned, more);
    const char *date = rule_body_text(context, "plan_date");
    if (doc_get(context->body, "plan") != NULL &&
        !doc_text_is(context->body, "plan", doc_get_text(change, "plan"))) {
        rule_fault(context, ERR_PLAN, CLAUSE, "plan"); /* nobody has seen it */
    }
    if (date != NULL && strcmp(date, doc_get_text(change, "plan_date")) < 0) {
        rule_fault(context, ERR_FIELD_RANGE, CLAUSE, "plan_date"); /* later hurts nobody */
    }
    if (term_get(change, "adjustment-notice") != NULL ||
        (!all && doc_get(change, "consulted_ms") == NULL)) {
        rule_fault(context, ERR_CONSULTING, CLAUSE, "code");
    }
    if (unheard != NULL) {
        rule_fault(context, ERR_NEWCOMER, CLAUSE, "member/%s", unheard);
    }
    if ((doc_get_int(change, "objections", 0) > 0 || any_cut_short(change, concerned, more)) &&
        doc_count(doc_get(context->body, "reasons")) == 0) {
        rule_fault(context, ERR_GROUNDS, CLAUSE, "reasons");
    }
    return context->error;
}
