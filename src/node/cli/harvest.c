/* The plan of a harvest; see harvest.h. */
#include "node/cli/harvest.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/dcat.h"
#include "node/cli/harvest_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FORMAT "dirchain-harvest/1"

/* ---- state ---- */

struct doc *harvest_state_new(const struct hash *chain, const char *member)
{
    struct doc *state = doc_new_object();
    doc_set_text(state, "format", FORMAT);
    doc_set_hash(state, "chain", chain);
    doc_set_text(state, "member", member);
    doc_set_int(state, "total", 0);
    doc_set_int(state, "harvests", 0);
    doc_set(state, "datasets", doc_new_object());
    return state;
}

int harvest_state_check(const struct doc *state, const struct hash *chain, const char *member)
{
    char hex[2 * HASH_BYTES + 1];
    size_t cursor = 0;
    const char *code;
    const struct doc *dataset;
    int64_t day;
    hash_to_hex(hex, chain);
    bool good = doc_text_is(state, "format", FORMAT) && doc_text_is(state, "chain", hex) &&
                doc_text_is(state, "member", member) && doc_get_int(state, "total", -1) >= 0 &&
                doc_get_int(state, "harvests", -1) >= 0 &&
                doc_kind(doc_get(state, "datasets")) == DOC_OBJECT;
    while (good && doc_next(doc_get(state, "datasets"), &cursor, &code, &dataset)) {
        const char *since = doc_get_text(dataset, "since");
        int64_t away = doc_get_int(dataset, "away", -1);
        good = away >= 0 && doc_get_int(dataset, "flaps", -1) >= 0 &&
               (away == 0 || (since != NULL && civil_parse_date(&day, since) == 0));
    }
    return good ? 0 : ERR_HARVEST_STATE;
}

/* ---- noting a feed ---- */

static void note_present(struct doc *datasets, const char *code, const char *identifier)
{
    const struct doc *before = doc_get(datasets, code);
    int64_t flaps = doc_get_int(before, "flaps", 0);
    struct doc *now = doc_new_object();
    doc_set_text(now, "identifier", identifier);
    doc_set_int(now, "away", 0);
    doc_set_int(now, "flaps", flaps + (doc_get_int(before, "away", 0) > 0));
    static const char *const kept[] = {"changing", "entry", "retiring"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (doc_get(before, kept[i]) != NULL) {
            doc_set(now, kept[i], doc_copy(doc_get(before, kept[i])));
        }
    }
    doc_set(datasets, code, now);
}

/* All that are in the feed, those at fault too: a fault is no absence. */
static struct doc *present_in(const struct harvest_feed *feed)
{
    struct doc *present = doc_new_object();
    for (size_t i = 0; i < doc_count(feed->bodies); i++) {
        doc_set(present, doc_get_text(doc_at(feed->bodies, i), "code"),
                doc_ref(doc_at(feed->identifiers, i)));
    }
    for (size_t i = 0; i < doc_count(feed->refused); i++) {
        AUTO(buf_free) struct buf code = {0};
        const char *identifier = doc_get_text(doc_at(feed->refused, i), "identifier");
        if (identifier != NULL && identifier[0] != 0) {
            (void)dcat_code_of(&code, identifier);
            doc_set_text(present, buf_text(&code), identifier);
        }
    }
    return present;
}

static bool unfinished(const struct doc *state, const struct hash *digest)
{
    char hex[2 * HASH_BYTES + 1];
    hash_to_hex(hex, digest);
    return doc_text_is(state, "unfinished", hex);
}

static void note_away(struct doc *datasets, const struct doc *present, int64_t day)
{
    char today[CIVIL_TIME_CHARS];
    AUTO(doc_free) struct doc *before = doc_copy(datasets);
    size_t cursor = 0;
    const char *code;
    const struct doc *dataset;
    civil_format_date(today, day);
    while (doc_next(before, &cursor, &code, &dataset)) {
        if (doc_get(present, code) != NULL) {
            continue;
        }
        struct doc *now = doc_copy(dataset);
        int64_t away = doc_get_int(dataset, "away", 0);
        doc_set_int(now, "away", away + 1);
        if (away == 0) {
            doc_set_text(now, "since", today);
        }
        doc_set(datasets, code, now);
    }
}

