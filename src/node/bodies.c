/* Slots, one for each block of the height that somebody spoke of, and the requests that fill them.
 *
 * Gossip and proposals travel on different links: a transaction that is missing now is mostly on
 * its way. Peers are asked only after GRACE_MS, or at once when all that can be waited for has
 * come and something is still missing. */
#include "node/bodies_slot.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/admission.h"

#include <string.h>

#define BODIES_MAX 16
#define GRACE_MS 15
#define ASK_AGAIN_MS 250
#define ASK_AGAIN_MAX_MS 2000
#define BLAME_BAD_BODY 20
#define BLAME_BAD_TX 5

static void ask_due(struct bodies *bodies);
static void fill(struct bodies *bodies, struct slot *slot);

/* ---- slots ---- */

struct slot *slot_find(const struct bodies *bodies, const struct hash *hash)
{
    struct slot *slot = bodies->slots;
    while (slot != NULL && !hash_equal(&slot->hash, hash)) {
        slot = slot->next;
    }
    return slot;
}

/* Forgets how the body was to be made, not that it is wanted. */
static void slot_forget_compact(struct slot *slot)
{
    for (size_t i = 0; slot->txs != NULL && i < slot->compact.tx_count; i++) {
        tx_free(&slot->txs[i]);
    }
    memory_free(slot->txs);
    memory_free(slot->index);
    compact_free(&slot->compact);
    slot->txs = NULL;
    slot->index = NULL;
    slot->has_compact = false;
    slot->missing = 0;
}

static void slot_free(struct slot *slot)
{
    slot_forget_compact(slot);
    block_free(&slot->block);
    memory_free(slot);
}

static void drop_slots(struct bodies *bodies)
{
    while (bodies->slots != NULL) {
        struct slot *slot = bodies->slots;
        bodies->slots = slot->next;
        slot_free(slot);
    }
    bodies->count = 0;
}

/* The slot that was looked at longest ago makes room, wanted ones last. */
static void make_room(struct bodies *bodies)
{
    struct slot **victim = &bodies->slots;
    for (struct slot **at = &bodies->slots; *at != NULL; at = &(*at)->next) {
        bool less_wanted = (*victim)->wanted && !(*at)->wanted;
        bool as_wanted = (*victim)->wanted == (*at)->wanted;
        if (less_wanted || (as_wanted && (*at)->used < (*victim)->used)) {
            victim = at;
        }
    }
    struct slot *gone = *victim;
    *victim = gone->next;
    slot_free(gone);
    bodies->count--;
}

static struct slot *slot_of(struct bodies *bodies, const struct hash *hash)
{
    struct slot *slot = slot_find(bodies, hash);
    if (slot == NULL) {
        if (bodies->count == BODIES_MAX) {
            make_room(bodies);
        }
        slot = memory_alloc(sizeof *slot);
        slot->hash = *hash;
        slot->next = bodies->slots;
        bodies->slots = slot;
        bodies->count++;
    }
    slot->used = ++bodies->uses;
    return slot;
}

static void slot_set_header(struct slot *slot, const struct header *header)
{
    if (!slot->has_header) {
        slot->has_header = true;
        slot->header = *header;
    }
}

/* ---- the index of missing transactions ---- */

static size_t index_place(const struct slot *slot, const struct hash *txid)
{
    size_t at =
        ((size_t)txid->bytes[0] | (size_t)txid->bytes[1] << 8 | (size_t)txid->bytes[2] << 16) &
        (slot->index_size - 1);
    while (slot->index[at] != 0 && !hash_equal(&slot->compact.txids[slot->index[at] - 1], txid)) {
        at = (at + 1) & (slot->index_size - 1);
    }
    return at;
}

static void index_build(struct slot *slot)
{
    slot->index_size = 16;
    while (slot->index_size < 2 * slot->compact.tx_count) {
        slot->index_size *= 2;
    }
    slot->index = memory_alloc(slot->index_size * sizeof *slot->index);
    for (size_t i = 0; i < slot->compact.tx_count; i++) {
        slot->index[index_place(slot, &slot->compact.txids[i])] = (uint32_t)i + 1;
    }
}

/* True if the slot lacked it. */
static bool slot_take(struct slot *slot, struct tx *tx)
{
    if (!slot->has_compact || slot->missing == 0) {
        return false;
    }
    uint32_t found = slot->index[index_place(slot, &tx->id)];
    if (found == 0 || slot->txs[found - 1] != NULL) {
        return false;
    }
    slot->txs[found - 1] = tx_ref(tx);
    slot->missing--;
    return true;
}

/* ---- completing ---- */

