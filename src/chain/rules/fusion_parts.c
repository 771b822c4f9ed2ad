/* What each provider of a fusion owes (D7).
 *
 *   fusing/<fusion>/<provider>
 * {"consumer","fusion","provider","since_ms","status","terms"?,"version"}
 *
 *   asked ──its last part is reviewed──▶ reviewed
 *     └──concluded, or withdrawn, without──▶ ended ──the return is undone (PT 24)──▶ asked
 *
 * PT 22: 区大数据中心应当会同相关区级责任单位在收到融合治理方案之日起 5 个工作日内，完成审核. The
 * days are the provider's as they are the center's: who lets them pass goes on record itself, and
 * does not hide behind the center, which cannot accept without it. A provider that is suspended has
 * days of its own, too. What was ruled to be refused of a part (PT 24) is shown, and stands beside
 * the review of it: whoever disputes a refusal of that anew has it out where a request would. */
#include "chain/rules/fusions.h"

#include "base/memory.h"
#include "chain/rules/disputes.h"
#include "chain/rules/terms.h"

#define TERM "fusion-part"

void fusion_part_name(char out[RECORD_KEY_BYTES], const struct doc *part)
{
    record_key(out, "%s/%s", doc_get_text(part, "provider"), doc_get_text(part, "entry"));
}

const struct doc *fusion_review_of(const struct doc *fusion, const struct doc *part)
{
    char name[RECORD_KEY_BYTES];
    fusion_part_name(name, part);
    return doc_get(doc_get(fusion, "reviews"), name);
}

static const struct doc *parts_of(const struct doc *fusion)
{
    return doc_get(doc_get(fusion, "asked_for"), "parts");
}

void fusion_set_review(struct doc *fusion, const char *name, struct doc *review)
{
    struct doc *reviews = record_edit(doc_get(fusion, "reviews"));
    doc_set(reviews, name, review);
    doc_set(fusion, "reviews", reviews);
}

bool fusion_is_refused(const struct doc *fusion)
{
    const struct doc *parts = parts_of(fusion);
    for (size_t i = 0; i < doc_count(parts); i++) {
        if (doc_text_is(fusion_review_of(fusion, doc_at(parts, i)), "decision", "refuse")) {
            return true;
        }
    }
    return false;
}

void fusion_show_rulings(struct rule_context *context, struct doc *fusion)
{
    const struct doc *parts = parts_of(fusion);
    struct doc *rulings = doc_new_object();
    doc_remove(fusion, "ruled");
    for (size_t i = 0; i < doc_count(parts); i++) {
        const struct doc *part = doc_at(parts, i);
        struct doc *ruling = ruling_against(context, doc_get(fusion, "consumer"), part);
        if (ruling != NULL) {
            char name[RECORD_KEY_BYTES];
            fusion_part_name(name, part);
            doc_set(rulings, name, ruling);
        }
    }
    if (doc_count(rulings) > 0) {
        doc_set(fusion, "ruled", rulings);
    } else {
        doc_free(&rulings);
    }
}

long fusion_ruled_since(struct rule_context *context, const struct doc *fusion, long after)
{
    const struct doc *parts = parts_of(fusion);
    for (size_t i = (size_t)(after + 1); i < doc_count(parts); i++) {
        const struct doc *part = doc_at(parts, i);
        const struct doc *review = fusion_review_of(fusion, part);
        AUTO(doc_free) struct doc *ruling =
            ruling_against(context, doc_get(fusion, "consumer"), part);
        if (doc_get_int(ruling, "time_ms", 0) > doc_get_int(review, "time_ms", DOC_INT_MAX)) {
            return (long)i;
        }
    }
    return -1;
}

static void fusing_key(char out[RECORD_KEY_BYTES], const char *id, const char *provider)
{
    record_key(out, "fusing/%s/%s", id, provider);
}

