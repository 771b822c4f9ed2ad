/* What this height knows of blocks: hash, header, verdict. Consensus never sees a body.
 *
 * Invariant: at most one EXECUTE goes out for a block while it is known and not lost. Bounded: a
 * block that no tracked round, lock or valid value refers to makes room; asked again, it is
 * executed again (from the application's cache). */
#include "consensus/state.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

struct known_block *block_find(struct consensus *c, const struct hash *hash)
{
    for (size_t i = 0; i < c->block_count; i++) {
        if (hash_equal(&c->block[i].hash, hash))
            return &c->block[i];
    }
    return NULL;
}

bool block_is(struct consensus *c, const struct hash *hash, enum verdict verdict)
{
    const struct known_block *block = block_find(c, hash);
    return block && block->verdict == verdict;
}

static bool referenced(const struct consensus *c, const struct hash *hash)
{
    if ((c->valid_round != ROUND_NONE && hash_equal(&c->valid_block, hash)) ||
        (c->locked_round != ROUND_NONE && hash_equal(&c->locked_block, hash)) ||
        (c->built && hash_equal(&c->built_block, hash)))
        return true;
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *round = &c->rounds.item[i];
        if (round->height != c->height)
            continue;
        if ((round->has_proposal && hash_equal(&round->proposal.block, hash)) ||
            box_quorum_for(&round->prevotes, hash) || box_quorum_for(&round->precommits, hash))
            return true;
    }
    return false;
}

static_assert(BLOCKS_KNOWN_MAX > 3 * ROUNDS_TRACKED_MAX + 3, "one is always unreferenced");

static struct known_block *block_room(struct consensus *c)
{
    if (c->block_count < BLOCKS_KNOWN_MAX)
        return &c->block[c->block_count++];
    size_t i = 0;
    while (i < c->block_count && referenced(c, &c->block[i].hash))
        i++;
    ENSURE(i < c->block_count);
    return &c->block[i];
}

struct known_block *block_note(struct consensus *c, const struct hash *hash,
                               const struct header *header)
{
    struct known_block *block = block_find(c, hash);
    if (!block) {
        block = block_room(c);
        *block = (struct known_block){.hash = *hash};
    }
    if (header && !block->has_header) {
        block->has_header = true;
        block->header = *header;
    }
    return block;
}

bool block_header_fits(const struct consensus *c, const struct header *header)
{
    return header->version == HEADER_VERSION && header->height == c->height &&
           hash_equal(&header->genesis, &c->genesis) &&
           hash_equal(&header->previous, &c->previous) && header->time_ms > c->previous_time_ms;
}

bool block_want(struct consensus *c, const struct hash *hash, const struct header *header)
{
    struct known_block *block = block_note(c, hash, header);
    if (block->verdict != VERDICT_NONE)
        return false;
    if (block->has_header && !block_header_fits(c, &block->header)) {
        block->verdict = VERDICT_INVALID;
        return true;
    }
    if (c->out.execute_count == EXECUTES_PER_STEP_MAX)
        return false; /* asked in the next step */
    block->verdict = VERDICT_ASKED;
    c->out.execute[c->out.execute_count++] = *block;
    return false;
}

int block_verdict(struct consensus *c, const struct event_verdict *verdict)
{
    struct known_block *block = block_find(c, &verdict->block);
    /* A body under the right header may be the wrong one; another body may turn out valid. */
    bool second_thought = block && block->verdict == VERDICT_INVALID && verdict->valid;
    if (!block || c->step == STEP_DECIDED || (block->verdict != VERDICT_ASKED && !second_thought))
        return ERR_STATUS;
    if (!verdict->valid) {
        block->verdict = VERDICT_INVALID;
        return OK;
    }
    if (!block->has_header) {
        struct hash hash;
        header_hash(&hash, &verdict->header);
        if (!hash_equal(&hash, &verdict->block))
            return ERR_BLOCK_FORM;
        block->has_header = true;
        block->header = verdict->header;
    }
    block->verdict = block_header_fits(c, &block->header) ? VERDICT_VALID : VERDICT_INVALID;
    return OK;
}

int block_lost(struct consensus *c, const struct hash *hash)
{
    struct known_block *block = block_find(c, hash);
    if (!block || c->step == STEP_DECIDED ||
        (block->verdict != VERDICT_ASKED && block->verdict != VERDICT_VALID))
        return ERR_STATUS;
    block->verdict = VERDICT_NONE;
    return OK;
}

int block_built(struct consensus *c, const struct event_built *built)
{
    if (built->height != c->height || built->round != c->round || c->step != STEP_PROPOSE ||
        !c->build_asked || c->built)
        return ERR_STATUS;
    if (!block_header_fits(c, &built->header) || strcmp(built->header.proposer, c->member) != 0)
        return ERR_BLOCK_LINK;
    header_hash(&c->built_block, &built->header);
    c->built = true;
    block_note(c, &c->built_block, &built->header)->verdict = VERDICT_VALID;
    return OK;
}
