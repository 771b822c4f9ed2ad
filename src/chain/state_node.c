/* Nodes of the state tree: hashing within a node, and its forms as bytes.
 *
 *   full   u8 1 ‖ u16 present ‖ u16 leaves ‖ place …
 *   patch  u8 2 ‖ distance to the full record ‖ u16 differing ‖ u16 present ‖ u16 leaves ‖ place …
 *   packed full ‖ u64 full ‖ u16 patched ‖ hashes of leaves ‖ hashes of inner positions 15…1
 *   place  distance ‖ (inner: 32 hash | leaf: 32 path ‖ 32 value hash), for present places
 * ascending
 *
 * A distance is the record's version less another one, as a little-endian base-128 number: near
 * versions, which are most, take one or two bytes. A block changes a place or two in each of many
 * nodes; patches keep that from rewriting sixteen hashes a time (they halve what is written).
 *
 * Hashes of leaves are not stored but computed from path and value hash: so the node's own hash,
 * which its parent vouches for, covers every byte that matters. */
#include "chain/state_node.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

#define RECORD_FULL 1
#define RECORD_PATCH 2

/* ---- hashes ---- */

static void hash_pair(struct hash *out, uint8_t tag, const struct hash *a, const struct hash *b)
{
    uint8_t input[1 + 2 * HASH_BYTES];
    input[0] = tag;
    memcpy(input + 1, a->bytes, HASH_BYTES);
    memcpy(input + 1 + HASH_BYTES, b->bytes, HASH_BYTES);
    *out = hash_sha256(view_of(input, sizeof input));
}

void state_leaf_hash(struct hash *out, const struct hash *path, const struct hash *value_hash)
{
    hash_pair(out, 0x00, path, value_hash);
}

void state_inner_hash(struct hash *out, const struct hash *left, const struct hash *right)
{
    hash_pair(out, 0x01, left, right);
}

/* ---- paths ---- */

unsigned state_nibble(const struct hash *path, unsigned depth)
{
    uint8_t byte = path->bytes[depth / 2];
    return depth % 2 == 0 ? byte >> 4 : byte & 15;
}

void state_path_step(struct hash *path, unsigned depth, unsigned nibble)
{
    uint8_t *byte = &path->bytes[depth / 2];
    *byte = (uint8_t)(depth % 2 == 0 ? (*byte & 0x0f) | nibble << 4 : (*byte & 0xf0) | nibble);
}

unsigned state_bit(const struct hash *path, unsigned bit)
{
    return path->bytes[bit / 8] >> (7 - bit % 8) & 1;
}

/* ---- places and positions ---- */

void state_node_get(struct state_ref *out, const struct state_node *node, unsigned place)
{
    out->kind = node->kind[STATE_PLACES + place];
    out->version = node->version[place];
    out->hash = node->hash[STATE_PLACES + place];
    out->path = node->path[place];
    out->value_hash = node->value_hash[place];
}

void state_node_set(struct state_node *node, unsigned place, const struct state_ref *ref)
{
    node->kind[STATE_PLACES + place] = (uint8_t)ref->kind;
    node->version[place] = ref->version;
    node->hash[STATE_PLACES + place] = ref->hash;
    node->path[place] = ref->path;
    node->value_hash[place] = ref->value_hash;
}

static uint16_t places_of(const struct state_node *node, enum state_kind kind)
{
    unsigned places = 0;
    for (unsigned i = 0; i < STATE_PLACES; i++)
        places |= (unsigned)(node->kind[STATE_PLACES + i] == kind) << i;
    return (uint16_t)places;
}

uint16_t state_node_present(const struct state_node *node)
{
    return (uint16_t)~places_of(node, STATE_EMPTY);
}

unsigned state_node_leaf(const struct state_node *node, unsigned position)
{
    while (position < STATE_PLACES)
        position = node->kind[2 * position] == STATE_EMPTY ? 2 * position + 1 : 2 * position;
    return position - STATE_PLACES;
}

/* Kind of a position from the two below it; a lone leaf rises with its hash. Returns whether it is
 * an inner node, whose hash is then missing. */
