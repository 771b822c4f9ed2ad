/* The acceptance of systems (C6): where the profile has `acceptance`, the entries of a system are
 * there before it is accepted. Its milestone (milestones.c) names them:
 *
 *   milestone ──▶ open ──milestone anew, naming all its entries, and they stand──▶ met
 *                 │ ▲└──the day of the acceptance is over──▶ open, overdue on record
 *                 └─┘ milestone anew: the acceptance is on another day to come, or the system is
 *                     called otherwise, for a reason
 *
 * Its entries are those that were submitted for it, and those whose source is the system that it
 * names. What it was called before stays on record, as the days do that it was to be on.
 * Met by data that the center has not certified yet, it is open again when that is returned, or
 * when the agency refuses it instead (collection_reports.c).
 *
 * CN 9: 信息化项目建设应当在项目验收前，做好信息化项目中的资源目录编制工作. CN 15: 各单位应在信息化项
 * 目验收前与共享交换平台做好数据汇聚对接. OPEN 23: 在系统建设验收前完成公共数据目录编制、开放清单编制等工
 * 作. It is recorded before the day, which may be to come, or after it. Of the acceptance the ledger
 * knows the day and not the hour: what stands when that day is over was there. */
#include "chain/rules/acceptances.h"

#include "base/errors.h"
#include "chain/rules/listings.h"
#include "chain/rules/records.h"
#include "chain/rules/terms.h"
#include "chain/rules/upkeep.h"

#define CORRECTIONS_MAX 50
#define AHEAD_YEARS_MAX 3

const struct doc *acceptance_of(struct rule_context *context, const struct doc *before)
{
    if (before != NULL) {
        return doc_get(before, "acceptance");
    }
    return doc_text_is(context->body, "kind", "system") ? rule_profile_at(context, "acceptance")
                                                         : NULL;
}

/* ---- the entries that it names ---- */

/* Data that is not shared is not collected (CN 15); CN 14: a ruling on it counts instead. */
static bool is_collected(const struct doc *acceptance, const struct doc *record)
{
    const struct doc *ruling = doc_get(record, "ruling");
    const struct doc *shared = ruling != NULL ? ruling : doc_get(record, "entry");
    return doc_has_text(doc_get(acceptance, "needs"), "collection") &&
           !doc_text_is(shared, "sharing", "none");
}

/* Since when an entry stands with all that is needed; -1 and faults: something is not there. What
 * is closed is not listed (OPEN 14). */
static int64_t entry_stands_ms(struct rule_context *context, const struct doc *acceptance,
                               const struct doc *record, size_t index)
{
    const char *provider = context->tx->member, *code = doc_get_text(record, "code");
    const struct doc *entry = doc_get(record, "entry"), *needs = doc_get(acceptance, "needs");
    int64_t since[3] = {doc_get_int(doc_get(record, "review"), "time_ms", 0), 0, 0};
    if (!doc_text_is(record, "status", "published")) {
        rule_fault_record(context, record, "published", "CN 9, OPEN 23", "entries[%zu]", index);
        return -1;
    }
    if (is_collected(acceptance, record)) {
        since[1] = collection_stands_ms(context, provider, code);
        if (!collection_may_meet(context, provider, code, rule_body_text(context, "code"))) {
            rule_fault(context, ERR_FIELD_COUNT, "CN 15", "entries[%zu]", index);
        }
    }
    if (doc_has_text(needs, "listing") && !doc_text_is(entry, "opening", "closed")) {
        since[2] = listing_stands_ms(context, provider, code);
    }
    if (since[1] < 0 || since[2] < 0) {
        bool collects = since[1] < 0;
        const struct doc *lacking = state_getf(
            context->state, "%s/%s/%s", collects ? "collection" : "listing", provider, code);
        rule_fault_status(context, doc_get_text(lacking, "status"),
                          collects ? "collected certified exempt" : "listed",
                          collects ? "CN 15" : "OPEN 23", "entries[%zu]", index);
        return -1;
    }
    int64_t last = since[1] > since[2] ? since[1] : since[2];
    return since[0] > last ? since[0] : last;
}

