/* A feed and a ledger for tests of harvests, both told in lines of text. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_HARVEST_WORLD_H
#define DIRCHAIN_TESTS_UNIT_HARVEST_WORLD_H

#include "check.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/cli/harvest.h"

#include <string.h>

#define MEMBER "11440000006940175Y"

/* What a test holds: the state, the ledger's records, and the feed of today. */
struct world {
    struct doc *state;
    struct doc *entries;
    struct doc *changes; /* and of the last applications, by code */
    const char *version; /* of the entries that it takes from now on */
    struct doc *bodies, *identifiers, *refused;
    struct doc *plan;
    struct harvest_rules rules;
    struct hash chain;
};

static void world_open(struct world *world)
{
    *world = (struct world){.rules = {.absences = 3, .days = 14},
                            .chain = hash_sha256(view_of_text("chain")),
                            .version = "v1"};
    world->state = harvest_state_new(&world->chain, MEMBER);
    world->entries = doc_new_object();
    world->changes = doc_new_object();
}

static void world_close(struct world *world)
{
    doc_free(&world->state);
    doc_free(&world->entries);
    doc_free(&world->changes);
    doc_free(&world->bodies);
    doc_free(&world->identifiers);
    doc_free(&world->refused);
    doc_free(&world->plan);
}

static struct doc *entry_of(const char *text)
{
    struct doc *entry = doc_new_object();
    doc_set_text(entry, "name", text);
    doc_set_text(entry, "manager", "same");
    return entry;
}

/* A feed: codes with the name of each, "A=one B=two"; with "!" it is at fault. */
static int harvest(struct world *world, const char *date, const char *feed)
{
    char line[256];
    int64_t day;
    doc_free(&world->bodies);
    doc_free(&world->identifiers);
    doc_free(&world->refused);
    doc_free(&world->plan);
    world->bodies = doc_new_array();
    world->identifiers = doc_new_array();
    world->refused = doc_new_array();
    assert_int_equal(civil_parse_date(&day, date), 0);
    world->rules.day = day;
    assert_true(strlen(feed) < sizeof line);
    strcpy(line, feed);
    size_t total = 0;
    for (char *at = line; *at != 0; total++) {
        char *end = at + strcspn(at, " ");
        char *next = *end == 0 ? end : end + 1;
        *end = 0;
        char *name = strchr(at, '=');
        struct doc *item = doc_new_object();
        if (name == NULL) {
            at[strlen(at) - 1] = 0; /* "!" */
            doc_set_text(item, "identifier", at);
            doc_push(world->refused, item);
        } else {
            *name = 0;
            doc_set_text(item, "code", at);
            doc_set(item, "entry", entry_of(name + 1));
            doc_push(world->bodies, item);
            doc_push_text(world->identifiers, at);
        }
        at = next;
    }
    const struct harvest_feed given = {.digest = hash_sha256(view_of_text(feed)),
                                       .total = total,
                                       .bodies = world->bodies,
                                       .identifiers = world->identifiers,
                                       .refused = world->refused};
    int error = harvest_note(world->state, &given, &world->rules);
    if (error != 0) {
        return error;
    }
    harvest_follow(world->state, world->changes, world->entries);
    world->plan = harvest_plan(world->state, &given, world->entries, &world->rules);
    size_t cursor = 0;
    const char *code;
    const struct doc *change;
    while (doc_next(world->changes, &cursor, &code, &change)) {
        harvest_settle(world->plan, world->state, "change", change);
        harvest_settle(world->plan, world->state, "retire", change);
        harvest_present(world->plan, world->state, &given, change);
    }
    return 0;
}

/* As long as nothing more is done it is interrupted. */
static void begin(struct world *world)
{
    const struct harvest_feed given = {.bodies = world->bodies};
    harvest_begin(world->state, &given, world->plan);
}

static void finish(struct world *world)
{
    const struct harvest_feed given = {.bodies = world->bodies};
    begin(world);
    harvest_finish(world->state, &given, world->plan);
    assert_int_equal(harvest_state_check(world->state, &world->chain, MEMBER), 0);
}

/* The ledger holds this. */
static void on_ledger(struct world *world, const char *code, const char *status, const char *name)
{
    struct doc *record = doc_new_object();
    doc_set_text(record, "code", code);
    doc_set_text(record, "status", status);
    doc_set_text(record, "version", world->version);
    doc_set(record, "entry", entry_of(name));
    doc_set(world->entries, code, record);
}

/* The plan as a line: "submit A B; retire C". Lists in the order of the alphabet. */
static const char *plan_text(struct world *world)
{
    static struct buf text;
    size_t cursor = 0;
    const char *list;
    const struct doc *items;
    buf_clear(&text);
    while (doc_next(world->plan, &cursor, &list, &items)) {
        buf_append_format(&text, "%s%s", doc_count(items) > 0 && text.len > 0 ? "; " : "",
                          doc_count(items) > 0 ? list : "");
        for (size_t i = 0; i < doc_count(items); i++) {
            const struct doc *item = doc_at(items, i);
            const char *code = doc_text(item) != NULL ? doc_text(item) : doc_get_text(item, "code");
            const char *why = doc_get_text(item, "why");
            buf_append_format(&text, " %s%s%s", code, why == NULL ? "" : ":",
                              why == NULL ? "" : why);
        }
    }
    return buf_text(&text);
}

static void settled(struct world *world, const char *feed)
{
    /* Two harvests: what was submitted is published in between. */
    assert_int_equal(harvest(world, "2026-03-01", feed), 0);
    for (size_t i = 0; i < doc_count(world->bodies); i++) {
        const struct doc *body = doc_at(world->bodies, i);
        on_ledger(world, doc_get_text(body, "code"), "published",
                  doc_get_text(doc_get(body, "entry"), "name"));
    }
    finish(world);
}

#endif
