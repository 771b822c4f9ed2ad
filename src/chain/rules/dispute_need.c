/* A dispute about a need (D7, D8): the agency declined it, left out some of what was wanted, or
 * answered with what it is not; or the center did not accept it. Its course is that of any dispute
 * (disputes.c, dispute_rule.c).
 *
 *   declined, met, requested ──dispute: as-asked, partly──▶ asked, and the agency "owed"s it
 *                                       refused, as-it-stands──▶ as it was
 *   not-accepted             ──dispute: as-asked──▶ submitted, and "intake_ruled": refused no more
 *                                       as-it-stands──▶ as it was
 *
 * PT 24:
 * 对需求的合理性、数据的可共享性以及需求申请审核未通过等发生争议时，双方应当先行协商；协商不成的，
 * 由区府办协调处理. What was settled or ruled to be given the agency may leave out no more; its
 * fifteen days (PT 22) begin anew. It is the asker's to raise, and there is no second one on an
 * answer that was ruled on, but upwards (rulers.c), nor on one that it has left at that
 * ("dropped"). What it was ruled not to be given of the entries that answered it binds as a ruling
 * on a request does: by no silence does it get that (PT 20). Nor does a need made anew begin before
 * who has spoken already: what was ruled to be refused of it is shown on it ("ruled"), as soon as
 * the agency is named that it is asked of, or the center refuses it again (rulers.c). That the
 * need went up (PT 23) takes the dispute from nobody: what the agency said is kept, and what it is
 * ruled to give it is asked for. Nor does it that the center asks another: what an agency declined
 * before ("declined") is disputed by its name, whatever the other says, and an agency that is ruled
 * to give it is asked in its place. PT 24 and CN 17 give no time to do so in, of a need as little
 * as of a request; where a late dispute about a request holds up no change of the entry any more
 * (asked.c), one about a need holds up none at all. Who refuses a need at first is the center, and
 * the dispute is against it, as one about a mode (PT 21): nobody negotiates, and it does not rule.
 * What the upper platform asks for is not between agencies of the district. */
#include "base/errors.h"
#include "base/hash.h"
#include "base/memory.h"
#include "chain/rules/disputes.h"
#include "chain/rules/needs.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/text_set.h"

#include <string.h>

#define CLAUSE "PT 24, CN 17"

/* Where an answer of the agency may stand on record; it went up since. */
static const char *const answered[] = {"declined",     "met",           "requested", "forwarded",
                                       "upper-agreed", "upper-refused", NULL};
static const char *const went_up[] = {"forwarded", "upper-agreed", "upper-refused", NULL};

const struct doc *dispute_need_against(const struct doc *need)
{
    return doc_text_is(need, "status", "not-accepted") ? doc_get(doc_get(need, "intake"), "by")
                                                       : NULL;
}

/* ---- need.dispute ---- */

/* "refusal": of all, or of what was left out; "answer": what was given is not what was wanted. */
static bool kind_fits(struct rule_context *context, const struct doc *need)
{
    bool refused = need_was_declined(need) || dispute_need_against(need) != NULL;
    if (doc_text_is(context->body, "kind", "answer")) {
        return !refused;
    }
    return refused || doc_get(need, "left_out") != NULL;
}

/* A need that went up before any agency had answered is nobody's to dispute. */
static bool may_be_disputed(const struct doc *need)
{
    bool silent = need_is(need, went_up) && doc_get(need, "answer") == NULL;
    return dispute_need_against(need) != NULL || (need_is(need, answered) && !silent);
}

/* The need as it stood when this agency had declined it, and nobody else was asked. Caller owns it.
 */
static struct doc *as_declined(const struct doc *need, const char *provider)
{
    const struct doc *declined = need_declined_by(need, provider);
    struct doc *about = record_edit(need), *answer = doc_new_object();
    need_forget_answer(about);
    doc_remove(about, "ruled");
    doc_set_text(answer, "by", provider);
    doc_set_text(answer, "decision", "refuse");
    doc_set(about, "answer", answer);
    record_share(about, "dropped", doc_get(declined, "dropped"));
    doc_set_text(about, "provider", provider);
    record_share(about, "ruled", doc_get(declined, "ruled"));
    record_share(about, "ruling", doc_get(declined, "ruling"));
    doc_set_text(about, "status", "declined");
    return about;
}