static struct block *slot_block(const struct slot *slot)
{
    struct block *block = memory_alloc(sizeof *block);
    const struct compact *compact = &slot->compact;
    atomic_init(&block->references, 1);
    block->header = slot->header;
    block->hash = slot->hash;
    block->evidence_count = compact->evidence_count;
    block->evidence = memory_alloc(compact->evidence_count * sizeof *block->evidence);
    for (size_t i = 0; i < compact->evidence_count; i++) {
        block->evidence[i] = compact->evidence[i];
    }
    block->tx_count = compact->tx_count;
    block->txs = memory_alloc(compact->tx_count * sizeof(struct tx *));
    for (size_t i = 0; i < compact->tx_count; i++) {
        block->txs[i] = tx_ref(slot->txs[i]);
    }
    return block;
}

static void give(struct bodies *bodies, struct slot *slot)
{
    if (slot->wanted) {
        slot->wanted = false;
        AUTO(block_free) struct block *block = block_ref(slot->block);
        bodies->handler.complete(bodies->handler.context, block); /* may drop the slot */
    }
}

static void check_complete(struct bodies *bodies, struct slot *slot)
{
    if (slot->block == NULL && slot->has_compact && slot->has_header && slot->missing == 0) {
        slot->block = slot_block(slot);
    }
    if (slot->block != NULL) {
        give(bodies, slot);
    }
}

/* ---- asking ---- */

static struct peer *pick_peer(struct bodies *bodies, const struct slot *slot)
{
    size_t count = peers_count(bodies->parts->peers);
    struct peer *giver = slot->has_compact ? peers_find(bodies->parts->peers, slot->giver) : NULL;
    if (giver != NULL && giver->up && slot->asked == 0) {
        return giver; /* who proposes has what it proposes */
    }
    for (size_t i = 0; i < count; i++) {
        struct peer *peer = peers_at(bodies->parts->peers, (size_t)(bodies->turn++ % count));
        if (peer->up && peer->validator) {
            return peer;
        }
    }
    return NULL;
}

/* Missing and not on its way through the verifier. */
static size_t list_missing(struct bodies *bodies, const struct slot *slot, struct hash *out)
{
    size_t count = 0;
    for (size_t i = 0; i < slot->compact.tx_count; i++) {
        const struct hash *txid = &slot->compact.txids[i];
        if (slot->txs[i] == NULL && !verifier_pending(bodies->parts->verifier, txid, true)) {
            out[count++] = *txid;
        }
    }
    return count;
}

static void ask_for_txs(struct bodies *bodies, struct slot *slot, struct buf *frame,
                        const struct wire_want *want)
{
    struct hash *missing = memory_alloc(slot->compact.tx_count * sizeof *missing);
    size_t count = list_missing(bodies, slot, missing);
    if (count > 0) {
        wire_append_want_txs(frame, want, missing, count);
        count_add(&bodies->parts->counters->txs_fetched, count);
    }
    memory_free(missing);
}

