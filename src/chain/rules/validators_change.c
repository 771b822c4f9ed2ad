/* The validator set: who votes from which height on.
 *
 *   state "validators": {"sets":[{"from":1,"set":[{"member","key"}…]}, …]}, ascending by from;
 *   the last one with from ≤ h decides height h. Sets too old for evidence are dropped.
 *
 * A change in block H acts from H+2: the header of H+1 already names its set. The preflight refuses
 * what could stop the chain: more seats at once than the set tolerates faulty, or a set in which
 * those who stay and are known to take part (validators_awake.c) make no quorum by themselves.
 * Newcomers do not count, but where no set could grow without them. */
#include "base/ensure.h"
#include "base/errors.h"
#include "base/sign.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/validators.h"

#include <stdio.h>
#include <string.h>

#define VALIDATOR_SETS_MAX 24 /* kept at once: bounds the record */

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

struct doc *validators_to_doc(const struct validator_set *set)
{
    struct doc *list = doc_new_array();
    for (size_t i = 0; i < set->count; i++) {
        char hex[2 * VOTE_KEY_BYTES + 1];
        hex_encode(hex, view_of(set->item[i].key.bytes, VOTE_KEY_BYTES));
        struct doc *seat = doc_new_object();
        doc_set_text(seat, "key", hex);
        doc_set_text(seat, "member", set->item[i].member);
        doc_push(list, seat);
    }
    return list;
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

/* ---- the change ---- */

/* A member that may take a seat: active, and not seated yet. */
static int add_seat(struct rule_context *context, struct validator_set *set, size_t index)
{
    const char *id = doc_text(doc_at(doc_get(context->body, "add"), index));
    const struct doc *member = state_getf(context->state, "member/%s", id);
    if (member == NULL) {
        return rule_fault(context, ERR_SUBJECT, NULL, "add[%zu]", index);
    }
    if (!doc_text_is(member, "status", "active")) {
        return rule_fault(context, ERR_STATUS, NULL, "add[%zu]", index);
    }
    if (validators_find(set, id) >= 0) {
        return rule_fault(context, ERR_DUPLICATE, NULL, "add[%zu]", index);
    }
    if (set->count == VALIDATORS_MAX) {
        return rule_fault(context, ERR_QUOTA, NULL, "add[%zu]", index);
    }
    validator_from_member(&set->item[set->count++], member);
    return 0;
}

static int remove_seat(struct rule_context *context, struct validator_set *set, size_t index)
{
    int at = validators_find(set, doc_text(doc_at(doc_get(context->body, "remove"), index)));
    if (at < 0) {
        return rule_fault(context, ERR_SUBJECT, NULL, "remove[%zu]", index);
    }
    set->item[at] = set->item[--set->count];
    return 0;
}

/* Seats that may change at once: as many as may be faulty; one where that would be none, for a
 * network of three must be able to grow to four. */
static size_t seats_at_once(size_t count)
{
    size_t faulty = validators_faulty_max(count);
    return faulty > 0 ? faulty : 1;
}

/* A quorum of two is both, of three all: such a set cannot grow but by relying on the newcomer. It
 * bears no fault before or after, so that nothing is lost that was there. */
static size_t newcomers_relied_on(size_t after, size_t added)
{
    return after <= 3 ? added : 0;
}

/* Those of the old set that stay: the first `staying` of `set`. */
static size_t count_awake(struct rule_context *context, const struct validator_set *set,
                          size_t staying, size_t before)
{
    size_t awake = 0;
    for (size_t i = 0; i < staying; i++) {
        awake += validators_awake(context, set->item[i].member, before);
    }
    return awake;
}

/* Refuses what could stop the chain, and says which rule it is. */
static int preflight(struct rule_context *context, const struct validator_set *set, size_t before,
                     size_t staying)
{
    size_t after = set->count;
    size_t seats = (before - staying) + (after - staying);
    if (seats == 0) {
        return rule_fault(context, ERR_FIELD_MISSING, NULL, "add");
    }
    if (seats > seats_at_once(before)) {
        return rule_fault(context, ERR_SEATS, NULL, "%zu of %zu seats change, at most %zu may",
                          seats, before, seats_at_once(before));
    }
    size_t awake = count_awake(context, set, staying, before);
    size_t needed = after == 0 ? 1 : validators_quorum(after);
    if (awake + newcomers_relied_on(after, after - staying) >= needed) {
        return 0;
    }
    rule_fault(context, ERR_QUORUM_LOST, NULL,
               "%zu of %zu stay and are awake, a quorum of %zu is %zu", awake, before, after,
               needed);
    for (size_t i = 0; i < staying; i++) {
        const char *member = set->item[i].member;
        if (!validators_awake(context, member, before)) {
            rule_fault(context, ERR_QUORUM_LOST, NULL, "%s has not proposed a block lately",
                       member);
        }
    }
    return rule_failed(context);
}

/* Appends the new set. Old sets stay as long as evidence of their heights is accepted. */
static int put_set(struct rule_context *context, const struct validator_set *set)
{
    int64_t from = (int64_t)context->height + 2;
    int64_t oldest = (int64_t)context->height -
                     doc_get_int(state_get(context->state, "params"), "evidence_max_age", 0);
    const struct doc *sets = doc_get(state_get(context->state, "validators"), "sets");
    struct doc *kept = doc_new_array();
    for (size_t i = 0; i < doc_count(sets); i++) {
        const struct doc *next = doc_at(sets, i + 1);
        if (next == NULL || doc_get_int(next, "from", 0) >= oldest) {
            doc_push(kept, doc_ref(doc_at(sets, i)));
        }
    }
    struct doc *added = doc_new_object();
    doc_set_int(added, "from", from);
    doc_set(added, "set", validators_to_doc(set));
    doc_push(kept, added);
    int error =
        doc_count(kept) > VALIDATOR_SETS_MAX ? rule_fault(context, ERR_QUOTA, NULL, "%s", "") : 0;
    struct doc *record = doc_new_object();
    doc_set(record, "sets", kept);
    record_stamp(context, record);
    state_put(context->state, "validators", record);
    return error;
}

/* Whether a change still waits to act: the next one comes after it, not on top of it. */
static bool change_pending(struct rule_context *context)
{
    const struct doc *sets = doc_get(state_get(context->state, "validators"), "sets");
    const struct doc *last = doc_at(sets, doc_count(sets) - 1);
    return doc_get_int(last, "from", 0) > (int64_t)context->height;
}

int validator_change(struct rule_context *context)
{
    struct validator_set set;
    int error = rules_validators(&set, context->state, UINT64_MAX);
    if (error != 0) {
        return error;
    }
    if (change_pending(context)) {
        return rule_fault(context, ERR_SEATS, NULL, "%s", "");
    }
    size_t before = set.count;
    for (size_t i = 0; i < doc_count(doc_get(context->body, "remove")); i++) {
        error = remove_seat(context, &set, i);
    }
    size_t staying = set.count;
    for (size_t i = 0; i < doc_count(doc_get(context->body, "add")); i++) {
        error = add_seat(context, &set, i);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    error = preflight(context, &set, before, staying);
    if (error != 0) {
        return error;
    }
    validators_sort(&set);
    if (validators_check(&set) != 0) { /* two members with one vote key */
        return rule_fault(context, ERR_DUPLICATE, NULL, "add");
    }
    for (size_t i = 0; i < doc_count(doc_get(context->body, "add")); i++) {
        validators_forget_awake(context, doc_text(doc_at(doc_get(context->body, "add"), i)));
    }
    return put_set(context, &set);
}
