/* What answers a need (D7), and the request that follows from it.
 *
 * PT 22: 相关区级责任单位原则上应当在收到…提请之日起 15
 * 个工作日内，完成目录编制、归集和需求审核工作. So the answer that the data is there is the review
 * too: a request that follows from it, for what was answered and nothing else, is granted at once,
 * once for each entry. Each thing wanted is ticked off ("meets": which item of which entry); what
 * is left out ("left_out") is refused, and needs the grounds of any refusal (PT 20). 原则上: a late
 * answer counts, and the lateness is recorded. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/catalog.h"
#include "chain/rules/needs.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/text_set.h"

#include <stdio.h>
#include <string.h>

/* ---- what meets the need ---- */

struct met_entry {
    const char *code;
    const struct doc *entry; /* NULL: it cannot meet anything */
    struct text_set items;
    int rank;    /* the strictest of the items named */
    size_t line; /* that named it first */
};
struct met { /* {0} is empty */
    struct met_entry entry[NEED_ENTRIES_MAX];
    size_t count;
};

static void met_free(struct met *met)
{
    for (size_t i = 0; i < met->count; i++) {
        text_set_free(&met->entry[i].items);
    }
}

/* The entry that a line of "meets" names, NULL where there are too many of them. */
static struct met_entry *met_entry_of(struct rule_context *context, struct met *met,
                                      const char *provider, size_t line, const char *clause)
{
    const char *code = doc_get_text(doc_at(doc_get(context->body, "meets"), line), "entry");
    for (size_t i = 0; i < met->count; i++) {
        if (strcmp(met->entry[i].code, code) == 0) {
            return &met->entry[i];
        }
    }
    if (met->count == NEED_ENTRIES_MAX) {
        rule_fault(context, ERR_FIELD_RANGE, clause, "meets[%zu].entry", line);
        return NULL;
    }
    struct met_entry *one = &met->entry[met->count++];
    *one = (struct met_entry){.code = code, .line = line};
    const struct doc *entry = state_getf(context->state, "entry/%s/%s", provider, code);
    if (doc_text_is(entry, "status", "published")) {
        one->entry = entry;
        text_set_build(&one->items, doc_get(doc_get(entry, "entry"), "items"), "name");
    } else {
        rule_fault_record(context, entry, "published", clause, "meets[%zu].entry", line);
    }
    return one;
}

static void check_line(struct rule_context *context, struct met *met, const char *provider,
                       size_t line, const char *clause)
{
    struct met_entry *of = met_entry_of(context, met, provider, line, clause);
    if (of == NULL || of->entry == NULL) {
        return;
    }
    const char *item = doc_get_text(doc_at(doc_get(context->body, "meets"), line), "item");
    long at = text_set_find(&of->items, item);
    int rank = at < 0 ? 0 : entry_item_rank(of->entry, (size_t)at);
    if (at < 0) {
        rule_fault(context, ERR_SUBJECT, clause, "meets[%zu].item", line);
    } else if (rank > 1) { /* what is not shared meets nobody's need */
        rule_fault(context, ERR_NOT_SHARED, "CN 14", "meets[%zu].item", line);
    }
    of->rank = rank > of->rank ? rank : of->rank;
}

/* What is wanted and no line ticks off; NULL: nothing. Caller owns it. */
static struct doc *left_out_by(const struct doc *wanted, const struct doc *meets)
{
    AUTO(text_set_free) struct text_set ticked = {0};
    struct doc *left = doc_new_array();
    text_set_build(&ticked, meets, "wanted");
    for (size_t i = 0; i < doc_count(wanted); i++) {
        if (text_set_find(&ticked, doc_text(doc_at(wanted, i))) < 0) {
            doc_push(left, doc_ref(doc_at(wanted, i)));
        }
    }
    if (doc_count(left) == 0) {
        doc_free(&left);
    }
    return left;
}