static void ask(struct bodies *bodies, struct slot *slot, int64_t now)
{
    AUTO(buf_free) struct buf frame = {0};
    const struct wire_want want = {.height = bodies->height, .block = slot->hash};
    int64_t wait = ASK_AGAIN_MS << (slot->asked < 3 ? slot->asked : 3);
    slot->ask_at_ms = now + (wait < ASK_AGAIN_MAX_MS ? wait : ASK_AGAIN_MAX_MS);
    if (slot->has_compact) {
        ask_for_txs(bodies, slot, &frame, &want);
    } else {
        wire_append_want_body(&frame, &want);
    }
    struct peer *peer = frame.len > 0 ? pick_peer(bodies, slot) : NULL;
    if (peer != NULL) {
        slot->asked++;
        (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
    }
}

static void on_timer(uv_timer_t *timer)
{
    ask_due(timer->data);
}

static void ask_due(struct bodies *bodies)
{
    int64_t now = clock_monotonic_ms();
    int64_t next = INT64_MAX;
    for (struct slot *slot = bodies->slots; slot != NULL; slot = slot->next) {
        if (!slot->wanted || slot->block != NULL) {
            continue;
        }
        if (slot->ask_at_ms <= now) {
            ask(bodies, slot, now);
        }
        next = slot->ask_at_ms < next ? slot->ask_at_ms : next;
    }
    if (bodies->closing || next == INT64_MAX) {
        return;
    }
    int64_t wait = next > now ? next - now : 0;
    uv_timer_start(&bodies->timer, on_timer, (uint64_t)wait + 1, 0);
}

/* Takes what the mempool has; hurries what the verifier has. */
static void fill(struct bodies *bodies, struct slot *slot)
{
    for (size_t i = 0; slot->missing > 0 && i < slot->compact.tx_count; i++) {
        const struct hash *txid = &slot->compact.txids[i];
        struct tx *tx = slot->txs[i] == NULL ? mempool_find(bodies->parts->mempool, txid) : NULL;
        if (tx != NULL) {
            slot->txs[i] = tx_ref(tx);
            slot->missing--;
        } else if (slot->txs[i] == NULL) {
            (void)verifier_pending(bodies->parts->verifier, txid, true);
        }
    }
}

static struct hash compact_digest(const struct compact *compact)
{
    return hash_sha256(view_of(compact->txids, compact->tx_count * sizeof *compact->txids));
}

static bool failed_before(const struct slot *slot, const struct compact *compact)
{
    struct hash digest = compact_digest(compact);
    for (unsigned i = 0; i < slot->failures && i < 4; i++) {
        if (hash_equal(&slot->failed[i], &digest)) {
            return true;
        }
    }
    return false;
}

void bodies_offer(struct bodies *bodies, struct peer *peer, const struct header *header,
                  struct compact *compact)
{
    struct hash hash;
    header_hash(&hash, header);
    /* A proposer may have decided already what we are about to decide: one height ahead is kept. */
    if (header->height != bodies->height && header->height != bodies->height + 1) {
        compact_free(compact);
        return;
    }
    struct slot *slot = slot_of(bodies, &hash);
    slot_set_header(slot, header);
    if (slot->has_compact || slot->block != NULL || failed_before(slot, compact)) {
        compact_free(compact);
        return;
    }
    slot->has_compact = true;
    slot->compact = *compact;
    *compact = (struct compact){0};
    slot->giver = peer->id;
    slot->asked = 0;
    slot->txs = memory_alloc(slot->compact.tx_count * sizeof(struct tx *));
    slot->missing = slot->compact.tx_count;
    index_build(slot);
    fill(bodies, slot);
    slot->ask_at_ms = clock_monotonic_ms() + GRACE_MS;
    check_complete(bodies, slot);
    ask_due(bodies);
}

void bodies_want(struct bodies *bodies, const struct hash *block, const struct header *header)
{
    struct slot *slot = slot_of(bodies, block);
    if (header != NULL) {
        slot_set_header(slot, header);
    }
    slot->wanted = true;
    if (slot->has_compact) {
        fill(bodies, slot);
    } else {
        slot->ask_at_ms = clock_monotonic_ms() + GRACE_MS; /* it comes with the proposal, mostly */
    }
    check_complete(bodies, slot);
    ask_due(bodies);
}

void bodies_keep(struct bodies *bodies, struct block *block)
{
    struct slot *slot = slot_of(bodies, &block->hash);
    slot_set_header(slot, &block->header);
    if (slot->block == NULL) {
        slot->block = block_ref(block);
    }
}

struct block *bodies_find(const struct bodies *bodies, const struct hash *block)
{
    const struct slot *slot = slot_find(bodies, block);
    return slot != NULL ? slot->block : NULL;
}

/* Transactions whose signatures hold under another key than the one in force now: our copy is
 * dropped, so that one that holds can be fetched. */
static void drop_outdated(struct bodies *bodies, const struct block *block)
{
    for (size_t i = 0; i < block->tx_count; i++) {
        const struct tx *tx = block->txs[i];
        struct public_key key;
        int error = app_signer_key(&key, bodies->parts->app, tx->member, tx->key_name);
        if (error != 0 || memcmp(key.bytes, tx->verified_key.bytes, sizeof key.bytes) != 0) {
            mempool_refused(bodies->parts->mempool, &tx->id, ERR_SIGNATURE, NULL);
        }
    }
}

void bodies_failed(struct bodies *bodies, const struct hash *block, int error)
{
    struct slot *slot = slot_find(bodies, block);
    if (slot == NULL || slot->block == NULL) {
        return;
    }
    log_write(LOG_WARN, "bodies", "height %llu: a body does not fit its header: %s",
              (unsigned long long)bodies->height, error_code(error));
    struct peer *giver = slot->has_compact ? peers_find(bodies->parts->peers, slot->giver) : NULL;
    if (error == ERR_SIGNATURE) {
        drop_outdated(bodies, slot->block);
    } else if (slot->has_compact) {
        memmove(&slot->failed[1], &slot->failed[0], 3 * sizeof slot->failed[0]);
        slot->failed[0] = compact_digest(&slot->compact);
        slot->failures++;
        if (giver != NULL) {
            peer_blame(bodies->parts->peers, giver, BLAME_BAD_BODY, "a body that does not fit");
        }
    }
    block_free(&slot->block);
    slot_forget_compact(slot);
    slot->wanted = true;
    slot->asked = 1;
    slot->ask_at_ms = clock_monotonic_ms() + ASK_AGAIN_MS;
    ask_due(bodies);
}

void bodies_verified(struct bodies *bodies, struct tx *tx)
{
    struct slot *slot = bodies->slots;
    while (slot != NULL) {
        struct slot *next = slot->next;
        if (slot_take(slot, tx) && slot->missing == 0 && slot->wanted) {
            check_complete(bodies, slot); /* may execute a block and start another height */
            return;
        }
        slot = next;
    }
}

/* ---- frames ---- */

static void on_fetched(struct verify_item *item)
{
    struct bodies *bodies = item->owner;
    if (item->error == 0) {
        /* A later block may have it, should this one fail. */
        (void)admission_add(bodies->parts, NULL, item->tx, ADMISSION_FROM_PEER);
        bodies_verified(bodies, item->tx);
    } else if (item->error != ERR_UNAVAILABLE) {
        struct peer *peer = peers_find(bodies->parts->peers, item->sender);
        if (peer != NULL) {
            peer_blame(bodies->parts->peers, peer, BLAME_BAD_TX, error_code(item->error));
        }
    }
    verify_item_free(&item);
}

static bool slot_lacks(const struct slot *slot, const struct hash *txid)
{
    if (slot == NULL || !slot->has_compact || slot->missing == 0) {
        return false;
    }
    uint32_t found = slot->index[index_place(slot, txid)];
    return found != 0 && slot->txs[found - 1] == NULL;
}

static int take_txs(struct bodies *bodies, struct peer *peer, struct view body)
{
    struct reader reader = reader_of(body);
    struct hash hash;
    struct view raw;
    reader_copy(&reader, hash.bytes, HASH_BYTES);
    uint16_t count = wire_txs_count(&reader);
    struct slot *slot = slot_find(bodies, &hash);
    for (uint16_t i = 0; i < count; i++) {
        struct hash id;
        if (!wire_txs_next(&raw, &reader) || wire_txid(&id, raw) != 0) {
            return ERR_ENCODING;
        }
        /* Only what was asked for: nobody fills the urgent queue unasked. */
        if (!slot_lacks(slot, &id) || verifier_has(bodies->parts->verifier, &id, raw)) {
            continue;
        }
        struct verify_item *item = verify_item_new();
        item->id = id;
        buf_append_view(&item->raw, raw);
        item->done = on_fetched;
        item->owner = bodies;
        item->sender = peer->id;
        if (verifier_add(bodies->parts->verifier, &item, true) != 0) {
            verify_item_free(&item);
        }
    }
    return reader_done(&reader) ? 0 : ERR_ENCODING;
}

static int take_body(struct bodies *bodies, struct peer *peer, struct view body)
{
    struct header header;
    struct hash hash;
    AUTO(compact_free) struct compact compact = {0};
    if (wire_read_body(&header, &compact, body) != 0) {
        return ERR_ENCODING;
    }
    header_hash(&hash, &header);
    const struct slot *slot = slot_find(bodies, &hash);
    if (slot != NULL && slot->wanted) { /* asked for */
        bodies_offer(bodies, peer, &header, &compact);
    }
    return 0;
}

static int take_none(struct bodies *bodies, struct view body)
{
    struct hash hash;
    if (wire_read_none(&hash, body) != 0) {
        return ERR_ENCODING;
    }
    struct slot *slot = slot_find(bodies, &hash);
    if (slot != NULL && slot->wanted && slot->asked < peers_count(bodies->parts->peers)) {
        slot->ask_at_ms = clock_monotonic_ms(); /* the next peer */
        ask_due(bodies);
    }
    return 0;
}

int bodies_frame(struct bodies *bodies, struct peer *peer, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_WANT_BODY:
        return serve_body(bodies, peer, frame->body);
    case FRAME_WANT_TXS:
        return serve_txs(bodies, peer, frame->body);
    case FRAME_BODY:
        return take_body(bodies, peer, frame->body);
    case FRAME_GIVE_TXS:
        return take_txs(bodies, peer, frame->body);
    case FRAME_NONE:
        return take_none(bodies, frame->body);
    default:
        return ERR_ENCODING;
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
    bodies->height = height;
    while (*at != NULL) {
        struct slot *slot = *at;
        if (slot->has_header && slot->header.height == height) {
            at = &slot->next;
        } else {
            *at = slot->next;
            slot_free(slot);
            bodies->count--;
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
        drop_slots(*bodies);
        memory_free(*bodies);
        *bodies = NULL;
    }
}