static bool position_join(struct state_node *node, unsigned position)
{
    unsigned left = 2 * position, right = left + 1;
    unsigned from = 0;
    if (node->kind[left] == STATE_EMPTY && node->kind[right] != STATE_INNER)
        from = right;
    else if (node->kind[right] == STATE_EMPTY && node->kind[left] != STATE_INNER)
        from = left;
    if (from == 0) {
        node->kind[position] = STATE_INNER;
        return true;
    }
    node->kind[position] = node->kind[from];
    node->hash[position] = node->hash[from];
    return false;
}

void state_node_rehash(struct state_node *node, uint16_t places)
{
    uint32_t dirty = (uint32_t)places << STATE_PLACES; /* by position */
    for (unsigned position = STATE_PLACES - 1; position >= STATE_TOP; position--) {
        if (!(dirty >> (2 * position) & 3))
            continue;
        dirty |= UINT32_C(1) << position;
        if (position_join(node, position))
            state_inner_hash(&node->hash[position], &node->hash[2 * position],
                             &node->hash[2 * position + 1]);
    }
}

/* ---- bytes: written where room was reserved, read with one check a place ---- */

#define DISTANCE_BYTES_MAX 9 /* 63 bits */
#define PLACE_BYTES_MAX (DISTANCE_BYTES_MAX + 2 * HASH_BYTES)
#define RECORD_BYTES_MAX (1 + DISTANCE_BYTES_MAX + 3 * 2 + STATE_PLACES * PLACE_BYTES_MAX)
#define PACKED_BYTES_MAX (RECORD_BYTES_MAX + 8 + 2 + (2 * STATE_PLACES - 1) * HASH_BYTES)

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static uint8_t *put_hash(uint8_t *at, const struct hash *hash)
{
    memcpy(at, hash->bytes, HASH_BYTES);
    return at + HASH_BYTES;
}

static uint8_t *put_distance(uint8_t *at, uint64_t distance)
{
    for (; distance >= 128; distance >>= 7)
        *at++ = (uint8_t)(distance | 128);
    *at++ = (uint8_t)distance;
    return at;
}

static uint8_t *put_places(uint8_t *at, const struct state_node *node, uint64_t version,
                           uint16_t places)
{
    uint16_t present = state_node_present(node) & places;
    uint16_t leaves = places_of(node, STATE_LEAF) & places;
    at = put_u16(put_u16(at, present), leaves);
    for (unsigned left = present; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        at = put_distance(at, version - node->version[i]);
        if (leaves >> i & 1)
            at = put_hash(put_hash(at, &node->path[i]), &node->value_hash[i]);
        else
            at = put_hash(at, &node->hash[STATE_PLACES + i]);
    }
    return at;
}

/* Bytes being read; bad once something was missing or wrong. */
struct source {
    const uint8_t *at, *end;
    bool bad;
};

static struct source source_of(struct view view)
{
    return (struct source){.at = view.data, .end = view.data + view.len};
}

/* Whether that much is there. */
static bool source_has(struct source *source, size_t len)
{
    if ((size_t)(source->end - source->at) < len)
        source->bad = true;
    return !source->bad;
}

static void take_hash(struct source *source, struct hash *out)
{
    if (source_has(source, HASH_BYTES)) {
        memcpy(out->bytes, source->at, HASH_BYTES);
        source->at += HASH_BYTES;
    }
}

static uint64_t take_big_endian(struct source *source, unsigned len)
{
    uint64_t value = 0;
    if (!source_has(source, len))
        return 0;
    for (unsigned i = 0; i < len; i++)
        value = value << 8 | *source->at++;
    return value;
}

/* The version that lies this far before `version`. */
static uint64_t take_distance(struct source *source, uint64_t version)
{
    uint64_t distance = 0;
    for (unsigned shift = 0; shift < 7 * DISTANCE_BYTES_MAX && source_has(source, 1); shift += 7) {
        uint8_t byte = *source->at++;
        distance |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            source->bad |= distance > version;
            return version - distance;
        }
    }
    source->bad = true;
    return 0;
}

static void take_place(struct state_node *node, struct source *source, uint64_t version,
                       unsigned place, bool leaf)
{
    node->version[place] = take_distance(source, version);
    if (leaf) {
        node->kind[STATE_PLACES + place] = STATE_LEAF;
        take_hash(source, &node->path[place]);
        take_hash(source, &node->value_hash[place]);
    } else {
        node->kind[STATE_PLACES + place] = STATE_INNER;
        take_hash(source, &node->hash[STATE_PLACES + place]);
    }
}

