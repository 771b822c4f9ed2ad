/* What peers give: bodies, transactions, and the word that they have none. Only what was asked for
 * is taken. */
#include "node/bodies_slot.h"

#include "base/errors.h"
#include "base/memory.h"
#include "node/admission.h"

#define BLAME_BAD_TX 5

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
    for (const struct list *list = slot->lists; list != NULL; list = list->next) {
        if (list_lacks(list, txid)) {
            return true;
        }
    }
    return false;
}

static bool was_asked(struct slot *slot, const struct peer *peer)
{
    return slot != NULL && slot->wanted && peer->validator &&
           slot_source(slot, peer->id)->asked > 0;
}

static int take_txs(struct bodies *bodies, struct peer *peer, struct view body)
{
    struct reader reader = reader_of(body);
    struct hash hash;
    struct view raw;
    reader_copy(&reader, hash.bytes, HASH_BYTES);
    uint16_t count = wire_txs_count(&reader);
    struct slot *slot = slot_find(bodies, &hash);
    bool asked = was_asked(slot, peer);
    for (uint16_t i = 0; i < count; i++) {
        struct hash id;
        if (!wire_txs_next(&raw, &reader) || wire_txid(&id, raw) != 0) {
            return ERR_ENCODING;
        }
        /* Only what was asked for: nobody fills the urgent queue unasked. */
        if (!asked || !slot_lacks(slot, &id) || verifier_has(bodies->parts->verifier, &id, raw)) {
            continue;
        }
        struct verify_item *item = verify_item_new();
        item->id = id;
        buf_append_view(&item->raw, raw);
        item->done = on_fetched;
        item->owner = bodies;
        item->sender = peer->id;
        if (verifier_add(bodies->parts->verifier, &item, VERIFY_URGENT) != 0) {
            verify_item_free(&item);
        }
    }
    return reader_done(&reader) ? 0 : ERR_ENCODING;
}

static bool settle_debt(struct slot *slot, const struct peer *peer)
{
    if (!was_asked(slot, peer) || !slot_source(slot, peer->id)->owes) {
        return false;
    }
    slot_source(slot, peer->id)->owes = false;
    return true;
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
    struct slot *slot = slot_find(bodies, &hash);
    if (settle_debt(slot, peer) && slot->block == NULL) {
        slot_set_header(slot, &header);
        slot_take_list(bodies, slot, peer, &compact);
        if (slot_complete_list(slot) == NULL) {
            ask_source(bodies, slot, peer); /* who gives a list has its transactions */
        }
        slot_give(bodies, &hash);
    }
    return 0;
}

static int take_none(struct bodies *bodies, struct peer *peer, struct view body)
{
    struct hash hash;
    if (wire_read_none(&hash, body) != 0) {
        return ERR_ENCODING;
    }
    struct slot *slot = slot_find(bodies, &hash);
    if (settle_debt(slot, peer) && slot->turns < peers_count(bodies->parts->peers)) {
        ask_in(bodies, slot, 0); /* the next peer */
    }
    return 0;
}

int bodies_frame(struct bodies *bodies, struct peer *peer, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_BODY:
        return take_body(bodies, peer, frame->body);
    case FRAME_GIVE_TXS:
        return take_txs(bodies, peer, frame->body);
    case FRAME_NONE:
        return take_none(bodies, peer, frame->body);
    default:
        return ERR_ENCODING;
    }
}
