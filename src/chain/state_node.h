/* A node of the state tree: four binary levels held together, sixteen places below them.
 *
 *                    1                  positions of a heap: 1 is the node itself, 2…15 the binary
 *               2         3             levels within, 16…31 its places, for nibble 0…15
 *             4   5     6   7
 *            8 …           … 15         each position is empty, one leaf (which stands for its
 *          16 …             … 31        whole subtree), or an inner node with two or more leaves
 *
 * Internal to the state tree: only state_*.c include this. */
#ifndef DIRCHAIN_CHAIN_STATE_NODE_H
#define DIRCHAIN_CHAIN_STATE_NODE_H

#include "base/hash.h"

#include <stdint.h>

#define STATE_NIBBLES 64 /* of a path; also the greatest depth there can be */
#define STATE_PLACES 16
#define STATE_TOP 1 /* position of the node itself */

enum state_kind { STATE_EMPTY, STATE_LEAF, STATE_INNER };

/* What a place holds, and where its record is. */
struct state_ref {
    enum state_kind kind;
    uint64_t version;
    struct hash hash;       /* zero when empty */
    struct hash path;       /* of a leaf */
    struct hash value_hash; /* of a leaf */
};

struct state_node {
    uint8_t kind[2 * STATE_PLACES];
    struct hash hash[2 * STATE_PLACES];
    uint64_t version[STATE_PLACES];
    struct hash path[STATE_PLACES];
    struct hash value_hash[STATE_PLACES];
    /* A record is full, or a patch: the places that differ from an older full record. */
    uint64_t full;    /* version of the full record */
    uint16_t patched; /* places that differ from it */
};

void state_leaf_hash(struct hash *out, const struct hash *path, const struct hash *value_hash);
void state_inner_hash(struct hash *out, const struct hash *left, const struct hash *right);

unsigned state_nibble(const struct hash *path, unsigned depth);
/* The path becomes one with this nibble at `depth`. */
void state_path_step(struct hash *path, unsigned depth, unsigned nibble);
unsigned state_bit(const struct hash *path, unsigned bit);

void state_node_get(struct state_ref *out, const struct state_node *node, unsigned place);
void state_node_set(struct state_node *node, unsigned place, const struct state_ref *ref);
uint16_t state_node_present(const struct state_node *node); /* places that are not empty */
/* Place of the one leaf below a position whose kind is STATE_LEAF. */
unsigned state_node_leaf(const struct state_node *node, unsigned position);
/* Computes kinds and hashes of positions 1…15 above the places named. */
void state_node_rehash(struct state_node *node, uint16_t places);

/* Records. `version` is that of the record: versions inside are kept as distances from it. A full
 * record is what state_node_pack begins with. */
void state_node_append_patch(struct buf *out, const struct state_node *node, uint64_t version);
/* Of a patch: version of the full record it needs first. */
bool state_node_is_patch(uint64_t *full, struct view record, uint64_t version);
/* Decodes a full record, or applies a patch to the node decoded from its full record. Hashes of
 * leaves are recomputed, positions 1…15 are left to state_node_rehash. ERR_CORRUPT. */
int state_node_decode(struct state_node *node, struct view record, uint64_t version);

/* For the cache: a full record, then what it leaves out, so that nothing needs hashing again.
 * Appends; returns the length of the full record. */
size_t state_node_pack(struct buf *out, const struct state_node *node, uint64_t version);
void state_node_unpack(struct state_node *node, struct view packed, uint64_t version);

#endif