int harvest_note(struct doc *state, const struct harvest_feed *feed,
                 const struct harvest_rules *rules)
{
    size_t cursor = 0;
    const char *code;
    const struct doc *identifier;
    int64_t last = doc_get_int(state, "total", 0);
    if (unfinished(state, &feed->digest)) {
        return 0;
    }
    if (!rules->accept_shrink && (int64_t)feed->total * 2 < last) {
        return ERR_FEED_SHRUNK;
    }
    AUTO(doc_free) struct doc *present = present_in(feed);
    struct doc *datasets = doc_copy(doc_get(state, "datasets"));
    note_away(datasets, present, rules->day);
    while (doc_next(present, &cursor, &code, &identifier)) {
        note_present(datasets, code, doc_text(identifier));
    }
    doc_set(state, "datasets", datasets);
    doc_set_int(state, "total", (int64_t)feed->total);
    doc_set_int(state, "harvests", doc_get_int(state, "harvests", 0) + 1);
    doc_set_hash(state, "unfinished", &feed->digest);
    return 0;
}

/* ---- planning ---- */

struct lists {
    struct doc *submit, *change, *retire, *waiting, *blocked, *away, *flapping, *unchanged, *back,
        *withdraw;
};

struct doc *harvest_told(const char *code, const char *why)
{
    struct doc *item = doc_new_object();
    doc_set_text(item, "code", code);
    doc_set_text(item, "why", why);
    return item;
}

static void list_push(struct doc *list, const char *code, const char *why)
{
    doc_push(list, harvest_told(code, why));
}

struct doc *harvest_act(const struct doc *record, const char *code)
{
    struct doc *body = doc_new_object();
    doc_set_text(body, "code", code);
    doc_set(body, "acts_on", doc_ref(doc_get(record, "version")));
    return body;
}

struct doc *harvest_merge(const struct doc *entry, const struct doc *last, const struct doc *draft)
{
    struct doc *merged = doc_copy(entry);
    const char *name;
    const struct doc *value;
    for (size_t cursor = 0; doc_next(draft, &cursor, &name, &value);) {
        if (doc_get(last, name) == NULL || !doc_equal(doc_get(last, name), value)) {
            doc_set(merged, name, doc_ref(value));
        }
    }
    for (size_t cursor = 0; doc_next(last, &cursor, &name, &value);) {
        if (doc_get(draft, name) == NULL) {
            doc_remove(merged, name);
        }
    }
    return merged;
}

/* A dataset that the feed has. */
static void plan_present(struct lists *lists, const struct doc *draft, const struct doc *last,
                         const struct doc *record)
{
    const char *code = doc_get_text(draft, "code");
    AUTO(doc_free)
    struct doc *entry = record == NULL ? NULL
                                       : harvest_merge(doc_get(record, "entry"), last,
                                                       doc_get(draft, "entry"));
    bool same = record != NULL && doc_equal(doc_get(record, "entry"), entry);
    if (record == NULL) {
        doc_push(lists->submit, doc_ref(draft));
    } else if (doc_text_is(record, "status", "retired")) {
        list_push(lists->blocked, code, "retired");
    } else if (doc_text_is(record, "status", "submitted")) {
        list_push(lists->waiting, code, "submitted");
    } else if (doc_text_is(record, "status", "returned")) {
        if (same) {
            list_push(lists->blocked, code, "returned");
            return;
        }
        struct doc *body = harvest_act(record, code);
        doc_set(body, "entry", doc_ref(entry));
        doc_push(lists->submit, body);
    } else if (same) {
        doc_push_text(lists->unchanged, code);
    } else {
        struct doc *body = harvest_act(record, code);
        doc_set(body, "entry", doc_ref(entry));
        doc_set_text(body, "reason", "来源目录已更新 The feed has changed");
        doc_push(lists->change, body);
    }
}

