/* What a light client knows: the place of the newest certified header and the validator set that
 * decides the next one. It takes certified headers only, one after the other:
 *
 *   genesis document ─▶ set ─▶ certificate of block 1 ─▶ its header, which names the next set ─▶ …
 *
 * Each follows the one before by hash, height and time, and is certified in full by the set that
 * the header before it names. No transaction is read, no rule judged: that is what packs are for.
 * Checking and moving on are separate, so that the signatures of many headers can be verified at
 * once: link them all, verify each under the walk of its place, and only then believe any. */
#ifndef DIRCHAIN_CHAIN_LIGHT_H
#define DIRCHAIN_CHAIN_LIGHT_H

#include "chain/validator_history.h"

struct light {
    struct validator_walk walk; /* the set that decides the next height */
    struct header_place tip;    /* genesis at height 0 */
};

/* One certified header; in documents {"header","certificate"}, and "set" where it names another
 * set than its own for the next height. */
struct light_item {
    struct header header;
    struct certificate certificate;
    struct header_place place;
    bool changes;
    struct validator_set next_set; /* if it changes */
};

/* ERR_FIELD_UNKNOWN (members that do not belong there), those of certified_header_get and
 * validator_set_get; ERR_VALIDATORS: the set is not the one that the header names. */
int light_item_get(struct light_item *out, struct faults *faults, const struct doc *object,
                   const char *claim);
struct doc *light_item_doc(const struct light_item *item); /* caller owns */

/* At genesis, from its verified document. ERR_GENESIS. */
int light_start(struct light *out, const struct doc *genesis, const struct hash *genesis_hash);
/* At a block, by its start line (chain/pack.h): its own history leads to it from genesis. `item` is
 * that block. Errors as those of the history; ERR_VALIDATORS: not the set that the block names. */
int light_start_at(struct light *out, struct light_item *item, struct faults *faults,
                   const struct doc *genesis, const struct hash *genesis_hash,
                   const struct doc *start);

/* Whether the header follows, and names the set that decides it: all but the signatures.
 * ERR_TX_CHAIN, ERR_BLOCK_LINK, ERR_VALIDATORS. */
int light_link(const struct light *light, struct faults *faults, const struct light_item *item,
               const char *claim);
/* The signatures; those of validator_walk_verify. */
int light_verify(const struct light *light, struct faults *faults, const struct light_item *item,
                 const char *claim);
/* Moves on to a header that was linked. */
void light_advance(struct light *light, const struct light_item *item);

#endif
