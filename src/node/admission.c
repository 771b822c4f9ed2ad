/* Admission: the ledger's judgement by the tip, and this node's own by its clock. */
#include "node/admission.h"

#include "base/civil.h"
#include "base/errors.h"

#define TRIAL_BACKLOG_MAX 2000 /* waiting transactions beyond which none is tried on the tip */

/* The ledger knows no clock, so its own check of a distant expiry is a rough one. This node does: a
 * transaction whose time has not come would lie here for as long, take room, and be in no block.
 * Clocks differ by precision_ms. */
static bool is_too_early(const struct node_parts *parts, const struct tx *tx)
{
    const struct chain_params *params = app_params(parts->app);
    int64_t now_ms = node_clock_now_ms(parts->clock), tip_ms = app_tip_time_ms(parts->app);
    int64_t latest_ms = (now_ms > tip_ms ? now_ms : tip_ms) + params->tx_lifetime_ms;
    return tx->expires_ms > latest_ms + params->precision_ms;
}

int admission_check(const struct node_parts *parts, struct faults *faults, const struct tx *tx,
                    bool dry_run)
{
    int error = app_check(parts->app, faults, tx, dry_run);
    if (app_error_is_environment(error)) {
        parts->fatal(parts->fatal_context, error, "checking a transaction");
    }
    if (error == 0 && is_too_early(parts, tx)) {
        error = faults_add(faults, ERR_TX_LIFETIME, NULL, "%s", "");
    }
    return error;
}

int admission_add(const struct node_parts *parts, struct faults *faults, struct tx *tx,
                  enum admission_way way)
{
    bool local = way == ADMISSION_SUBMITTED;
    /* Trying the rule on the tip tells a clerk at once what is wrong. Behind a long queue it would
     * say little about the block to come, and cost when time is short. */
    bool trial = local && mempool_stats(parts->mempool).txs < TRIAL_BACKLOG_MAX;
    int error = admission_check(parts, faults, tx, trial);
    return error != 0 ? error : mempool_add(parts->mempool, tx, local, clock_monotonic_ms());
}
