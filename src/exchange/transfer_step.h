/* What the states of a transfer share. transfer_step.c has the small states and what is common,
 * transfer_ask.c the questions to the provider, transfer_move.c and transfer_close.c the two states
 * of these names. Only they include this. */
#ifndef DIRCHAIN_EXCHANGE_TRANSFER_STEP_H
#define DIRCHAIN_EXCHANGE_TRANSFER_STEP_H

#include "exchange/transfer.h"

#define LEDGER_MS 500 /* looking at the ledger again, if nobody says that it has moved */
#define RETRY_MAX_MS 5000
#define REQUEST_MS 30000
#define PROBLEM_BYTES_MAX (64 * 1024)

struct step {
    struct transfer *transfer;
    const struct transfer_work *work;
    struct exchange_gateway *gateway;
};

void step_set_error(const struct step *step, int error); /* what it waits over; not durable */
int64_t step_retry_ms(struct transfer *transfer);        /* ever longer, up to RETRY_MAX_MS */
/* To the next state, durably. Returns 0: go on at once. */
int64_t step_move_to(const struct step *step, enum transfer_state state, int error);
/* To closing: what has come by now is what our receipt will say. */
int64_t step_begin_closing(const struct step *step, enum transfer_state outcome, int error);

/* Asks the provider for …/transfers/<open>/<what>. 0 with the body; 0 and *wait_ms > 0: not yet.
 * The stable code of a problem document becomes the error; ERR_NETWORK, ERR_TIMEOUT, … */
int step_ask(struct buf *body, int64_t *wait_ms, const struct step *step, const char *what,
             struct gateway_request *request);
/* What a failed question leads to: the end, or another try after so many ms. */
int64_t step_after_error(const struct step *step, int error);

int step_load_manifest(const struct step *step);
/* Opens <inbox>/<id>/<name>.part; after a restart what is on disk is verified first. */
int step_open_part(const struct step *step);
int64_t step_moving(const struct step *step);
int64_t step_closing(const struct step *step);

#endif