int need_meet(struct rule_context *context, struct doc *record, const char *provider,
              const char *clause)
{
    AUTO(text_set_free) struct text_set known = {0};
    AUTO(met_free) struct met met = {0};
    const struct doc *meets = doc_get(context->body, "meets");
    const struct doc *wanted = doc_get(doc_get(record, "asked_for"), "wanted");
    if (meets == NULL) {
        return rule_fault(context, ERR_FIELD_MISSING, clause, "meets");
    }
    text_set_build(&known, wanted, NULL);
    for (size_t i = 0; i < doc_count(meets); i++) {
        if (text_set_find(&known, doc_get_text(doc_at(meets, i), "wanted")) < 0) {
            rule_fault(context, ERR_SUBJECT, clause, "meets[%zu].wanted", i);
        }
        check_line(context, &met, provider, i, clause);
    }
    for (size_t i = 0; i < met.count; i++) {
        char field[FAULT_FIELD_BYTES_MAX];
        (void)snprintf(field, sizeof field, "meets[%zu].entry", met.entry[i].line);
        if (met.entry[i].entry != NULL) { /* 完成目录编制、归集 */
            request_check_collected(context, provider, met.entry[i].code, met.entry[i].rank, field);
        }
    }
    struct doc *left = left_out_by(wanted, meets), *entries = doc_new_array();
    for (size_t i = 0; i < met.count; i++) {
        doc_push_text(entries, met.entry[i].code);
    }
    doc_set(record, "entries", entries);
    doc_set_text(record, "provider", provider);
    record_share(record, "meets", meets);
    doc_remove(record, "left_out");
    if (left != NULL) {
        doc_set(record, "left_out", left);
    }
    doc_set_text(record, "status", "met");
    return context->error;
}

void need_forget_answer(struct doc *record)
{
    static const char *const told[] = {"answer", "dropped",  "entries", "left_out",
                                       "meets",  "requests", "ruling"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        doc_remove(record, told[i]);
    }
}

/* ---- what agencies declined ---- */

const struct doc *need_declined_by(const struct doc *need, const char *provider)
{
    return doc_get(doc_get(need, "declined"), provider);
}

void need_put_declined(struct doc *record, const char *provider, struct doc *declined)
{
    struct doc *all = record_edit(doc_get(record, "declined"));
    doc_remove(all, provider);
    if (declined != NULL) {
        doc_set(all, provider, declined);
    }
    doc_remove(record, "declined");
    if (doc_count(all) > 0) {
        doc_set(record, "declined", all);
    } else {
        doc_free(&all);
    }
}

/* PT 24: who asked for it has the dispute about a refusal, whoever else is asked (PT 22). The
 * grounds stay with the transaction. Nobody here disputes what the upper platform asks for. */
void need_keep_declined(struct doc *record)
{
    static const char *const told[] = {"time_ms", "tx"};
    const struct doc *answer = doc_get(record, "answer");
    if (!need_was_declined(record) || doc_text_is(record, "origin", "upper")) {
        return;
    }
    struct doc *declined = doc_new_object();
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        record_share(declined, told[i], doc_get(answer, told[i]));
    }
    record_share(declined, "dropped", doc_get(record, "dropped"));
    record_share(declined, "ruled", doc_get(record, "ruled"));
    record_share(declined, "ruling", doc_get(record, "ruling"));
    need_put_declined(record, doc_get_text(answer, "by"), declined);
}

bool need_declines_full(const struct doc *need, const char *provider)
{
    bool last = need_was_declined(need);
    bool known = need_declined_by(need, provider) != NULL ||
                 (last && doc_text_is(doc_get(need, "answer"), "by", provider));
    return !known && doc_count(doc_get(need, "declined")) + last >= NEED_DECLINED_MAX;
}

/* ---- need.answer ---- */

static int answerable(struct rule_context *context, const struct doc *need)
{
    if (!rule_signed_by(context, doc_get_text(need, "provider"))) {
        return rule_fault(context, ERR_PARTY, "PT 22", "need");
    }
    return doc_text_is(need, "status", "asked")
               ? 0
               : rule_fault_record(context, need, "asked", "PT 22", "need");
}

/* PT 20: 审核不通过的，…应当提供明确的法律、法规等依据, for all of it, or for what is left out; who
 * gives everything refuses nothing. */