void fusion_ask(struct rule_context *context, const struct doc *fusion, const char *id)
{
    const struct doc *parts = parts_of(fusion);
    for (size_t i = 0; i < doc_count(parts); i++) {
        char key[RECORD_KEY_BYTES];
        const char *provider = doc_get_text(doc_at(parts, i), "provider");
        fusing_key(key, id, provider);
        if (state_get(context->state, key) != NULL) {
            continue; /* asked for another part of its own */
        }
        struct doc *record = doc_new_object();
        record_share(record, "consumer", doc_get(fusion, "consumer"));
        doc_set_text(record, "fusion", id);
        doc_set_text(record, "provider", provider);
        doc_set_int(record, "since_ms", context->time_ms);
        doc_set_text(record, "status", "asked");
        (void)term_start_policy(context, record, key, TERM, "fusion.review");
        record_stamp(context, record);
        state_put(context->state, key, record);
    }
}

/* The record is no more asked, but so. */
static void leave(struct rule_context *context, const char *key, const char *status)
{
    struct doc *record = record_edit(state_get(context->state, key));
    term_stop(context, record, key, TERM);
    doc_set_text(record, "status", status);
    record_stamp(context, record);
    state_put(context->state, key, record);
}

static bool all_reviewed(const struct doc *fusion, const char *provider)
{
    const struct doc *parts = parts_of(fusion);
    for (size_t i = 0; i < doc_count(parts); i++) {
        if (doc_text_is(doc_at(parts, i), "provider", provider) &&
            fusion_review_of(fusion, doc_at(parts, i)) == NULL) {
            return false;
        }
    }
    return true;
}

bool fusion_answered(struct rule_context *context, const struct doc *fusion, const char *id)
{
    char key[RECORD_KEY_BYTES];
    fusing_key(key, id, context->tx->member);
    const struct doc *asked = record_current(context, key);
    bool late = term_is_over(context, asked, TERM);
    if (doc_text_is(asked, "status", "asked") && all_reviewed(fusion, context->tx->member)) {
        leave(context, key, "reviewed");
    }
    return late;
}

void fusion_ask_again(struct rule_context *context, const struct doc *fusion, const char *id)
{
    const struct doc *parts = parts_of(fusion);
    for (size_t i = 0; i < doc_count(parts); i++) {
        char key[RECORD_KEY_BYTES];
        fusing_key(key, id, doc_get_text(doc_at(parts, i), "provider"));
        const struct doc *before = record_current(context, key);
        if (!doc_text_is(before, "status", "ended")) {
            continue;
        }
        struct doc *record = record_edit(before);
        doc_set_int(record, "since_ms", context->time_ms);
        doc_set_text(record, "status", "asked");
        (void)term_start_running(context, record, key, TERM, "fusion.review");
        record_stamp(context, record);
        state_put(context->state, key, record);
    }
}

void fusion_ask_no_more(struct rule_context *context, const struct doc *fusion, const char *id)
{
    const struct doc *parts = parts_of(fusion);
    for (size_t i = 0; i < doc_count(parts); i++) {
        char key[RECORD_KEY_BYTES];
        fusing_key(key, id, doc_get_text(doc_at(parts, i), "provider"));
        if (doc_text_is(record_current(context, key), "status", "asked")) {
            leave(context, key, "ended");
        }
    }
}

/* PT 22: 会同相关区级责任单位: while one of them has days still, for it was suspended, so has the
 * center, which cannot accept without it. */
void fusion_review_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    const struct doc *parts = parts_of(state_get(context->state, subject));
    int64_t latest_ms = doc_get_int(term, "due_ms", 0);
    bool waits = false, provisional = false;
    for (size_t i = 0; i < doc_count(parts); i++) {
        char key[RECORD_KEY_BYTES];
        fusing_key(key, subject + sizeof "fusion/" - 1,
                   doc_get_text(doc_at(parts, i), "provider"));
        const struct doc *its = term_get(state_get(context->state, key), TERM);
        int64_t due_ms = doc_get_int(its, "due_ms", 0);
        if (due_ms > latest_ms && due_ms > context->time_ms) {
            waits = true;
            latest_ms = due_ms;
            provisional = doc_get_bool(its, "provisional", false);
        }
    }
    if (waits) {
        term_move(context, subject, "fusion-review", latest_ms, provisional);
    } else {
        term_note_overdue(context, subject, "fusion-review");
    }
}