/* What the body disputes. Caller owns it; NULL with a fault. */
static struct doc *disputed_of(struct rule_context *context, const struct doc *need)
{
    static const char *const closed[] = {"not-accepted", "replied", "withdrawn", NULL};
    const char *provider = rule_body_text(context, "provider");
    if (provider == NULL || (need_declined_by(need, provider) == NULL &&
                             doc_text_is(need, "provider", provider))) {
        return doc_ref(need);
    }
    if (need_declined_by(need, provider) == NULL) {
        rule_fault(context, ERR_SUBJECT, CLAUSE, "provider");
        return NULL;
    }
    if (need_is(need, closed)) {
        rule_fault_record(context, need,
                          "submitted asked declined met requested forwarded upper-agreed "
                          "upper-refused",
                          CLAUSE, "need");
        return NULL;
    }
    return as_declined(need, provider);
}

int need_dispute(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "dispute", CLAUSE, "need")) {
        return rule_failed(context);
    }
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(need, "consumer"))) {
        return rule_fault(context, ERR_PARTY, CLAUSE, "need");
    }
    AUTO(doc_free) struct doc *about = disputed_of(context, need);
    if (about == NULL) {
        return rule_failed(context);
    }
    if (!may_be_disputed(about) || doc_text_is(need, "origin", "upper") ||
        !kind_fits(context, about)) {
        return rule_fault_record(context, need,
                                 "declined met requested forwarded upper-agreed upper-refused "
                                 "not-accepted",
                                 CLAUSE, "need");
    }
    if (!dispute_may_go_on(context, about)) {
        return rule_fault(context, ERR_RULED, CLAUSE, "need.ruling");
    }
    if (dispute_was_dropped(context, about, "consumer")) {
        return rule_fault(context, ERR_DUPLICATE, CLAUSE, "need.dropped");
    }
    return dispute_begin(context, about, "need", "consumer");
}

/* ---- what was said ---- */

static const struct doc *need_of(struct rule_context *context, const struct doc *dispute)
{
    return state_getf(context->state, "need/%s", dispute_about(dispute));
}

/* What its agency declined before another was asked; NULL: it is about the last answer. */
static const struct doc *earlier(const struct doc *need, const struct doc *dispute)
{
    const char *provider = doc_get_text(dispute, "provider"); /* there is none of the center */
    return provider == NULL ? NULL : need_declined_by(need, provider);
}

const struct doc *dispute_need_said(struct rule_context *context, const struct doc *dispute)
{
    const struct doc *need = need_of(context, dispute), *before = earlier(need, dispute);
    return before != NULL ? before : need;
}

void dispute_need_say(struct rule_context *context, const struct doc *dispute, struct doc *said)
{
    const struct doc *need = need_of(context, dispute);
    struct doc *record = said;
    if (earlier(need, dispute) != NULL) {
        record = record_edit(need);
        need_put_declined(record, doc_get_text(dispute, "provider"), said);
    }
    record_stamp(context, record);
    state_putf(context->state, record, "need/%s", dispute_about(dispute));
}

/* ---- outcomes ---- */

int dispute_check_need(struct rule_context *context, const struct doc *dispute)
{
    static const char *const of_grants[] = {"rows", "masked", "until", "quota", "terms"};
    const struct doc *need = need_of(context, dispute);
    const struct doc *items = doc_get(context->body, "items");
    bool partly = doc_text_is(context->body, "decision", "partly");
    for (size_t i = 0; i < sizeof of_grants / sizeof *of_grants; i++) {
        if (doc_get(context->body, of_grants[i]) != NULL) {
            rule_fault(context, ERR_FIELD_UNKNOWN, CLAUSE, "%s", of_grants[i]);
        }
    }
    if (partly != (items != NULL)) {
        rule_fault(context, partly ? ERR_FIELD_MISSING : ERR_FIELD_UNKNOWN, CLAUSE, "items");
    }
    check_subset(context, items, doc_get(doc_get(need, "asked_for"), "wanted"), NULL, "items",
                 CLAUSE);
    if (dispute_need_against(need) != NULL) { /* it is accepted, or it is not */
        bool either = doc_text_is(context->body, "decision", "as-asked") ||
                      doc_text_is(context->body, "decision", "as-it-stands");
        return either ? context->error
                      : rule_fault_status(context, rule_body_text(context, "decision"),
                                          "as-asked as-it-stands", CLAUSE, "decision");
    }
    if (earlier(need, dispute) == NULL && !need_is(need, answered)) {
        rule_fault_record(context, need,
                          "declined met requested forwarded upper-agreed upper-refused", CLAUSE,
                          "dispute");
    }
    return context->error;
}