static void check_refused(struct rule_context *context, const struct doc *record, bool compiled)
{
    if (!compiled || doc_get(record, "left_out") != NULL) {
        request_check_grounds(context);
    } else if (doc_get(context->body, "grounds") != NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "PT 22", "grounds");
    }
    if (!compiled && doc_get(context->body, "meets") != NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "PT 22", "meets");
    }
}

/* PT 24, CN 17: what was settled or ruled to be given (dispute_need.c) is given by who owes it. */
static void check_owed(struct rule_context *context, const struct doc *record, bool compiled)
{
    AUTO(text_set_free) struct text_set given_not = {0};
    const struct doc *owed = doc_get(doc_get(record, "owed"), "items");
    text_set_build(&given_not, doc_get(record, "left_out"), NULL);
    bool owes = doc_text_is(doc_get(record, "owed"), "provider", context->tx->member);
    for (size_t i = 0; owes && i < doc_count(owed); i++) {
        if (!compiled || text_set_find(&given_not, doc_text(doc_at(owed, i))) >= 0) {
            rule_fault(context, ERR_RULED, "PT 24, CN 17", "need.owed.items[%zu]", i);
        }
    }
}

int need_answer(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *need = need_subject(context, subject);
    if (need == NULL || answerable(context, need) != 0) {
        return rule_failed(context);
    }
    bool compiled = doc_text_is(context->body, "decision", "compiled");
    bool late = doc_get_bool(term_get(need, "need"), "over", false);
    struct doc *record = record_edit(need);
    need_forget_answer(record);
    need_put_declined(record, context->tx->member, NULL); /* it has spoken anew */
    if (compiled) {
        need_meet(context, record, context->tx->member, "PT 22");
    } else {
        doc_set_text(record, "status", "declined");
    }
    check_refused(context, record, compiled);
    check_owed(context, record, compiled);
    struct doc *note = need_note(context);
    if (late) {
        doc_set_bool(note, "late", true);
    }
    doc_set_text(note, "tx", context->txid);
    doc_set(record, "answer", note);
    term_stop(context, record, subject, "need");
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return context->error;
}

/* ---- the request that follows ---- */

/* The items that were answered for of this entry. Caller owns it. */
static struct doc *items_met(const struct doc *need, const char *code)
{
    const struct doc *meets = doc_get(need, "meets");
    struct doc *items = doc_new_array();
    for (size_t i = 0; i < doc_count(meets); i++) {
        if (doc_text_is(doc_at(meets, i), "entry", code)) {
            doc_push(items, doc_ref(doc_get(doc_at(meets, i), "item")));
        }
    }
    return items;
}

/* A condition on rows tells of the item it looks at, like the item itself. */
static void check_only_met(struct rule_context *context, const struct doc *met)
{
    AUTO(text_set_free) struct text_set known = {0};
    const struct doc *items = doc_get(context->body, "items");
    const struct doc *rows = doc_get(context->body, "rows");
    text_set_build(&known, met, NULL);
    for (size_t i = 0; i < doc_count(items); i++) {
        if (text_set_find(&known, doc_text(doc_at(items, i))) < 0) {
            rule_fault(context, ERR_SUBJECT, "PT 22", "items[%zu]", i);
        }
    }
    for (size_t i = 0; i < doc_count(rows); i++) {
        if (text_set_find(&known, doc_get_text(doc_at(rows, i), "item")) < 0) {
            rule_fault(context, ERR_SUBJECT, "PT 22", "rows[%zu].item", i);
        }
    }
}

/* What the upper platform needed was met, and it has been told so already. */
static bool need_was_met_below(const struct doc *need)
{
    return doc_text_is(need, "origin", "upper") && doc_text_is(need, "status", "replied") &&
           doc_text_is(doc_get(need, "upper_answer"), "decision", "agree");
}

