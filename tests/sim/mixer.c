/* A connection keeps bytes in order and gives them once, and a peer need not: what consensus and
 * gossip say comes twice here, or after what was said later. Frames that are half of an exchange
 * (greeting, questions, answers) are left as they are. */
#include "sim.h"

#define LATE_BYTES_MAX 65536

static bool may_be_mixed(enum frame_kind kind)
{
    return kind == FRAME_VOTES || kind == FRAME_PROPOSAL || kind == FRAME_TXS ||
           kind == FRAME_EVIDENCE || kind == FRAME_STATUS;
}

static void pass(struct buf *out, const struct frame *frame)
{
    size_t begun = wire_begin(out, frame->kind);
    buf_append_view(out, frame->body);
    wire_end(out, begun);
}

void mixer_pass(struct buf *out, struct buf *late, struct view frames)
{
    struct world *world = sim_here->world;
    unsigned percent = world->storm.mix_percent;
    struct frame frame;
    size_t wanted;
    if (percent == 0 && late->len == 0) {
        buf_append_view(out, frames);
        return;
    }
    while (wire_next(&frame, &frames, &wanted) == 0) {
        bool mixed = may_be_mixed(frame.kind);
        if (mixed && sim_chance(world, percent) && late->len < LATE_BYTES_MAX) {
            world->counters->reordered++;
            pass(late, &frame);
            continue;
        }
        pass(out, &frame);
        if (mixed && sim_chance(world, percent)) {
            world->counters->duplicated++;
            pass(out, &frame);
        }
        if (late->len > 0 && (percent == 0 || sim_chance(world, 40))) {
            buf_append_view(out, view_of_buf(late));
            buf_clear(late);
        }
    }
    buf_append_view(out, frames); /* a frame that goes on in the next piece */
}
