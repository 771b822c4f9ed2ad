/* Collection of the data of an entry (归集, C6): what is owed, and what is there.
 *
 *   accepted ──▶ due ──collect──▶ collected ──certify: accept──▶ certified: certificate/<number>
 *                 ▲ │                  └──return, all reasons──▶ due, with the days that were left
 *                 │ └──collect, refusing by law──▶ refused ──certify: accept──▶ exempt
 *                 │ └──refusing by nothing──▶ unfounded ◀──return──┘
 *                 └── items changed (CN 15); of what was exempt, too
 *
 * What an agency reports and what is made of it are in collection_reports.c. What the center
 * accepted stays recognised ("recognised"): PT 11 and CN 15 know no refusal of what is not owed any
 * more, PT 14's change or deletion of the entry is the way to end it. Exempt is the data that was
 * judged (CN 15: 认定的特殊情况): where its items change, what it is now is owed, or refused and
 * judged anew. Whoever asked for it may go on asking ("exempted_ms"). */
#include "chain/rules/collections.h"

#include "base/memory.h"
#include "chain/rules/terms.h"
#include "chain/rules/upkeep.h"

void collection_key(char out[RECORD_KEY_BYTES], const char *provider, const char *code)
{
    record_key(out, "collection/%s/%s", provider, code);
}

struct doc *collection_new(const char *provider, const char *code)
{
    struct doc *record = doc_new_object();
    doc_set_text(record, "code", code);
    doc_set_text(record, "provider", provider);
    return record;
}

/* The data is owed from now on; "owes" remembers under which term, for a report that is returned.
 */
static void collection_owe(struct rule_context *context, struct doc *record, const char *key,
                           const char *term)
{
    doc_remove(record, "paused");
    doc_set_int(record, "since_ms", context->time_ms);
    doc_set_text(record, "owes", term);
    doc_set_text(record, "status", "due");
    (void)term_start_policy(context, record, key, term, term);
}

void collection_begin(struct rule_context *context, const char *provider, const char *code)
{
    char key[RECORD_KEY_BYTES];
    if (rule_profile_at(context, "collect") == NULL) {
        return;
    }
    collection_key(key, provider, code);
    struct doc *record = collection_new(provider, code);
    collection_owe(context, record, key, "collect");
    record_stamp(context, record);
    state_put(context->state, key, record);
}

void collection_stop_terms(struct rule_context *context, struct doc *record, const char *key)
{
    term_stop(context, record, key, "collect");
    term_stop(context, record, key, "recollect");
}

/* What is owed without a term from now on: CN 15's 2 个工作日 for collecting anew, else PT 15's. */
void collection_owe_anew(struct rule_context *context, struct doc *record, const char *key)
{
    bool renews = rule_profile_at(context, "recollect") != NULL;
    collection_owe(context, record, key, renews ? "recollect" : "collect");
}

bool collection_is_exempt(const struct doc *record)
{
    return doc_text_is(doc_get(record, "recognised"), "status", "exempt");
}

/* The data that was exempt is no more what was judged. */
static void exemption_end(struct rule_context *context, const struct doc *before, const char *key)
{
    struct doc *record = record_edit(before);
    record_share(record, "exempted_ms", doc_get(doc_get(before, "recognised"), "time_ms"));
    doc_remove(record, "recognised");
    collection_owe_anew(context, record, key);
    record_stamp(context, record);
    state_put(context->state, key, record);
}

/* CN 15: 当已汇聚资源发生结构变化时，必须在变更之后 2 个工作日之内进行汇聚更新. */
void collection_renew(struct rule_context *context, const char *provider, const char *code)
{
    char key[RECORD_KEY_BYTES];
    collection_key(key, provider, code);
    const struct doc *before = record_current(context, key);
    if (collection_is_exempt(before)) {
        exemption_end(context, before, key);
        return;
    }
    /* What was reported and is refused now was collected: the refusal waits beside what is owed. */
    bool refused = doc_text_is(before, "status", "refused") &&
                   doc_get(before, "kept_ms") != NULL && doc_get(before, "owes") == NULL;
    if ((!doc_text_is(before, "status", "collected") &&
         !doc_text_is(before, "status", "certified") && !refused) ||
        rule_profile_at(context, "recollect") == NULL) {
        return;
    }
    struct doc *record = record_edit(before);
    collection_owe(context, record, key, "recollect");
    if (refused) {
        record_share(record, "status", doc_get(before, "status"));
    }
    record_stamp(context, record);
    state_put(context->state, key, record);
}

