/* A dispute about a fusion (D7, D8): an agency refused its part, or the center returned what no
 * agency refuses. Its course is that of any dispute (disputes.c, dispute_rule.c).
 *
 *   a part refused      ──as-asked──▶ its review accepts, in the name of who settled or ruled
 *   returned, no part refused any more, so ──▶ reviewing, with new days for whoever is waited for
 *   returned by the center ──as-asked──▶ the same, and "conclusion_ruled": returned no more
 *                          as-it-stands──▶ as it was
 *
 * PT 24: 需求申请审核未通过等发生争议时，双方应当先行协商；协商不成的，由区府办协调处理. What is asked for
 * together with another agency's data is no less asked for (PT 22, PT 20). It is the consumer's to
 * raise, about what one agency said of one entry, while the plan is reviewed or after it was
 * returned; and not again once that was ruled on, but upwards (rulers.c), or was left at that
 * ("dropped"); nor does a plan made anew begin before who has spoken already: what was ruled with
 * the last word is shown on it ("ruled"), and goes where that is given. All of a fusion is served
 * or nothing, so a part is given as it was asked for, or not. Who returns a fusion is the center: a
 * dispute about that is against it, as one about a need that it did not accept (dispute_need.c):
 * nobody negotiates, and it does not rule. As long as a part is refused the return follows from
 * that, which is disputed first. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/asked.h"
#include "chain/rules/disputes.h"
#include "chain/rules/fusions.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

#define CLAUSE "PT 24, CN 17"

/* ---- what was said ---- */

static const struct doc *parts_of(const struct doc *fusion)
{
    return doc_get(doc_get(fusion, "asked_for"), "parts");
}

/* The part that `of` names by provider and entry; *index: which. NULL: none. */
static const struct doc *part_of(size_t *index, const struct doc *fusion, const struct doc *of)
{
    const struct doc *parts = parts_of(fusion);
    const char *provider = doc_get_text(of, "provider"), *entry = doc_get_text(of, "entry");
    for (size_t i = 0; provider != NULL && entry != NULL && i < doc_count(parts); i++) {
        const struct doc *part = doc_at(parts, i);
        if (doc_text_is(part, "provider", provider) && doc_text_is(part, "entry", entry)) {
            *index = i;
            return part;
        }
    }
    return NULL;
}

static const struct doc *fusion_of(struct rule_context *context, const struct doc *dispute)
{
    return state_getf(context->state, "fusion/%s", dispute_about(dispute));
}

const struct doc *dispute_fusion_said(struct rule_context *context, const struct doc *dispute)
{
    size_t index;
    const struct doc *fusion = fusion_of(context, dispute);
    const struct doc *part = part_of(&index, fusion, dispute);
    return part != NULL ? fusion_review_of(fusion, part) : doc_get(fusion, "conclusion");
}

/* The same in an editable fusion. */
static void say(struct doc *fusion, const struct doc *dispute, struct doc *said)
{
    size_t index;
    char name[RECORD_KEY_BYTES];
    const struct doc *part = part_of(&index, fusion, dispute);
    if (part == NULL) {
        doc_set(fusion, "conclusion", said);
        return;
    }
    fusion_part_name(name, part);
    fusion_set_review(fusion, name, said);
}

static void put(struct rule_context *context, const struct doc *dispute, struct doc *fusion)
{
    record_stamp(context, fusion);
    state_putf(context->state, fusion, "fusion/%s", dispute_about(dispute));
}

void dispute_fusion_say(struct rule_context *context, const struct doc *dispute, struct doc *said)
{
    struct doc *fusion = record_edit(fusion_of(context, dispute));
    say(fusion, dispute, said);
    put(context, dispute, fusion);
}

/* ---- fusion.dispute ---- */

/* The body names a refused part, or none where the center returned what nobody refuses. NULL with a
 * fault; what was said, and of what. */
static const struct doc *disputed_part(struct rule_context *context, const struct doc *fusion)
{
    size_t index;
    const struct doc *part = part_of(&index, fusion, context->body);
    const struct doc *review = part != NULL ? fusion_review_of(fusion, part) : NULL;
    if (part == NULL) {
        rule_fault(context, ERR_SUBJECT, CLAUSE, "entry");
    } else if (!doc_text_is(review, "decision", "refuse")) {
        rule_fault_status(context, review == NULL ? "reviewing" : doc_get_text(review, "decision"),
                          "refuse", CLAUSE, "entry");
    }
    return context->error == 0 ? review : NULL;
}

static const struct doc *disputed_said(struct rule_context *context, const struct doc *fusion)
{
    bool provider = doc_get(context->body, "provider") != NULL;
    bool entry = doc_get(context->body, "entry") != NULL;
    bool returned = doc_text_is(fusion, "status", "returned");
    if (provider != entry) {
        rule_fault(context, ERR_FIELD_MISSING, CLAUSE, provider ? "entry" : "provider");
    } else if (!returned && !doc_text_is(fusion, "status", "reviewing")) {
        faults_note_may(context->faults, ERR_STATUS, "reviewing");
        faults_note_may(context->faults, ERR_STATUS, "returned");
        rule_fault(context, ERR_STATUS, CLAUSE, "fusion");
    } else if (provider) {
        return disputed_part(context, fusion);
    } else if (!returned || fusion_is_refused(fusion)) {
        rule_fault(context, ERR_FIELD_MISSING, CLAUSE, "provider");
    }
    return context->error == 0 ? doc_get(fusion, "conclusion") : NULL;
}