/* Sets the places named, the others stay. Hashes of leaves are left out. */
static void take_places(struct state_node *node, struct source *source, uint64_t version,
                        uint16_t places)
{
    uint16_t present = (uint16_t)take_big_endian(source, 2);
    uint16_t leaves = (uint16_t)take_big_endian(source, 2);
    source->bad |= (present & ~places) != 0 || (leaves & ~present) != 0;
    for (unsigned left = places; left && !source->bad; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        node->kind[STATE_PLACES + i] = STATE_EMPTY;
        node->hash[STATE_PLACES + i] = (struct hash){{0}};
        if (present >> i & 1)
            take_place(node, source, version, i, leaves >> i & 1);
    }
}

/* ---- records ---- */

void state_node_append_patch(struct buf *out, const struct state_node *node, uint64_t version)
{
    buf_reserve(out, RECORD_BYTES_MAX);
    uint8_t *at = out->data + out->len;
    *at++ = RECORD_PATCH;
    at = put_distance(at, version - node->full);
    at = put_u16(at, node->patched);
    at = put_places(at, node, version, node->patched);
    out->len = (size_t)(at - out->data);
}

bool state_node_is_patch(uint64_t *full, struct view record, uint64_t version)
{
    struct source source = source_of(record);
    if (take_big_endian(&source, 1) != RECORD_PATCH)
        return false;
    *full = take_distance(&source, version);
    return true;
}

int state_node_decode(struct state_node *node, struct view record, uint64_t version)
{
    struct source source = source_of(record);
    uint64_t form = take_big_endian(&source, 1);
    uint16_t places = UINT16_MAX;
    if (form == RECORD_FULL) {
        memset(node, 0, sizeof *node);
        node->full = version;
    } else if (form == RECORD_PATCH) {
        uint64_t full = take_distance(&source, version);
        places = node->patched = (uint16_t)take_big_endian(&source, 2);
        source.bad |= full != node->full || full == version;
    } else {
        return ERR_CORRUPT;
    }
    take_places(node, &source, version, places);
    if (source.bad || source.at != source.end)
        return ERR_CORRUPT;
    for (unsigned i = 0; i < STATE_PLACES; i++) {
        if ((places >> i & 1) && node->kind[STATE_PLACES + i] == STATE_LEAF)
            state_leaf_hash(&node->hash[STATE_PLACES + i], &node->path[i], &node->value_hash[i]);
    }
    return OK;
}

/* ---- the cache's form ---- */

size_t state_node_pack(struct buf *out, const struct state_node *node, uint64_t version)
{
    buf_reserve(out, PACKED_BYTES_MAX);
    uint8_t *start = out->data + out->len, *at = start;
    *at++ = RECORD_FULL;
    at = put_places(at, node, version, UINT16_MAX);
    size_t record_len = (size_t)(at - start);
    for (unsigned i = 0; i < 8; i++)
        *at++ = (uint8_t)(node->full >> (56 - 8 * i));
    at = put_u16(at, node->patched);
    for (unsigned i = STATE_PLACES; i < 2 * STATE_PLACES; i++) {
        if (node->kind[i] == STATE_LEAF)
            at = put_hash(at, &node->hash[i]);
    }
    for (unsigned i = STATE_PLACES - 1; i >= STATE_TOP; i--) {
        if (node->kind[i] == STATE_INNER)
            at = put_hash(at, &node->hash[i]);
    }
    out->len = (size_t)(at - out->data);
    return record_len;
}

void state_node_unpack(struct state_node *node, struct view packed, uint64_t version)
{
    memset(node, 0, sizeof *node);
    struct source source = source_of(packed);
    source.at++;
    take_places(node, &source, version, UINT16_MAX);
    node->full = take_big_endian(&source, 8);
    node->patched = (uint16_t)take_big_endian(&source, 2);
    for (unsigned i = STATE_PLACES; i < 2 * STATE_PLACES; i++) {
        if (node->kind[i] == STATE_LEAF)
            take_hash(&source, &node->hash[i]);
    }
    for (unsigned i = STATE_PLACES - 1; i >= STATE_TOP; i--) {
        if (position_join(node, i))
            take_hash(&source, &node->hash[i]);
    }
    ENSURE(!source.bad && source.at == source.end);
}