static const struct doc *need_followed(struct rule_context *context)
{
    const struct doc *need =
        state_getf(context->state, "need/%s", rule_body_text(context, "for_need"));
    if (need == NULL) {
        rule_fault(context, ERR_SUBJECT, "PT 22", "for_need");
    } else if (!rule_signed_by(context, doc_get_text(need, "consumer"))) {
        rule_fault(context, ERR_PARTY, "PT 22", "for_need");
    } else if (!doc_text_is(need, "status", "met") && !need_was_met_below(need)) {
        rule_fault_record(context, need, "met", "PT 22", "for_need");
    } else if (doc_get(doc_get(need, "requests"), rule_body_text(context, "entry")) != NULL) {
        rule_fault(context, ERR_DUPLICATE, "PT 22", "for_need");
    } else {
        return need;
    }
    return NULL;
}

/* The frequency without the reason for it, which a profile since may ask for. Caller owns it. */
static struct doc *without_reason(const struct doc *frequency)
{
    struct doc *bare = frequency == NULL ? NULL : record_edit(frequency);
    if (bare != NULL) {
        doc_remove(bare, "reason");
    }
    return bare;
}

static bool same_frequency(const struct doc *now, const struct doc *then)
{
    AUTO(doc_free) struct doc *bare_now = without_reason(now);
    AUTO(doc_free) struct doc *bare_then = without_reason(then);
    const struct doc *reason = doc_get(then, "reason");
    return doc_equal(bare_now, bare_then) &&
           (reason == NULL || doc_equal(reason, doc_get(now, "reason")));
}

/* Whether this was reviewed with the need, or what was reviewed goes beyond it: an earlier last
 * day, a reason where none was asked for. */
static bool is_as_reviewed(const char *name, const struct doc *now, const struct doc *then,
                           bool from_above)
{
    if (from_above && then == NULL) {
        return true; /* STD 五(六): what came down says of the use what it says */
    }
    if (strcmp(name, "frequency") == 0) {
        return same_frequency(now, then);
    }
    if (strcmp(name, "mode_reason") == 0 && then == NULL) {
        return true;
    }
    int64_t now_day, then_day;
    if (strcmp(name, "until") == 0 && civil_parse_date(&now_day, doc_text(now)) == 0 &&
        civil_parse_date(&then_day, doc_text(then)) == 0) {
        return now_day <= then_day;
    }
    return doc_equal(now, then);
}

/* 需求审核 (PT 22) was of all that PT 17 and 18 have a need state: another use, another system or
 * less care was reviewed by nobody. */
static void check_as_reviewed(struct rule_context *context, const struct doc *need)
{
    static const char *const same[] = {"basis",      "commitments",    "frequency", "goal",
                                       "mode",       "mode_reason",    "need",      "purpose",
                                       "safeguards", "security_level", "system",    "until"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (!is_as_reviewed(same[i], doc_get(context->body, same[i]),
                            doc_get(doc_get(need, "asked_for"), same[i]),
                            doc_text_is(need, "origin", "upper"))) {
            rule_fault(context, ERR_PURPOSE, "PT 22, PT 25", "%s", same[i]);
        }
    }
}

int need_check_request(struct rule_context *context)
{
    const struct doc *need = need_followed(context);
    if (need == NULL) {
        return rule_failed(context);
    }
    AUTO(doc_free) struct doc *met = items_met(need, rule_body_text(context, "entry"));
    if (!doc_text_is(need, "provider", rule_body_text(context, "provider")) ||
        doc_count(met) == 0) {
        return rule_fault(context, ERR_SUBJECT, "PT 22", "entry");
    }
    check_as_reviewed(context, need);
    check_only_met(context, met);
    return context->error;
}

void need_note_request(struct rule_context *context)
{
    const char *id = rule_body_text(context, "for_need");
    struct doc *record = record_edit(state_getf(context->state, "need/%s", id));
    struct doc *requests = record_edit(doc_get(record, "requests"));
    doc_set_text(requests, rule_body_text(context, "entry"), context->txid);
    doc_set(record, "requests", requests);
    if (doc_count(requests) == doc_count(doc_get(record, "entries"))) {
        doc_set_text(record, "status", "requested");
    }
    record_stamp(context, record);
    state_putf(context->state, record, "need/%s", id);
}