/* Who are the sides, and what was ruled on and dropped of what was said. Caller owns it. */
static struct doc *about_new(struct rule_context *context, const struct doc *fusion,
                             const struct doc *said)
{
    struct doc *about = doc_new_object();
    record_share(about, "consumer", doc_get(fusion, "consumer"));
    record_share(about, "dropped", doc_get(said, "dropped"));
    record_share(about, "ruled", doc_get(said, "ruled"));
    record_share(about, "ruling", doc_get(said, "ruling"));
    if (doc_get(context->body, "provider") != NULL) {
        record_share(about, "entry", doc_get(context->body, "entry"));
        record_share(about, "provider", doc_get(context->body, "provider"));
    } else {
        record_share(about, "against", doc_get(said, "by"));
    }
    return about;
}

int fusion_dispute(struct rule_context *context)
{
    if (!rule_policy_has(context, "dispute", CLAUSE, "fusion")) {
        return rule_failed(context);
    }
    const char *id = rule_body_text(context, "fusion");
    const struct doc *fusion = rule_subjectf(context, "fusion/%s", id);
    if (fusion == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(fusion, "consumer"))) {
        return rule_fault(context, ERR_PARTY, CLAUSE, "fusion");
    }
    const struct doc *said = disputed_said(context, fusion);
    if (said == NULL) {
        return rule_failed(context);
    }
    AUTO(doc_free) struct doc *about = about_new(context, fusion, said);
    if (!dispute_may_go_on(context, about)) {
        return rule_fault(context, ERR_RULED, CLAUSE, "fusion.ruling");
    }
    if (dispute_was_dropped(context, about, "consumer")) {
        return rule_fault(context, ERR_DUPLICATE, CLAUSE, "fusion.dropped");
    }
    if (dispute_begin(context, about, "fusion", "consumer") != 0) {
        return rule_failed(context);
    }
    asked_fusion_disputed(context, id, true);
    return 0;
}

/* ---- outcomes ---- */

/* What is given is there to be given (PT 14, CN 14), as with a request: this part, or, where all of
 * the fusion is to go on, each. */
int dispute_check_fusion(struct rule_context *context, const struct doc *dispute)
{
    size_t only = 0;
    const char *id = dispute_about(dispute);
    const struct doc *fusion = fusion_of(context, dispute), *parts = parts_of(fusion);
    bool of_part = part_of(&only, fusion, dispute) != NULL;
    if (dispute_check_either(context, CLAUSE) != 0 || !dispute_outcome_gives(context)) {
        return context->error;
    }
    for (size_t i = 0; i < doc_count(parts); i++) {
        struct request_bar bar;
        int barred = of_part && i != only
                         ? 0
                         : fusion_part_barred(context, &bar, fusion, id, doc_at(parts, i));
        if (barred != 0) {
            rule_fault(context, barred, bar.clause, "fusion.parts[%zu].%s", i, bar.field);
        }
    }
    return context->error;
}

/* The review that follows from the outcome; the grant of the part is named by it. */
static struct doc *review_new(struct rule_context *context, const struct doc *dispute, bool ruled)
{
    struct doc *review = doc_new_object();
    doc_set_text(review, "by", context->tx->member);
    doc_set_text(review, "decided_by", ruled ? "ruling" : "settlement");
    doc_set_text(review, "decision", "accept");
    record_share(review, "dispute", doc_get(context->body, "dispute"));
    record_share(review, "entry", doc_get(dispute, "entry"));
    doc_set_int(review, "time_ms", context->time_ms);
    doc_set_text(review, "tx", context->txid);
    return review;
}

/* PT 22: reviewed and concluded once more, in the same days. */
static void reopen(struct rule_context *context, struct doc *fusion, const char *id)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "fusion/%s", id);
    doc_remove(fusion, "conclusion");
    doc_remove(fusion, "extension");
    doc_set_text(fusion, "status", "reviewing");
    term_start_running(context, fusion, subject, "fusion-review", "fusion.review");
    (void)asked_fusion(context, fusion, id);
    fusion_ask_again(context, fusion, id);
}

/* A ruling on a part binds as one on a request does. */
static void note_ruling(struct rule_context *context, const struct doc *dispute, struct doc *said,
                        const struct doc *part)
{
    bool gives = dispute_outcome_gives(context);
    struct doc *ruling = ruling_new(context, dispute);
    doc_set(said, "ruling", ruling);
    if (part != NULL) {
        ruling_note_items(context, dispute, doc_get(part, "items"), gives ? NULL : ruling);
    }
}

void dispute_carry_out_fusion(struct rule_context *context, const struct doc *dispute)
{
    size_t index;
    const struct doc *before = fusion_of(context, dispute);
    const struct doc *part = part_of(&index, before, dispute);
    bool ruled = strcmp(context->tx->type->name, "dispute.rule") == 0;
    bool gives = dispute_outcome_gives(context);
    struct doc *fusion = record_edit(before);
    struct doc *said = gives && part != NULL
                           ? review_new(context, dispute, ruled)
                           : record_edit(dispute_fusion_said(context, dispute));
    if (ruled) {
        note_ruling(context, dispute, said, part);
    }
    say(fusion, dispute, said);
    if (gives && part == NULL) {
        doc_set(fusion, "conclusion_ruled", doc_ref(doc_get(said, "ruling")));
    }
    if (gives && doc_text_is(fusion, "status", "returned") && !fusion_is_refused(fusion)) {
        reopen(context, fusion, dispute_about(dispute));
    }
    put(context, dispute, fusion);
}