int64_t collection_record_stands_ms(const struct doc *record)
{
    const struct doc *recognised = doc_get(record, "recognised");
    if (collection_is_exempt(record)) {
        return doc_get_int(recognised, "time_ms", -1);
    }
    bool renewed = doc_text_is(record, "status", "due") && doc_text_is(record, "owes", "recollect");
    bool there = recognised != NULL || renewed || doc_text_is(record, "status", "collected");
    return there ? doc_get_int(record, "reported_ms", -1) : -1;
}

int64_t collection_stands_ms(struct rule_context *context, const char *provider, const char *code)
{
    char key[RECORD_KEY_BYTES];
    collection_key(key, provider, code);
    return collection_record_stands_ms(state_get(context->state, key));
}

/* PT 11, PT 22: what the agency reported, and nobody returned, no word of its own closes to those
 * who ask for it: it is there while its refusal waits, when that is unfounded, and when a further
 * report is returned. So is what they had of the agency itself, since it was exempt, until its data
 * is certified. */
bool collection_is_there(struct rule_context *context, const char *provider, const char *code)
{
    char key[RECORD_KEY_BYTES];
    collection_key(key, provider, code);
    const struct doc *record = state_get(context->state, key);
    return collection_record_stands_ms(record) >= 0 || doc_get(record, "kept_ms") != NULL ||
           doc_get(record, "exempted_ms") != NULL;
}

/* Not certified yet: a milestone that it met rests on a report, and what is taken back or returned
 * has collected nothing (CN 15: 在信息化项目验收前…做好数据汇聚对接). */
void collection_met(struct rule_context *context, const char *provider, const char *code,
                    const char *milestone)
{
    char key[RECORD_KEY_BYTES];
    collection_key(key, provider, code);
    const struct doc *before = state_get(context->state, key);
    const struct doc *listed = doc_get(before, "milestones");
    if (before == NULL || doc_get(before, "recognised") != NULL ||
        doc_has_text(listed, milestone)) {
        return;
    }
    struct doc *record = record_edit(before), *names = doc_new_array();
    for (size_t i = 0; i < doc_count(listed); i++) {
        doc_push(names, doc_ref(doc_at(listed, i)));
    }
    doc_push_text(names, milestone);
    doc_set(record, "milestones", names);
    state_put(context->state, key, record);
}

bool collection_may_meet(struct rule_context *context, const char *provider, const char *code,
                         const char *milestone)
{
    char key[RECORD_KEY_BYTES];
    collection_key(key, provider, code);
    const struct doc *met = doc_get(state_get(context->state, key), "milestones");
    return doc_count(met) < COLLECTION_MILESTONES_MAX || doc_has_text(met, milestone);
}

/* Puts what a report, or the center's word on one, made of it. */
void collection_put(struct rule_context *context, struct doc *record, const char *key)
{
    AUTO(doc_free) struct doc *names = doc_ref(doc_get(record, "milestones"));
    bool gone = collection_record_stands_ms(record) < 0;
    if (gone || doc_get(record, "recognised") != NULL) {
        doc_remove(record, "milestones");
    }
    const char *provider = doc_get_text(record, "provider");
    for (size_t i = 0; gone && i < doc_count(names); i++) {
        milestone_unmeet(context, provider, doc_text(doc_at(names, i)));
    }
    record_stamp(context, record);
    state_put(context->state, key, record);
}

void collection_end(struct rule_context *context, const char *provider, const char *code)
{
    char key[RECORD_KEY_BYTES];
    collection_key(key, provider, code);
    const struct doc *before = record_current(context, key);
    if (before == NULL) {
        return;
    }
    struct doc *record = record_edit(before);
    collection_stop_terms(context, record, key);
    doc_remove(record, "exempted_ms");
    doc_remove(record, "kept_ms");
    doc_remove(record, "owes");
    doc_remove(record, "paused");
    doc_remove(record, "milestones");
    doc_remove(record, "recognised");
    doc_set_text(record, "status", "ended");
    record_stamp(context, record);
    state_put(context->state, key, record);
}
