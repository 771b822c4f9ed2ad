/* What follows from evidence, by the policy profile's section "equivocation":
 *
 *   report   (also without the section) the evidence is on record, and people decide
 *   remove   the seat is taken away
 *   suspend  the seat is taken away, and the member suspended until the center restores it
 *
 *   evidence ──▶ waiting ──▶ removed           removal/<member>, state "removals" lists who waits
 *                   │  ▲
 *                   └──┘ as long as another change is to come, or those who have proposed since the
 *                        order make no quorum of the rest
 *
 * All of it are automatic acts that name the profile's clause. It is about the member, not the key:
 * one that changes its key right after does not come away. A removal answers for all heights before
 * it acts: evidence of those that somebody kept back is recorded, and takes no seat that the center
 * has given again. That goes for removals on evidence alone. A seat that the center took of its own
 * accord and gave again before there was evidence is taken for heights before, too. The center
 * itself is not suspended, or the chain would lose it. */
#include "base/memory.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/validators_seats.h"
#include "chain/vote.h"

#include <string.h>

#define TURNS_TO_WAIT 2

static const char *profile_text(struct rule_context *context, const char *path)
{
    return doc_text(rule_profile_at(context, path));
}

static const struct doc *removal_of(struct rule_context *context, const char *member)
{
    return state_getf(context->state, "removal/%s", member);
}

static bool is_seated(struct rule_context *context, const char *member)
{
    struct validator_set set;
    return rules_validators(&set, context->state, UINT64_MAX) == 0 &&
           validators_find(&set, member) >= 0;
}

static bool is_center(struct rule_context *context, const char *member)
{
    return doc_text_is(state_get(context->state, "center"), "id", member);
}

static void act_on(struct rule_context *context, const char *clause, const char *member,
                   const char *effect)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "member/%s", member);
    rule_act(context, clause, subject, effect);
}

/* ---- the list of those who wait ---- */

static void list_put(struct rule_context *context, const char *member, bool waits)
{
    const struct doc *old = doc_get(state_get(context->state, "removals"), "waiting");
    struct doc *list = doc_new_array(), *record = doc_new_object();
    for (size_t i = 0; i < doc_count(old); i++) {
        if (strcmp(doc_text(doc_at(old, i)), member) != 0) {
            doc_push(list, doc_ref(doc_at(old, i)));
        }
    }
    if (waits) {
        doc_push_text(list, member);
    }
    doc_set_int(record, "since",
                waits ? (int64_t)context->height
                      : doc_get_int(state_get(context->state, "removals"), "since", 0));
    doc_set(record, "waiting", list);
    if (doc_count(list) > 0) {
        state_put(context->state, "removals", record);
    } else {
        doc_free(&record);
        state_delete(context->state, "removals");
    }
}

/* Offences of heights before `until` are answered for. */
static void put_removed(struct rule_context *context, const char *member, uint64_t until)
{
    struct doc *record = record_edit(removal_of(context, member));
    doc_set_text(record, "status", "removed");
    doc_set_int(record, "until", (int64_t)until);
    state_putf(context->state, record, "removal/%s", member);
}

/* ---- on evidence ---- */

static void put_ordered(struct rule_context *context, const struct evidence *evidence,
                        const char *clause)
{
    const char *member = evidence->a.validator;
    char key[RECORD_KEY_BYTES];
    evidence_key(key, evidence);
    struct doc *record = doc_new_object();
    doc_set_text(record, "clause", clause);
    doc_set_text(record, "evidence", key);
    doc_set_int(record, "since", (int64_t)context->height);
    doc_set_text(record, "status", "waiting");
    state_putf(context->state, record, "removal/%s", member);
    if (!is_seated(context, member)) { /* the center was quicker */
        put_removed(context, member, context->height + 2);
        return;
    }
    list_put(context, member, true);
    act_on(context, clause, member, "removal-ordered");
}

int rules_answer_evidence(struct rule_context *context, const struct evidence *evidence)
{
    const char *member = evidence->a.validator;
    const char *effect = profile_text(context, "equivocation.effect");
    const char *clause = profile_text(context, "equivocation.clause");
    const struct doc *removal = removal_of(context, member);
    bool waits = doc_text_is(removal, "status", "waiting");
    bool answered =
        removal != NULL && !waits && (int64_t)evidence->a.height < doc_get_int(removal, "until", 0);
    if (effect == NULL || strcmp(effect, "report") == 0 || waits || answered) {
        return state_error(context->state);
    }
    if (strcmp(effect, "suspend") == 0 && member_is_active(context, member) &&
        !is_center(context, member)) {
        act_on(context, clause, member, "member-suspended");
        member_suspend_by_act(context, member);
    }
    put_ordered(context, evidence, clause);
    return state_error(context->state);
}

/* ---- at the start of a block ---- */

/* False: it has to wait, and says so once, when everybody who is up has had a turn. */
static bool remove_now(struct rule_context *context, const char *member, struct seat_change *change)
{
    const struct doc *removal = removal_of(context, member);
    const char *clause = doc_get_text(removal, "clause");
    int at = validators_find(&change->set, member);
    if (at < 0) { /* the center was quicker */
        put_removed(context, member, context->height + 2);
        list_put(context, member, false);
        return true;
    }
    int64_t since = doc_get_int(removal, "since", 0);
    int64_t turns = TURNS_TO_WAIT * (int64_t)change->before;
    seats_take(change, (size_t)at);
    change->awake_since = (uint64_t)since;
    if (!seats_keep_quorum(context, change)) {
        bool late = (int64_t)context->height - since >= turns;
        if (late && !doc_get_bool(removal, "told", false)) {
            struct doc *record = record_edit(removal);
            doc_set_bool(record, "told", true);
            state_putf(context->state, record, "removal/%s", member);
            act_on(context, clause, member, "removal-waits");
        }
        return false;
    }
    act_on(context, clause, member, "validator-removed");
    put_removed(context, member, context->height + 2);
    list_put(context, member, false);
    (void)seats_put(context, change, ""); /* fewer seats of a set that holds: no fault */
    return true;
}

int rules_sweep_removals(struct rule_context *context)
{
    const struct doc *removals = state_get(context->state, "removals");
    if (removals == NULL || seats_pending(context)) {
        return state_error(context->state);
    }
    AUTO(doc_free) struct doc *waiting = doc_ref(doc_get(removals, "waiting"));
    for (size_t i = 0; i < doc_count(waiting); i++) {
        struct seat_change change;
        int error = seats_begin(&change, context);
        if (error != 0) {
            return error;
        }
        if (remove_now(context, doc_text(doc_at(waiting, i)), &change)) {
            break; /* one change at a time */
        }
    }
    return state_error(context->state);
}
