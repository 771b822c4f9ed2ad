/* What the files of a liar's tongue share: tongue.c has what it says of votes, proposals and
 * bodies, tongue_newcomers.c what it says to those who catch up. */
#ifndef DIRCHAIN_TESTS_SIM_SPEECH_H
#define DIRCHAIN_TESTS_SIM_SPEECH_H

#include "node/wire.h"
#include "sim.h"

#define FAR_HEIGHT (UINT64_C(1) << 40)

/* Where a liar stands while it speaks. */
struct speech {
    struct sim_host *host;
    struct world *world;
    struct buf *out;
    uint64_t height; /* being decided */
};

void pass_on(struct speech *speech, const struct frame *frame);

/* ---- tongue_newcomers.c ---- */

/* Nobody asks for a block where none is kept, so that nothing refutes it. One that shows what there
 * is says so only when it would have to own that there is no more. */
void boast(struct speech *speech, const struct frame *frame);
void lie_to_newcomers(struct speech *speech, const struct frame *frame);

#endif
