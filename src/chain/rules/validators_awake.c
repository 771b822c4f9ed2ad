/* Which validators are known to take part. Execution may look at nothing but the block and the
 * state: certificates would tell who voted, but each node holds its own (another quorum of the same
 * precommits), and no block carries one. What every block does carry, judged by a quorum before it
 * was voted for, is who proposed it; and everybody who is up proposes in turn, every n heights.
 *
 *   proposed/<member>: {"height"} of a block that it proposed, written again when that is
 *   REFRESH_HEIGHTS old; 0 for the validators of the genesis; taken away when a seat is given
 *   or its key changes, so that it counts once it has proposed with that key.
 *
 * A validator that went down less than a window ago still counts here: the preflight of the command
 * line looks at votes and links of the moment (docs/operators.md). A removal, which nobody looks at
 * and which takes away what the set bears, counts who proposed since it was ordered; as long as one
 * waits (state "removals"), each validator's next proposal is noted. */
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/validators.h"

#include <string.h>

#define REFRESH_HEIGHTS 64
/* Turns that a validator may lose in a row, to a slow link or a round that failed. */
#define TURNS_LOST_MAX 4

static void put_height(struct state *state, const char *member, uint64_t height)
{
    struct doc *record = doc_new_object();
    doc_set_int(record, "height", (int64_t)height);
    state_putf(state, record, "proposed/%s", member);
}

void validators_begin_awake(struct state *state, const struct validator_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        put_height(state, set->item[i].member, 0);
    }
}

/* Until another key acts, what is proposed with the old one says nothing of the new one. */
static bool key_is_leaving(struct rule_context *context, const char *member)
{
    struct validator_set now, last;
    if (rules_validators(&now, context->state, context->height) != 0 ||
        rules_validators(&last, context->state, UINT64_MAX) != 0) {
        return false; /* the disk failed under us: state_error says so */
    }
    int at = validators_find(&now, member), then = validators_find(&last, member);
    return at >= 0 && then >= 0 &&
           memcmp(now.item[at].key.bytes, last.item[then].key.bytes, VOTE_KEY_BYTES) != 0;
}

void rules_note_proposer(struct rule_context *context, const char *member)
{
    const struct doc *record = state_getf(context->state, "proposed/%s", member);
    int64_t at = doc_get_int(record, "height", -1);
    int64_t ordered = doc_get_int(state_get(context->state, "removals"), "since", -1);
    if (at < 0 ? !key_is_leaving(context, member)
               : at < ordered || (int64_t)context->height - at >= REFRESH_HEIGHTS) {
        put_height(context->state, member, context->height);
    }
}

void validators_forget_awake(struct rule_context *context, const char *member)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "proposed/%s", member);
    if (state_get(context->state, key) != NULL) {
        state_delete(context->state, key);
    }
}

bool validators_awake(struct rule_context *context, const char *member, size_t seats,
                      uint64_t since)
{
    const struct doc *record = state_getf(context->state, "proposed/%s", member);
    int64_t at = doc_get_int(record, "height", -1);
    int64_t window = REFRESH_HEIGHTS + TURNS_LOST_MAX * (int64_t)seats;
    return at >= (int64_t)since && (int64_t)context->height - at <= window;
}
