/* Receipts (E5): provider's and consumer's gateway each say what was sent and what was received.
 *
 *   open/<txid> ──first receipt──▶ open/<txid> with one side
 *               ──second, equal──▶ deleted
 *               ──second, other──▶ mismatch/<txid>, which stays for reconciliation (对账, PT 16)
 *
 * Either says that the grant was used (disuse.c). From the provider's on the day's usage counts
 * rows and bytes, in the place of what the open reserved: what left counts, whether the two agree,
 * and whether the consumer says anything.
 *
 * An open record whose time has passed lacks a side until the late receipt comes: reconciliation
 * lists it from open/. A receipt states a fact, so it is never too late, only marked late. */
#include "base/errors.h"
#include "chain/rules/access.h"
#include "chain/rules/grants.h"
#include "chain/rules/tables.h"

#include <string.h>

static struct doc *receipt_of(struct rule_context *context, const struct doc *open)
{
    static const char *const fields[] = {"bytes", "digest", "result", "rows"};
    struct doc *receipt = doc_new_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        record_share(receipt, fields[i], doc_get(context->body, fields[i]));
    }
    if (context->time_ms >= doc_get_int(open, "expires_ms", INT64_MAX)) {
        doc_set_bool(receipt, "late", true);
    }
    doc_set_int(receipt, "time_ms", context->time_ms);
    doc_set_text(receipt, "tx", context->txid);
    return receipt;
}

static bool receipts_agree(const struct doc *a, const struct doc *b)
{
    return doc_text_is(a, "digest", doc_get_text(b, "digest")) &&
           doc_text_is(a, "result", doc_get_text(b, "result")) &&
           doc_get_int(a, "rows", -1) == doc_get_int(b, "rows", -2) &&
           doc_get_int(a, "bytes", -1) == doc_get_int(b, "bytes", -2);
}

/* Both sides are in. Takes the record. */
static void close_access(struct rule_context *context, struct doc *record, bool agree)
{
    const char *id = rule_body_text(context, "open");
    char key[RECORD_KEY_BYTES];
    record_key(key, "open/%s", id);
    state_delete(context->state, key);
    if (agree) {
        doc_free(&record);
    } else {
        record_stamp(context, record);
        state_putf(context->state, record, "mismatch/%s", id);
    }
}

/* The first word of the consumer alone changes nothing of the day. Takes the record. */
static void take_receipt(struct rule_context *context, struct doc *record, bool provider)
{
    const struct doc *sent = doc_get(record, "provider_receipt");
    const struct doc *received = doc_get(record, "consumer_receipt");
    bool both = sent != NULL && received != NULL;
    bool agree = both && receipts_agree(sent, received);
    if (sent != NULL) {
        const char *grant = doc_get_text(record, "grant"), *day = doc_get_text(record, "day");
        struct doc *usage = usage_edit(context, grant, day);
        if (provider) {
            usage_settle(usage, record, sent);
        }
        if (both) {
            usage_add(usage, agree ? "closed" : "mismatched", doc_get_int(record, "calls", 1));
        }
        usage_put(context, usage, grant, day);
    }
    if (both) {
        close_access(context, record, agree);
    } else {
        state_putf(context->state, record, "open/%s", rule_body_text(context, "open"));
    }
}

/* PT 26: 数据调用. What was answered, if only that there is no such thing, by the word of either
 * side: a provider that keeps its receipts back ends no grant by that. A consumer that says so and
 * got nothing leaves an open or a mismatch behind for reconciliation. */
static bool shows_use(struct rule_context *context)
{
    return !doc_text_is(context->body, "result", "failed");
}

int access_receipt(struct rule_context *context)
{
    const char *id = rule_body_text(context, "open");
    const char *side = rule_body_text(context, "side");
    bool provider = strcmp(side, "provider") == 0;
    const struct doc *open = state_getf(context->state, "open/%s", id);
    if (open == NULL) {
        return rule_fault(context, ERR_SUBJECT, "E5", "open");
    }
    if (!rule_signed_by(context, doc_get_text(open, side))) {
        return rule_fault(context, ERR_PARTY, "E5", "side");
    }
    const char *own = provider ? "provider_receipt" : "consumer_receipt";
    if (doc_get(open, own) != NULL) {
        return rule_fault(context, ERR_DUPLICATE, "E5", "side");
    }
    struct doc *record = record_edit(open);
    doc_set(record, own, receipt_of(context, open));
    if (shows_use(context)) {
        disuse_used(context, doc_get_text(record, "grant"), doc_get_int(record, "opened_ms", 0));
    }
    take_receipt(context, record, provider);
    return 0;
}
