/* Making and asking a state machine: the only allocation there is, outside any step. */
#include "consensus/state.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <string.h>

#define TIMING_MS_MAX INT64_C(86400000)

static_assert(TIMING_MS_MAX * (ROUND_MAX + 2) < INT64_MAX / 4, "timeouts do not overflow");

struct consensus_timing consensus_timing_default(void)
{
    return (struct consensus_timing){.propose_ms = 3000,
                                     .propose_step_ms = 500,
                                     .prevote_ms = 1000,
                                     .prevote_step_ms = 500,
                                     .precommit_ms = 1000,
                                     .precommit_step_ms = 500,
                                     .idle_block_ms = 5000,
                                     .precision_ms = 500,
                                     .message_delay_ms = 2000};
}

static bool timing_sane(const struct consensus_timing *timing)
{
    const int64_t all[] = {
        timing->propose_ms,      timing->propose_step_ms,  timing->prevote_ms,
        timing->prevote_step_ms, timing->precommit_ms,     timing->precommit_step_ms,
        timing->precision_ms,    timing->message_delay_ms, timing->idle_block_ms};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] < 0 || all[i] > TIMING_MS_MAX)
            return false;
    }
    return timing->propose_step_ms > 0 && timing->prevote_step_ms > 0 &&
           timing->precommit_step_ms > 0;
}

struct consensus *consensus_create(const struct consensus_config *config)
{
    ENSURE(timing_sane(&config->timing));
    struct consensus *c = memory_alloc(sizeof *c);
    c->genesis = config->genesis;
    memcpy(c->member, config->member, MEMBER_ID_CHARS);
    c->timing = config->timing;
    c->verify = config->verify ? config->verify : schnorr_verify;
    c->own = -1;
    return c;
}

void consensus_free(struct consensus **consensus)
{
    memory_free(*consensus);
    *consensus = NULL;
}

struct consensus_status consensus_status(const struct consensus *c)
{
    struct consensus_status status = {.height = c->height,
                                      .round = c->round,
                                      .step = c->step,
                                      .locked_round = c->locked_round,
                                      .valid_round = c->valid_round,
                                      .locked_block = c->locked_block,
                                      .valid_block = c->valid_block,
                                      .validator = c->may_sign};
    if (c->height > 0)
        status.proposer = validators_proposer(&c->set, c->height, c->round);
    return status;
}
