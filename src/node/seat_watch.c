/* Tells of seats, keys and double votes. Every node tells of evidence: the center's operator reads
 * it where he looks anyway, and so does everybody else. */
#include "node/seat_watch.h"

#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEX_SHOWN 16 /* of a key, in the log */

/* Of the newest block; NULL without it. */
static struct doc *read_state(const struct node_parts *parts, const char *key)
{
    struct store_view view;
    struct doc *record = NULL;
    if (store_view_open(&view, parts->kv) == 0) {
        (void)store_read_state(&record, &view, key);
        store_view_close(&view);
    }
    return record;
}

bool seat_holds_key(const struct node_parts *parts, const struct engine *engine)
{
    struct vote_key keys[ENGINE_KEYS_MAX];
    char key[64], hex[2 * VOTE_KEY_BYTES + 1];
    int seat;
    bool holds = false;
    (void)snprintf(key, sizeof key, "member/%s", parts->member);
    AUTO(doc_free) struct doc *member = read_state(parts, key);
    size_t count = engine_keys(engine, keys, &seat);
    for (size_t i = 0; i < count; i++) {
        hex_encode(hex, view_of(keys[i].bytes, VOTE_KEY_BYTES));
        holds = holds || doc_text_is(member, "vote_key", hex);
    }
    return holds;
}

static bool was_removed(const struct node_parts *parts)
{
    char key[64];
    (void)snprintf(key, sizeof key, "removal/%s", parts->member);
    AUTO(doc_free) struct doc *removal = read_state(parts, key);
    return doc_text_is(removal, "status", "removed");
}

/* How it stands at the next height. */
static struct seat_watch look(const struct node_parts *parts, const struct engine *engine)
{
    const struct validator_set *next = app_next_validators(parts->app);
    const struct validator_set *later = app_later_validators(parts->app);
    struct vote_key keys[ENGINE_KEYS_MAX];
    struct seat_watch now = {.state = SEAT_NONE};
    int held, at = validators_find(next, parts->member);
    int then = validators_find(later, parts->member);
    size_t count = engine_keys(engine, keys, &held);
    if (at >= 0) {
        now.key = next->item[at].key;
        now.state = held >= 0 ? SEAT_VOTES : SEAT_OTHER_KEY;
    } else if (count > 0) {
        now.state = was_removed(parts) ? SEAT_REMOVED : SEAT_UNSEATED;
    }
    if (at >= 0 && then >= 0 &&
        memcmp(next->item[at].key.bytes, later->item[then].key.bytes, VOTE_KEY_BYTES) != 0) {
        now.changes_at = app_height(parts->app) + 2;
    }
    return now;
}

static void tell(const struct seat_watch *now, const struct node_parts *parts)
{
    char hex[2 * VOTE_KEY_BYTES + 1];
    uint64_t height = app_height(parts->app) + 1;
    hex_encode(hex, view_of(now->key.bytes, VOTE_KEY_BYTES));
    switch (now->state) {
    case SEAT_VOTES:
        log_write(LOG_INFO, "seat", "votes from height %" PRIu64 " on with the key %.*s…", height,
                  HEX_SHOWN, hex);
        break;
    case SEAT_UNSEATED:
        log_write(LOG_WARN, "seat",
                  "from height %" PRIu64 " on the validators do not include this member: observing "
                  "only",
                  height);
        break;
    case SEAT_REMOVED:
        log_write(LOG_WARN, "seat",
                  "from height %" PRIu64 " on this member is no validator: its key signed two "
                  "different votes, and the ledger took the seat (dirchain validator status). "
                  "Observing only. Find out who else has the vote key, then ask the center",
                  height);
        break;
    case SEAT_OTHER_KEY:
        log_write(LOG_WARN, "seat",
                  "from height %" PRIu64
                  " on this member's seat votes with the key %.*s…, which is "
                  "not here: observing only. Name its file in keys.vote and start again",
                  height, HEX_SHOWN, hex);
        break;
    case SEAT_NONE:
        break;
    }
    if (now->changes_at > 0) {
        log_write(LOG_INFO, "seat", "the seat's vote key changes at height %" PRIu64,
                  now->changes_at);
    }
}

void seat_watch_start(struct seat_watch *watch, const struct node_parts *parts,
                      const struct engine *engine)
{
    *watch = look(parts, engine);
    tell(watch, parts);
}

static void tell_evidence(const struct node_parts *parts, const struct app_commit *commit)
{
    const struct block *block = commit->block;
    AUTO(doc_free) struct doc *profile = NULL;
    if (block->evidence_count == 0) {
        return;
    }
    profile = read_state(parts, "profile");
    const char *rule = doc_get_text(doc_get(doc_get(profile, "profile"), "equivocation"), "effect");
    for (size_t i = 0; i < block->evidence_count; i++) {
        const struct vote *vote = &block->evidence[i].a;
        log_write(LOG_WARN, "evidence",
                  "on record in block %" PRIu64 ": %s signed two different %ss at height %" PRIu64
                  ", round %u. The profile says: %s. Ask its operator where the vote key runs "
                  "(docs/operators.md, A validator voted twice)",
                  commit->header.height, vote->validator,
                  vote->type == VOTE_PREVOTE ? "prevote" : "precommit", vote->height,
                  (unsigned)vote->round, rule == NULL ? "report" : rule);
    }
    count_add(&parts->counters->evidence_recorded, block->evidence_count);
}

static bool same(const struct seat_watch *a, const struct seat_watch *b)
{
    return a->state == b->state && a->changes_at == b->changes_at &&
           memcmp(a->key.bytes, b->key.bytes, VOTE_KEY_BYTES) == 0;
}

void seat_watch_committed(struct seat_watch *watch, const struct node_parts *parts,
                          const struct engine *engine, const struct app_commit *commit)
{
    tell_evidence(parts, commit);
    /* A change is known one height before it acts. */
    const struct validator_set *next = app_next_validators(parts->app);
    const struct validator_set *later = app_later_validators(parts->app);
    bool comes = next->count != later->count ||
                 memcmp(next->item, later->item, next->count * sizeof next->item[0]) != 0;
    if (!comes && !commit->validators_changed) {
        return;
    }
    const struct seat_watch now = look(parts, engine);
    if (!same(&now, watch)) {
        *watch = now;
        tell(watch, parts);
    }
}
