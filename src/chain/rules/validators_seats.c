/* The validator set: who votes from which height on.
 *
 *   state "validators": {"sets":[{"from":1,"history","set":[{"member","key"}…]}, …]}, ascending by
 *   from: the one that acts, and the one to come if there is one. Those before are history: the
 *   store keeps them all (evidence and certificates of old heights are judged by those), so that
 *   nobody can fill this record with changes of its own. `history` commits to all of them
 *   (validator_history_add): who restores a snapshot proves by it that no set was left out.
 *
 * A change in block H acts from H+2: the header of H+1 already names its set. The preflight refuses
 * what could stop the chain: more seats at once than the set tolerates faulty, or a set in which
 * those who stay and are known to take part (validators_awake.c) make no quorum by themselves.
 * Newcomers do not count, but where no set could grow without them; a seat whose key changes is a
 * newcomer's, for nobody has seen the new key vote. */
#include "chain/rules/validators_seats.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/sign.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/validator_history.h"

#include <stdio.h>
#include <string.h>

/* ---- sets as documents ---- */

static void seat_fill(struct validator *out, const char *member, const char *key)
{
    (void)snprintf(out->member, sizeof out->member, "%s", member);
    int error = hex_decode(out->key.bytes, sizeof out->key.bytes, view_of_text(key));
    ENSURE(error == 0); /* checked when it entered the state */
}

void validator_from_member(struct validator *out, const struct doc *member)
{
    seat_fill(out, doc_get_text(member, "id"), doc_get_text(member, "vote_key"));
}

static void read_set(struct validator_set *out, const struct doc *set)
{
    out->count = doc_count(set);
    ENSURE(out->count <= VALIDATORS_MAX);
    for (size_t i = 0; i < out->count; i++) {
        const struct doc *seat = doc_at(set, i);
        seat_fill(&out->item[i], doc_get_text(seat, "member"), doc_get_text(seat, "key"));
    }
}

int rules_validators(struct validator_set *out, struct state *state, uint64_t height)
{
    const struct doc *sets = doc_get(state_get(state, "validators"), "sets");
    memset(out, 0, sizeof *out);
    for (size_t i = doc_count(sets); i > 0; i--) {
        const struct doc *at = doc_at(sets, i - 1);
        if ((uint64_t)doc_get_int(at, "from", 0) <= height) {
            read_set(out, doc_get(at, "set"));
            return 0;
        }
    }
    return state_error(state) != 0 ? state_error(state) : ERR_NOT_FOUND;
}

/* ---- a change ---- */

int seats_begin(struct seat_change *out, struct rule_context *context)
{
    int error = rules_validators(&out->set, context->state, UINT64_MAX);
    out->before = out->staying = out->set.count;
    out->seats = 0;
    out->awake_since = 0;
    return error;
}

static const struct doc *last_set(struct rule_context *context)
{
    const struct doc *sets = doc_get(state_get(context->state, "validators"), "sets");
    return doc_at(sets, doc_count(sets) - 1);
}

bool seats_pending(struct rule_context *context)
{
    return doc_get_int(last_set(context), "from", 0) > (int64_t)context->height;
}

void seats_take(struct seat_change *change, size_t index)
{
    ENSURE(index < change->staying && change->staying == change->set.count);
    change->set.item[index] = change->set.item[--change->staying];
    change->set.count = change->staying;
    change->seats++;
}

/* ---- the preflight ---- */

/* Seats that may change at once: as many as may be faulty; one where that would be none, for a
 * network of three must be able to grow to four. */
static size_t seats_at_once(size_t count)
{
    size_t faulty = validators_faulty_max(count);
    return faulty > 0 ? faulty : 1;
}

/* A quorum of two is both, of three all: such a set cannot change but by relying on the newcomer.
 * It bears no fault before or after, so that nothing is lost that was there. */
static size_t newcomers_relied_on(const struct seat_change *change)
{
    size_t after = change->set.count;
    return after <= 3 ? after - change->staying : 0;
}

static size_t seats_needed(const struct seat_change *change)
{
    return change->set.count == 0 ? 1 : validators_quorum(change->set.count);
}

static size_t seats_awake(struct rule_context *context, const struct seat_change *change)
{
    size_t awake = 0;
    for (size_t i = 0; i < change->staying; i++) {
        awake += validators_awake(context, change->set.item[i].member, change->before,
                                  change->awake_since);
    }
    return awake;
}

bool seats_keep_quorum(struct rule_context *context, const struct seat_change *change)
{
    return seats_awake(context, change) + newcomers_relied_on(change) >= seats_needed(change);
}

int seats_preflight(struct rule_context *context, const struct seat_change *change)
{
    size_t most = seats_at_once(change->before);
    if (change->seats > most) {
        return rule_fault(context, ERR_SEATS, "A3",
                          "%zu 个席位中变更 %zu 个，至多 %zu 个 %zu of %zu seats change, "
                          "at most %zu may",
                          change->before, change->seats, most, change->seats, change->before, most);
    }
    if (seats_keep_quorum(context, change)) {
        return 0;
    }
    size_t awake = seats_awake(context, change);
    rule_fault(context, ERR_QUORUM_LOST, "A3",
               "变更后 %zu 席须 %zu 席，留任且近期出过块的仅 %zu 席 %zu of %zu stay and are "
               "awake, a quorum of %zu is %zu",
               change->set.count, seats_needed(change), awake, awake, change->before,
               change->set.count, seats_needed(change));
    for (size_t i = 0; i < change->staying; i++) {
        const char *member = change->set.item[i].member;
        if (!validators_awake(context, member, change->before, change->awake_since)) {
            rule_fault(context, ERR_QUORUM_LOST, "A3",
                       "%s 近期未出过块 has not proposed a block lately", member);
        }
    }
    return rule_failed(context);
}

/* ---- the new set ---- */

struct doc *seats_entry(const struct doc *before, uint64_t from, const struct validator_set *set)
{
    struct hash history = {0};
    char hex[2 * HASH_BYTES + 1];
    struct doc *entry = doc_new_object();
    struct doc *seats = validators_doc(set);
    if (before != NULL) {
        int error = hash_from_hex(&history, doc_get_text(before, "history"));
        ENSURE(error == 0); /* we wrote it */
    }
    /* The same set again is no step that a header could show. */
    if (before == NULL || !doc_equal(doc_get(before, "set"), seats)) {
        validator_history_add(&history, from, set);
    }
    hash_to_hex(hex, &history);
    doc_set_int(entry, "from", (int64_t)from);
    doc_set_text(entry, "history", hex);
    doc_set(entry, "set", seats);
    return entry;
}

int seats_put(struct rule_context *context, struct seat_change *change, const char *field)
{
    validators_sort(&change->set);
    if (validators_check(&change->set) != 0) { /* two members with one vote key */
        return rule_fault(context, ERR_DUPLICATE, "A3", "%s", field);
    }
    struct doc *sets = doc_new_array();
    doc_push(sets, doc_ref(last_set(context))); /* none is pending: it acts */
    doc_push(sets, seats_entry(last_set(context), context->height + 2, &change->set));
    struct doc *record = doc_new_object();
    doc_set(record, "sets", sets);
    if (context->tx != NULL) {
        record_stamp(context, record);
    } else {
        record_stamp_act(context, record);
    }
    state_put(context->state, "validators", record);
    return 0;
}