/* What has to be given now, by whom, and by what. */
static struct doc *owed_new(struct rule_context *context, const struct doc *need,
                            const struct doc *dispute, bool ruled)
{
    const struct doc *items = doc_get(context->body, "items");
    struct doc *owed = doc_new_object();
    doc_set_text(owed, "by", ruled ? "ruling" : "settlement");
    record_share(owed, "dispute", doc_get(context->body, "dispute"));
    record_share(owed, "items",
                 items != NULL ? items : doc_get(doc_get(need, "asked_for"), "wanted"));
    record_share(owed, "provider", doc_get(dispute, "provider"));
    return owed;
}

/* PT 24: the agency gives it, whoever was asked since; what that one declined is kept. */
static void owe_as_said(struct rule_context *context, struct doc *record, const char *subject,
                        const struct doc *dispute, struct doc *owed)
{
    if (earlier(record, dispute) != NULL) {
        need_keep_declined(record);
        need_put_declined(record, doc_get_text(dispute, "provider"), NULL);
    }
    need_forget_answer(record);
    doc_set(record, "owed", owed);
    need_ask_owing(context, record, subject);
}

/* PT 22: 由区大数据中心提请: it asks an agency now. What that says may be disputed anew. */
static void accept_as_ruled(struct rule_context *context, struct doc *record,
                            const struct doc *dispute)
{
    need_forget_answer(record);
    doc_remove(record, "ruled");
    doc_set(record, "intake_ruled", ruling_new(context, dispute));
    doc_set_text(record, "status", "submitted");
}

/* The items of the entry named as one of these. Caller owns them. */
static struct doc *items_named(const struct doc *entry, const struct text_set *names)
{
    const struct doc *items = doc_get(doc_get(entry, "entry"), "items");
    struct doc *named = doc_new_array();
    for (size_t i = 0; i < doc_count(items); i++) {
        const struct doc *name = doc_get(doc_at(items, i), "name");
        if (text_set_find(names, doc_text(name)) >= 0) {
            doc_push(named, doc_ref(name));
        }
    }
    return named;
}

/* These of what is wanted, where an entry that answered the need has them, are decided: refused by
 * this ruling, or, NULL, given (rulers.c). */
static void note_items(struct rule_context *context, const struct doc *need,
                       const struct text_set *names, const struct doc *refused)
{
    const struct doc *entries = doc_get(need, "entries");
    const char *provider = doc_get_text(need, "provider");
    for (size_t i = 0; i < doc_count(entries); i++) {
        AUTO(doc_free) struct doc *of = doc_new_object();
        record_share(of, "consumer", doc_get(need, "consumer"));
        record_share(of, "entry", doc_at(entries, i));
        record_share(of, "provider", doc_get(need, "provider"));
        AUTO(doc_free)
        struct doc *items = items_named(
            state_getf(context->state, "entry/%s/%s", provider, doc_text(doc_at(entries, i))),
            names);
        if (doc_count(items) > 0) {
            ruling_note_items(context, of, items, refused);
        }
    }
}

/* ---- what was ruled of things that are in no entry ---- */

/* A part of what is asked for (ruling_against): these of what is wanted, of this member. Caller
 * owns it. */
static struct doc *wanted_part(const char *provider, const struct doc *texts)
{
    struct doc *part = doc_new_object(), *digests = doc_new_array();
    for (size_t i = 0; i < doc_count(texts); i++) {
        char hex[2 * HASH_BYTES + 1];
        struct hash digest =
            hash_tagged("dirchain/wanted/1", view_of_text(doc_text(doc_at(texts, i))));
        hash_to_hex(hex, &digest);
        doc_push_text(digests, hex);
    }
    doc_set_text(part, "provider", provider);
    doc_set(part, "items", digests);
    return part;
}

