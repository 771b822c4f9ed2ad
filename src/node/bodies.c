/* Slots, one for each block of the height that consensus or a verified proposal speaks of.
 *
 *   offered ──bodies_want──► wanted ──complete, bodies_keep──► valid
 *      ▲                       ▲ └──────bodies_failed──┘          │
 *      └──(makes room)         └─────── bodies_trim: gone ◄───────┘
 */
#include "node/bodies_slot.h"

#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <string.h>

#define GRACE_MS 15
#define BLAME_BAD_BODY 20

/* ---- slots ---- */

struct slot *slot_find(const struct bodies *bodies, const struct hash *hash)
{
    struct slot *slot = bodies->slots;
    while (slot != NULL && !hash_equal(&slot->hash, hash)) {
        slot = slot->next;
    }
    return slot;
}

static void drop_lists(struct slot *slot)
{
    while (slot->lists != NULL) {
        struct list *list = slot->lists;
        slot->lists = list->next;
        list_free(&list);
    }
    memory_free(slot->sources);
    slot->sources = NULL;
    slot->source_count = 0;
    slot->tried = NULL;
}

static void slot_drop(struct bodies *bodies, struct slot **at)
{
    struct slot *slot = *at;
    *at = slot->next;
    drop_lists(slot);
    block_free(&slot->block);
    memory_free(slot);
    bodies->count--;
}

static struct slot *slot_add(struct bodies *bodies, const struct hash *hash)
{
    struct slot *slot = memory_alloc(sizeof *slot);
    slot->hash = *hash;
    slot->next = bodies->slots;
    bodies->slots = slot;
    bodies->count++;
    return slot;
}

static struct slot *slot_of(struct bodies *bodies, const struct hash *hash)
{
    struct slot *slot = slot_find(bodies, hash);
    if (slot == NULL) {
        slot = slot_add(bodies, hash);
    }
    slot->used = ++bodies->uses;
    return slot;
}

void slot_set_header(struct slot *slot, const struct header *header)
{
    if (!slot->has_header) {
        slot->has_header = true;
        slot->header = *header;
    }
}

struct source *slot_source(struct slot *slot, uint32_t peer)
{
    for (size_t i = 0; i < slot->source_count; i++) {
        if (slot->sources[i].peer == peer) {
            return &slot->sources[i];
        }
    }
    slot->sources = memory_resize(slot->sources, (slot->source_count + 1) * sizeof *slot->sources);
    struct source *source = &slot->sources[slot->source_count++];
    *source = (struct source){.peer = peer};
    return source;
}

/* The slot used longest ago, of those that consensus does not rely on or that it does not need.
 * NULL if there is none. */
static struct slot **find_oldest(struct bodies *bodies, bool relied_on)
{
    struct slot **oldest = NULL;
    for (struct slot **at = &bodies->slots; *at != NULL; at = &(*at)->next) {
        const struct slot *slot = *at;
        bool relied = slot->wanted || slot->valid;
        if (relied != relied_on ||
            (relied && bodies->handler.needed(bodies->handler.context, &slot->hash))) {
            continue;
        }
        if (oldest == NULL || slot->used < (*oldest)->used) {
            oldest = at;
        }
    }
    return oldest;
}

bool bodies_trim(struct bodies *bodies, struct hash *lost)
{
    while (bodies->count > BODIES_MAX) {
        struct slot **at = find_oldest(bodies, false);
        bool relied = at == NULL;
        at = relied ? find_oldest(bodies, true) : at;
        if (at == NULL) {
            return false; /* all of them are needed */
        }
        *lost = (*at)->hash;
        slot_drop(bodies, at);
        if (relied) {
            return true;
        }
    }
    return false;
}

/* ---- completing ---- */

struct list *slot_complete_list(const struct slot *slot)
{
    struct list *list = slot->has_header ? slot->lists : NULL;
    while (list != NULL && !list_complete(list)) {
        list = list->next;
    }
    return list;
}

static bool is_ready(const struct slot *slot)
{
    return slot->wanted && (slot->block != NULL || slot_complete_list(slot) != NULL);
}

/* The owner may start another height meanwhile: the slot is looked up each time. */
void slot_give(struct bodies *bodies, const struct hash *of)
{
    const struct hash hash = *of;
    struct slot *slot = slot_find(bodies, &hash);
    while (slot != NULL && is_ready(slot)) {
        if (slot->block == NULL) {
            slot->tried = slot_complete_list(slot);
            slot->block = list_block(slot->tried, slot);
        }
        slot->wanted = false;
        AUTO(block_free) struct block *block = block_ref(slot->block);
        bodies->handler.complete(bodies->handler.context, block);
        slot = slot_find(bodies, &hash);
        if (slot != NULL) {
            slot->tried = NULL;
        }
    }
}

static void give_all(struct bodies *bodies)
{
    struct slot *slot = bodies->slots;
    while (slot != NULL) {
        if (is_ready(slot)) {
            slot_give(bodies, &slot->hash);
            slot = bodies->slots; /* they may be others now */
        } else {
            slot = slot->next;
        }
    }
}

/* ---- lists ---- */

static void blame_source(struct bodies *bodies, const struct source *source)
{
    struct peer *peer = peers_find(bodies->parts->peers, source->peer);
    if (peer != NULL) {
        peer_blame(bodies->parts->peers, peer, BLAME_BAD_BODY, "a body that does not fit");
    }
}