/* CN 9: 做好信息化项目中的资源目录编制工作; OPEN 23: 系统: whatever else is in the catalog has nothing to
 * do with it. It was submitted for this milestone, or says that its data come from that system. */
static void check_compiled_for(struct rule_context *context, const struct doc *before,
                               const struct doc *record, size_t index)
{
    const char *system = rule_body_text(context, "system");
    system = system != NULL ? system : doc_get_text(before, "system");
    const struct doc *source = doc_get(doc_get(record, "entry"), "source");
    if (!doc_text_is(record, "milestone", rule_body_text(context, "code")) &&
        (system == NULL || !doc_text_is(source, "system", system))) {
        rule_fault(context, ERR_OTHER_SYSTEM, "CN 9, OPEN 23", "entries[%zu]", index);
    }
}

/* What was compiled for it is named, unless it is gone. */
static void check_all_named(struct rule_context *context, const struct doc *before,
                            const struct doc *codes)
{
    const struct doc *compiled = doc_get(before, "entries");
    for (size_t i = 0; i < doc_count(compiled); i++) {
        const char *code = doc_text(doc_at(compiled, i));
        const struct doc *entry =
            state_getf(context->state, "entry/%s/%s", context->tx->member, code);
        if (!doc_has_text(codes, code) && !doc_text_is(entry, "status", "retired")) {
            rule_fault(context, ERR_FIELD_MISSING, "CN 9, OPEN 23", "entries");
            return;
        }
    }
}

int64_t acceptance_check_entries(struct rule_context *context, const struct doc *acceptance,
                                 const struct doc *before)
{
    const struct doc *codes = doc_get(context->body, "entries");
    int64_t since_ms = 0;
    if (codes != NULL && acceptance == NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "CN 9, OPEN 23", "entries");
        return since_ms;
    }
    for (size_t i = 0; i < doc_count(codes); i++) {
        const struct doc *entry = state_getf(context->state, "entry/%s/%s", context->tx->member,
                                             doc_text(doc_at(codes, i)));
        if (entry == NULL) {
            rule_fault(context, ERR_SUBJECT, "CN 9, OPEN 23", "entries[%zu]", i);
            continue;
        }
        check_compiled_for(context, before, entry, i);
        int64_t stands_ms = entry_stands_ms(context, acceptance, entry, i);
        since_ms = stands_ms > since_ms ? stands_ms : since_ms;
    }
    if (codes != NULL) {
        check_all_named(context, before, codes);
    }
    return since_ms;
}

/* ---- the milestone ---- */

/* The project's own bound: what is planned for a day further away than any project lasts is owed
 * on no day. One that lasts longer is put off when the day comes near. */
bool acceptance_is_near(const struct rule_context *context, int64_t day)
{
    return day <= civil_add_months(civil_day(context->time_ms), 12 * AHEAD_YEARS_MAX);
}

/* What may be put right of a milestone on record: the list that what it was is noted in. */
static const struct {
    const char *member, *noted;
} corrections[] = {{"date", "postponed"}, {"system", "renamed"}};
#define CORRECTIONS (sizeof corrections / sizeof *corrections)

/* Whether the body says otherwise than the record does. */
static bool is_corrected(const struct rule_context *context, const struct doc *before,
                         const char *member)
{
    const char *now = rule_body_text(context, member), *was = doc_get_text(before, member);
    return now != NULL && was != NULL && !doc_text_is(before, member, now);
}

/* CN 9, OPEN 23: 验收前: whoever puts the day off, or calls the system otherwise, says why, and not
 * without end. */
static bool check_corrections(struct rule_context *context, const struct doc *before)
{
    bool why = doc_get(context->body, "reason") != NULL, any = false;
    for (size_t i = 0; i < CORRECTIONS; i++) {
        if (is_corrected(context, before, corrections[i].member)) {
            any = true;
            if (doc_count(doc_get(before, corrections[i].noted)) >= CORRECTIONS_MAX) {
                rule_fault(context, ERR_FIELD_COUNT, "CN 9, OPEN 23", "%s", corrections[i].member);
            }
        }
    }
    if (why != any) {
        rule_fault(context, why ? ERR_FIELD_UNKNOWN : ERR_FIELD_MISSING, "CN 9, OPEN 23", "reason");
    }
    return any;
}

