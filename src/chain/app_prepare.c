/* Building a block from candidates. Executes as it goes, so that what is proposed is valid and the
 * header complete; the result is kept, and the proposer does not execute its block again. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

/* Evidence that does not hold now is left out; the environment's errors stop. */
static int add_evidence(struct block *block, struct run *run, const struct app_proposal *proposal)
{
    size_t max = proposal->evidence_count;
    block->evidence = memory_alloc((BLOCK_EVIDENCE_MAX + 1) * sizeof *block->evidence);
    for (size_t i = 0; i < max && block->evidence_count < BLOCK_EVIDENCE_MAX; i++) {
        int error = run_evidence(run, NULL, &proposal->evidence[i]);
        if (app_error_is_environment(error)) {
            return error;
        }
        if (error == 0) {
            block->evidence[block->evidence_count++] = proposal->evidence[i];
        }
    }
    return 0;
}

static void tell_dropped(const struct app_proposal *proposal, const struct tx *tx, bool full,
                         int error, const struct faults *faults)
{
    if (proposal->dropped != NULL) {
        proposal->dropped(proposal->context, tx, full ? 0 : error, full ? NULL : faults);
    }
}

static int add_txs(struct block *block, struct run *run, const struct app_proposal *proposal)
{
    size_t max = (size_t)run->app->params.block_txs_max;
    struct faults faults = {0};
    block->txs = memory_alloc(max * sizeof *block->txs);
    for (size_t i = 0; i < proposal->candidate_count; i++) {
        struct tx *tx = proposal->candidates[i];
        bool full;
        faults.count = faults.dropped = 0;
        faults_forget_noted(&faults);
        int error = run_tx(run, &full, &faults, tx);
        if (app_error_is_environment(error)) {
            return error;
        }
        if (error == 0) {
            block->txs[block->tx_count++] = tx_ref(tx);
        } else {
            tell_dropped(proposal, tx, full, error, &faults);
        }
    }
    return 0;
}

static int build(struct block *block, struct run *run, const struct app_proposal *proposal)
{
    int error = add_evidence(block, run, proposal);
    if (error == 0) {
        error = run_sweep(run, NULL, proposal->proposer);
    }
    if (error == 0) {
        error = add_txs(block, run, proposal);
    }
    if (error == 0) {
        block->header.time_ms = proposal->time_ms;
        memcpy(block->header.proposer, proposal->proposer, MEMBER_ID_CHARS + 1);
        error = run_finish(run, &block->header);
    }
    return error;
}

int app_prepare(struct block **out, struct app *app, const struct app_proposal *proposal)
{
    *out = NULL;
    if (app->broken != 0) {
        return app->broken;
    }
    if (proposal->time_ms <= app->tip_time_ms || proposal->time_ms > DOC_INT_MAX) {
        return ERR_BLOCK_LINK;
    }
    if (validators_find(&app->validators, proposal->proposer) < 0) {
        return ERR_VALIDATORS;
    }
    AUTO(run_end) struct run run;
    AUTO(block_free) struct block *block = memory_alloc(sizeof *block);
    atomic_init(&block->references, 1);
    run_begin(&run, app, proposal->time_ms);
    int error = build(block, &run, proposal);
    if (error != 0) {
        return error;
    }
    header_hash(&block->hash, &block->header);
    if (execution_find(app, &block->hash) == NULL) {
        run.out->block = block_ref(block);
        execution_keep(app, run.out);
        run.out = NULL;
    }
    *out = block_ref(block);
    return 0;
}