void slot_take_list(struct bodies *bodies, struct slot *slot, struct peer *peer,
                    struct compact *compact)
{
    struct source *source = slot_source(slot, peer->id);
    if (source->list != NULL) {
        compact_free(compact);
        return;
    }
    const struct hash digest = compact_digest(compact);
    struct list **end = &slot->lists;
    while (*end != NULL && !hash_equal(&(*end)->digest, &digest)) {
        end = &(*end)->next;
    }
    if (*end == NULL) {
        *end = list_new(compact);
        list_fill(*end, bodies->parts);
    }
    compact_free(compact);
    source->list = *end;
    if (source->list->failed) {
        blame_source(bodies, source);
    }
}

/* Room for one that nobody has asked for. */
static bool has_room(struct bodies *bodies)
{
    if (bodies->count >= BODIES_MAX) {
        struct slot **at = find_oldest(bodies, false);
        if (at == NULL) {
            return false;
        }
        slot_drop(bodies, at);
    }
    return true;
}

void bodies_offer(struct bodies *bodies, struct peer *peer, const struct header *header,
                  struct compact *compact)
{
    struct hash hash;
    header_hash(&hash, header);
    struct slot *slot = slot_find(bodies, &hash);
    /* A proposer may have decided already what we are about to decide: one height ahead is kept. */
    bool near = header->height == bodies->height || header->height == bodies->height + 1;
    if (!peer->validator || !near || (slot != NULL && slot->block != NULL) ||
        (slot == NULL && !has_room(bodies))) {
        compact_free(compact);
        return;
    }
    slot = slot_of(bodies, &hash);
    slot_set_header(slot, header);
    if (slot->lists == NULL) {
        ask_in(bodies, slot, GRACE_MS);
    }
    slot_take_list(bodies, slot, peer, compact);
    slot_give(bodies, &hash);
}

void bodies_want(struct bodies *bodies, const struct hash *block, const struct header *header)
{
    struct slot *slot = slot_of(bodies, block);
    if (header != NULL) {
        slot_set_header(slot, header);
    }
    if (!slot->wanted) {
        slot->wanted = true;
        for (struct list *list = slot->lists; list != NULL; list = list->next) {
            list_fill(list, bodies->parts);
        }
        ask_in(bodies, slot, GRACE_MS); /* it comes with the proposal, mostly */
    }
    slot_give(bodies, block);
}

void bodies_keep(struct bodies *bodies, struct block *block)
{
    struct slot *slot = slot_of(bodies, &block->hash);
    slot_set_header(slot, &block->header);
    if (slot->block != block) {
        block_free(&slot->block);
        slot->block = block_ref(block);
    }
    slot->valid = true;
    slot->wanted = false;
    drop_lists(slot);
}

struct block *bodies_find(const struct bodies *bodies, const struct hash *block)
{
    const struct slot *slot = slot_find(bodies, block);
    return slot != NULL && slot->valid ? slot->block : NULL;
}

/* The list was executed and is wrong, and so is everybody who gave it. */
static void condemn(struct bodies *bodies, struct slot *slot, struct list *list)
{
    list_fail(list);
    for (size_t i = 0; i < slot->source_count; i++) {
        if (slot->sources[i].list == list) {
            blame_source(bodies, &slot->sources[i]);
        }
    }
}

void bodies_failed(struct bodies *bodies, const struct block *block, int error)
{
    struct slot *slot = slot_of(bodies, &block->hash);
    log_write(LOG_WARN, "bodies", "height %llu: a body does not fit its header: %s",
              (unsigned long long)bodies->height, error_code(error));
    slot_set_header(slot, &block->header);
    if (slot->tried != NULL &&
        !(error == ERR_SIGNATURE && list_drop_outdated(slot->tried, bodies->parts))) {
        condemn(bodies, slot, slot->tried);
    }
    slot->tried = NULL;
    block_free(&slot->block);
    slot->valid = false;
    slot->wanted = true;
    ask_in(bodies, slot, 0);
}

void bodies_verified(struct bodies *bodies, struct tx *tx)
{
    bool taken = false;
    for (struct slot *slot = bodies->slots; slot != NULL; slot = slot->next) {
        for (struct list *list = slot->lists; list != NULL; list = list->next) {
            taken = list_take(list, tx) || taken;
        }
    }
    if (taken) {
        give_all(bodies);
    }
}

/* ---- life ---- */

int bodies_open(struct bodies **out, const struct node_parts *parts,
                const struct bodies_handler *handler)
{
    struct bodies *bodies = memory_alloc(sizeof *bodies);
    *out = NULL;
    bodies->parts = parts;
    bodies->handler = *handler;
    if (uv_timer_init(parts->loop, &bodies->timer) != 0) {
        memory_free(bodies);
        return ERR_UNAVAILABLE;
    }
    bodies->timer.data = bodies;
    *out = bodies;
    return 0;
}

void bodies_start_height(struct bodies *bodies, uint64_t height)
{
    struct slot **at = &bodies->slots;
    if (bodies->height == height) {
        return; /* a block of it may be wanted of which only the hash is known */
    }
    bodies->height = height;
    served_clear(&bodies->served);
    while (*at != NULL) {
        struct slot *slot = *at;
        if (slot->has_header && slot->header.height == height) {
            at = &slot->next;
        } else {
            slot_drop(bodies, at);
        }
    }
}

void bodies_close(struct bodies *bodies)
{
    if (!bodies->closing) {
        bodies->closing = true;
        uv_close((uv_handle_t *)&bodies->timer, NULL);
    }
}

void bodies_free(struct bodies **bodies)
{
    if (*bodies != NULL) {
        while ((*bodies)->slots != NULL) {
            slot_drop(*bodies, &(*bodies)->slots);
        }
        served_clear(&(*bodies)->served);
        memory_free(*bodies);
        *bodies = NULL;
    }
}