/* One that it has no more. */
static void plan_away(struct lists *lists, const char *code, const struct doc *dataset,
                      const struct doc *record, const struct harvest_rules *rules)
{
    int64_t away = doc_get_int(dataset, "away", 0);
    const char *since = doc_get_text(dataset, "since");
    int64_t day = rules->day;
    (void)civil_parse_date(&day, since == NULL ? "" : since);
    if (away == 0 || record == NULL || doc_text_is(record, "status", "retired")) {
        return;
    }
    if (away < rules->absences || rules->day - day < rules->days) {
        struct doc *item = doc_new_object();
        doc_set_text(item, "code", code);
        doc_set_int(item, "harvests", away);
        doc_set_text(item, "since", since);
        doc_push(lists->away, item);
    } else if (!doc_text_is(record, "status", "published")) {
        list_push(lists->blocked, code, doc_get_text(record, "status"));
    } else {
        struct doc *body = harvest_act(record, code);
        char times[48] = "once";
        if (away > 1) {
            (void)snprintf(times, sizeof times, "%" PRId64 " times running", away);
        }
        doc_set_format(body, "reason",
                       "来源目录自 %s 起连续 %" PRId64 " 次未列出 Not in the feed since %s, %s",
                       since, away, since, times);
        doc_push(lists->retire, body);
    }
}

struct doc *harvest_plan(const struct doc *state, const struct harvest_feed *feed,
                         const struct doc *entries, const struct harvest_rules *rules)
{
    struct doc *plan = doc_new_object();
    struct lists lists = {.submit = doc_new_array()};
    struct doc **const made[] = {&lists.change, &lists.retire,   &lists.waiting,
                                 &lists.blocked, &lists.away,    &lists.flapping,
                                 &lists.unchanged, &lists.back,  &lists.withdraw};
    size_t cursor = 0;
    const char *code;
    const struct doc *dataset;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        *made[i] = doc_new_array();
    }
    for (size_t i = 0; i < doc_count(feed->bodies); i++) {
        const struct doc *draft = doc_at(feed->bodies, i);
        const char *drafted = doc_get_text(draft, "code");
        const struct doc *last = doc_get(doc_get(doc_get(state, "datasets"), drafted), "entry");
        plan_present(&lists, draft, last, doc_get(entries, drafted));
    }
    while (doc_next(doc_get(state, "datasets"), &cursor, &code, &dataset)) {
        plan_away(&lists, code, dataset, doc_get(entries, code), rules);
        if (doc_get_int(dataset, "flaps", 0) > 0) {
            struct doc *item = doc_new_object();
            doc_set_text(item, "code", code);
            doc_set_int(item, "times", doc_get_int(dataset, "flaps", 0));
            doc_push(lists.flapping, item);
        }
    }
    doc_set(plan, "submit", lists.submit);
    doc_set(plan, "change", lists.change);
    doc_set(plan, "retire", lists.retire);
    doc_set(plan, "waiting", lists.waiting);
    doc_set(plan, "blocked", lists.blocked);
    doc_set(plan, "away", lists.away);
    doc_set(plan, "flapping", lists.flapping);
    doc_set(plan, "unchanged", lists.unchanged);
    doc_set(plan, "back", lists.back);
    doc_set(plan, "withdraw", lists.withdraw);
    return plan;
}

/* ---- carried out ---- */

static bool has_code(const struct doc *bodies, const char *code)
{
    for (size_t i = 0; i < doc_count(bodies); i++) {
        if (doc_text_is(doc_at(bodies, i), "code", code)) {
            return true;
        }
    }
    return false;
}

void harvest_finish(struct doc *state, const struct harvest_feed *feed, const struct doc *plan)
{
    struct doc *datasets = doc_copy(doc_get(state, "datasets"));
    for (size_t i = 0; i < doc_count(feed->bodies); i++) {
        const struct doc *draft = doc_at(feed->bodies, i);
        const char *code = doc_get_text(draft, "code");
        if (doc_has_text(doc_get(plan, "unchanged"), code) ||
            has_code(doc_get(plan, "submit"), code)) {
            struct doc *now = doc_copy(doc_get(datasets, code));
            doc_set(now, "entry", doc_ref(doc_get(draft, "entry")));
            doc_set(datasets, code, now);
        }
    }
    doc_set(state, "datasets", datasets);
    doc_remove(state, "unfinished");
}
