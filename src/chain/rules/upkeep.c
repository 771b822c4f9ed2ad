/* Refreshing, and what is done once a year (C6, C8).
 *
 * refresh/<provider>/<code>: when the data of an entry was last brought up to date, and until when
 * it must be again by the cycle that the entry declares. PT 16:
 * 根据目录中公共数据的更新频率进行更新. Data in real time moves by itself, and what comes
 * irregularly or not at all owes nothing: no term.
 *
 *   current ──refresh──▶ current            OPEN 9: 不再更新的数据，可以列为静态数据
 *      └──the entry becomes static──▶ static
 *
 * The first cycle begins with the collection where the profile owes one (PT 15), else with the
 * acceptance of the entry (CN 15: 各单位应当建立公共数据汇聚更新机制; OPEN 9): nobody leaves it out
 * by reporting nothing. Data that is collected all the same begins it anew.
 *
 * The cycle is the catalog's, so only a change of the entry, which the center assesses (PT 14),
 * ends what PT 16 demands: no word of the provider does.
 *
 * maintenance/<member>: CN 10: 各单位对本单位资源目录，每年应当至少进行一次全面维护; a year from
 * the first entry that was accepted, then from each maintenance. */
#include "chain/rules/upkeep.h"

#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <stdio.h>
#include <string.h>

/* ---- refreshing ---- */

static void refresh_key(char out[RECORD_KEY_BYTES], const char *provider, const char *code)
{
    record_key(out, "refresh/%s/%s", provider, code);
}

/* Starts the cycle anew; a cycle that the profile does not know has no term. */
static void start_cycle(struct rule_context *context, struct doc *record, const char *key,
                        const char *cycle)
{
    char section[64];
    (void)snprintf(section, sizeof section, "refresh.%s", cycle);
    term_stop(context, record, key, "refresh");
    (void)term_start_policy(context, record, key, "refresh", section);
    doc_set_text(record, "cycle", cycle);
    doc_set_text(record, "status", strcmp(cycle, "static") == 0 ? "static" : "current");
}

/* Brought up to date, late if its days were over. */
static void note_refreshed(struct rule_context *context, struct doc *record)
{
    bool late = term_is_over(context, record, "refresh");
    doc_remove(record, "late");
    if (late) {
        doc_set_bool(record, "late", true);
    }
    doc_set_int(record, "refreshed_ms", context->time_ms);
}

/* A cycle of the entry begins; with the data, when it was brought up to date is known. */
static void cycle_put(struct rule_context *context, const char *provider, const char *code,
                      const char *cycle, bool refreshed)
{
    char key[RECORD_KEY_BYTES];
    refresh_key(key, provider, code);
    struct doc *record = record_edit(record_current(context, key));
    doc_set_text(record, "code", code);
    doc_set_text(record, "provider", provider);
    if (refreshed) {
        note_refreshed(context, record);
    }
    start_cycle(context, record, key, cycle);
    record_stamp(context, record);
    state_put(context->state, key, record);
}

void refresh_owe(struct rule_context *context, const char *provider, const char *code,
                 const char *cycle)
{
    cycle_put(context, provider, code, cycle, false);
}

void refresh_begin(struct rule_context *context, const char *provider, const char *code,
                   const char *cycle)
{
    cycle_put(context, provider, code, cycle, true);
}

void refresh_follow(struct rule_context *context, const char *provider, const char *code,
                    const char *cycle)
{
    char key[RECORD_KEY_BYTES];
    refresh_key(key, provider, code);
    const struct doc *before = record_current(context, key);
    if (before == NULL || (cycle != NULL && doc_text_is(before, "cycle", cycle))) {
        return;
    }
    struct doc *record = record_edit(before);
    if (cycle != NULL) {
        start_cycle(context, record, key, cycle);
    } else {
        term_stop(context, record, key, "refresh");
        doc_set_text(record, "status", "ended");
    }
    record_stamp(context, record);
    state_put(context->state, key, record);
}