bool need_show_ruling(struct rule_context *context, struct doc *record, const char *provider)
{
    const struct doc *wanted = doc_get(doc_get(record, "asked_for"), "wanted");
    doc_remove(record, "ruled");
    if (provider == NULL) {
        return false;
    }
    AUTO(doc_free) struct doc *part = wanted_part(provider, wanted);
    struct doc *ruling = ruling_against(context, doc_get(record, "consumer"), part);
    if (ruling != NULL) {
        doc_set(record, "ruled", ruling);
    }
    return ruling != NULL;
}

/* These of what this consumer wants are refused it by whoever the dispute is with: by this ruling,
 * or, NULL, given. */
static void note_wanted(struct rule_context *context, const struct doc *dispute,
                        const struct doc *texts, const struct doc *refused)
{
    const char *against = doc_get_text(dispute, "against");
    if (doc_count(texts) > 0) {
        AUTO(doc_free)
        struct doc *part =
            wanted_part(against != NULL ? against : doc_get_text(dispute, "provider"), texts);
        record_share(part, "consumer", doc_get(dispute, "consumer"));
        ruling_note_items(context, part, doc_get(part, "items"), refused);
    }
}

/* What the body gives of what is wanted; NULL: nothing. */
static const struct doc *given_by(struct rule_context *context, const struct doc *need)
{
    const struct doc *items = doc_get(context->body, "items");
    if (!dispute_outcome_gives(context)) {
        return NULL;
    }
    return items != NULL ? items : doc_get(doc_get(need, "asked_for"), "wanted");
}

/* What was declined, not accepted or left out of the need and is not given now. Caller owns it. */
static struct doc *refused_of(const struct doc *need, const struct doc *dispute,
                              const struct doc *given)
{
    AUTO(text_set_free) struct text_set gives = {0};
    struct doc *refused = doc_new_array();
    bool all = earlier(need, dispute) != NULL || need_was_declined(need) ||
               dispute_need_against(need) != NULL;
    const struct doc *said =
        all ? doc_get(doc_get(need, "asked_for"), "wanted") : doc_get(need, "left_out");
    text_set_build(&gives, given, NULL);
    for (size_t i = 0; i < doc_count(said); i++) {
        if (text_set_find(&gives, doc_text(doc_at(said, i))) < 0) {
            doc_push(refused, doc_ref(doc_at(said, i)));
        }
    }
    return refused;
}

/* What was left out and the ruling does not give is refused by it; what it gives is by none. */
static void note_ruled(struct rule_context *context, const struct doc *need,
                       const struct doc *dispute, const struct doc *ruling)
{
    AUTO(text_set_free) struct text_set gives = {0};
    AUTO(text_set_free) struct text_set refuses = {0};
    const struct doc *given = given_by(context, need);
    AUTO(doc_free) struct doc *refused = refused_of(need, dispute, given);
    note_wanted(context, dispute, given, NULL);
    note_wanted(context, dispute, refused, ruling);
    if (earlier(need, dispute) == NULL) { /* what another answered since is not what it is about */
        text_set_build(&gives, given, NULL);
        text_set_build(&refuses, refused, NULL);
        note_items(context, need, &gives, NULL);
        note_items(context, need, &refuses, ruling);
    }
}

void dispute_carry_out_need(struct rule_context *context, const struct doc *dispute)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "need/%s", dispute_about(dispute));
    const struct doc *need = state_get(context->state, subject);
    bool ruled = strcmp(context->tx->type->name, "dispute.rule") == 0;
    bool gives = dispute_outcome_gives(context);
    bool accepted = gives && dispute_need_against(need) != NULL;
    struct doc *record = record_edit(need);
    struct doc *ruling = ruled ? ruling_new(context, dispute) : NULL;
    if (ruled) {
        note_ruled(context, need, dispute, ruling);
    }
    if (accepted) {
        accept_as_ruled(context, record, dispute);
    } else if (gives) {
        owe_as_said(context, record, subject, dispute, owed_new(context, need, dispute, ruled));
    }
    if (ruled && earlier(record, dispute) != NULL) { /* as it was, and so is what came since */
        struct doc *declined = record_edit(earlier(record, dispute));
        doc_set(declined, "ruling", doc_ref(ruling));
        need_put_declined(record, doc_get_text(dispute, "provider"), declined);
    } else if (ruled && !accepted) {
        doc_set(record, "ruling", doc_ref(ruling));
    }
    doc_free(&ruling);
    record_stamp(context, record);
    state_put(context->state, subject, record);
}