void acceptance_note_before(struct rule_context *context, struct doc *record,
                            const struct doc *before)
{
    doc_remove(record, "reason");
    for (size_t i = 0; i < CORRECTIONS; i++) {
        const struct doc *earlier = doc_get(before, corrections[i].noted);
        record_share(record, corrections[i].noted, earlier);
        if (!is_corrected(context, before, corrections[i].member)) {
            continue;
        }
        struct doc *all = doc_new_array(), *was = doc_new_object();
        for (size_t k = 0; k < doc_count(earlier); k++) {
            doc_push(all, doc_ref(doc_at(earlier, k)));
        }
        record_share(was, "from", doc_get(before, corrections[i].member));
        record_share(was, "reason", doc_get(context->body, "reason"));
        doc_set_int(was, "time_ms", context->time_ms);
        doc_push(all, was);
        doc_set(record, corrections[i].noted, all);
    }
}

/* Recorded anew, it names its entries, its system or another day: that not once its day is over,
 * for then the system was accepted as it was. */
void acceptance_check_anew(struct rule_context *context, const struct doc *before)
{
    if (!doc_text_is(context->body, "kind", "system")) {
        rule_fault(context, ERR_FIELD_CHOICE, "CN 9, OPEN 23", "kind");
    }
    if (is_corrected(context, before, "date") && term_is_over(context, before, "compile")) {
        rule_fault(context, ERR_STATUS, "CN 9, OPEN 23", "date");
    }
    if (!check_corrections(context, before) && doc_get(context->body, "entries") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "CN 9, OPEN 23", "entries");
    }
}

/* What of its entries is collected by the agency's word alone knows of it. */
static void rest_on_collections(struct rule_context *context, const struct doc *record)
{
    const char *provider = doc_get_text(record, "provider");
    const struct doc *codes = doc_get(record, "entries");
    for (size_t i = 0; i < doc_count(codes); i++) {
        const char *code = doc_text(doc_at(codes, i));
        const struct doc *entry = state_getf(context->state, "entry/%s/%s", provider, code);
        if (is_collected(doc_get(record, "acceptance"), entry)) {
            collection_met(context, provider, code, doc_get_text(record, "code"));
        }
    }
}

/* The term that runs for this day already goes on as it is, with what a suspension gave it. */
static void owe_by(struct rule_context *context, struct doc *record, const char *key,
                   int64_t end_ms)
{
    const struct doc *term = term_get(record, "compile");
    if (term == NULL || doc_get_int(term, "at_ms", doc_get_int(term, "due_ms", 0)) != end_ms) {
        term_start_at(context, record, key, "compile", end_ms,
                      doc_get_text(doc_get(record, "acceptance"), "clause"));
    }
}

void acceptance_begin(struct rule_context *context, struct doc *record, const char *key,
                      int64_t since_ms, int64_t end_ms)
{
    bool provisional, over = term_is_over(context, record, "compile");
    owe_by(context, record, key, end_ms);
    if (doc_get(context->body, "entries") == NULL) {
        return;
    }
    bool late = over || since_ms >= term_due_now(context, term_kind_find("compile"), record, true,
                                                 &provisional);
    term_pause(context, record, key, "compile"); /* for what is not certified yet (CN 15) */
    rest_on_collections(context, record);
    doc_set_text(record, "status", "met");
    doc_set_int(record, "met_ms", context->time_ms);
    if (late) {
        doc_set_bool(record, "late", true);
    }
}

/* The day of the acceptance is as it was. */
void milestone_unmeet(struct rule_context *context, const char *provider, const char *name)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "milestone/%s/%s", provider, name);
    const struct doc *milestone = record_current(context, key);
    if (!doc_text_is(milestone, "status", "met")) {
        return; /* by the data of another entry */
    }
    struct doc *record = record_edit(milestone);
    doc_set_text(record, "status", "open");
    doc_remove(record, "late");
    doc_remove(record, "met_ms");
    doc_set_int(record, "returned", doc_get_int(record, "returned", 0) + 1);
    term_put_back(context, record, key, "compile");
    record_stamp(context, record);
    state_put(context->state, key, record);
}
