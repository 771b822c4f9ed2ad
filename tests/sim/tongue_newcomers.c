/* What liars say to those who catch up: heights that are not theirs, blocks and certificates that
 * do not hold, snapshots that are yet to be made, parts with a flipped bit. */
#include "speech.h"

#include "base/memory.h"
#include "chain/store.h"
#include "sim.h"

static void lie_status(struct speech *speech, const struct frame *frame)
{
    struct wire_status status;
    if (wire_read_status(&status, frame->body) != 0)
        return;
    uint64_t draw = sim_below(speech->world, 6);
    if (draw <= 1)
        status.height += 1 + sim_below(speech->world, 60);
    else if (draw == 2)
        status.height /= 2;
    speech->world->counters->false_heights += draw <= 2;
    wire_append_status(speech->out, &status);
}

/* A snapshot of the next height at which there will be one, beside those that there are. */
static void offer_ahead(struct speech *speech, struct wire_offer *offer)
{
    uint64_t interval = speech->host->config.snapshot_blocks;
    if (interval > 0 && offer->count < SNAPSHOTS_OFFERED_MAX) {
        offer->height[offer->count++] = (speech->height + interval - 1) / interval * interval;
        speech->world->counters->false_offers++;
    }
}

void boast(struct speech *speech, const struct frame *frame)
{
    struct wire_offer offer = {.first_block = FAR_HEIGHT};
    bool shows = speech->host->shows;
    struct wire_status status;
    struct reader messages;
    uint64_t height;
    size_t begun;
    if (frame->kind == FRAME_STATUS && wire_read_status(&status, frame->body) == 0) {
        offer.first_block = shows ? 0 : FAR_HEIGHT;
        offer_ahead(speech, &offer);
        wire_append_offer(speech->out, &offer);
        status.height = FAR_HEIGHT;
        wire_append_status(speech->out, &status);
        speech->world->counters->false_heights++;
    } else if (frame->kind == FRAME_OFFER) {
        wire_append_offer(speech->out, &offer);
    } else if (frame->kind == FRAME_BLOCKS_END && shows) {
        wire_append_offer(speech->out, &offer);
        pass_on(speech, frame);
    } else if (frame->kind == FRAME_ROLL && wire_read_roll(&height, &messages, frame->body) == 0) {
        begun = wire_begin_roll(speech->out, FAR_HEIGHT);
        buf_append_view(speech->out, messages.rest);
        wire_end(speech->out, begun);
        speech->world->counters->boasts++;
    } else {
        pass_on(speech, frame);
    }
}

/* A certificate of the ledger for some other height. */
static void stale_certificate(struct certificate *certificate, const struct speech *speech)
{
    struct store_view view;
    if (store_view_open(&view, speech->host->kv) != 0)
        return;
    if (view.height > 0)
        (void)store_read_certificate(certificate, &view, 1 + sim_below(speech->world, view.height));
    store_view_close(&view);
}

static void spoil_block(struct speech *speech, struct block *block, struct certificate *certificate)
{
    switch (sim_below(speech->world, 7)) {
    case 0:
        stale_certificate(certificate, speech);
        break;
    case 1: /* fewer transactions than the header says */
        if (block->tx_count > 0)
            tx_free(&block->txs[--block->tx_count]);
        break;
    case 2:
        block->header.state_root.bytes[0] ^= 1;
        break;
    case 3: /* a set of validators of its own */
        block->header.next_validators.bytes[0] ^= 1;
        certificate->count = certificate->count > 1 ? 1 : certificate->count;
        break;
    case 4: /* the block as it is, and too few who say so */
        certificate->count -= certificate->count > 1 ? 1 + sim_below(speech->world, 2) : 0;
        certificate->count += certificate->count == 0;
        break;
    case 5:
        block->header.height += 1;
        certificate->height += 1;
        break;
    default:
        certificate->signer[0].signature.bytes[3] ^= 1;
        break;
    }
    header_hash(&block->hash, &block->header);
    speech->world->counters->false_blocks++;
}

static void lie_block(struct speech *speech, const struct frame *frame)
{
    AUTO(block_free) struct block *block = NULL;
    AUTO(buf_free) struct buf bytes = {0};
    struct certificate certificate;
    struct view encoded;
    if (sim_chance(speech->world, 50) ||
        wire_read_block(&encoded, &certificate, frame->body) != 0 ||
        block_decode(&block, NULL, encoded, &speech->world->founding->genesis_hash) != 0) {
        pass_on(speech, frame);
        return;
    }
    spoil_block(speech, block, &certificate);
    block_encode(&bytes, block);
    wire_append_block(speech->out, view_of_buf(&bytes), &certificate);
}

/* A part of a snapshot, with a flipped bit. */
static void lie_part(struct speech *speech, const struct frame *frame)
{
    size_t begun = wire_begin(speech->out, frame->kind);
    size_t start = speech->out->len;
    buf_append_view(speech->out, frame->body);
    if (frame->body.len > 0 && sim_chance(speech->world, 70)) {
        size_t at = sim_below(speech->world, frame->body.len);
        speech->out->data[start + at] ^= (uint8_t)(1U << sim_below(speech->world, 8));
        speech->world->counters->false_parts++;
    }
    wire_end(speech->out, begun);
}

static void lie_offer(struct speech *speech, const struct frame *frame)
{
    struct wire_offer offer;
    if (wire_read_offer(&offer, frame->body) != 0)
        return;
    if (sim_chance(speech->world, 70))
        offer_ahead(speech, &offer);
    wire_append_offer(speech->out, &offer);
}

void lie_to_newcomers(struct speech *speech, const struct frame *frame)
{
    uint64_t from, next;
    switch (frame->kind) {
    case FRAME_STATUS:
        lie_status(speech, frame);
        break;
    case FRAME_BLOCK:
        lie_block(speech, frame);
        break;
    case FRAME_PART:
        lie_part(speech, frame);
        break;
    case FRAME_OFFER:
        lie_offer(speech, frame);
        break;
    case FRAME_BLOCKS_END:
        if (wire_read_blocks_end(&from, &next, frame->body) == 0)
            wire_append_blocks_end(speech->out, from,
                                   sim_chance(speech->world, 30) ? next + 3 : next);
        break;
    default:
        pass_on(speech, frame);
    }
}