static void refresh_put(struct rule_context *context, const struct doc *update, const char *key,
                        const char *cycle)
{
    struct doc *record = record_edit(state_get(context->state, key));
    doc_remove(record, "digest");
    doc_remove(record, "rows");
    record_share(record, "code", doc_get(update, "code"));
    record_share(record, "digest", doc_get(update, "digest"));
    record_share(record, "rows", doc_get(update, "rows"));
    doc_set_text(record, "provider", context->tx->member);
    note_refreshed(context, record);
    start_cycle(context, record, key, cycle);
    record_stamp(context, record);
    state_put(context->state, key, record);
}

int catalog_refresh(struct rule_context *context)
{
    const struct doc *updates = doc_get(context->body, "entries");
    for (size_t i = 0; i < doc_count(updates); i++) {
        char key[RECORD_KEY_BYTES];
        const struct doc *update = doc_at(updates, i);
        const char *code = doc_get_text(update, "code");
        const struct doc *entry =
            state_getf(context->state, "entry/%s/%s", context->tx->member, code);
        if (!doc_text_is(entry, "status", "published")) {
            rule_fault_record(context, entry, "published", "PT 16", "entries[%zu].code", i);
            continue;
        }
        refresh_key(key, context->tx->member, code);
        if (doc_text_is(record_current(context, key), "version", context->txid)) {
            rule_fault(context, ERR_DUPLICATE, "PT 16", "entries[%zu].code", i);
            continue;
        }
        refresh_put(context, update, key, doc_get_text(doc_get(entry, "entry"), "update"));
    }
    return context->error;
}

/* ---- what is done once a year ---- */

static const struct {
    const char *prefix, *term, *clause;
} yearly_kinds[] = {
    [YEARLY_MAINTENANCE] = {"maintenance", "maintain", "CN 10"},
    [YEARLY_EVALUATION] = {"evaluation", "evaluate", "OPEN 10"},
};

/* The term is named as the profile's section; the record begins a new year. */
static void yearly_put(struct rule_context *context, struct doc *record, const char *key,
                       const char *term)
{
    term_stop(context, record, key, term);
    (void)term_start_policy(context, record, key, term, term);
    record_stamp(context, record);
    state_put(context->state, key, record);
}

void yearly_begin(struct rule_context *context, enum yearly yearly, const char *member)
{
    char key[RECORD_KEY_BYTES];
    const char *term = yearly_kinds[yearly].term;
    record_key(key, "%s/%s", yearly_kinds[yearly].prefix, member);
    if (rule_profile_at(context, term) == NULL || state_get(context->state, key) != NULL) {
        return;
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "provider", member);
    doc_set_int(record, "since_ms", context->time_ms);
    yearly_put(context, record, key, term);
}

static int yearly_done(struct rule_context *context, enum yearly yearly)
{
    char key[RECORD_KEY_BYTES];
    const char *term = yearly_kinds[yearly].term;
    record_key(key, "%s/%s", yearly_kinds[yearly].prefix, context->tx->member);
    const struct doc *before = record_current(context, key);
    if (term_get(before, term) == NULL && /* a year that began is concluded all the same */
        !rule_policy_has(context, term, yearly_kinds[yearly].clause, "summary")) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(context->body);
    doc_set_int(record, "done_ms", context->time_ms);
    doc_set_text(record, "provider", context->tx->member);
    record_share(record, "since_ms", doc_get(before, "since_ms"));
    record_share(record, "terms", doc_get(before, "terms"));
    if (term_is_over(context, record, term)) {
        doc_set_bool(record, "late", true);
    }
    yearly_put(context, record, key, term);
    return 0;
}

int catalog_maintain(struct rule_context *context)
{
    return yearly_done(context, YEARLY_MAINTENANCE);
}

/* OPEN 10: 数据开放主体应当每年组织对公共数据开放清单和尚未开放的公共数据的评估. */
int open_evaluate(struct rule_context *context)
{
    return yearly_done(context, YEARLY_EVALUATION);
}
