/* Which validators are known to take part. Execution may look at nothing but the block and the
 * state: certificates would tell who voted, but each node holds its own (another quorum of the same
 * precommits), and no block carries one. What every block does carry, judged by a quorum before it
 * was voted for, is who proposed it; and everybody who is up proposes in turn, every n heights.
 *
 *   proposed/<member>: {"height"} of a block that it proposed, written again when that is
 *   REFRESH_HEIGHTS old; 0 for the validators of the genesis; taken away when a seat is given, so
 *   that a newcomer counts once it has proposed as a validator.
 *
 * A validator that went down less than a window ago still counts here: the preflight of the command
 * line looks at votes and links of the moment (docs/operators.md). */
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/validators.h"

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

void rules_note_proposer(struct rule_context *context, const char *member)
{
    const struct doc *record = state_getf(context->state, "proposed/%s", member);
    int64_t at = doc_get_int(record, "height", -1);
    if (at < 0 || (int64_t)context->height - at >= REFRESH_HEIGHTS) {
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

bool validators_awake(struct rule_context *context, const char *member, size_t seats)
{
    const struct doc *record = state_getf(context->state, "proposed/%s", member);
    int64_t at = doc_get_int(record, "height", -1);
    int64_t window = REFRESH_HEIGHTS + TURNS_LOST_MAX * (int64_t)seats;
    return at >= 0 && (int64_t)context->height - at <= window;
}
