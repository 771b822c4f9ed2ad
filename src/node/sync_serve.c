/* Giving blocks to a node that lacks them: as many of the range as fit a bounded answer. */
#include "node/sync_serve.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/store.h"

#define GIVE_BYTES_MAX (2 * 1024 * 1024)
#define GIVE_BLOCKS_MAX 64

static int append_block(struct buf *frames, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf block = {0};
    struct certificate certificate;
    int error = store_read_block_bytes(&block, view, height);
    if (error == 0) {
        error = store_read_certificate(&certificate, view, height);
    }
    if (error == 0) {
        wire_append_block(frames, view_of_buf(&block), &certificate);
    }
    return error;
}

size_t sync_serve(const struct node_parts *parts, struct peer *peer, struct view body)
{
    struct wire_range range;
    AUTO(buf_free) struct buf frames = {0};
    struct store_view view;
    if (wire_read_want_blocks(&range, body) != 0) {
        return 0;
    }
    int error = store_view_open(&view, parts->kv);
    if (error != 0) {
        parts->fatal(parts->fatal_context, error, "reading the ledger for a peer");
        return 0;
    }
    uint64_t next = range.from;
    while (error == 0 && next <= view.height && next - range.from < range.count &&
           next - range.from < GIVE_BLOCKS_MAX && frames.len < GIVE_BYTES_MAX) {
        error = append_block(&frames, &view, next);
        next += error == 0;
    }
    store_view_close(&view);
    if (app_error_is_environment(error)) {
        parts->fatal(parts->fatal_context, error, "reading the ledger for a peer");
        return 0;
    }
    wire_append_blocks_end(&frames, range.from, next);
    return peer_send(peer, view_of_buf(&frames), LINK_REQUIRED) ? frames.len : 0;
}
