/* Chain parameters: fixed by genesis (section "params"), held in state key "params", changed only
 * by governance. One table gives their bounds, their defaults and their meaning. */
#ifndef DIRCHAIN_CHAIN_PARAMS_H
#define DIRCHAIN_CHAIN_PARAMS_H

#include "chain/schema.h"

struct chain_params {
    int64_t tx_lifetime_ms;     /* default 1 h, at most 24 h */
    int64_t idle_block_ms;      /* an idle chain makes a block that often */
    int64_t outage_ms;          /* longer gaps between blocks move terms */
    int64_t release_max_age_ms; /* data is released only under a header younger than this */
    int64_t precision_ms;       /* PBTS: clock skew between correct nodes */
    int64_t message_delay_ms;   /* PBTS: delay of a proposal in round 0 */
    int64_t block_bytes_max;
    int64_t block_txs_max;
    int64_t block_cost_max;
    int64_t evidence_max_age; /* heights */
    int64_t member_txs_max;   /* of one member in one block */
    bool test;                /* genesis marked test; not part of the document */
};

extern const struct field chain_params_fields[];

/* Sets missing members of a "params" object to their defaults. */
void chain_params_complete(struct doc *params);
/* Reads a complete object, checking it against the table: all faults at once, under "params". */
int chain_params_read(struct chain_params *out, struct faults *faults, const struct doc *params,
                      bool test);

#endif
